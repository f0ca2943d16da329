"""sl-*: agreements counted in contract windows; pb-08: availabilities of independent parts, composed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from verification import Case, Found, mean_of, measured, share_of, simulate

import outlast
from outlast.scenario.agreement import Composed

Cases = Callable[[str], Case]
MINUTE_S = 60.0

MONTH = """
scenario: month
horizon: 720 h
components:
  service:
    kind: component
    {kind}
    time_to_failure: {{exponential: {mttf}}}
    repair: {{lasts: {repair}}}
agreements:
  {agreements}
"""


def agreed(text: str, replications: int) -> dict[str, pd.DataFrame]:
    """Windows of every agreement."""
    table = simulate(text, replications).sla
    return {str(name): rows for name, rows in table.groupby("agreement")}


def met(rows: pd.DataFrame) -> Found:
    """P(met): one window a replication, hence independent."""
    assert (rows["window"] == 0).all()
    return share_of(int(rows["met"].sum()), len(rows))


def month(levels: dict[str, str], mttf: str, repair: str, kind: str = "count: 1") -> str:
    lines = "\n  ".join(f"{name}: {{of: service, window: 30 d, {rest}}}" for name, rest in levels.items())
    return MONTH.format(kind=kind, mttf=mttf, repair=repair, agreements=lines)


def test_months_are_missed_although_the_mean_meets(case: Cases) -> None:
    sl = case("sl-01")
    tiers = "credits: [{below: 99.9 %, credit: 10 %}, {below: 99 %, credit: 25 %}, {below: 95 %, credit: 100 %}]"
    levels = {"0.9995": "at_least: 99.95 %", "0.999": f"at_least: 99.9 %, {tiers}"}
    found = agreed(month(levels, "500 h", "{exponential: 30 min}"), 20_000)
    for level, rows in found.items():
        sl.check(f"p_availability_ge_{level}", *met(rows))
    sl.check("expected_credit", *mean_of(100.0 * found["0.999"]["credit"].to_numpy()))


def test_fixed_outages_are_cut_at_the_end_of_the_month(case: Cases) -> None:
    sl = case("sl-02")
    rows = agreed(month({"m": "at_least: 99.9 %"}, "300 h", "20 min"), 20_000)["m"]
    sl.check("p_sla_met", *met(rows))
    sl.check("p_no_outage", *share_of(int((rows["downtime_s"] == 0.0).sum()), len(rows)))


def test_two_of_three_replicas(case: Cases) -> None:
    sl = case("sl-03")
    levels = {name: f"at_least: {name}" for name in ("0.9999", "0.999", "0.99")}
    found = agreed(month(levels, "300 h", "{exponential: 4 h}", "count: 3\n    needs_up: 2"), 20_000)
    for level, rows in found.items():
        sl.check(f"p_availability_ge_{level}", *met(rows))
    rows = found["0.999"]
    sl.check("p_no_outage", *share_of(int((rows["downtime_s"] == 0.0).sum()), len(rows)))
    sl.check("expected_downtime", *mean_of(rows["downtime_s"].to_numpy() / MINUTE_S))


LONG_RUN = """
scenario: long-run
horizon: {horizon}
warm_up: 30 d
components:
  service:
    kind: component
    time_to_failure: {{exponential: {mttf}}}
    repair: {{lasts: {{exponential: {mttr}}}}}
agreements:
  {agreements}
