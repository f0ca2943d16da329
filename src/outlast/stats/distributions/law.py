"""Law: the one description of a random or fixed delay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from outlast.compiled import interpreted
from outlast.stats.distributions.deterministic import deterministic_moments
from outlast.stats.distributions.dispatch import cdf, quantile
from outlast.stats.distributions.exponential import exponential_moments
from outlast.stats.distributions.gamma import gamma_law_moments
from outlast.stats.distributions.grid import grid_moments
from outlast.stats.distributions.lognormal import lognormal_moments
from outlast.stats.distributions.table import (
    DETERMINISTIC,
    EMPIRICAL,
    EXPONENTIAL,
    GAMMA,
    GRID,
    LOGNORMAL,
    MIXTURE,
    POINTS,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    Points,
)
from outlast.stats.distributions.triangular import triangular_moments
from outlast.stats.distributions.uniform import uniform_moments
from outlast.stats.distributions.weibull import weibull_moments

MOMENTS = {
    DETERMINISTIC: deterministic_moments,
    EXPONENTIAL: exponential_moments,
    WEIBULL: weibull_moments,
    LOGNORMAL: lognormal_moments,
    UNIFORM: uniform_moments,
    TRIANGULAR: triangular_moments,
    GAMMA: gamma_law_moments,
    GRID: grid_moments,
}

# A handful of values for a report is not worth a compilation, and the bits are the same.
_cdf, _quantile = interpreted(cdf), interpreted(quantile)


@dataclass(frozen=True)
class Law:
    """A delay in seconds: kind, native parameters (see each kind's file), side rows, how it was written.

    Build one with the constructors (`exponential(...)`, `weibull(...)`, ...): they check the arguments.
    """

    kind: int
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    points: tuple[tuple[float, float, float, float, float], ...] = ()
    label: str = ""

    @cached_property
    def table(self) -> Points:
        """The side rows as a structured array of dtype POINTS (empty for simple laws)."""
        return np.array(list(self.points), dtype=POINTS)

    def mean(self) -> float:
        """Mean delay, s; for a grid the distance of neighbouring instants."""
        return self._moments()[0]

    def variance(self) -> float:
        """Variance, s^2; 0 for a grid."""
        return self._moments()[1]

    def cdf(self, x: float) -> float:
        """P(delay <= x), x in s. Raises ValueError for a grid."""
        self._require_delay("cdf")
        return float(_cdf(self.kind, self.a, self.b, self.c, self.table, 0, len(self.points), x))

    def quantile(self, u: float) -> float:
        """Least delay, s, with cdf >= u. Raises ValueError for a grid and for u outside (0, 1)."""
        self._require_delay("quantile")
        if not 0.0 < u < 1.0:
            raise ValueError(f"quantile: u must be strictly between 0 and 1 (got {u!r})")
        return float(_quantile(self.kind, self.a, self.b, self.c, self.table, 0, len(self.points), u))

    def _moments(self) -> tuple[float, float]:
        if self.kind == EMPIRICAL:
            return float(self.table["p"].mean()), float(self.table["p"].var())
        if self.kind != MIXTURE:
            return MOMENTS[self.kind](self.a, self.b, self.c)
        weights = np.diff(self.table["p"], prepend=0.0)
        parts = np.array([MOMENTS[int(kind)](a, b, c) for _, kind, a, b, c in self.points])
        mean = float(weights @ parts[:, 0])
        return mean, float(weights @ (parts[:, 1] + (parts[:, 0] - mean) ** 2))

    def _require_delay(self, question: str) -> None:
        if self.kind == GRID:
            raise ValueError(f"{question}: a grid has no law of its own (got {self.label or self.kind})")
