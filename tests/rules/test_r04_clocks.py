"""R4: how clocks start and stop under each policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outlast.engines.outcome import Outcome
from outlast.errors import RunError
from outlast.program import Builder, Program, emit, forget, free_in, resize, value_of
from outlast.stats.distributions import Law, grid, uniform
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Run = Callable[..., Outcome]
Luck = Callable[..., float]


def interrupted(law: Law, policy: str, age: Law | None = None, then: tuple = ()) -> Program:
    """`work` runs in `on`; the plan takes the unit to `off` at 4 s and back at 6 s, once."""
    b = Builder(60.0)
    b.profile("open", 1000.0, [(0.0, 1.0), (4.0, 0.0), (6.0, 1.0)])
    b.condition("is open", value_of("open"), 1)
    life = b.lifecycle("job").state("on").state("off").state("done")
    life.after(law, "on", "done", list(then), policy=policy, name="work", age=age)
    life.on("close", "on", "off").on("open", "off", "on")
    b.cohort("job", life)
    b.listen("is open", "job", rise="open", fall="close")
    return b.build()


def finish(rows: list[str]) -> float:
    """When the job got done; all other rows are the same for every policy."""
    assert rows[:-1] == [
        "4.0 step open 0.0",
        "4.0 flip is open down",
        "4.0 job on -> off cause none",
        "6.0 step open 1.0",
        "6.0 flip is open up",
        "6.0 job off -> on cause none",
    ]
    time, _, rest = rows[-1].partition(" ")
    assert rest == "job on -> done"
    return float(time)


def test_resample_starts_from_zero(trace: Trace) -> None:
    assert finish(trace(interrupted(fixed(10.0), "resample"))) == 16.0


def test_resume_keeps_the_remaining_time(trace: Trace) -> None:
    assert finish(trace(interrupted(fixed(10.0), "resume"))) == 12.0


def test_repeat_starts_the_same_time_from_zero(trace: Trace) -> None:
    assert finish(trace(interrupted(fixed(10.0), "repeat"))) == 16.0


def test_aged_goes_on_from_its_age(trace: Trace) -> None:
    assert finish(trace(interrupted(fixed(10.0), "aged"))) == 12.0


def test_carry_forgets_where_the_next_state_has_no_such_clock(trace: Trace) -> None:
    assert finish(trace(interrupted(fixed(10.0), "carry"))) == 16.0


def test_resample_draws_anew(trace: Trace, luck: Luck) -> None:
    law = uniform(10.0, 20.0)
    assert finish(trace(interrupted(law, "resample"))) == 6.0 + law.quantile(luck("job", "work", 1))


def test_repeat_keeps_its_sample(trace: Trace, luck: Luck) -> None:
    law = uniform(10.0, 20.0)
    assert finish(trace(interrupted(law, "repeat"))) == 6.0 + law.quantile(luck("job", "work", 0))


def test_resume_draws_once(trace: Trace, luck: Luck) -> None:
    law = uniform(10.0, 20.0)
    assert finish(trace(interrupted(law, "resume"))) == 6.0 + (law.quantile(luck("job", "work", 0)) - 4.0)


def test_aged_draws_the_remaining_life_given_its_age(trace: Trace, luck: Luck) -> None:
    """U(0, 20) at age 4: 4 + 16 u in all, so 16 u remain (the first draw, of the whole life, lies above 4)."""
    assert 20.0 * luck("job", "work", 0) > 4.0
    done = finish(trace(interrupted(uniform(0.0, 20.0), "aged")))
    assert done == pytest.approx(6.0 + 16.0 * luck("job", "work", 1), rel=1e-14)


def test_repeat_draws_anew_once_it_has_fired(trace: Trace, luck: Luck) -> None:
    law, b = uniform(10.0, 20.0), Builder(50.0)
    b.cohort("job", b.lifecycle("job").state("on").after(law, "on", policy="repeat", name="work"))
    first, second = law.quantile(luck("job", "work", 0)), law.quantile(luck("job", "work", 1))
    times = [float(row.split()[0]) for row in trace(b.build())]
    assert times[:2] == [first, first + second]


@pytest.mark.parametrize("policy", ["resume", "repeat"])
def test_a_stored_time_of_zero_is_kept(trace: Trace, policy: str) -> None:
    """The work takes no time at 1 s, but the boss, who is numbered first, stops it at that instant."""
    b = Builder(20.0)
    b.profile("pace", 100.0, [(0.0, 0.0), (2.0, 5.0)])
    boss = b.lifecycle("boss").state("a").state("b").state("c").state("d")
    boss.after(fixed(1.0), "a", "b", [emit("job", "start")]).after(fixed(0.0), "b", "c", [emit("job", "stop")])
    b.cohort("boss", boss.after(fixed(2.0), "c", "d", [emit("job", "start")]))
    job = b.lifecycle("job").state("off").state("on").state("done")
    job.on("start", "off", "on").on("stop", "on", "off")
    b.cohort("job", job.after(fixed(1.0), "on", "done", policy=policy, scale=value_of("pace")))
    assert trace(b.build()) == [
        "1.0 boss a -> b",
        "1.0 job off -> on cause boss",
        "1.0 boss b -> c",
        "1.0 job on -> off cause boss",
        "2.0 step pace 5.0",
        "3.0 boss c -> d",
        "3.0 job off -> on cause boss",
        "3.0 job on -> done cause boss",
    ]


def test_an_age_at_the_start_shortens_the_first_life(trace: Trace) -> None:
    """Age 3 at 0, 7 at 4 s: 3 s remain."""
    assert finish(trace(interrupted(fixed(10.0), "aged", age=fixed(3.0)))) == 9.0


@pytest.mark.parametrize(("kept", "second"), [(0.0, 10.0), (0.5, 5.0), (1.0, 0.0)])
def test_the_age_survives_the_firing_unless_forgotten(trace: Trace, kept: float, second: float) -> None:
    """At its failure the part is 10 s old; repair keeps a share of that age."""
    b = Builder(25.0)
    life = b.lifecycle("part").state("up").state("down").state("up again").state("end")
    life.after(fixed(10.0), "up", "down", policy="aged", clock="life", name="first failure")
    life.after(fixed(1.0), "down", "up again", [forget("life", kept)])
    life.after(fixed(10.0), "up again", "end", policy="aged", clock="life", name="second failure")
    b.cohort("part", life)
    assert trace(b.build()) == [
        "10.0 part up -> down",
        "11.0 part down -> up again",
        f"{11.0 + second} part up again -> end",
    ]


def two_states(second: str, policy: str = "carry", when: tuple[str, ...] = ()) -> Program:
    b = Builder(40.0)
    b.profile("mode", 1000.0, [(0.0, 0.0), (8.0, 1.0)])
    b.condition("mode on", value_of("mode"), 1)
    life = b.lifecycle("job").state("fast").state("slow").state("done")
    life.after(fixed(3.0), "fast", "slow")
    life.after(fixed(10.0), "fast", "done", policy=policy, clock="work", name="work fast")
    life.after(fixed(10.0), "slow", "done", policy=policy, clock=second, name="work slow", when=when)
    b.cohort("job", life, bind={"mode on": "mode on"} if when else {})
    return b.build()


STEPPED = ["8.0 step mode 1.0", "8.0 flip mode on up"]


def test_carry_keeps_running_into_a_state_with_the_same_clock(trace: Trace) -> None:
    assert trace(two_states("work")) == ["3.0 job fast -> slow", *STEPPED, "10.0 job slow -> done"]


def test_carry_starts_anew_under_another_clock(trace: Trace) -> None:
    assert trace(two_states("other")) == ["3.0 job fast -> slow", *STEPPED, "13.0 job slow -> done"]


def test_a_carried_clock_stops_if_the_guards_of_the_new_row_do_not_hold(trace: Trace) -> None:
    """Stopped at 3 s, it starts anew at 8 s when the guard comes true."""
    rows = trace(two_states("work", when=("mode on",)))
    assert rows == ["3.0 job fast -> slow", *STEPPED, "18.0 job slow -> done"]


def test_resume_goes_on_in_a_state_that_shares_its_clock(trace: Trace) -> None:
    assert trace(two_states("work", "resume")) == ["3.0 job fast -> slow", *STEPPED, "10.0 job slow -> done"]


def office(work: float, policy: str) -> Program:
    """Open [0, 4), closed [4, 10), and so on; work goes on only while open."""
    b = Builder(30.0)
    b.profile("hours", 10.0, [(0.0, 1.0), (4.0, 0.0)])
    b.condition("open", value_of("hours"), 1)
    life = b.lifecycle("job").state("on").state("done")
    life.after(fixed(work), "on", "done", when=["open"], policy=policy)
    b.cohort("job", life)
    return b.build()


def work_done(rows: list[str]) -> list[str]:
    return [row for row in rows if " job " in row]


def test_a_guard_interrupts_resumed_work(trace: Trace) -> None:
    """4 s until 4, 4 s from 10 to 14, the last 2 s from 20 on."""
    assert work_done(trace(office(10.0, "resume"))) == ["22.0 job on -> done"]


def test_a_guard_sends_resampled_work_back_to_zero(trace: Trace) -> None:
    assert work_done(trace(office(5.0, "resample"))) == []
    assert work_done(trace(office(3.0, "resample"))) == ["3.0 job on -> done"]


def test_work_stopped_at_the_instant_it_ends_resumes_with_nothing_left(trace: Trace) -> None:
    """The step at 4 s comes before the unit (R2): 0 s remain, and that is a memory, not its absence."""
    assert work_done(trace(office(4.0, "resume"))) == ["10.0 job on -> done"]


def test_a_grid_is_strictly_after_now_and_does_not_drift(trace: Trace) -> None:
    b = Builder(21.0)
    life = b.lifecycle("backup").state("idle").state("run")
    life.after(grid(5.0, 0.0), "idle", "run").after(fixed(5.0), "run", "idle")
    b.cohort("backup", life)
    assert trace(b.build()) == [
        "5.0 backup idle -> run",
        "10.0 backup run -> idle",
        "15.0 backup idle -> run",
        "20.0 backup run -> idle",
    ]


def test_a_grid_has_a_phase(trace: Trace) -> None:
    b = Builder(10.0)
    b.cohort("probe", b.lifecycle("probe").state("on").after(grid(4.0, 1.0), "on"))
    assert trace(b.build()) == ["1.0 probe on stays", "5.0 probe on stays", "9.0 probe on stays"]


def test_a_zero_delay_rings_at_the_instant_of_entry(trace: Trace) -> None:
    b = Builder(5.0)
    life = b.lifecycle("node").state("a").state("b").state("c")
    life.after(fixed(2.0), "a", "b").after(fixed(0.0), "b", "c").after(fixed(1.0), "b", "a")
    b.cohort("node", life)
    assert trace(b.build()) == ["2.0 node a -> b", "2.0 node b -> c"]


@pytest.mark.parametrize(("inverted", "ends"), [(False, 9.0), (True, 4.0)])
def test_a_delay_is_scaled_by_the_value_at_its_start(trace: Trace, inverted: bool, ends: float) -> None:
    """Starts at 3 s, when the value is 2: 3 x 2 s or 2 / 2 s (the step to 100 at 3.5 s comes too late)."""
    b = Builder(20.0)
    b.profile("slowness", 1000.0, [(0.0, 7.0), (1.0, 2.0), (3.5, 100.0)])
    life = b.lifecycle("job").state("wait").state("work").state("done")
    law = fixed(2.0 if inverted else 3.0)
    life.after(fixed(3.0), "wait", "work")
    life.after(law, "work", "done", scale=value_of("slowness"), inverted=inverted)
    b.cohort("job", life)
    assert [row for row in trace(b.build()) if "job" in row] == ["3.0 job wait -> work", f"{ends} job work -> done"]


def short_of_crew(missing: int, inverted: bool) -> Program:
    """At 1 s the pool of 1 loses `missing`; then a delay of 5 s is scaled by what is free."""
    b = Builder(10.0)
    b.pool("crew", 1)
    life = b.lifecycle("job").state("wait").state("work").state("done")
    life.after(fixed(1.0), "wait", "work", [resize("crew", -missing)])
    life.after(fixed(5.0), "work", "done", scale=free_in("crew"), inverted=inverted)
    b.cohort("job", life)
    return b.build()


@pytest.mark.parametrize(("missing", "inverted"), [(3, False), (3, True), (1, True)])
def test_a_delay_that_is_negative_or_not_finite_is_an_error_that_names_the_unit(
    run: Run, missing: int, inverted: bool
) -> None:
    with pytest.raises(RunError, match="job"):
        run(short_of_crew(missing, inverted))


def test_a_bad_delay_at_the_start_is_an_error(run: Run) -> None:
    b = Builder(10.0)
    b.profile("scale", 10.0, [(0.0, -1.0)])
    life = b.lifecycle("job").state("work").after(fixed(1.0), "work", scale=value_of("scale"))
    b.cohort("job", life)
    with pytest.raises(RunError, match="job"):
        run(b.build())


def test_zero_times_a_scale_is_a_zero_delay(trace: Trace) -> None:
    b = Builder(10.0)
    b.profile("scale", 10.0, [(0.0, 0.0)])
    life = b.lifecycle("job").state("work").state("done")
    b.cohort("job", life.after(fixed(7.0), "work", "done", scale=value_of("scale")))
    assert trace(b.build()) == ["0.0 job work -> done"]
