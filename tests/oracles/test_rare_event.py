"""re-*: outages that hardly ever happen.  A plain simulation gets as far as one in a billion."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from verification import Case, measured, simulate, unavailability

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


@pytest.mark.slow
def test_pair_that_is_down_a_billionth_of_the_time(case: Cases) -> None:
    re = case("re-01")
    result = simulate(PAIR, 300)
    re.check("unavailability", *unavailability(result, "pair"))
    re.check("outages_per_year", *measured(result, "pair", "outages"))
    re.check("mean_outage", *measured(result, "pair", "mean_outage").times(1 / 3600))
