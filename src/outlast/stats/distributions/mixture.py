"""Mixture of simple laws (also the hyperexponential): with probability p_i the delay follows law i.

One uniform drives the true inverse of the mixed CDF, not a choice followed by a draw: so the delay is
monotone in the uniform and common random numbers stay useful. Rows p0..p1 of the table: cumulative p, kind,
a, b, c.
"""

from __future__ import annotations

import math

import numpy as np

from outlast.compiled import kernel
from outlast.stats.distributions.simple import simple_inverse, simple_tails
from outlast.stats.distributions.table import Points

MOST_STEPS = 300
ULP = 2.0**-52


@kernel
def mixture_tails(points: Points, p0: int, p1: int, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x)): the weighted sums over the components."""
    below, above, reached = 0.0, 0.0, 0.0
    for i in range(p0, p1):
        row = points[i]
        p, q = simple_tails(int(np.int64(row["kind"])), float(row["a"]), float(row["b"]), float(row["c"]), x)
        weight = float(row["p"]) - reached
        reached = float(row["p"])
        below += weight * p
        above += weight * q
    return below, above


@kernel
def mixture_inverse(points: Points, p0: int, p1: int, p: float, q: float) -> float:
    """Least x with P(X <= x) >= p = 1 - q, to the last bits of a double.

    The answer lies between the least and the greatest quantile of the components. Illinois steps close the
    bracket quickly; every third step halves it, which bounds the number of steps also where the CDF jumps.
    """
    low, high = math.inf, 0.0
    for i in range(p0, p1):
        row = points[i]
        a, b, c = float(row["a"]), float(row["b"]), float(row["c"])
        x = simple_inverse(int(np.int64(row["kind"])), a, b, c, p, q)
        low, high = min(low, x), max(high, x)
    under, over, side = 0.0, 0.0, 0
    for step in range(MOST_STEPS):
        x = low if step == 0 else high  # the two ends first
        if step > 1:
            if high - low <= ULP * high:
                break
            x = low + (high - low) * (0.5 if step % 3 == 1 else under / (under - over))
            if not low < x < high:
                x = low + 0.5 * (high - low)
        below, above = mixture_tails(points, p0, p1, x)
        excess = below - p if p <= q else q - above  # P(X <= x) - p, computed in the smaller tail
        if excess == 0.0 or (step == 0 and excess > 0.0) or (step == 1 and excess < 0.0):
            return x
        if excess < 0.0:
            low, under = x, excess
            over = 0.5 * over if side == -1 else over
            side = -1
        else:
            high, over = x, excess
            under = 0.5 * under if side == 1 else under
            side = 1
    return high
