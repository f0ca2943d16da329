import math

import pytest
import scipy.stats

from outlast.stats.distributions import residual, weibull


@pytest.mark.parametrize("shape", [0.05, 0.5, 0.8, 1.0, 3.4, 60.0, 1000.0])
def test_agrees_with_scipy(agrees_with, same_bits, rises, shape):
    law = weibull(scale=86400.0, shape=shape)
    agrees_with(law, scipy.stats.weibull_min(shape, scale=86400.0), rtol=1e-11)
    same_bits(law)
    rises(law)


def test_mean_is_the_mean():
    law = weibull(mean=90 * 86400.0, shape=0.8)
    assert math.isclose(law.mean(), 90 * 86400.0, rel_tol=1e-14)
    assert law.label == "weibull(mean 90 d, shape 0.8)"


def test_shape_one_is_exponential():
    assert math.isclose(weibull(mean=10.0, shape=1.0).quantile(0.9), -10.0 * math.log1p(-0.9), rel_tol=1e-14)


def test_bad_arguments_are_refused(refused):
    refused(lambda: weibull(shape=1.0), "weibull: give (mean) or (scale) (got none of them)")
    refused(lambda: weibull(mean=1.0, scale=2.0, shape=1.0), "got mean=1.0, scale=2.0")
    refused(lambda: weibull(mean=-1.0, shape=1.0), "weibull: mean must be > 0 (got -1.0)")
    refused(lambda: weibull(mean=1.0, shape=0.0), "weibull: shape must be between 0.05 and 1000 (got 0.0)")
    refused(lambda: weibull(mean=1.0, shape=math.nan), "weibull: shape must be a finite number (got nan)")


def test_a_quotient_that_underflows_has_no_probability(same_bits):
    law = weibull(scale=1e12, shape=0.8)
    assert law.cdf(5e-324) == 0.0
    assert law.cdf(1e300) == 1.0
    same_bits(law)


def test_an_item_far_past_its_life_still_has_something_left() -> None:
    """Where survival is below the smallest double: the residual is close to exponential with the hazard rate there."""
    law = weibull(scale=3.0, shape=3.0)
    for age in (30.0, 300.0, 3e5):
        rate = 3.0 / 3.0 * (age / 3.0) ** 2
        left = residual(law.kind, law.a, law.b, law.c, law.table, 0, 0, age, 0.5)
        assert math.isclose(left, math.log(2.0) / rate, rel_tol=2e-3), age
