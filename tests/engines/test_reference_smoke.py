"""Tiny programs with fixed delays: their exact log, worked out by hand (rules: docs/semantics.md)."""

from __future__ import annotations

import numpy as np
import pytest

from outlast.engines.reference import run
from outlast.errors import LivelockError
from outlast.program import tables as t
from outlast.program.builder import Builder
from outlast.program.model import Case, Each, Lifecycle, Site, Term
from outlast.program.program import Program
from outlast.program.source import count_of, queued_at, value_of
from outlast.program.verbs import (
    commit,
    emit,
    forget,
    release,
    request,
    resize,
    rollback,
    route,
    scatter,
    set_level,
    stage,
    taint,
)
from outlast.program.verbs import record as note
from outlast.stats.distributions import deterministic, exponential, grid, uniform, weibull

Row = tuple[float, str, int, int, int, float, float]


def log_of(program: Program, *kinds: str, seed: int = 1, trace: bool = True) -> list[Row]:
    """Rows of these kinds: (time, kind, a, b, cause, x, y)."""
    rows = [(row[0], t.LOGS[row[1]], *row[2:]) for row in run(program, seed, 0, trace).log.tolist()]
    return [row for row in rows if row[1] in kinds]


def fix(builder: Builder, life: float, work: float) -> Lifecycle:
    """Up for `life`, then waits for a crew, which works for `work`."""
    return (
        builder.lifecycle("node")
        .state("up", ["up"])
        .state("waiting", part="wait")
        .state("repair")
        .after(deterministic(life), "up", "waiting", do=[request("crew")], origin=True)
        .on("granted", "waiting", "repair")
        .after(deterministic(work), "repair", "up", do=[release("crew")])
    )


def test_units_that_fail_at_one_instant_queue_for_the_crew_in_order() -> None:
    b = Builder(horizon=30.0)
    b.group("up")
    b.pool("crew", 1)
    b.cohort("node", fix(b, 10.0, 4.0), 2, member={"up": ["up"]})
    b.condition("all", count_of("up"), 2, measured="service", meter="down")
    program = b.build()
    # both fail at 10; 0 is back at 14, 1 at 18; 0 is repaired from 24 to 28, when 1 fails after 0 is up
    part = program.labels.index("wait")
    assert log_of(program, "stay") == [(14.0, "stay", 1, part, 0, 10.0, 4.0)]
    assert log_of(program, "outage") == [
        (18.0, "outage", 0, 0, 0, 10.0, 8.0),
        (28.0, "outage", 0, 0, 0, 24.0, 4.0),
        (30.0, "outage", 0, 1, 1, 28.0, 2.0),
    ]


def test_meters_are_reduced_per_window_and_the_warm_up_is_a_window() -> None:
    b = Builder(horizon=30.0, warm_up=12.0, window=10.0)
    b.group("up")
    b.pool("crew", 1)
    b.cohort("node", fix(b, 10.0, 4.0), 1, member={"up": ["up"]})
    b.meter("repairs", ("busy", "crew"), "count")
    b.meter("up_s", ("group", "up"))
    b.meter("starts", ("group", "up"), "count")
    b.meter("most", ("group", "up"), "maximum")
    program = b.build()
    outcome = run(program, 1, 0)
    columns = [program.meters.index(name) for name in ("up_s", "starts", "most", "repairs")]
    assert outcome.sums[:, columns].tolist() == [
        [10.0, 0.0, 1.0, 1.0],  # [0, 12): up until 10
        [8.0, 1.0, 1.0, 0.0],  # [12, 22): up from 14 on
        [4.0, 1.0, 1.0, 1.0],  # [22, 30): down from 24 to 28
    ]
    assert outcome.events == 6  # windows at 12 and 22, the unit at 10, 14, 24 and 28


def test_a_swap_within_one_settling_is_no_outage() -> None:
    b = Builder(horizon=20.0)
    b.group("up")
    b.group("spares")
    node = (
        b.lifecycle("node").state("up", ["up"]).state("down").state("spare", ["spare"])
        .after(deterministic(5.0), "up", "down", do=[scatter("spares", "join", ["spare"], 1)])
        .on("join", "spare", "up")
    )  # fmt: skip
    b.cohort("node", node, 1, member={"up": ["up"]})
    b.cohort("spare", node, 1, member={"up": ["up"], "spares": ["spare"]}, start="spare")
    b.condition("enough", count_of("up"), 1, measured="service")
    assert log_of(b.build(), "outage") == [(20.0, "outage", 0, 1, 0, 10.0, 10.0)]  # R14: the spare passes on its cause


