"""The choice among the laws that three parameters describe (kinds 0..6)."""

from __future__ import annotations

import math

from outlast.compiled import kernel
from outlast.stats.distributions.deterministic import deterministic_inverse, deterministic_tails
from outlast.stats.distributions.exponential import exponential_inverse, exponential_tails
from outlast.stats.distributions.gamma import gamma_law_inverse, gamma_law_tails
from outlast.stats.distributions.lognormal import lognormal_inverse, lognormal_tails
from outlast.stats.distributions.table import (
    DETERMINISTIC,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)
from outlast.stats.distributions.triangular import triangular_inverse, triangular_tails
from outlast.stats.distributions.uniform import uniform_inverse, uniform_tails
from outlast.stats.distributions.weibull import weibull_inverse, weibull_tails


@kernel
def simple_tails(kind: int, a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x)) of a law of kind 0..6; each accurate where it is small."""
    if kind == EXPONENTIAL:
        return exponential_tails(a, b, c, x)
    if kind == LOGNORMAL:
        return lognormal_tails(a, b, c, x)
    if kind == DETERMINISTIC:
        return deterministic_tails(a, b, c, x)
    if kind == WEIBULL:
        return weibull_tails(a, b, c, x)
    if kind == UNIFORM:
        return uniform_tails(a, b, c, x)
    if kind == TRIANGULAR:
        return triangular_tails(a, b, c, x)
    if kind == GAMMA:
        return gamma_law_tails(a, b, c, x)
    return math.nan, math.nan


@kernel
def simple_inverse(kind: int, a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q of a law of kind 0..6; p and q strictly inside (0, 1)."""
    if kind == EXPONENTIAL:
        return exponential_inverse(a, b, c, p, q)
    if kind == LOGNORMAL:
        return lognormal_inverse(a, b, c, p, q)
    if kind == DETERMINISTIC:
        return deterministic_inverse(a, b, c, p, q)
    if kind == WEIBULL:
        return weibull_inverse(a, b, c, p, q)
    if kind == UNIFORM:
        return uniform_inverse(a, b, c, p, q)
    if kind == TRIANGULAR:
        return triangular_inverse(a, b, c, p, q)
    if kind == GAMMA:
        return gamma_law_inverse(a, b, c, p, q)
    return math.nan
