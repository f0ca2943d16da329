"""R16: the values everything has at t = 0."""

from __future__ import annotations

from collections.abc import Callable

from outlast.program import (
    Builder,
    Site,
    Term,
    count_of,
    free_in,
    level_of,
    rate_of,
    request,
    value_of,
)
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]


def test_a_measured_condition_that_is_false_begins_an_outage_without_a_cause(trace: Trace) -> None:
    """And nobody is told: the listener hears only of the rise at 3 s."""
    b = Builder(9.0)
    b.group("ups")
    b.condition("service", count_of("ups"), 1, measured="service", meter="down")
    life = b.lifecycle("node").state("down").state("up", ["up"]).after(fixed(3.0), "down", "up")
    b.cohort("node", life, member={"ups": ["up"]})
    b.cohort("crew", b.lifecycle("crew").state("on").on("fell", "on").on("rose", "on"))
    b.listen("service", "crew", rise="rose", fall="fell")
    assert trace(b.build()) == [
        "3.0 node down -> up",
        "3.0 flip service up cause node",
        "outage service 0.0 +3.0",
        "3.0 crew on stays cause node",
    ]


def test_an_outage_of_the_whole_run_is_censored(trace: Trace, sums: Sums) -> None:
    b = Builder(9.0)
    b.group("nobody")
    b.condition("service", count_of("nobody"), 1, measured="service", meter="down")
    b.cohort("rock", b.lifecycle("rock").state("on"))
    assert trace(b.build()) == ["outage service 0.0 +9.0 censored"]
    assert sums(b.build()) == [{"down": 9.0}]


def test_conditions_that_are_true_at_the_start_are_no_rise(trace: Trace) -> None:
    b = Builder(1.0)
    b.profile("plan", 10.0, [(0.0, 5.0)])
    b.condition("planned", value_of("plan"), 5)
    b.cohort("crew", b.lifecycle("crew").state("on").on("rose", "on"))
    b.listen("planned", "crew", rise="rose")
    assert trace(b.build()) == []


def test_gates_and_what_reads_them_are_evaluated_in_order(trace: Trace) -> None:
    """`alarm` (declared first) is true at 0: a is false, b true.  Guards know it at 0 already."""
    b = Builder(1.0)
    b.gate("troubles", ["!a", "b"])
    b.condition("alarm", count_of("troubles"), 2)
    b.profile("zero", 10.0, [(0.0, 0.0)])
    b.condition("a", value_of("zero"), 1)
    b.condition("b", value_of("zero"), 0)
    life = b.lifecycle("crew").state("idle").state("called").state("never")
    life.after(fixed(0.5), "idle", "never", when=["!alarm"]).after(fixed(0.5), "idle", "called", when=["alarm"])
    b.cohort("crew", life)
    assert trace(b.build()) == ["0.5 crew idle -> called"]


def test_a_pool_on_a_calendar_starts_with_the_first_value(trace: Trace) -> None:
    """The profile says 1, whatever capacity was declared; conditions see it at once."""
    b = Builder(5.0)
    b.profile("shift", 100.0, [(0.0, 1.0), (3.0, 2.0)])
    b.pool("crew", profile="shift")
    b.condition("two free", free_in("crew"), 2, measured="two free")
    life = b.lifecycle("job").state("new").state("waiting").state("working")
    life.after(fixed(0.0), "new", "waiting", [request("crew")]).on("granted", "waiting", "working")
    b.cohort("job", life, 2)
    assert trace(b.build()) == [
        "0.0 job[0] new -> waiting",
        "0.0 job[0] waiting -> working",
        "0.0 job[1] new -> waiting",
        "3.0 step shift 2.0",
        "3.0 job[1] waiting -> working cause none",
        "outage two free 0.0 +5.0 censored",
    ]


def test_a_stock_flows_from_the_start_at_the_rate_of_a_service(trace: Trace) -> None:
    """4 of 10 requests a second are served from 0 on; the level is read by a clock that starts at 0."""
    b = Builder(10.0)
    b.profile("load", 100.0, [(0.0, 10.0)])
    b.group("servers")
    b.cohort("server", b.lifecycle("server").state("up", ["up"]), member={"servers": ["up"]})
    b.service("web", value_of("load"), [Site("only", (Term("servers", capacity=4.0),))])
    b.stock("done", initial=2.0, source=rate_of("web", "served"))
    b.watch("done", 22.0, "counter", "enough")
    life = b.lifecycle("counter").state("on", gain=1.0).state("off").on("enough", "on", "off")
    life.after(fixed(3.0), "on", scale=level_of("done"))
    b.cohort("counter", life, drives="done")
    assert trace(b.build()) == [
        "5.0 watch done 22.0",
        "5.0 counter on -> off cause none",
        "10.0 level done 22.0 lost 0.0",
    ]


def test_a_delay_at_the_start_is_scaled_by_the_initial_level(trace: Trace) -> None:
    b = Builder(10.0)
    b.stock("tank", initial=2.0)
    life = b.lifecycle("node").state("on").state("off").after(fixed(3.0), "on", "off", scale=level_of("tank"))
    b.cohort("node", life)
    assert trace(b.build())[0] == "6.0 node on -> off"


def test_a_cohort_may_start_in_another_state(trace: Trace) -> None:
    b = Builder(3.0)
    b.group("ups")
    b.condition("both", count_of("ups"), 2)
    life = b.lifecycle("node").state("up", ["up"]).state("spare")
    life.after(fixed(2.0), "up", "spare").after(fixed(1.0), "spare", "up")
    b.cohort("first", life, member={"ups": ["up"]})
    b.cohort("second", life, member={"ups": ["up"]}, start="spare")
    assert trace(b.build()) == [
        "1.0 second spare -> up",
        "1.0 flip both up cause second",
        "2.0 first up -> spare",
        "2.0 flip both down cause first",
    ]


def test_meters_start_from_the_values_at_zero_and_count_no_step(sums: Sums) -> None:
    b = Builder(4.0)
    b.group("ups")
    b.cohort("node", b.lifecycle("node").state("up", ["up"]), 3, member={"ups": ["up"]})
    b.condition("four", count_of("ups"), 4)
    b.gate("shortages", ["!four"])
    for reduction in ("integral", "count", "maximum"):
        b.meter(f"ups {reduction}", ("group", "ups"), reduction)
        b.meter(f"shortages {reduction}", ("group", "shortages"), reduction)
    assert sums(b.build()) == [{
        "ups integral": 12.0, "ups count": 0.0, "ups maximum": 3.0,
        "shortages integral": 4.0, "shortages count": 0.0, "shortages maximum": 1.0,
    }]  # fmt: skip


def test_a_profile_of_one_step_never_steps(trace: Trace) -> None:
    b = Builder(50.0)
    b.profile("flat", 10.0, [(0.0, 1.0)])
    b.cohort("rock", b.lifecycle("rock").state("on"))
    assert trace(b.build()) == []


def test_a_profile_repeats_with_its_period(trace: Trace) -> None:
    b = Builder(21.0)
    b.profile("shift", 10.0, [(0.0, 1.0), (4.0, 2.0)])
    b.cohort("rock", b.lifecycle("rock").state("on"))
    assert trace(b.build()) == [
        "4.0 step shift 2.0",
        "10.0 step shift 1.0",
        "14.0 step shift 2.0",
        "20.0 step shift 1.0",
    ]
