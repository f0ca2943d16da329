"""R3: what one firing does, step by step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.program import Builder, Case, count_of, emit, forget, level_of, record, scatter
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def test_trace_then_effects_then_stay_then_conditions(trace: Trace) -> None:
    b = Builder(5.0)
    b.group("ups")
    b.condition("service", count_of("ups"), 1, measured="service")
    life = b.lifecycle("node").state("up", ["up"], part="working").state("down", part="broken")
    life.after(fixed(2.0), "up", "down", [record("first"), record("second")])
    b.cohort("node", life, member={"ups": ["up"]})
    assert trace(b.build()) == [
        "2.0 node up -> down",
        "2.0 record first node cause node",
        "2.0 record second node cause node",
        "stay node working 0.0 +2.0 cause node",
        "2.0 flip service down cause node",
        "outage service 2.0 +3.0 cause node censored",
        "stay node broken 2.0 +3.0 cause node",
    ]


def test_effects_see_the_unit_in_its_old_state_and_signals_reach_the_new_one(trace: Trace) -> None:
    b = Builder(2.0)
    b.group("ups")
    life = b.lifecycle("node").state("up", ["up"]).state("down").state("told").state("told while up")
    life.after(fixed(1.0), "up", "down", [scatter("ups", "hello", ["up"])])
    life.on("hello", "up", "told while up").on("hello", "down", "told")
    b.cohort("node", life, member={"ups": ["up"]})
    assert trace(b.build()) == ["1.0 node up -> down", "1.0 node down -> told"]


def test_the_first_case_with_a_positive_share_of_all_is_chosen(trace: Trace) -> None:
    b = Builder(2.0)
    life = b.lifecycle("node").state("up").state("a").state("b").state("c").state("d")
    life.after(fixed(1.0), "up", cases=[Case(0.0, "a"), Case(1.0, "b"), Case(0.0, "c")])
    life.after(fixed(0.5), "b", cases=[Case(1.0, "c", (record("left"),)), Case(0.0, "d")])
    b.cohort("node", life)
    assert trace(b.build()) == ["1.0 node up -> b", "1.5 node b -> c", "1.5 record left node cause node"]


def test_clocks_stop_before_effects_run(trace: Trace) -> None:
    """The remaining 6 s are stored first, so `forget` clears them: 10 s from 5, not 6."""
    b = Builder(20.0)
    job = b.lifecycle("job").state("up").state("down").state("finished")
    job.after(fixed(10.0), "up", "finished", policy="resume", name="work")
    job.on("stop", "up", "down", [forget("work")])
    job.after(fixed(1.0), "down", "up")
    boss = b.lifecycle("boss").state("wait").state("done")
    boss.after(fixed(4.0), "wait", "done", [emit("job", "stop")])
    b.cohort("job", job)
    b.cohort("boss", boss)
    assert trace(b.build()) == [
        "4.0 boss wait -> done",
        "4.0 job up -> down cause boss",
        "5.0 job down -> up cause boss",
        "15.0 job up -> finished cause boss",
    ]


def test_a_fired_row_remembers_nothing(trace: Trace) -> None:
    b = Builder(12.0)
    life = b.lifecycle("job").state("up").state("pause")
    life.after(fixed(4.0), "up", "pause", policy="resume").after(fixed(1.0), "pause", "up")
    b.cohort("job", life)
    assert trace(b.build()) == [
        "4.0 job up -> pause",
        "5.0 job pause -> up",
        "9.0 job up -> pause",
        "10.0 job pause -> up",
    ]


def test_naming_the_own_state_leaves_and_enters_it_again(trace: Trace) -> None:
    """Each re-entry starts the 5 s clock anew, so it never rings; the stay is logged each time."""
    b = Builder(8.0)
    life = b.lifecycle("node").state("up", part="working").state("down")
    life.after(fixed(3.0), "up", "up").after(fixed(5.0), "up", "down")
    b.cohort("node", life)
    assert trace(b.build()) == [
        "3.0 node up -> up",
        "stay node working 0.0 +3.0 cause node",
        "6.0 node up -> up",
        "stay node working 3.0 +3.0 cause node",
        "stay node working 6.0 +2.0 cause node",
    ]


def test_stay_restarts_only_its_own_clock_and_continues_the_stay(trace: Trace) -> None:
    b = Builder(8.0)
    life = b.lifecycle("node").state("up", part="working").state("down")
    life.after(fixed(3.0), "up").after(fixed(5.0), "up", "down")
    b.cohort("node", life)
    assert trace(b.build()) == [
        "3.0 node up stays",
        "5.0 node up -> down",
        "stay node working 0.0 +5.0 cause node",
    ]


def test_a_signalled_stay_starts_no_clock(trace: Trace) -> None:
    b = Builder(8.0)
    life = b.lifecycle("node").state("up").state("down")
    life.after(fixed(5.0), "up", "down").on("ping", "up", do=[record("pinged")])
    b.cohort("node", life)
    b.cohort("pinger", b.lifecycle("pinger").state("on").after(fixed(4.0), "on", do=[emit("node", "ping")]))
    assert trace(b.build()) == [
        "4.0 pinger on stays",
        "4.0 node up stays cause pinger",
        "4.0 record pinged node cause pinger",
        "5.0 node up -> down cause pinger",
    ]


def test_a_stay_of_length_zero_is_not_logged(trace: Trace) -> None:
    b = Builder(2.0)
    life = b.lifecycle("node").state("up").state("short", part="short").state("down")
    life.after(fixed(1.0), "up", "short").after(fixed(0.0), "short", "down")
    b.cohort("node", life)
    assert trace(b.build()) == ["1.0 node up -> short", "1.0 node short -> down"]


def test_a_count_changes_only_where_the_tag_test_changes(trace: Trace) -> None:
    """From `a` to `b` the unit stays in `any` and leaves `as`."""
    b = Builder(3.0)
    for group in ("any", "as"):
        b.group(group)
        b.condition(f"{group} one", count_of(group), 1)
    life = b.lifecycle("node").state("a", ["a", "x"]).state("b", ["b"]).state("c")
    life.after(fixed(1.0), "a", "b").after(fixed(1.0), "b", "c")
    b.cohort("node", life, member={"any": ["a", "b"], "as": ["a"]})
    assert trace(b.build()) == [
        "1.0 node a -> b",
        "1.0 flip as one down cause node",
        "2.0 node b -> c",
        "2.0 flip any one down cause node",
    ]


@pytest.mark.parametrize("rate", [2.0, 4.0])
def test_a_new_clock_is_scaled_by_the_level_at_the_instant_of_entry(trace: Trace, rate: float) -> None:
    """At 3 s the level is 3 x rate: the clock of `use`, scaled by it, lasts that long from 3 s on."""
    b = Builder(20.0)
    b.stock("tank")
    life = b.lifecycle("pump").state("fill", rate=rate).state("use").state("end")
    life.after(fixed(3.0), "fill", "use").after(fixed(1.0), "use", "end", scale=level_of("tank"))
    b.cohort("pump", life, drives="tank")
    level = 3.0 * rate
    assert trace(b.build()) == [
        "3.0 pump fill -> use",
        f"{3.0 + level} pump use -> end",
        f"20.0 level tank {level} lost 0.0",
    ]
