"""df-*: dynamic fault trees; without repair, so the first failure is the only one.  A time unit is an hour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fault_trees import fault_trees
from verification import Case, failed_by, first_outages_of_fleet, mean_of, run_program, share_of, simulate

from outlast.run.results import Result

Cases = Callable[[str], Case]

COPIES = 50


def copies(horizon: str, component: str, n: int = COPIES) -> str:
    """YAML of n independent copies; `#` in a name stands for the number of the copy."""
    return f"scenario: copies\nhorizon: {horizon}\ncomponents:\n" + "".join(
        component.replace("#", str(i)) for i in range(n)
    )


WARM_SPARE = """
  system-#:
    kind: component
    count: 2
    needs_up: 1
    standby: {dormancy: 30 %}
    time_to_failure: {exponential: 2 h}
"""

POWER = """
  power-#: {kind: component, time_to_failure: {exponential: 2 h}, failure_strikes: {p-#: 100 %, b-#: 100 %}}
  p-#: {kind: component, time_to_failure: {exponential: 2 h}}
  b-#: {kind: component, time_to_failure: {exponential: 2 h}}
  system-#: {kind: system, all_of: [p-#, b-#]}
"""

CASCADE = """
  b-#: {kind: component, time_to_failure: {exponential: 2.5 h}, failure_strikes: {c-#: 30 %}}
  c-#: {kind: component, time_to_failure: {exponential: 1.25 h}}
  system-#: {kind: system, any_of: [b-#, c-#]}
"""


def check(case: Cases, name: str, result: Result, times: tuple[str, ...], prefix: str = "") -> None:
    """Every copy has failed by the horizon, so that no life is cut off."""
    lives = first_outages_of_fleet(result, prefix)
    assert len(lives) == COPIES * result.n
    df = case(name)
    df.check("mttf", *mean_of(lives))
    for time in times:
        df.check(f"unreliability_t{time}", *share_of(failed_by(result, float(time), prefix), len(lives)))


def test_warm_spare_pair(case: Cases) -> None:
    check(case, "df-01", simulate(copies("80 h", WARM_SPARE), 1000), ("1", "5"))


def test_power_failure_takes_both_machines_down(case: Cases) -> None:
    check(case, "df-04", simulate(copies("40 h", POWER), 1000), ("1",), "system")


def test_failure_that_sometimes_takes_another_along(case: Cases) -> None:
    check(case, "df-05", simulate(copies("100 h", CASCADE), 1000), ("1",), "system")


@pytest.mark.parametrize(
    ("name", "horizon", "times"),
    [
        ("df-02", 40, ("1",)),
        ("df-03", 100, ("2",)),
        ("df-06", 300_000, ("1000",)),
        ("df-07", 60, ("1", "5")),
        ("df-08", 60, ("0.5", "1")),
    ],
)
def test_tree_with_spare_gates(case: Cases, name: str, horizon: float, times: tuple[str, ...]) -> None:
    model = case(name).record["parameters"]["model"]
    check(case, name, run_program(fault_trees(model, COPIES, horizon), 2000, name), times)


@pytest.mark.slow
def test_tree_that_hardly_ever_fails_within_an_hour(case: Cases) -> None:
    df = case("df-06")
    trees, runs = 1000, 4000
    result = run_program(fault_trees(df.record["parameters"]["model"], trees, 1.0), runs, "df-06 within an hour")
    df.check("unreliability_t1", *share_of(failed_by(result, 1.0), trees * runs))
