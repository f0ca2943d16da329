"""Empirical law: each recorded value equally likely. Rows p0..p1: column p = value in s, ascending."""

from __future__ import annotations

import math

from outlast.compiled import kernel
from outlast.stats.distributions.table import Points


@kernel
def empirical_tails(points: Points, p0: int, p1: int, x: float) -> tuple[float, float]:
    """(share of values <= x, share of values > x), by binary search; NaN if there is none."""
    if p1 <= p0:
        return math.nan, math.nan
    low, high = p0, p1
    while low < high:
        middle = (low + high) // 2
        if float(points[middle]["p"]) <= x:
            low = middle + 1
        else:
            high = middle
    return float(low - p0) / float(p1 - p0), float(p1 - low) / float(p1 - p0)


@kernel
def empirical_inverse(points: Points, p0: int, p1: int, p: float) -> float:
    """Least value whose share of values <= it is at least p.

    p * n may round across an integer either way, so the share is compared as it is computed.
    """
    n = p1 - p0
    if n <= 0:
        return math.nan
    k = int(p * n)
    if k > 0 and float(k - 1) / float(n) >= p:
        k -= 1
    if float(k) / float(n) < p:
        k += 1
    return float(points[p0 + min(max(k, 1), n) - 1]["p"])
