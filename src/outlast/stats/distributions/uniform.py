"""Uniform law. Native parameters: a = low, b = high, s; c unused."""

from __future__ import annotations

from outlast.compiled import kernel


@kernel
def uniform_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    if x <= a:
        return 0.0, 1.0
    if x >= b:
        return 1.0, 0.0
    return (x - a) / (b - a), (b - x) / (b - a)


@kernel
def uniform_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q; measured from the nearer end."""
    return a + (b - a) * p if p <= q else b - (b - a) * q


def uniform_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    return 0.5 * (a + b), (b - a) * (b - a) / 12.0
