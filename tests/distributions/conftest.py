"""One set of checks for every law: scipy as the oracle, and equal bits compiled and interpreted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from outlast.compiled import interpreted
from outlast.stats.distributions import Law, cdf, quantile, residual

SMALLEST_U = 2.0**-53  # draws lie on (i + 1/2) / 2^52, so these are the extremes that a run can meet
LOW = [SMALLEST_U, 1e-12, 1e-9, 1e-6, 1e-3, *np.linspace(0.01, 0.49, 13).tolist()]
GRID_OF_U = [*LOW, 0.5, *[1.0 - u for u in reversed(LOW)]]
AGES_AT = [0.01, 0.5, 0.9, 0.999, 1.0 - 1e-9]

Check = Callable[..., None]


def arguments(law: Law) -> tuple[Any, ...]:
    return law.kind, law.a, law.b, law.c, law.table, 0, len(law.points)


@pytest.fixture
def agrees_with() -> Check:
    """check(law, frozen scipy law, rtol): quantile, cdf, residual, mean and variance, both tails."""

    def check(law: Law, oracle: Any, rtol: float = 1e-12) -> None:
        given, scale = arguments(law), float(oracle.std())
        drawn = np.array([quantile(*given, u) for u in GRID_OF_U])
        wanted = np.array([oracle.ppf(u) if u <= 0.5 else oracle.isf(1.0 - u) for u in GRID_OF_U])
        np.testing.assert_allclose(drawn, wanted, rtol=rtol, atol=1e-280)
        below = np.array([cdf(*given, x) for x in wanted])
        np.testing.assert_allclose(below, oracle.cdf(wanted), rtol=rtol * 10, atol=1e-280)
        for share in AGES_AT:
            age = float(oracle.ppf(share))
            rest = np.array([residual(*given, age, u) for u in GRID_OF_U])
            expected = [oracle.isf(oracle.sf(age) * (1.0 - u)) - age for u in GRID_OF_U]
            np.testing.assert_allclose(rest, expected, rtol=rtol, atol=10.0 * rtol * (age + scale))
            assert (rest >= 0.0).all()
        assert math.isclose(law.mean(), oracle.mean(), rel_tol=rtol)
        cancelled = 1e-14 * oracle.mean() ** 2  # both subtract squares of about the mean
        assert math.isclose(law.variance(), oracle.var(), rel_tol=rtol * 10, abs_tol=cancelled)

    return check


@pytest.fixture
def same_bits() -> Check:
    """check(law): compiled and interpreted source agree to the last bit, also for NumPy scalars."""

    def check(law: Law) -> None:
        given = arguments(law)
        scalars = (
            np.int32(law.kind),
            *map(np.float64, given[1:4]),
            law.table,
            np.int32(0),
            np.int32(given[6]),
        )
        sources = [(f, interpreted(f)) for f in (quantile, cdf, residual)]
        (draw, plain_draw), (below, plain_below), (rest, plain_rest) = sources
        middle = law.quantile(0.7)
        for u in GRID_OF_U:
            x = draw(*given, u)
            assert x == plain_draw(*given, u) == plain_draw(*scalars, np.float64(u)) == law.quantile(u)
            assert type(plain_draw(*scalars, np.float64(u))) is float
            assert below(*given, x) == plain_below(*scalars, np.float64(x)) == law.cdf(x)
            assert rest(*given, middle, u) == plain_rest(*scalars, np.float64(middle), np.float64(u))

    return check


@pytest.fixture
def rises() -> Check:
    """check(law): quantiles never fall as u grows, up to the solver's last bits."""

    def check(law: Law) -> None:
        drawn = np.array([quantile(*arguments(law), u) for u in np.linspace(0.0005, 0.9995, 1000)])
        assert (np.diff(drawn) >= -1e-14 * drawn[1:]).all()

    return check


@pytest.fixture
def refused() -> Check:
    """check(call, words): ValueError whose message contains these words."""

    def check(call: Callable[[], Law], words: str) -> None:
        with pytest.raises(ValueError) as error:
            call()
        assert words in str(error.value)

    return check
