"""kn-*: k of n items, repaired independently."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from verification import YEAR_H, Case, assert_engines_agree, mean_of, measured, mttff, simulate, unavailability

Cases = Callable[[str], Case]

QUORUM = """
scenario: metadata-quorum
horizon: 84 y  # 25 times the mean time to the first outage
components:
  quorum:
    kind: component
    count: 3
    needs_up: 2
    time_to_failure: {exponential: 2000 h}
    repair: {lasts: {exponential: 24 h}}
"""

GPU_NODES = """
scenario: gpu-nodes
horizon: 1134 y  # 15 times the mean time to the first outage
components:
  nodes:
    kind: component
    count: 100
    needs_up: 95
    time_to_failure: {exponential: 3000 h}
    repair: {lasts: {exponential: 12 h}}
"""

VOTING = """
scenario: voting
horizon: 150 h
components:
  a: {kind: component, time_to_failure: {exponential: 10 h}, repair: {lasts: {exponential: 5 h}}}
  b: {kind: component, time_to_failure: {exponential: 5 h}, repair: {lasts: {exponential: 2.5 h}}}
  c: {kind: component, time_to_failure: {exponential: 200 min}, repair: {lasts: {exponential: 200 min}}}
  vote: {kind: system, at_least: 2, of: [a, b, c]}
"""

VOTING_FOR_LONG = VOTING.replace("150 h", "5000 h\nwarm_up: 100 h")

SUSPENDED = """
scenario: suspended-job
horizon: 100 y
warm_up: 1000 h
components:
  job:
    kind: component
    count: 4
    needs_up: 3
    while_serving_only: true
    time_to_failure: {exponential: 500 h}
    repair: {lasts: {exponential: 20 h}}
"""


def test_two_of_three(case: Cases) -> None:
    kn = case("kn-01")
    result = simulate(QUORUM, 2000)
    kn.check("unavailability", *unavailability(result, "quorum"))
    kn.check("outages_per_year", *measured(result, "quorum", "outages"))
    kn.check("mean_outage", *measured(result, "quorum", "mean_outage").times(1 / 3600))
    kn.check("mttff", *mttff(result, "quorum"))


def test_two_of_three_on_both_engines() -> None:
    assert_engines_agree(QUORUM, "84 y")


@pytest.mark.slow
def test_95_of_100_nodes(case: Cases) -> None:
    kn = case("kn-02")
    result = simulate(GPU_NODES, 250)
    kn.check("unavailability", *unavailability(result, "nodes"))
    kn.check("outages_per_year", *measured(result, "nodes", "outages"))
    kn.check("mean_outage", *measured(result, "nodes", "mean_outage").times(1 / 3600))
    kn.check("mttff", *mttff(result, "nodes"))


def test_exactly_two_of_100_nodes_down(case: Cases) -> None:
    """At least 98 up, less at least 99 up, of nodes with names of their own."""
    node = "{kind: component, time_to_failure: {exponential: 3000 h}, repair: {lasts: {exponential: 12 h}}}"
    names = [f"node-{i}" for i in range(100)]
    text = "scenario: named-nodes\nhorizon: 3000 h\nwarm_up: 200 h\ncomponents:\n"
    text += "".join(f"  {name}: {node}\n" for name in names)
    text += "".join(f"  at-least-{k}: {{kind: system, at_least: {k}, of: [{', '.join(names)}]}}\n" for k in (98, 99))
    table = simulate(text, 300).replications
    shares = [table[(table.component == f"at-least-{k}") & (table.measure == "availability")].value for k in (98, 99)]
    exactly = shares[0].to_numpy() - shares[1].to_numpy()
    case("kn-02").check("p_exactly_2_down", *mean_of(exactly))


def test_two_of_three_unlike_components(case: Cases) -> None:
    kn = case("kn-03")
    result = simulate(VOTING_FOR_LONG, 200)
    kn.check("unavailability", *unavailability(result, "vote"))
    kn.check("failure_frequency", *measured(result, "vote", "outages").times(1 / YEAR_H))
    kn.check("mttff", *mttff(simulate(VOTING, 2500), "vote"))


def test_nodes_idle_while_the_job_is_stopped(case: Cases) -> None:
    kn = case("kn-04")
    result = simulate(SUSPENDED, 350)
    kn.check("unavailability", *unavailability(result, "job"))
    kn.check("stops_per_1000h", *measured(result, "job", "outages").times(1000 / YEAR_H))
