"""Blocks of replications: same results whoever runs them; interrupts keep a prefix; errors end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from outlast.engines import kernel, reference
from outlast.engines.outcome import Outcome
from outlast.errors import LivelockError, UsageError
from outlast.program import Program
from outlast.program import tables as T
from outlast.run import replications
from outlast.run.replications import run_block, run_program

Engine = Callable[[object, int, int], Outcome]


def outcome(program: object, seed: int, replication: int) -> Outcome:
    """What a replication returns is a function of (seed, replication) only."""
    return Outcome(seed, replication, np.full((1, 1), seed * 1000.0 + replication), np.empty(0, T.LOG), 0)


def use(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    def run_many(program: object, seed: int, first: int, count: int) -> list[Outcome]:
        return [engine(program, seed, replication) for replication in range(first, first + count)]

    monkeypatch.setattr(kernel, "run_many", run_many)


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("count", [1, 5, 333])
def test_results_do_not_depend_on_threads_and_come_in_order(
    monkeypatch: pytest.MonkeyPatch, threads: int, count: int
) -> None:
    use(monkeypatch, outcome)
    run = run_program(None, count, seed=3, threads=threads, first=10)
    assert [o.replication for o in run.outcomes] == list(range(10, 10 + count))
    assert [float(o.sums[0, 0]) for o in run.outcomes] == [3000.0 + i for i in range(10, 10 + count)]
    assert not run.interrupted


def test_the_reference_engine_is_used_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "run", outcome)
    run = run_program(None, 3, seed=1, engine="reference")
    assert [o.replication for o in run.outcomes] == [0, 1, 2]


def test_progress_counts_up_to_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, outcome)
    seen: list[tuple[int, int]] = []
    run_program(None, 200, seed=1, threads=2, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (200, 200)


class Backwards(Executor):
    """Runs the blocks when the first result is asked for, the last block first."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, function, arguments))
        if len(self.waiting) == 4:
            for late, call, given in reversed(self.waiting):
                late.set_result(call(*given))
        return future


def test_any_executor_serves_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, outcome)
    executor = Backwards()
    run = run_program(None, 4, seed=1, threads=1, executor=executor)
    assert [o.replication for o in run.outcomes] == [0, 1, 2, 3]


def test_an_interrupt_keeps_the_replications_before_the_first_unfinished_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two threads, blocks of one: replication 2 hangs until the interrupt, later ones finish meanwhile."""
    release = threading.Event()

    def engine(program: object, seed: int, replication: int) -> Outcome:
        if replication == 2:
            assert release.wait(20)
            raise RuntimeError("torn down")
        return outcome(program, seed, replication)

    def interrupt(done: int, total: int) -> None:
        if done == 5:
            release.set()
            raise KeyboardInterrupt

    use(monkeypatch, engine)
    run = run_program(None, 20, seed=1, threads=2, progress=interrupt)
    assert [o.replication for o in run.outcomes] == [0, 1]
    assert (run.interrupted, run.requested) == (True, 20)


def test_progress_is_asked_while_a_block_is_under_way_and_may_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 64: the first replication is finished, the second waits until the run was asked to end."""
    asked = threading.Event()

    def run_many(program: object, seed: int, first: int, count: int) -> Iterator[Outcome]:
        for replication in range(first, first + count):
            if replication > 0:
                assert asked.wait(10.0)
                time.sleep(0.01)
            yield outcome(program, seed, replication)

    def end(done: int, total: int) -> None:
        asked.set()
        raise KeyboardInterrupt

    monkeypatch.setattr(kernel, "run_many", run_many)
    monkeypatch.setattr(replications, "TICK_S", 0.02)
    run = run_program(None, 2000, seed=1, threads=1, progress=end)
    assert run.interrupted
    assert 2 <= len(run.outcomes) < 64


def test_an_interrupt_when_all_is_done_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    use(monkeypatch, outcome)
    assert not run_program(None, 10, seed=1, progress=interrupt).interrupted


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_failing_replication_decides_the_error(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    def engine(program: object, seed: int, replication: int) -> Outcome:
        if replication >= 3:
            raise LivelockError([f"unit {replication}"], 5.0)
        return outcome(program, seed, replication)

    use(monkeypatch, engine)
    with pytest.raises(LivelockError, match="unit 3"):
        run_program(None, 16 * threads, seed=1, threads=threads)


class Stuck(Executor):
    """The first block fails, the others never start."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        self.futures.append(Future())
        if len(self.futures) == 1:
            self.futures[0].set_exception(LivelockError(["unit"], 5.0))
        return self.futures[-1]


def test_an_error_cancels_the_blocks_that_have_not_started() -> None:
    executor = Stuck()
    with pytest.raises(LivelockError):
        run_program(None, 4, seed=1, threads=1, executor=executor)
    assert [future.cancelled() for future in executor.futures] == [False, True, True, True]


def test_an_error_in_the_progress_callback_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(done: int, total: int) -> None:
        raise RuntimeError("terminal gone")

    use(monkeypatch, outcome)
    with pytest.raises(RuntimeError, match="terminal gone"):
        run_program(None, 10, seed=1, progress=broken)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replications": 0}, r"replications: impossible number \(got 0\)"),
        ({"threads": 0}, r"threads: impossible number \(got 0\)"),
        ({"first": -1}, r"first: impossible replication number \(got -1\)"),
        ({"engine": "exact"}, r"engine: unknown \(got 'exact'\); allowed: kernel, reference"),
    ],
)
def test_impossible_arguments_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_program(None, **{"replications": 1, "seed": 1, **arguments})


def test_blocks_cover_every_replication_once() -> None:
    for total, workers in ((1, 1), (100, 2), (5000, 2), (7, 64)):
        covered = [i for start, count in replications._blocks(5, total, workers) for i in range(start, start + count)]
        assert covered == list(range(5, 5 + total))


def test_threads_processes_and_one_block_give_the_same_bits(program: Program) -> None:
    whole = run_block(program, 7, 0, 20, "kernel")
    threads = run_program(program, 20, seed=7, threads=3).outcomes
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        processes = run_program(program, 20, seed=7, threads=1, executor=pool).outcomes
    for one, two, three in zip(whole, threads, processes, strict=True):
        assert one.sums.tobytes() == two.sums.tobytes() == three.sums.tobytes()
        assert one.log.tobytes() == two.log.tobytes() == three.log.tobytes()
