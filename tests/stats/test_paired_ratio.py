"""Paired differences of pooled ratios, and quantiles of events clustered by replication."""

from __future__ import annotations

import math

import numpy as np
import pytest

from outlast.stats import estimates

REPEATS, SLACK = 1500, 4 * math.sqrt(0.95 * 0.05 / 1500)


def test_with_denominators_of_one_it_is_the_paired_t_interval() -> None:
    rng = np.random.default_rng(1)
    a, b, one = rng.normal(size=30), rng.normal(0.3, size=30), np.ones(30)
    ratio, mean = estimates.paired_ratio((a, one), (b, one)), estimates.paired(a, b)
    assert ratio == mean


def test_coverage_of_the_difference_of_two_correlated_ratios() -> None:
    """Both sides share most of their luck; true ratios 0.30 and 0.33."""
    rng = np.random.default_rng(2)
    covered = narrower = 0
    for _ in range(REPEATS):
        x = rng.uniform(5.0, 15.0, 40)
        shared, own = rng.normal(0.0, 1.0, 40), rng.normal(0.0, 0.2, (2, 40))
        a, b = (0.30 * x + shared + own[0], x), (0.33 * x + shared + own[1], x)
        found = estimates.paired_ratio(a, b)
        covered += found.ci_low <= 0.03 <= found.ci_high
        apart = [estimates.ratio(*side) for side in (a, b)]
        narrower += found.ci_high - found.ci_low < 0.5 * math.hypot(*(e.ci_high - e.ci_low for e in apart))
    assert abs(covered / REPEATS - 0.95) < SLACK
    assert narrower == REPEATS


def test_shares_of_replications_come_from_their_own_ratios() -> None:
    a = ([1.0, 2.0, 0.0, 4.0], [1.0, 1.0, 0.0, 2.0])
    b = ([2.0, 2.0, 3.0, 2.0], [1.0, 1.0, 1.0, 2.0])
    found = estimates.paired_ratio(a, b)
    assert found.mean == pytest.approx(9 / 5 - 7 / 4)
    assert (found.p_better, found.p_worse) == (0.25, 0.25)  # the third has no ratio on one side


def test_no_denominator_on_one_side_is_no_number() -> None:
    found = estimates.paired_ratio(([0.0, 0.0], [0.0, 0.0]), ([1.0, 0.0], [1.0, 0.0]))
    assert math.isnan(found.mean) and found.method == estimates.NO_EVENT


def test_five_of_a_hundred_replications_that_differ_show_nothing_but_six_do() -> None:
    """The sign test of 5 of 5 has p = 0.0625, of 6 of 6 p = 0.03; the t interval alone would exclude 0 in both."""
    zeros = np.zeros(100)
    five, six = zeros.copy(), zeros.copy()
    five[:5], six[:6] = 1.0, 1.0
    assert estimates.paired(zeros, five).ci_low == 0.0
    assert estimates.paired(zeros, six).ci_low > 0.0


def test_the_same_difference_in_every_replication_has_width_zero() -> None:
    found = estimates.paired([0.1, 0.4, 0.7], [0.6, 0.9, 1.2])
    assert (found.ci_low, found.ci_high) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_coverage_of_a_clustered_quantile(spread: float) -> None:
    """Ten events per replication that share an effect; the 80 % quantile of N(0, 1 + spread^2) is known."""
    rng = np.random.default_rng(3)
    rows = np.repeat(np.arange(60), 10)
    true = 0.8416212335729143 * math.sqrt(1.0 + spread**2)
    hits = 0
    for _ in range(400):
        values = rng.normal(size=600) + spread * np.repeat(rng.normal(size=60), 10)
        found = estimates.clustered_quantile(values, rows, 60, 0.8)
        hits += found.ci_low <= true <= found.ci_high
    assert hits / 400 > 0.95 - 4 * math.sqrt(0.95 * 0.05 / 400)
