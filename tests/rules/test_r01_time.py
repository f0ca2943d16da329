"""R1: a run covers [0, horizon), and absolute times are stored, never derived anew."""

from __future__ import annotations

import math
from collections.abc import Callable

from outlast.program import Builder, Program
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def flapping(horizon: float) -> Program:
    b = Builder(horizon)
    life = b.lifecycle("node").state("up").state("down")
    life.after(fixed(5.0), "up", "down").after(fixed(5.0), "down", "up")
    b.cohort("node", life)
    return b.build()


def test_an_event_at_the_horizon_does_not_happen(trace: Trace) -> None:
    assert trace(flapping(10.0)) == ["5.0 node up -> down"]


def test_an_event_just_before_the_horizon_happens(trace: Trace) -> None:
    assert trace(flapping(math.nextafter(10.0, 11.0))) == ["5.0 node up -> down", "10.0 node down -> up"]


def test_an_event_at_time_zero_happens(trace: Trace) -> None:
    b = Builder(1.0)
    b.cohort("node", b.lifecycle("node").state("new").state("old").after(fixed(0.0), "new", "old"))
    assert trace(b.build()) == ["0.0 node new -> old"]


def test_delays_add_up_in_floating_point(trace: Trace) -> None:
    b = Builder(0.35)
    b.cohort("clock", b.lifecycle("clock").state("on").after(fixed(0.1), "on"))
    assert trace(b.build()) == ["0.1 clock on stays", "0.2 clock on stays", "0.30000000000000004 clock on stays"]


def test_a_carried_clock_rings_at_the_stored_time(trace: Trace) -> None:
    """0.2 + (0.9 - 0.2) is 0.8999999999999999: an engine that stores a remaining time would be early."""
    assert 0.2 + (0.9 - 0.2) < 0.9
    b = Builder(1.0)
    life = b.lifecycle("node").state("a").state("b").state("c")
    life.after(fixed(0.2), "a", "b")
    life.after(fixed(0.9), "a", "c", policy="carry", clock="wear", name="wear in a")
    life.after(fixed(0.9), "b", "c", policy="carry", clock="wear", name="wear in b")
    b.cohort("node", life)
    assert trace(b.build()) == ["0.2 node a -> b", "0.9 node b -> c"]
