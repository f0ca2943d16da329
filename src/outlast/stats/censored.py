"""Fits of laws to durations that were not all seen from end to end: maximum likelihood, profile intervals, a test.

The start is scipy's censored fit (`scipy.stats.CensoredData`), which knows no time to the first renewal; where there is
none, it is the answer up to its tolerance.  An interval holds the values whose profile likelihood is not too small. The
bound is that of Student's t, n ln(1 + t^2 / (n - 1)) with n events: for the median of a lognormal law seen in full it
gives the exact interval, and for many events it is the quantile of chi-square (Wilks).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from outlast.stats.lifetimes import EXPONENTIAL, FIRST, OPEN, QUIET, SEEN, SHORT, Family, Sample, Values

LEAST_EVENTS = 5  # for a law with a shape
ALIKE = 1e-6  # differences of logarithms that are none
FARTHEST = 12.0  # how far in a logarithm an end of an interval may lie from the estimate
SAMPLES = 199  # of the parametric bootstrap
NEWTON_STEPS = 3
_STEP = 1e-4  # in logarithms, for derivatives


@dataclass(frozen=True)
class Fit:
    """A law fitted to a sample: log-parameters, log-likelihood, and the correlation of the two parameters."""

    family: Family
    sample: Sample
    theta: Values
    log_likelihood: float
    correlation: float

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2 parameters - 2 ln L."""
        return 2.0 * len(self.theta) - 2.0 * self.log_likelihood

    @property
    def values(self) -> dict[str, float]:
        """Parameters by name; times in s."""
        return dict(zip(self.family.parameters, map(float, np.exp(self.theta)), strict=True))


class NoFitError(ValueError):
    """A law that cannot be fitted to a sample; the message says why."""


def fitted(family: Family, sample: Sample) -> Fit:
    """The most likely law of a family. Raises NoFitError."""
    shaped = len(family.parameters) > 1
    if sample.events < (LEAST_EVENTS if shaped else 1):
        few = f"{sample.events} event{'' if sample.events == 1 else 's'}"
        raise NoFitError(f"{few} seen, {LEAST_EVENTS} are needed for a shape" if shaped else "no event was seen")
    if shaped and np.ptp(np.log(sample.seconds)) < ALIKE:
        raise NoFitError("all durations are equal")

    def loss(theta: Values) -> float:
        return -float(family.log_likelihood(theta, sample))

    best = _least(loss, _start(family, sample))
    theta = np.array(best.x)
    covariance = _covariance(family, sample, theta)
    correlation = float(covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])) if shaped else 0.0
    return Fit(family, sample, theta, -float(best.fun), correlation)


def _start(family: Family, sample: Sample) -> Values:
    """Where to begin: scipy's censored fit, in units of the mean."""
    from scipy import stats

    unit = sample.total / sample.events
    parts = {kind: sample.seconds[sample.kind == kind] / unit for kind in (SEEN, FIRST, OPEN, QUIET, SHORT)}
    data = stats.CensoredData(uncensored=np.concatenate([parts[SEEN], parts[FIRST]]),
                              right=np.concatenate([parts[OPEN], parts[QUIET]]), left=parts[SHORT])  # fmt: skip
    try:
        with np.errstate(all="ignore"):
            found = family.native(getattr(stats, family.scipy).fit(data, floc=0.0))
        start = np.log([found[0] * unit, *found[1:]])
    except (ArithmeticError, ValueError, RuntimeError):
        start = np.array([math.nan])
    if np.isfinite(start).all() and math.isfinite(float(family.log_likelihood(start, sample))):
        return start
    return np.array([math.log(unit), 0.0][: len(family.parameters)])


def _least(loss: Callable[[Values], float], start: Values) -> Any:
    from scipy.optimize import minimize

    with np.errstate(all="ignore"):
        return minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000})


def _covariance(family: Family, sample: Sample, theta: Values) -> Values:
    """Inverse of the observed information of the log-parameters, by central differences."""
    steps = _STEP * np.eye(len(theta))
    moved = theta + np.array([[a + b, a - b, b - a, -a - b] for a in steps for b in steps]).reshape(-1, len(theta))
    height = family.log_likelihood(moved, sample).reshape(len(theta), len(theta), 4)
    curved = (height[..., 0] - height[..., 1] - height[..., 2] + height[..., 3]) / (4.0 * _STEP**2)
    try:
        found = np.asarray(np.linalg.inv(-curved))
    except np.linalg.LinAlgError:
        found = np.full_like(curved, math.nan)
    if not (np.diag(found) > 0.0).all():
        raise NoFitError("the data do not determine its parameters")
    return found


def interval(fit: Fit, name: str, level: float) -> tuple[float, float]:
    """Profile-likelihood interval of one parameter. Raises NoFitError where the data bound it on one side only."""
    from scipy.optimize import brentq

    place = fit.family.parameters.index(name)
    bound = threshold(fit.sample.events, level)
    others = [i for i in range(len(fit.theta)) if i != place]

    def drop(offset: float) -> float:
        """How much less likely than allowed the best law with the parameter so far from its estimate is."""
        theta = np.array(fit.theta)
        theta[place] += offset
        if others:
            theta[others] = _ridge(fit, theta, others[0])
        return 2.0 * (fit.log_likelihood - float(fit.family.log_likelihood(theta, fit.sample))) - bound

    ends = []
    for sign in (-1.0, 1.0):
        reach = 0.05
        while drop(sign * reach) < 0.0:
            reach *= 2.0
            if reach > FARTHEST:
                raise NoFitError(f"the data do not bound its {name}")
        inner = sign * reach / 2.0 if reach > 0.05 else 0.0
        if not drop(inner) < 0.0 < drop(sign * reach):
            raise NoFitError(f"the likelihood of its {name} cannot be followed")
        ends.append(float(fit.theta[place]) + brentq(drop, inner, sign * reach, xtol=1e-4))
    return math.exp(ends[0]), math.exp(ends[1])


