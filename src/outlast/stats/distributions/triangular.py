"""Triangular law: an expert's least, likeliest and greatest value.

Native parameters: a = low, b = mode, c = high, s.
"""

from __future__ import annotations

import math

from outlast.compiled import kernel


@kernel
def triangular_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    if x <= a:
        return 0.0, 1.0
    if x >= c:
        return 1.0, 0.0
    if x < b:
        p = (x - a) / (c - a) * ((x - a) / (b - a))
        return p, 1.0 - p
    q = (c - x) / (c - a) * ((c - x) / (c - b))
    return 1.0 - q, q


@kernel
def triangular_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q; measured from the end on the same side of the mode."""
    if p * (c - a) <= b - a:
        return a + math.sqrt(p * (c - a) * (b - a))
    return c - math.sqrt(q * (c - a) * (c - b))


def triangular_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    spread = (b - a) * (b - a) + (c - b) * (c - b) + (b - a) * (c - b)
    return (a + b + c) / 3.0, spread / 18.0
