import math

import numpy as np
import pytest
import scipy.stats

from outlast.stats.distributions import (
    deterministic,
    empirical,
    exponential,
    gamma,
    hyperexponential,
    lognormal,
    mixture,
    residual,
    triangular,
    uniform,
    weibull,
)

PARTS = [
    (
        0.3,
        lognormal(median=60.0, p95=600.0),
        scipy.stats.lognorm(math.log(10.0) / 1.6448536269514722, scale=60.0),
    ),
    (0.2, gamma(mean=1000.0, cv=0.5), scipy.stats.gamma(4.0, scale=250.0)),
    (0.4, exponential(5.0), scipy.stats.expon(scale=5.0)),
    (0.1, weibull(scale=1e5, shape=0.7), scipy.stats.weibull_min(0.7, scale=1e5)),
]
LAW = mixture([(p, law) for p, law, _ in PARTS])
US = [2.0**-53, 1e-9, 0.001, *np.linspace(0.01, 0.99, 33).tolist(), 0.999, 1 - 1e-9, 1 - 2.0**-53]


def below(x):
    return sum(p * oracle.cdf(x) for p, _, oracle in PARTS)


def above(x):
    return sum(p * oracle.sf(x) for p, _, oracle in PARTS)


def test_agrees_with_the_weighted_sum_of_scipy_laws(same_bits, rises):
    for u in US:
        x = LAW.quantile(u)
        if u <= 0.5:
            assert math.isclose(below(x), u, rel_tol=1e-12)
        else:
            assert math.isclose(above(x), 1.0 - u, rel_tol=1e-12)
        assert math.isclose(LAW.cdf(x), below(x), rel_tol=1e-12)
    same_bits(LAW)
    rises(LAW)


def test_residual_keeps_the_tail():
    given = (LAW.kind, LAW.a, LAW.b, LAW.c, LAW.table, 0, len(LAW.points))
    for share in (0.1, 0.9, 1 - 1e-9, 1 - 1e-15):
        age = LAW.quantile(share)
        for u in (0.01, 0.5, 0.99):
            x = age + residual(*given, age, u)
            assert math.isclose(above(x), above(age) * (1.0 - u), rel_tol=1e-10)


def test_moments_are_those_of_the_parts():
    mean = sum(p * oracle.mean() for p, _, oracle in PARTS)
    second = sum(p * (oracle.var() + oracle.mean() ** 2) for p, _, oracle in PARTS)
    assert math.isclose(LAW.mean(), mean, rel_tol=1e-12)
    assert math.isclose(LAW.variance(), second - mean**2, rel_tol=1e-11)


@pytest.mark.parametrize("part", [law for _, law, _ in PARTS] + [triangular(1, 2, 7), uniform(3, 4)])
def test_equal_parts_are_the_part(part):
    law = mixture([(0.25, part), (0.75, part)])
    for u in US:
        assert math.isclose(law.quantile(u), part.quantile(u), rel_tol=1e-13)


def test_hyperexponential_by_hand(same_bits, rises):
    law = hyperexponential([(0.9, 60.0), (0.1, 86400.0)])
    assert math.isclose(law.mean(), 0.9 * 60.0 + 0.1 * 86400.0, rel_tol=1e-14)
    x = law.quantile(0.97)
    assert math.isclose(0.9 * math.exp(-x / 60.0) + 0.1 * math.exp(-x / 86400.0), 0.03, rel_tol=1e-13)
    assert law.label == "hyperexponential(0.9: 1 min, 0.1: 1 d)"
    same_bits(law)
    rises(law)


def test_fixed_parts_are_jumps_and_are_hit_exactly(same_bits):
    law = mixture([(0.25, deterministic(10.0)), (0.5, exponential(100.0)), (0.25, deterministic(300.0))])
    first, last = 0.5 * -math.expm1(-0.1), 0.75 * 1.0 - 0.5 * math.exp(-3.0)
    for u in (first + 1e-9, first + 0.1, first + 0.25 - 1e-9):
        assert math.isclose(law.quantile(u), 10.0, rel_tol=1e-15)
    for u in (last + 1e-9, last + 0.25 - 1e-9):
        assert math.isclose(law.quantile(u), 300.0, rel_tol=1e-15)
    assert law.quantile(last + 0.251) > 300.0
    same_bits(law)


def test_instant_success_or_a_wait():
    law = mixture([(0.5, deterministic(0.0)), (0.5, deterministic(30.0))])
    assert [law.quantile(u) for u in (2.0**-53, 0.4999, 0.5001, 1 - 2.0**-53)] == [0.0, 0.0, 30.0, 30.0]


def test_a_gap_is_jumped(same_bits):
    law = mixture([(0.5, uniform(1.0, 2.0)), (0.5, uniform(10.0, 20.0))])
    assert law.quantile(0.5 - 1e-9) < 2.0 < 10.0 < law.quantile(0.5 + 1e-9)
    same_bits(law)


def test_bad_arguments_are_refused(refused):
    refused(lambda: mixture([]), "mixture: at least one part is needed")
    refused(lambda: mixture([(0.5, exponential(1.0)), (0.6, exponential(2.0))]), "must add up to 1 (got 1.1)")
    refused(lambda: mixture([(-0.5, exponential(1.0))]), "mixture: probability must be > 0 (got -0.5)")
    refused(lambda: mixture([(1.0, empirical([1.0]))]), "mixture: a part must be a simple law (got empirical(")
    refused(lambda: mixture([(1.0, LAW)]), "mixture: a part must be a simple law (got mixture(")
    refused(lambda: hyperexponential([(1.0, 0.0)]), "exponential: mean must be > 0 (got 0.0)")
