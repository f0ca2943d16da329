"""R7: counts change at once, conditions only in sweeps; what a flip does, in which order."""

from __future__ import annotations

from collections.abc import Callable

from outlast.program import Builder, Lifecycle, count_of, emit, free_in, queued_at, release, request, value_of
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]


def failing(b: Builder, at: float, repair: float, *do: object) -> Lifecycle:
    life = b.lifecycle("node").state("up", ["up"]).state("down")
    life.after(fixed(at), "up", "down", do)  # type: ignore[arg-type]
    return life.after(fixed(repair), "down", "up")


def spare(b: Builder) -> Lifecycle:
    return b.lifecycle("spare").state("idle").state("active", ["up"]).on("take over", "idle", "active")


def test_a_swap_within_one_settling_is_no_outage(trace: Trace) -> None:
    """The failing member signals the spare itself; its count is back before the sweep looks."""
    b = Builder(8.0)
    b.group("active")
    b.condition("service", count_of("active"), 1, measured="service")
    b.cohort("node", failing(b, 5.0, 100.0, emit("spare", "take over")), member={"active": ["up"]})
    b.cohort("spare", spare(b), member={"active": ["up"]})
    assert trace(b.build()) == ["5.0 node up -> down", "5.0 spare idle -> active cause node"]


def test_a_swap_by_a_listener_flips_but_leaves_no_outage_of_length_zero(trace: Trace) -> None:
    b = Builder(8.0)
    b.group("active")
    b.condition("service", count_of("active"), 1, measured="service")
    b.cohort("node", failing(b, 5.0, 100.0), member={"active": ["up"]})
    b.cohort("spare", spare(b), member={"active": ["up"]})
    b.listen("service", "spare", fall="take over")
    assert trace(b.build()) == [
        "5.0 node up -> down",
        "5.0 flip service down cause node",
        "5.0 spare idle -> active cause node",
        "5.0 flip service up cause node",
    ]


def test_an_outage_lasts_from_fall_to_rise_and_keeps_the_cause_of_its_fall(trace: Trace) -> None:
    """2 of 3 are needed: down when the second fails at 4, up when the first is back at 7."""
    b = Builder(7.5)
    b.group("active")
    b.condition("service", count_of("active"), 2, measured="service")
    for name, at in (("first", 2.0), ("second", 4.0), ("third", 6.0)):
        b.cohort(name, failing(b, at, 5.0), member={"active": ["up"]})
    b.condition("all gone", count_of("active"), 1)
    assert trace(b.build()) == [
        "2.0 first up -> down",
        "4.0 second up -> down",
        "4.0 flip service down cause second",
        "6.0 third up -> down",
        "6.0 flip all gone down cause third",
        "7.0 first down -> up",
        "7.0 flip all gone up cause first",
        "outage service 4.0 +3.5 cause second censored",
    ]


def test_the_outage_is_logged_when_it_ends(trace: Trace) -> None:
    b = Builder(6.0)
    b.group("active")
    b.condition("service", count_of("active"), 1, measured="service")
    b.cohort("node", failing(b, 2.0, 1.0), member={"active": ["up"]})
    assert trace(b.build()) == [
        "2.0 node up -> down",
        "2.0 flip service down cause node",
        "3.0 node down -> up",
        "3.0 flip service up cause node",
        "outage service 2.0 +1.0 cause node",
        "5.0 node up -> down",
        "5.0 flip service down cause node",
        "outage service 5.0 +1.0 cause node censored",
    ]


