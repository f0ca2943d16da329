"""`team`: who repairs, in what order, in which hours.  Time 0 is Monday 00:00."""

import pytest

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0


def job(at, lasts="1000 s", team="crew", **repair):
    """A thing that fails once, at this time, and is repaired by the team."""
    return {"kind": "component", "time_to_failure": {"at": [at]}, "repair": {"lasts": lasts, "team": team, **repair}}


def test_one_crew_repairs_in_order_of_failure(play):
    run = play({"a": job("100 s"), "b": job("200 s"), "c": job("300 s")}, "10000 s", teams={"crew": {"people": 1}})
    assert run.outages("a") == [(100.0, 1000.0)]
    assert run.outages("b") == [(200.0, 1900.0)]
    assert run.outages("c") == [(300.0, 2800.0)]
    assert [run.value(n, "mean_wait") for n in "abc"] == [0.0, 900.0, 1800.0]
    assert run.value("team crew", "busy_people") == pytest.approx(0.3)
    assert run.value("team crew", "queue") == pytest.approx(0.27)
    assert run.value("team crew", "utilisation") == pytest.approx(0.3)


def test_two_people_repair_two_things_at_once(play):
    run = play({"a": job("100 s"), "b": job("200 s"), "c": job("300 s")}, "10000 s", teams={"crew": {"people": 2}})
    assert run.outages("b") == [(200.0, 1000.0)]
    assert run.outages("c") == [(300.0, 1800.0)]
    assert run.value("team crew", "utilisation") == pytest.approx(0.15)


def test_better_priority_is_served_first_but_does_not_interrupt(play):
    components = {"a": job("100 s"), "b": job("200 s", priority=2), "c": job("300 s", priority=0)}
    run = play(components, "10000 s", teams={"crew": {"people": 1}})
    assert run.outages("a") == [(100.0, 1000.0)]
    assert run.outages("c") == [(300.0, 1800.0)]
    assert run.outages("b") == [(200.0, 2900.0)]


@pytest.mark.parametrize(("when", "length"), [("resume", 2000.0), ("restart", 2500.0)])
def test_preempted_work_resumes_or_restarts(play, when, length):
    # a works 100-600, is interrupted 600-1600, then needs 500 s more, or 1000 s again
    components = {"a": job("100 s", priority=2, when_preempted=when), "b": job("600 s", priority=0, preempts=True)}
    run = play(components, "10000 s", teams={"crew": {"people": 1}})
    assert run.outages("b") == [(600.0, 1000.0)]
    assert run.outages("a") == [(100.0, length)]


def test_work_preempted_twice_keeps_what_was_done(play):
    # a works 100-600 and 1600-1700; 400 s are left from 2700 on
    components = {"a": job("100 s", priority=2), "b": job("600 s", priority=0, preempts=True),
                  "c": job("1700 s", priority=0, preempts=True)}  # fmt: skip
    run = play(components, "10000 s", teams={"crew": {"people": 1}})
    assert run.outages("a") == [(100.0, 3000.0)]


def test_preemption_takes_the_latest_of_the_worst_priority_and_spares_equals(play):
    # three people at work on a, b (priority 2) and c (0); d takes b's person; c is not touched
    components = {"a": job("100 s", priority=2), "b": job("200 s", priority=2), "c": job("300 s", priority=0),
                  "d": job("400 s", priority=0, preempts=True), "e": job("450 s", priority=2, preempts=True)}  # fmt: skip
    run = play(components, "10000 s", teams={"crew": {"people": 3}})
    assert run.outages("a") == [(100.0, 1000.0)]
    assert run.outages("c") == [(300.0, 1000.0)]
    assert run.outages("d") == [(400.0, 1000.0)]
    # a ends at 1100 and its person goes to the longest waiting: b asked again at 400, e at 450; b has 800 s left
    assert run.outages("b") == [(200.0, 1100.0 + 800.0 - 200.0)]
    assert run.outages("e") == [(450.0, 1300.0 + 1000.0 - 450.0)]  # c's person is free at 1300


@pytest.mark.parametrize(
    ("works", "ends"),
    [("through", 19 * HOUR), ("in_hours", DAY + 11 * HOUR)],
)
def test_work_begun_on_monday_afternoon(play, works, ends):
    # Monday 15:00 + 4 h: through the evening until 19:00, or 2 h today and 2 h from Tuesday 9:00 on
    run = play({"a": job("15 h", "4 h", works=works)}, "14 d", teams={"crew": {"people": 1, "hours": "business"}})
    assert run.outages("a") == [(15 * HOUR, ends - 15 * HOUR)]


@pytest.mark.parametrize("works", ["through", "in_hours"])
def test_failure_at_night_waits_for_the_shift(play, works):
    run = play({"a": job("20 h", "4 h", works=works)}, "14 d", teams={"crew": {"people": 1, "hours": "business"}})
    assert run.outages("a") == [(20 * HOUR, DAY + 13 * HOUR - 20 * HOUR)]
    assert run.value("a", "mean_wait") == 13 * HOUR


def test_work_in_hours_goes_over_the_weekend(play):
    # Friday 16:00 + 2 h: one hour on Friday, one on Monday from 9:00
    friday = 4 * DAY + 16 * HOUR
    run = play(
        {"a": job("4 d 16 h", "2 h", works="in_hours")}, "21 d", teams={"crew": {"people": 1, "hours": "business"}}
    )
    assert run.outages("a") == [(friday, WEEK + 10 * HOUR - friday)]


