"""The verbs that no rule owns: scatter, emit, resize, record, forget."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.program import (
    Builder,
    Each,
    Program,
    count_of,
    emit,
    forget,
    level_of,
    record,
    request,
    resize,
    scatter,
    set_level,
    value_of,
)
from outlast.program.verbs import Effect
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def zones(strike: Effect) -> Program:
    """Members: a has three units, b two; b[0] is busy.  The caller strikes at 1 s."""
    b = Builder(2.0)
    b.group("nodes")
    life = b.lifecycle("node").state("idle", ["idle"]).state("busy", ["busy"])
    life.on("hit", "idle").on("hit", "busy")
    b.cohort("caller", b.lifecycle("caller").state("on").state("off").after(fixed(1.0), "on", "off", [strike]))
    b.cohort("a", life, 3, member={"nodes": ["idle"]})
    b.cohort("b busy", life, 1, member={"nodes": ["idle"]}, start="busy")
    b.cohort("b", life, 2, member={"nodes": ["idle"]})
    return b.build()


def struck(rows: list[str]) -> list[str]:
    return [row.split(" ", 1)[1].split(" stays")[0].rpartition(" ")[0] for row in rows if "stays" in row]


ROUND = ["a[0]", "b busy", "b[0]", "a[1]", "b[1]", "a[2]"]
IDLE = [name for name in ROUND if name != "b busy"]


@pytest.mark.parametrize(
    ("strike", "expected"),
    [
        (scatter("nodes", "hit"), ROUND),
        (scatter("nodes", "hit", order="last"), ROUND[::-1]),
        (scatter("nodes", "hit", ["idle"]), IDLE),
        (scatter("nodes", "hit", ["busy"]), ["b busy"]),
        (scatter("nodes", "hit", ["idle", "busy"]), ROUND),
        (scatter("nodes", "hit", ["idle"], n=3), IDLE[:3]),
        (scatter("nodes", "hit", ["idle"], n=2, order="last"), IDLE[::-1][:2]),
        (scatter("nodes", "hit", n=0), []),
        (scatter("nodes", "hit", n=99), ROUND),
        (scatter("nodes", "hit", order="each", p=1.0), ROUND),
        (scatter("nodes", "hit", order="each", n=2, p=1.0), ROUND),
        (scatter("nodes", "hit", ["idle"], order="each", p=1.0), IDLE),
        (scatter("nodes", "hit", order="each", p=0.0), []),
        (scatter("nodes", "hit", ["busy"], n=1, order="any"), ["b busy"]),
        (scatter("nodes", "hit", n=0, order="any"), []),
    ],
)
def test_scatter_selects_in_member_order(trace: Trace, strike: Effect, expected: list[str]) -> None:
    """Member order: index in the cohort first, then cohort."""
    assert struck(trace(zones(strike))) == expected


@pytest.mark.parametrize(("n", "size"), [(-1, 6), (6, 6), (9, 6), (2, 2)])
def test_scatter_any_hits_n_different_members(trace: Trace, n: int, size: int) -> None:
    names = struck(trace(zones(scatter("nodes", "hit", n=n, order="any"))))
    assert len(names) == len(set(names)) == size
    assert set(names) <= set(ROUND)


def test_scatter_selects_before_anybody_reacts(trace: Trace) -> None:
    """Both are selected although the first, once hit, moves the second out of the tag."""
    b = Builder(2.0)
    b.group("nodes")
    life = b.lifecycle("node").state("idle", ["idle"]).state("busy")
    life.on("hit", "idle", "busy", [scatter("nodes", "flee", ["idle"])]).on("flee", "idle", "busy").on("hit", "busy")
    b.cohort("node", life, 2, member={"nodes": ["idle"]})
    caller = b.lifecycle("caller").state("on").state("off")
    b.cohort("caller", caller.after(fixed(1.0), "on", "off", [scatter("nodes", "hit", ["idle"])]))
    assert trace(b.build()) == [
        "1.0 caller on -> off",
        "1.0 node[0] idle -> busy cause caller",
        "1.0 node[1] idle -> busy cause caller",
    ]


def test_a_paired_cohort_counts_in_its_own_groups(trace: Trace) -> None:
    b = Builder(3.0)
    for rack in ("rack 0", "rack 1"):
        b.group(rack)
        b.condition(f"{rack} up", count_of(rack), 1)
    node = b.lifecycle("node").state("up", ["up"]).state("down").on("break", "up", "down")
    b.cohort("node", node, 2, member=[(Each("rack 0"), ["up"])])
    caller = b.lifecycle("caller").state("on").state("off")
    b.cohort("caller", caller.after(fixed(1.0), "on", "off", [emit("second", "break")]), bind={"second": "node"})
    assert trace(b.build()) == [
        "1.0 caller on -> off",
        "1.0 node[0] up -> down cause caller",
        "1.0 flip rack 0 up down cause caller",
    ]


def test_emit_reaches_one_unit_and_paired_emit_the_partner(trace: Trace) -> None:
    b = Builder(3.0)
    b.cohort("disk", b.lifecycle("disk").state("on").on("stop", "on"), 2)
    host = b.lifecycle("host").state("up").state("down").after(fixed(1.0), "up", "down", [emit("disk", "stop")])
    b.cohort("host", host, 2, bind={"disk": Each("disk")})
    b.cohort("lone", host)
    assert trace(b.build()) == [
        "1.0 host[0] up -> down",
        "1.0 disk[0] on stays cause host[0]",
        "1.0 host[1] up -> down",
        "1.0 disk[1] on stays cause host[1]",
        "1.0 lone up -> down",
        "1.0 disk[0] on stays cause lone",
    ]


def test_record_logs_with_and_without_a_level(trace: Trace) -> None:
    b = Builder(5.0)
    b.stock("tank", initial=1.0)
    life = b.lifecycle("node").state("on", rate=0.5).state("off")
    life.after(fixed(2.0), "on", "off", [record("full", "tank"), record("empty")])
    b.cohort("node", life, drives="tank")
    assert trace(b.build()) == [
        "2.0 node on -> off",
        "2.0 record full node level 2.0 cause node",
        "2.0 record empty node cause node",
        "5.0 level tank 2.0 lost 0.0",
    ]


def test_set_copies_a_level_times_a_factor(trace: Trace) -> None:
    """At 3 s the source holds 6; half of it is copied."""
    b = Builder(4.0)
    b.stock("source")
    b.stock("copy")
    life = b.lifecycle("node").state("on", rate=2.0)
    life.after(fixed(3.0), "on", do=[set_level("copy", fixed(0.5), level_of("source"))])
    b.cohort("node", life, drives="source")
    assert trace(b.build()) == [
        "3.0 node on stays",
        "4.0 level source 8.0 lost 0.0",
        "4.0 level copy 3.0 lost 0.0",
    ]


def test_resize_may_leave_less_than_is_held(trace: Trace) -> None:
    """Two of 2 are held; minus 1, then plus 1: the third waits until there is room for it."""
    b = Builder(9.0)
    b.pool("crew", 2)
    life = b.lifecycle("job").state("new").state("waiting").state("working")
    life.after(fixed(0.0), "new", "waiting", [request("crew")]).on("granted", "waiting", "working")
    b.cohort("job", life, 3)
    owner = b.lifecycle("owner").state("0").state("1").state("2").state("3")
    for i, by in enumerate((-1, 1, 1)):
        owner.after(fixed(1.0), f"{i}", f"{i + 1}", [resize("crew", by)])
    b.cohort("owner", owner)
    assert trace(b.build())[5:] == [
        "1.0 owner 0 -> 1",
        "2.0 owner 1 -> 2",
        "3.0 owner 2 -> 3",
        "3.0 job[2] waiting -> working cause owner",
    ]


def test_resize_of_a_pool_on_a_calendar_lasts(trace: Trace) -> None:
    """1 + 1 by resize; the calendar's step from 1 to 2 adds one more: three of four are granted."""
    b = Builder(9.0)
    b.profile("shift", 100.0, [(0.0, 1.0), (3.0, 2.0)])
    b.pool("crew", profile="shift")
    life = b.lifecycle("job").state("new").state("waiting").state("working")
    life.after(fixed(0.0), "new", "waiting", [request("crew")]).on("granted", "waiting", "working")
    b.cohort("job", life, 4)
    owner = b.lifecycle("owner").state("poor").state("rich").after(fixed(1.0), "poor", "rich", [resize("crew", 1)])
    b.cohort("owner", owner)
    rows = [row.split(" cause")[0] for row in trace(b.build()) if "working" in row]
    assert rows == [
        "0.0 job[0] waiting -> working",
        "1.0 job[1] waiting -> working",
        "3.0 job[2] waiting -> working",
    ]


