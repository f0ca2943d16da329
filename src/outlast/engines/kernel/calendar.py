"""R2: which source is next.  A 4-ary indexed heap in which every source is always resident (+inf = idle).

Order is (time, source number).  Places count from ROOT = 3, so that the four children of a place share one cache
line of 64 bytes (LaMarca and Ladner 1996, doi:10.1145/235141.235145).  The choice among them is written without
branches: which child is least is a coin toss, and a wrong guess of the processor costs more than four compares.
"""

from __future__ import annotations

import numpy as np

from outlast.compiled import inlined, inner
from outlast.engines.kernel.pointer import WorldBlock

ROOT = 3  # children of place i: 4 i - 8 .. 4 i - 5; parent of place j: j // 4 + 2


@inlined
def _put(W: WorldBlock, at: int, time: float, source: int) -> None:
    W.heap[at]["time"] = time
    W.heap[at]["source"] = source
    W.place[source]["at"] = at


@inlined
def _rise(W: WorldBlock, at: int, time: float, source: int) -> None:
    heap = W.heap
    while at > ROOT:
        up = (at >> 2) + 2
        above = heap[up]["time"]
        if above < time or (above == time and heap[up]["source"] < source):
            break
        _put(W, at, above, np.int64(heap[up]["source"]))
        at = up
    _put(W, at, time, source)


@inlined
def _earlier(heap: np.ndarray, i: int, j: int) -> int:
    """The earlier of two places, without a branch."""
    a, b = heap[i]["time"], heap[j]["time"]
    later = (b < a) | ((b == a) & (heap[j]["source"] < heap[i]["source"]))
    return j if later else i


@inlined
def _sink(W: WorldBlock, at: int, time: float, source: int) -> None:
    heap = W.heap
    end = len(heap)
    while True:
        child = 4 * at - 8
        if child + 3 < end:
            best = _earlier(heap, _earlier(heap, child, child + 1), _earlier(heap, child + 2, child + 3))
        elif child < end:
            best = child
            for other in range(child + 1, end):
                best = _earlier(heap, best, other)
        else:
            break
        t, s = heap[best]["time"], np.int64(heap[best]["source"])
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
    """All sources idle; with equal times the order of numbers is a valid heap."""
    for at in range(ROOT):
        W.heap[at]["time"] = np.inf
        W.heap[at]["source"] = -1
    for source in range(len(W.place)):
        _put(W, source + ROOT, np.inf, source)
