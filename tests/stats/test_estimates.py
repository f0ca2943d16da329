"""Estimates against scipy.stats and closed forms, and the coverage of the intervals when repeated."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from outlast.stats import estimates

REPEATS = 1000
SLACK = 4.0 * math.sqrt(0.95 * 0.05 / REPEATS)  # z = 4 for a share of 95 % in 1,000 experiments


def close(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-10, abs_tol=1e-14)


def covered(intervals: list[estimates.Estimate], truth: float) -> float:
    return sum(e.ci_low <= truth <= e.ci_high for e in intervals) / len(intervals)


def test_mean_is_the_t_interval_of_scipy():
    x = np.random.default_rng(1).normal(5.0, 2.0, 12)
    for level in (0.5, 0.95, 0.999):
        found = estimates.mean(x, level)
        low, high = scipy.stats.t.interval(level, 11, x.mean(), scipy.stats.sem(x))
        assert close(found.ci_low, low)
        assert close(found.ci_high, high)
        assert (found.mean, found.n, found.level, found.method) == (x.mean(), 12, level, "t interval")
        assert close(found.std, x.std(ddof=1))


def test_mean_is_clipped_to_its_bounds():
    found = estimates.mean([0.0, 0.0, 0.9], bounds=(0.0, 1.0))
    assert (found.ci_low, found.ci_high) == (0.0, 1.0)


def test_one_replication_has_no_interval():
    found = estimates.mean([3.0])
    assert (found.mean, found.std, found.ci_low, found.ci_high) == (3.0, 0.0, -math.inf, math.inf)
    assert found.method == "one replication: no interval"
    share = estimates.mean([0.3], bounds=(0.0, 1.0))
    assert (share.ci_low, share.ci_high) == (0.0, 1.0)


@pytest.mark.parametrize(("value", "low", "high"), [(0.0, 0.0, 0.025876), (1.0, 1.0 - 0.025876, 1.0)])
def test_a_share_that_never_moved_is_a_bound_not_a_certainty(value, low, high):
    n = math.ceil(math.log(0.05) / math.log1p(-0.025876))
    found = estimates.mean([value] * n, bounds=(0.0, 1.0))
    assert found.mean == value
    assert math.isclose(found.ci_low, low, abs_tol=3e-4)
    assert math.isclose(found.ci_high, high, abs_tol=3e-4)
    assert found.method == "no event seen: bound"
    assert estimates.mean([value], bounds=(0.0, 1.0)).method == "no event seen: bound"


def test_bound_without_event_is_exact():
    for n in (1, 10, 10_000):
        p = estimates.share_without_event(n, 0.95)
        assert close((1.0 - p) ** n, 0.05)
        assert close(p, scipy.stats.beta.ppf(0.95, 1, n))


def test_a_half_open_amount_without_event_is_not_bounded():
    found = estimates.mean([0.0, 0.0], bounds=(0.0, None))
    assert (found.mean, found.ci_low, found.ci_high) == (0.0, 0.0, math.inf)


def test_equal_values_between_bounds_leave_room_for_a_replication_that_was_not_seen():
    found = estimates.mean([0.1] * 59, bounds=(0.0, 1.0))
    unseen = 1.0 - 0.05 ** (1 / 59)  # a share of replications this large hides in 59 with probability 5 %
    assert (found.mean, found.std, found.n) == (0.1, 0.0, 59)
    assert close(found.ci_low, (1.0 - unseen) * 0.1)
    assert close(found.ci_high, (1.0 - unseen) * 0.1 + unseen)
    assert found.method == "identical in every replication: bound"


def test_equal_counts_leave_room_for_an_event_that_was_not_seen():
    found = estimates.rate([52] * 40, 2.0)
    assert (found.mean, found.std) == (26.0, 0.0)
    assert close(found.ci_high, 26.0 - math.log(0.05) / 80.0)
    assert close(found.ci_low, 26.0 * 0.05 ** (1 / 40))


def test_ratio_by_hand():
    found = estimates.ratio([1.0, 2.0, 6.0], [10.0, 10.0, 20.0])
    errors = np.array([1.0, 2.0, 6.0]) - 0.225 * np.array([10.0, 10.0, 20.0])
    error = math.sqrt(3 / 2 * float((errors**2).sum())) / 40.0
    assert found.mean == 0.225
    assert close(found.ci_high - found.mean, scipy.stats.t.ppf(0.975, 2) * error)
    assert close(found.mean - found.ci_low, found.ci_high - found.mean)
    assert found.method == "ratio, linearised"


def test_ratio_with_equal_denominators_is_the_mean():
    y = np.random.default_rng(2).normal(3.0, 1.0, 9)
    found, plain = estimates.ratio(y, np.full(9, 2.0)), estimates.mean(y / 2.0)
    for field in ("mean", "std", "ci_low", "ci_high"):
        assert close(getattr(found, field), getattr(plain, field))


def test_ratio_without_denominator_is_not_a_number():
    found = estimates.ratio([0.0, 0.0], [0.0, 0.0])
    assert math.isnan(found.mean)
    assert found.method == "no event seen"


def test_ratio_at_its_bound_in_every_replication():
    found = estimates.ratio([5.0, 0.0, 7.0], [5.0, 0.0, 7.0], bounds=(0.0, 1.0))
    assert (found.mean, found.ci_high) == (1.0, 1.0)
    assert close(found.ci_low, math.sqrt(0.05))  # two replications had any denominator
    assert estimates.ratio([3.0], [4.0], bounds=(0.0, 1.0)).method == "one replication: no interval"


def test_ratio_seen_in_one_of_several_replications_has_no_interval() -> None:
    found = estimates.ratio([0.0, 6.0, 0.0], [0.0, 2.0, 0.0], bounds=(0.0, None))
    assert (found.mean, found.ci_low, found.ci_high) == (3.0, 0.0, math.inf)
    assert (found.n, found.method) == (3, "seen in one replication: no interval")


def test_rate_of_few_events_is_garwoods_interval():
    found = estimates.rate([1, 0, 2, 0], 0.5)
    assert found.mean == 1.5
    assert close(found.ci_low, scipy.stats.chi2.ppf(0.025, 6) / 2 / 2.0)
    assert close(found.ci_high, scipy.stats.chi2.ppf(0.975, 8) / 2 / 2.0)
    assert found.method == "exact Poisson"


def test_rate_without_event_is_a_bound():
    found = estimates.rate([0, 0, 0], 2.0)
    assert (found.mean, found.ci_low) == (0.0, 0.0)
    assert close(found.ci_high, -math.log(0.05) / 6.0)
    assert found.method == "no event seen: bound"


def test_rate_of_many_events_is_a_t_interval():
    counts = np.array([7, 9, 4, 12, 8])
    found, plain = estimates.rate(counts, 0.25), estimates.mean(counts / 0.25)
    assert (found.mean, found.ci_low, found.ci_high) == (plain.mean, plain.ci_low, plain.ci_high)
    assert estimates.rate([50], 1.0).method == "exact Poisson"


def test_proportion_is_wilson_and_exact_at_the_ends():
    found = estimates.proportion(7, 50)
    oracle = scipy.stats.binomtest(7, 50).proportion_ci(0.95, "wilson")
    assert close(found.ci_low, oracle.low)
    assert close(found.ci_high, oracle.high)
    none, all_of_them = estimates.proportion(0, 50), estimates.proportion(50, 50)
    assert (none.mean, none.ci_low, all_of_them.mean, all_of_them.ci_high) == (0.0, 0.0, 1.0, 1.0)
    assert close(none.ci_high, 1.0 - 0.05 ** (1 / 50))
    assert close(all_of_them.ci_low, 0.05 ** (1 / 50))


def test_quantile_interval_has_binomial_ranks():
    x = np.arange(1.0, 101.0)
    found = estimates.quantile(x, 0.5)
    assert (found.mean, found.ci_low, found.ci_high) == (50.5, 40.0, 61.0)  # the ranks of every textbook
    oracle = scipy.stats.quantile_test(x, q=50.5, p=0.5).confidence_interval(0.95)
    assert (found.ci_low, found.ci_high) == (oracle.low, oracle.high)


def test_quantile_of_too_few_values_is_open_upwards():
    found = estimates.quantile(np.arange(20.0), 0.95)
    assert found.ci_high == math.inf
    assert found.method == "order statistics: too few values for both limits"
    assert found.mean == np.quantile(np.arange(20.0), 0.95)


def test_paired_difference():
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 2.0, 3.7, 3.9])
    found = estimates.paired(a, b)
    low, high = scipy.stats.ttest_rel(b, a).confidence_interval(0.95)
    assert close(found.mean, 0.275)
    assert close(found.ci_low, low)
    assert close(found.ci_high, high)
    assert (found.p_better, found.p_worse) == (0.5, 0.25)
    lower = estimates.paired(a, b, higher_is_better=False)
    assert (lower.p_better, lower.p_worse) == (0.25, 0.5)


def test_identical_variants_differ_by_exactly_nothing():
    found = estimates.paired([0.1, 0.2], [0.1, 0.2])
    assert (found.mean, found.ci_low, found.ci_high, found.p_better, found.p_worse) == (
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
    )
    assert found.method == "identical in every replication"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: estimates.mean([]), "mean: values must not be empty"),
        (lambda: estimates.mean([1.0, math.nan]), r"mean: values must be finite \(got nan\)"),
        (lambda: estimates.mean([1.0], level=95), r"mean: level must be strictly between 0 and 1 \(got 95\)"),
        (lambda: estimates.ratio([1.0], [-1.0]), r"ratio: denominators must be >= 0 \(got -1.0\)"),
        (lambda: estimates.ratio([1.0], [1.0, 2.0]), r"got 1 and 2 values"),
        (lambda: estimates.rate([1], 0.0), r"rate: exposure per replication must be > 0 \(got 0.0\)"),
        (lambda: estimates.rate([-1], 1.0), r"rate: counts must be >= 0 \(got -1.0\)"),
        (lambda: estimates.proportion(3, 2), r"got 3 of 2"),
        (lambda: estimates.quantile([1.0], 1.0), r"quantile: q must be strictly between 0 and 1 \(got 1.0\)"),
    ],
)
def test_bad_arguments_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_coverage_of_mean_and_paired():
    x = np.random.default_rng(10).normal(2.0, 3.0, (REPEATS, 8))
    assert abs(covered([estimates.mean(row) for row in x], 2.0) - 0.95) < SLACK
    assert abs(covered([estimates.paired(np.zeros(8), row) for row in x], 2.0) - 0.95) < SLACK


def test_coverage_of_ratio():
    rng = np.random.default_rng(11)
    x = rng.uniform(5.0, 15.0, (REPEATS, 40))
    y = 0.3 * x + rng.normal(0.0, 1.0, x.shape)
    assert abs(covered([estimates.ratio(*pair) for pair in zip(y, x, strict=True)], 0.3) - 0.95) < SLACK


def test_coverage_of_rate():
    rng = np.random.default_rng(12)
    many = [estimates.rate(counts, 2.0) for counts in rng.poisson(20.0, (REPEATS, 10))]
    assert abs(covered(many, 10.0) - 0.95) < SLACK
    few = [estimates.rate(counts, 2.0) for counts in rng.poisson(0.8, (REPEATS, 10))]
    assert covered(few, 0.4) > 0.95 - SLACK  # exact intervals for whole numbers cover a little more
    none = [e for e in (estimates.rate(counts, 1.0) for counts in rng.poisson(0.2, (REPEATS, 10))) if e.mean == 0.0]
    assert all(e.ci_high > 0.2 for e in none)  # -ln 0.05 / 10 = 0.2996


def test_coverage_of_proportion():
    successes = np.random.default_rng(13).binomial(60, 0.2, REPEATS)
    exact = scipy.stats.binom(60, 0.2)
    inside = [k for k in range(61) if covered([estimates.proportion(k, 60)], 0.2)]
    truth = float(exact.pmf(inside).sum())  # Wilson's coverage swings around the level; this is its value here
    assert 0.93 < truth < 0.97
    found = covered([estimates.proportion(int(k), 60) for k in successes], 0.2)
    assert abs(found - truth) < 4.0 * math.sqrt(truth * (1.0 - truth) / REPEATS)


def test_coverage_of_quantile():
    x = np.random.default_rng(14).exponential(1.0, (REPEATS, 200))
    found = covered([estimates.quantile(row, 0.9) for row in x], -math.log(0.1))
    ranks = estimates.quantile(np.arange(200.0), 0.9)
    truth = float(scipy.stats.binom(200, 0.9).cdf(ranks.ci_high) - scipy.stats.binom(200, 0.9).cdf(ranks.ci_low))
    assert truth >= 0.95
    assert abs(found - truth) < 4.0 * math.sqrt(truth * (1.0 - truth) / REPEATS)
