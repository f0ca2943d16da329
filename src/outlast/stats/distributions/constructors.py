"""How people write laws: one checked constructor per kind; every duration in seconds.

All raise ValueError naming the argument and its value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from outlast.stats.distributions import table as kinds
from outlast.stats.distributions.gamma import LARGEST_GAMMA_SHAPE, SMALLEST_GAMMA_SHAPE
from outlast.stats.distributions.law import Law
from outlast.stats.distributions.lognormal import LARGEST_SIGMA, Z95
from outlast.stats.distributions.special import log_gamma_constant
from outlast.stats.distributions.weibull import LARGEST_WEIBULL_SHAPE, SMALLEST_WEIBULL_SHAPE
from outlast.units import format_duration

PROBABILITY_SLACK = 1e-9  # written probabilities such as 0.333, 0.667 must add up to 1 within this


def deterministic(value: float) -> Law:
    """Always `value` seconds, >= 0."""
    value = _not_negative("deterministic", "value", value)
    return Law(kinds.DETERMINISTIC, value, label=format_duration(value))


def exponential(mean: float) -> Law:
    """Memoryless, with this mean, s."""
    mean = _positive("exponential", "mean", mean)
    return Law(kinds.EXPONENTIAL, mean, label=f"exponential(mean {format_duration(mean)})")


def weibull(*, mean: float | None = None, scale: float | None = None, shape: float) -> Law:
    """Weibull by mean or by scale (63rd percentile), s; shape < 1: falling, > 1: rising failure rate."""
    name = _one_of("weibull", {"mean": mean, "scale": scale}, [{"mean"}, {"scale"}])
    shape = _within("weibull", "shape", shape, SMALLEST_WEIBULL_SHAPE, LARGEST_WEIBULL_SHAPE)
    given = _positive("weibull", name, mean if scale is None else scale)
    a = given if scale is not None else given / math.gamma(1.0 + 1.0 / shape)
    return Law(kinds.WEIBULL, a, shape, label=f"weibull({name} {format_duration(given)}, shape {shape:g})")


def lognormal(
    *,
    mean: float | None = None,
    median: float | None = None,
    cv: float | None = None,
    sigma: float | None = None,
    p95: float | None = None,
) -> Law:
    """Lognormal by (mean, cv), (mean, sigma), (median, sigma) or (median, p95); mean, median, p95 in s.

    sigma is the standard deviation of ln X, cv that of X divided by its mean.
    """
    given = {"mean": mean, "median": median, "cv": cv, "sigma": sigma, "p95": p95}
    _one_of("lognormal", given, [{"mean", "cv"}, {"mean", "sigma"}, {"median", "sigma"}, {"median", "p95"}])
    numbers = {name: _positive("lognormal", name, x) for name, x in given.items() if x is not None}
    spread = _lognormal_sigma(numbers)
    if "median" in numbers:
        centre = math.log(numbers["median"])
    else:
        centre = math.log(numbers["mean"]) - 0.5 * spread**2
    text = ", ".join(f"{name} {_number(name, x)}" for name, x in numbers.items())
    return Law(kinds.LOGNORMAL, centre, spread, label=f"lognormal({text})")


def _lognormal_sigma(numbers: dict[str, float]) -> float:
    if "cv" in numbers:
        sigma = math.sqrt(math.log1p(numbers["cv"] ** 2))
    elif "p95" in numbers:
        if numbers["p95"] <= numbers["median"]:
            raise ValueError(f"lognormal: p95 must be > median {numbers['median']!r} (got {numbers['p95']!r})")
        sigma = math.log(numbers["p95"] / numbers["median"]) / Z95
    else:
        sigma = numbers["sigma"]
    if sigma > LARGEST_SIGMA:
        raise ValueError(f"lognormal: sigma must be <= {LARGEST_SIGMA:g} (got {sigma!r})")
    return sigma


def uniform(low: float, high: float) -> Law:
    """Uniform between low >= 0 and high > low, s."""
    low, high = _not_negative("uniform", "low", low), _finite("uniform", "high", high)
    if not low < high:
        raise ValueError(f"uniform: high must be > low {low!r} (got {high!r})")
    return Law(kinds.UNIFORM, low, high, label=f"uniform({format_duration(low)} to {format_duration(high)})")


def triangular(low: float, mode: float, high: float) -> Law:
    """Triangular with 0 <= low <= mode <= high and low < high, s."""
    low, high = _not_negative("triangular", "low", low), _finite("triangular", "high", high)
    mode = _finite("triangular", "mode", mode)
    if not low < high:
        raise ValueError(f"triangular: high must be > low {low!r} (got {high!r})")
    if not low <= mode <= high:
        raise ValueError(f"triangular: mode must be between low {low!r} and high {high!r} (got {mode!r})")
    text = f"{format_duration(low)}, {format_duration(mode)}, {format_duration(high)}"
    return Law(kinds.TRIANGULAR, low, mode, high, label=f"triangular({text})")


def gamma(*, mean: float, shape: float | None = None, cv: float | None = None) -> Law:
    """Gamma by mean, s, and shape, or mean and cv (shape = 1 / cv^2)."""
    name = _one_of("gamma", {"shape": shape, "cv": cv}, [{"shape"}, {"cv"}])
    mean = _positive("gamma", "mean", mean)
    given = _positive("gamma", name, shape if cv is None else cv)
    k = given if cv is None else 1.0 / given**2
    if not SMALLEST_GAMMA_SHAPE <= k <= LARGEST_GAMMA_SHAPE:
        low, high = SMALLEST_GAMMA_SHAPE, LARGEST_GAMMA_SHAPE
        if name == "cv":
            low, high = high**-0.5, low**-0.5
        raise ValueError(f"gamma: {name} must be between {low:g} and {high:g} (got {given!r})")
    label = f"gamma(mean {format_duration(mean)}, {name} {given:g})"
    return Law(kinds.GAMMA, k, mean / k, log_gamma_constant(k), label=label)


def hyperexponential(branches: Sequence[tuple[float, float]]) -> Law:
    """Mixture of exponentials: (probability, mean in s) per branch; probabilities add up to 1."""
    text = ", ".join(f"{p:g}: {format_duration(mean)}" for p, mean in branches)
    return _mix("hyperexponential", [(p, exponential(mean)) for p, mean in branches], text)


def mixture(parts: Sequence[tuple[float, Law]]) -> Law:
    """With probability p the delay follows that law; parts are simple laws, probabilities add up to 1."""
    for _, law in parts:
        if law.kind > kinds.GAMMA:
            raise ValueError(f"mixture: a part must be a simple law (got {law.label})")
    return _mix("mixture", parts, ", ".join(f"{p:g}: {law.label}" for p, law in parts))


def _mix(name: str, parts: Sequence[tuple[float, Law]], text: str) -> Law:
    if not parts:
        raise ValueError(f"{name}: at least one part is needed (got none)")
    weights = [_positive(name, "probability", p) for p, _ in parts]
    total = math.fsum(weights)
    if abs(total - 1.0) > PROBABILITY_SLACK:
        raise ValueError(f"{name}: probabilities must add up to 1 (got {total!r})")
    reached = [math.fsum(weights[: i + 1]) / total for i in range(len(weights) - 1)] + [1.0]
    laws = [law for _, law in parts]
    rows = tuple((p, float(x.kind), x.a, x.b, x.c) for p, x in zip(reached, laws, strict=True))
    return Law(kinds.MIXTURE, points=rows, label=f"{name}({text})")


def empirical(values: Iterable[float]) -> Law:
    """Each recorded duration (s, >= 0) equally likely; nothing between or beyond them."""
    ordered = sorted(_not_negative("empirical", "value", x) for x in values)
    if not ordered:
        raise ValueError("empirical: at least one value is needed (got none)")
    rows = tuple((x, 0.0, 0.0, 0.0, 0.0) for x in ordered)
    span = f"{format_duration(ordered[0])} to {format_duration(ordered[-1])}"
    return Law(kinds.EMPIRICAL, points=rows, label=f"empirical({len(rows)} values, {span})")


def grid(period: float, phase: float | None = 0.0) -> Law:
    """The instants k * period + phase, s, 0 <= phase < period; None: phase drawn once per replication."""
    period = _positive("grid", "period", period)
    if phase is None:
        return Law(kinds.GRID, period, -1.0, label=f"every {format_duration(period)}, drawn phase")
    phase = _not_negative("grid", "phase", phase)
    if phase >= period:
        raise ValueError(f"grid: phase must be < period {period!r} (got {phase!r})")
    offset = f" at {format_duration(phase)}" if phase else ""
    return Law(kinds.GRID, period, phase, label=f"every {format_duration(period)}{offset}")


def _number(name: str, x: float) -> str:
    """Durations with a unit, pure numbers without."""
    return f"{x:g}" if name in ("cv", "sigma") else format_duration(x)


def _one_of(law: str, given: dict[str, float | None], allowed: list[set[str]]) -> str:
    """The names given, checked to be one of the allowed sets."""
    names = {name for name, x in given.items() if x is not None}
    if names not in allowed:
        choices = " or ".join("(" + ", ".join(name for name in given if name in a) + ")" for a in allowed)
        got = ", ".join(f"{name}={given[name]!r}" for name in given if name in names) or "none of them"
        raise ValueError(f"{law}: give {choices} (got {got})")
    return ", ".join(names)


def _finite(law: str, name: str, x: float | None) -> float:
    if isinstance(x, bool) or x is None or not math.isfinite(x):
        raise ValueError(f"{law}: {name} must be a finite number (got {x!r})")
    return float(x)


def _positive(law: str, name: str, x: float | None) -> float:
    number = _finite(law, name, x)
    if number <= 0.0:
        raise ValueError(f"{law}: {name} must be > 0 (got {number!r})")
    return number


def _not_negative(law: str, name: str, x: float | None) -> float:
    number = _finite(law, name, x)
    if number < 0.0:
        raise ValueError(f"{law}: {name} must be >= 0 (got {number!r})")
    return number


def _within(law: str, name: str, x: float, low: float, high: float) -> float:
    number = _finite(law, name, x)
    if not low <= number <= high:
        raise ValueError(f"{law}: {name} must be between {low:g} and {high:g} (got {number!r})")
    return number
