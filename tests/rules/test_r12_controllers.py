"""R12: controllers sample, recommend, remember and act; evaluations that act on nothing leave no trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from outlast.engines.outcome import Outcome
from outlast.program import Builder, Site, Source, Term, count_of, scatter, use_of, value_of
from outlast.stats.distributions import deterministic as fixed
from outlast.stats.draws import PHASE

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]
DAY = 86_400.0
PLAIN: dict[str, Any] = {"least": 1, "most": 9, "target": 1.0, "total": True, "tolerance": 0.0, "period": 10.0, "lag": 0,
                         "window": 0.0, "grow": (9, 0.0), "shrink": (9, 0.0)}  # fmt: skip


def replicas(b: Builder, ready: int, idle: int, boot: float = 3.0) -> None:
    """`a` are ready, `b` idle; `boot` seconds after the signal they are ready."""
    for group in ("present", "ready"):
        b.group(group)
    life = b.lifecycle("replica").state("ready", ["ready", "present"]).state("idle", ["idle"])
    life.state("boot", ["present"]).after(fixed(boot), "boot", "ready")
    life.on("start", "idle", "boot").on("stop", "ready", "idle").on("stop", "boot", "idle")
    member = {"present": ["present"], "ready": ["ready"]}
    b.cohort("a", life, ready, member=member)
    if idle:
        b.cohort("b", life, idle, member=member, start="idle")


def scaled(load: list[tuple[float, float]], horizon: float, count: int = 1, idle: int = 8, **options: Any) -> Builder:
    """One controller whose total metric is the load, so that a load of n asks for n replicas."""
    b = Builder(horizon)
    b.profile("load", DAY, load)
    replicas(b, count, idle, boot=options.pop("boot", 3.0))
    source: Source = options.pop("metric", value_of("load"))
    b.controller("hpa", source, "present", up=(["idle"], "start"), down=(["present"], "stop"), **{**PLAIN, **options})
    return b


def actions(rows: list[str]) -> list[str]:
    return [row for row in rows if " scale " in row]


# -- one evaluation ---------------------------------------------------------------------------------------------------
def test_whole_log_of_a_step_up_and_down(trace: Trace) -> None:
    b = scaled([(0.0, 1.0), (12.0, 3.0), (35.0, 1.0)], 60.0, idle=3)
    assert trace(b.build()) == [
        "12.0 step load 3.0",
        "20.0 scale hpa 1 to 3 cause hpa",
        "20.0 b[0] idle -> boot cause hpa",
        "20.0 b[1] idle -> boot cause hpa",
        "23.0 b[0] boot -> ready cause hpa",
        "23.0 b[1] boot -> ready cause hpa",
        "35.0 step load 1.0",
        "40.0 scale hpa 3 to 1 cause hpa",
        "40.0 b[1] ready -> idle cause hpa",
        "40.0 b[0] ready -> idle cause hpa",
    ]


def test_first_evaluation_is_at_the_phase_and_sees_the_settled_start(trace: Trace) -> None:
    assert actions(trace(scaled([(0.0, 2.0)], 30.0).build())) == ["0.0 scale hpa 1 to 2 cause hpa"]
    assert actions(trace(scaled([(0.0, 2.0)], 30.0, phase=4.0).build())) == ["4.0 scale hpa 1 to 2 cause hpa"]


def test_evaluation_comes_after_the_step_and_the_units_of_its_instant(trace: Trace) -> None:
    b = scaled([(0.0, 1.0), (10.0, 2.0)], 15.0)
    b.cohort("late", b.lifecycle("late").state("wait").state("done").after(fixed(10.0), "wait", "done"))
    assert trace(b.build())[:3] == ["10.0 step load 2.0", "10.0 late wait -> done", "10.0 scale hpa 1 to 2 cause hpa"]


def test_evaluation_at_the_horizon_does_not_happen(trace: Trace) -> None:
    assert not actions(trace(scaled([(0.0, 1.0), (15.0, 2.0)], 20.0).build()))


def test_metric_is_as_old_as_the_lag(trace: Trace) -> None:
    load = [(0.0, 1.0), (12.0, 2.0)]
    for lag, at in ((0, 20.0), (1, 30.0), (3, 50.0)):
        assert actions(trace(scaled(load, 90.0, lag=lag).build())) == [f"{at} scale hpa 1 to 2 cause hpa"]


def test_nothing_is_recommended_before_the_first_metric_has_arrived(trace: Trace) -> None:
    assert actions(trace(scaled([(0.0, 2.0)], 60.0, lag=2).build())) == ["20.0 scale hpa 1 to 2 cause hpa"]


def test_metric_of_zero_is_not_taken_for_none(trace: Trace) -> None:
    assert actions(trace(scaled([(0.0, 0.0)], 60.0, count=2, lag=2).build())) == ["20.0 scale hpa 2 to 1 cause hpa"]


def test_controller_tries_again_until_there_is_a_member_to_start(trace: Trace) -> None:
    b = scaled([(0.0, 2.0)], 40.0, idle=0)
    life = b.lifecycle("repaired").state("broken").state("idle", ["idle"]).state("up", ["present"])
    life.after(fixed(12.0), "broken", "idle").on("start", "idle", "up")
    b.cohort("c", life, member={"present": ["present"]})
    assert trace(b.build()) == [
        "12.0 c broken -> idle",
        "20.0 scale hpa 1 to 2 cause hpa",
        "20.0 c idle -> up cause hpa",
    ]


def test_bounds_hold_whatever_the_metric(trace: Trace) -> None:
    load = [(0.0, 100.0), (15.0, 0.0)]
    assert actions(trace(scaled(load, 60.0, least=2, most=5).build())) == [
        "0.0 scale hpa 1 to 5 cause hpa", "20.0 scale hpa 5 to 2 cause hpa",
    ]  # fmt: skip


def test_the_policy_that_allows_more_limits_the_growth(trace: Trace) -> None:
    assert [row.split(" cause")[0] for row in actions(trace(scaled(
        [(0.0, 9.0)], 60.0, grow=(2, 1.0)).build()))] == [
        "0.0 scale hpa 1 to 3", "10.0 scale hpa 3 to 6", "20.0 scale hpa 6 to 9",
    ]  # fmt: skip


def test_shares_of_a_reduction_round_up_and_zero_forbids_it(trace: Trace) -> None:
    load = [(0.0, 1.0)]
    assert [row.split(" cause")[0] for row in actions(trace(scaled(load, 40.0, count=7, shrink=(0, 0.5)).build()))] == [
        "0.0 scale hpa 7 to 3", "10.0 scale hpa 3 to 1",
    ]  # fmt: skip
    assert not actions(trace(scaled(load, 40.0, count=7, shrink=(0, 0.0)).build()))


def test_tolerance_of_a_total_includes_its_edge(trace: Trace) -> None:
    assert not actions(trace(scaled([(0.0, 11.0)], 30.0, target=10.0, tolerance=0.1).build()))
    assert actions(trace(scaled([(0.0, 11.1)], 30.0, target=10.0, tolerance=0.1).build()))


def test_quotient_that_is_whole_but_for_rounding_is_whole(trace: Trace) -> None:
    rows = actions(trace(scaled([(0.0, 2.1)], 30.0, target=0.7).build()))  # 2.1 / 0.7 is 3.0000000000000004
    assert rows == ["0.0 scale hpa 1 to 3 cause hpa"]


def test_unlisted_metric_counts_as_zero(trace: Trace) -> None:
    b = scaled([(0.0, 3.0)], 60.0, listed="on")
    b.profile("switch", DAY, [(0.0, 1.0), (25.0, 0.0)])
    b.condition("on", value_of("switch"), 1.0)
    assert actions(trace(b.build())) == ["0.0 scale hpa 1 to 3 cause hpa", "30.0 scale hpa 3 to 1 cause hpa"]


# -- a mean over the ready members ------------------------------------------------------------------------------------
def mean(load: float, count: int, booting: int, **options: Any) -> Builder:
    """Use of `count` members that serve one request per second each, at half of which they should be; at 1 s some more
    are started, which takes long; the evaluation is at 5 s."""
    b = scaled([(0.0, load)], 10.0, count, metric=use_of("requests.all"), boot=500.0, **{
        "total": False, "ready": "ready", "target": 0.5, "phase": 5.0, **options})  # fmt: skip
    b.service("requests", value_of("load"), [Site("all", (Term("ready", capacity=1.0),))])
    life = b.lifecycle("starter").state("wait").state("done")
    life.after(fixed(1.0), "wait", "done", [scatter("present", "start", ["idle"], n=booting)])
    b.cohort("starter", life)
    return b


def wanted(trace: Trace, b: Builder) -> list[str]:
    """`before to after` of every action."""
    return [" ".join(row.split()[3:6]) for row in actions(trace(b.build()))]


def test_mean_asks_for_as_many_as_meet_the_target(trace: Trace) -> None:
    assert wanted(trace, mean(2.2, 2, 0)) == ["2 to 5"]  # use 1.1, 2.2 / 0.5 = 4.4
    assert wanted(trace, mean(0.4, 3, 0)) == ["3 to 1"]


def test_members_that_are_not_ready_count_as_idle_above_the_target(trace: Trace) -> None:
    assert wanted(trace, mean(2.2, 2, 1)) == ["3 to 5"]
    assert wanted(trace, mean(2.2, 2, 3)) == []  # 4.4 of the 5 that will be ready: below the target now
    assert wanted(trace, mean(1.9, 2, 2, tolerance=0.1)) == []  # 3.8 of 4 is within the tolerance


def test_members_without_a_metric_hold_back_a_reduction(trace: Trace) -> None:
    def lost(missing: str) -> Builder:
        b = mean(0.6, 4, 0, missing=missing)
        b.group("lost")
        life = b.lifecycle("gone").state("gone", ["gone"])
        b.cohort("ghost", life, 2, member={"lost": ["gone"]})
        return b

    assert wanted(trace, lost("")) == ["4 to 2"]  # 0.6 / 0.5 = 1.2
    assert wanted(trace, lost("lost")) == []  # 1.2 + 2, rounded up


def test_without_a_ready_member_nothing_changes(trace: Trace) -> None:
    b = mean(5.0, 2, 0, ready="nobody")
    b.group("nobody")
    assert wanted(trace, b) == []


# -- the window -------------------------------------------------------------------------------------------------------
def test_reduction_waits_until_the_last_higher_recommendation_is_a_window_old(trace: Trace) -> None:
    load = [(0.0, 5.0), (12.0, 1.0)]
    assert actions(trace(scaled(load, 90.0, count=5, window=30.0).build())) == ["40.0 scale hpa 5 to 1 cause hpa"]


def test_reduction_goes_down_by_steps_as_recommendations_expire(trace: Trace) -> None:
    load = [(0.0, 5.0), (12.0, 3.0), (22.0, 1.0)]
    rows = actions(trace(scaled(load, 90.0, count=5, window=30.0).build()))
    assert rows == ["40.0 scale hpa 5 to 3 cause hpa", "50.0 scale hpa 3 to 1 cause hpa"]


def test_recommendation_that_stood_during_a_long_sleep_counts_until_its_end(trace: Trace) -> None:
    load = [(0.0, 5.0), (95.0, 1.0)]
    assert actions(trace(scaled(load, 190.0, count=5, window=30.0).build())) == ["120.0 scale hpa 5 to 1 cause hpa"]


def test_growth_does_not_wait(trace: Trace) -> None:
    load = [(0.0, 1.0), (95.0, 4.0)]
    assert actions(trace(scaled(load, 190.0, window=300.0).build())) == ["100.0 scale hpa 1 to 4 cause hpa"]


# -- turns ------------------------------------------------------------------------------------------------------------
def pair(first: Source, second: Source) -> Builder:
    """Two controllers that evaluate at the same instants, each on three members of its own."""
    b = Builder(60.0)
    b.profile("load", DAY, [(0.0, 1.0), (20.0, 3.0)])
    for name, metric in (("one", first), ("two", second)):
        b.group(name)
        life = b.lifecycle(name).state("up", ["up"]).state("idle", ["idle"])
        life.on("start", "idle", "up").on("stop", "up", "idle")
        b.cohort(f"{name}-a", life, member={name: ["up"]})
        b.cohort(f"{name}-b", life, 2, member={name: ["up"]}, start="idle")
        b.controller(f"hpa-{name}", metric, name, up=(["idle"], "start"), down=(["up"], "stop"), **PLAIN)
    return b


def test_what_a_later_controller_does_is_seen_at_the_next_evaluation(trace: Trace) -> None:
    assert [row.split(" cause")[0] for row in actions(trace(pair(count_of("two"), value_of("load")).build()))] == [
        "20.0 scale hpa-two 1 to 3", "30.0 scale hpa-one 1 to 3",
    ]  # fmt: skip


def test_what_an_earlier_controller_does_is_seen_at_once(trace: Trace) -> None:
    assert [row.split(" cause")[0] for row in actions(trace(pair(value_of("load"), count_of("one")).build()))] == [
        "20.0 scale hpa-one 1 to 3", "20.0 scale hpa-two 1 to 3",
    ]  # fmt: skip


def test_what_a_unit_does_after_the_turn_of_its_instant_is_seen_at_the_next(trace: Trace) -> None:
    b = scaled([(0.0, 1.0)], 60.0, boot=0.0, metric=count_of("ready"), least=2, grow=(1, 0.0), most=4)
    b.controller("pusher", value_of("push"), "extra", up=(["idle"], "start"), down=(["up"], "stop"), **PLAIN)
    b.profile("push", DAY, [(0.0, 1.0), (20.0, 2.0)])
    b.group("extra")
    life = b.lifecycle("extra").state("up", ["up", "present"]).state("idle", ["idle"]).state("think", ["up"])
    life.on("start", "idle", "think").after(fixed(0.0), "think", "up", name="thought").on("stop", "up", "idle")
    b.cohort("extra-a", life, member={"extra": ["up"]})
    b.cohort("extra-b", life, member={"extra": ["up"], "ready": ["present"]}, start="idle")
    rows = trace(b.build())
    thought = rows.index("20.0 extra-b think -> up cause pusher")
    assert rows[thought + 1].startswith("30.0 scale hpa 2 to 3")


# -- accounting ---------------------------------------------------------------------------------------------------------
def test_actions_are_metered_and_only_they_are_events(sums: Sums, run: Callable[..., Outcome]) -> None:
    b = scaled([(0.0, 1.0), (12.0, 3.0), (35.0, 1.0)], 1000.0, idle=3)
    b.meter("ups", ("ups", "hpa"), "count")
    b.meter("downs", ("downs", "hpa"), "count")
    program = b.build()
    (row,) = sums(program)
    assert row == {"ups": 1.0, "downs": 1.0}
    assert run(program).events == 2 + 2 + 2  # steps, actions, cold starts


def test_outage_that_a_controller_causes_names_it(trace: Trace) -> None:
    b = scaled([(0.0, 3.0), (12.0, 1.0)], 30.0, count=3)
    b.condition("three", count_of("ready"), 3, measured="three")
    program = b.build()
    assert "20.0 flip three down cause hpa" in trace(program)
    assert trace(program)[-1] == "outage three 20.0 +10.0 cause hpa censored"
    assert program.cause_scope(-2) == "controller"


def test_drawn_phase_is_below_the_period_and_keyed_by_name(trace: Trace, luck: Callable[..., float]) -> None:
    (row,) = actions(trace(scaled([(0.0, 3.0)], 15.0, phase=None).build()))
    assert float(row.split()[0]) == luck("hpa", int(PHASE), 0) * 10.0
