"""Tests of events in time against worked examples and against events that are independent or are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from outlast.stats.clustering import checked, concurrent, dispersion, trend

DAY_S = 86_400.0


def test_laplace_score_is_the_standardised_mean_of_the_times() -> None:
    """Times 1, 2, 3 of 0 to 10: mean 2, expected 5 with standard deviation 10 / sqrt(36)."""
    found = trend(np.array([1.0, 2.0, 3.0]), 0.0, 10.0)
    assert found.statistic == pytest.approx((2 - 5) / (10 / 6))
    assert found.p == pytest.approx(2 * stats.norm.sf(1.8))


def test_dispersion_is_the_variance_of_counts_over_their_mean() -> None:
    counts = np.array([0, 0, 9, 1, 0, 2])
    found = dispersion("units", counts)
    assert found.statistic == pytest.approx(counts.var(ddof=1) / counts.mean())
    assert found.p < 0.01


def test_p_of_dispersion_is_that_of_random_allocation() -> None:
    """Two events in four cells fall together with probability 1/4."""
    found = dispersion("units", np.array([2, 0, 0, 0]))
    assert found.p == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 999))


def test_concurrent_events_are_counted_against_a_poisson_process() -> None:
    times = np.arange(20) * DAY_S
    times[5] = times[4] + 1800.0
    found = concurrent(times, 0.0, 20 * DAY_S)
    assert found.statistic == 1
    assert found.expected == pytest.approx(19 * -math.expm1(-1 / 24))
    assert found.p == pytest.approx(stats.binom.sf(0, 19, -math.expm1(-1 / 24)))


def test_independent_events_raise_no_alarm_more_often_than_they_should() -> None:
    random, n = np.random.default_rng(2), 200
    p = {name: [] for name in ("trend", "dispersion in time", "concurrent")}
    for _ in range(n):
        times = np.sort(random.uniform(0.0, 365 * DAY_S, 60))
        for one in checked(times, 0.0, 365 * DAY_S):
            p[one.name].append(one.p)
    for values in p.values():
        assert np.mean(np.array(values) < 0.05) < 0.05 + 4 * math.sqrt(0.05 * 0.95 / n)
    assert stats.kstest(p["trend"], "uniform").pvalue > 1e-3


def test_bursts_and_growth_are_noticed() -> None:
    random = np.random.default_rng(3)
    bursts = np.sort((random.uniform(0.0, 360 * DAY_S, 10)[:, None] + random.uniform(0.0, 3600.0, (10, 6))).ravel())
    found = {one.name: one for one in checked(bursts, 0.0, 365 * DAY_S)}
    assert found["concurrent"].p < 1e-6 and found["dispersion in time"].p < 0.01
    growing = {one.name: one for one in checked(365 * DAY_S * np.sqrt(np.arange(1, 61) / 61), 0.0, 365 * DAY_S)}
    assert growing["trend"].statistic > 3 and growing["trend"].p < 0.01


def test_an_unknown_end_of_observation_is_the_last_event_which_is_then_left_out() -> None:
    times = np.linspace(10.0, 30.0, 12) * DAY_S
    (found, *_) = checked(times, None, None)
    assert found == trend(times[1:-1], times[0], times[-1])


def test_few_events_say_nothing() -> None:
    assert checked(np.arange(7) * DAY_S, 0.0, 30 * DAY_S) == []
