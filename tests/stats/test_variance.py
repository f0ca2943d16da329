"""Moments over pairs of columns: free of noise, with errors that cover; Sobol indices as scipy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from outlast.stats.variance import decomposed, sobol


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990): indices are known in closed form."""
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


@pytest.fixture(scope="module")
def design() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = (2 * scipy.stats.qmc.Sobol(6, rng=np.random.default_rng(1)).random(512) - 1).T * np.pi
    a, b = x[:3], x[3:]
    crossed = [ishigami(np.where(np.arange(3)[:, None] == place, b, a)) for place in range(3)]
    return ishigami(a)[:, None], ishigami(b)[:, None], np.array(crossed)[:, :, None]


def test_without_noise_the_indices_are_those_of_scipy(design) -> None:
    a, b, ab = design
    values = {"f_A": a.T, "f_B": b.T, "f_AB": ab.swapaxes(1, 2)}
    expected = scipy.stats.sobol_indices(func=values, n=len(a), dists=None)
    found = sobol(a, b, ab)
    assert [one.value for one in found.first] == pytest.approx(list(expected.first_order), rel=1e-9)
    assert [one.value for one in found.total] == pytest.approx(list(expected.total_order), rel=1e-9)


def test_noise_larger_than_the_signal_moves_the_indices_by_no_more_than_their_errors(design) -> None:
    """Closed form: 0.3139, 0.4424, 0 and 0.5576, 0.4424, 0.2437."""
    rng, luck = np.random.default_rng(2), np.random.default_rng(3).normal(size=25) * 5
    found = sobol(*(part + luck + 6 * rng.normal(size=(*part.shape[:-1], 25)) for part in design))
    for one, exact in zip((*found.first, *found.total), (0.3139, 0.4424, 0.0, 0.5576, 0.4424, 0.2437), strict=True):
        assert abs(one.value - exact) <= 4 * one.error < 0.5


def test_where_no_variance_is_due_to_the_parameters_there_are_no_indices() -> None:
    same = np.tile(np.arange(5.0), (8, 1))
    assert sobol(same, same, np.stack([same, same])) is None


def test_the_variance_of_parameters_is_unbiased_and_its_interval_covers() -> None:
    """Variance 1 under luck of variance 9 that all share and noise that grows with the parameter."""
    rng = np.random.default_rng(4)
    found = []
    for _ in range(1000):
        theta, luck = rng.normal(size=50), 3 * rng.normal(size=15)
        noise = 2 * rng.normal(size=(50, 15)) * np.abs(theta)[:, None]
        found.append(decomposed(theta[:, None] + luck + noise).parameters)
    values = np.array([one.value for one in found])
    assert abs(values.mean() - 1.0) <= 4 * values.std() / np.sqrt(len(values))
    assert 0.92 <= np.mean([one.ends(0.95)[0] <= 1.0 <= one.ends(0.95)[1] for one in found]) <= 0.985


def test_without_luck_the_variance_is_the_plain_one() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0])
    parts = decomposed(values[:, None])
    assert parts.parameters.value == pytest.approx(values.var(ddof=1))
    assert (parts.mean.value, parts.mean.error, parts.luck) == (3.75, 0.0, 0.0)
