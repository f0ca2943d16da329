"""Do events come singly and evenly? Tests of a homogeneous Poisson process, given how many events there were."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from outlast.stats.lifetimes import Values

LEAST_EVENTS = 8  # fewer say nothing
DRAWS = 999  # of the Monte Carlo test of dispersion
CLOSE_S = 3600.0  # events that begin within an hour are called concurrent
PER_WINDOW = 5  # expected events
MOST_WINDOWS = 50


@dataclass(frozen=True)
class Check:
    """name of the test, its statistic and what that would be if events were independent, p-value."""

    name: str
    statistic: float
    expected: float
    p: float


def checked(times: Values, start: float | None, end: float | None) -> list[Check]:
    """Trend, dispersion in time and concurrent events. times: ascending, s; start, end: of observation, s.

    Where an end is not known the first or last event takes its place, and is left out.
    """
    first, last = (times[0] if start is None else start), (times[-1] if end is None else end)
    inner = times[int(start is None) : len(times) - int(end is None)]
    if len(inner) < LEAST_EVENTS or last <= first:
        return []
    windows = max(2, min(len(inner) // PER_WINDOW, MOST_WINDOWS))
    counts = np.histogram(inner, bins=windows, range=(first, last))[0]
    return [trend(inner, first, last), dispersion("dispersion in time", counts), concurrent(inner, first, last)]


def trend(times: Values, start: float, end: float) -> Check:
    """Laplace's test: the standardised mean of the times; above zero events become more frequent.
    Source: Cox and Lewis, The Statistical Analysis of Series of Events, 1966, section 3.3."""
    middle, width = 0.5 * (start + end), end - start
    score = float((times.mean() - middle) / (width / math.sqrt(12.0 * len(times))))
    return Check("trend", score, 0.0, math.erfc(abs(score) / math.sqrt(2.0)))


def dispersion(name: str, counts: Values) -> Check:
    """Index of dispersion, variance / mean of counts; 1 if events fall anywhere independently. p: share of random
    allocations of as many events that are at least as uneven."""
    cells, events = len(counts), int(counts.sum())
    drawn = np.random.default_rng(1).integers(0, cells, (DRAWS, events)) + cells * np.arange(DRAWS)[:, None]
    cell, count = np.unique(drawn, return_counts=True)
    squares = np.bincount(cell // cells, weights=count.astype(np.float64) ** 2, minlength=DRAWS)
    seen, mean = float((counts.astype(np.float64) ** 2).sum()), events / cells
    index = (seen / cells - mean * mean) * cells / (cells - 1) / mean
    return Check(name, index, 1.0, (1 + int((squares >= seen).sum())) / (1 + DRAWS))


def concurrent(times: Values, start: float, end: float) -> Check:
    """How many events begin within an hour of the one before, against a Poisson process of the same rate."""
    from scipy.special import bdtrc

    gaps = np.diff(times)
    close = int((gaps <= CLOSE_S).sum())
    chance = -math.expm1(-len(times) * CLOSE_S / (end - start))
    p = 1.0 if close == 0 else float(bdtrc(close - 1, len(gaps), chance))
    return Check("concurrent", float(close), len(gaps) * chance, p)
