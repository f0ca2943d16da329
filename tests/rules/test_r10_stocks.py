"""R10: levels that flow, their watches, committed points and losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from outlast.program import Builder, Lifecycle, commit, rollback, set_level, stage, taint, value_of
from outlast.program.verbs import Effect
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def pump(b: Builder, *states: tuple[str, float, float], gain: float = 0.0) -> Lifecycle:
    """States (name, rate, seconds in it) one after the other, round and round; inf = for ever."""
    life = b.lifecycle("pump")
    for name, rate, _ in states:
        life.state(name, rate=rate, gain=gain)
    for i, (name, _, seconds) in enumerate(states):
        if seconds < math.inf:
            life.after(fixed(seconds), name, states[(i + 1) % len(states)][0])
    return life


def sink(b: Builder, *names: str) -> None:
    for name in names or ("sink",):
        b.cohort(name, b.lifecycle(name).state("wait").on("ring", "wait"))


def script(b: Builder, *deeds: tuple[float, Sequence[Effect]]) -> None:
    """A unit that does at each time what the script says; the tank fills by 1 a second from 0."""
    life, now = b.lifecycle("script"), 0.0
    for i in range(len(deeds) + 1):
        life.state(f"{i}")
    for i, (at, do) in enumerate(deeds):
        life.after(fixed(at - now), f"{i}", f"{i + 1}", do)
        now = at
    b.cohort("script", life)
    b.cohort("pump", pump(b, ("fill", 1.0, math.inf)), drives="tank")


def results(rows: list[str]) -> list[str]:
    """Losses and final levels."""
    return [row for row in rows if " loss " in row or " level " in row]


SNAPSHOT = [stage("tank"), commit("tank")]


@pytest.mark.parametrize(("rate", "level"), [(2.0, 10.0), (0.0, 5.0), (0.25, 7.5), (-1.0, 1.0)])
def test_a_level_stays_within_its_bounds(trace: Trace, rate: float, level: float) -> None:
    b = Builder(10.0)
    b.stock("tank", initial=5.0, low=1.0, high=10.0)
    b.cohort("pump", pump(b, ("on", rate, math.inf)), drives="tank")
    assert trace(b.build()) == [f"10.0 level tank {level} lost 0.0"]


def test_every_stock_has_its_own_bounds_and_start(trace: Trace) -> None:
    """Without the bounds: 25, 11, -6 and 12."""
    b = Builder(10.0)
    for name, initial, low, high, rate in (
        ("a", 5.0, 1.0, 10.0, 2.0), ("b", 6.0, 2.0, 7.0, 0.5), ("c", 4.0, 3.0, 20.0, -1.0), ("d", 2.0, 0.0, 30.0, 1.0)
    ):  # fmt: skip
        b.stock(name, initial=initial, low=low, high=high)
        b.cohort(f"pump {name}", pump(b, ("on", rate, math.inf)), drives=name)
    assert trace(b.build()) == [
        "10.0 level a 10.0 lost 0.0",
        "10.0 level b 7.0 lost 0.0",
        "10.0 level c 3.0 lost 0.0",
        "10.0 level d 12.0 lost 0.0",
    ]


def test_a_clamped_level_leaves_its_bound_at_once(trace: Trace) -> None:
    """Full at 5 s; what would have flowed in until 8 s is gone."""
    b = Builder(10.0)
    b.stock("tank", high=10.0)
    b.cohort("pump", pump(b, ("fill", 2.0, 8.0), ("drain", -1.0, math.inf)), drives="tank")
    assert trace(b.build()) == ["8.0 pump fill -> drain", "10.0 level tank 8.0 lost 0.0"]


def test_the_rate_is_the_rate_of_the_state_plus_gain_times_source(trace: Trace) -> None:
    """2.5 a second until 4 s (level 10), then 6.5: 23 is reached at 4 + 13 / 6.5 = 6 s, 49 at 10 s."""
    b = Builder(10.0)
    b.profile("flow", 100.0, [(0.0, 1.0), (4.0, 3.0)])
    b.stock("tank", source=value_of("flow"))
    b.watch("tank", 23.0, "sink", "ring")
    b.cohort("pump", pump(b, ("on", 0.5, math.inf), gain=2.0), drives="tank")
    sink(b)
    assert trace(b.build()) == [
        "4.0 step flow 3.0",
        "6.0 watch tank 23.0",
        "6.0 sink wait stays cause none",
        "10.0 level tank 49.0 lost 0.0",
    ]


def test_a_state_without_gain_ignores_the_source(trace: Trace) -> None:
    b = Builder(10.0)
    b.profile("flow", 100.0, [(0.0, 1.0), (4.0, 3.0)])
    b.stock("tank", source=value_of("flow"))
    b.cohort("pump", pump(b, ("on", 0.5, math.inf)), drives="tank")
    assert trace(b.build()) == ["4.0 step flow 3.0", "10.0 level tank 5.0 lost 0.0"]


def test_a_gain_without_a_source_adds_nothing(trace: Trace) -> None:
    b = Builder(10.0)
    b.stock("tank")
    b.cohort("pump", pump(b, ("on", 0.5, math.inf), gain=2.0), drives="tank")
    assert trace(b.build()) == ["10.0 level tank 5.0 lost 0.0"]


def test_a_stock_nobody_drives_stands_still(trace: Trace) -> None:
    b = Builder(10.0)
    b.stock("tank", initial=2.0)
    sink(b)
    assert trace(b.build()) == ["10.0 level tank 2.0 lost 0.0"]


def test_watches_ring_when_reached_from_strictly_below_or_above(trace: Trace) -> None:
    """5 at the start is on the watch, not below it: up to 7 at 2 s, down to 3 at 6 s, 5 from below at 8 s."""
    b = Builder(13.0)
    b.stock("tank", initial=5.0)
    b.watch("tank", 5.0, "high", "ring")
    b.watch("tank", 4.0, "low", "ring", up=False)
    b.cohort("pump", pump(b, ("fill", 1.0, 2.0), ("drain", -1.0, 4.0)), drives="tank")
    sink(b, "low", "high")
    assert trace(b.build()) == [
        "2.0 pump fill -> drain",
        "5.0 watch tank 4.0",
        "5.0 low wait stays cause none",
        "6.0 pump drain -> fill",
        "8.0 watch tank 5.0",
        "8.0 high wait stays cause none",
        "8.0 pump fill -> drain",
        "9.0 watch tank 4.0",
        "9.0 low wait stays cause none",
        "12.0 pump drain -> fill",
        "13.0 level tank 2.0 lost 0.0",
    ]


def test_the_nearest_watch_rings_first_and_equal_ones_together_in_table_order(trace: Trace) -> None:
    b = Builder(6.0)
    b.stock("tank")
    b.watch("tank", 5.0, "b", "ring")
    b.watch("tank", 3.0, "a", "ring")
    b.watch("tank", 5.0, "a", "ring", up=False)
    b.watch("tank", 5.0, "c", "ring")
    b.watch("tank", 5.0, "a", "ring")
    b.cohort("pump", pump(b, ("fill", 1.0, math.inf)), drives="tank")
    sink(b, "a", "b", "c")
    assert trace(b.build()) == [
        "3.0 watch tank 3.0",
        "3.0 a wait stays cause none",
        "5.0 watch tank 5.0",
        "5.0 b wait stays cause none",
        "5.0 c wait stays cause none",
        "5.0 a wait stays cause none",
        "6.0 level tank 6.0 lost 0.0",
    ]


def test_a_watch_at_the_upper_bound_rings_once(trace: Trace) -> None:
    b = Builder(6.0)
    b.stock("tank", high=3.0)
    b.watch("tank", 3.0, "sink", "ring")
    b.cohort("pump", pump(b, ("fill", 1.0, 4.0), ("fill on", 1.0, math.inf)), drives="tank")
    sink(b)
    assert trace(b.build()) == [
        "3.0 watch tank 3.0",
        "3.0 sink wait stays cause none",
        "4.0 pump fill -> fill on",
        "6.0 level tank 3.0 lost 0.0",
    ]


def test_a_rebase_at_the_due_instant_rings_even_if_rounding_leaves_the_level_below(trace: Trace) -> None:
    """0.2 a second reaches 1.9 at 9.499999999999998 s, where the level computes to 1.8999999999999997.

    The profile, which the stock depends on, steps at that very instant and comes first.
    """
    due = 1.9 / 0.2
    assert 0.2 * due < 1.9
    b = Builder(10.0)
    b.profile("flow", 100.0, [(0.0, 0.0), (due, 0.1)])
    b.stock("tank", source=value_of("flow"))
    b.watch("tank", 1.9, "sink", "ring")
    b.cohort("pump", pump(b, ("on", 0.2, math.inf), gain=1.0), drives="tank")
    sink(b)
    assert trace(b.build()) == [
        f"{due} step flow 0.1",
        f"{due} watch tank 1.9",
        f"{due} sink wait stays cause none",
        f"10.0 level tank {1.9 + (0.2 + 1.0 * 0.1) * (10.0 - due)} lost 0.0",
    ]


def test_a_rebase_before_the_due_instant_rings_if_rounding_has_passed_the_watch(trace: Trace) -> None:
    """0.3 a second reaches 2.1 at 7.000000000000001 s by division, but 0.3 x 7 is 2.1 already; then the pump stops."""
    assert 2.1 / 0.3 > 7.0
    assert 0.3 * 7.0 >= 2.1
    b = Builder(10.0)
    b.stock("tank")
    b.watch("tank", 2.1, "sink", "ring")
    b.cohort("pump", pump(b, ("on", 0.3, 7.0), ("off", 0.0, math.inf)), drives="tank")
    sink(b)
    rows = trace(b.build())
    assert [row.removesuffix(" cause pump") for row in rows] == [
        "7.0 pump on -> off",
        "7.0 watch tank 2.1",
        "7.0 sink wait stays",
        "10.0 level tank 2.1 lost 0.0",
    ]


@pytest.mark.parametrize(
    ("verb", "loss"),
    [(set_level("tank", fixed(0.0)), []), (rollback("tank"), ["5.0 loss tank 5.0 to 0.0 by reset"])],
)
def test_a_due_watch_rings_before_a_verb_changes_the_level(trace: Trace, verb: Effect, loss: list[str]) -> None:
    """At 5 s the profile steps first; its listener resets the tank, whose own event would have been next."""
    b = Builder(9.0)
    b.profile("clock", 100.0, [(0.0, 0.0), (5.0, 1.0)])
    b.condition("late", value_of("clock"), 1)
    b.stock("tank")
    b.watch("tank", 5.0, "sink", "ring")
    b.cohort("pump", pump(b, ("fill", 1.0, math.inf)), drives="tank")
    b.cohort("reset", b.lifecycle("reset").state("wait").on("rose", "wait", do=[verb]))
    b.listen("late", "reset", rise="rose")
    sink(b)
    assert trace(b.build()) == [
        "5.0 step clock 1.0",
        "5.0 flip late up",
        "5.0 reset wait stays cause none",
        "5.0 watch tank 5.0",
        *loss,
        "5.0 sink wait stays cause none",
        f"9.0 level tank 4.0 lost {5.0 if loss else 0.0}",
    ]


def test_a_level_set_below_a_watch_reaches_it_again(trace: Trace) -> None:
    b = Builder(9.0)
    b.stock("tank")
    b.watch("tank", 5.0, "sink", "ring")
    sink(b)
    script(b, (6.0, [set_level("tank", fixed(3.0))]))
    assert trace(b.build()) == [
        "5.0 watch tank 5.0",
        "5.0 sink wait stays cause none",
        "6.0 script 0 -> 1",
        "8.0 watch tank 5.0",
        "8.0 sink wait stays cause none",
        "9.0 level tank 6.0 lost 0.0",
    ]


def test_a_level_set_beyond_a_watch_does_not_ring_it(trace: Trace) -> None:
    b = Builder(9.0)
    b.stock("tank")
    b.watch("tank", 5.0, "sink", "ring")
    sink(b)
    script(b, (3.0, [set_level("tank", fixed(7.0))]))
    assert trace(b.build()) == ["3.0 script 0 -> 1", "9.0 level tank 13.0 lost 0.0"]


@pytest.mark.parametrize(("value", "level"), [(25.0, 10.0), (1.0, 4.0), (6.0, 7.0)])
def test_a_level_is_set_within_its_bounds(trace: Trace, value: float, level: float) -> None:
    b = Builder(9.0)
    b.stock("tank", initial=3.0, low=3.0, high=10.0)
    script(b, (8.0, [set_level("tank", fixed(value))]))
    assert results(trace(b.build())) == [f"9.0 level tank {level} lost 0.0"]


def test_a_commit_keeps_the_level_at_which_the_snapshot_began(trace: Trace) -> None:
    b = Builder(8.0)
    b.stock("tank")
    script(b, (3.0, [stage("tank")]), (5.0, [commit("tank")]), (6.0, [rollback("tank")]))
    assert results(trace(b.build())) == [
        "6.0 loss tank 3.0 to 3.0 by script cause script",
        "8.0 level tank 5.0 lost 3.0",
    ]


def test_without_a_committed_point_everything_since_the_start_is_lost(trace: Trace) -> None:
    b = Builder(8.0)
    b.stock("tank", initial=0.5)
    script(b, (3.0, [stage("tank")]), (6.0, [rollback("tank")]), (7.0, [rollback("tank")]))
    assert results(trace(b.build())) == [
        "6.0 loss tank 6.0 to 0.5 by script cause script",
        "7.0 loss tank 1.0 to 0.5 by script cause script",
        "8.0 level tank 1.5 lost 7.0",
    ]


def test_a_rollback_uses_its_tier_and_those_above_and_drops_later_points_of_all(trace: Trace) -> None:
    """Points 1 and 5 in tier 0, 3 in tier 2: from tier 1 on only 3 counts; the 5 is gone afterwards."""
    b = Builder(8.0)
    b.stock("tank")
    script(
        b,
        (1.0, SNAPSHOT),
        (3.0, [stage("tank"), commit("tank", 2)]),
        (5.0, SNAPSHOT),
        (6.0, [rollback("tank", 1)]),
        (7.0, [rollback("tank", 0)]),
    )
    assert results(trace(b.build())) == [
        "6.0 loss tank 3.0 to 3.0 by script cause script",
        "7.0 loss tank 1.0 to 3.0 by script cause script",
        "8.0 level tank 4.0 lost 4.0",
    ]


def test_a_rollback_prefers_the_greatest_point_of_any_allowed_tier(trace: Trace) -> None:
    b = Builder(8.0)
    b.stock("tank")
    script(b, (2.0, [stage("tank"), commit("tank", 1)]), (4.0, SNAPSHOT), (5.0, [rollback("tank")]))
    assert results(trace(b.build()))[0] == "5.0 loss tank 1.0 to 4.0 by script cause script"


def test_a_clean_rollback_skips_points_above_the_taint(trace: Trace) -> None:
    """Points 2 and 4, tainted at 3.  Below the taint, it is cleared: the point 4 of 7 s is good again."""
    b = Builder(9.0)
    b.stock("tank")
    script(
        b,
        (2.0, SNAPSHOT),
        (3.0, [taint("tank")]),
        (4.0, [*SNAPSHOT, taint("tank")]),
        (5.0, [rollback("tank", clean=True)]),
        (7.0, SNAPSHOT),
        (8.0, [rollback("tank", clean=True)]),
    )
    assert results(trace(b.build())) == [
        "5.0 loss tank 3.0 to 2.0 by script cause script",
        "8.0 loss tank 1.0 to 4.0 by script cause script",
        "9.0 level tank 5.0 lost 4.0",
    ]


def test_a_point_at_the_taint_is_clean(trace: Trace) -> None:
    b = Builder(6.0)
    b.stock("tank")
    script(b, (3.0, [*SNAPSHOT, taint("tank")]), (5.0, [rollback("tank", clean=True)]))
    assert results(trace(b.build()))[0] == "5.0 loss tank 2.0 to 3.0 by script cause script"


def test_a_taint_below_the_new_level_stays(trace: Trace) -> None:
    """The ordinary rollback to 2 keeps the taint of 1; the clean one finds nothing below it."""
    b = Builder(5.0)
    b.stock("tank")
    clean = rollback("tank", clean=True)
    script(b, (1.0, [taint("tank")]), (2.0, SNAPSHOT), (3.0, [rollback("tank")]), (4.0, [clean]))
    assert results(trace(b.build())) == [
        "3.0 loss tank 1.0 to 2.0 by script cause script",
        "4.0 loss tank 3.0 to 0.0 by script cause script",
        "5.0 level tank 1.0 lost 4.0",
    ]


@pytest.mark.parametrize(("keep", "level"), [(1, 0.0), (2, 0.0), (3, 1.0)])
def test_only_the_newest_points_are_kept(trace: Trace, keep: int, level: float) -> None:
    """Points 1, 2, 3, tainted at 1.5: the clean one has gone unless three are kept."""
    b = Builder(5.0)
    b.stock("tank", keep=keep)
    script(
        b,
        (1.0, SNAPSHOT),
        (1.5, [taint("tank")]),
        (2.0, SNAPSHOT),
        (3.0, SNAPSHOT),
        (4.0, [rollback("tank", clean=True)]),
    )
    assert results(trace(b.build()))[0] == f"4.0 loss tank {4.0 - level} to {level} by script cause script"


def test_each_tier_keeps_its_own_points(trace: Trace) -> None:
    """Many points of tier 1 do not push out the one of tier 0."""
    b = Builder(5.0)
    b.stock("tank", keep=1)
    local, clean = [stage("tank"), commit("tank", 1)], rollback("tank", clean=True)
    script(b, (1.0, SNAPSHOT), (1.5, [taint("tank")]), (2.0, local), (3.0, local), (4.0, [clean]))
    assert results(trace(b.build()))[0] == "4.0 loss tank 3.0 to 1.0 by script cause script"


def test_a_watch_passed_before_a_rollback_rings_again_after_it(trace: Trace) -> None:
    """Rings at 5; back to 4 at 6 s; rings again at 7."""
    b = Builder(8.0)
    b.stock("tank")
    b.watch("tank", 5.0, "sink", "ring")
    sink(b)
    script(b, (4.0, SNAPSHOT), (6.0, [rollback("tank")]))
    assert trace(b.build()) == [
        "4.0 script 0 -> 1",
        "5.0 watch tank 5.0",
        "5.0 sink wait stays cause none",
        "6.0 script 1 -> 2",
        "6.0 loss tank 2.0 to 4.0 by script cause script",
        "7.0 watch tank 5.0",
        "7.0 sink wait stays cause none",
        "8.0 level tank 6.0 lost 2.0",
    ]


def test_a_stay_of_the_owner_does_not_disturb_the_level(trace: Trace) -> None:
    """Ten rows of 0.1 s each: the level is one product, not a sum of ten rounded ones."""
    assert sum([0.3 * 0.1] * 10) != 0.3 * 1.0
    b = Builder(1.0)
    b.stock("tank")
    life = b.lifecycle("pump").state("on", rate=0.3).after(fixed(0.1), "on")
    b.cohort("pump", life, drives="tank")
    assert trace(b.build())[-1] == f"1.0 level tank {0.3 * 1.0} lost 0.0"
