import math
import statistics

import numpy as np

from outlast.stats.distributions import empirical, residual

VALUES = [3.0, 1.0, 2.0, 2.0, 9.5]
LAW = empirical(VALUES)


def test_quantile_is_the_least_value_whose_share_reaches_u():
    rng = np.random.default_rng(7)
    for n in (1, 2, 3, 7, 10, 49, 1000):
        values = np.sort(rng.exponential(60.0, n))
        law = empirical(values)
        shares = np.arange(1, n + 1) / n
        edges = [u for s in shares[:-1].tolist() for u in (s, math.nextafter(s, 0.0), math.nextafter(s, 1.0))]
        for u in [2.0**-53, *edges[:60], *rng.uniform(size=40).tolist(), 1 - 2.0**-53]:
            assert law.quantile(u) == values[np.argmax(shares >= u)]


def test_cdf_counts_values_up_to_and_including_x():
    assert [LAW.cdf(x) for x in (0.5, 1.0, 2.0, 5.0, 9.5)] == [0.0, 0.2, 0.6, 0.8, 1.0]


def test_residual_chooses_among_the_values_beyond_the_age():
    given = (LAW.kind, LAW.a, LAW.b, LAW.c, LAW.table, 0, len(LAW.points))
    assert [residual(*given, 2.0, u) for u in (0.01, 0.49, 0.51, 0.99)] == [1.0, 1.0, 7.5, 7.5]
    assert residual(*given, 9.5, 0.5) == 0.0


def test_rows_may_lie_anywhere_in_the_table():
    table = np.concatenate([empirical([100.0, 200.0]).table, LAW.table])
    assert residual(LAW.kind, 0.0, 0.0, 0.0, table, 2, 7, 0.0, 0.9) == 9.5


def test_moments_and_label():
    assert LAW.mean() == statistics.fmean(VALUES)
    assert math.isclose(LAW.variance(), statistics.pvariance(VALUES), rel_tol=1e-15)
    assert LAW.label == "empirical(5 values, 1 s to 9.5 s)"


def test_same_bits_compiled_and_interpreted(same_bits):
    same_bits(LAW)


def test_bad_values_are_refused(refused):
    refused(lambda: empirical([]), "empirical: at least one value is needed")
    refused(lambda: empirical([1.0, -2.0]), "empirical: value must be >= 0 (got -2.0)")
    refused(lambda: empirical([1.0, math.nan]), "empirical: value must be a finite number (got nan)")
