"""Runs the replications of one program in blocks, on threads or on any other executor.

A replication depends on (program, seed, replication number) only, so results are bit-identical whoever ran
which block and in what order.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outlast.errors import UsageError, shown

if TYPE_CHECKING:
    from outlast.engines.outcome import Outcome
    from outlast.program.program import Program

ENGINES = ("kernel", "reference")
LARGEST_BLOCK = 64
BLOCKS_PER_WORKER = 16  # small enough for even loads, for progress, and for a prompt answer to Ctrl-C

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Replications:
    """Finished replications in order, without gaps; fewer than requested only when interrupted. stopped: a
    KeyboardInterrupt came, even if all were finished by then."""

    outcomes: list[Outcome]
    requested: int
    interrupted: bool = False
    stopped: bool = False


def run_program(
    program: Program,
    replications: int,
    seed: int,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress | None = None,
    first: int = 0,
) -> Replications:
    """Run replications `first` to `first + replications - 1`.

    threads: workers of the default thread pool (default: one per processor). executor: any
    `concurrent.futures.Executor`, left open. progress: called with (done, total) in the calling thread.
    On KeyboardInterrupt the finished replications before the first unfinished one are returned; blocks that
    already run are waited for (with the default pool, only the replication under way). Raises UsageError for
    impossible arguments, and the error of the first
    failing block (LivelockError, ...) after cancelling the others.
    """
    check_arguments(replications, seed, threads, engine, first)
    workers = threads or processors()
    futures: list[Future[list[Outcome]]] = []
    blocks = list(_blocks(first, replications, workers))
    stopped = threading.Event()
    stop = stopped.is_set if executor is None else bool  # an event does not travel to other processes
    interrupted = False
    with _opened(executor, workers) as pool:
        try:
            for start, count in blocks:
                futures.append(pool.submit(run_block, program, seed, start, count, engine, stop))
            _wait(futures, replications, progress)
        except KeyboardInterrupt:
            interrupted = True
            stopped.set()
            _stop(futures)
        except BaseException:
            stopped.set()
            _stop(futures)
            raise
    outcomes = _prefix(futures, [count for _, count in blocks])
    return Replications(outcomes, replications, interrupted and len(outcomes) < replications, interrupted)


def run_block(
    program: Program, seed: int, first: int, count: int, engine: str, stop: Callable[[], bool] = bool
) -> list[Outcome]:
    """Replications first .. first + count - 1, one after another; fewer once `stop()` is true (`bool()` never is).

    A module-level function, so it pickles.
    """
    outcomes: list[Outcome] = []
    for outcome in _one_by_one(program, seed, first, count, engine):
        outcomes.append(outcome)
        if stop():
            break
    return outcomes


def _one_by_one(program: Program, seed: int, first: int, count: int, engine: str) -> Iterator[Outcome]:
    if engine == "kernel":
        from outlast.engines import kernel  # imported here: it compiles

        yield from kernel.run_many(program, seed, first, count)
    else:
        from outlast.engines import reference

        yield from (reference.run(program, seed, replication) for replication in range(first, first + count))


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_arguments(
    replications: int, seed: int, threads: int | None = None, engine: str = "kernel", first: int = 0
) -> None:
    """Raises UsageError for what is impossible."""
    if replications < 1:
        raise UsageError(f"replications: impossible number (got {replications}); at least 1 is needed")
    if not 0 <= seed < 2**64:
        raise UsageError(f"seed: impossible number (got {shown(seed)}); 0 to 2^64 - 1 are possible")
    if threads is not None and threads < 1:
        raise UsageError(f"threads: impossible number (got {threads}); at least 1 is needed")
    if first < 0:
        raise UsageError(f"first: impossible replication number (got {first}); they count from 0")
    if engine not in ENGINES:
        raise UsageError(f"engine: unknown (got {engine!r}); allowed: {', '.join(ENGINES)}")


@contextmanager
def _opened(executor: Executor | None, workers: int) -> Iterator[Executor]:
    if executor is not None:
        yield executor
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="outlast") as pool:
        yield pool


def _blocks(first: int, replications: int, workers: int) -> Iterator[tuple[int, int]]:
    """(first replication, count) of every block, in order."""
    size = max(1, min(LARGEST_BLOCK, replications // (workers * BLOCKS_PER_WORKER)))
    end = first + replications
    for start in range(first, end, size):
        yield start, min(size, end - start)


def _wait(futures: list[Future[list[Outcome]]], total: int, progress: Progress | None) -> None:
    """Wait for all blocks; raises the error of the first failing block in order of replications."""
    done = 0
    for future in as_completed(futures):
        if future.exception() is not None:
            _stop(futures)
            _raise_first(futures)
        done += len(future.result())
        if progress is not None:
            progress(done, total)


def _stop(futures: list[Future[list[Outcome]]]) -> None:
    """Cancel what has not started, wait for what has."""
    wait([future for future in futures if not future.cancel()])


def _raise_first(futures: list[Future[list[Outcome]]]) -> None:
    """Blocks start in order, so the first failing one does not depend on timing."""
    for future in futures:
        if not future.cancelled() and (error := future.exception()) is not None:
            raise error


def _prefix(futures: list[Future[list[Outcome]]], counts: list[int]) -> list[Outcome]:
    """Outcomes up to the first gap: a block that did not run, or stopped early."""
    outcomes: list[Outcome] = []
    for future, count in zip(futures, counts, strict=False):
        if not future.done() or future.cancelled() or future.exception() is not None:
            break
        outcomes += future.result()
        if len(future.result()) < count:
            break
    return outcomes
