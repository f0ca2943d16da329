"""dt-*: everything at fixed times; both engines give the known numbers to rounding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from verification import HOUR_S, YEAR_H, Case, measured, simulate

Cases = Callable[[str], Case]

ONE = """
scenario: one-component
horizon: 100 h
teams:
  crew: {people: 1}
components:
  a: {kind: component, time_to_failure: 10 h, repair: {lasts: 2 h, team: crew}}
  service: {kind: system, at_least: 1, of: [a]}
"""

THREE = """
scenario: two-of-three
horizon: 200 h
teams:
  crew: {people: 1}
components:
  a: {kind: component, time_to_failure: 7.13 h, repair: {lasts: 1.91 h, team: crew}}
  b: {kind: component, time_to_failure: 11.37 h, repair: {lasts: 2.33 h, team: crew}}
  c: {kind: component, time_to_failure: 13.79 h, repair: {lasts: 3.17 h, team: crew}}
  service: {kind: system, at_least: 2, of: [a, b, c]}
"""

# A restore ends 1200 s after the crash: 30 s until the loss is detected, then 1170 s.
STORE = """
scenario: scripted-crashes
horizon: 7200 s
components:
  store:
    kind: feature_store
    local_replicas: 1
    time_to_failure: {at: [1000 s, 1300 s, 4000 s, 4600.5 s]}
    rebuild: 600 s
    replication: {lag: 12 s}
    failover: {detect: 30 s, promote: 45 s}
    backup: {every: 900 s, restore: 1170 s}
"""


@pytest.fixture(params=["kernel", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("name", "text", "hours", "parts"), [("dt-01", ONE, 100, ["a"]), ("dt-02", THREE, 200, ["a", "b", "c"])]
)
def test_fixed_lives_and_repairs(case: Cases, engine: str, name: str, text: str, hours: int, parts: list[str]) -> None:
    dt = case(name)
    result = simulate(text, 1, engine=engine)
    failures = sum(measured(result, part, "failures").value for part in parts)
    dt.check_exact("uptime", measured(result, "service", "availability").value * hours, engine)
    dt.check_exact("outages", float((result.outages.component == "service").sum()), engine)
    dt.check_exact("component_failures", failures * hours / YEAR_H, engine)


def test_scripted_crashes_of_a_store(case: Cases, engine: str) -> None:
    dt = case("dt-03")
    result = simulate(STORE, 1, engine=engine)
    outages = result.outages
    dt.check_exact("downtime", measured(result, "store", "downtime").value * 2 * HOUR_S / (YEAR_H * HOUR_S), engine)
    dt.check_exact("availability", measured(result, "store", "availability").value, engine)
    dt.check_exact("total_data_loss", float(outages.rpo_s.sum()), engine)
    dt.check_exact("max_rto", measured(result, "store", "longest_outage").value, engine)
    dt.check_exact("mean_rto", measured(result, "store", "mean_outage").value, engine)
    dt.check_exact("max_rpo", float(outages.rpo_s.max()), engine)
    assert outages.start_s.tolist() == [1000, 1300, 4000, 4600.5]
    assert outages.rto_s.tolist() == [75, 1200, 75, 75]
    assert outages.rpo_s.tolist() == [12, 400, 12, 12]
