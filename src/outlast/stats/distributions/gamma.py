"""Gamma law (Erlang for whole shapes).

Native parameters: a = shape; b = scale, s; c = log_gamma_constant(shape), stored so that compiled code needs
no lgamma.
"""

from __future__ import annotations

from outlast.compiled import kernel
from outlast.stats.distributions.special import gamma_inverse, gamma_tails

SMALLEST_GAMMA_SHAPE, LARGEST_GAMMA_SHAPE = 0.01, 1e4  # below: underflow; above: long expansions


@kernel
def gamma_law_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    if x <= 0.0:
        return 0.0, 1.0
    return gamma_tails(a, c, x / b)


@kernel
def gamma_law_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q."""
    return b * gamma_inverse(a, c, p, q)


def gamma_law_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    return a * b, a * b * b
