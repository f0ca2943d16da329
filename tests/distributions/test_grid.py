import math
from fractions import Fraction

import numpy as np
import pytest

from outlast.compiled import interpreted
from outlast.stats.distributions import GRID, Law, grid, grid_next, quantile

PLAIN = interpreted(grid_next)


def test_next_instant_is_strictly_after_now():
    assert [grid_next(now, 10.0, 3.0) for now in (0.0, 2.999, 3.0, 12.0, 13.0)] == [
        3.0,
        3.0,
        13.0,
        13.0,
        23.0,
    ]


def test_walking_the_grid_never_skips_nor_repeats_whatever_the_rounding():
    for period, phase in ((0.1, 0.0), (0.1, 0.07), (1 / 3, 0.2), (86400.0, 3600.0), (7.3, 7.2999)):
        now, instants = 0.0, []
        for _ in range(2000):
            now = grid_next(now, period, phase)
            instants.append(now)
        first = 0 if phase > 0 else 1
        assert instants == [k * period + phase for k in range(first, first + 2000)]


def test_no_computed_instant_lies_between():
    rng = np.random.default_rng(3)
    for _ in range(2000):
        period = float(rng.uniform(0.01, 1000.0))
        phase, now = float(rng.uniform(0.0, period)), float(rng.uniform(0.0, 1e9))
        found = grid_next(now, period, phase)
        exact = math.floor((Fraction(now) - Fraction(phase)) / Fraction(period))
        candidates = [k * period + phase for k in range(exact - 2, exact + 4)]
        assert found == min(x for x in candidates if x > now) == PLAIN(np.float64(now), period, phase)


def test_a_grid_finer_than_the_clock_or_without_period_is_not_a_number():
    assert math.isnan(grid_next(1e18, 1e-3, 0.0))
    assert math.isnan(grid_next(0.0, 0.0, 0.0))
    assert math.isnan(grid_next(math.inf, 1.0, 0.0))
    assert math.isnan(PLAIN(math.nan, 1.0, 0.0))


def test_laws():
    assert grid(86400.0, 3600.0) == Law(GRID, 86400.0, 3600.0, label="every 1 d at 1 h")
    assert grid(30.0, None) == Law(GRID, 30.0, -1.0, label="every 30 s, drawn phase")
    assert (grid(30.0).mean(), grid(30.0).variance()) == (30.0, 0.0)


def test_a_grid_has_no_quantile():
    law = grid(30.0)
    with pytest.raises(ValueError, match="a grid has no law of its own"):
        law.quantile(0.5)
    with pytest.raises(ValueError, match="a grid has no law of its own"):
        law.cdf(1.0)
    assert math.isnan(quantile(law.kind, law.a, law.b, law.c, law.table, 0, 0, 0.5))


def test_bad_arguments_are_refused(refused):
    refused(lambda: grid(0.0), "grid: period must be > 0 (got 0.0)")
    refused(lambda: grid(30.0, 30.0), "grid: phase must be < period 30.0 (got 30.0)")
    refused(lambda: grid(30.0, -1.0), "grid: phase must be >= 0 (got -1.0)")
