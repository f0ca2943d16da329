"""R13: meters per window, the warm-up, and what is still open at the horizon."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.engines.outcome import Outcome
from outlast.program import Builder, count_of, release, request, rollback
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]
Run = Callable[..., Outcome]
REDUCTIONS = ("integral", "count", "maximum")


def flapping(horizon: float, warm_up: float = 0.0, window: float = 0.0) -> Builder:
    """Up [0, 4), down [4, 6), up [6, 10), down [10, 12), ..."""
    b = Builder(horizon, warm_up, window)
    b.group("ups")
    life = b.lifecycle("node").state("up", ["up"]).state("down")
    life.after(fixed(4.0), "up", "down").after(fixed(2.0), "down", "up")
    b.cohort("node", life, member={"ups": ["up"]})
    for reduction in REDUCTIONS:
        b.meter(reduction, ("group", "ups"), reduction)
    return b


def columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_one_window_without_warm_up(sums: Sums) -> None:
    assert columns(sums(flapping(11.0).build())) == {"integral": [8.0], "count": [1.0], "maximum": [1.0]}


def test_windows_begin_after_the_warm_up_and_the_last_may_be_short(sums: Sums) -> None:
    """[0, 3) [3, 7) [7, 11) [11, 12)."""
    assert columns(sums(flapping(12.0, 3.0, 4.0).build())) == {
        "integral": [3.0, 1.0 + 1.0, 3.0, 0.0],
        "count": [0.0, 1.0, 0.0, 0.0],
        "maximum": [1.0, 1.0, 1.0, 0.0],
    }


def test_warm_up_without_windows(sums: Sums) -> None:
    """[0, 5) [5, 12)."""
    assert columns(sums(flapping(12.0, 5.0).build())) == {
        "integral": [4.0, 4.0], "count": [0.0, 1.0], "maximum": [1.0, 1.0],
    }  # fmt: skip


def test_a_change_at_a_boundary_belongs_to_the_window_that_begins(sums: Sums) -> None:
    """Windows of 2 s: down in the third, up again exactly when it ends."""
    assert columns(sums(flapping(10.0, 0.0, 2.0).build())) == {
        "integral": [2.0, 2.0, 0.0, 2.0, 2.0],
        "count": [0.0, 0.0, 0.0, 1.0, 0.0],
        "maximum": [1.0, 1.0, 1.0, 1.0, 1.0],
    }


def test_the_maximum_starts_from_the_value_at_the_boundary(sums: Sums) -> None:
    """At 4 s the window begins while the unit is up (the boundary is first), so its maximum is 1; [5, 6) has 0."""
    assert columns(sums(flapping(6.0, 0.0, 1.0).build()))["maximum"] == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]


def test_a_window_longer_than_the_run_is_one_window(sums: Sums) -> None:
    assert columns(sums(flapping(3.0, 0.0, 100.0).build()))["integral"] == [3.0]


def test_boundaries_are_multiples_not_sums(sums: Sums) -> None:
    """0.1 + 0.1 + 0.1 is above 0.3, as is 3 x 0.1: a run to 0.3 has three windows, and the last ends at 0.3."""
    b = flapping(0.3, 0.0, 0.1)
    assert columns(sums(b.build()))["integral"] == [0.1, 0.1, 0.3 - 0.2]


def test_a_window_without_events_is_measured(sums: Sums) -> None:
    b = Builder(9.0, window=3.0)
    b.group("ups")
    b.cohort("rock", b.lifecycle("rock").state("up", ["up"]), 5, member={"ups": ["up"]})
    for reduction in REDUCTIONS:
        b.meter(reduction, ("group", "ups"), reduction)
    assert columns(sums(b.build())) == {"integral": [15.0] * 3, "count": [0.0] * 3, "maximum": [5.0] * 3}


@pytest.mark.parametrize(("reduction", "value"), [("maximum", 5.0), ("count", 5.0), ("integral", 3.0 + 5.0 + 2.0 * 2)])
def test_steps_count_by_their_height_and_the_maximum_is_the_peak(sums: Sums, reduction: str, value: float) -> None:
    """Busy 3 from 1 s, 5 from 2 s, 2 from 3 s, 0 from 5 s."""
    b = Builder(6.0)
    b.pool("crew", 5)
    for name, at, amount, work in (("a", 1.0, 3, 2.0), ("b", 2.0, 2, 3.0)):
        life = b.lifecycle(name).state("new").state("waiting").state("working").state("done")
        life.after(fixed(at), "new", "waiting", [request("crew", amount=amount)])
        life.on("granted", "waiting", "working").after(fixed(work), "working", "done", [release("crew")])
        b.cohort(name, life)
    b.meter("busy", ("busy", "crew"), reduction)
    assert sums(b.build()) == [{"busy": value}]


def test_the_meter_of_a_stock_counts_what_rollbacks_lost(sums: Sums) -> None:
    """It follows the total: 3 lost at 3 s and 3 more at 6 s; windows [0, 4) and [4, 8)."""
    for reduction, expected in (("count", [3.0, 3.0]), ("maximum", [3.0, 6.0]), ("integral", [3.0, 3.0 * 2 + 6.0 * 2])):
        b = Builder(8.0, window=4.0)
        b.stock("work")
        life = b.lifecycle("job").state("run", rate=1.0).after(fixed(3.0), "run", do=[rollback("work")])
        b.cohort("job", life, drives="work")
        b.meter("lost", ("lost", "work"), reduction)
        assert [row["lost"] for row in sums(b.build())] == expected


def test_the_horizon_closes_outages_then_stays_then_stocks(trace: Trace) -> None:
    """Outages in order of their measure (the later began first), stays in order of units, stocks as declared."""
    b = Builder(9.0)
    b.stock("s2", initial=2.0)
    b.stock("s1", initial=1.0)
    for name in ("late", "early"):
        b.group(f"{name} ups")
        b.condition(f"{name} service", count_of(f"{name} ups"), 1, measured=f"{name} service")
    for name, at in (("late", 5.0), ("early", 3.0)):
        life = b.lifecycle(name).state("up", ["up"]).state("down", part="broken")
        b.cohort(name, life.after(fixed(at), "up", "down"), member={f"{name} ups": ["up"]})
    assert trace(b.build()) == [
        "3.0 early up -> down",
        "3.0 flip early service down cause early",
        "5.0 late up -> down",
        "5.0 flip late service down cause late",
        "outage late service 5.0 +4.0 cause late censored",
        "outage early service 3.0 +6.0 cause early censored",
        "stay late broken 5.0 +4.0 cause late",
        "stay early broken 3.0 +6.0 cause early",
        "9.0 level s2 2.0 lost 0.0",
        "9.0 level s1 1.0 lost 0.0",
    ]


def test_an_outage_during_the_warm_up_is_logged_too(trace: Trace) -> None:
    b = flapping(8.0, 7.0)
    b.condition("service", count_of("ups"), 1, measured="service")
    assert "outage service 4.0 +2.0 cause node" in trace(b.build())


def test_windows_and_warm_up_do_not_touch_the_history(trace: Trace) -> None:
    assert trace(flapping(20.0, 3.0, 1.7).build()) == trace(flapping(20.0).build())


def test_a_boundary_is_one_event(run: Run) -> None:
    """3 firings; with windows of 5 s in 11 s there are two boundaries more (the horizon is no event)."""
    assert run(flapping(11.0).build()).events == 3
    assert run(flapping(11.0, 0.0, 5.0).build()).events == 5
