"""Python's side of the kernel: room for a world, runs, statuses as errors, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from outlast.compiled import interpreted
from outlast.engines.kernel.calendar import ROOT
from outlast.engines.kernel.loop import simulate
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.pool import LISTS
from outlast.engines.outcome import Outcome
from outlast.errors import LivelockError, RunError
from outlast.program import tables as T
from outlast.program.program import Program, window_count
from outlast.stats.draws import base_key

LOG_ROWS, TRACE_ROWS = 1 << 10, 1 << 14
MOST_LOG_ROWS = 1 << 26
BASE_KEY = interpreted(base_key)  # once a replication: not worth a compilation


def _program_block(program: Program) -> ProgramBlock:
    if "kernel" not in program.cache:
        block = ProgramBlock({name: len(table) for name, table in program.tables.items()})
        for name, table in program.tables.items():
            getattr(block, name)[:] = table
        program.cache["kernel"] = block
    block = program.cache["kernel"]
    assert isinstance(block, ProgramBlock)
    return block


def _room(program: Program, log_rows: int, signals: int) -> dict[str, int]:
    """Rows of every table of a world."""
    t, head = program.tables, program.tables["head"][0]
    cohorts = t["cohorts"]

    def per_unit(column: str) -> int:
        return int((cohorts[column] * cohorts["count"]).sum())

    warm = 1 if program.warm_up > 0 else 0
    windows = warm + window_count(program.horizon, program.warm_up, program.window)
    controllers = t["controllers"]
    sources, nodes, stocks = int(head["sources"]), len(t["nodes"]), len(t["stocks"])
    return {
        "run": 1, "heap": sources + ROOT, "place": sources, "units": program.units, "clocks": per_unit("nclk"),
        "memory": per_unit("nmem"), "draws": per_unit("ndraw"), "claims": per_unit("nclaim"),
        "pools": len(t["pools"]), "lists": len(t["pools"]) * LISTS, "groups": len(t["groups"]),
        "conditions": len(t["conditions"]), "stocks": stocks, "rings": stocks * T.TIERS * T.RING,
        "ringed": stocks * T.TIERS, "services": len(t["services"]), "sites": len(t["sites"]),
        "profiles": len(t["profiles"]), "controllers": len(controllers), "samples": int(controllers["lag"].sum()),
        "advice": int((controllers["depth"] + 1).sum()), "meters": len(t["meters"]), "sums": windows * len(t["meters"]),
        "signals": signals, "dirty": nodes, "marks": nodes, "flips": len(t["conditions"]), "log": log_rows,
    }  # fmt: skip


class Run:
    """One replication under way: it can stop, be copied, and continue (all state is one buffer)."""

    def __init__(self, program: Program, seed: int, replication: int, *, trace: bool = False, jit: bool = True,
                 log_rows: int = 0, signals: int = 0) -> None:  # fmt: skip
        self.program, self.seed, self.replication, self.trace, self.jit = program, seed, replication, trace, jit
        self.log_rows = log_rows or (TRACE_ROWS if trace else LOG_ROWS)
        self.signals = signals or int(program.tables["head"][0]["signals"])
        self.block = _program_block(program)
        self.world = WorldBlock(_room(program, self.log_rows, self.signals))
        self._simulate: Callable[..., Any] = simulate if jit else interpreted(simulate)
        self._begun = False

    def restart(self, replication: int) -> None:
        """Use the same memory for another replication."""
        self.world.buffer[16 * len(T.WORLD) :] = 0
        self.replication, self._begun = replication, False

    def advance(self, until: float, finish: bool = False) -> int:
        """Run the events before `until` (seconds); returns the status."""
        begin = not self._begun
        with np.errstate(all="ignore"):  # 64-bit keys wrap around on purpose when the source runs interpreted
            if begin:
                self.world.run[0]["base"] = BASE_KEY(np.uint64(self.seed), np.uint64(self.replication), np.uint64(0))
                self.world.run[0]["trace"] = int(self.trace)
                self._begun = True
            return int(self._simulate(self.block, self.world, begin, float(until), finish))

    def clone(self) -> Run:
        """A copy that continues on its own."""
        twin = Run(self.program, self.seed, self.replication, trace=self.trace, jit=self.jit, log_rows=self.log_rows,
                   signals=self.signals)  # fmt: skip
        twin.world.copy_from(self.world)
        twin._begun = self._begun
        return twin

    def outcome(self) -> Outcome:
        """Copy of what this run measured."""
        state, meters = self.world.run[0], len(self.world.meters)
        sums = self.world.sums["value"].reshape(-1, meters).copy() if meters else np.zeros((int(state["window"]), 0))
        log = self.world.log[: int(state["logged"])].copy()
        return Outcome(self.seed, self.replication, sums, log, int(state["events"]))


def _finish(run: Run) -> tuple[Outcome, Run]:
    """Run to the horizon; with more room if a buffer was full (same draws, same result)."""
    while True:
        status = run.advance(run.program.horizon, finish=True)
        if status == T.OK:
            return run.outcome(), run
        if status == T.LOG_FULL and run.log_rows < MOST_LOG_ROWS:
            log_rows, signals = run.log_rows * 4, run.signals
        elif status == T.SIGNALS_FULL and run.signals < MOST_LOG_ROWS:
            log_rows, signals = run.log_rows, run.signals * 4
        else:
            raise error(run, status)
        run = Run(run.program, run.seed, run.replication, trace=run.trace, jit=run.jit, log_rows=log_rows,
                  signals=signals)  # fmt: skip


def error(run: Run, status: int) -> Exception:
    """What a status other than OK means."""
    state = run.world.run[0]
    unit, now = run.program.unit_name(int(state["culprit"])), float(state["now"])
    if status == T.LIVELOCK:
        return LivelockError([unit], now)
    if status == T.BAD_DELAY:
        return RunError(f"{unit} drew a delay that is negative or not finite at {now} s; check its law and its scale")
    return RunError(f"replication {run.replication} needs more than {MOST_LOG_ROWS} rows of log or signals")


def run(program: Program, seed: int, replication: int, trace: bool = False, jit: bool = True) -> Outcome:
    """One replication.  trace: log every firing, flip, step and watch too; jit=False: the same source interpreted."""
    return _finish(Run(program, seed, replication, trace=trace, jit=jit))[0]


def run_many(program: Program, seed: int, first: int, count: int) -> Iterator[Outcome]:
    """Replications first .. first + count - 1, one by one, in one recycled world."""
    world = Run(program, seed, first)
    for replication in range(first, first + count):
        world.restart(replication)
        outcome, world = _finish(world)
        yield outcome


def finished(program: Program, seed: int, replication: int) -> Run:
    """One replication at its end, with its world (a log that was full has grown)."""
    return _finish(Run(program, seed, replication))[1]
