"""What replications tell: point estimates with confidence intervals.

Replications are independent and identically distributed; values inside one replication are not, so every
interval treats the replication as the unit.  An interval is never of width zero only because nothing
happened: where no event was seen, the exact bound on its probability (or rate) is given instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outlast.stats import skewed

Values: TypeAlias = NDArray[np.float64]
Bounds: TypeAlias = tuple[float | None, float | None]

UNBOUNDED: Bounds = (None, None)
SMALL_COUNT = 20  # below, the counts are too skewed for a t interval
ONE_REPLICATION = "one replication: no interval"
ONE_COUNTED = "seen in one replication: no interval"
NO_EVENT = "no event seen"
IDENTICAL = "identical in every replication"
NO_EVENT_BOUND = "no event seen: bound"
IDENTICAL_BOUND = "identical in every replication: bound"


@dataclass(frozen=True)
class Estimate:
    """A point estimate and its two-sided interval, in the unit of the values.

    std is the standard deviation of one replication's contribution (0 where it cannot be told), n the number
    of replications (or trials) and method says in words where the interval comes from.
    """

    mean: float
    std: float
    ci_low: float
    ci_high: float
    level: float
    n: int
    method: str


@dataclass(frozen=True)
class Paired(Estimate):
    """Difference b - a over common replications, and the shares where b is better and worse."""

    p_better: float
    p_worse: float


def share_without_event(n: int, level: float = 0.95) -> float:
    """Upper bound on the probability of an event that n independent replications did not show.

    1 - (1 - level)^(1/n), about 3/n at 95 %. Source: Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404;
    known as the rule of three.
    """
    return -math.expm1(math.log1p(-level) / n)


def mean(values: ArrayLike, level: float = 0.95, bounds: Bounds = UNBOUNDED) -> Estimate:
    """Mean over replications with a t interval, clipped to `bounds` (None: no bound); skewed values have the limits
    of `outlast.stats.skewed`.

    All values equal to a bound means that no event was seen: the interval then reaches as far as an event of
    the largest size with the probability `share_without_event` would move the mean; likewise to both sides if all
    values are equal between two bounds. Raises ValueError for no values or values that are not finite.
    """
    x, level = _values("mean", "values", values), _level("mean", level)
    n = x.size
    centre = float(x[0]) if _constant(x) else float(x.mean())
    if _constant(x) and centre in bounds:
        return _at_bound(centre, n, level, bounds)
    if n == 1:
        low, high = _clip(-math.inf, math.inf, bounds)
        return Estimate(centre, 0.0, low, high, level, n, ONE_REPLICATION)
    if _constant(x) and None not in bounds:
        return _between(centre, n, level, bounds)
    std = 0.0 if _constant(x) else float(x.std(ddof=1))
    if std > 0.0 and (limits := skewed.mean_limits(x, level, bounds)) is not None:
        return Estimate(centre, std, *_clip(*limits, bounds), level, n, skewed.METHOD)
    half = _t(n - 1, level) * std / math.sqrt(n)
    low, high = _clip(centre - half, centre + half, bounds)
    return Estimate(centre, std, low, high, level, n, "t interval")


def ratio(numerators: ArrayLike, denominators: ArrayLike, level: float = 0.95, bounds: Bounds = UNBOUNDED) -> Estimate:
    """Pooled ratio sum(numerators) / sum(denominators), one pair per replication, denominators >= 0.

    The variance is linearised (delta method) and clustered by replication, with the t quantile of one degree less
    than there are replications with a denominator. Source: Cochran, Sampling Techniques, 3rd ed., ch. 6. Skewed
    numerators have the limits of `outlast.stats.skewed`. No denominator at all: mean and interval are NaN. A ratio that
    equals a bound in every replication is treated as in `mean` (exact if denominators are equal).
    """
    y, x = _values("ratio", "numerators", numerators), _values("ratio", "denominators", denominators)
    level = _level("ratio", level)
    _same_length("ratio", y, x)
    if x.min() < 0.0:
        raise ValueError(f"ratio: denominators must be >= 0 (got {float(x.min())!r})")
    n, total = x.size, float(x.sum())
    if total == 0.0:
        return Estimate(math.nan, 0.0, math.nan, math.nan, level, n, NO_EVENT)
    for bound in bounds:
        if bound is not None and np.array_equal(y, bound * x):
            return _at_bound(bound, int(np.count_nonzero(x)), level, bounds)
    pooled = float(y.sum()) / total
    counted = x > 0.0
    seen = int(np.count_nonzero(counted))
    if seen == 1:
        low, high = _clip(-math.inf, math.inf, bounds)
        return Estimate(pooled, 0.0, low, high, level, n, ONE_REPLICATION if n == 1 else ONE_COUNTED)
    errors = (y - pooled * x) / (total / n)
    std = math.sqrt(float(errors @ errors) / (n - 1))
    limits = skewed.ratio_limits(y[counted], x[counted], level, bounds) if not y[~counted].any() else None
    if limits is not None:
        return Estimate(pooled, std, *_clip(*limits, bounds), level, n, skewed.METHOD)
    half = _t(seen - 1, level) * std / math.sqrt(n)
    low, high = _clip(pooled - half, pooled + half, bounds)
    return Estimate(pooled, std, low, high, level, n, "ratio, linearised")


def rate(counts: ArrayLike, exposure_per_replication: float, level: float = 0.95) -> Estimate:
    """Events per unit of exposure; one count per replication, the same exposure > 0 in each.

    t interval over replications; fewer than SMALL_COUNT events in all (or one replication): exact Poisson
    interval, which takes events as independent. No event: the interval ends at -ln(1 - level) / total
    exposure; as far above the same count in every replication. Source: Garwood (1936), doi:10.1093/biomet/28.3-4.437.
    """
    x, level = _values("rate", "counts", counts), _level("rate", level)
    if not 0.0 < exposure_per_replication < math.inf:
        raise ValueError(f"rate: exposure per replication must be > 0 (got {exposure_per_replication!r})")
    if x.min() < 0.0:
        raise ValueError(f"rate: counts must be >= 0 (got {float(x.min())!r})")
    n, count, total = x.size, float(x.sum()), x.size * exposure_per_replication
    if count == 0.0:
        return Estimate(0.0, 0.0, 0.0, -math.log1p(-level) / total, level, n, NO_EVENT_BOUND)
    if n > 1 and count >= SMALL_COUNT and _constant(x):
        found = count / total
        most = found - math.log1p(-level) / total
        return Estimate(found, 0.0, found * (1.0 - share_without_event(n, level)), most, level, n, IDENTICAL_BOUND)
    if n > 1 and count >= SMALL_COUNT:
        return mean(x / exposure_per_replication, level, (0.0, None))
    std = float(x.std(ddof=1)) / exposure_per_replication if n > 1 else 0.0
    inverse, tail = _special().gammaincinv, 0.5 * (1.0 - level)
    low, high = float(inverse(count, tail)) / total, float(inverse(count + 1.0, 1.0 - tail)) / total
    return Estimate(count / total, std, low, high, level, n, "exact Poisson")


def proportion(successes: int, n: int, level: float = 0.95) -> Estimate:
    """Share of n independent trials; Wilson's score interval, the exact one-sided bound for none or all.

    Source: Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    level = _level("proportion", level)
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"proportion: need 0 <= successes <= n, n >= 1 (got {successes!r} of {n!r})")
    if successes in (0, n):
        return _at_bound(float(successes == n), n, level, (0.0, 1.0))
    p, z = successes / n, float(_special().ndtri(0.5 + 0.5 * level))
    weight = 1.0 + z * z / n
    centre = (p + 0.5 * z * z / n) / weight
    half = z / weight * math.sqrt(p * (1.0 - p) / n + 0.25 * (z / n) ** 2)
    std = math.sqrt(p * (1.0 - p))
    return Estimate(p, std, max(centre - half, 0.0), min(centre + half, 1.0), level, n, "Wilson")


