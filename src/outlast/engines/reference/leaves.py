"""The pure numbers both engines share, as functions that Python calls: compiled once, kept in the disk cache.

Keys, hashes and counts are np.uint64; times and parameters are floats, s.
"""

from __future__ import annotations

import numpy as np

from outlast.compiled import entry
from outlast.stats import distributions, draws, scaling
from outlast.stats.distributions import Points


@entry
def uniform(key: np.uint64, row: np.uint64, n: np.uint64) -> float:
    """R15: the n-th uniform of a unit for a row."""
    return draws.uniform(key, row, n)


@entry
def bits(key: np.uint64, row: np.uint64, n: np.uint64) -> np.uint64:
    """R15: the n-th word of a unit for a row."""
    return draws.bits(key, row, n)


@entry
def base_key(seed: np.uint64, replication: np.uint64, branch: np.uint64) -> np.uint64:
    """R15: the key of a replication."""
    return draws.base_key(seed, replication, branch)


@entry
def unit_key(base: np.uint64, cohort: np.uint64, index: np.uint64) -> np.uint64:
    """R15: the key of a unit."""
    return draws.unit_key(base, cohort, index)


@entry
def quantile(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, u: float) -> float:
    """R4: delay at the uniform u."""
    return distributions.quantile(kind, a, b, c, points, p0, p1, u)


@entry
def residual(kind: int, a: float, b: float, c: float, points: Points, p0: int, p1: int, age: float, u: float) -> float:
    """R4: remaining delay given the age."""
    return distributions.residual(kind, a, b, c, points, p0, p1, age, u)


@entry
def grid_next(now: float, period: float, phase: float) -> float:
    """R4: the least k * period + phase strictly after now."""
    return distributions.grid_next(now, period, phase)


@entry
def hpa_recommend(
    total: bool, value: float, ready: int, missing: int, present: int, target: float, tolerance: float
) -> int:
    """R12: replicas that would meet the target."""
    return scaling.hpa_recommend(total, value, ready, missing, present, target, tolerance)


@entry
def hpa_decide(advice: int, highest: int, present: int, least: int, most: int, grow: int, grow_share: float,
               shrink: int, shrink_share: float) -> int:  # fmt: skip
    """R12: replicas there shall be."""
    return scaling.hpa_decide(advice, highest, present, least, most, grow, grow_share, shrink, shrink_share)
