"""R2: the next event is the source with the least (time, number): window, profiles, stocks, units, controllers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.program import Builder, Lifecycle, count_of, emit, value_of
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]


def once(b: Builder, at: float) -> Lifecycle:
    return b.lifecycle("once").state("wait").state("done").after(fixed(at), "wait", "done")


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_units_fire_in_order_of_declaration_at_one_instant(trace: Trace, names: tuple[str, str]) -> None:
    b = Builder(2.0)
    b.cohort(names[0], once(b, 1.0), 2)
    b.cohort(names[1], once(b, 1.0))
    assert trace(b.build()) == [
        f"1.0 {names[0]}[0] wait -> done", f"1.0 {names[0]}[1] wait -> done", f"1.0 {names[1]} wait -> done",
    ]  # fmt: skip


def test_the_earlier_of_two_units_fires_first_whatever_its_number(trace: Trace) -> None:
    b = Builder(3.0)
    b.cohort("late", once(b, 2.0))
    b.cohort("early", once(b, 1.0))
    assert trace(b.build()) == ["1.0 early wait -> done", "2.0 late wait -> done"]


def everything_at_five() -> Builder:
    """At 5 s a unit fires, a stock reaches its watch, a profile steps and a window ends; declared backwards."""
    b = Builder(10.0, window=5.0)
    b.cohort("unit", once(b, 5.0))
    b.cohort("filler", b.lifecycle("filler").state("fill", rate=1.0), drives="tank")
    b.cohort("sink", b.lifecycle("sink").state("wait").on("full", "wait"))
    b.stock("tank")
    b.watch("tank", 5.0, "sink", "full")
    b.profile("load", 100.0, [(0.0, 1.0), (5.0, 2.0)])
    b.condition("high", value_of("load"), 2.0)
    b.gate("highs", ["high"])
    b.meter("rises", ("group", "highs"), "count")
    return b


def test_profile_steps_before_stock_rings_before_unit_fires(trace: Trace) -> None:
    assert trace(everything_at_five().build()) == [
        "5.0 step load 2.0",
        "5.0 flip high up",
        "5.0 watch tank 5.0",
        "5.0 sink wait stays cause none",
        "5.0 unit wait -> done",
        "10.0 level tank 10.0 lost 0.0",
    ]


def test_window_closes_before_everything_else_of_its_instant(sums: Sums) -> None:
    assert sums(everything_at_five().build()) == [{"rises": 0.0}, {"rises": 1.0}]


def test_profiles_and_stocks_go_in_order_of_declaration(trace: Trace) -> None:
    b = Builder(2.0)
    for name in ("p2", "p1"):
        b.profile(name, 100.0, [(0.0, 0.0), (1.0, 1.0)])
    for name in ("s2", "s1"):
        b.stock(name)
        b.watch(name, 1.0, "sink", f"{name} full")
        b.cohort(f"{name} filler", b.lifecycle("filler").state("fill", rate=1.0), drives=name)
    b.cohort("sink", b.lifecycle("sink").state("wait").on("s1 full", "wait").on("s2 full", "wait"))
    assert trace(b.build()) == [
        "1.0 step p2 1.0",
        "1.0 step p1 1.0",
        "1.0 watch s2 1.0",
        "1.0 sink wait stays cause none",
        "1.0 watch s1 1.0",
        "1.0 sink wait stays cause none",
        "2.0 level s2 2.0 lost 0.0",
        "2.0 level s1 2.0 lost 0.0",
    ]


def test_among_equal_clocks_of_a_unit_the_first_row_fires(trace: Trace) -> None:
    b = Builder(5.0)
    life = b.lifecycle("node").state("up").state("first").state("second")
    life.after(fixed(3.0), "up", "first").after(fixed(3.0), "up", "second")
    b.cohort("node", life)
    assert trace(b.build()) == ["3.0 node up -> first"]


def test_the_second_of_two_equal_clocks_fires_next_if_the_first_row_stays(trace: Trace) -> None:
    b = Builder(5.0)
    life = b.lifecycle("node").state("up").state("down")
    life.after(fixed(3.0), "up").after(fixed(3.0), "up", "down")
    b.cohort("node", life)
    assert trace(b.build()) == ["3.0 node up stays", "3.0 node up -> down"]


def test_a_source_armed_again_at_its_instant_is_next_by_number(trace: Trace) -> None:
    b = Builder(2.0)
    chain = b.lifecycle("chain").state("wait").state("hot").state("cold")
    chain.after(fixed(1.0), "wait", "hot").after(fixed(0.0), "hot", "cold")
    b.cohort("one", chain)
    b.cohort("two", chain)
    assert trace(b.build()) == [
        "1.0 one wait -> hot",
        "1.0 one hot -> cold",
        "1.0 two wait -> hot",
        "1.0 two hot -> cold",
    ]


def test_a_lower_number_armed_by_a_higher_one_goes_before_the_rest(trace: Trace) -> None:
    b = Builder(2.0)
    low = b.lifecycle("low").state("idle").state("hot").state("cold")
    low.on("go", "idle", "hot").after(fixed(0.0), "hot", "cold")
    caller = b.lifecycle("caller").state("wait").state("done")
    caller.after(fixed(1.0), "wait", "done", [emit("low", "go")])
    b.cohort("low", low)
    b.cohort("caller", caller)
    b.cohort("last", once(b, 1.0))
    assert trace(b.build()) == [
        "1.0 caller wait -> done",
        "1.0 low idle -> hot cause caller",
        "1.0 low hot -> cold cause caller",
        "1.0 last wait -> done",
    ]


def test_the_world_settles_between_two_events_of_one_instant(trace: Trace) -> None:
    b = Builder(2.0)
    b.group("waiting")
    b.condition("both", count_of("waiting"), 2)
    b.condition("any", count_of("waiting"), 1)
    life = b.lifecycle("node").state("wait", ["w"]).state("done").after(fixed(1.0), "wait", "done")
    b.cohort("node", life, 2, member={"waiting": ["w"]})
    assert trace(b.build()) == [
        "1.0 node[0] wait -> done",
        "1.0 flip both down cause node[0]",
        "1.0 node[1] wait -> done",
        "1.0 flip any down cause node[1]",
    ]
