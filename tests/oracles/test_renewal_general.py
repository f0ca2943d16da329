"""rn-*: lives and repairs that are not exponential."""

from __future__ import annotations

from collections.abc import Callable

from verification import YEAR_H, Case, down_at, fleet, mean_of, measured, share_of, simulate, values

Cases = Callable[[str], Case]

WEAR_OUT = """
    kind: component
    time_to_failure: {weibull: {scale: 1000 h, shape: 2}}
    repair: {lasts: 24 h}
"""
FROM_NEW = "scenario: from-new\nhorizon: 5000 h\ncomponents:\n" + fleet(100, WEAR_OUT)
WORN = "scenario: wear-out\nhorizon: 100 y\nwarm_up: 1 y\ncomponents:\n" + fleet(1, WEAR_OUT)

INFANT_MORTALITY = """
scenario: infant-mortality
horizon: 20 y
warm_up: 1 y
components:
  unit:
    kind: component
    time_to_failure: {weibull: {scale: 500 h, shape: 0.7}}
    repair: {lasts: {lognormal: {median: 2 h, sigma: 1.2}}}
"""


def test_wear_out_from_new(case: Cases) -> None:
    rn = case("rn-01")
    result = simulate(FROM_NEW, 400)
    up = values(result, "availability")
    for t in (500, 1500, 5000):
        rn.check(f"point_availability_t{t}", *share_of(down_at(result, t), len(up)).complement())
    rn.check("interval_availability", *mean_of(up))
    rn.check("expected_failures", *mean_of(values(result, "failures")).times(5000 / YEAR_H))


def test_wear_out_in_the_long_run(case: Cases) -> None:
    case("rn-01").check("steady_state_availability", *measured(simulate(WORN, 200), "unit-0", "availability"))


def test_infant_mortality(case: Cases) -> None:
    rn = case("rn-02")
    result = simulate(INFANT_MORTALITY, 500)
    rn.check("steady_state_availability", *measured(result, "unit", "availability"))
    rn.check("failures_per_year", *measured(result, "unit", "failures"))