def quantile(values: ArrayLike, q: float, level: float = 0.95) -> Estimate:
    """q-quantile (0 < q < 1) with a distribution-free interval between two order statistics.

    A side that the sample is too small to bound is infinite. std is that of the values.
    Source: David and Nagaraja, Order Statistics, 3rd ed., section 7.1 (binomial ranks).
    """
    x, level = np.sort(_values("quantile", "values", values)), _level("quantile", level)
    if not 0.0 < q < 1.0:
        raise ValueError(f"quantile: q must be strictly between 0 and 1 (got {q!r})")
    n = x.size
    first, last = ranks(n, q, level)
    low = float(x[first]) if first >= 0 else -math.inf
    high = float(x[last]) if last < n else math.inf
    std = float(x.std(ddof=1)) if n > 1 else 0.0
    method = "order statistics"
    if first < 0 or last >= n:
        method += ": too few values for both limits"
    return Estimate(float(np.quantile(x, q)), std, low, high, level, n, method)


def ranks(n: int, q: float, level: float) -> tuple[int, int]:
    """Indices of the order statistics around the q-quantile of n values; -1 and n where the sample does not reach."""
    tail = 0.5 * (1.0 - level)
    below = _special().bdtr(np.arange(n), n, q)  # [k]: probability of at most k values under the quantile
    first = int(np.searchsorted(below, tail, side="right")) - 1  # the greatest index with below <= tail
    last = int(np.searchsorted(below, 1.0 - tail, side="left"))  # the least index with below >= 1 - tail
    return first, last


