"""The leaf functions both engines call for every delay: quantile, cdf, residual.

`points` is the one table shared by all laws of a program; rows p0..p1 belong to this law (p0 = p1 for simple
laws). Inside, a probability travels as a pair (p, q = 1 - p), so that both tails keep full accuracy. All
functions give the same bits compiled and interpreted, never raise and never allocate; NaN marks a kind that
cannot be drawn (GRID).
"""

from __future__ import annotations

import numpy as np

from outlast.compiled import kernel
from outlast.stats.distributions.empirical import empirical_inverse, empirical_tails
from outlast.stats.distributions.mixture import mixture_inverse, mixture_tails
from outlast.stats.distributions.simple import simple_inverse, simple_tails
from outlast.stats.distributions.table import EMPIRICAL, EXPONENTIAL, MIXTURE, WEIBULL, Points
from outlast.stats.distributions.weibull import weibull_residual, weibull_within


@kernel
def tails(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x)), each accurate where it is small."""
    if kind == MIXTURE:
        return mixture_tails(points, p0, p1, x)
    if kind == EMPIRICAL:
        return empirical_tails(points, p0, p1, x)
    return simple_tails(kind, a, b, c, x)


@kernel
def inverse(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, p: float, q: float) -> float:
    """Least x with P(X <= x) >= p = 1 - q; p and q strictly inside (0, 1)."""
    if kind == MIXTURE:
        return mixture_inverse(points, p0, p1, p, q)
    if kind == EMPIRICAL:
        return empirical_inverse(points, p0, p1, p)
    return simple_inverse(kind, a, b, c, p, q)


@kernel
def quantile(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, u: float) -> float:
    """Delay, s, for a uniform u strictly inside (0, 1)."""
    u = float(u)
    return inverse(int(np.int64(kind)), float(a), float(b), float(c), points, p0, p1, u, 1.0 - u)


@kernel
def cdf(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, x: float) -> float:
    """P(delay <= x), x in s."""
    below, _ = tails(int(np.int64(kind)), float(a), float(b), float(c), points, p0, p1, float(x))
    return below


@kernel
def residual(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, age: float, u: float) -> float:
    """Remaining delay, s, of one that has lasted `age` seconds, never negative.

    F^-1(F(age) + (1 - F(age)) * u) - age, computed from the tail beyond age. An age that the law reaches with
    a probability below the smallest double leaves nothing.
    """
    if kind == WEIBULL:
        return weibull_residual(float(a), float(b), float(age), float(u))
    age, u = 0.0 if kind == EXPONENTIAL else float(age), float(u)  # no memory: as new
    below, above = tails(int(np.int64(kind)), float(a), float(b), float(c), points, p0, p1, age)
    p, q = below + above * u, above * (1.0 - u)
    if p <= 0.0 or q <= 0.0:
        return 0.0
    return max(inverse(int(np.int64(kind)), float(a), float(b), float(c), points, p0, p1, p, q) - age, 0.0)


@kernel
def within(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, age: float, more: float) -> float:
    """P(delay <= age + more | delay > age): `residual` with this probability times u stays within `more` seconds."""
    if kind == WEIBULL:
        return weibull_within(float(a), float(b), float(age), float(more))
    age = 0.0 if kind == EXPONENTIAL else float(age)
    kind, a, b, c = int(np.int64(kind)), float(a), float(b), float(c)
    below, above = tails(kind, a, b, c, points, p0, p1, age)
    below_then, above_then = tails(kind, a, b, c, points, p0, p1, age + float(more))
    if above <= 0.0:
        return 1.0
    gain = below_then - below if below_then < 0.5 else above - above_then
    return min(max(gain / above, 0.0), 1.0)
