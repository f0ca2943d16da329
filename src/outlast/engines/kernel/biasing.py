"""Python's side of failure biasing: what to speed up, where the system is as new, and runs of excursions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from outlast.compiled import interpreted
from outlast.engines.kernel.biased import DONE, FAILED, LONG, STUCK, excursions
from outlast.engines.kernel.calendar import ROOT
from outlast.engines.kernel.driver import Run, error
from outlast.engines.kernel.losses import FAR, losses
from outlast.engines.kernel.pointer import BiasBlock, ProgramBlock, SplitBlock
from outlast.program import tables as T
from outlast.program.influence import Influences, Node, rows_of
from outlast.program.losses import Losses
from outlast.program.program import Program
from outlast.stats.distributions import EXPONENTIAL, GRID

AFTER_ZERO = float(np.nextafter(0.0, 1.0))  # events at 0 are before it
LOG_ROWS = 1 << 12
NOWHERE, NO_SIGNAL = 1 << 40, -2
BLOCK = 4_096  # excursions in one world
FIRST_RUN = 1 << 40  # replication number of the first world: none that a plain run has
PROBE, SMALL = 32, 100  # excursions that show what one costs; failures of a small system
MOST_STEPS = 20_000  # instants of one excursion
MIX = 0.7  # share of the forced failures that is spread evenly over the rows that hit the condition
#: share of the excursions, pull, whether the first failure is picked by MIX: as they come (so no weight exceeds 1 over
#: this share), only the first forced, also later ones (one comes within `scale` seconds with probability 1 - 2^-pull)
MODES = ((0.2, 0.0, 0), (0.3, 0.0, 1), (0.5, 1.0, 1))


class NotRegenerativeError(Exception):
    """The system never is as new, or remembers when it was; the text says why."""


@dataclass(frozen=True)
class Failure:
    """A row of a cohort whose exponential clock is sped up.  rate: per second and unit."""

    cohort: int
    row: int
    rate: float


class Excursions:
    """Excursions of what one condition depends on; everything else stands still.

    They come in blocks with worlds and draws of their own, so results do not depend on the number of threads.
    progress(done, total) is called with the excursions of one `run` as blocks finish.  Raises NotRegenerativeError
    where the system has no state from which the future is independent of the past.
    """

    def __init__(self, program: Program, seed: int, condition: int, *, jit: bool = True, threads: int = 1,
                 progress: Callable[[int, int], None] | None = None) -> None:  # fmt: skip
        self.program, self.seed, self.condition, self.jit = program, seed, condition, jit
        self.threads, self.progress = threads, progress
        self.events = 0
        self._blocks = 0  # begun so far
        self._influences = Influences(program)
        needed = self._influences.behind(condition)
        self.cohorts = sorted(i for kind, i in needed if kind == "cohort")
        self._direct = {i for kind, i in self._influences.behind(condition, pools=False) if kind == "cohort"}
        self.services = sorted(i for kind, i in needed if kind == "service")
        _refuse_clocks(program, needed)
        self._call: Any = excursions if jit else interpreted(excursions)
        self._idle: SimpleQueue[Run] = SimpleQueue()  # worlds that no thread uses
        self._start = self._room()
        self._begin(self._start, FIRST_RUN)
        if not self.world.conditions[condition]["above"]:
            raise NotRegenerativeError("it does not work at the start")
        self.failures = list(self._failures())
        if not self.failures:
            raise NotRegenerativeError("nothing that it depends on fails at a constant rate")
        counts = program.tables["cohorts"]["count"]
        running = {failure: self._running(failure) for failure in self.failures}
        self.total = sum(failure.rate * n for failure, n in running.items())
        self._units, self._home = self._tally()
        self._routes = self.world.services["route"][self.services].copy()
        self._memories = list(self._kept())
        self.losses = self._losses()
        self._rows = sum(int(counts[failure.cohort]) for failure in self.failures)

    @property
    def world(self) -> Any:
        """The world at the start, everything working."""
        return self._start.world

    def run(self, count: int, *, scale: float | None = None, horizon: float = np.inf) -> np.ndarray:
        """Results of `count` excursions, or missions with a finite horizon (seconds); columns of `tables.BIAS`.

        scale: seconds in which the next failure is forced with probability a half; None: as they come.  After Ctrl-C
        blocks under way are finished first.
        """
        sizes = [min(BLOCK, count - first) for first in range(0, count, BLOCK)]
        numbers = range(self._blocks, self._blocks + len(sizes))
        self._blocks += len(sizes)
        found: list[np.ndarray] = []
        report = self.progress or (lambda done, total: None)
        report(0, count)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="outlast") as pool:
            futures = [pool.submit(self._run_block, *each, scale, horizon) for each in zip(numbers, sizes, strict=True)]
            try:
                for future in futures:
                    results, events = future.result()
                    found.append(results)
                    self.events += events
                    report(sum(map(len, found)), count)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return np.concatenate(found)

    def cost(self) -> float:
        """Events of an excursion as it comes, about."""
        _, events = self._run_block(-1, PROBE, None, np.inf)
        return max(1.0, events / PROBE)

    @property
    def size(self) -> float:
        """How much longer an event takes than in a small system: every failure that could be forced is looked at."""
        return max(1.0, self._rows / SMALL)

    def _run_block(self, number: int, count: int, scale: float | None, horizon: float) -> tuple[np.ndarray, int]:
        """Results of a block, and how many events that took."""
        try:
            run = self._idle.get_nowait()
        except Empty:
            run = self._room()
        block = self._block(count, scale, horizon)
        head, begun, events = block.head[0], FIRST_RUN + number * (BLOCK + 1), 0
        self._begin(run, begun)
        while int(head["done"]) < count:
            with np.errstate(all="ignore"):
                status = int(self._call(run.block, run.world, block))
            if status == FAILED:
                raise error(run, int(run.world.run[0]["status"]))
            if status == LONG:
                raise NotRegenerativeError(f"once something has failed, {MOST_STEPS:,} events later something still is")
            if status == STUCK and horizon == np.inf:
                raise NotRegenerativeError("some failures are never repaired")
            if status != DONE:
                events += int(run.world.run[0]["events"])
                begun += 1
                self._begin(run, begun)
        events += int(run.world.run[0]["events"])
        self._idle.put(run)
        return block.results.copy(), events

    def _room(self) -> Run:
        run = Run(self.program, self.seed, FIRST_RUN, log_rows=LOG_ROWS, jit=self.jit)
        run.block = part(run.block, self.cohorts)
        return run

    def _begin(self, run: Run, number: int) -> None:
        """A new world, everything working; what the condition does not depend on stands still."""
        run.restart(number)
        status = run.advance(AFTER_ZERO)
        if status != T.OK:
            raise error(run, status)
        table, world = self.program.tables["cohorts"], run.world
        idle = np.ones(len(table), dtype=bool)
        idle[self.cohorts] = False
        for c in table[idle]:
            first = int(c["clk0"])
            world.clocks["time"][first : first + int(c["nclk"] * c["count"])] = np.inf
        _reorder(world, self.program, ~idle[self.program.tables["owners"]["cohort"]])

    def _losses(self) -> int:
        """How many more losses the condition stands; 1 where losses alone do not make it false."""
        tables = Losses(self.program, self.condition).tables
        block = SplitBlock({name: len(rows) for name, rows in tables.items()})
        for name, rows in tables.items():
            getattr(block, name)[:] = rows
        found = int(interpreted(losses)(self.world, block))
        return found if found < FAR else 1

    def _failures(self) -> Iterator[Failure]:
        """Rows with exponential clocks that run now, or that are origins of failures; refuses other running clocks."""
        t = self.program.tables
        for cohort in self.cohorts:
            for row in rows_of(self.program, cohort):
                rule = t["transitions"][row]
                if rule["signal"] >= 0:
                    continue
                law, memoryless = t["dists"][int(rule["dist"])], _memoryless(self.program, row)
                runs = self._running(Failure(cohort, row, 0.0)) > 0
                if runs and not memoryless:
                    name = self.program.names.laws[int(rule["dist"])]
                    owner = self.program.names.cohorts[cohort]
                    raise NotRegenerativeError(f"{owner} remembers its past while everything works: {name}")
                if memoryless and (runs or rule["origin"]):
                    yield Failure(cohort, row, 1.0 / float(law["a"]))

    def _running(self, failure: Failure) -> int:
        """Units whose clock of this row runs now."""
        units, clocks = self._clocks(failure)
        state = self.program.tables["transitions"][failure.row]["state"]
        runs = (self.world.units["state"][units] == state) & (self.world.clocks["time"][clocks] < np.inf)
        return int(runs.sum())

    def _clocks(self, failure: Failure) -> tuple[np.ndarray, np.ndarray]:
        """Units of the cohort, and the places of their clocks of this row."""
        c = self.program.tables["cohorts"][failure.cohort]
        index = np.arange(int(c["count"]))
        own = int(self.program.tables["transitions"][failure.row]["clock"])
        return int(c["first"]) + index, int(c["clk0"]) + int(c["nclk"]) * index + own

    def _block(self, count: int, scale: float | None, horizon: float) -> BiasBlock:
        t = self.program.tables
        block = BiasBlock({
            "head": 1, "failures": self._rows, "classes": len(self.failures), "places": len(t["cohorts"]),
            "units": len(self._units), "tally": len(self._home), "routes": len(self.services),
            "memories": len(self._memories), "modes": 1 if scale is None else len(MODES), "results": count,
        })  # fmt: skip
        head = block.head[0]
        head["condition"], head["most"], head["horizon"], head["total"] = (
            self.condition,
            MOST_STEPS,
            horizon,
            self.total,
        )
        head["on"], head["mix"] = int(scale is not None), MIX
        modes = MODES if scale is not None else MODES[:1]
        block.modes["share"], block.modes["pull"], block.modes["even"] = np.transpose(modes)
        block.modes["share"] /= block.modes["share"].sum()
        head["budget"] = self.losses + 1
        head["scale"] = 1.0 if scale is None else scale
        block.units["unit"], block.units["first"], block.units["home"] = self._units.T
        block.tally["home"] = self._home
        block.memories["place"] = self._memories
        block.routes["service"], block.routes["home"] = self.services, self._routes
        at = 0
        for kind, failure in enumerate(self.failures):
            units, clocks = self._clocks(failure)
            rows = block.failures[at : at + len(units)]
            rows["unit"], rows["clock"], rows["kind"], rows["rate"] = units, clocks, kind, failure.rate
            rows["state"] = t["transitions"][failure.row]["state"]
            one = block.classes[kind]
            one["row"], one["first"], one["hits"] = failure.row, at, int(failure.cohort in self._direct)
            place = block.places[failure.cohort]
            place["c0"], place["c1"] = (kind if place["c1"] == 0 else place["c0"]), kind + 1
            at += len(units)
        return block

    def _tally(self) -> tuple[np.ndarray, np.ndarray]:
        """(unit, first place in the tally less its first state, state now) of all that matter; units per place now."""
        t, units, size = self.program.tables, list[tuple[int, int]](), 0
        for cohort in self.cohorts:
            c = t["cohorts"][cohort]
            states, alone = int(c["state1"] - c["state0"]), not self._influences.exchangeable(cohort)
            for i in range(int(c["count"])):
                units.append((int(c["first"]) + i, size - int(c["state0"])))
                size += states if alone or i == c["count"] - 1 else 0
        table = np.array(units, dtype=np.int64).reshape(-1, 2)
        states = self.world.units["state"][table[:, 0]]
        return np.column_stack([table, states]), np.bincount(table[:, 1] + states, minlength=size)

    def _kept(self) -> Iterator[int]:
        """Places of remembered delays; those of exponential clocks say nothing."""
        for cohort in self.cohorts:
            c = self.program.tables["cohorts"][cohort]
            for row in rows_of(self.program, cohort):
                rule = self.program.tables["transitions"][row]
                if rule["signal"] < 0 and rule["policy"] in (T.RESUME, T.REPEAT) and not _memoryless(self.program, row):
                    first = int(c["mem0"]) + int(rule["memory"])
                    yield from range(first, first + int(c["nmem"] * c["count"]), int(c["nmem"]))


def _memoryless(program: Program, row: int) -> bool:
    """An exponential delay that is drawn whenever its clock starts."""
    rule = program.tables["transitions"][row]
    law = program.tables["dists"][int(rule["dist"])]
    return bool(law["kind"] == EXPONENTIAL and law["source"] < 0 and rule["policy"] != T.REPEAT)


def _refuse_clocks(program: Program, needed: set[Node]) -> None:
    """Raises NotRegenerativeError for whatever keeps the past in mind while everything works."""
    t, names = program.tables, program.names
    for kind, i in sorted(needed):
        if kind == "controller":
            raise NotRegenerativeError(f"it depends on autoscaler {names.controllers[i]}")
        if kind == "stock":
            raise NotRegenerativeError(f"it depends on the level of {names.stocks[i]}")
        if kind == "profile" and t["profiles"][i]["s1"] - t["profiles"][i]["s0"] > 1:
            raise NotRegenerativeError(f"it depends on {names.profiles[i]}, which changes with the time of day or week")
        for row in rows_of(program, i) if kind == "cohort" else ():
            rule = t["transitions"][row]
            if rule["signal"] >= 0:
                continue
            where = f"{names.cohorts[i]}, row {names.rows[row]!r}"
            if t["dists"][int(rule["dist"])]["kind"] == GRID:
                raise NotRegenerativeError(f"{where} keeps to fixed times")
            if rule["policy"] == T.AGED and not _memoryless(program, row):
                raise NotRegenerativeError(f"{where} remembers its age")


def part(whole: ProgramBlock, cohorts: list[int]) -> ProgramBlock:
    """The program in which other cohorts take no notice of conditions and signals."""
    block = ProgramBlock(whole.rows)
    block.copy_from(whole)
    others = ~np.isin(block.subscriptions["cohort"], cohorts)
    block.subscriptions["base"][others], block.subscriptions["stride"][others] = NOWHERE, 1
    own = {int(block.cohorts[c]["state0"]) for c in cohorts}
    for c in block.cohorts:
        if int(c["state0"]) not in own:  # lifecycles may be shared
            for state in block.states[int(c["state0"]) : int(c["state1"])]:
                block.transitions["signal"][int(state["s0"]) : int(state["s1"])] = NO_SIGNAL
    return block


def _reorder(world: Any, program: Program, kept: np.ndarray) -> None:
    """Of the sources of events only these units stay: the calendar is written anew."""
    first, heap = int(program.tables["head"][0]["first_unit"]), world.heap
    times = np.full(len(world.place), np.inf)
    own = heap["time"][world.place["at"][first : first + len(kept)]]
    times[first : first + len(kept)][kept] = own[kept]
    order = np.lexsort((np.arange(len(times)), times))
    heap["time"][ROOT:], heap["source"][ROOT:] = times[order], order
    world.place["at"][order] = np.arange(len(times)) + ROOT
