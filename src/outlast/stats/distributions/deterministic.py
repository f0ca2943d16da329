"""Fixed delay. Native parameters: a = value, s; b and c unused."""

from __future__ import annotations

from outlast.compiled import kernel


@kernel
def deterministic_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    return (1.0, 0.0) if x >= a else (0.0, 1.0)


@kernel
def deterministic_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """The value, whatever the probability."""
    return a


def deterministic_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    return a, 0.0
