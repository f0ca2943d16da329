"""Intervals for means and ratios of skewed amounts: rare outages whose lengths have a heavy tail.

A t interval of such values misses on one side only: the events that would have moved the mean most were not seen. Here
the sum of the values is taken as a sum of weighted Poisson counts: its lower limit is the quantile of a gamma law with
its mean and variance, its upper limit that with one more event of the largest size (Fay and Feuer 1997,
doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#; for equal weights these are the exact Poisson
limits). Where Hall's limit, corrected for the third moment, reaches further, it is the upper one (Hall 1992,
doi:10.2307/2290648). Chosen by experiment: docs/statistics.md.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
Bounds: TypeAlias = tuple[float | None, float | None]
Limits: TypeAlias = tuple[float, float]

SYMMETRIC = 1e-8  # a skewness so small is rounding: amounts of which half are equal and half are zero have none
METHOD = "gamma and Hall limits, skewed"


def needs_care(errors: Values) -> bool:
    """Whether values with these deviations from their mean are too skewed for a t interval: n < 100 G1^2, with a
    skewness G1 that is more than chance among normal values. Cochran (Sampling Techniques, 3rd ed., 2.15) has 25 for
    100; but a sample that lacks its long tail looks least skewed when its mean is farthest off."""
    n, skewness = errors.size, _skewness(errors)
    return n < 100.0 * skewness**2 and abs(skewness) > 2.0 * math.sqrt(6.0 / n)


def mean_limits(x: Values, level: float, bounds: Bounds) -> Limits | None:
    """Limits of a mean; None where a t interval is right, or where nothing bounds the side of the short tail."""
    if not needs_care(x - x.mean()):
        return None
    if bounds == (None, None):
        return _difference(x, level)
    return ratio_limits(x, np.ones_like(x), level, bounds)


def ratio_limits(y: Values, x: Values, level: float, bounds: Bounds) -> Limits | None:
    """Limits of sum(y) / sum(x), x > 0; None as in `mean_limits`. Values are measured from the bound at the end of
    their short tail."""
    errors = y - float(y.sum()) / float(x.sum()) * x
    if not needs_care(errors):
        return None
    least, most = bounds
    if _skewness(errors) > 0.0 and least is not None:
        low, high = _limits(y - least * x, x, level)
        return least + low, least + high
    if _skewness(errors) < 0.0 and most is not None:
        low, high = _limits(most * x - y, x, level)
        return most - high, most - low
    return None


def _limits(y: Values, x: Values, level: float) -> Limits:
    """Limits of sum(y) / sum(x) for amounts y >= 0 with a long right tail, one pair per independent replication."""
    inverse, n, tail = _special().gammaincinv, y.size, 0.5 * (1.0 - level)
    total, below = float(y.sum()), float(x.sum())
    errors = y - total / below * x
    t = float(_special().stdtrit(n - 1, 1.0 - tail))
    wider = t / float(_special().ndtri(1.0 - tail))  # the variance is itself an estimate
    variance = wider**2 * n / (n - 1) * float(errors @ errors)
    low = variance / total * float(inverse(total**2 / variance, tail))
    unseen = wider * float(errors.max())
    more, spread = total + unseen, variance + unseen**2
    high = spread / more * float(inverse(more**2 / spread, 1.0 - tail))
    return low / below, max(high, _hall(errors, t, total)) / below


def _hall(errors: Values, t: float, total: float) -> float:
    """Upper limit of a sum, corrected for skewness by Hall's monotone cubic; without skewness that is the t limit."""
    n = errors.size
    std, skewness = math.sqrt(float(errors @ errors) / (n - 1)), _skewness(errors)
    if abs(skewness) < SYMMETRIC:
        return total + t * math.sqrt(n) * std
    cubic = 1.0 + skewness * (-t / math.sqrt(n) - skewness / (6.0 * n))
    return float(total - n * std * (math.cbrt(cubic) - 1.0) / (skewness / 3.0))


def _difference(x: Values, level: float) -> Limits:
    """Gains and losses apart, joined by their distances to their limits (MOVER; Zou and Donner 2008,
    doi:10.1002/sim.3095). Both fall into different replications: the covariance of their sums is -n E(gain) E(loss)."""
    gain, loss = np.maximum(x, 0.0), np.maximum(-x, 0.0)
    (gain_low, gain_high), (loss_low, loss_high) = _part(gain, level), _part(loss, level)
    up, down = float(gain.mean()), float(loss.mean())
    t = float(_special().stdtrit(x.size - 1, 0.5 + 0.5 * level))
    shared = 2.0 * t * t * up * down / x.size
    low = math.sqrt((up - gain_low) ** 2 + (loss_high - down) ** 2 + shared)
    high = math.sqrt((gain_high - up) ** 2 + (down - loss_low) ** 2 + shared)
    return up - down - low, up - down + high


def _part(amounts: Values, level: float) -> Limits:
    """Limits of the mean of amounts >= 0; nothing for amounts that were never seen: nobody knows their size."""
    return _limits(amounts, np.ones_like(amounts), level) if amounts.any() else (0.0, 0.0)


def _skewness(errors: Values) -> float:
    """Third standardised moment of deviations from a mean; 0 if they do not vary."""
    squares = float(errors @ errors)
    if squares == 0.0:
        return 0.0
    n = errors.size
    return float(float((errors**3).sum()) / n / (squares / (n - 1)) ** 1.5)


def _special() -> Any:
    """scipy.special, imported when first needed: many runs do not need it."""
    import scipy.special

    return scipy.special
