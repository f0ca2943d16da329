"""R9: claims queue first in first out inside a priority; the head of the line blocks everybody."""

from __future__ import annotations

from collections.abc import Callable

from outlast.program import Builder, Lifecycle, emit, free_in, queued_at, release, request, resize
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]


def job(b: Builder, at: float, work: float, priority: int = 0, amount: int = 1, preempt: bool = False) -> Lifecycle:
    """Asks the crew at `at`, works for `work` once granted, gives it back; `revoked` sends it to the queue again."""
    life = b.lifecycle("job").state("new").state("waiting").state("working").state("done")
    ask = request("crew", priority, amount, preempt=preempt, revoked="revoked")
    life.after(fixed(at), "new", "waiting", [ask]).on("granted", "waiting", "working")
    life.after(fixed(work), "working", "done", [release("crew")], policy="resume")
    life.on("revoked", "working", "waiting", [ask])
    life.on("revoked", "waiting", do=[ask], name="revoked before it was told")
    return life.on("withdraw", "waiting", "done", [release("crew")])


def crew(capacity: int, horizon: float = 20.0) -> Builder:
    b = Builder(horizon)
    b.pool("crew", capacity)
    return b


def grants(rows: list[str]) -> list[str]:
    """`time unit` of every grant."""
    return [" ".join(row.split()[:2]) for row in rows if "waiting -> working" in row]


def signal_at(b: Builder, at: float, unit: str, signal: str) -> None:
    life = b.lifecycle("caller").state("wait").state("done")
    b.cohort(f"caller at {at}", life.after(fixed(at), "wait", "done", [emit(unit, signal)]))


def test_claims_are_served_in_the_order_of_their_requests(trace: Trace) -> None:
    """Numbered last, asks first."""
    b = crew(1)
    b.cohort("a", job(b, 3.0, 5.0))
    b.cohort("b", job(b, 2.0, 5.0))
    b.cohort("c", job(b, 1.0, 5.0))
    assert trace(b.build()) == [
        "1.0 c new -> waiting",
        "1.0 c waiting -> working",
        "2.0 b new -> waiting",
        "3.0 a new -> waiting",
        "6.0 c working -> done",
        "6.0 b waiting -> working cause c",
        "11.0 b working -> done cause c",
        "11.0 a waiting -> working cause c",
        "16.0 a working -> done cause c",
    ]


def test_a_crew_freed_at_the_same_instant_goes_to_the_longest_waiting(trace: Trace) -> None:
    """At 3 s `a` asks (number 0) just before `c` gives back; b has waited since 2."""
    b = crew(1)
    b.cohort("a", job(b, 3.0, 5.0))
    b.cohort("b", job(b, 2.0, 5.0))
    b.cohort("c", job(b, 1.0, 2.0))
    assert grants(trace(b.build())) == ["1.0 c", "3.0 b", "8.0 a"]


def test_a_head_that_does_not_fit_blocks_those_behind(trace: Trace) -> None:
    """One of two is free all the time, but b, at the head, wants two."""
    b = crew(2)
    b.cohort("a", job(b, 1.0, 5.0))
    b.cohort("b", job(b, 2.0, 4.0, amount=2))
    b.cohort("c", job(b, 3.0, 1.0))
    assert grants(trace(b.build())) == ["1.0 a", "6.0 b", "10.0 c"]


def test_a_blocked_head_blocks_worse_priorities_too(trace: Trace) -> None:
    b = crew(2)
    b.cohort("a", job(b, 1.0, 5.0))
    b.cohort("b", job(b, 2.0, 1.0, priority=0, amount=2))
    b.cohort("c", job(b, 3.0, 1.0, priority=2))
    assert grants(trace(b.build())) == ["1.0 a", "6.0 b", "7.0 c"]


def test_a_better_priority_overtakes_but_takes_nothing_away(trace: Trace) -> None:
    b = crew(1)
    b.cohort("a", job(b, 1.0, 5.0, priority=2))
    b.cohort("b", job(b, 2.0, 5.0, priority=1))
    b.cohort("c", job(b, 3.0, 5.0, priority=0))
    b.cohort("d", job(b, 4.0, 1.0, priority=1))
    assert grants(trace(b.build())) == ["1.0 a", "6.0 c", "11.0 b", "16.0 d"]


def test_withdrawing_the_head_unblocks_the_next(trace: Trace) -> None:
    b = crew(2)
    b.cohort("a", job(b, 1.0, 5.0))
    b.cohort("b", job(b, 2.0, 4.0, amount=2))
    b.cohort("c", job(b, 3.0, 1.0))
    signal_at(b, 4.0, "b", "withdraw")
    assert trace(b.build()) == [
        "1.0 a new -> waiting",
        "1.0 a waiting -> working",
        "2.0 b new -> waiting",
        "3.0 c new -> waiting",
        "4.0 caller at 4.0 wait -> done",
        "4.0 b waiting -> done cause caller at 4.0",
        "4.0 c waiting -> working cause caller at 4.0",
        "5.0 c working -> done cause caller at 4.0",
        "6.0 a working -> done",
    ]


