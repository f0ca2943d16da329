"""What a run of a program costs: events and whose they are, time per event, memory, compilation, threads.

Events come from traced replications, times from untraced ones.
"""

from __future__ import annotations

import html
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from outlast.engines import kernel
from outlast.program import tables as T
from outlast.run import first_call
from outlast.run.replications import check_arguments, processors, run_program
from outlast.run.turns import PROFILE, Turns, turns

if TYPE_CHECKING:
    from outlast.engines.outcome import Outcome
    from outlast.program.program import Program

YEAR_S = 365 * 86_400.0
LEAST_ROUNDS, MOST_ROUNDS, ENOUGH_S = 3, 9, 2.0  # rounds end once they took this long together
COMPARED_S = 0.5  # work of one thread in a comparison of threads, at least
MOST_COMPARED = 2000  # replications of a comparison
COLUMNS = ("component", "source", "events", "events_per_year", "share")


@dataclass(frozen=True)
class Timing:
    """Nanoseconds, or anything else that was measured in several rounds."""

    median: float
    least: float
    most: float
    rounds: int

    @classmethod
    def of(cls, measured: Sequence[float]) -> Timing:
        return cls(statistics.median(measured), min(measured), max(measured), len(measured))


@dataclass(frozen=True)
class Memory:
    """Bytes. world: all mutable state of one replication, of which log: room for its log; program: its tables,
    shared by all replications."""

    world: int
    log: int
    program: int
    units: int

    @property
    def per_unit(self) -> float:
        """Bytes of the world, its log left out, per unit."""
        return (self.world - self.log) / self.units if self.units else math.nan


@dataclass(frozen=True)
class Threads:
    """Wall-clock seconds for the same replications on one and on several threads, same results bit for bit.

    processor_time: that of several threads over that of one, 1 if threads cost nothing; unlike the speed-up it does
    not depend on what else the machine does.
    """

    threads: int
    replications: int
    one_s: Timing
    many_s: Timing
    processor_time: float

    @property
    def speed_up(self) -> float:
        return self.one_s.median / self.many_s.median


@dataclass(frozen=True)
class Cost:
    """What `cost` measured. events: per replication, a row per component and class of source (`COLUMNS`); the
    mean over `replications`. evaluations: of controllers, in replication 0; those that do not act are no events, and
    the kernel leaves many out (R12). log_rows: rows of the log by kind, per replication. ns_per_event: one thread, the
    start of the replication included. start_ms: of that, the start. warm, cold: seconds of a fresh process
    (`first_call`); cold is None where it was not asked for, threads where there is nothing to compare."""

    scenario: str
    seed: int
    replications: int
    years: float
    events_per_replication: float
    events: pd.DataFrame
    evaluations: int
    log_rows: dict[str, float]
    ns_per_event: Timing
    start_ms: Timing
    memory: Memory
    warm: dict[str, float]
    cold: dict[str, float] | None
    threads: Threads | None

    @property
    def events_per_year(self) -> float:
        return self.events_per_replication / self.years

    @property
    def ms_per_year(self) -> float:
        """Milliseconds of one thread per simulated year."""
        return self.ns_per_event.median * self.events_per_year / 1e6

    @property
    def profile_steps_per_year(self) -> float:
        return float(self.events.loc[self.events["source"] == PROFILE, "events_per_year"].sum())

    def _repr_html_(self) -> str:
        facts = {"ns per event": self.ns_per_event.median, "ms per simulated year": self.ms_per_year}
        table = self.events.to_html(index=False, float_format="{:.6g}".format)
        text = ", ".join(f"{name} {value:.4g}" for name, value in facts.items())
        return f"<p><b>{html.escape(self.scenario)}</b>: {text}</p>{table}"

    def document(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        threads = None if self.threads is None else {**asdict(self.threads), "speed_up": self.threads.speed_up}
        per_unit = None if math.isnan(self.memory.per_unit) else self.memory.per_unit
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "replications": self.replications,
            "simulated_years_per_replication": self.years,
            "events_per_replication": self.events_per_replication,
            "events_per_year": self.events_per_year,
            "events": self.events.to_dict("records"),
            "profile_steps_per_year": self.profile_steps_per_year,
            "evaluations": self.evaluations,
            "log_rows_per_replication": self.log_rows,
            "ns_per_event": asdict(self.ns_per_event),
            "ms_per_year": self.ms_per_year,
            "start_ms": asdict(self.start_ms),
            "memory_bytes": {**asdict(self.memory), "per_unit": per_unit},
            "first_replication_warm": self.warm,
            "first_replication_cold": self.cold,
            "threads": threads,
        }