def test_work_on_hold_overnight_keeps_its_person(play):
    # a works Monday 15-17 and Tuesday 9-11; only then b, which failed on Monday 16:00, is begun
    components = {"a": job("15 h", "4 h", works="in_hours"), "b": job("16 h", "1 h")}
    run = play(components, "14 d", teams={"crew": {"people": 1, "hours": "business"}})
    assert run.outages("a") == [(15 * HOUR, DAY + 11 * HOUR - 15 * HOUR)]
    assert run.outages("b") == [(16 * HOUR, DAY + 12 * HOUR - 16 * HOUR)]


def test_person_who_works_late_does_not_begin_anything_after_it(play):
    components = {"a": job("16 h", "3 h"), "b": job("18 h", "1 h")}
    run = play(components, "14 d", teams={"crew": {"people": 1, "hours": "business"}})
    assert run.outages("a") == [(16 * HOUR, 3 * HOUR)]
    assert run.outages("b") == [(18 * HOUR, DAY + 10 * HOUR - 18 * HOUR)]


SHIFTS = {"people": 2, "hours": "business", "on_call": 1}


@pytest.mark.parametrize(
    ("at", "lasts"),
    [
        ("20 h", 3 * HOUR),  # on call, three times as slow
        ("8 h 30 min", 3 * HOUR),  # begun on call, so slow to its end
        ("9 h", 1 * HOUR),  # the shift begins at that very instant
        ("12 h", 1 * HOUR),
        ("16 h 30 min", 1 * HOUR),  # begun in the shift
        ("17 h", 3 * HOUR),  # the shift ends at that very instant
    ],
)
def test_work_begun_on_call_is_slower(play, at, lasts):
    run = play({"a": job(at, "1 h", slower_off_hours=3)}, "7 d", teams={"crew": SHIFTS})
    assert [length for _, length in run.outages("a")] == [lasts]


def test_work_that_waited_for_the_shift_is_done_at_full_speed(play):
    # the one person on call works on a from 8:00 to 11:00; b waits for the shift at 9:00 and takes one hour
    components = {n: job("8 h", "1 h", slower_off_hours=3) for n in "ab"}
    run = play(components, "7 d", teams={"crew": SHIFTS})
    assert run.outages("a") == [(8 * HOUR, 3 * HOUR)]
    assert run.outages("b") == [(8 * HOUR, 2 * HOUR)]


def test_utilisation_is_of_people_on_duty_and_on_call(play):
    # 2 people 40 h and 1 on call 128 h a week; 3 h of work at night
    run = play({"a": job("20 h", "1 h", slower_off_hours=3)}, "7 d", teams={"crew": SHIFTS})
    assert run.value("team crew", "utilisation") == pytest.approx(3 / (2 * 40 + 128))


def test_night_shift_over_midnight(play):
    # Monday to Friday 22:00-06:00; a fails on Tuesday 07:00 and waits until 22:00
    hours = {"days": ["mon-fri"], "from": "22:00", "to": "06:00"}
    run = play({"a": job("1 d 7 h", "1 h")}, "7 d", teams={"crew": {"people": 1, "hours": hours}})
    assert run.outages("a") == [(DAY + 7 * HOUR, 16 * HOUR)]


def test_team_without_work_publishes_zeros(play):
    run = play({}, "7 d", teams={"crew": {"people": 1}})
    assert run.value("team crew", "utilisation") == 0.0


@pytest.mark.parametrize(
    ("team", "repair", "said"),
    [
        ({"people": 1}, {"slower_off_hours": 2}, "begins no work outside its hours"),
        ({"people": 1, "hours": "business"}, {"slower_off_hours": 2}, "begins no work outside its hours"),
        ({"people": 1, "hours": "business"}, {"team": "crow"}, "did you mean `crew`?"),
        ({"people": 1, "hours": "business", "on_call": 1}, {"works": "in_hours", "slower_off_hours": 2}, "never goes"),
        ({"people": 1, "on_call": 1}, {}, "the team works always"),
        ({"people": 0}, {}, "must be above zero"),
        ({"people": 1}, {"priority": 3}, "must be at most 2"),
    ],
)
def test_impossible_arrangements_are_refused(refused, team, repair, said):
    component = {"kind": "component", "time_to_failure": "1 d", "repair": {"lasts": "1 h", "team": "crew", **repair}}
    assert said in refused({"a": component}, teams={"crew": team})


def test_crew_for_many_machines_has_the_steady_availability_of_machine_repair(sample, close):
    # M/M/1 with 3 machines, failure rate f, repair rate m = 4 f: P(0 down) etc. from birth-death balance
    f, m = 1.0, 4.0
    weights = [1.0, 3 * f / m, 6 * (f / m) ** 2, 6 * (f / m) ** 3]
    down = sum(k * w for k, w in enumerate(weights)) / sum(weights)
    machines = {"kind": "component", "count": 3, "needs_up": 1, "time_to_failure": {"exponential": "4 h"},
                "repair": {"lasts": {"exponential": "1 h"}, "team": "crew"}}  # fmt: skip
    run = sample({"machines": machines}, "400 h", n=400, warm_up="40 h", teams={"crew": {"people": 1}})
    close(run.values("machines", "failed_items"), down)
    close(1 - run.values("machines", "availability"), weights[3] / sum(weights))
    close(run.values("team crew", "utilisation"), 1 - 1 / sum(weights))