def paired(a: ArrayLike, b: ArrayLike, level: float = 0.95, higher_is_better: bool = True) -> Paired:
    """Difference b - a of two variants run with common random numbers, replication by replication.

    t interval of the differences; exactly zero, with width zero, if no replication differs. p_better and
    p_worse are shares of replications; ties count for neither.
    """
    first, second = _values("paired", "a", a), _values("paired", "b", b)
    return paired_ratio((first, np.ones_like(first)), (second, np.ones_like(second)), level, higher_is_better)


def paired_ratio(
    a: tuple[ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike], level: float = 0.95, higher_is_better: bool = True
) -> Paired:
    """Difference of two pooled ratios, b - a, each given as (numerators, denominators) by replication.

    The influence of a replication on the difference, (y_b - R_b x_b) / mean x_b - (y_a - R_a x_a) / mean x_a, is
    linearised (delta method), so that what both have in common cancels; t quantile of n - 1 degrees. With denominators
    of one this is the paired t interval. Source: Cochran, Sampling Techniques, 3rd ed., ch. 6 (comparing two ratios).

    Where some but fewer than SMALL_COUNT replications differ, the interval is widened to contain 0 unless the exact
    sign test of those that differ rejects it too. No denominator at all on one side: NaN. p_better and p_worse are the
    shares of replications whose own ratio is better or worse; one without a denominator counts for neither.
    """
    (ya, xa), (yb, xb), level = _pairs("a", a), _pairs("b", b), _level("paired", level)
    _same_length("paired", ya, yb)
    n, differ = ya.size, (ya != yb) | (xa != xb)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = (yb / xb - ya / xa) * (1.0 if higher_is_better else -1.0)
    better, worse = float(np.mean(gain > 0.0)), float(np.mean(gain < 0.0))
    if xa.sum() == 0.0 or xb.sum() == 0.0:
        return Paired(math.nan, 0.0, math.nan, math.nan, level, n, NO_EVENT, better, worse)
    if not differ.any():
        return Paired(0.0, 0.0, 0.0, 0.0, level, n, IDENTICAL, better, worse)
    ra, rb = float(ya.sum() / xa.sum()), float(yb.sum() / xb.sum())
    pull = (yb - ra * xb) / xb.mean() - (ya - ra * xa) / xa.mean()  # of each replication; their mean is rb - ra
    influence = (yb - rb * xb) / xb.mean() - (ya - ra * xa) / xa.mean() + (rb - ra)
    core = mean(pull if _constant(pull) else influence, level)
    low, high, method = core.ci_low, core.ci_high, f"paired {core.method}"
    if not (_constant(xa) and _constant(xb)):
        method += ", ratios linearised"
    if n > 1 and differ.sum() < min(n, SMALL_COUNT):
        method += ", sign test (few differ)"
        if _sign_test(pull[differ]) > 1.0 - level:
            low, high = min(low, 0.0), max(high, 0.0)
    return Paired(rb - ra, core.std, low, high, level, n, method, better, worse)


