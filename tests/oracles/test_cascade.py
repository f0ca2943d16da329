"""ca-*: nodes that lose their power, and a power unit whose failure breaks some of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from verification import (
    Case,
    Found,
    assert_engines_agree,
    luck_of,
    mean_of,
    measured,
    mttff,
    simulate,
    unavailability,
)

import outlast
from outlast.run import measures

Cases = Callable[[str], Case]

RACK = """
scenario: rack
horizon: 15200 h  # 25 times the mean time to the first outage
components:
  pdu:
    kind: component
    time_to_failure: {exponential: 2500 h}
    repair: {lasts: {exponential: 6 h}}
  nodes:
    kind: component
    count: 4
    needs_up: 3
    needs: [pdu]
    pauses_with: [pdu]
    time_to_failure: {exponential: 300 h}
    repair: {lasts: {exponential: 12 h}}
"""

SURGE = """
scenario: surge
horizon: 15200 h  # 25 times the mean time to the first outage
teams:
  crew: {people: 2}
components:
  pdu:
    kind: component
    failure_strikes: {nodes: 50 %}
    time_to_failure: {exponential: 2500 h}
    repair: {lasts: {exponential: 6 h}, team: crew, priority: 0, preempts: true}
  nodes:
    kind: component
    count: 4
    needs_up: 3
    needs: [pdu]
    pauses_with: [pdu]
    time_to_failure: {exponential: 300 h}
    repair: {lasts: {exponential: 12 h}, team: crew, priority: 1}
"""

PARTS, REPLICATIONS = 45, 1000  # x 50 years: 35 million outages tell 0.2 % apart


def test_nodes_pause_without_power(case: Cases) -> None:
    ca = case("ca-01")
    result = simulate(RACK, 2000)
    ca.check("outages_per_year", *measured(result, "nodes", "outages"))
    ca.check("mttff", *mttff(result, "nodes"))


@pytest.mark.slow
def test_nodes_do_not_fail_without_power(case: Cases) -> None:
    """The availability alone, part by part: a table of all these outages would not fit into memory."""
    scenario = outlast.loads(RACK, {"horizon": "50 y", "warm_up": "1000 h"})
    metric = next(m for m in scenario.program().metrics if (m.component, m.measure) == ("nodes", "availability"))
    up: list[np.ndarray] = []
    for part in range(PARTS):
        (batch,) = outlast.run(scenario, REPLICATIONS, luck_of(f"ca-01 part {part}")).batches
        up.append(measures.values(metric, *measures.tally(batch, metric).totals()))
    found: Found = mean_of(np.concatenate(up)).complement()
    case("ca-01").check("unavailability", *found)


def test_surge_breaks_some_nodes(case: Cases) -> None:
    ca = case("ca-02")
    result = simulate(SURGE, 2000)
    ca.check("unavailability", *unavailability(result, "nodes"))
    ca.check("outages_per_year", *measured(result, "nodes", "outages"))
    ca.check("mttff", *mttff(result, "nodes"))


def test_surge_breaks_some_nodes_on_both_engines() -> None:
    assert_engines_agree(SURGE, "152000 h")
