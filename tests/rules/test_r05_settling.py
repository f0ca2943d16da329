"""R5: signals first in first out, then one sweep, then rechecks; a loop at one instant is an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.engines.outcome import Outcome
from outlast.errors import LivelockError
from outlast.program import Builder, count_of, emit
from outlast.stats.distributions import deterministic as fixed
from outlast.stats.distributions import uniform

Trace = Callable[..., list[str]]
Run = Callable[..., Outcome]


def answering(b: Builder, name: str, signal: str, *do: object) -> None:
    """A unit that on `signal` goes from `idle` to `busy`."""
    b.cohort(name, b.lifecycle(name).state("idle").state("busy").on(signal, "idle", "busy", do))  # type: ignore[arg-type]


def test_signals_are_delivered_first_in_first_out(trace: Trace) -> None:
    """x tells c, but b was told before."""
    b = Builder(2.0)
    answering(b, "c", "go")
    answering(b, "b", "go")
    answering(b, "a", "go", emit("c", "go"))
    boss = b.lifecycle("boss").state("wait").state("done")
    boss.after(fixed(1.0), "wait", "done", [emit("a", "go"), emit("b", "go")])
    b.cohort("boss", boss)
    assert trace(b.build()) == [
        "1.0 boss wait -> done",
        "1.0 a idle -> busy cause boss",
        "1.0 b idle -> busy cause boss",
        "1.0 c idle -> busy cause boss",
    ]


def test_all_signals_come_before_the_sweep_and_its_signals_before_the_next(trace: Trace) -> None:
    b = Builder(2.0)
    for group in ("nodes", "helpers"):
        b.group(group)
    b.condition("nodes ok", count_of("nodes"), 1)
    b.condition("helper idle", count_of("helpers"), 1)
    node = b.lifecycle("node").state("up", ["up"]).state("down")
    node.after(fixed(1.0), "up", "down", [emit("friend", "go")])
    helper = b.lifecycle("helper").state("idle", ["idle"]).state("busy").on("failed", "idle", "busy")
    b.cohort("node", node, member={"nodes": ["up"]})
    b.cohort("helper", helper, member={"helpers": ["idle"]})
    answering(b, "friend", "go")
    b.listen("nodes ok", "helper", fall="failed")
    assert trace(b.build()) == [
        "1.0 node up -> down",
        "1.0 friend idle -> busy cause node",
        "1.0 flip nodes ok down cause node",
        "1.0 helper idle -> busy cause node",
        "1.0 flip helper idle down cause node",
    ]


def test_a_node_made_dirty_in_a_sweep_is_visited_in_the_same_sweep(trace: Trace) -> None:
    """Declared first, but numbered after what it counts: the gate flips before the listener hears of the first fall."""
    b = Builder(2.0)
    b.gate("bad parts", ["!nodes ok", "!spares ok"])
    b.condition("something bad", count_of("bad parts"), 1)
    b.group("nodes")
    b.group("spares")
    b.condition("spares ok", count_of("spares"), 0)
    b.condition("nodes ok", count_of("nodes"), 1)
    life = b.lifecycle("node").state("up", ["up"]).state("down").after(fixed(1.0), "up", "down")
    b.cohort("node", life, member={"nodes": ["up"]})
    answering(b, "helper", "failed")
    b.listen("nodes ok", "helper", fall="failed")
    assert trace(b.build()) == [
        "1.0 node up -> down",
        "1.0 flip nodes ok down cause node",
        "1.0 flip something bad up cause node",
        "1.0 helper idle -> busy cause node",
    ]


def test_a_sweep_visits_nodes_in_ascending_number(trace: Trace) -> None:
    """The effects of the firing touch `second` first; the sweep starts with `first`."""
    b = Builder(2.0)
    for name in ("first", "second"):
        b.group(f"{name} units")
        b.condition(name, count_of(f"{name} units"), 1)
    life = b.lifecycle("node").state("up", ["a", "b"]).state("down").after(fixed(1.0), "up", "down")
    b.cohort("node", life, member=[("second units", ["a"]), ("first units", ["b"])])
    assert trace(b.build()) == [
        "1.0 node up -> down",
        "1.0 flip first down cause node",
        "1.0 flip second down cause node",
    ]


def test_rechecks_come_before_the_signals_of_the_sweep(trace: Trace, luck: Callable[..., float]) -> None:
    """The fall first starts the guarded clock (draw 0), then its signal stops it: back in `watch` it is draw 1."""
    law, b = uniform(10.0, 20.0), Builder(30.0)
    b.group("nodes")
    b.condition("ok", count_of("nodes"), 1)
    node = b.lifecycle("node").state("up", ["up"]).state("down").after(fixed(1.0), "up", "down")
    b.cohort("node", node, member={"nodes": ["up"]})
    helper = b.lifecycle("helper").state("watch").state("call").state("gone")
    helper.after(law, "watch", "gone", when=["!ok"], name="give up")
    helper.on("failed", "watch", "call").after(fixed(0.5), "call", "watch")
    b.cohort("helper", helper)
    b.listen("ok", "helper", fall="failed")
    assert trace(b.build()) == [
        "1.0 node up -> down",
        "1.0 flip ok down cause node",
        "1.0 helper watch -> call cause node",
        "1.5 helper call -> watch cause node",
        f"{1.5 + law.quantile(luck('helper', 'give up', 1))} helper watch -> gone cause node",
    ]


def test_a_loop_of_zero_delays_is_a_livelock_that_names_unit_and_time(run: Run) -> None:
    b = Builder(10.0)
    life = b.lifecycle("spin").state("wait").state("x").state("y")
    life.after(fixed(2.0), "wait", "x").after(fixed(0.0), "x", "y").after(fixed(0.0), "y", "x")
    b.cohort("calm", b.lifecycle("calm").state("on").after(fixed(0.5), "on"))
    b.cohort("spin", life)
    with pytest.raises(LivelockError) as caught:
        run(b.build())
    assert (caught.value.units, caught.value.time_s) == (["spin"], 2.0)


def test_units_that_signal_each_other_for_ever_are_a_livelock(run: Run) -> None:
    b = Builder(10.0)
    for name, other in (("ping", "pong"), ("pong", "ping")):
        life = b.lifecycle(name).state("on").on("ball", "on", do=[emit(other, "ball")])
        if name == "ping":
            life.after(fixed(3.0), "on", do=[emit("pong", "ball")])
        b.cohort(name, life)
    with pytest.raises(LivelockError) as caught:
        run(b.build())
    assert caught.value.units in (["ping"], ["pong"])
    assert caught.value.time_s == 3.0


def test_many_firings_at_different_instants_are_no_livelock(run: Run) -> None:
    b = Builder(12_000.0)
    b.cohort("clock", b.lifecycle("clock").state("on").after(fixed(1.0), "on"))
    assert run(b.build()).events == 11_999
