"""Limits of skewed amounts against formulas written out again with scipy.stats."""

from __future__ import annotations

import math

import numpy as np
import scipy.stats

from outlast.stats import estimates, skewed

RARE = np.array([0.0] * 95 + [1.0, 2.0, 2.5, 4.0, 30.0])


def by_hand(x: np.ndarray) -> tuple[float, float]:
    n, total, t = len(x), x.sum(), scipy.stats.t.ppf(0.975, len(x) - 1)
    wider = t / scipy.stats.norm.ppf(0.975)
    variance, unseen = n * x.var(ddof=1) * wider**2, (x.max() - x.mean()) * wider
    low = scipy.stats.gamma.ppf(0.025, total**2 / variance, scale=variance / total)
    more, spread = total + unseen, variance + unseen**2
    high = scipy.stats.gamma.ppf(0.975, more**2 / spread, scale=spread / more)
    skewness = ((x - x.mean()) ** 3).mean() / x.std(ddof=1) ** 3
    cubic = 1.0 + skewness * (-t / math.sqrt(n) - skewness / (6 * n))
    hall = x.mean() - x.std(ddof=1) * (math.cbrt(cubic) - 1.0) / (skewness / 3.0)
    return low / n, max(high / n, hall)


def test_mean_of_rare_amounts_has_gamma_and_hall_limits() -> None:
    found = estimates.mean(RARE, bounds=(0.0, None))
    assert found.method == skewed.METHOD
    assert np.allclose((found.ci_low, found.ci_high), by_hand(RARE), rtol=1e-10)
    assert found.ci_low > 0.0
    assert found.ci_high - found.mean > found.mean - found.ci_low


def test_a_share_near_one_is_its_mirror_image() -> None:
    amount, share = (
        estimates.mean(RARE / 100.0, bounds=(0.0, 1.0)),
        estimates.mean(1.0 - RARE / 100.0, bounds=(0.0, 1.0)),
    )
    assert np.allclose((share.ci_low, share.ci_high), (1.0 - amount.ci_high, 1.0 - amount.ci_low), rtol=1e-12)


def test_equal_rare_events_are_nearly_garwoods_interval() -> None:
    """Both are the quantiles of a gamma law; the variance of the counts is estimated here."""
    counts = np.array([1.0] * 8 + [0.0] * 9992)
    found, exact = estimates.mean(counts, bounds=(0.0, None)), estimates.rate(counts, 1.0)
    assert math.isclose(found.ci_low, exact.ci_low, rel_tol=2e-3)
    assert exact.ci_high * 0.998 < found.ci_high < exact.ci_high * 1.05  # Hall's limit may reach further


def test_a_ratio_looks_at_replications_that_counted_something() -> None:
    x = np.array([1.0, 1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0])
    y = np.array([1.0, 1.5, 2.0, 0.5, 1.0, 3.5, 1.0, 40.0])
    few = estimates.ratio(y, x, bounds=(0.0, None))
    many = estimates.ratio(np.append(y, np.zeros(92)), np.append(x, np.zeros(92)), bounds=(0.0, None))
    assert few.method == many.method == skewed.METHOD
    assert np.allclose((few.ci_low, few.ci_high), (many.ci_low, many.ci_high), rtol=1e-12)


def test_normal_and_unbounded_amounts_keep_the_t_interval() -> None:
    normal = np.random.default_rng(3).normal(5.0, 1.0, 200)
    assert estimates.mean(normal, bounds=(0.0, None)).method == "t interval"
    assert estimates.mean(-RARE, bounds=(None, 1.0)).method == skewed.METHOD
    assert estimates.mean(-RARE, bounds=(-1e9, None)).method == "t interval"  # nothing bounds the side of the tail


def test_differences_on_one_side_are_amounts() -> None:
    saved = estimates.paired(RARE, 0.5 * RARE)
    amount = estimates.mean(0.5 * RARE, bounds=(0.0, None))
    assert np.isclose(saved.ci_low, -amount.ci_high, rtol=1e-12)
    assert -amount.ci_low <= saved.ci_high <= 0.0  # so few differ that their signs alone do not exclude zero


def test_differences_on_both_sides_join_gains_and_losses() -> None:
    x = np.concatenate([RARE, -0.1 * RARE])
    found = estimates.paired(np.zeros(len(x)), x)
    gain, loss = (estimates.mean(np.maximum(side, 0.0), bounds=(0.0, None)) for side in (x, -x))
    shared = 2.0 * scipy.stats.t.ppf(0.975, len(x) - 1) ** 2 * gain.mean * loss.mean / len(x)
    high = math.sqrt((gain.ci_high - gain.mean) ** 2 + (loss.mean - loss.ci_low) ** 2 + shared)
    assert math.isclose(found.ci_high, found.mean + high, rel_tol=1e-12)
    assert found.ci_low < 0.0 < found.mean < found.ci_high


def test_gains_in_half_of_the_replications_have_no_skewness_and_still_limits() -> None:
    """Half are equal and half are zero: Hall's cubic divides by their skewness. Unequal ones have nearly these limits."""
    x = np.array([1.0] * 15 + [0.0] * 14 + [-50.0])
    low, high = estimates.mean(x).ci_low, estimates.mean(x).ci_high
    near = estimates.mean(x + np.concatenate([np.linspace(-1e-5, 1e-5, 15), np.zeros(15)]))
    assert np.allclose((low, high), (near.ci_low, near.ci_high), rtol=1e-4)
    assert low < x.mean() < high
