import math

import pytest
import scipy.stats

from outlast.stats.distributions import exponential, residual


@pytest.mark.parametrize("mean", [1e-3, 3600.0, 5e8])
def test_agrees_with_scipy(agrees_with, same_bits, rises, mean):
    law = exponential(mean)
    agrees_with(law, scipy.stats.expon(scale=mean))
    same_bits(law)
    rises(law)


def test_age_does_not_matter_however_great():
    law = exponential(60.0)
    given = (law.kind, law.a, law.b, law.c, law.table, 0, 0)
    assert residual(*given, 1e9, 0.3) == law.quantile(0.3)


def test_label_says_what_was_written():
    assert exponential(90 * 86400.0).label == "exponential(mean 90 d)"


def test_bad_means_are_refused(refused):
    refused(lambda: exponential(0.0), "exponential: mean must be > 0 (got 0.0)")
    refused(lambda: exponential(math.inf), "exponential: mean must be a finite number (got inf)")
    refused(lambda: exponential(True), "got True")