def threshold(events: int, level: float) -> float:
    """How much twice the log-likelihood may fall within an interval."""
    from scipy.special import stdtrit

    degrees = max(events - 1, 1)
    return events * math.log1p(float(stdtrit(degrees, 0.5 + 0.5 * level)) ** 2 / degrees)


def _ridge(fit: Fit, theta: Values, free: int) -> float:
    """The best value of the free parameter where the other is fixed."""
    from scipy.optimize import minimize_scalar

    def loss(value: float) -> float:
        moved = theta.copy()
        moved[free] = value
        return -float(fit.family.log_likelihood(moved, fit.sample))

    start = float(fit.theta[free])
    with np.errstate(all="ignore"):
        return float(minimize_scalar(loss, bracket=(start - 0.1, start + 0.1), tol=1e-5).x)


def count_interval(events: int, exposure: float, level: float, *, to_the_last: bool = False) -> tuple[float, float]:
    """Exact interval of the mean of an exponential law from a count in an exposure; no upper end without an event.
    to_the_last: the exposure ended with the last event, so that it is random and the count is not.
    Source: Garwood (1936), doi:10.1093/biomet/28.3-4.437; Epstein and Sobel (1953), doi:10.1080/01621459.1953.10483488.
    """
    from scipy.special import gammainccinv, gammaincinv

    tail = 0.5 * (1.0 - level)
    high = math.inf if events == 0 else exposure / float(gammaincinv(events, tail))
    return exposure / float(gammainccinv(events + (0 if to_the_last else 1), tail)), high


@dataclass(frozen=True)
class Goodness:
    """The Anderson-Darling statistic, and how often chance alone makes it as large."""

    statistic: float
    p: float


def goodness(fit: Fit, seed: int = 1, samples: int = SAMPLES) -> Goodness:
    """Anderson-Darling test with the parameters estimated: a parametric bootstrap, observed as the sample was.

    The distribution function of the sample is that of Kaplan and Meier. The law is refitted to each bootstrap sample by
    Newton steps, with the information of the fit. Source: D'Agostino and Stephens, Goodness-of-Fit Techniques, ch. 4.
    """
    found = anderson_darling(fit.family, fit.theta, fit.sample)
    drawn = fit.family.drawn(fit.theta, fit.sample, np.random.default_rng(seed), samples)
    others = anderson_darling(fit.family, _refitted(fit, drawn), drawn)
    return Goodness(float(found), (1 + int((others >= found).sum())) / (1 + samples))


def _refitted(fit: Fit, drawn: Sample) -> Values:
    size = len(fit.theta)
    covariance = _covariance(fit.family, fit.sample, fit.theta)
    theta = np.tile(fit.theta, (drawn.seconds.shape[0], 1))
    for _ in range(NEWTON_STEPS):
        slope = np.stack([
            (_each(fit.family, theta + step, drawn) - _each(fit.family, theta - step, drawn)) / (2.0 * _STEP)
            for step in _STEP * np.eye(size)
        ], axis=-1)  # fmt: skip
        theta = theta + np.clip(slope @ covariance, -1.0, 1.0)
    return theta


def _each(family: Family, theta: Values, drawn: Sample) -> Values:
    with np.errstate(all="ignore"):
        return family.log_likelihood(theta, drawn)


def anderson_darling(family: Family, theta: Values, sample: Sample) -> Values:
    """n times the integral of (F_n - u)^2 / (u (1 - u)) over what was seen, F_n by Kaplan and Meier; the statistic of
    Anderson and Darling where every duration was seen. One for each sample, where there are several."""
    with np.errstate(all="ignore"):
        u = np.clip(family.reached(theta, sample.seconds, sample.kind), 1e-12, 1.0 - 1e-12)
    cut = (sample.kind == OPEN) | (sample.kind == QUIET)
    order = np.lexsort((cut, u))  # the last key counts first
    u, ended = np.take_along_axis(u, order, -1), ~np.take_along_axis(cut, order, -1)
    size = u.shape[-1]
    left = np.cumprod(np.where(ended, 1.0 - 1.0 / (size - np.arange(size)), 1.0), axis=-1)
    start, end = np.zeros_like(u[..., :1]), np.where(ended[..., -1:], 1.0, u[..., -1:])
    edges, steps = np.concatenate([start, u, end], -1), np.concatenate([start, 1.0 - left], -1)
    return np.asarray(size * _area(steps, edges[..., :-1], edges[..., 1:]).sum(-1))


def _area(level: Values, low: Values, high: Values) -> Values:
    """Integral of (level - u)^2 / (u (1 - u)) from low to high."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = np.where(level > 0.0, level**2 * (np.log(high) - np.log(low)), 0.0)
        falling = np.where(level < 1.0, (1.0 - level) ** 2 * (np.log1p(-low) - np.log1p(-high)), 0.0)
    return np.asarray(rising + falling - (high - low))


def candidates(sample: Sample, families: Sequence[Family]) -> tuple[list[Fit], dict[str, str]]:
    """The fits, the best by AIC first, and by name why a family is not among them."""
    fits, refused = [], {}
    for family in families:
        try:
            fits.append(fitted(family, sample))
        except NoFitError as error:
            refused[family.name] = str(error)
    fits.sort(key=lambda fit: (fit.aic, fit.family is not EXPONENTIAL))
    return fits, refused
