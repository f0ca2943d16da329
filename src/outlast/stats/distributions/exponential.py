"""Exponential law: no memory. Native parameters: a = mean, s; b and c unused."""

from __future__ import annotations

import math

from outlast.compiled import kernel


@kernel
def exponential_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    if x <= 0.0:
        return 0.0, 1.0
    return -math.expm1(-x / a), math.exp(-x / a)


@kernel
def exponential_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q; the smaller of p and q decides."""
    return -a * math.log1p(-p) if p <= q else -a * math.log(q)


def exponential_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    return a, a * a