@pytest.mark.parametrize("policy", ["resume", "repeat"])
def test_forget_clears_a_memory(trace: Trace, policy: str) -> None:
    """Works at [0, 4), stops, forgets at 5 s while stopped, goes on at 6 s: 10 s from there, until 16 s.

    (A fixed delay repeated is the same with and without memory; it must not become anything else.)
    """
    b = Builder(20.0)
    b.profile("open", 100.0, [(0.0, 1.0), (4.0, 0.0), (6.0, 1.0)])
    b.condition("is open", value_of("open"), 1)
    life = b.lifecycle("job").state("on").state("done")
    life.after(fixed(10.0), "on", "done", when=["is open"], policy=policy, name="work")
    life.on("clear", "on", do=[forget("work")])
    b.cohort("job", life)
    caller = b.lifecycle("caller").state("wait").state("over")
    b.cohort("caller", caller.after(fixed(5.0), "wait", "over", [emit("job", "clear")]))
    assert [row for row in trace(b.build()) if "job" in row] == [
        "5.0 job on stays cause caller",
        "16.0 job on -> done cause caller",
    ]


@pytest.mark.parametrize(("kept", "left"), [(0.0, 10.0), (0.25, 9.0), (1.0, 6.0)])
def test_forget_keeps_a_share_of_an_age(trace: Trace, kept: float, left: float) -> None:
    """4 s old when stopped at 4 s; at 6 s it goes on with `kept` of that."""
    b = Builder(20.0)
    life = b.lifecycle("part").state("on").state("off").state("done")
    life.after(fixed(10.0), "on", "done", policy="aged", name="life")
    life.on("stop", "on", "off").after(fixed(2.0), "off", "on", [forget("life", kept)])
    b.cohort("part", life)
    caller = b.lifecycle("caller").state("wait").state("over")
    b.cohort("caller", caller.after(fixed(4.0), "wait", "over", [emit("part", "stop")]))
    assert trace(b.build())[-1] == f"{6.0 + left} part on -> done cause caller"
