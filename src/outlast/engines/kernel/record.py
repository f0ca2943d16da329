"""R13: meters, windows and the log."""

from __future__ import annotations

from outlast.compiled import inner
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.program.tables import COUNT, INTEGRAL, LOG_FULL, MAXIMUM


@inner
def log(W: WorldBlock, kind: int, a: int, b: int, cause: int, x: float, y: float) -> None:
    """Append a row at the current time; a full log ends the run with a status, and it is run again with more room."""
    run = W.run[0]
    n = run["logged"]
    if n >= len(W.log):
        run["status"] = LOG_FULL
        return
    row = W.log[n]
    row["time"] = run["now"]
    row["kind"] = kind
    row["a"] = a
    row["b"] = b
    row["cause"] = cause
    row["x"] = x
    row["y"] = y
    run["logged"] = n + 1


@inner
def meter(P: ProgramBlock, W: WorldBlock, m: int, value: float) -> None:
    """The metered value is now `value`; accrues only if it changed."""
    row = W.meters[m]
    old = row["value"]
    if value == old:
        return
    kind = P.meters[m]["reduction"]
    if kind == INTEGRAL:
        now = W.run[0]["now"]
        row["total"] += old * (now - row["since"])
        row["since"] = now
    elif kind == COUNT:
        if value > old:
            row["total"] += value - old
    elif value > row["total"]:
        row["total"] = value
    row["value"] = value


@inner
def reset_meters(P: ProgramBlock, W: WorldBlock) -> None:
    """A window begins now: totals start from the current values."""
    now = W.run[0]["now"]
    for m in range(len(W.meters)):
        row = W.meters[m]
        row["since"] = now
        row["total"] = row["value"] if P.meters[m]["reduction"] == MAXIMUM else 0.0


@inner
def close_window(P: ProgramBlock, W: WorldBlock) -> None:
    """Write the totals of the window that ends now, and begin the next one."""
    run = W.run[0]
    first = run["window"] * len(W.meters)
    for m in range(len(W.meters)):
        row = W.meters[m]
        if P.meters[m]["reduction"] == INTEGRAL:
            row["total"] += row["value"] * (run["now"] - row["since"])
        W.sums[first + m]["value"] = row["total"]
    run["window"] += 1
    reset_meters(P, W)


@inner
def window_end(P: ProgramBlock, W: WorldBlock) -> float:
    """End of the current window: warm_up + k W, by multiplication."""
    head = P.head[0]
    warm = 1 if head["warm_up"] > 0.0 else 0
    k = W.run[0]["window"] - warm + 1
    if warm == 1 and k == 0:
        return head["warm_up"]
    if head["window"] <= 0.0:
        return head["horizon"]
    return head["warm_up"] + k * head["window"]
