"""Shares and quantiles of clustered values: independent ones reduce to textbook intervals, copies count once."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from outlast.stats import clustered, estimates


def test_one_trial_each_is_wilsons_interval_with_a_t_quantile() -> None:
    hits = np.array([1.0] * 60 + [0.0] * 140)
    found = clustered.proportion(hits, np.ones(200))
    shorter = scipy.stats.norm.ppf(0.975) / scipy.stats.t.ppf(0.975, 199)
    size = 199 * shorter**2  # the variance has n - 1 below the line
    oracle = scipy.stats.binomtest(300, 1000).proportion_ci(0.95, "wilson")
    assert found.method == "Wilson, clustered"
    plain = estimates.proportion(60, 200)
    assert found.ci_low < plain.ci_low < oracle.low < oracle.high < plain.ci_high < found.ci_high
    assert math.isclose(
        found.ci_high - found.ci_low, (plain.ci_high - plain.ci_low) * math.sqrt(200 / size), rel_tol=5e-3
    )


def test_twelve_copies_count_as_one() -> None:
    hits = np.array([12.0] * 30 + [0.0] * 70)
    once, copies = clustered.proportion(hits / 12.0, np.ones(100)), clustered.proportion(hits, np.full(100, 12.0))
    assert np.allclose((once.ci_low, once.ci_high), (copies.ci_low, copies.ci_high))


def test_few_misses_have_clopper_and_pearsons_interval() -> None:
    hits = np.array([1.0] * 197 + [0.0] * 3)
    found = clustered.proportion(hits, np.ones(200))
    exact = scipy.stats.binomtest(197, 200).proportion_ci(0.95, "exact")
    assert found.method == "Clopper-Pearson, clustered"
    assert np.allclose((found.ci_low, found.ci_high), exact, atol=5e-4)


@pytest.mark.parametrize(("hits", "low", "high"), [(12.0, 0.05 ** (1 / 40), 1.0), (0.0, 0.0, 1.0 - 0.05 ** (1 / 40))])
def test_all_or_none_is_a_bound_by_replications(hits: float, low: float, high: float) -> None:
    found = clustered.proportion(np.full(40, hits), np.full(40, 12.0))
    assert math.isclose(found.ci_low, low, abs_tol=1e-12)
    assert math.isclose(found.ci_high, high, abs_tol=1e-12)
    assert found.method == "no event seen: bound"


def test_nothing_and_one_replication_say_so() -> None:
    assert math.isnan(clustered.proportion([0.0], [0.0]).mean)
    assert math.isnan(clustered.quantile([], [], 0.5).mean)
    one = clustered.proportion([3.0, 0.0], [12.0, 0.0])
    assert (one.mean, one.ci_low, one.ci_high) == (0.25, 0.0, 1.0)
    with pytest.raises(ValueError, match="more hits than trials"):
        clustered.proportion([2.0], [1.0])


def test_quantile_of_independent_values_has_nearly_binomial_ranks() -> None:
    x = np.random.default_rng(5).permutation(np.arange(400.0))
    found, plain = clustered.quantile(x, np.arange(400), 0.9), estimates.quantile(x, 0.9)
    assert found.mean == plain.mean
    assert abs(found.ci_low - plain.ci_low) <= 1.0
    assert abs(found.ci_high - plain.ci_high) <= 1.0


def test_quantile_of_copies_counts_replications() -> None:
    x = np.random.default_rng(6).exponential(1.0, 100)
    once = clustered.quantile(x, np.arange(100), 0.5)
    copies = clustered.quantile(np.repeat(x, 7), np.repeat(np.arange(100), 7), 0.5)
    assert (copies.ci_low, copies.ci_high) == (once.ci_low, once.ci_high)
    assert copies.n == 100


def test_quantile_beyond_the_sample_is_unbounded() -> None:
    found = clustered.quantile(np.arange(20.0), np.arange(20), 0.95)
    assert found.ci_high == math.inf
    assert found.method.endswith("too few values for both limits")
    alone = clustered.quantile([1.0, 2.0, 3.0], [0, 0, 0], 0.5)
    assert (alone.ci_low, alone.ci_high) == (-math.inf, math.inf)
    cut = clustered.quantile([1.0, math.inf, math.inf, 2.0], [0, 1, 2, 3], 0.9)
    assert cut.mean == math.inf
