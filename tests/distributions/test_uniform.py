import math

import pytest
import scipy.stats

from outlast.stats.distributions import uniform


@pytest.mark.parametrize(("low", "high"), [(0.0, 30.0), (1.0, 5.0), (86400.0, 86401.0)])
def test_agrees_with_scipy(agrees_with, same_bits, rises, low, high):
    law = uniform(low, high)
    oracle = scipy.stats.uniform(low, high - low)
    if low == 0.0:  # elsewhere x - low is only as good as the last bit of x, in scipy too
        agrees_with(law, oracle)
    for u in (0.001, 0.5, 0.999):
        assert math.isclose(law.quantile(u), oracle.ppf(u), rel_tol=1e-14)
        assert math.isclose(law.cdf(law.quantile(u)), u, abs_tol=1e-10)
    assert math.isclose(law.variance(), oracle.var(), rel_tol=1e-12)
    same_bits(law)
    rises(law)


def test_nothing_lies_outside():
    law = uniform(1.0, 5.0)
    assert (law.cdf(1.0), law.cdf(5.0), law.cdf(0.0), law.cdf(9.0)) == (0.0, 1.0, 0.0, 1.0)
    assert law.label == "uniform(1 s to 5 s)"


def test_bad_arguments_are_refused(refused):
    refused(lambda: uniform(5.0, 5.0), "uniform: high must be > low 5.0 (got 5.0)")
    refused(lambda: uniform(-1.0, 5.0), "uniform: low must be >= 0 (got -1.0)")
    refused(lambda: uniform(0.0, math.inf), "uniform: high must be a finite number (got inf)")
