"""R2: which source is next.  A 4-ary indexed heap in which every source is always resident (+inf = idle).

Order is (time, source number).  Places count from ROOT = 3, so that the four children of a place share one cache
line of 64 bytes (LaMarca and Ladner 1996, doi:10.1145/235141.235145).  The choice among them is written without
branches: which child is least is a coin toss, and a wrong guess of the processor costs more than four compares.
Times are compared by their bits (`key`): numbers that are not negative have the order of their bits.
"""

from __future__ import annotations

import numpy as np

from outlast.compiled import inlined, inner
from outlast.engines.kernel.pointer import WorldBlock

ROOT = 3  # children of place i: 4 i - 8 .. 4 i - 5; parent of place j: j // 4 + 2


@inlined
def _put(W: WorldBlock, at: int, key: int, source: int) -> None:
    W.heap[at]["key"] = key
    W.heap[at]["source"] = source
    W.place[source]["at"] = at


@inlined
def _rise(W: WorldBlock, at: int, key: int, source: int) -> None:
    heap = W.heap
    while at > ROOT:
        up = (at >> 2) + 2
        above = heap[up]["key"]
        if above < key or (above == key and heap[up]["source"] < source):
            break
        _put(W, at, above, np.int64(heap[up]["source"]))
        at = up
    _put(W, at, key, source)


@inlined
def _earlier(a: int, r: int, i: int, b: int, s: int, j: int) -> tuple[int, int, int]:
    """The earlier of two entries (key, source, place), without a branch."""
    later = (b < a) | ((b == a) & (s < r))
    return (b if later else a), (s if later else r), (j if later else i)


@inlined
def _earliest(heap: np.ndarray, child: int) -> tuple[int, int, int]:
    """The earliest of the four entries from `child` on; all are loaded before the first is compared."""
    a, b, c, d = heap[child]["key"], heap[child + 1]["key"], heap[child + 2]["key"], heap[child + 3]["key"]
    p, q = np.int64(heap[child]["source"]), np.int64(heap[child + 1]["source"])
    r, s = np.int64(heap[child + 2]["source"]), np.int64(heap[child + 3]["source"])
    a, p, i = _earlier(a, p, child, b, q, child + 1)
    c, r, j = _earlier(c, r, child + 2, d, s, child + 3)
    return _earlier(a, p, i, c, r, j)


@inlined
def _sink(W: WorldBlock, at: int, key: int, source: int) -> None:
    heap = W.heap
    end = len(heap)
    while True:
        child = 4 * at - 8
        if child + 3 < end:
            k, s, best = _earliest(heap, child)
        elif child < end:
            k, s, best = heap[child]["key"], np.int64(heap[child]["source"]), child
            for other in range(child + 1, end):
                k, s, best = _earlier(k, s, best, heap[other]["key"], np.int64(heap[other]["source"]), other)
        else:
            break
        if key < k or (key == k and source < s):
            break
        _put(W, at, k, s)
        at = best
    _put(W, at, key, source)


@inner
def publish(W: WorldBlock, source: int, time: float) -> None:
    """Set the next time of a source (seconds, never negative; +inf = idle)."""
    at = np.int64(W.place[source]["at"])
    key, old = np.float64(time).view(np.int64), W.heap[at]["key"]
    if key < old:
        _rise(W, at, key, source)
    elif key > old:
        _sink(W, at, key, source)


@inner
def clear(W: WorldBlock) -> None:
    """All sources idle; with equal times the order of numbers is a valid heap."""
    idle = np.float64(np.inf).view(np.int64)
    for at in range(ROOT):
        W.heap[at]["key"] = idle
        W.heap[at]["source"] = -1
    for source in range(len(W.place)):
        _put(W, source + ROOT, idle, source)
