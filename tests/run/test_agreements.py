"""Agreements counted by hand on scenarios in which nothing is drawn."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import outlast
from outlast.errors import ScenarioError
from outlast.run.replications import Replications
from outlast.run.results import Result
from outlast.scenario.agreement import DAY_S, month_edges

MINUTE_S, HOUR_S = 60.0, 3600.0

# `db` goes down at scripted times.
SCRIPTED = """
scenario: scripted
horizon: {horizon}
{more}
components:
  db:
    kind: component
    time_to_failure: {{at: [{at}]}}
    repair: {{lasts: {lasts}}}
agreements:
  {agreements}
"""


def counted(at: str, lasts: str, horizon: str, more: str = "", **agreements: str) -> dict[str, pd.DataFrame]:
    """Windows of agreements on `db`, one replication."""
    lines = "\n  ".join(f"{name}: {{of: db, {rest}}}" for name, rest in agreements.items())
    text = SCRIPTED.format(at=at, lasts=lasts, horizon=horizon, more=more, agreements=lines)
    table = outlast.run(outlast.loads(text), 1, engine="reference").sla
    return {str(name): rows.reset_index(drop=True) for name, rows in table.groupby("agreement")}


def test_months_are_those_of_a_common_year() -> None:
    rows = counted("10 d, 58 d", "2 d", "365 d", m="at_least: 95 %")["m"]
    assert list(rows["start_s"] / DAY_S) == [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    assert rows["end_s"].iloc[-1] == 365 * DAY_S
    assert list(rows["downtime_s"][:4] / DAY_S) == [2.0, 1.0, 1.0, 0.0]  # from 58 to 60 d, cut at the end of February
    assert list(rows["met"][:4]) == [False, True, True, True]
    assert rows["value"][1] == 1.0 - 1.0 / 28.0
    assert list(rows["longest_s"][:3] / DAY_S) == [2.0, 2.0, 0.0]  # the whole length, where it begins


def test_months_of_a_stated_date_know_leap_years() -> None:
    assert month_edges("2024-01-01", 92 * DAY_S) == [0.0, 31 * DAY_S, 60 * DAY_S, 91 * DAY_S]
    assert month_edges("2029-01-15", 60 * DAY_S) == [17 * DAY_S, 45 * DAY_S]
    assert month_edges(None, 800 * DAY_S)[12:15] == [365 * DAY_S, 396 * DAY_S, 424 * DAY_S]


def test_whole_windows_after_the_warm_up_count() -> None:
    found = counted("100 d", "1 h", "365 d", "warm_up: 10 d", m="at_least: 95 %", w="at_least: 95 %, window: 30 d")
    assert found["m"]["start_s"].iloc[0] == 31 * DAY_S
    assert len(found["w"]) == 12
    assert found["w"]["start_s"].iloc[1] == 40 * DAY_S
    assert found["w"]["end_s"].iloc[-1] == 370 * DAY_S


def test_an_outage_that_began_in_the_warm_up_counts_from_there() -> None:
    rows = counted("9 d", "3 d", "30 d", "warm_up: 10 d", w="at_least: 90 %, window: 10 d")["w"]
    assert rows["downtime_s"][0] == 2 * DAY_S


def test_rolling_windows_overlap() -> None:
    rows = counted("9 d", "2 d", "20 d", r="at_least: 95 %, window: {length: 10 d, every: 5 d}")["r"]
    assert list(rows["start_s"] / DAY_S) == [0.0, 5.0, 10.0]
    assert list(rows["downtime_s"] / DAY_S) == [1.0, 2.0, 1.0]
    assert list(rows["longest_s"] / DAY_S) == [2.0, 2.0, 0.0]


def test_grace_ignores_short_outages_or_their_beginnings() -> None:
    found = counted(
        "1 h, 10 h", "5 min", "1 d",
        plain="at_least: 99 %, window: 1 d",
        same="at_least: 99 %, window: 1 d, excludes: {grace: 5 min}",
        less="at_least: 99 %, window: 1 d, excludes: {grace: 4 min}",
        beyond="at_least: 99 %, window: 1 d, excludes: {grace: 4 min, longer_outages: count_beyond_grace}",
    )  # fmt: skip
    minutes = {name: rows["downtime_s"][0] / MINUTE_S for name, rows in found.items()}
    assert minutes == {"plain": 10.0, "same": 0.0, "less": 10.0, "beyond": 2.0}


def test_intervals_are_bad_by_four_rules() -> None:
    """Down from 7 to 19 min: the intervals 5-10, 10-15 and 15-20 min are touched, 10-15 is down as a whole, and 10-15 and
    15-20 are down when they start."""
    rules = ("mean", "any", "whole", "start")
    found = counted("7 min", "12 min", "1 h", **{
        rule: f"at_least: 99 %, window: 1 h, measure: intervals, bad_if: {rule}" for rule in rules
    })  # fmt: skip
    minutes = {rule: found[rule]["downtime_s"][0] / MINUTE_S for rule in rules}
    assert minutes == {"mean": 12.0, "any": 15.0, "whole": 5.0, "start": 10.0}


def test_two_outages_share_an_interval() -> None:
    """Down 61-151 s and 170-260 s: minutes 1, 2 and 3 are down 59, 31 + 10 and 60 s, minute 4 20 s."""
    levels = {"any": "0 %", "half": "50 %", "most": "90 %", "all": "100 %"}
    found = counted("61 s, 170 s", "90 s", "1 h", **{
        name: f"at_least: 99 %, window: 1 h, measure: error_minutes, error_rate: {level}" for name, level in levels.items()
    })  # fmt: skip
    minutes = {name: found[name]["downtime_s"][0] / MINUTE_S for name in levels}
    assert minutes == {"any": 4.0, "half": 3.0, "most": 2.0, "all": 1.0}


def test_short_runs_of_error_minutes_do_not_count() -> None:
    run = "at_least: 99 %, window: 1 h, measure: error_minutes, error_rate: 90 %, least_run: {}"
    found = counted("60 s, 180 s, 600 s", "120 s", "1 h", two=run.format("2 min"), four=run.format("4 min"),
                    five=run.format("5 min"))  # fmt: skip
    minutes = {name: rows["downtime_s"][0] / MINUTE_S for name, rows in found.items()}
    assert minutes == {"two": 6.0, "four": 4.0, "five": 0.0}  # the first two outages touch: one run of 4 minutes


def test_credits_have_tiers_and_a_cap() -> None:
    tiers = "credits: [{below: 99 %, credit: 10 %}, {below: 95 %, credit: 25 %}, {below: 90 %, credit: 100 %}]"
    found = counted("10 d, 40 d, 70 d", "2 d", "90 d", c=f"at_least: 99 %, window: 30 d, {tiers}",
                    p=f"at_least: 99 %, window: 45 d, {tiers}, credit_cap: 15 %")  # fmt: skip
    assert list(found["c"]["credit"]) == [0.25, 0.25, 0.25]
    assert list(found["p"]["credit"]) == [0.15, 0.1]  # 4 d of 45 d, 2 d of 45 d


def test_the_budget_is_used_up_within_an_outage() -> None:
    rows = counted("1 d, 5 d, 12 d", "6 h", "20 d", b="at_least: 0.9625, window: 10 d")["b"]  # 9 h of 10 d
    assert rows["exhausted_s"][0] == pytest.approx(5 * DAY_S + 3 * HOUR_S, rel=1e-12)
    assert rows["exhausted_s"][1] == math.inf
    none = counted("1 d", "6 h", "10 d", b="at_least: 100 %, window: 10 d")["b"]
    assert none["exhausted_s"][0] == DAY_S
    assert not none["met"][0]


PLATFORM = """
scenario: places
horizon: 90 d
providers:
  cloud: {outage: {every: {at: [20 d]}, lasts: 3 h}}
