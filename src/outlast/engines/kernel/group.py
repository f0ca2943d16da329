"""R7: counts of groups, conditions, gates; the dirty list of flow nodes (R5b)."""

from __future__ import annotations

from outlast.compiled import inner
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.record import log, meter
from outlast.engines.kernel.signal import send
from outlast.program.tables import (
    BAD,
    DROPPED,
    FLIP,
    GOOD,
    GROUP,
    HEADROOM,
    OFFERED,
    OUTAGE,
    POOL_FREE,
    POOL_QUEUED,
    PROFILE,
    SERVED,
    SERVICE_FIELD,
    SITE_USE,
)


@inner
def mark(P: ProgramBlock, W: WorldBlock, d0: int, d1: int) -> None:
    """Make dependents d0..d1 dirty: a binary heap of node numbers, each at most once."""
    run = W.run[0]
    for d in range(d0, d1):
        node = P.dependents[d]["node"]
        if W.marks[node]["dirty"] == 0:
            W.marks[node]["dirty"] = 1
            at = run["dirty"]
            run["dirty"] = at + 1
            while at > 0 and W.dirty[(at - 1) >> 1]["node"] > node:
                W.dirty[at]["node"] = W.dirty[(at - 1) >> 1]["node"]
                at = (at - 1) >> 1
            W.dirty[at]["node"] = node


@inner
def least_dirty(W: WorldBlock) -> int:
    """Take the dirty node with the least number."""
    dirty = W.dirty
    node = dirty[0]["node"]
    n = W.run[0]["dirty"] - 1
    W.run[0]["dirty"] = n
    W.marks[node]["dirty"] = 0
    last, at = dirty[n]["node"], 0
    while 2 * at + 1 < n:
        child = 2 * at + 1
        if child + 1 < n and dirty[child + 1]["node"] < dirty[child]["node"]:
            child += 1
        if last <= dirty[child]["node"]:
            break
        dirty[at]["node"] = dirty[child]["node"]
        at = child
    dirty[at]["node"] = last
    return node


@inner
def value(P: ProgramBlock, W: WorldBlock, kind: int, item: int, field: int) -> float:
    """Current value of a source other than a stock."""
    if kind == GROUP:
        return float(W.groups[item]["count"])
    if kind == PROFILE:
        return W.profiles[item]["value"]
    if kind == POOL_FREE:
        return float(W.pools[item]["free"])
    if kind == POOL_QUEUED:
        return float(W.pools[item]["queued"])
    if kind == SITE_USE:
        return W.sites[item]["use"]
    if kind == SERVICE_FIELD:
        service = W.services[item]
        if field == OFFERED:
            return service["offered"]
        if field == SERVED:
            return service["served"]
        if field == GOOD:
            return service["good"]
        if field == BAD:
            return service["bad"]
        if field == DROPPED:
            return service["dropped"]
        if field == HEADROOM:
            return service["headroom"]
        return service["share"]
    return 0.0


@inner
def change_count(P: ProgramBlock, W: WorldBlock, g: int, delta: int) -> None:
    """R3.7: the count follows at once, its meters too, conditions only in the sweep."""
    W.groups[g]["count"] += delta
    row = P.groups[g]
    for m in range(row["meter0"], row["meter1"]):
        meter(P, W, m, float(W.groups[g]["count"]))
    mark(P, W, row["d0"], row["d1"])


@inner
def _account(P: ProgramBlock, W: WorldBlock, c: int, above: int) -> None:
    """Meter and outage of a flip: an outage carries the cause of its fall (R14)."""
    run, row, state = W.run[0], P.conditions[c], W.conditions[c]
    if row["meter"] >= 0:
        meter(P, W, row["meter"], 1.0 - above)
    if above == 0:
        state["start"] = run["now"]
        state["cause"] = run["cause"]
    elif row["measured"] >= 0 and run["now"] > state["start"]:
        log(W, OUTAGE, row["measured"], 0, state["cause"], state["start"], run["now"] - state["start"])


@inner
def evaluate(P: ProgramBlock, W: WorldBlock, c: int) -> None:
    """Sweep one condition."""
    run, row = W.run[0], P.conditions[c]
    above = 1 if value(P, W, row["kind"], row["object"], row["field"]) >= row["level"] else 0
    if above == W.conditions[c]["above"]:
        return
    W.conditions[c]["above"] = above
    if run["trace"] != 0:
        log(W, FLIP, c, above, run["cause"], 0.0, 0.0)
    _account(P, W, c, above)
    for i in range(row["l0"], row["l1"]):
        listener = P.listens[i]
        signal = listener["rise"] if above == 1 else listener["fall"]
        if signal >= 0:
            send(W, listener["unit"], signal, -1, 0)
    for i in range(row["p0"], row["p1"]):
        change_count(P, W, P.parents[i]["group"], 1 if P.parents[i]["want"] == above else -1)
    mark(P, W, row["d0"], row["d1"])
    W.flips[run["flips"]]["condition"] = c
    run["flips"] += 1
