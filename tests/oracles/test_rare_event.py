"""re-*: outages that hardly ever happen.  A plain simulation gets as far as one in a billion."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from verification import HOUR_S, Case, Found, luck_of, measured, simulate, unavailability

import outlast
from outlast.run.rare import rare

Cases = Callable[[str], Case]

PAIR = """
scenario: pair
horizon: 31000 y
components:
  pair:
    kind: component
    count: 2
    needs_up: 1
    time_to_failure: {exponential: 5000 h}
    repair: {lasts: {exponential: 0.16 h}}
"""

QUORUM = """
scenario: quorum
horizon: 31000 y
components:
  quorum:
    kind: component
    count: 5
    needs_up: 3
    time_to_failure: {exponential: 8760 h}
    repair: {lasts: {exponential: 2 h}}
"""

MISSION = """
scenario: mission
horizon: 24 h
components:
  quorum:
    kind: component
    count: 3
    needs_up: 2
    time_to_failure: {exponential: 10000 h}
    repair: {lasts: {exponential: 1 h}}
"""


def biased(text: str, component: str) -> dict[str, Found]:
    """Estimates by failure biasing, in the units of the records."""
    found = rare(outlast.loads(text).program(), luck_of(text), component)
    assert not found.reason, found.reason
    hours = {"mean_outage": 1 / HOUR_S, "mttff": 1 / HOUR_S}
    return {m: Found(e.mean, e.std / math.sqrt(e.n)).times(hours.get(m, 1.0)) for m, e in found.estimates.items()}


@pytest.mark.parametrize(("name", "text", "component"), [("re-01", PAIR, "pair"), ("re-02", QUORUM, "quorum")])
def test_failure_biasing_sees_a_billionth(case: Cases, name: str, text: str, component: str) -> None:
    re, found = case(name), biased(text, component)
    re.check("unavailability", *found["unavailability"])
    re.check("outages_per_year", *found["outages"])
    re.check("mean_outage", *found["mean_outage"])
    re.check("mttff", *found["mttff"])


def test_failure_biasing_of_a_mission(case: Cases) -> None:
    case("re-03").check("mission_unreliability", *biased(MISSION, "quorum")["unreliability"])


@pytest.mark.slow
def test_pair_that_is_down_a_billionth_of_the_time(case: Cases) -> None:
    re = case("re-01")
    result = simulate(PAIR, 300)
    re.check("unavailability", *unavailability(result, "pair"))
    re.check("outages_per_year", *measured(result, "pair", "outages"))
    re.check("mean_outage", *measured(result, "pair", "mean_outage").times(1 / 3600))
