"""A run may stop, be copied and continue: all its state is one buffer.  Replications differ, recycled worlds do not."""

from __future__ import annotations

import pickle

import numpy as np
from difference import first_difference
from generate import program, programs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outlast.engines import kernel
from outlast.engines.kernel.driver import Run, run_many
from outlast.engines.outcome import Outcome
from outlast.errors import LivelockError, RunError
from outlast.program import Builder, Program
from outlast.program.tables import OK
from outlast.stats.distributions import exponential

generated = settings(max_examples=150, deadline=None, derandomize=True, database=None,
                     suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])  # fmt: skip


def begun(program: Program, until: float = 0.0, *, jit: bool = True) -> Run:
    """A traced run that has handled the events before `until` (seconds)."""
    run = Run(program, 7, 1, trace=True, jit=jit)
    run.advance(until)
    return run


def finished(run: Run) -> Outcome | None:
    """The outcome at the horizon; None for a livelock or a bad delay."""
    return run.outcome() if run.advance(run.program.horizon, finish=True) == OK else None


def assert_same(program: Program, a: Outcome | None, b: Outcome | None) -> None:
    assert (a is None) == (b is None)
    if a is not None and b is not None:
        difference = first_difference(program, a, b)
        assert not difference, difference


@generated
@given(programs(), st.lists(st.integers(0, 20), max_size=4))
def test_stopped_and_continued_run_equals_a_single_one(program: Program, stops: list[int]) -> None:
    run = begun(program)
    for stop in sorted(stops):
        run.advance(program.horizon * stop / 20)
    assert_same(program, finished(begun(program)), finished(run))


@generated
@given(programs(), st.integers(0, 40))
def test_stop_at_an_instant_of_many_events_changes_nothing(program: Program, second: int) -> None:
    run = begun(program, min(float(second), program.horizon))
    assert_same(program, finished(begun(program)), finished(run))


@generated
@given(programs())
def test_copy_at_half_time_continues_as_the_original_would(program: Program) -> None:
    run = begun(program, program.horizon / 2)
    before = run.world.buffer.copy()
    copy = run.clone()
    whole = finished(begun(program))
    assert_same(program, whole, finished(copy))
    assert np.array_equal(run.world.buffer, before)
    assert_same(program, whole, finished(run))


@generated
@given(programs())
def test_copies_of_a_copy_are_equal(program: Program) -> None:
    first = begun(program, program.horizon / 3).clone()
    first.advance(program.horizon / 2)
    second = first.clone()
    assert np.array_equal(first.world.buffer, second.world.buffer)
    assert_same(program, finished(first), finished(second))


@settings(generated, max_examples=8)
@given(programs())
def test_run_begun_interpreted_continues_compiled(program: Program) -> None:
    slow, fast = begun(program, program.horizon / 8, jit=False), begun(program)
    fast.world.copy_from(slow.world)
    assert_same(program, finished(begun(program)), finished(fast))


@generated
@given(programs())
def test_pickled_program_runs_the_same(program: Program) -> None:
    again = pickle.loads(pickle.dumps(program))
    assert_same(program, finished(begun(program)), finished(begun(again)))


@generated
@given(programs())
def test_recycled_worlds_give_the_same_as_new_ones(program: Program) -> None:
    try:
        fresh = [kernel.run(program, 7, replication) for replication in range(4)]
    except (LivelockError, RunError):
        return
    for one, other in zip(fresh, run_many(program, 7, 0, 4), strict=True):
        assert one.replication == other.replication
        assert_same(program, one, other)


@generated
@given(programs())
def test_world_recycled_from_a_run_cut_short_is_as_new(program: Program) -> None:
    run = begun(program, program.horizon / 2)
    run.restart(1)
    assert_same(program, finished(begun(program)), finished(run))


def up_and_down() -> Program:
    """One unit that fails and is repaired at random."""
    b = Builder(1000.0)
    b.group("working")
    life = b.lifecycle("unit").state("up", ["up"]).state("down")
    life.after(exponential(10.0), "up", "down").after(exponential(2.0), "down", "up")
    b.cohort("unit", life, 3, member={"working": ["up"]})
    b.meter("working time", ("group", "working"))
    return b.build()


def test_replications_and_seeds_differ() -> None:
    plain = up_and_down()
    sums = {(seed, replication): kernel.run(plain, seed, replication).sums[0, 0]
            for seed in range(5) for replication in range(20)}  # fmt: skip
    assert len(set(sums.values())) == len(sums)


def test_same_seed_and_replication_give_the_same_whatever_ran_before() -> None:
    plain, other = up_and_down(), program(bytes(range(256)) * 6)
    first = kernel.run(plain, 3, 5, trace=True)
    kernel.run(other, 3, 5)
    assert first_difference(plain, first, kernel.run(plain, 3, 5, trace=True)) == ""