def cost(program: Program, replications: int, seed: int, *, threads: int | None = None, cold: bool = False,
         scenario: str = "") -> Cost:  # fmt: skip
    """Measure replications 0 to `replications - 1` on this machine, each traced once and timed several times.

    threads: compared with one thread (default: two, where there are two processors; 1 compares nothing).
    cold: also compile in a process of its own with an empty cache, about a minute.
    """
    check_arguments(replications, seed, threads)
    several = min(2, processors()) if threads is None else threads
    found, log_rows, events = _counted(program, replications, seed)
    ns_per_event, start_ms = _timed(program, replications, seed)
    replication_s = ns_per_event.median * events / 1e9
    first = kernel.finished(program, seed, 0)
    return Cost(
        scenario=scenario,
        seed=seed,
        replications=replications,
        years=program.horizon / YEAR_S,
        events_per_replication=events,
        events=_frame(found, replications, program.horizon / YEAR_S),
        evaluations=int(first.world.controllers["ticks"].sum()),
        log_rows=log_rows,
        ns_per_event=ns_per_event,
        start_ms=start_ms,
        memory=_memory(first),
        warm=first_call.warm(),
        cold=first_call.cold() if cold else None,
        threads=compared(program, several, _enough(several, replication_s), seed) if several > 1 else None,
    )


def _counted(program: Program, replications: int, seed: int) -> tuple[Turns, dict[str, float], float]:
    """Events by source, rows of an untraced log by kind per replication, events per replication."""
    found, rows, events = Turns(), np.zeros(len(T.LOGS)), 0
    for replication in range(replications):
        outcome = kernel.run(program, seed, replication, trace=True)
        found.update(turns(program, outcome))
        rows += np.bincount(outcome.log["kind"], minlength=len(T.LOGS))
        events += outcome.events
    untraced = dict(zip(T.LOGS[: T.FIRED], (rows / replications).tolist(), strict=False))
    return found, untraced, events / replications


def _frame(found: Turns, replications: int, years: float) -> pd.DataFrame:
    """A row per component and class of source, most events first."""
    rows = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    frame = pd.DataFrame([(*names, count / replications) for names, count in rows], columns=[*COLUMNS[:3]])
    frame["events_per_year"] = frame["events"] / years
    frame["share"] = frame["events"] / max(frame["events"].sum(), 1.0)
    return frame


def _timed(program: Program, replications: int, seed: int) -> tuple[Timing, Timing]:
    """Nanoseconds per event, and milliseconds that a replication takes to start: processor time of this thread."""
    run = kernel.Run(program, seed, 0)
    ns_per_event, start_ms = [], []
    run.advance(0.0)  # compiles, if nothing did so far
    for _ in _rounds():
        start = time.thread_time_ns()
        events = sum(outcome.events for outcome in kernel.run_many(program, seed, 0, replications))
        ns_per_event.append((time.thread_time_ns() - start) / max(events, 1))
        start = time.thread_time_ns()
        for replication in range(replications):
            run.restart(replication)
            run.advance(0.0)
        start_ms.append((time.thread_time_ns() - start) / replications / 1e6)
    return Timing.of(ns_per_event), Timing.of(start_ms)


def _rounds() -> Iterator[int]:
    """Numbers of rounds: at least LEAST_ROUNDS, then until they took ENOUGH_S together."""
    start = time.perf_counter()
    for number in range(MOST_ROUNDS):
        if number >= LEAST_ROUNDS and time.perf_counter() - start > ENOUGH_S:
            return
        yield number


def _memory(run: kernel.Run) -> Memory:
    """Of a finished replication."""
    world, program = run.world.buffer.nbytes, run.block.buffer.nbytes
    return Memory(world, run.world.log.nbytes, program, run.program.units)


def _enough(threads: int, replication_s: float) -> int:
    """Replications that occupy one thread for COMPARED_S, within bounds. replication_s: what one takes."""
    count = math.ceil(COMPARED_S / max(replication_s, 1e-6))
    return max(2 * threads, min(count, MOST_COMPARED))


def compared(program: Program, threads: int, replications: int, seed: int) -> Threads:
    """The same replications on one thread and on several, in turns."""
    wall: dict[int, list[float]] = {1: [], threads: []}
    used: dict[int, list[float]] = {1: [], threads: []}
    for _ in range(LEAST_ROUNDS):
        results = []
        for workers in wall:
            start, started = time.perf_counter(), time.process_time()
            results.append(run_program(program, replications, seed, workers).outcomes)
            wall[workers].append(time.perf_counter() - start)
            used[workers].append(time.process_time() - started)
        assert all(map(_same, *results)), "the number of threads changed a result"
    processor_time = statistics.median(used[threads]) / statistics.median(used[1])
    return Threads(threads, replications, Timing.of(wall[1]), Timing.of(wall[threads]), processor_time)


def _same(a: Outcome, b: Outcome) -> bool:
    """Bit for bit."""
    return a.events == b.events and a.sums.tobytes() == b.sums.tobytes() and a.log.tobytes() == b.log.tobytes()
