"""Laws of delays: constructors for people, and the compiled leaf functions both engines draw with."""

from outlast.stats.distributions.constructors import (
    deterministic,
    empirical,
    exponential,
    gamma,
    grid,
    hyperexponential,
    lognormal,
    mixture,
    triangular,
    uniform,
    weibull,
)
from outlast.stats.distributions.dispatch import cdf, quantile, residual, within
from outlast.stats.distributions.grid import grid_next
from outlast.stats.distributions.law import Law
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

__all__ = [
    "DETERMINISTIC",
    "EMPIRICAL",
    "EXPONENTIAL",
    "GAMMA",
    "GRID",
    "LOGNORMAL",
    "MIXTURE",
    "POINTS",
    "TRIANGULAR",
    "UNIFORM",
    "WEIBULL",
    "Law",
    "Points",
    "cdf",
    "deterministic",
    "empirical",
    "exponential",
    "gamma",
    "grid",
    "grid_next",
    "hyperexponential",
    "lognormal",
    "mixture",
    "quantile",
    "residual",
    "triangular",
    "uniform",
    "weibull",
    "within",
]
