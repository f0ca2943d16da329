import math

import pytest
import scipy.stats

from outlast.stats.distributions import lognormal


@pytest.mark.parametrize(("median", "sigma"), [(60.0, 0.01), (3600.0, 0.77), (1e-3, 1.5), (1e6, 4.0)])
def test_agrees_with_scipy(agrees_with, same_bits, rises, median, sigma):
    law = lognormal(median=median, sigma=sigma)
    agrees_with(law, scipy.stats.lognorm(sigma, scale=median))
    same_bits(law)
    rises(law)


def test_every_way_of_writing_it_gives_what_it_says():
    by_cv = lognormal(mean=6 * 3600.0, cv=0.9)
    assert math.isclose(by_cv.mean(), 6 * 3600.0, rel_tol=1e-14)
    assert math.isclose(math.sqrt(by_cv.variance()) / by_cv.mean(), 0.9, rel_tol=1e-14)
    by_p95 = lognormal(median=60.0, p95=600.0)
    assert math.isclose(by_p95.quantile(0.5), 60.0, rel_tol=1e-14)
    assert math.isclose(by_p95.quantile(0.95), 600.0, rel_tol=1e-14)
    by_sigma = lognormal(mean=60.0, sigma=1.2)
    assert math.isclose(by_sigma.mean(), 60.0, rel_tol=1e-14)
    assert by_sigma.b == 1.2


def test_label_keeps_the_words_of_the_writer():
    assert lognormal(median=4 * 3600.0, sigma=1.0).label == "lognormal(median 4 h, sigma 1)"
    assert lognormal(median=60.0, p95=600.0).label == "lognormal(median 1 min, p95 10 min)"


def test_far_beyond_the_last_double_quantiles_stay_finite():
    assert math.isfinite(lognormal(median=1e300, sigma=10.0).quantile(1 - 2.0**-53))


def test_bad_arguments_are_refused(refused):
    refused(lambda: lognormal(median=-3.0, sigma=1.0), "lognormal: median must be > 0 (got -3.0)")
    refused(lambda: lognormal(median=60.0, p95=60.0), "lognormal: p95 must be > median 60.0 (got 60.0)")
    refused(
        lambda: lognormal(median=60.0, cv=1.0),
        "(mean, cv) or (mean, sigma) or (median, sigma) or (median, p95)",
    )
    refused(lambda: lognormal(median=60.0, cv=1.0), "(got median=60.0, cv=1.0)")
    refused(lambda: lognormal(mean=60.0, sigma=11.0), "lognormal: sigma must be <= 10 (got 11.0)")
    refused(lambda: lognormal(mean=60.0, cv=0.0), "lognormal: cv must be > 0 (got 0.0)")
