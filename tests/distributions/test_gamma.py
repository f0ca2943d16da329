import math

import pytest
import scipy.special
import scipy.stats

from outlast.stats.distributions import gamma
from outlast.stats.distributions.special import gamma_tails, log_gamma_constant, ndtri

SHAPES = [0.01, 0.1, 0.5, 1.0, 2.5, 9.0, 10.0, 30.0, 200.0, 1e4]


@pytest.mark.parametrize("shape", SHAPES)
def test_agrees_with_scipy(agrees_with, same_bits, rises, shape):
    law = gamma(mean=3600.0, shape=shape)
    agrees_with(law, scipy.stats.gamma(shape, scale=3600.0 / shape), rtol=5e-11)
    same_bits(law)
    rises(law)


@pytest.mark.parametrize("shape", SHAPES)
def test_incomplete_gamma_function_in_both_tails(shape):
    constant = log_gamma_constant(shape)
    for u in (1e-200, 1e-30, 1e-9, 0.01, 0.5, 0.99, 1 - 1e-9):
        x = float(scipy.special.gammaincinv(shape, u))
        if x > 1e-290:
            p, q = gamma_tails(shape, constant, x)
            assert math.isclose(p, scipy.special.gammainc(shape, x), rel_tol=2e-12)
            assert math.isclose(q, scipy.special.gammaincc(shape, x), rel_tol=2e-12)


def test_normal_quantile_in_both_tails():
    for tail in (1e-300, 1e-100, 1e-20, 2.0**-53, 1e-9, 0.01, 0.07, 0.08, 0.3, 0.4999):
        wanted = float(scipy.special.ndtri(tail))
        assert math.isclose(ndtri(tail, 1.0 - tail), wanted, rel_tol=1e-14)
        assert ndtri(1.0 - tail, tail) == -ndtri(tail, 1.0 - tail)
    assert ndtri(0.5, 0.5) == 0.0


def test_cv_is_the_coefficient_of_variation():
    law = gamma(mean=60.0, cv=0.5)
    assert (law.a, law.mean(), math.sqrt(law.variance())) == (4.0, 60.0, 30.0)
    assert law.label == "gamma(mean 1 min, cv 0.5)"


def test_bad_arguments_are_refused(refused):
    refused(lambda: gamma(mean=60.0), "gamma: give (shape) or (cv) (got none of them)")
    refused(lambda: gamma(mean=60.0, cv=0.001), "gamma: cv must be between 0.01 and 10 (got 0.001)")
    refused(lambda: gamma(mean=60.0, shape=1e5), "gamma: shape must be between 0.01 and 10000 (got 100000.0)")
    refused(lambda: gamma(mean=-60.0, shape=2.0), "gamma: mean must be > 0 (got -60.0)")