def test_preemption_takes_the_latest_grant_first_and_revocation_precedes_the_grant() -> None:
    b = Builder(horizon=5.0)
    low = (
        b.lifecycle("low").state("idle").state("asks").state("busy").state("thrown")
        .after(deterministic(1.0), "idle", "asks", do=[request("crew", 2, then="go", revoked="out")])
        .on("go", "asks", "busy").on("out", "asks", "thrown").on("out", "busy", "thrown")
    )  # fmt: skip
    high = (
        b.lifecycle("high").state("idle").state("asks").state("busy")
        .after(deterministic(3.0), "idle", "asks", do=[request("crew", 0, 2, then="go", preempt=True)])
        .on("go", "asks", "busy")
    )  # fmt: skip
    b.pool("crew", 2)
    b.cohort("low", low, 2)
    b.cohort("high", high, 1)
    program = b.build()
    rows = program.names.rows  # every row has one case
    fired = [(row[2], rows[row[3]]) for row in log_of(program, "fired") if row[0] == 3.0]
    assert fired == [
        (2, "idle -> asks"),
        (1, "busy on out -> thrown"),
        (0, "busy on out -> thrown"),
        (2, "asks on go -> busy"),
    ]


def test_a_profile_starts_and_stops_guarded_clocks_which_resume() -> None:
    b = Builder(horizon=60.0)
    b.profile("hours", 20.0, [(0.0, 1.0), (5.0, 0.0)])
    b.condition("open", value_of("hours"), 1)
    work = (
        b.lifecycle("work").state("todo").state("done")
        .after(deterministic(12.0), "todo", "done", when=["open"], policy="resume")
    )  # fmt: skip
    b.cohort("job", work, 1)
    # 5 s in [0, 5), 5 s in [20, 25), the last 2 s from 40 on
    assert [row[0] for row in log_of(b.build(), "fired")] == [42.0]


def test_a_condition_pairs_with_its_unit_and_signals_its_listeners() -> None:
    b = Builder(horizon=10.0)
    b.group("a0")
    b.group("a1")
    fail = b.lifecycle("fail").state("up", ["up"]).state("down").after(deterministic(2.0), "up", "down")
    b.cohort("x", fail, 1, member={"a1": ["up"]})
    b.cohort("w", fail, 1, member={"a0": ["never"]})
    b.condition("c0", count_of("a0"), 1)
    b.condition("c1", count_of("a1"), 1)
    react = b.lifecycle("react").state("idle").state("moved").after(deterministic(1.0), "idle", "moved", when=["!c"])
    b.cohort("r", react, 2, bind={"c": Each("c0")})
    fired = [(row[0], row[2]) for row in log_of(b.build(), "fired")]
    assert fired == [(1.0, 2), (2.0, 0), (2.0, 1), (3.0, 3)]


def test_scatter_orders_members_round_robin_over_cohorts() -> None:
    b = Builder(horizon=10.0)
    b.group("all")
    member = b.lifecycle("member").state("idle", ["idle"]).state("hit").on("ping", "idle", "hit")
    boss = b.lifecycle("boss").state("a").state("b").after(
        deterministic(1.0), "a", "b", do=[scatter("all", "ping", ["idle"], 3, "last")]
    )  # fmt: skip
    b.cohort("zone0", member, 2, member={"all": ["idle"]})
    b.cohort("zone1", member, 3, member={"all": ["idle"]})
    b.cohort("boss", boss, 1)
    # member order is 0 2 1 3 4
    assert [row[2] for row in log_of(b.build(), "fired")] == [5, 4, 3, 1]


def training(b: Builder) -> Lifecycle:
    return (
        b.lifecycle("job").state("run", rate=2.0).state("down")
        .after(grid(10.0), "run", do=[stage("steps"), commit("steps")], name="checkpoint")
        .after(deterministic(17.0), "run", "down", do=[rollback("steps")], name="crash")
        .after(deterministic(5.0), "down", "run", do=[note("level", "steps")], name="restart")
        .on("goal", "run", do=[set_level("steps", deterministic(1.0))], name="goal")
    )  # fmt: skip


def test_a_crash_loses_what_was_not_committed_and_a_watch_rings_on_time() -> None:
    b = Builder(horizon=30.0)
    b.stock("steps")
    b.cohort("job", training(b), 1, drives="steps")
    b.watch("steps", 32.0, "job", "goal")
    program = b.build()
    # 17 s: level 1 + 2 * 1 after the watch at 16 s; the point of 10 s is worth 20, above the level: a gain
    assert log_of(program, "watch") == [(time, "watch", 0, 0, -1, 32.0, 0.0) for time in (16.0, 28.0)]
    assert log_of(program, "loss") == [(17.0, "loss", 0, 0, 0, -17.0, 20.0)]
    assert log_of(program, "record") == [(22.0, "record", 0, 0, 0, 20.0, 0.0)]
    assert log_of(program, "level") == [(30.0, "level", 0, 0, -1, 1.0 + 2.0 * 2.0, -17.0)]