regions:
  west: {provider: cloud, zones: [a], zone_outage: {every: {at: [40 d]}, lasts: 2 h}}
components:
  web:
    kind: serving_endpoint
    regions: {west: active}
    demand: {constant: 10 req/s}
    replica: {count: 2, capacity: 10 req/s, time_to_failure: {exponential: 1000 y}, restart: 90 s}
agreements:
  all: {of: web, at_least: 99 %, window: 30 d}
  zones: {of: web, at_least: 99 %, window: 30 d, excludes: {scopes: [provider]}}
  named: {of: web, at_least: 99 %, window: 30 d, excludes: {causes: [west.a*]}}
  claim: {of: cloud, at_least: 99.9 %, window: 30 d, owed_by: cloud, credits: [{below: 99.9 %, credit: 30 %}]}
  asked: {of: web, at_least: 99 %, measure: requests}
"""


@pytest.fixture(scope="module")
def places() -> Result:
    return outlast.run(outlast.loads(PLATFORM), 3, engine="reference")


def hours(result: Result, agreement: str) -> list[float]:
    rows = result.sla.query("agreement == @agreement and replication == 0")
    return [round(value / HOUR_S, 9) for value in rows["downtime_s"]]


def test_causes_are_excluded_by_scope_and_by_name(places: Result) -> None:
    assert hours(places, "all") == [3.0, 2.0, 0.0]
    assert hours(places, "zones") == [0.0, 2.0, 0.0]
    assert hours(places, "named") == [3.0, 0.0, 0.0]


def test_requests_of_calendar_months_are_summed_from_days(places: Result) -> None:
    assert hours(places, "asked") == [3.0, 2.0, 0.0]  # January, February, March
    assert len(places.windows.query("replication == 0 and component == 'web' and measure == 'demand'")) == 90


def test_windows_in_which_every_request_is_answered_have_no_round_off() -> None:
    """Demand follows the sun, one outage of 20 min in the first of six windows: five are met, to the last request."""
    text = """
