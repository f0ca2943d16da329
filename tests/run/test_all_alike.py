"""Replications, or trees of them, that all come to the same: certain only where nothing is random."""

from __future__ import annotations

import math
from typing import Any

import pytest

import outlast
from outlast.run.rare_estimates import Question
from outlast.run.splitting import split

WEEKLY = """
scenario: weekly
horizon: 1 y
components:
  db:
    kind: component
    time_to_failure: {life}
    repair: {lasts: 30 d}
    maintenance: {every: 7 d, lasts: 2 h}
agreements:
  month: {of: db, at_least: 99.9 %, window: 30 d, credits: [{below: 99.9 %, credit: 10 %}]}
"""
MEASURES = [("db", "availability"), ("db", "downtime"), ("db", "outages"), ("month", "downtime"), ("month", "credit")]
WEEKS, YEAR_H = 52, 8760.0


def estimates_of(life: str, replications: int) -> dict[tuple[str, str], Any]:
    found = outlast.run(outlast.loads(WEEKLY.replace("{life}", life)), replications, 1, rare="never").estimates
    rows = found[found.scope == ""]
    return {(row.component, row.measure): row for row in rows.itertuples()}


@pytest.mark.parametrize("of", MEASURES)
def test_failures_that_were_not_seen_leave_an_interval_beside_planned_work(of: tuple[str, str]) -> None:
    """Twenty years of nothing but maintenance do not show that nothing else happens."""
    row = estimates_of("{exponential: 100000 y}", 20)[of]
    assert row.ci_low < row.mean < row.ci_high
    assert row.method == "identical in every replication: bound"


@pytest.mark.parametrize("of", MEASURES)
def test_what_is_not_random_is_certain(of: tuple[str, str]) -> None:
    row = estimates_of("5 y", 3)[of]
    assert row.ci_low == row.mean == row.ci_high
    assert row.method == "constant: nothing is random"


def test_planned_work_is_what_it_comes_to() -> None:
    found = estimates_of("{exponential: 100000 y}", 20)
    assert math.isclose(found["db", "availability"].mean, 1.0 - WEEKS * 2.0 / YEAR_H, rel_tol=1e-12)


@pytest.mark.parametrize("life", ["{exponential: 3000000 h}", "{weibull: {scale: 300000 h, shape: 2}}"])
def test_trees_that_all_weigh_the_same_leave_an_interval_that_holds_the_answer(life: str) -> None:
    text = f"scenario: first\nhorizon: 50 h\ncomponents:\n  a: {{kind: component, time_to_failure: {life}}}\n"
    right = -math.expm1(-50.0 / 3e6) if "exponential" in life else -math.expm1(-((50.0 / 3e5) ** 2))
    found = split(Question(outlast.loads(text).program(), 1, "a", 0.1, 100_000)).estimates["unreliability"]
    assert found.ci_low < right < found.ci_high
    assert found.ci_high - found.ci_low < 0.1 * right
