"""Python's side of splitting: what may be drawn anew, what can fail, levels, and runs of trees."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from outlast.compiled import interpreted
from outlast.engines.kernel.biasing import part
from outlast.engines.kernel.driver import Run, error
from outlast.engines.kernel.losses import FAR
from outlast.engines.kernel.pointer import BODY, SplitBlock
from outlast.engines.kernel.redraw import AGED_CLOCK, ENTERED, MEMORYLESS, STAYS
from outlast.engines.kernel.split import FAILED, LONG, trees
from outlast.program import tables as T
from outlast.program.influence import Influences, rows_of
from outlast.program.losses import Losses
from outlast.program.program import Program
from outlast.stats.distributions import DETERMINISTIC, EXPONENTIAL, GRID

BLOCK = 16  # trees that a thread grows in one go
LOG_ROWS = 1 << 12
DEEPEST = 64  # distances that are counted
MOST_STEPS = 5_000_000  # instants of one tree


class NotSplitError(Exception):
    """Trees grow without end, or nothing tells how near an outage is; the text says why."""


@dataclass(frozen=True)
class Level:
    """most: losses from an outage at which it is entered; factor: trials; windows: seconds within which failures are
    forced, ascending, at most `tables.MOST_WINDOWS`."""

    most: int
    factor: int
    windows: tuple[float, ...]


@dataclass(frozen=True)
class Grown:
    """results: columns of `tables.SPLIT`, a row per tree; levels: what was seen at each; entered: how often a path came
    this near to an outage (place = losses) from farther away."""

    results: np.ndarray
    levels: np.ndarray
    entered: np.ndarray


class Trees:
    """Trees of what one condition depends on; everything else stands still.

    Raises NotSplitError where nothing tells how near an outage is.  progress: see `outlast.run.rare_estimates`.
    """

    def __init__(self, program: Program, seed: int, condition: int, *, jit: bool = True, threads: int = 1,
                 progress: Callable[[int, int], None] | None = None) -> None:  # fmt: skip
        self.program, self.seed, self.condition, self.jit = program, seed, condition, jit
        self.threads, self.progress = threads, progress
        self.events = 0
        needed = Influences(program).behind(condition)
        self.cohorts = sorted(i for kind, i in needed if kind == "cohort")
        self._sources = list(_idle(program, needed, self.cohorts))
        self.rules, self.failures = _rules(program, self.cohorts)
        self._losses = Losses(program, condition).tables
        self._call: Any = trees if jit else interpreted(trees)
        self._idle: SimpleQueue[Run] = SimpleQueue()  # worlds that no thread uses
        self.distance = self._distance()

    def run(self, first: int, count: int, levels: Sequence[Level]) -> Grown:
        """Trees number `first` and on.  levels: the start, then from far to near.  After Ctrl-C blocks under way are
        finished first."""
        starts = range(first, first + count, BLOCK)
        blocks: list[SplitBlock] = []
        report = self.progress or (lambda done, total: None)
        report(0, count)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="outlast") as pool:
            futures = [pool.submit(self._grow, at, min(BLOCK, first + count - at), levels) for at in starts]
            try:
                for future in futures:
                    blocks.append(future.result())
                    report(min(len(blocks) * BLOCK, count), count)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        found = np.concatenate([block.results for block in blocks])
        self.events += int(found["steps"].sum())
        return Grown(found, _together(blocks), np.sum([block.entered["n"] for block in blocks], axis=0))

    def _grow(self, first: int, count: int, levels: Sequence[Level], end: float | None = None) -> SplitBlock:
        """A block of trees, in a world of its own."""
        try:
            run = self._idle.get_nowait()
        except Empty:
            run = Run(self.program, self.seed, 0, jit=self.jit, log_rows=LOG_ROWS)
            run.block = part(run.block, self.cohorts)
        block = self._block(run, first, count, levels)
        block.head[0]["end"] = self.program.horizon if end is None else end
        with np.errstate(all="ignore"):
            status = int(self._call(run.block, run.world, block))
        if status == LONG:
            raise NotSplitError(f"one tree of replications has more than {MOST_STEPS:,} events")
        if status == FAILED:
            raise error(run, int(run.world.run[0]["status"]))
        self._idle.put(run)
        return block

    def _distance(self) -> int:
        """Losses from an outage at the start, at most `DEEPEST`; 0: it is down."""
        block = self._grow(0, 1, [Level(0, 1, (1.0,))], end=0.0)  # the world is begun, and nothing passes
        found = int(block.head[0]["before"])
        if found >= FAR:
            raise NotSplitError("it does not depend on how many of something are left")
        return min(found, DEEPEST)

    def _block(self, run: Run, first: int, count: int, levels: Sequence[Level]) -> SplitBlock:
        world, units = run.world, self._units()
        words = (world.log.ctypes.data - world.buffer.ctypes.data - BODY) // 8  # all but the log
        frames, kinds = len(levels), len(self.failures)
        block = SplitBlock({
            "head": 1, "rules": len(self.rules), "units": len(units), "idle": len(self._sources), "levels": frames,
            "windows": frames * T.MOST_WINDOWS, "frames": frames, "chances": frames * T.MOST_WINDOWS,
            "running": frames * T.MOST_WINDOWS * kinds, "entered": DEEPEST, "saved": (1 + frames) * words,
            "results": count, **{name: len(rows) for name, rows in self._losses.items()},
        })  # fmt: skip
        head = block.head[0]
        head["condition"], head["seed"], head["first"], head["levels"] = self.condition, self.seed, first, frames
        head["words"], head["kinds"], head["most"], head["start"] = words, kinds, MOST_STEPS, self.program.warm_up
        for name, rows in (*self._losses.items(), ("rules", self.rules)):
            getattr(block, name)[:] = rows
        block.units["unit"], block.idle["source"] = units, self._sources
        for i, level in enumerate(levels):
            block.levels[i]["most"], block.levels[i]["factor"] = level.most, level.factor
            block.levels[i]["windows"] = len(level.windows)
            at = i * T.MOST_WINDOWS
            block.windows["length"][at : at + len(level.windows)] = level.windows
        return block

    def _units(self) -> np.ndarray:
        c = self.program.tables["cohorts"][self.cohorts]
        return np.concatenate([np.arange(row["first"], row["first"] + row["count"]) for row in c] or [np.empty(0, int)])


def _together(blocks: Sequence[SplitBlock]) -> np.ndarray:
    """What was seen at the levels, over all blocks."""
    found: np.ndarray = blocks[0].levels.copy()
    for block in blocks[1:]:
        for name in ("trials", "ups", "steps", "stays", "logs"):
            found[name] += block.levels[name]
        found["longest"] = np.maximum(found["longest"], block.levels["longest"])
    return found


def _idle(program: Program, needed: set[tuple[str, int]], cohorts: Sequence[int]) -> Iterator[int]:
    """Sources of events that do not matter: the ends of windows, and whatever the condition does not depend on."""
    t, head = program.tables, program.tables["head"][0]
    yield 0
    for kind, table, first in (("profile", "profiles", "first_profile"), ("stock", "stocks", "first_stock"),
                               ("controller", "controllers", "first_controller")):  # fmt: skip
        yield from (int(head[first]) + i for i in range(len(t[table])) if (kind, i) not in needed)
    others = np.flatnonzero(~np.isin(t["owners"]["cohort"], cohorts))
    yield from (int(head["first_unit"]) + others).tolist()


def _rules(program: Program, cohorts: Sequence[int]) -> tuple[np.ndarray, list[int]]:
    """How the rest of each row's clock may be drawn anew, and which rows are failures: origins whose rest may be."""
    t, failures = program.tables, list[int]()
    found = np.zeros(len(t["transitions"]), T.SPLIT["rules"])
    found["kind"] = -1
    for cohort in cohorts:
        rows = [row for row in rows_of(program, cohort) if t["transitions"][row]["signal"] < 0]
        for row in rows:
            found[row]["redraw"] = _redraw(program, row, rows)
            if found[row]["redraw"] != STAYS and t["transitions"][row]["origin"] and found[row]["kind"] < 0:
                found[row]["kind"] = len(failures)
                failures.append(row)
    return found, failures


