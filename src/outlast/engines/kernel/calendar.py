"""R2: which source is next.  A 4-ary indexed heap in which every source is always resident (+inf = idle).

Order is (time, source number).  Four children share a cache line and halve the depth of a binary heap
(LaMarca and Ladner 1996, doi:10.1145/235141.235145).
"""

from __future__ import annotations

import numpy as np

from outlast.compiled import inner
from outlast.engines.kernel.pointer import WorldBlock


@inner
def _put(W: WorldBlock, at: int, time: float, source: int) -> None:
    W.heap[at]["time"] = time
    W.heap[at]["source"] = source
    W.place[source]["at"] = at


@inner
def _rise(W: WorldBlock, at: int, time: float, source: int) -> None:
    heap = W.heap
    while at > 0:
        up = (at - 1) >> 2
        above = heap[up]["time"]
        if above < time or (above == time and heap[up]["source"] < source):
            break
        _put(W, at, above, np.int64(heap[up]["source"]))
        at = up
    _put(W, at, time, source)


@inner
def _sink(W: WorldBlock, at: int, time: float, source: int) -> None:
    heap = W.heap
    n = len(heap)
    while True:
        child = 4 * at + 1
        if child >= n:
            break
        best, t, s = child, heap[child]["time"], np.int64(heap[child]["source"])
        for other in range(child + 1, min(child + 4, n)):
            to = heap[other]["time"]
            if to < t or (to == t and heap[other]["source"] < s):
                best, t, s = other, to, np.int64(heap[other]["source"])
        if time < t or (time == t and source < s):
            break
        _put(W, at, t, s)
        at = best
    _put(W, at, time, source)


@inner
def publish(W: WorldBlock, source: int, time: float) -> None:
    """Set the next time of a source (seconds; +inf = idle)."""
    at = np.int64(W.place[source]["at"])
    old = W.heap[at]["time"]
    if time < old:
        _rise(W, at, time, source)
    elif time > old:
        _sink(W, at, time, source)


@inner
def clear(W: WorldBlock) -> None:
    """All sources idle; with equal times the identity is a valid heap."""
    for source in range(len(W.heap)):
        _put(W, source, np.inf, source)
