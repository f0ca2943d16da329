"""Lognormal law: repair and recovery times.

Native parameters: a = mean of ln X (X in s), b = standard deviation of ln X; c unused.
"""

from __future__ import annotations

import math

from outlast.compiled import kernel
from outlast.stats.distributions.special import ndtri

LARGEST_SIGMA = 10.0
Z95 = 1.6448536269514722  # standard normal 95 % quantile: p95 = median * exp(Z95 * sigma)
SQRT_HALF = 0.7071067811865476
LARGEST_LOG = 700.0  # exp overflows beyond 709


@kernel
def lognormal_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    if x <= 0.0:
        return 0.0, 1.0
    z = (math.log(x) - a) / b * SQRT_HALF
    return 0.5 * math.erfc(-z), 0.5 * math.erfc(z)


@kernel
def lognormal_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q."""
    return math.exp(min(a + b * ndtri(p, q), LARGEST_LOG))


def lognormal_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2."""
    mean = math.exp(a + 0.5 * b * b)
    return mean, mean * mean * math.expm1(b * b)
