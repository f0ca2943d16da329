"""R6: a signal fires the first matching row, or vanishes; a grant counts only while its ticket is held."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.program import Builder, emit, release, request, value_of
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def caller(b: Builder, unit: str, *signals: str, at: float = 1.0) -> None:
    life = b.lifecycle("caller").state("wait").state("done")
    b.cohort("caller", life.after(fixed(at), "wait", "done", [emit(unit, s) for s in signals]))


@pytest.mark.parametrize(("day", "target"), [(1.0, "by day"), (0.0, "by night")])
def test_a_signal_fires_the_first_row_whose_guards_hold(trace: Trace, day: float, target: str) -> None:
    b = Builder(2.0)
    b.profile("light", 10.0, [(0.0, day)])
    b.condition("day", value_of("light"), 1)
    life = b.lifecycle("guard").state("idle").state("never").state("by day").state("by night").state("late")
    life.on("other", "idle", "never").on("go", "idle", "by day", when=["day"])
    life.on("go", "idle", "by night").on("go", "idle", "late")
    b.cohort("guard", life)
    caller(b, "guard", "go")
    assert trace(b.build()) == ["1.0 caller wait -> done", f"1.0 guard idle -> {target} cause caller"]


def test_a_signal_nobody_waits_for_vanishes(trace: Trace) -> None:
    """`go` comes while the unit is in `idle`, which does not listen; `ready` an instant later does not get it."""
    b = Builder(3.0)
    life = b.lifecycle("guard").state("idle").state("ready").state("gone")
    life.on("wake", "idle", "ready").on("go", "ready", "gone")
    b.cohort("guard", life)
    caller(b, "guard", "go", "wake")
    assert trace(b.build()) == ["1.0 caller wait -> done", "1.0 guard idle -> ready cause caller"]


def test_the_second_of_two_equal_signals_meets_the_new_state(trace: Trace) -> None:
    b = Builder(3.0)
    life = b.lifecycle("guard").state("one").state("two").state("three")
    life.on("go", "one", "two").on("go", "two", "three")
    b.cohort("guard", life)
    caller(b, "guard", "go", "go")
    assert trace(b.build()) == [
        "1.0 caller wait -> done",
        "1.0 guard one -> two cause caller",
        "1.0 guard two -> three cause caller",
    ]


def test_a_grant_given_up_before_delivery_is_dropped(trace: Trace) -> None:
    """`cancel` is queued before the grant; `idle` would listen for a grant, but the ticket is no longer held."""
    b = Builder(3.0)
    b.pool("crew", 1)
    life = b.lifecycle("job").state("new").state("waiting").state("idle").state("working").state("wrong")
    life.after(fixed(1.0), "new", "waiting", [emit("job", "cancel"), request("crew")])
    life.on("cancel", "waiting", "idle", [release("crew")])
    life.on("granted", "waiting", "working").on("granted", "idle", "wrong")
    b.cohort("job", life)
    assert trace(b.build()) == ["1.0 job new -> waiting", "1.0 job waiting -> idle"]


def test_only_the_newest_ticket_is_granted(trace: Trace) -> None:
    """Asked again while the first grant is on its way: the first is dropped, the second delivered, once."""
    b = Builder(3.0)
    b.pool("crew", 1)
    life = b.lifecycle("job").state("new").state("waiting").state("working")
    life.after(fixed(1.0), "new", "waiting", [emit("job", "again"), request("crew")])
    life.on("again", "waiting", do=[request("crew")])
    life.on("granted", "waiting", "working").on("granted", "working")
    b.cohort("job", life)
    assert trace(b.build()) == [
        "1.0 job new -> waiting",
        "1.0 job waiting stays",
        "1.0 job waiting -> working",
    ]