"""


def clustered(rows: pd.DataFrame, column: str) -> Found:
    """Mean over windows; one value per replication."""
    return mean_of(rows.groupby("replication")[column].mean().to_numpy())


def test_short_outages_are_forgiven_in_two_ways(case: Cases) -> None:
    sl = case("sl-04")
    levels = {
        "uncounted_total": "{}",
        "counted_downtime_a": "{grace: 5 min}",
        "counted_downtime_b": "{grace: 5 min, longer_outages: count_beyond_grace}",
    }
    lines = "\n  ".join(
        f"{name}: {{of: service, at_least: 99.9 %, window: 30 d, excludes: {e}}}" for name, e in levels.items()
    )
    found = agreed(LONG_RUN.format(horizon="3600 d", mttf="200 h", mttr="10 min", agreements=lines), 400)
    for name, rows in found.items():
        minutes = clustered(rows, "downtime_s").times(1.0 / MINUTE_S)
        sl.check(name, *minutes)
        for other in levels.keys() - {name}:  # each convention is the wrong answer to the others
            assert abs(sl.right(other) - minutes.value) > 8.0 * minutes.se


def test_five_minute_buckets_have_three_conventions(case: Cases) -> None:
    sl = case("sl-05")
    lines = "\n  ".join(
        f"{rule}: {{of: service, at_least: 99 %, window: 30 d, measure: intervals, bad_if: {rule}}}"
        for rule in ("whole", "any", "start")
    )
    found = agreed(LONG_RUN.format(horizon="3600 d", mttf="24 h", mttr="8 min", agreements=lines), 40)
    for rule, rows in found.items():
        fraction = clustered(rows.assign(bad=1.0 - rows["value"]), "bad")
        sl.check(f"bad_fraction_{rule}", *fraction)
        for other in found.keys() - {rule}:
            assert abs(sl.right(f"bad_fraction_{other}") - fraction.value) > 8.0 * fraction.se


def test_the_error_budget_is_used_up(case: Cases) -> None:
    sl = case("sl-06")
    month_budget = {"month": "at_least: 99.9 %"}  # 0.72 h of 720 h
    rows = agreed(month(month_budget, "200 h", "{exponential: 30 min}"), 10_000)["month"]
    sl.check("p_exhausted_within_720h", *share_of(int(np.isfinite(rows["exhausted_s"]).sum()), len(rows)))
    long = month({"long": "at_least: 0.9999"}, "200 h", "{exponential: 30 min}")
    long = long.replace("horizon: 720 h", "horizon: 7200 h").replace(
        "window: 30 d", "window: 300 d"
    )  # 0.72 h of 7200 h
    hours = agreed(long, 4_000)["long"]["exhausted_s"].to_numpy() / 3600.0
    sl.check("mean_time_to_exhaustion", *mean_of(hours))


AZURE = """
scenario: azure
horizon: 100 y
warm_up: 30 d
components:
  web: {kind: component, time_to_failure: {exponential: 1999 h}, repair: {lasts: {exponential: 1 h}}}
  sql: {kind: component, time_to_failure: {exponential: 9999 h}, repair: {lasts: {exponential: 1 h}}}
  queue: {kind: component, time_to_failure: {exponential: 999 h}, repair: {lasts: {exponential: 1 h}}}
  series: {kind: system, all_of: [web, sql]}
  storage: {kind: system, any_of: [sql, queue]}
  fallback: {kind: system, all_of: [web, storage]}
agreements:
  web: {of: web, at_least: 99.95 %}
  sql: {of: sql, at_least: 99.99 %}
  queue: {of: queue, at_least: 99.9 %}
  series: {of: series, at_least: 99.94 %, composed_of: {all_of: [web, sql]}}
  db_or_queue: {of: storage, at_least: 99.99999 %, composed_of: {any_of: [sql, queue]}}
  with_fallback: {of: fallback, at_least: 99.94 %, composed_of: {all_of: [web, {any_of: [sql, queue]}]}}
"""


def test_composite_agreements_multiply(case: Cases) -> None:
    pb = case("pb-08")
    result = simulate(AZURE, 100)
    table = result.sla_estimates.set_index(["agreement", "measure"])["value"]
    for name in ("series", "with_fallback", "db_or_queue"):
        pb.check_exact(name, float(table[name, "promised"]))
    pb.check("series", *measured(result, "series", "availability"))
    pb.check("with_fallback", *measured(result, "fallback", "availability"))
    independent = result.sla_estimates.query("agreement == 'series' and measure == 'if_independent'").iloc[0]
    assert abs(independent["value"] - pb.right("series")) < 4.0 * (independent["ci_high"] - independent["value"]) / 1.96


def test_composed_parts_are_series_and_parallel() -> None:
    tree = Composed.model_validate({"all_of": ["a", {"any_of": ["b", "c"]}]})
    assert list(tree.leaves()) == ["a", "b", "c"]
    assert math.isclose(tree.availability({"a": 0.9, "b": 0.8, "c": 0.5}), 0.9 * (1.0 - 0.2 * 0.5), rel_tol=1e-15)
    assert outlast.loads(AZURE).spec.agreements["series"].owed_by is None
