"""The thirteen verbs."""

from __future__ import annotations

import numpy as np

from outlast.compiled import inner
from outlast.engines.kernel.group import mark
from outlast.engines.kernel.lifecycle import count_draw, key_of, sample, through
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.pool import release, request, resize
from outlast.engines.kernel.record import log
from outlast.engines.kernel.signal import send
from outlast.engines.kernel.stock import commit, level, rollback, set_level
from outlast.program.tables import (
    ANY,
    COMMIT,
    EACH,
    EMIT,
    FORGET,
    LAST,
    RECORD,
    RECORDED,
    RELEASE,
    REQUEST,
    RESIZE,
    ROLLBACK,
    ROUTE,
    SCATTER,
    STAGE,
    TAINT,
)
from outlast.stats.draws import bits, uniform


@inner
def _matches(P: ProgramBlock, W: WorldBlock, cohort: int, index: int, tag: np.uint64) -> bool:
    row = P.cohorts[cohort]
    if index >= row["count"]:
        return False
    tags = P.states[np.int64(W.units[row["first"] + index]["state"])]["tags"]
    return tag == 0 or (tags & tag) != 0


@inner
def _longest(P: ProgramBlock, group: int) -> int:
    most = 0
    for r in range(P.groups[group]["r0"], P.groups[group]["r1"]):
        most = max(most, P.cohorts[np.int64(P.rosters[r]["cohort"])]["count"])
    return most


@inner
def in_order(P: ProgramBlock, W: WorldBlock, group: int, tag: np.uint64, left: int, last: bool, signal: int,
             key: np.uint64, p: float) -> int:  # fmt: skip
    """Scatter first, last, each: members in member order (index first, then cohort), or its reverse.

    left: how many (-1: all); p: each with this probability, drawn with the key (R15).  Returns how many there were.
    """
    sent = 0
    most, r0, r1 = _longest(P, group), P.groups[group]["r0"], P.groups[group]["r1"]
    for step in range(most * (r1 - r0)):
        place = most * (r1 - r0) - 1 - step if last else step
        cohort = np.int64(P.rosters[r0 + place % (r1 - r0)]["cohort"])
        index = place // (r1 - r0)
        if not _matches(P, W, cohort, index, tag):
            continue
        member = P.cohorts[cohort]["first"] + index
        if p < 1.0 and not uniform(key, key_of(P, W, member), np.uint64(0)) < p:
            continue
        if sent == left:
            break
        sent += 1
        send(W, member, signal, -1, 0)
    return sent


@inner
def _scatter(P: ProgramBlock, W: WorldBlock, unit: int, e: int, group: int) -> None:
    row = P.effects[e]
    if row["k"] == ANY:
        _any(P, W, unit, e, group)
    elif row["k"] == EACH:
        key = bits(key_of(P, W, unit), row["hash"], count_draw(P, W, unit, row["draw"]))
        in_order(P, W, group, row["tag"], -1, False, row["signal"], key, row["x"])
    else:
        in_order(P, W, group, row["tag"], row["i"], row["k"] == LAST, row["signal"], np.uint64(0), 1.0)


@inner
def _any(P: ProgramBlock, W: WorldBlock, unit: int, e: int, group: int) -> None:
    """Scatter any: the n members with the smallest draws, in ascending order of the draw."""
    row = P.effects[e]
    key = bits(key_of(P, W, unit), row["hash"], count_draw(P, W, unit, row["draw"]))
    floor, left = 0.0, row["i"]
    while left != 0:
        best, chosen = 2.0, np.int64(-1)
        for r in range(P.groups[group]["r0"], P.groups[group]["r1"]):
            cohort = np.int64(P.rosters[r]["cohort"])
            for index in range(P.cohorts[cohort]["count"]):
                if _matches(P, W, cohort, index, row["tag"]):
                    member = P.cohorts[cohort]["first"] + index
                    u = uniform(key, key_of(P, W, member), np.uint64(0))
                    if floor < u < best:
                        best, chosen = u, member
        if chosen < 0:
            return
        floor = best
        left -= 1
        send(W, chosen, row["signal"], -1, 0)


@inner
def _on_stock(P: ProgramBlock, W: WorldBlock, unit: int, e: int, s: int) -> None:
    row = P.effects[e]
    op = row["op"]
    if op == STAGE:
        W.stocks[s]["stage"] = level(P, W, s)
    elif op == COMMIT:
        commit(P, W, s, row["i"])
    elif op == ROLLBACK:
        rollback(P, W, s, unit, row["i"], row["j"])
    elif op == TAINT:
        W.stocks[s]["taint"] = min(W.stocks[s]["taint"], level(P, W, s))
    else:
        set_level(P, W, s, sample(P, W, unit, row["dist"], row["draw"], row["hash"], -1.0))


@inner
def _forget(W: WorldBlock, memory: int, is_age: int, kept: float) -> None:
    if is_age == 1:
        W.memory[memory]["value"] *= kept
    else:
        W.memory[memory]["value"] = -1.0


@inner
def apply(P: ProgramBlock, W: WorldBlock, unit: int, e: int) -> None:
    """Run effect e of a firing at `unit`."""
    row, c = P.effects[e], P.cohorts[np.int64(P.owners[unit]["cohort"])]
    op, index = row["op"], unit - c["first"]
    item = through(P, c["slot0"] + row["slot"], index) if row["slot"] >= 0 else np.int64(-1)
    if op == REQUEST:
        request(P, W, c["claim0"] + c["nclaim"] * index + row["i"], unit, item, e)
    elif op == RELEASE:
        release(P, W, c["claim0"] + c["nclaim"] * index + row["i"])
    elif op == RESIZE:
        resize(P, W, item, row["i"])
    elif op == EMIT:
        send(W, item, row["signal"], -1, 0)
    elif op == SCATTER:
        _scatter(P, W, unit, e, item)
    elif op == ROUTE:
        W.services[item]["route"] = row["i"]
        mark(P, W, P.services[item]["self0"], P.services[item]["self0"] + 1)
    elif op == RECORD:
        at = level(P, W, item) if item >= 0 else np.nan
        log(W, RECORDED, row["i"], unit, W.run[0]["cause"], at, 0.0)
    elif op == FORGET:
        _forget(W, c["mem0"] + c["nmem"] * index + row["i"], row["k"], row["x"])
    else:
        _on_stock(P, W, unit, e, item)
