"""Likelihoods of durations that were not all seen from end to end, for the laws that scenarios know.

A sample has one number of seconds per row and says what it is:

    SEEN    the duration itself
    OPEN    it lasted longer than that
    SHORT   it lasted at most that (below the resolution of the clock)
    FIRST   from some instant until the duration ended, in a process of renewals that has run for long: density
            S(t) / mean (Cox, Renewal Theory, 1962, section 5.2)
    QUIET   from such an instant until the end of observation, nothing having ended: survival integral of S / mean

Parameters are given as natural logarithms, one row per set; everything broadcasts over leading axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Kinds = npt.NDArray[np.int64]
SEEN, OPEN, SHORT, FIRST, QUIET = range(5)
ENDED = (SEEN, SHORT, FIRST)  # rows in which something happened
_TINY = 1e-300


@dataclass(frozen=True)
class Sample:
    """seconds > 0 and kind per row. limit: how long the row could have been followed, s (infinite: to its end)."""

    seconds: Values
    kind: Kinds
    limit: Values

    @property
    def events(self) -> int:
        return int(np.isin(self.kind, ENDED).sum())

    @property
    def total(self) -> float:
        """Time at risk, s."""
        return float(self.seconds.sum())

    def __len__(self) -> int:
        return self.seconds.size


@dataclass(frozen=True)
class Family:
    """A law by its log-parameters (the first is a time, s) and what a likelihood asks of it.

    native: the parameters as scipy's `fit` returns them (shape or nothing, location 0, scale) to ours.
    """

    name: str
    scipy: str
    parameters: tuple[str, ...]
    log_density: Callable[[Values, Values], Values]
    log_survival: Callable[[Values, Values], Values]
    log_mean: Callable[[Values], Values]
    log_quiet: Callable[[Values, Values], Values]
    draw: Callable[[Values, np.random.Generator, tuple[int, ...]], Values]
    draw_first: Callable[[Values, np.random.Generator, tuple[int, ...]], Values]
    native: Callable[[tuple[float, ...]], tuple[float, ...]]

    def log_first(self, theta: Values, t: Values) -> Values:
        """ln of the density of the time from some instant to the next renewal."""
        return np.asarray(self.log_survival(theta, t) - self.log_mean(theta))

    def log_below(self, theta: Values, t: Values) -> Values:
        """ln P(duration <= t)."""
        return _log(-np.expm1(self.log_survival(theta, t)))

    def terms(self, theta: Values, sample: Sample) -> Values:
        """Log-likelihood of every row; theta: (..., parameters)."""
        theta = np.asarray(theta)[..., None, :]
        found = np.zeros(np.broadcast_shapes(theta.shape[:-1], sample.seconds.shape))
        asked = {
            SEEN: self.log_density, OPEN: self.log_survival, SHORT: self.log_below, QUIET: self.log_quiet,
            FIRST: self.log_first,
        }  # fmt: skip
        for kind, term in asked.items():
            rows = sample.kind == kind
            if rows.any():
                found = np.where(rows, term(theta, sample.seconds), found)
        return found

    def log_likelihood(self, theta: Values, sample: Sample) -> Values:
        return np.asarray(self.terms(theta, sample).sum(axis=-1))

    def reached(self, theta: Values, t: Values, kind: Kinds) -> Values:
        """Distribution function at t of what each row follows: the law, or the time to the first renewal."""
        first = (kind == FIRST) | (kind == QUIET)
        theta = np.asarray(theta)[..., None, :]
        log_beyond = self.log_survival(theta, t)
        return -np.expm1(np.where(first, self.log_quiet(theta, t), log_beyond) if first.any() else log_beyond)

    def drawn(self, theta: Values, like: Sample, random: np.random.Generator, n: int) -> Sample:
        """n samples of the law, observed as `like` was; short durations are drawn as seen."""
        first = (like.kind == FIRST) | (like.kind == QUIET)
        full = self.draw(theta, random, (n, len(like)))
        if first.any():
            full = np.where(first, self.draw_first(theta, random, (n, len(like))), full)
        ended = np.where(first, FIRST, SEEN)
        kind = np.where(full <= like.limit, ended, np.where(first, QUIET, OPEN))
        return Sample(np.minimum(full, like.limit), kind, like.limit)


def _log(x: Values) -> Values:
    return np.log(np.maximum(x, _TINY))


def _split(theta: Values) -> tuple[Values, Values]:
    return theta[..., 0], theta[..., 1]


# Exponential: ln mean.


def _exponential_survival(theta: Values, t: Values) -> Values:
    return -t * np.exp(-theta[..., 0])


def _exponential_draw(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    return math.exp(theta[0]) * random.exponential(size=size)


EXPONENTIAL = Family(
    "exponential", "expon", ("mean",),
    log_density=lambda p, t: _exponential_survival(p, t) - p[..., 0],
    log_survival=_exponential_survival,
    log_mean=lambda p: p[..., 0],
    log_quiet=_exponential_survival,
    draw=_exponential_draw, draw_first=_exponential_draw,
    native=lambda found: (found[-1],),
)  # fmt: skip


# Weibull: ln mean, ln shape.


def _weibull(theta: Values, t: Values) -> tuple[Values, Values, Values]:
    """ln scale, shape, and (t / scale) to the power of the shape."""
    log_mean, log_shape = _split(theta)
    shape = np.exp(log_shape)
    log_scale = log_mean - _special().gammaln(1.0 + 1.0 / shape)
    with np.errstate(over="ignore"):
        return log_scale, shape, np.exp(shape * (np.log(t) - log_scale))


def _weibull_density(theta: Values, t: Values) -> Values:
    log_scale, shape, x = _weibull(theta, t)
    return theta[..., 1] - log_scale + (shape - 1.0) * (np.log(t) - log_scale) - x


def _weibull_quiet(theta: Values, t: Values) -> Values:
    """The integral of S is the mean times an incomplete gamma function: substitute x = (t / scale)^shape."""
    _, shape, x = _weibull(theta, t)
    return _log(_special().gammaincc(1.0 / shape, x))


def _weibull_draw(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    shape = math.exp(theta[1])
    return math.exp(theta[0] - math.lgamma(1.0 + 1.0 / shape)) * random.weibull(shape, size)


def _weibull_first(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    """A uniform share of a length-biased duration, whose power is of a gamma law."""
    shape = math.exp(theta[1])
    scale = math.exp(theta[0] - math.lgamma(1.0 + 1.0 / shape))
    return random.uniform(size=size) * scale * random.gamma(1.0 + 1.0 / shape, size=size) ** (1.0 / shape)


WEIBULL = Family(
    "weibull", "weibull_min", ("mean", "shape"),
    log_density=_weibull_density,
    log_survival=lambda p, t: -_weibull(p, t)[2],
    log_mean=lambda p: p[..., 0],
    log_quiet=_weibull_quiet,
    draw=_weibull_draw, draw_first=_weibull_first,
    native=lambda found: (found[2] * math.gamma(1.0 + 1.0 / found[0]), found[0]),
)  # fmt: skip


# Lognormal: ln median, ln sigma.


def _lognormal(theta: Values, t: Values) -> tuple[Values, Values]:
    """sigma and the standardised logarithm."""
    log_median, log_sigma = _split(theta)
    sigma = np.exp(log_sigma)
    return sigma, (np.log(t) - log_median) / sigma


def _lognormal_density(theta: Values, t: Values) -> Values:
    _, z = _lognormal(theta, t)
    return -0.5 * z * z - theta[..., 1] - np.log(t) - 0.5 * math.log(2.0 * math.pi)


def _lognormal_mean(theta: Values) -> Values:
    return theta[..., 0] + 0.5 * np.exp(2.0 * theta[..., 1])


def _lognormal_quiet(theta: Values, t: Values) -> Values:
    """E[(X - t)+] / E[X]."""
    sigma, z = _lognormal(theta, t)
    normal = _special().ndtr
    return _log(normal(sigma - z) - np.exp(np.log(t) - _lognormal_mean(theta)) * normal(-z))


def _lognormal_draw(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    return np.asarray(np.exp(theta[0] + math.exp(theta[1]) * random.standard_normal(size)))


def _lognormal_first(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    sigma = math.exp(theta[1])
    biased = np.exp(theta[0] + sigma * sigma + sigma * random.standard_normal(size))
    return np.asarray(random.uniform(size=size) * biased)


LOGNORMAL = Family(
    "lognormal", "lognorm", ("median", "sigma"),
    log_density=_lognormal_density,
    log_survival=lambda p, t: _special().log_ndtr(-_lognormal(p, t)[1]),
    log_mean=_lognormal_mean,
    log_quiet=_lognormal_quiet,
    draw=_lognormal_draw, draw_first=_lognormal_first,
    native=lambda found: (found[2], found[0]),
)  # fmt: skip


# Gamma: ln mean, ln shape.


def _gamma(theta: Values, t: Values) -> tuple[Values, Values]:
    """shape and t / scale."""
    log_mean, log_shape = _split(theta)
    return np.exp(log_shape), np.exp(np.log(t) - log_mean + log_shape)


def _gamma_density(theta: Values, t: Values) -> Values:
    shape, x = _gamma(theta, t)
    return np.asarray(shape * np.log(x) - x - np.log(t) - _special().gammaln(shape))


def _gamma_quiet(theta: Values, t: Values) -> Values:
    shape, x = _gamma(theta, t)
    beyond = _special().gammaincc
    return _log(beyond(shape + 1.0, x) - np.exp(np.log(t) - theta[..., 0]) * beyond(shape, x))


def _gamma_draw(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    return math.exp(theta[0] - theta[1]) * random.gamma(math.exp(theta[1]), size=size)


def _gamma_first(theta: Values, random: np.random.Generator, size: tuple[int, ...]) -> Values:
    return random.uniform(size=size) * math.exp(theta[0] - theta[1]) * random.gamma(math.exp(theta[1]) + 1.0, size=size)


GAMMA = Family(
    "gamma", "gamma", ("mean", "shape"),
    log_density=_gamma_density,
    log_survival=lambda p, t: _log(_special().gammaincc(*_gamma(p, t))),
    log_mean=lambda p: p[..., 0],
    log_quiet=_gamma_quiet,
    draw=_gamma_draw, draw_first=_gamma_first,
    native=lambda found: (found[0] * found[2], found[0]),
)  # fmt: skip

FAMILIES = {family.name: family for family in (EXPONENTIAL, WEIBULL, LOGNORMAL, GAMMA)}


def _special() -> Any:
    """scipy.special, imported when first needed."""
    import scipy.special

    return scipy.special
