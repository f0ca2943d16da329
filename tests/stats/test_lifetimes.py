"""Censored likelihoods, fits, intervals and tests against scipy, closed forms and published examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from outlast.stats.censored import (
    NoFitError,
    anderson_darling,
    candidates,
    count_interval,
    fitted,
    goodness,
    interval,
    threshold,
)
from outlast.stats.lifetimes import (
    EXPONENTIAL,
    FAMILIES,
    FIRST,
    GAMMA,
    LOGNORMAL,
    OPEN,
    QUIET,
    SEEN,
    SHORT,
    WEIBULL,
    Family,
    Sample,
)

PARAMETERS = {"exponential": (90.0,), "weibull": (90.0, 1.7), "lognormal": (90.0, 0.8), "gamma": (90.0, 0.6)}
SCIPY = {
    "exponential": lambda mean: stats.expon(scale=mean),
    "weibull": lambda mean, shape: stats.weibull_min(shape, scale=mean / math.gamma(1 + 1 / shape)),
    "lognormal": lambda median, sigma: stats.lognorm(sigma, scale=median),
    "gamma": lambda mean, shape: stats.gamma(shape, scale=mean / shape),
}
every_law = pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
# Distances (km) to failure of 38 shock absorbers: O'Connor, Practical Reliability Engineering, 1985; Meeker and Escobar,
# Statistical Methods for Reliability Data, 1998, table C.2. Their package SMRD: Weibull eta = 27718.72, beta = 3.16.
FAILED = [6700, 9120, 12200, 13150, 14300, 17520, 20100, 20900, 22700, 26510, 27410]
RUNNING = [6950, 7820, 8790, 9660, 9820, 11310, 11690, 11850, 11880, 12140, 12870, 13330, 13470, 14040, 17540, 17890,
           18420, 18960, 18980, 19410, 20100, 20150, 20320, 23490, 27490, 27890, 28100]  # fmt: skip


def theta_of(family: Family) -> np.ndarray:
    return np.log(np.array(PARAMETERS[family.name]))


def sample(**rows: list[float]) -> Sample:
    kinds = {"seen": SEEN, "open": OPEN, "short": SHORT, "first": FIRST, "quiet": QUIET}
    seconds = np.array([x for row in rows.values() for x in row], dtype=float)
    kind = np.array([kinds[name] for name, row in rows.items() for _ in row])
    return Sample(seconds, kind, np.full(len(seconds), math.inf))


@every_law
def test_terms_of_the_likelihood_are_those_of_scipy(family: Family) -> None:
    times, theta = np.array([0.5, 20.0, 90.0, 400.0]), theta_of(family)
    law = SCIPY[family.name](*PARAMETERS[family.name])
    assert family.log_density(theta, times) == pytest.approx(law.logpdf(times), rel=1e-9)
    assert family.log_survival(theta, times) == pytest.approx(law.logsf(times), rel=1e-9)
    assert family.log_below(theta, times) == pytest.approx(law.logcdf(times), rel=1e-7)
    assert float(family.log_mean(theta)) == pytest.approx(math.log(law.mean()), rel=1e-9)


@every_law
def test_time_to_the_first_renewal_has_the_integrated_survival_function(family: Family) -> None:
    law, theta = SCIPY[family.name](*PARAMETERS[family.name]), theta_of(family)
    for time in (1.0, 60.0, 300.0):
        beyond = quad(law.sf, time, math.inf, epsabs=0, epsrel=1e-10)[0] / law.mean()
        assert math.exp(family.log_quiet(theta, np.array(time))) == pytest.approx(beyond, rel=1e-7)
        assert math.exp(family.log_first(theta, np.array(time))) == pytest.approx(law.sf(time) / law.mean(), rel=1e-9)


@every_law
def test_drawn_samples_follow_the_law_and_the_first_renewal(family: Family) -> None:
    like = sample(seen=[1.0], first=[1.0])
    drawn = family.drawn(theta_of(family), like, np.random.default_rng(4), 2000)
    reached = family.reached(theta_of(family), drawn.seconds, drawn.kind)
    assert all(stats.kstest(column, "uniform").pvalue > 1e-3 for column in reached.T)


@every_law
def test_a_fit_with_censored_durations_is_that_of_scipy(family: Family) -> None:
    random = np.random.default_rng(7)
    full, limit = family.draw(theta_of(family), random, (80,)), random.uniform(20, 300, 80)
    data = Sample(np.minimum(full, limit), np.where(full <= limit, SEEN, OPEN), limit)
    censored = stats.CensoredData(uncensored=full[full <= limit], right=limit[full > limit])
    law = getattr(stats, family.scipy)
    found = law.fit(censored, floc=0.0)
    expected = law.logpdf(full[full <= limit], *found).sum() + law.logsf(limit[full > limit], *found).sum()
    fit = fitted(family, data)
    assert fit.log_likelihood == pytest.approx(expected, abs=1e-4)
    assert list(fit.values.values()) == pytest.approx(list(family.native(found)), rel=2e-3)


def test_shock_absorbers_have_the_published_weibull_law() -> None:
    fit = fitted(WEIBULL, sample(seen=FAILED, open=RUNNING))
    shape = fit.values["shape"]
    assert shape == pytest.approx(3.16, abs=0.005)
    assert fit.values["mean"] / math.gamma(1 + 1 / shape) == pytest.approx(27718.72, rel=2e-4)


def test_an_exponential_fit_is_time_at_risk_per_event_whatever_was_censored() -> None:
    data = sample(seen=[5.0, 7.0], open=[30.0], first=[11.0], quiet=[40.0, 40.0])
    fit = fitted(EXPONENTIAL, data)
    assert (data.events, data.total) == (3, 133.0)
    assert fit.values["mean"] == pytest.approx(133.0 / 3, rel=1e-5)
    assert fit.aic == pytest.approx(2 + 2 * (3 * math.log(133.0 / 3) + 3), rel=1e-9)


def test_a_lognormal_seen_in_full_has_the_exact_interval_of_student() -> None:
    values = np.exp(np.random.default_rng(3).normal(4.0, 1.2, 12))
    logs = np.log(values)
    fit = fitted(LOGNORMAL, sample(seen=list(values)))
    half = stats.t.ppf(0.975, 11) * logs.std(ddof=1) / math.sqrt(12)
    assert np.log(interval(fit, "median", 0.95)) == pytest.approx([logs.mean() - half, logs.mean() + half], abs=1e-3)


def test_many_events_bring_the_bound_of_wilks() -> None:
    assert threshold(10**7, 0.95) == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-5)


def test_counts_have_the_published_exact_intervals() -> None:
    """Garwood's table: 0 events [0, 3.689], 10 events [4.795, 18.39]."""
    assert count_interval(0, 1.0, 0.95) == (pytest.approx(1 / 3.689, rel=1e-4), math.inf)
    assert count_interval(10, 1.0, 0.95) == pytest.approx((1 / 18.39, 1 / 4.795), rel=1e-3)
    low, high = count_interval(10, 1.0, 0.95, to_the_last=True)
    assert (low, high) == pytest.approx((2 / stats.chi2.ppf(0.975, 20), 2 / stats.chi2.ppf(0.025, 20)), rel=1e-9)


