"""The rules R1-R16 of docs/semantics.md, one file each: tiny programs whose whole trace was worked out by hand.

Every test runs on the compiled kernel, on the same source interpreted, and on the reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from outlast.engines import kernel, reference
from outlast.engines.outcome import Outcome
from outlast.program import Program
from outlast.program import tables as T
from outlast.stats.draws import base_key, bits, name_hash, uniform, unit_key

Run = Callable[..., Outcome]
ENGINES: dict[str, Run] = {
    "kernel": lambda program, seed, replication: kernel.run(program, seed, replication, trace=True),
    "interpreted": lambda program, seed, replication: kernel.run(program, seed, replication, True, False),
    "reference": lambda program, seed, replication: reference.run(program, seed, replication, trace=True),
}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(engine: str) -> Run:
    """run(program, seed=1, replication=0): the outcome of one traced replication."""

    def run_it(program: Program, seed: int = 1, replication: int = 0) -> Outcome:
        return ENGINES[engine](program, seed, replication)

    return run_it


@pytest.fixture
def trace(run: Run) -> Callable[..., list[str]]:
    """trace(program, seed=1, replication=0): the log, one readable line a row.

    12.0 node[1] down -> up cause crew      a firing; `stays` if it has no target; no cause is shown where the
                                            unit is its own, `cause none` where there is none
    12.0 flip service down cause node[1]    a condition; also `12.0 step load 3.0`, `12.0 watch tank 5.0`
    outage service 10.0 +2.0 cause node     start and length; `censored` if still open at the horizon
    stay node waiting 10.0 +2.0             a stay in a state that is a part
    12.0 scale hpa 2 to 5 cause hpa         a controller acts
    12.0 record begun node level 3.0        `12.0 loss tank 2.0 to 1.0 by node`, `20.0 level tank 5.0 lost 2.0`
    """

    def trace_it(program: Program, seed: int = 1, replication: int = 0) -> list[str]:
        return [readable(program, row) for row in run(program, seed, replication).log]

    return trace_it


@pytest.fixture
def sums(run: Run) -> Callable[..., list[dict[str, float]]]:
    """sums(program): meter -> reduction, for every window."""

    def sum_up(program: Program, seed: int = 1, replication: int = 0) -> list[dict[str, float]]:
        rows = run(program, seed, replication).sums
        assert len(rows) == len(program.windows)
        return [dict(zip(program.meters, row.tolist(), strict=True)) for row in rows]

    return sum_up


@pytest.fixture
def luck() -> Callable[..., float]:
    """luck(cohort, row, n, index=0, seed=1, replication=0): the uniform of R15; a row by its name or its hash."""

    def draw(cohort: str, row: str | int, n: int, index: int = 0, seed: int = 1, replication: int = 0) -> float:
        hashed = name_hash(row) if isinstance(row, str) else row
        key = key_of(cohort, index, seed, replication)
        return float(uniform(key, np.uint64(hashed), np.uint64(n)))

    return draw


def key_of(cohort: str, index: int = 0, seed: int = 1, replication: int = 0) -> np.uint64:
    """R15: the key of a unit."""
    base = base_key(np.uint64(seed), np.uint64(replication), np.uint64(0))
    return np.uint64(unit_key(np.uint64(base), np.uint64(name_hash(cohort)), np.uint64(index)))


@pytest.fixture
def scatter_luck() -> Callable[..., float]:
    """scatter_luck(cohort, effect hash, n, member cohort, index): the uniform of one member for the n-th scatter."""

    def draw(cohort: str, effect: int, n: int, member: str, index: int) -> float:
        key = np.uint64(bits(key_of(cohort), np.uint64(effect), np.uint64(n)))
        return float(uniform(key, key_of(member, index), np.uint64(0)))

    return draw


def readable(program: Program, row: np.void) -> str:
    """One row of the log in words."""
    kind, a, b, cause = (int(row[name]) for name in ("kind", "a", "b", "cause"))
    time, x, y = (float(row[name]) for name in ("time", "x", "y"))
    names, by = program.names, f" cause {program.cause_name(cause)}" if cause != T.NONE else ""
    if kind == T.FIRED:
        return f"{time} {program.unit_name(a)} {move(program, b)}" + firing_cause(program, a, cause)
    if kind == T.FLIP:
        return f"{time} flip {names.conditions[a]} {'up' if b else 'down'}{by}"
    if kind == T.STEP:
        return f"{time} step {names.profiles[a]} {x}{by}"
    if kind == T.WATCH:
        return f"{time} watch {names.stocks[a]} {x}{by}"
    if kind in (T.OUTAGE, T.STAY):
        assert math.isclose(time, x + y)
        what = f"outage {program.outage_names[a]}" if kind == T.OUTAGE else (
            f"stay {program.unit_name(a)} {program.labels[b]}")  # fmt: skip
        return f"{what} {x} +{y}{by}" + (" censored" if kind == T.OUTAGE and b else "")
    if kind == T.RECORDED:
        level = "" if math.isnan(x) else f" level {x}"
        return f"{time} record {program.labels[a]} {program.unit_name(b)}{level}{by}"
    if kind == T.LOSS:
        return f"{time} loss {names.stocks[a]} {x} to {y} by {program.unit_name(b)}{by}"
    if kind == T.SCALE:
        return f"{time} scale {names.controllers[a]} {x:g} to {y:g} cause {program.cause_name(cause)}"
    assert kind == T.LEVEL
    return f"{time} level {names.stocks[a]} {x} lost {y}"


def firing_cause(program: Program, unit: int, cause: int) -> str:
    if cause == unit:
        return ""
    return f" cause {program.cause_name(cause) or 'none'}"


def move(program: Program, case: int) -> str:
    """`state -> target` or `state stays` of a case."""
    t = next(iter(rows_with(program, case)))
    state = short(program, int(program.tables["transitions"][t]["state"]))
    target = int(program.tables["cases"][case]["target"])
    return f"{state} -> {short(program, target)}" if target >= 0 else f"{state} stays"


def rows_with(program: Program, case: int) -> Iterator[int]:
    for t, row in enumerate(program.tables["transitions"]):
        if row["c0"] <= case < row["c1"]:
            yield t


def short(program: Program, state: int) -> str:
    return program.names.states[state].rpartition(".")[2]
