"""R14: who is to blame."""

from __future__ import annotations

from collections.abc import Callable

from outlast.program import Builder, Program, emit, record, rollback, scatter, value_of
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]


def storm_and_node(origin: bool) -> Program:
    """The storm breaks the node at 2 s; repaired at 3 s; it fails by itself 4 s later."""
    b = Builder(9.0)
    storm = b.lifecycle("storm").state("wait").state("over")
    b.cohort("storm", storm.after(fixed(2.0), "wait", "over", [emit("node", "break")]))
    node = b.lifecycle("node").state("up").state("down")
    node.on("break", "up", "down").after(fixed(4.0), "up", "down", origin=origin).after(fixed(1.0), "down", "up")
    b.cohort("node", node)
    return b.build()


def test_a_timed_firing_passes_on_the_cause_the_unit_stored(trace: Trace) -> None:
    """Without an origin row the storm is to blame for ever."""
    assert trace(storm_and_node(origin=False)) == [
        "2.0 storm wait -> over",
        "2.0 node up -> down cause storm",
        "3.0 node down -> up cause storm",
        "7.0 node up -> down cause storm",
        "8.0 node down -> up cause storm",
    ]


def test_an_origin_row_makes_the_unit_its_own_cause(trace: Trace) -> None:
    assert trace(storm_and_node(origin=True)) == [
        "2.0 storm wait -> over",
        "2.0 node up -> down cause storm",
        "3.0 node down -> up cause storm",
        "7.0 node up -> down",
        "8.0 node down -> up",
    ]


def test_a_cause_travels_along_signals(trace: Trace) -> None:
    """zone -> rack -> node, and on: the node's own delayed reaction still carries the zone."""
    b = Builder(9.0)
    zone = b.lifecycle("zone").state("up").state("down")
    b.cohort("zone", zone.after(fixed(1.0), "up", "down", [emit("rack", "cut")], origin=True))
    rack = b.lifecycle("rack").state("up").state("down")
    b.cohort("rack", rack.on("cut", "up", "down", [emit("node", "cut")]))
    node = b.lifecycle("node").state("up").state("stopping").state("down")
    node.on("cut", "up", "stopping").after(fixed(2.0), "stopping", "down", [emit("app", "gone")])
    b.cohort("node", node)
    b.cohort("app", b.lifecycle("app").state("on").on("gone", "on", do=[record("gone")]))
    assert trace(b.build()) == [
        "1.0 zone up -> down",
        "1.0 rack up -> down cause zone",
        "1.0 node up -> stopping cause zone",
        "3.0 node stopping -> down cause zone",
        "3.0 app on stays cause zone",
        "3.0 record gone app cause zone",
    ]


def test_a_profile_and_a_watch_have_no_cause_and_the_next_timed_firing_is_its_own(trace: Trace) -> None:
    b = Builder(9.0)
    b.profile("plan", 100.0, [(0.0, 1.0), (2.0, 0.0)])
    b.condition("planned", value_of("plan"), 1, measured="planned")
    b.stock("tank")
    b.watch("tank", 5.0, "node", "stop")
    node = b.lifecycle("node").state("up", rate=1.0).state("down", rate=1.0)
    node.on("stop", "up", "down").after(fixed(1.0), "down", "up")
    b.cohort("node", node, drives="tank")
    b.listen("planned", "node", fall="stop")
    assert trace(b.build()) == [
        "2.0 step plan 0.0",
        "2.0 flip planned down",
        "2.0 node up -> down cause none",
        "3.0 node down -> up",
        "5.0 watch tank 5.0",
        "5.0 node up -> down cause none",
        "6.0 node down -> up",
        "outage planned 2.0 +7.0 censored",
        "9.0 level tank 9.0 lost 0.0",
    ]


def test_a_signal_overwrites_the_cause_a_unit_had(trace: Trace) -> None:
    """The watch, which has no cause, clears the storm from the node's memory."""
    b = Builder(9.0)
    storm = b.lifecycle("storm").state("wait").state("over")
    b.cohort("storm", storm.after(fixed(2.0), "wait", "over", [emit("node", "ping")]))
    b.stock("tank")
    b.watch("tank", 5.0, "node", "ping")
    node = b.lifecycle("node").state("up", rate=1.0).on("ping", "up").after(fixed(3.5), "up")
    b.cohort("node", node, drives="tank")
    assert trace(b.build()) == [
        "2.0 storm wait -> over",
        "2.0 node up stays cause storm",
        "3.5 node up stays cause storm",
        "5.0 watch tank 5.0",
        "5.0 node up stays cause none",
        "7.0 node up stays",
        "9.0 level tank 9.0 lost 0.0",
    ]


def test_losses_and_records_carry_the_cause_of_their_event(trace: Trace) -> None:
    b = Builder(4.0)
    b.group("jobs")
    zone = b.lifecycle("zone").state("up").state("down")
    b.cohort("zone", zone.after(fixed(3.0), "up", "down", [scatter("jobs", "stop")]))
    b.stock("work")
    job = b.lifecycle("job").state("run", rate=2.0).state("stopped")
    b.cohort("job", job.on("stop", "run", "stopped", [rollback("work"), record("begun", "work")]),
             member={"jobs": []}, drives="work")  # fmt: skip
    assert trace(b.build()) == [
        "3.0 zone up -> down",
        "3.0 job run -> stopped cause zone",
        "3.0 loss work 6.0 to 0.0 by job cause zone",
        "3.0 record begun job level 0.0 cause zone",
        "4.0 level work 0.0 lost 6.0",
    ]