def test_the_anderson_darling_statistic_is_that_of_the_textbook_where_all_is_seen() -> None:
    values = np.random.default_rng(9).lognormal(1.0, 0.7, 40)
    fit = fitted(LOGNORMAL, sample(seen=list(values)))
    z, i = np.sort((np.log(values) - fit.theta[0]) / math.exp(fit.theta[1])), np.arange(1, 41)
    textbook = -40 - np.mean((2 * i - 1) * (stats.norm.logcdf(z) + stats.norm.logsf(z[::-1])))
    assert anderson_darling(LOGNORMAL, fit.theta, fit.sample) == pytest.approx(textbook, rel=1e-9)


def test_the_test_of_fit_has_the_published_critical_value() -> None:
    """Normal law with both parameters estimated: A* = A2 (1 + 0.75/n + 2.25/n^2) exceeds 0.752 in 5 % of samples
    (Stephens 1974), so a sample just there has p = 0.05, within 4 standard errors of 999 bootstrap samples."""
    wanted = 0.752 / (1 + 0.75 / 50 + 2.25 / 50**2)
    u = (np.arange(1, 51) - 0.5) / 50
    bend = max(np.linspace(0.0, 0.6, 61), key=lambda b: -abs(_statistic(u, b) - wanted))
    p = goodness(fitted(LOGNORMAL, sample(seen=list(_bent(u, bend)))), samples=999).p
    assert p == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 999) + 0.01)


def _bent(u: np.ndarray, bend: float) -> np.ndarray:
    z = stats.norm.ppf(u)
    return np.exp(z + bend * z**2 / 2)


def _statistic(u: np.ndarray, bend: float) -> float:
    fit = fitted(LOGNORMAL, sample(seen=list(_bent(u, bend))))
    return float(anderson_darling(LOGNORMAL, fit.theta, fit.sample))


def test_a_shape_needs_five_events_and_different_durations() -> None:
    fits, refused = candidates(sample(seen=[3.0, 4.0]), list(FAMILIES.values()))
    assert [fit.family for fit in fits] == [EXPONENTIAL]
    assert refused["weibull"] == "2 events seen, 5 are needed for a shape"
    with pytest.raises(NoFitError, match="all durations are equal"):
        fitted(GAMMA, sample(seen=[3.0] * 9))
    with pytest.raises(NoFitError, match="no event was seen"):
        fitted(EXPONENTIAL, sample(open=[3.0]))


def test_short_durations_count_as_shorter_than_what_is_told() -> None:
    data = sample(seen=[10.0, 20.0, 40.0, 80.0, 160.0], short=[5.0, 5.0])
    theta = np.log([30.0, 1.0])
    law = stats.lognorm(1.0, scale=30.0)
    expected = law.logpdf(data.seconds[:5]).sum() + 2 * law.logcdf(5.0)
    assert float(LOGNORMAL.log_likelihood(theta, data)) == pytest.approx(expected, rel=1e-9)