def _redraw(program: Program, row: int, rows: Sequence[int]) -> int:
    """How the age of a row's running clock is known (docs/rare-events.md); rows: all timed ones of its lifecycle."""
    t, rule = program.tables, program.tables["transitions"][row]
    law = t["dists"][int(rule["dist"])]
    if law["source"] >= 0 or law["kind"] in (DETERMINISTIC, GRID) or rule["policy"] == T.REPEAT:
        return STAYS
    same = [t["transitions"][other] for other in rows if t["transitions"][other]["clock"] == rule["clock"]]
    carried = any(other["policy"] == T.CARRY for other in same)
    if carried and any(other["dist"] != rule["dist"] for other in same):
        return STAYS
    if law["kind"] == EXPONENTIAL:
        return MEMORYLESS
    if rule["policy"] == T.AGED:
        return AGED_CLOCK
    cases = t["cases"][int(rule["c0"]) : int(rule["c1"])]
    if carried or rule["g1"] > rule["g0"] or (cases["target"] < 0).any():
        return STAYS  # it may have begun before or after the state was entered
    if rule["policy"] == T.RESUME and not _alone(program, rule):
        return STAYS  # what is left may be of an earlier stay
    return ENTERED


def _alone(program: Program, rule: np.void) -> bool:
    """Nothing else makes a unit leave the row's state."""
    state = program.tables["states"][int(rule["state"])]
    return int(state["t1"] - state["t0"]) == 1 and state["s1"] == state["s0"]


def windows(shortest: float, longest: float) -> tuple[float, ...]:
    """From the shortest to the longest, each four times the one before, or more if these would be too many."""
    count = min(1 + math.ceil(math.log(max(longest / shortest, 1.0), 4.0)), T.MOST_WINDOWS)
    ratio = (longest / shortest) ** (1.0 / max(count - 1, 1))
    return tuple(shortest * max(ratio, 1.0) ** j for j in range(count))
