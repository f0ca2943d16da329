"""Shares and quantiles of things that come several to a replication: windows of a contract, outages.

What happens within one replication is not independent, so a sample counts for less (or, rarely, as much) as it has
values: its effective size is that of independent values with the same variance, which is estimated over replications.
Source: Korn and Graubard, Confidence intervals for proportions with small expected number of positive counts estimated
from survey data, Survey Methodology 24 (1998) 193-201.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outlast.stats.estimates import (
    NO_EVENT,
    NO_EVENT_BOUND,
    ONE_COUNTED,
    ONE_REPLICATION,
    Estimate,
    ranks,
    share_without_event,
)

FEW = 10.0  # effective events below which Wilson's interval is too short

Values = NDArray[np.float64]


def proportion(hits: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Estimate:
    """Share of trials that were hits; one pair of counts per replication.

    Wilson's interval with the effective number of trials, Clopper and Pearson's where hits or misses are few. All or
    none: the exact bound as if each replication were a single trial.
    """
    y, x = _counts(hits, trials)
    n, seen, total = y.size, int(np.count_nonzero(x)), float(x.sum())
    if total == 0.0:
        return Estimate(math.nan, 0.0, math.nan, math.nan, level, n, NO_EVENT)
    p = float(y.sum()) / total
    if p in (0.0, 1.0):
        reach = share_without_event(seen, level)
        low, high = (0.0, reach) if p == 0.0 else (1.0 - reach, 1.0)
        return Estimate(p, 0.0, low, high, level, n, NO_EVENT_BOUND)
    if seen == 1:
        return Estimate(p, 0.0, 0.0, 1.0, level, n, ONE_REPLICATION if n == 1 else ONE_COUNTED)
    size, std = _effective(y, x, p, level), math.sqrt(p * (1.0 - p))
    if size * min(p, 1.0 - p) < FEW:
        return Estimate(p, std, *_clopper_pearson(p * size, size, level), level, n, "Clopper-Pearson, clustered")
    return Estimate(p, std, *_wilson(p, size, level), level, n, "Wilson, clustered")


def quantile(values: ArrayLike, replication: ArrayLike, q: float, level: float = 0.95,
             least: float = -math.inf) -> Estimate:  # fmt: skip
    """q-quantile of values, none of which can be below `least`; replication: the number of the one each belongs to.

    Order statistics with the ranks of a sample of the effective size; infinite where they are beyond the sample.
    n: replications that have values.
    """
    x, number = np.asarray(values, dtype=np.float64), np.asarray(replication)
    if x.size == 0:
        return Estimate(math.nan, 0.0, math.nan, math.nan, level, 0, NO_EVENT)
    _, row = np.unique(number, return_inverse=True)
    trials = np.bincount(row).astype(np.float64)
    n, mean, ordered = trials.size, _quantile(x, q), np.sort(x)
    hits = np.bincount(row, weights=x <= mean, minlength=n).astype(np.float64)
    share = float(hits.sum()) / x.size
    size = float(n) if share in (0.0, 1.0) or n == 1 else _effective(hits, trials, share, level)
    whole = max(1, math.floor(size))
    first, last = ranks(whole, q, level)
    low = ordered[first * x.size // whole] if first >= 0 else least
    high = ordered[-(-(last + 1) * x.size // whole) - 1] if last < whole else math.inf
    method = "order statistics, clustered"
    if first < 0 or last >= whole:
        method += ": too few values for both limits"
    return Estimate(mean, 0.0, float(low), float(high), level, n, method)


def _quantile(x: Values, q: float) -> float:
    """By interpolation between finite values; beyond them, infinity."""
    if np.isfinite(x).all():
        return float(np.quantile(x, q))
    return float(np.quantile(x, q, method="inverted_cdf"))


def _effective(hits: Values, trials: Values, p: float, level: float) -> float:
    """Independent trials that would give the share p with this variance; never more than there are."""
    n, total = int(np.count_nonzero(trials)), float(trials.sum())
    errors = hits - p * trials
    variance = n / (n - 1) * float(errors @ errors) / total**2
    if variance == 0.0:
        return total
    special = _special()
    shorter = float(special.ndtri(0.5 + 0.5 * level) / special.stdtrit(n - 1, 0.5 + 0.5 * level))
    return min(total, p * (1.0 - p) / variance * shorter**2)


def _wilson(p: float, n: float, level: float) -> tuple[float, float]:
    z = float(_special().ndtri(0.5 + 0.5 * level))
    weight = 1.0 + z * z / n
    centre = (p + 0.5 * z * z / n) / weight
    half = z / weight * math.sqrt(p * (1.0 - p) / n + 0.25 * (z / n) ** 2)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _clopper_pearson(hits: float, n: float, level: float) -> tuple[float, float]:
    inverse, tail = _special().betaincinv, 0.5 * (1.0 - level)
    misses = n - hits
    return float(inverse(hits, misses + 1.0, tail)), float(inverse(hits + 1.0, misses, 1.0 - tail))


def _counts(hits: ArrayLike, trials: ArrayLike) -> tuple[Values, Values]:
    y, x = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if y.shape != x.shape or y.size == 0:
        raise ValueError(f"proportion: one pair of counts per replication is needed (got {y.size} and {x.size})")
    if not ((y >= 0.0) & (y <= x)).all():
        raise ValueError("proportion: more hits than trials, or fewer than none")
    return y, x


def _special() -> Any:
    """scipy.special, imported when first needed: many runs do not need it."""
    import scipy.special

    return scipy.special