def test_releasing_a_claim_that_is_free_does_nothing(trace: Trace) -> None:
    b = crew(1)
    life = b.lifecycle("job").state("new").state("waiting").state("working").state("done")
    life.after(fixed(1.0), "new", "waiting", [release("crew"), request("crew")])
    life.on("granted", "waiting", "working")
    life.after(fixed(1.0), "working", "done", [release("crew"), release("crew")])
    b.cohort("job", life, 2)
    assert trace(b.build()) == [
        "1.0 job[0] new -> waiting",
        "1.0 job[0] waiting -> working",
        "1.0 job[1] new -> waiting",
        "2.0 job[0] working -> done",
        "2.0 job[1] waiting -> working cause job[0]",
        "3.0 job[1] working -> done cause job[0]",
    ]


def test_asking_again_while_queued_goes_to_the_back(trace: Trace) -> None:
    b = crew(1)
    impatient = job(b, 2.0, 1.0).on("again", "waiting", do=[request("crew", revoked="revoked")])
    b.cohort("a", job(b, 1.0, 5.0))
    b.cohort("b", impatient)
    b.cohort("c", job(b, 3.0, 1.0))
    signal_at(b, 4.0, "b", "again")
    assert grants(trace(b.build())) == ["1.0 a", "6.0 c", "7.0 b"]


def test_asking_again_while_holding_gives_the_token_to_who_waits(trace: Trace) -> None:
    b = crew(1)
    greedy = job(b, 1.0, 5.0).on("again", "working", "waiting", [request("crew", revoked="revoked")])
    b.cohort("a", greedy)
    b.cohort("b", job(b, 2.0, 2.0))
    signal_at(b, 4.0, "a", "again")
    assert trace(b.build()) == [
        "1.0 a new -> waiting",
        "1.0 a waiting -> working",
        "2.0 b new -> waiting",
        "4.0 caller at 4.0 wait -> done",
        "4.0 a working -> waiting cause caller at 4.0",
        "4.0 b waiting -> working cause caller at 4.0",
        "6.0 b working -> done cause caller at 4.0",
        "6.0 a waiting -> working cause caller at 4.0",
        "8.0 a working -> done cause caller at 4.0",
    ]


def test_preemption_takes_the_latest_granted_of_the_worst_priority(trace: Trace) -> None:
    """Held at 4 s: a (1), b (2), c (2, latest).  c goes; it resumes its last 7 s when d has finished."""
    b = crew(3)
    b.cohort("c", job(b, 3.0, 8.0, priority=2))
    b.cohort("a", job(b, 1.0, 10.0, priority=1))
    b.cohort("b", job(b, 2.0, 10.0, priority=2))
    b.cohort("d", job(b, 4.0, 2.0, priority=0, preempt=True))
    assert trace(b.build()) == [
        "1.0 a new -> waiting",
        "1.0 a waiting -> working",
        "2.0 b new -> waiting",
        "2.0 b waiting -> working",
        "3.0 c new -> waiting",
        "3.0 c waiting -> working",
        "4.0 d new -> waiting",
        "4.0 c working -> waiting cause d",
        "4.0 d waiting -> working",
        "6.0 d working -> done",
        "6.0 c waiting -> working cause d",
        "11.0 a working -> done",
        "12.0 b working -> done",
        "13.0 c working -> done cause d",
    ]


def test_nobody_is_preempted_if_it_would_not_suffice(trace: Trace) -> None:
    """d wants 3; a (priority 0) holds 2 of 4 and cannot be a victim: 1 free + 1 of b is too little."""
    b = crew(4)
    b.cohort("a", job(b, 1.0, 6.0, priority=0, amount=2))
    b.cohort("b", job(b, 2.0, 9.0, priority=2))
    b.cohort("d", job(b, 3.0, 1.0, priority=0, amount=3, preempt=True))
    rows = trace(b.build())
    assert grants(rows) == ["1.0 a", "2.0 b", "7.0 d"]
    assert not any("working -> waiting" in row for row in rows)


def test_as_many_are_preempted_as_are_needed(trace: Trace) -> None:
    """d wants 2 of 3 held by c, then b (priority 2): the latest two go, in that order, and ask again."""
    b = crew(3)
    for name, at in (("a", 1.0), ("b", 2.0), ("c", 3.0)):
        b.cohort(name, job(b, at, 9.0, priority=2))
    b.cohort("d", job(b, 4.0, 1.0, priority=1, amount=2, preempt=True))
    rows = trace(b.build())
    assert rows[6:] == [
        "4.0 d new -> waiting",
        "4.0 c working -> waiting cause d",
        "4.0 b working -> waiting cause d",
        "4.0 d waiting -> working",
        "5.0 d working -> done",
        "5.0 c waiting -> working cause d",
        "5.0 b waiting -> working cause d",
        "10.0 a working -> done",
        "12.0 b working -> done cause d",
        "13.0 c working -> done cause d",
    ]


def test_equal_priority_is_not_preempted(trace: Trace) -> None:
    b = crew(1)
    b.cohort("a", job(b, 1.0, 5.0, priority=1))
    b.cohort("b", job(b, 2.0, 5.0, priority=1, preempt=True))
    assert grants(trace(b.build())) == ["1.0 a", "6.0 b"]


