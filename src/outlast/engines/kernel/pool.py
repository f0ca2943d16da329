"""R9: pools.  Claims hang in doubly linked lists: per pool, three queued and three held, by priority."""

from __future__ import annotations

import numpy as np

from outlast.compiled import inlined, inner
from outlast.engines.kernel.group import mark
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.record import meter
from outlast.engines.kernel.signal import send
from outlast.program.tables import FREE, HELD, PRIORITIES, QUEUED

LISTS = 2 * PRIORITIES


@inlined
def _append(W: WorldBlock, at: int, claim: int) -> None:
    entry, row = W.lists[at], W.claims[claim]
    row["prev"] = entry["tail"]
    row["next"] = -1
    if entry["tail"] >= 0:
        W.claims[entry["tail"]]["next"] = claim
    else:
        entry["head"] = claim
    entry["tail"] = claim


@inlined
def _remove(W: WorldBlock, at: int, claim: int) -> None:
    entry, row = W.lists[at], W.claims[claim]
    if row["prev"] >= 0:
        W.claims[row["prev"]]["next"] = row["next"]
    else:
        entry["head"] = row["next"]
    if row["next"] >= 0:
        W.claims[row["next"]]["prev"] = row["prev"]
    else:
        entry["tail"] = row["prev"]


@inner
def _changed(P: ProgramBlock, W: WorldBlock, pool: int) -> None:
    state, row = W.pools[pool], P.pools[pool]
    if row["held_meter"] >= 0:
        meter(P, W, row["held_meter"], float(state["capacity"] - state["free"]))
    if row["queue_meter"] >= 0:
        meter(P, W, row["queue_meter"], float(state["queued"]))
    mark(P, W, row["d0"], row["d1"])


@inner
def give_up(P: ProgramBlock, W: WorldBlock, claim: int) -> None:
    """Leave the queue, or return the amount; nothing for a free claim."""
    row = W.claims[claim]
    status, pool = row["status"], np.int64(row["pool"])
    if status == FREE:
        return
    at = pool * LISTS + row["priority"]
    if status == QUEUED:
        _remove(W, at, claim)
        W.pools[pool]["queued"] -= 1
    else:
        _remove(W, at + PRIORITIES, claim)
        W.pools[pool]["free"] += row["amount"]
    row["status"] = FREE
    _changed(P, W, pool)


@inner
def _preempt(P: ProgramBlock, W: WorldBlock, pool: int, head: int) -> None:
    """Take victims of a worse priority, the latest granted first, if together they suffice."""
    row = W.claims[head]
    within = W.pools[pool]["free"]
    base = pool * LISTS + PRIORITIES
    for priority in range(row["priority"] + 1, PRIORITIES):
        claim = W.lists[base + priority]["head"]
        while claim >= 0:
            within += W.claims[claim]["amount"]
            claim = np.int64(W.claims[claim]["next"])
    if within < row["amount"]:
        return
    for back in range(PRIORITIES - 1 - row["priority"]):
        at = base + PRIORITIES - 1 - back
        while W.pools[pool]["free"] < row["amount"] and W.lists[at]["tail"] >= 0:
            victim = W.lists[at]["tail"]
            unit, signal = np.int64(W.claims[victim]["unit"]), np.int64(W.claims[victim]["revoked"])
            give_up(P, W, victim)
            if signal >= 0:
                send(W, unit, signal, -1, 0)


@inner
def serve(P: ProgramBlock, W: WorldBlock, pool: int) -> None:
    """Grant from the head of the best priority until it does not fit."""
    base = pool * LISTS
    while True:
        head = np.int64(-1)
        for priority in range(PRIORITIES):
            if head < 0:
                head = W.lists[base + priority]["head"]
        if head < 0:
            return
        row = W.claims[head]
        if W.pools[pool]["free"] < row["amount"] and row["preempt"] != 0:
            _preempt(P, W, pool, head)
        if W.pools[pool]["free"] < row["amount"]:
            return
        _remove(W, base + row["priority"], head)
        _append(W, base + PRIORITIES + row["priority"], head)
        W.pools[pool]["queued"] -= 1
        W.pools[pool]["free"] -= row["amount"]
        row["status"] = HELD
        _changed(P, W, pool)
        send(W, np.int64(row["unit"]), np.int64(row["signal"]), head, row["ticket"])


@inlined
def request(P: ProgramBlock, W: WorldBlock, claim: int, unit: int, pool: int, effect: int) -> None:
    """Asking again gives up the old claim first."""
    give_up(P, W, claim)
    run, row, asked = W.run[0], W.claims[claim], P.effects[effect]
    run["ticket"] += 1
    row["status"] = QUEUED
    row["pool"] = pool
    row["priority"] = asked["j"]
    row["amount"] = asked["k"]
    row["signal"] = asked["signal"]
    row["revoked"] = asked["dist"]
    row["preempt"] = 1 if asked["x"] != 0.0 else 0
    row["unit"] = unit
    row["ticket"] = run["ticket"]
    _append(W, pool * LISTS + asked["j"], claim)
    W.pools[pool]["queued"] += 1
    _changed(P, W, pool)
    serve(P, W, pool)


@inlined
def release(P: ProgramBlock, W: WorldBlock, claim: int) -> None:
    """Give a claim up, whatever its status, then serve its pool: a removed head can unblock others."""
    if W.claims[claim]["status"] != FREE:
        pool = np.int64(W.claims[claim]["pool"])
        give_up(P, W, claim)
        serve(P, W, pool)


@inner
def resize(P: ProgramBlock, W: WorldBlock, pool: int, by: int) -> None:
    """Capacity and free change together; free may become negative (holders keep what they hold)."""
    if by != 0:
        W.pools[pool]["capacity"] += by
        W.pools[pool]["free"] += by
        _changed(P, W, pool)
    serve(P, W, pool)