def test_services_split_load_over_sites_and_retries_reach_the_live_one() -> None:
    b = Builder(horizon=10.0)
    b.profile("demand", 100.0, [(0.0, 8.0)])
    b.group("web")
    node = b.lifecycle("web").state("up", ["up"]).state("down", ["up"]).after(deterministic(4.0), "up", "down")
    b.cohort("well", node, 2, member={"web": ["up"]})
    b.group("sick")
    b.cohort("odd", node, 2, member={"sick": ["up"]})
    sites = [Site("a", (Term("web", capacity=3.0, good=0.5), Term("sick")))]
    b.service("front", value_of("demand"), sites, retry=0.5)
    # L = 4, V = 2: miss = 8 * 2 / 4 = 4, hit = 8 - 4 + 2 = 6 = C, good = 6 * 1 / 2 = 3
    assert run(b.build(), 1, 0).sums.tolist() == [[80.0, 60.0, 30.0, 30.0, 20.0, -20.0]]


def test_a_loop_of_zero_delays_names_its_unit() -> None:
    b = Builder(horizon=10.0)
    loop = b.lifecycle("spin").state("a").after(deterministic(0.0), "a", "a")
    b.cohort("spin", loop, 1)
    with pytest.raises(LivelockError) as caught:
        run(b.build(), 1, 0)
    assert caught.value.units == ["spin"]


def everything() -> Program:
    """A program that uses every verb and policy with random delays."""
    b = Builder(horizon=5000.0, warm_up=500.0, window=1000.0)
    b.profile("shift", 50.0, [(0.0, 1.0), (20.0, 3.0)])
    b.pool("crew", profile="shift")
    b.pool("desk", 1)
    b.group("up")
    b.stock("debt", high=100.0, source=queued_at("crew"))
    b.condition("enough", count_of("up"), 3, measured="service", meter="down")
    b.condition("calm", queued_at("crew"), 2)
    b.service("front", value_of("shift"), [Site("a", (Term("up", capacity=1.0),)), Site("b", (Term("up"),))],
              routes=[(0.5, 0.5), (1.0, 0.0)], needs={"enough": 0.5})  # fmt: skip
    node = (
        b.lifecycle("node").state("up", ["up"]).state("wait", part="wait").state("fix", part="fix")
        .after(weibull(scale=30.0, shape=2.0), "up", "wait", do=[request("crew", 1, revoked="out")],
               origin=True, policy="aged", name="wear", age=uniform(0.0, 20.0))
        .after(exponential(mean=40.0), "up", when=["enough"], policy="resume", name="drill",
               cases=[Case(0.5, "", (emit("boss", "poke"),)),
                      Case(0.5, "wait", (request("crew", 0, preempt=True),))])
        .on("granted", "wait", "fix")
        .on("out", "fix", "wait", do=[request("crew", 2, revoked="out")])
        .on("out", "wait", do=[request("crew", 2, revoked="out")])
        .after(uniform(2.0, 20.0), "fix", "up", do=[release("crew"), forget("wear", 0.5)], policy="repeat")
    )  # fmt: skip
    boss = (
        b.lifecycle("boss").state("idle", rate=1.0).state("busy", rate=-3.0, gain=1.0)
        .after(grid(13.0, None), "idle", "busy",
               do=[stage("debt"), scatter("up", "out", order="each", p=0.3)])
        .after(exponential(mean=5.0), "busy", "idle",
               do=[commit("debt", 1), resize("desk", 1), resize("desk", -1)])
        .after(exponential(mean=50.0), "busy", "idle", policy="carry", clock="audit", name="audit", do=[
            taint("debt"), rollback("debt", clean=True), route("front", 1), note("audit", "debt")])
        .after(exponential(mean=50.0), "idle", policy="carry", clock="audit", name="audit idle", do=[
            set_level("debt", uniform(0.0, 10.0)), route("front", 0), scatter("up", "out", n=2, order="any")])
        .on("poke", "busy", "idle")
    )  # fmt: skip
    b.cohort("node", node, 5, member={"up": ["up"]})
    b.cohort("boss", boss, 1, drives="debt")
    b.watch("debt", 50.0, "boss", "poke")
    b.watch("debt", 5.0, "boss", "poke", up=False)
    b.meter("queue", ("queue", "crew"), "maximum")
    return b.build()


def test_a_replication_repeats_bit_for_bit_and_another_seed_differs() -> None:
    program = everything()
    first, again, other = run(program, 7, 3, True), run(program, 7, 3, True), run(program, 8, 3, True)
    assert first.log.tobytes() == again.log.tobytes()
    assert first.sums.tobytes() == again.sums.tobytes()
    assert first.log.tobytes() != other.log.tobytes()
    assert first.sums.shape == (len(program.windows), len(program.meters))


def test_tracing_changes_nothing_but_the_log() -> None:
    program = everything()
    traced, plain = run(program, 7, 3, True), run(program, 7, 3)
    assert plain.sums.tobytes() == traced.sums.tobytes()
    assert plain.log.tobytes() == traced.log[traced.log["kind"] < t.FIRED].tobytes()
    assert np.all(np.diff(traced.log["time"]) >= 0.0)
