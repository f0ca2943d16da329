"""Exponential law: no memory. Native parameters: a = mean, s; b and c unused."""

from __future__ import annotations

import math

from outlast.compiled import kernel

SMALL = 1.0 / 64.0  # below, the rounding of q would cost more than six bits of the result


@kernel
def exponential_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    if x <= 0.0:
        return 0.0, 1.0
    return -math.expm1(-x / a), math.exp(-x / a)


@kernel
def exponential_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q.  A small p decides by itself; else q does (a rare branch, unlike p <= q)."""
    return -a * math.log1p(-p) if p < SMALL else -a * math.log(q)


def exponential_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    return a, a * a
