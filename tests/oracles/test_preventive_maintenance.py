"""pm-*: renewal by age, hidden failures, windows of maintenance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from verification import YEAR_H, Case, assert_engines_agree, mean_of, measured, simulate, unavailability

import outlast

Cases = Callable[[str], Case]

AGE_REPLACEMENT = """
scenario: age-replacement
horizon: 50 y
warm_up: 1 y
components:
  unit:
    kind: component
    time_to_failure: {weibull: {scale: 1000 h, shape: 2.5}}
    maintenance: {at_age: 600 h, lasts: 2 h}
    repair: {lasts: 24 h}
"""

DRILLS = """
scenario: drills
horizon: 200 y
warm_up: 1 y
components:
  recovery-site:
    kind: component
    time_to_failure: {exponential: 8760 h}
    inspection: {every: 720 h}
    repair: {lasts: 0 s}
"""

# Measured from the start of a week to the end of one.
WINDOWS = """
scenario: maintenance-windows
horizon: 21000 d
warm_up: 7 d
components:
  service:
    kind: component
    time_to_failure: {exponential: 100 h}
    maintenance: {every: 168 h, first: 166 h, lasts: 2 h}
    repair: {lasts: {exponential: 6 h}}
"""


def test_replacement_at_an_age(case: Cases) -> None:
    pm = case("pm-01")
    result = simulate(AGE_REPLACEMENT, 400)
    pm.check("availability", *measured(result, "unit", "availability"))
    pm.check("failures_per_year", *measured(result, "unit", "failures"))
    pm.check("unplanned_unavailability", *measured(result, "unit", "failed_items"))


def test_replacement_at_the_best_age(case: Cases) -> None:
    pm = case("pm-02")
    result = simulate(AGE_REPLACEMENT.replace("600 h", f"{pm.right('optimal_age')} h"), 400)
    pm.check("max_availability", *measured(result, "unit", "availability"))


@pytest.mark.slow
def test_sweep_over_ages_finds_the_best_one(case: Cases) -> None:
    """The optimum of a cubic in the logarithm of the age through four cells (right to 0.1 h), once per seed."""
    pm, path = case("pm-02"), "components.unit.maintenance.at_age"
    ages = np.array([240, 290, 350, 420])
    found = []
    for seed in range(10):
        cells = outlast.sweep(outlast.loads(AGE_REPLACEMENT), {path: [f"{age} h" for age in ages]}, 20, seed)
        rows = cells.estimates[cells.estimates.measure == "availability"]
        found.append(top_of_cubic(np.log(ages), rows["mean"].to_numpy()))
    pm.check("optimal_age", *mean_of(np.exp(found)))


def top_of_cubic(x: np.ndarray, y: np.ndarray) -> float:
    """The highest point between the ends of the cubic through four points."""
    between = np.linspace(x[0], x[-1], 10_001)
    return float(between[np.polynomial.Polynomial.fit(x, y, 3)(between).argmax()])


def test_hidden_failures_found_by_drills(case: Cases) -> None:
    result = simulate(DRILLS, 2500)
    case("pm-03").check("p_failover_fails", *unavailability(result, "recovery-site"))


def test_weekly_maintenance_window(case: Cases) -> None:
    pm = case("pm-04")
    result = simulate(WINDOWS, 100)
    pm.check("availability_excluding_windows", *measured(result, "service", "availability_outside_windows"))
    pm.check("total_unavailability", *unavailability(result, "service"))
    pm.check("failures_per_period", *measured(result, "service", "failures").times(168 / YEAR_H))


def test_maintenance_on_both_engines() -> None:
    for text, horizon in ((AGE_REPLACEMENT, "100 y"), (DRILLS, "1000 y"), (WINDOWS, "10 y")):
        assert_engines_agree(text, horizon)
