"""R10: stocks, their watches, committed points and losses."""

from __future__ import annotations

import numpy as np

from outlast.compiled import inner
from outlast.engines.kernel.calendar import publish
from outlast.engines.kernel.group import value
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.record import log, meter
from outlast.engines.kernel.signal import send
from outlast.program.tables import LOSS, RING, TIERS, WATCH


@inner
def level(P: ProgramBlock, W: WorldBlock, s: int) -> float:
    """Level now: clamp(level + rate (t - since), low, high), exactly this expression."""
    row = W.stocks[s]
    now = row["level"] + row["rate"] * (W.run[0]["now"] - row["since"])
    return min(max(now, P.stocks[s]["low"]), P.stocks[s]["high"])


@inner
def _ring(P: ProgramBlock, W: WorldBlock, s: int) -> None:
    run, row, state = W.run[0], P.stocks[s], W.stocks[s]
    reached, up = P.watches[state["watch"]]["level"], P.watches[state["watch"]]["up"]
    state["level"] = reached
    if run["trace"] != 0:
        log(W, WATCH, s, 0, run["cause"], reached, 0.0)
    for w in range(row["w0"], row["w1"]):
        watch = P.watches[w]
        if watch["level"] == reached and watch["up"] == up:
            send(W, watch["unit"], watch["signal"], -1, 0)


@inner
def settle_level(P: ProgramBlock, W: WorldBlock, s: int) -> None:
    """Bring the level to now; a watch that is due, or that rounding has passed, rings first."""
    run, state = W.run[0], W.stocks[s]
    now = level(P, W, s)
    state["level"] = now
    state["since"] = run["now"]
    pending = state["watch"]
    if pending >= 0:
        watch = P.watches[pending]
        at = W.place[P.head[0]["first_stock"] + s]["at"]
        past = now >= watch["level"] if watch["up"] == 1 else now <= watch["level"]
        if past or W.heap[at]["time"] <= run["now"]:
            _ring(P, W, s)


@inner
def flow(P: ProgramBlock, W: WorldBlock, s: int) -> None:
    """Rate from the owner's state and the source; then the pending watch and the next time."""
    row, state = P.stocks[s], W.stocks[s]
    rate = 0.0
    if row["owner"] >= 0:
        owner = P.states[np.int64(W.units[row["owner"]]["state"])]
        rate = owner["rate"]
        if owner["gain"] != 0.0:
            rate = rate + owner["gain"] * value(P, W, row["kind"], row["object"], row["field"])
    state["rate"] = rate
    now, pending, time = state["level"], np.int64(-1), np.inf
    if rate != 0.0:
        up = 1 if rate > 0.0 else 0
        best = np.inf if up == 1 else -np.inf
        for w in range(row["w0"], row["w1"]):
            at = P.watches[w]["level"]
            nearer = now < at < best if up == 1 else best < at < now
            if P.watches[w]["up"] == up and nearer:
                best, pending = at, w
        if pending >= 0:
            time = state["since"] + (best - now) / rate
    state["watch"] = pending
    publish(W, P.head[0]["first_stock"] + s, time)


@inner
def rebase(P: ProgramBlock, W: WorldBlock, s: int) -> None:
    """The owner's state or the source changed, or the watch is due."""
    settle_level(P, W, s)
    flow(P, W, s)


@inner
def set_level(P: ProgramBlock, W: WorldBlock, s: int, new: float) -> None:
    """Verb `set`."""
    settle_level(P, W, s)
    W.stocks[s]["level"] = min(max(new, P.stocks[s]["low"]), P.stocks[s]["high"])
    flow(P, W, s)


@inner
def commit(P: ProgramBlock, W: WorldBlock, s: int, tier: int) -> None:
    """The stage becomes the newest point of a tier; the oldest goes when `keep` are there."""
    ring = s * TIERS + tier
    n, first = W.ringed[ring]["n"], ring * RING
    if n >= P.stocks[s]["keep"]:
        for i in range(1, n):
            W.rings[first + i - 1]["value"] = W.rings[first + i]["value"]
        n -= 1
    W.rings[first + n]["value"] = W.stocks[s]["stage"]
    W.ringed[ring]["n"] = n + 1


@inner
def rollback(P: ProgramBlock, W: WorldBlock, s: int, unit: int, least_tier: int, clean: int) -> None:
    """Fall back to the greatest usable point, else to the initial level; log the loss."""
    settle_level(P, W, s)
    state = W.stocks[s]
    best, found = 0.0, 0
    for tier in range(least_tier, TIERS):
        ring = s * TIERS + tier
        for i in range(W.ringed[ring]["n"]):
            point = W.rings[ring * RING + i]["value"]
            if (clean == 0 or point <= state["taint"]) and (found == 0 or point > best):
                best, found = point, 1
    new = best if found == 1 else P.stocks[s]["initial"]
    for ring in range(s * TIERS, (s + 1) * TIERS):
        kept = 0
        for i in range(W.ringed[ring]["n"]):
            point = W.rings[ring * RING + i]["value"]
            if point <= new:
                W.rings[ring * RING + kept]["value"] = point
                kept += 1
        W.ringed[ring]["n"] = kept
    lost = state["level"] - new
    state["level"] = new
    state["lost"] += lost
    if P.stocks[s]["meter"] >= 0:
        meter(P, W, P.stocks[s]["meter"], state["lost"])
    if state["taint"] >= new:
        state["taint"] = np.inf
    log(W, LOSS, s, unit, W.run[0]["cause"], lost, new)
    flow(P, W, s)
