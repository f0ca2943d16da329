"""Where the variance of a simulated measure comes from: uncertain parameters, or luck.

A design is an array: one row per set of parameters, one column per replication; every row has the same luck, so a
column is one luck. What two *different* columns have in common is due to the parameters alone, because the luck of
different replications is independent: every second moment here is an average over pairs of different columns, and is
free of simulation noise without a correction for it. A single column means that there is no luck (the exact engine).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]

LEAST = 3  # rows, and columns
RESAMPLES = 1000
PREDICTED = 0.90  # share of the parameters' belief that the predictive interval holds


@dataclass(frozen=True)
class Number:
    """An estimate and its standard error."""

    value: float
    error: float

    def ends(self, level: float) -> tuple[float, float]:
        half = _z(level) * self.error
        return self.value - half, self.value + half


@dataclass(frozen=True)
class Decomposition:
    """mean: over parameters and luck; its error that of luck.  draw_error: what the finite number of parameter sets
    adds to it.  parameters: variance of the measure between parameter sets.  luck: variance of one replication given
    the parameters.  low, high: of the measure over the parameters, without the noise of the simulation."""

    mean: Number
    draw_error: float
    parameters: Number
    luck: float
    low: float
    high: float


def decomposed(design: Values, predicted: float = PREDICTED) -> Decomposition:
    """The law of total variance for independent parameter sets. Errors by the jackknife over rows and over columns."""
    rows, columns = design.shape
    centred = design - design.mean(axis=0)
    own = _square(centred)
    found = own.sum() / (rows - 1)
    without_row = (own.sum() - rows / (rows - 1) * own) / (rows - 2)
    error = math.sqrt(_jackknife(without_row) + _jackknife(_without_each(centred, centred).sum(axis=0) / (rows - 1)))
    mean, luck, noise = float(design.mean()), 0.0, 0.0
    if columns > 1:
        luck = float(design.var(axis=1, ddof=1).mean())
        noise = float(design.mean(axis=0).std(ddof=1)) / math.sqrt(columns)
    seen = design.mean(axis=1)
    spread = float(seen.var(ddof=1))
    shrunk = mean + (seen - mean) * (math.sqrt(max(found, 0.0) / spread) if spread > 0.0 else 0.0)
    low, high = np.quantile(shrunk, [(1 - predicted) / 2, (1 + predicted) / 2])
    draws = math.sqrt(max(found, 0.0) / rows)
    return Decomposition(Number(mean, noise), draws, Number(float(found), error), luck, float(low), float(high))


@dataclass(frozen=True)
class Indices:
    """First order and total index of each parameter."""

    first: list[Number]
    total: list[Number]


def sobol(a: Values, b: Values, ab: Values, seed: int = 0) -> Indices | None:
    """Sobol indices of the parameters: a and b are designs [rows, columns] of independent sets, ab[i] is a with the
    i-th parameter from b. None where no variance is due to the parameters.

    Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018, table 2 (b) and (f); errors by the bootstrap over rows and
    the jackknife over columns.
    """
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    a, b, ab = a - centre, b - centre, ab - centre
    variance = [(0.5, a, a), (0.5, b, b)]
    if _moment(variance).mean() <= 0.0:
        return None
    pick = np.random.default_rng(seed).integers(0, len(a), (RESAMPLES, len(a)))
    first = [_share([(1.0, b, one - a)], variance, pick) for one in ab]
    total = [_share([(0.5, one - a, one - a)], variance, pick) for one in ab]
    return Indices(first, total)


Terms: TypeAlias = list[tuple[float, Values, Values]]


def _share(above: Terms, below: Terms, pick: NDArray[np.int64]) -> Number:
    """The ratio of two moments, with its error."""
    top, bottom = _moment(above), _moment(below)
    resampled = top[pick].mean(axis=1) / bottom[pick].mean(axis=1)
    without = _moment_without(above) / _moment_without(below)
    error = math.sqrt(float(resampled.var(ddof=1)) + _jackknife(without))
    return Number(float(top.mean() / bottom.mean()), error)


def _moment(terms: Terms) -> Values:
    """By row: the weighted sum of products over pairs of different columns."""
    total: Values = np.sum([weight * _product(u, v) for weight, u, v in terms], axis=0)
    return total


def _moment_without(terms: Terms) -> Values:
    """The mean over rows without each column."""
    total: Values = np.sum([w * _without_each(u, v).mean(axis=0) for w, u, v in terms], axis=0)
    return total


def _square(u: Values) -> Values:
    return _product(u, u)


def _product(u: Values, v: Values) -> Values:
    """By row: the mean of u_j v_k over columns j that differ from k; of a single column the plain product."""
    n = u.shape[1]
    if n == 1:
        return u[:, 0] * v[:, 0]
    found: Values = (u.sum(axis=1) * v.sum(axis=1) - (u * v).sum(axis=1)) / (n * (n - 1))
    return found


def _without_each(u: Values, v: Values) -> Values:
    """[rows, columns]: `_product` without each column; nothing to leave out in a single one."""
    n = u.shape[1]
    if n == 1:
        return _product(u, v)[:, None]
    both = u * v
    left = (u.sum(axis=1, keepdims=True) - u) * (v.sum(axis=1, keepdims=True) - v)
    found: Values = (left - both.sum(axis=1, keepdims=True) + both) / ((n - 1) * (n - 2))
    return found


def _jackknife(values: Values) -> float:
    """Variance of an estimate from its values without each member."""
    n = len(values)
    return float((n - 1) / n * ((values - values.mean()) ** 2).sum())


def _z(level: float) -> float:
    import scipy.special  # imported here: most runs do not need it

    return float(scipy.special.ndtri(0.5 + 0.5 * level))