def test_listeners_hear_in_the_order_they_were_added(trace: Trace) -> None:
    b = Builder(4.0)
    b.group("active")
    b.condition("service", count_of("active"), 1)
    b.cohort("node", failing(b, 2.0, 1.0), member={"active": ["up"]})
    for name in ("a", "b", "c"):
        b.cohort(name, b.lifecycle(name).state("idle").on("fell", "idle").on("rose", "idle"))
    b.listen("service", "c", fall="fell")
    b.listen("service", "a", fall="fell", rise="rose")
    b.listen("service", "b", rise="rose")
    assert trace(b.build()) == [
        "2.0 node up -> down",
        "2.0 flip service down cause node",
        "2.0 c idle stays cause node",
        "2.0 a idle stays cause node",
        "3.0 node down -> up",
        "3.0 flip service up cause node",
        "3.0 a idle stays cause node",
        "3.0 b idle stays cause node",
    ]


def test_a_listener_is_one_unit_of_its_cohort(trace: Trace) -> None:
    b = Builder(2.5)
    b.group("active")
    b.condition("service", count_of("active"), 1)
    b.cohort("node", failing(b, 2.0, 1.0), member={"active": ["up"]})
    b.cohort("crew", b.lifecycle("crew").state("idle").on("fell", "idle"), 3)
    b.listen("service", "crew", fall="fell", index=1)
    assert trace(b.build())[2:] == ["2.0 crew[1] idle stays cause node"]


def test_a_gate_counts_conditions_while_they_equal_what_it_wants(trace: Trace) -> None:
    """`alarm` = at least two of: a false, b false, night true."""
    b = Builder(9.0)
    for name, at in (("a", 2.0), ("b", 3.0)):
        b.group(name + " units")
        b.condition(name, count_of(name + " units"), 1)
        b.cohort(name + " node", failing(b, at, 4.0), member={name + " units": ["up"]})
    b.profile("clock", 100.0, [(0.0, 0.0), (5.0, 1.0)])
    b.condition("night", value_of("clock"), 1)
    b.gate("troubles", ["!a", "!b", "night"])
    b.condition("alarm", count_of("troubles"), 2)
    assert trace(b.build()) == [
        "2.0 a node up -> down",
        "2.0 flip a down cause a node",
        "3.0 b node up -> down",
        "3.0 flip b down cause b node",
        "3.0 flip alarm up cause b node",
        "5.0 step clock 1.0",
        "5.0 flip night up",
        "6.0 a node down -> up",
        "6.0 flip a up cause a node",
        "7.0 b node down -> up",
        "7.0 flip b up cause b node",
        "7.0 flip alarm down cause b node",
        "8.0 a node up -> down",
        "8.0 flip a down cause a node",
        "8.0 flip alarm up cause a node",
    ]


def test_conditions_read_free_tokens_and_queued_claims(trace: Trace) -> None:
    b = Builder(9.0)
    b.pool("crew", 1)
    b.condition("crew free", free_in("crew"), 1)
    b.condition("someone waits", queued_at("crew"), 1)
    life = b.lifecycle("job").state("new").state("waiting").state("working").state("done")
    life.after(fixed(1.0), "new", "waiting", [request("crew")])
    life.on("granted", "waiting", "working").after(fixed(3.0), "working", "done", [release("crew")])
    b.cohort("job", life, 2)
    assert trace(b.build()) == [
        "1.0 job[0] new -> waiting",
        "1.0 job[0] waiting -> working",
        "1.0 flip crew free down cause job[0]",
        "1.0 job[1] new -> waiting",
        "1.0 flip someone waits up cause job[1]",
        "4.0 job[0] working -> done",
        "4.0 job[1] waiting -> working cause job[0]",
        "4.0 flip someone waits down cause job[0]",
        "7.0 job[1] working -> done cause job[0]",
        "7.0 flip crew free up cause job[0]",
    ]


def test_the_meter_of_a_condition_runs_while_it_is_false(sums: Sums) -> None:
    b = Builder(10.0)
    b.group("active")
    b.condition("service", count_of("active"), 1, meter="service.down")
    b.cohort("node", failing(b, 2.0, 1.5), member={"active": ["up"]})
    assert sums(b.build()) == [{"service.down": 1.5 + 1.5 + 1.0}]