def _pairs(name: str, given: tuple[ArrayLike, ArrayLike]) -> tuple[Values, Values]:
    y, x = _values("paired", f"numerators of {name}", given[0]), _values("paired", f"denominators of {name}", given[1])
    _same_length("paired", y, x)
    if x.min() < 0.0:
        raise ValueError(f"paired: denominators must be >= 0 (got {float(x.min())!r})")
    return y, x


def _sign_test(x: Values) -> float:
    """Two-sided p-value of the hypothesis that positive and negative values are equally likely."""
    positive, negative = int(np.count_nonzero(x > 0.0)), int(np.count_nonzero(x < 0.0))
    fewer, count = min(positive, negative), positive + negative
    return 1.0 if count == 0 else min(1.0, 2.0 * float(_special().bdtr(fewer, count, 0.5)))


def at_level(found: Estimate, level: float, bounds: Bounds = UNBOUNDED) -> Estimate:
    """The same estimate at another level: the sides of its interval longer or shorter as those of a normal one."""
    here, there = (float(_special().ndtri(0.5 + 0.5 * one)) for one in (found.level, level))
    low, high = (found.mean + there / here * (end - found.mean) for end in (found.ci_low, found.ci_high))
    low, high = _clip(low, high, bounds)
    return replace(found, ci_low=low, ci_high=high, level=level)


def _at_bound(value: float, n: int, level: float, bounds: Bounds) -> Estimate:
    """Every replication at one end of the range: how far may the mean still be from it?"""
    low, high = _clip(-math.inf, math.inf, bounds)
    reach = share_without_event(n, level) * (high - low)  # infinite if the other end is open
    ends = (value, value + reach) if value == low else (value - reach, value)
    return Estimate(value, 0.0, *_clip(*ends, bounds), level, n, NO_EVENT_BOUND)


def _between(value: float, n: int, level: float, bounds: Bounds) -> Estimate:
    """Every replication at one value between two bounds: how far may the mean be from it to either side?"""
    (least, most), share = _clip(-math.inf, math.inf, bounds), share_without_event(n, level)
    low, high = value - share * (value - least), value + share * (most - value)
    return Estimate(value, 0.0, low, high, level, n, IDENTICAL_BOUND)


def _clip(low: float, high: float, bounds: Bounds) -> tuple[float, float]:
    least, most = bounds
    return (low if least is None else max(low, least)), (high if most is None else min(high, most))


def _constant(x: Values) -> bool:
    return bool((x == x[0]).all())


def _t(degrees: int, level: float) -> float:
    """Two-sided quantile of Student's t."""
    return float(_special().stdtrit(degrees, 0.5 + 0.5 * level))


def _special() -> Any:
    """scipy.special, imported when first needed: many runs do not need it."""
    import scipy.special

    return scipy.special


def _values(function: str, name: str, values: ArrayLike) -> Values:
    x: Values = np.asarray(values, dtype=np.float64).ravel()
    if x.size == 0:
        raise ValueError(f"{function}: {name} must not be empty (got {values!r})")
    bad = ~np.isfinite(x)
    if bad.any():
        raise ValueError(f"{function}: {name} must be finite (got {float(x[bad][0])!r})")
    return x


def _same_length(function: str, first: Values, second: Values) -> None:
    if first.size != second.size:
        raise ValueError(f"{function}: one pair per replication is needed (got {first.size} and {second.size} values)")


def _level(function: str, level: float) -> float:
    if not 0.0 < level < 1.0:
        raise ValueError(f"{function}: level must be strictly between 0 and 1 (got {level!r})")
    return float(level)
