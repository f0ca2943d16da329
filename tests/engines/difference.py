"""What differs first between two outcomes of one program, in names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from outlast.engines.outcome import Outcome
from outlast.errors import LivelockError, OutlastError
from outlast.program import Program
from outlast.program import tables as T

Result = Outcome | OutlastError
BEFORE = 6  # rows in common that are shown before the first different one


def first_difference(program: Program, a: Result, b: Result) -> str:
    """ "" if equal: the same error, or the same log row by row (NaN = NaN), meter sums and number of events."""
    if isinstance(a, OutlastError) or isinstance(b, OutlastError):
        return "" if _blame(a) == _blame(b) else f"first: {_ending(a)}\nsecond: {_ending(b)}"
    row = _first_row(a.log, b.log)
    if row >= 0:
        lines = [f"log row {row} of {len(a.log)} and {len(b.log)}:"]
        lines += ["  both   " + named(program, a.log[i]) for i in range(max(0, row - BEFORE), row)]
        lines += [f"  {who} " + (named(program, x.log[row]) if row < len(x.log) else "(no more rows)")
                  for who, x in (("first ", a), ("second", b))]  # fmt: skip
        return "\n".join(lines)
    if not np.array_equal(a.sums, b.sums):
        return _sums(program, a.sums, b.sums)
    return "" if a.events == b.events else f"{a.events} events and {b.events} events"


def _blame(result: Result) -> tuple[object, ...]:
    """Kind of error and the unit it names: the engines word a bad delay differently."""
    if isinstance(result, LivelockError):
        return type(result), result.units, result.time_s
    return type(result), str(result).split()[0].rstrip(":") if isinstance(result, OutlastError) else ""


def _ending(result: Result) -> str:
    if isinstance(result, OutlastError):
        return f"{type(result).__name__}: {result}"
    return f"finished after {result.events} events"


def _first_row(a: np.ndarray, b: np.ndarray) -> int:
    """Number of the first row that differs; -1 for none."""
    n = min(len(a), len(b))
    differs = np.zeros(n, dtype=bool)
    for field in a.dtype.names or ():
        x, y = a[field][:n], b[field][:n]
        differs |= (x != y) & ~((x != x) & (y != y))
    found = np.flatnonzero(differs)
    if len(found):
        return int(found[0])
    return n if len(a) != len(b) else -1


def _sums(program: Program, a: np.ndarray, b: np.ndarray) -> str:
    if a.shape != b.shape:
        return f"sums of shape {a.shape} and {b.shape}"
    window, meter = np.argwhere(a != b)[0]
    return f"meter {program.meters[meter]!r} in window {window}: {a[window, meter]!r} and {b[window, meter]!r}"


def named(program: Program, row: np.void) -> str:
    """A log row for people."""
    kind, a, b = int(row["kind"]), int(row["a"]), int(row["b"])
    cause = program.cause_name(int(row["cause"])) or "nothing"
    text = {
        T.FIRED: lambda: f"{program.unit_name(a)}: {_case(program, b)}",
        T.FLIP: lambda: f"condition {program.names.conditions[a]} is {bool(b)}",
        T.STEP: lambda: f"profile {program.names.profiles[a]} = {row['x']!r}",
        T.WATCH: lambda: f"stock {program.names.stocks[a]} reaches {row['x']!r}",
        T.OUTAGE: lambda: f"{program.outage_names[a]} since {row['x']!r} ({'open' if b else 'over'})",
        T.RECORDED: lambda: f"{program.labels[a]!r} by {program.unit_name(b)}, level {row['x']!r}",
        T.LOSS: lambda: f"stock {program.names.stocks[a]} by {program.unit_name(b)}: -{row['x']!r} to {row['y']!r}",
        T.STAY: lambda: f"{program.unit_name(a)} in {program.labels[b]!r} since {row['x']!r}",
        T.SCALE: lambda: f"controller {program.names.controllers[a]}: {row['x']!r} -> {row['y']!r}",
        T.LEVEL: lambda: f"stock {program.names.stocks[a]} ends at {row['x']!r}, lost {row['y']!r}",
    }[kind]()
    return f"t={row['time']!r} {T.LOGS[kind]}: {text}, {row['y']!r} because of {cause}"


def _case(program: Program, case: int) -> str:
    for t, row in enumerate(program.tables["transitions"]):
        if row["c0"] <= case < row["c1"]:
            target = int(program.tables["cases"][case]["target"])
            to = program.names.states[target] if target >= 0 else "stay"
            policy: Sequence[str] = T.POLICIES
            return f"row {program.names.rows[t]!r} ({policy[row['policy']]}) case {case - row['c0']}: -> {to}"
    return f"case {case}"