def test_a_victim_whose_grant_is_under_way_hears_only_the_revocation(trace: Trace) -> None:
    """The call to d is queued before the grant of a: d takes the token away while that grant is on its way."""
    b = crew(1, horizon=1.5)
    a = b.lifecycle("a").state("new").state("waiting").state("working")
    ask = request("crew", 2, revoked="revoked")
    a.after(fixed(1.0), "new", "waiting", [emit("d", "call"), ask]).on("granted", "waiting", "working")
    a.on("revoked", "waiting", "new", name="lost early").on("revoked", "working", "new", name="lost late")
    d = b.lifecycle("d").state("idle").state("waiting").state("working")
    d.on("call", "idle", "waiting", [request("crew", 0, preempt=True)]).on("granted", "waiting", "working")
    b.cohort("a", a)
    b.cohort("d", d)
    assert trace(b.build()) == [
        "1.0 a new -> waiting",
        "1.0 d idle -> waiting cause a",
        "1.0 a waiting -> new",
        "1.0 d waiting -> working cause a",
    ]


def test_a_falling_calendar_takes_nothing_away_but_grants_nothing_either(trace: Trace) -> None:
    """3 by day, 1 from 2 to 9: free is -2, and only the second release at 7 brings it to 0, the third to 1."""
    b = Builder(12.0)
    b.profile("shift", 100.0, [(0.0, 3.0), (2.0, 1.0), (9.0, 2.0)])
    b.pool("crew", profile="shift")
    b.condition("not short", free_in("crew"), 0)
    for name, work in (("a", 5.0), ("b", 6.0), ("c", 7.0)):
        b.cohort(name, job(b, 1.0, work))
    b.cohort("d", job(b, 3.0, 9.0))
    b.cohort("e", job(b, 3.0, 9.0))
    assert trace(b.build()) == [
        "1.0 a new -> waiting",
        "1.0 a waiting -> working",
        "1.0 b new -> waiting",
        "1.0 b waiting -> working",
        "1.0 c new -> waiting",
        "1.0 c waiting -> working",
        "2.0 step shift 1.0",
        "2.0 flip not short down",
        "3.0 d new -> waiting",
        "3.0 e new -> waiting",
        "6.0 a working -> done",
        "7.0 b working -> done",
        "7.0 flip not short up cause b",
        "8.0 c working -> done",
        "8.0 d waiting -> working cause c",
        "9.0 step shift 2.0",
        "9.0 e waiting -> working cause none",
    ]


def test_resize_serves_those_who_wait(trace: Trace) -> None:
    b = crew(0)
    b.cohort("a", job(b, 1.0, 9.0))
    b.cohort("b", job(b, 2.0, 9.0))
    owner = b.lifecycle("owner").state("poor").state("rich").after(fixed(3.0), "poor", "rich", [resize("crew", 2)])
    b.cohort("owner", owner)
    assert trace(b.build())[2:5] == [
        "3.0 owner poor -> rich",
        "3.0 a waiting -> working cause owner",
        "3.0 b waiting -> working cause owner",
    ]


def test_two_claims_of_a_unit_live_side_by_side(trace: Trace) -> None:
    """job[1] gets the crew once job[0] has the crane too, but then waits for the crane."""
    b = crew(1)
    b.pool("crane", 1)
    life = b.lifecycle("job").state("new").state("one").state("both").state("hoist").state("done")
    life.after(fixed(1.0), "new", "one", [request("crew", then="got crew")])
    life.on("got crew", "one", "both", [request("crane", then="got crane")])
    life.on("got crane", "both", "hoist", [release("crew")])
    life.after(fixed(2.0), "hoist", "done", [release("crane")])
    b.cohort("job", life, 2)
    assert trace(b.build()) == [
        "1.0 job[0] new -> one",
        "1.0 job[0] one -> both",
        "1.0 job[0] both -> hoist",
        "1.0 job[1] new -> one",
        "1.0 job[1] one -> both",
        "3.0 job[0] hoist -> done",
        "3.0 job[1] both -> hoist cause job[0]",
        "5.0 job[1] hoist -> done cause job[0]",
    ]


def test_meters_follow_busy_tokens_and_the_queue(sums: Sums) -> None:
    """Busy 1 in [1, 11); one waits in [2, 6), none in the rest."""
    b = crew(1, horizon=12.0)
    b.cohort("a", job(b, 1.0, 5.0))
    b.cohort("b", job(b, 2.0, 5.0))
    b.meter("busy", ("busy", "crew"))
    b.meter("queue", ("queue", "crew"))
    assert sums(b.build()) == [{"busy": 10.0, "queue": 4.0}]


def test_the_queue_is_counted_in_claims_not_in_amounts(trace: Trace) -> None:
    b = crew(1, horizon=4.0)
    b.condition("two wait", queued_at("crew"), 2)
    b.cohort("a", job(b, 1.0, 9.0, amount=2))
    b.cohort("b", job(b, 2.0, 9.0, amount=2))
    assert trace(b.build())[-1] == "2.0 flip two wait up cause b"
