"""R8: guards are conjunctions, read as of the last sweep."""

from __future__ import annotations

from collections.abc import Callable

from outlast.program import Builder, Each, count_of, emit, value_of
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def test_n_idle_units_fill_k_places_one_by_one(trace: Trace) -> None:
    """4 spares, 2 places.  At 10 s the first fails; both spares start, but the second failure, numbered lower,
    comes before them, so both find a place."""
    b = Builder(15.0)
    b.group("active")
    b.condition("full", count_of("active"), 2)
    life = b.lifecycle("spare").state("idle").state("active", ["active"]).state("broken")
    life.after(fixed(0.0), "idle", "active", when=["!full"]).after(fixed(10.0), "active", "broken")
    b.cohort("spare", life, 4, member={"active": ["active"]})
    assert trace(b.build()) == [
        "0.0 spare[0] idle -> active",
        "0.0 spare[1] idle -> active",
        "0.0 flip full up cause spare[1]",
        "10.0 spare[0] active -> broken",
        "10.0 flip full down cause spare[0]",
        "10.0 spare[1] active -> broken",
        "10.0 spare[2] idle -> active",
        "10.0 spare[3] idle -> active",
        "10.0 flip full up cause spare[3]",
    ]


def test_a_place_freed_takes_exactly_one(trace: Trace) -> None:
    b = Builder(8.0)
    b.group("active")
    b.condition("full", count_of("active"), 1)
    life = b.lifecycle("spare").state("idle").state("active", ["active"]).state("broken")
    life.after(fixed(0.0), "idle", "active", when=["!full"]).after(fixed(3.0), "active", "broken")
    b.cohort("spare", life, 3, member={"active": ["active"]})
    assert trace(b.build()) == [
        "0.0 spare[0] idle -> active",
        "0.0 flip full up cause spare[0]",
        "3.0 spare[0] active -> broken",
        "3.0 flip full down cause spare[0]",
        "3.0 spare[1] idle -> active",
        "3.0 flip full up cause spare[1]",
        "6.0 spare[1] active -> broken",
        "6.0 flip full down cause spare[1]",
        "6.0 spare[2] idle -> active",
        "6.0 flip full up cause spare[2]",
    ]


def test_a_guard_is_read_as_of_the_last_sweep(trace: Trace) -> None:
    """The node is down already, but no sweep has looked: the first row of x, guarded by `ok`, still matches."""
    b = Builder(2.0)
    b.group("nodes")
    b.condition("ok", count_of("nodes"), 1)
    node = b.lifecycle("node").state("up", ["up"]).state("down")
    node.after(fixed(1.0), "up", "down", [emit("x", "go")])
    x = b.lifecycle("x").state("idle").state("calm").state("alarmed")
    x.on("go", "idle", "calm", when=["ok"]).on("go", "idle", "alarmed")
    b.cohort("node", node, member={"nodes": ["up"]})
    b.cohort("x", x)
    assert trace(b.build()) == [
        "1.0 node up -> down",
        "1.0 x idle -> calm cause node",
        "1.0 flip ok down cause node",
    ]


def test_a_clock_started_on_entry_is_stopped_by_the_recheck_of_the_same_instant(trace: Trace) -> None:
    b = Builder(2.0)
    b.group("nodes")
    b.condition("ok", count_of("nodes"), 1)
    node = b.lifecycle("node").state("up", ["up"]).state("down")
    node.after(fixed(1.0), "up", "down", [emit("x", "go")])
    x = b.lifecycle("x").state("idle").state("ready").state("calm").state("alarmed")
    x.on("go", "idle", "ready")
    x.after(fixed(0.0), "ready", "calm", when=["ok"]).after(fixed(0.0), "ready", "alarmed", when=["!ok"])
    b.cohort("x", x)
    b.cohort("node", node, member={"nodes": ["up"]})
    assert trace(b.build()) == [
        "1.0 node up -> down",
        "1.0 x idle -> ready cause node",
        "1.0 flip ok down cause node",
        "1.0 x ready -> alarmed cause node",
    ]


def test_all_guards_of_a_row_must_hold(trace: Trace) -> None:
    """day [2, 6), dry outside [4, 8): both only in [2, 4), 2 s of work, then none are left of 3."""
    b = Builder(12.0)
    b.profile("light", 100.0, [(0.0, 0.0), (2.0, 1.0), (6.0, 0.0), (9.0, 1.0)])
    b.profile("rain", 100.0, [(0.0, 0.0), (4.0, 1.0), (8.0, 0.0)])
    b.condition("day", value_of("light"), 1)
    b.condition("wet", value_of("rain"), 1)
    life = b.lifecycle("job").state("on").state("done")
    life.after(fixed(3.0), "on", "done", when=["day", "!wet"], policy="resume")
    b.cohort("job", life)
    assert [row for row in trace(b.build()) if "job" in row] == ["10.0 job on -> done"]


def test_paired_guards_concern_each_unit_alone(trace: Trace) -> None:
    b = Builder(8.0)
    for i, at in enumerate((2.0, 4.0)):
        b.profile(f"power {i}", 100.0, [(0.0, 1.0), (at, 0.0), (at + 1.0, 1.0)])
        b.condition(f"feed {i}", value_of(f"power {i}"), 1)
    life = b.lifecycle("rack").state("on").state("off")
    life.after(fixed(0.0), "on", "off", when=["!feed"]).after(fixed(0.0), "off", "on", when=["feed"])
    b.cohort("rack", life, 2, bind={"feed": Each("feed 0")})
    assert [row for row in trace(b.build()) if "rack" in row] == [
        "2.0 rack[0] on -> off",
        "3.0 rack[0] off -> on",
        "4.0 rack[1] on -> off",
        "5.0 rack[1] off -> on",
    ]
