"""How many more losses a condition stands in the state of a world (tables: `program/losses.py`).

A loss takes one unit out of a group.  What a group or a gate stands is counted exactly; a service is taken apart
greedily, whatever takes most capacity per loss first, so its distance is an estimate.
"""

from __future__ import annotations

import math

import numpy as np

from outlast.compiled import inner
from outlast.engines.kernel.pointer import SplitBlock, WorldBlock
from outlast.program.tables import GATE, GROUP, SERVICE_FIELD

FAR = 1 << 20  # nothing that can be counted makes it false
ROUND_OFF = 1e-9


@inner
def _gate(W: WorldBlock, S: SplitBlock, i: int) -> int:
    """The parts that are nearest to their failure, as many as the gate must lose."""
    row = S.distances[i]
    total = 0
    for p in range(row["p0"], row["p1"]):
        S.parts[p]["left"] = 1
    for _ in range(W.groups[row["object"]]["count"] - np.int64(math.ceil(row["level"])) + 1):
        best, least = -1, FAR
        for p in range(row["p0"], row["p1"]):
            value = S.distances[S.parts[p]["distance"]]["value"]
            if S.parts[p]["left"] == 1 and 0 < value < least:
                best, least = p, value
        if best < 0:
            return FAR
        S.parts[best]["left"] = 0
        total += least
    return total


@inner
def _pieces(W: WorldBlock, S: SplitBlock, i: int) -> float:
    """Capacity of a service; on the way, the loss that takes each piece away as a whole."""
    total = 0.0
    for p in range(S.distances[i]["p0"], S.distances[i]["p1"]):
        piece = S.pieces[p]
        loss = W.groups[piece["group"]]["count"]
        total += float(loss) * piece["capacity"]
        if piece["live"] >= 0:
            loss = min(loss, S.distances[piece["live"]]["value"])
        if piece["reach"] >= 0:
            loss = min(loss, S.distances[piece["reach"]]["value"])
        if loss == 0:
            total -= float(W.groups[piece["group"]]["count"]) * piece["capacity"]
        piece["loss"] = loss
        piece["left"] = 1 if loss > 0 and piece["capacity"] > 0.0 else 0
    return total


@inner
def _service(W: WorldBlock, S: SplitBlock, i: int) -> int:
    row = S.distances[i]
    needed = row["level"] * (W.services[row["object"]]["offered"] if row["share"] == 1 else 1.0)
    vital = FAR
    for n in range(row["n0"], row["n1"]):
        vital = min(vital, S.distances[S.parts[n]["distance"]]["value"])
    left, lost = _pieces(W, S, i), 0
    while True:
        best, most, held = -1, 0.0, 0.0
        for p in range(row["p0"], row["p1"]):
            piece = S.pieces[p]
            capacity = float(W.groups[piece["group"]]["count"]) * piece["capacity"]
            if piece["left"] == 1 and capacity / float(piece["loss"]) > most:
                best, most, held = p, capacity / float(piece["loss"]), capacity
        if best < 0:
            return min(vital, lost)
        if left - held < needed:
            return min(vital, lost + min(S.pieces[best]["loss"], np.int64((left - needed) / most + ROUND_OFF) + 1))
        S.pieces[best]["left"] = 0
        lost += S.pieces[best]["loss"]
        left -= held


@inner
def losses(W: WorldBlock, S: SplitBlock) -> int:
    """0 while the condition is false; FAR where losses alone do not make it false."""
    last = 0
    for i in range(len(S.distances)):
        row = S.distances[i]
        last = FAR
        if row["kind"] == GATE:
            last = _gate(W, S, i)
        elif row["kind"] == GROUP:
            last = W.groups[row["object"]]["count"] - np.int64(math.ceil(row["level"])) + 1
        elif row["kind"] == SERVICE_FIELD:
            last = _service(W, S, i)
        last = max(1, min(last, FAR)) if W.conditions[row["condition"]]["above"] == 1 else 0
        row["value"] = last
    return last
