import math

import pytest
import scipy.stats

from outlast.stats.distributions import residual, triangular


@pytest.mark.parametrize(("low", "mode", "high"), [(0, 2, 7), (1, 1, 7), (1, 7, 7), (60, 61, 3600)])
def test_agrees_with_scipy(same_bits, rises, low, mode, high):
    law = triangular(low, mode, high)
    oracle = scipy.stats.triang((mode - low) / (high - low), low, high - low)
    given = (law.kind, law.a, law.b, law.c, law.table, 0, 0)
    for u in (2.0**-53, 1e-9, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-9, 1 - 2.0**-53):
        # scipy knows no upper tail here: it returns low + share * width, good to the last bits of high
        assert math.isclose(law.quantile(u), oracle.ppf(u), rel_tol=1e-13, abs_tol=2e-8 * high * (u > 0.999))
        assert math.isclose(law.cdf(oracle.ppf(u)), oracle.cdf(oracle.ppf(u)), abs_tol=1e-13)
        age = law.quantile(0.6)
        wanted = oracle.ppf(oracle.cdf(age) + oracle.sf(age) * u) - age
        assert math.isclose(residual(*given, age, u), wanted, abs_tol=1e-12 * high + 2e-8 * high * (u > 0.999))
    assert math.isclose(law.mean(), oracle.mean(), rel_tol=1e-13)
    assert math.isclose(law.variance(), oracle.var(), rel_tol=1e-12)
    same_bits(law)
    rises(law)


def test_upper_tail_is_measured_from_the_upper_end():
    law, q = triangular(0.0, 2.0, 7.0), 2.0**-53
    assert law.quantile(1.0 - q) == 7.0 - math.sqrt(q * 7.0 * 5.0)


def test_bad_arguments_are_refused(refused):
    refused(lambda: triangular(1, 8, 7), "triangular: mode must be between low 1.0 and high 7.0 (got 8.0)")
    refused(lambda: triangular(7, 7, 7), "triangular: high must be > low 7.0 (got 7.0)")
    refused(lambda: triangular(-1, 0, 7), "triangular: low must be >= 0 (got -1.0)")