scenario: sun
horizon: 60 d
window: 1 d
regions: {west: {}}
components:
  db: {kind: component, time_to_failure: {at: [100 h]}, repair: {lasts: 20 min}}
  web:
    kind: serving_endpoint
    regions: {west: active}
    demand: {diurnal: {low: 100 req/s, high: 500 req/s, peak_at: 14 h}}
    replica: {count: 4, capacity: 200 req/s}
    needs: [db]
agreements:
  every: {of: web, at_least: 100 %, window: 10 d, measure: requests}
"""
    found = outlast.run(outlast.loads(text), 1, engine="reference").sla
    assert list(found["met"]) == [False, True, True, True, True, True]
    assert (found["downtime_s"][1:] == 0.0).all()


def test_what_a_provider_owes_is_a_claim(places: Result) -> None:
    found = places.sla_estimates.query("agreement == 'claim'").set_index("measure")
    assert found.loc["expected_claim", "value"] == pytest.approx(0.1)
    assert (found["owed_by"] == "cloud").all()
    assert "expected_credit" not in found.index


def test_met_windows_are_clustered_by_replication(places: Result) -> None:
    row = places.sla_estimates.query("agreement == 'all' and measure == 'p_met'").iloc[0]
    assert (row["value"], row["n"], row["windows"], row["method"]) == (1.0, 3, 3, "no event seen: bound")
    assert row["ci_low"] == pytest.approx(0.05 ** (1 / 3))


def test_frames_are_kept(places: Result, tmp_path: Any) -> None:
    places.save(tmp_path / "kept")
    again = Result.load(tmp_path / "kept")
    for name in ("sla", "sla_estimates", "recovery"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(places, name))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x: {of: wbe, at_least: 99 %}", "nothing called 'wbe' has outages"),
        ("x: {of: web, at_least: 99 %, owed_by: clout}", "there is no provider 'clout'"),
        ("x: {of: web, at_least: 99 %, window: 100 d}", "no whole window of 100 d fits into the measured 90 d"),
        ("x: {of: cloud, at_least: 99 %, measure: requests}", "cloud has no requests"),
        ("x: {of: web, at_least: 99 %, excludes: {scopes: [zones]}}", "nothing has the scope 'zones'"),
        ("x: {of: web, at_least: 99 %, excludes: {causes: [east*]}}", "no cause is called 'east"),
        ("x: {of: web, at_least: 99 %, measure: requests, excludes: {grace: 1 s}}", "requests cannot be told apart"),
        ("x: {of: web, at_least: 99 %, bad_if: any}", "has no meaning for the measure `time`"),
        ("x: {of: web, at_least: 99 %, credit_cap: 5 %}", "has no meaning without `credits`"),
        ("x: {of: web, at_least: 99 %, excludes: {longer_outages: count_beyond_grace}}", "without a grace"),
        ("x: {of: web, at_least: 99 %, credits: [{below: 90 %, credit: 1 %}, {below: 99 %, credit: 2 %}]}", "larger credit"),
        ("x: {of: web, at_least: 99 %, composed_of: {all_of: [web], any_of: [web]}}", "exactly one of `all_of`"),
        ("x: {of: web, at_least: 99 %, composed_of: {all_of: [cloud, wbe]}}", "nothing called 'wbe' has outages"),
        ("x: {of: web, at_least: 99 %, window: 36 h, measure: requests}", "which do not add up to these"),
    ],
)  # fmt: skip
def test_impossible_agreements_are_refused_at_their_place(line: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        outlast.loads(PLATFORM.partition("agreements:")[0] + f"window: 1 d\nagreements:\n  {line}\n")
    assert len(caught.value.problems) == 1
    assert words in str(caught.value)
    assert "agreements" in caught.value.problems[0].path


@pytest.mark.parametrize(("text", "words"), [("2029-01-02", "is a Tuesday"), ("soon", "not a date")])
def test_time_zero_is_a_monday(text: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        outlast.loads(PLATFORM, {"starts": text})
    assert outlast.loads(PLATFORM, {"starts": "2029-01-01"}).spec.starts == "2029-01-01"


def test_nothing_finished_is_no_row() -> None:
    scenario = outlast.loads(PLATFORM)
    none = Result.of(scenario.program(), Replications([], 1, True), seed=1, agreements=scenario.spec.agreements)
    assert len(none.sla) == len(none.sla_estimates) == len(none.recovery) == 0


def test_variants_are_counted_each_and_joined() -> None:
    text = PLATFORM + "variants:\n  longer: {regions.west.zone_outage.lasts: 4 h}\n"
    result = outlast.run(outlast.loads(text), 1, variants=["longer"], engine="reference")
    rows = result.sla.query("agreement == 'all' and window == 1").set_index("variant")
    assert list((rows["downtime_s"] / HOUR_S).round(9)) == [2.0, 4.0]
    assert set(result.sla_estimates["variant"]) == set(result.recovery["variant"]) == {"base", "longer"}
