"""Delays as a person writes them in YAML: `90 s`, `{weibull: {mean: 90 d, shape: 0.8}}`, `{at: [1000 s]}`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outlast.errors import FieldError, nearest_hint, shown
from outlast.kinds.csv_input import read_column
from outlast.stats import distributions
from outlast.stats.distributions import Law
from outlast.units import DURATION_UNITS, UnitError, parse

MAX_VALUES = 100_000  # recorded durations of one empirical law; each becomes a row of the program
PURE = ("shape", "cv", "sigma")  # numbers without a unit; every other parameter is a duration
_MAY_BE_ZERO = ("low", "mode")
_SHARE_SLACK = 1e-9
_SYNONYMS = {
    "fixed": "deterministic",
    "constant": "deterministic",
    "normal": "lognormal",
    "exp": "exponential",
}
_Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Script:
    """Fixed absolute times of a run, seconds, ascending: for scripted failures."""

    times: tuple[float, ...]
    label: str = ""


@dataclass(frozen=True)
class Family:
    """A distribution with named parameters: the combinations that are accepted and its constructor."""

    combinations: tuple[tuple[str, ...], ...]
    build: Callable[..., Law]
    example: str

    def parameters(self) -> tuple[str, ...]:
        """Every parameter name, in the order of the combinations."""
        return tuple(dict.fromkeys(name for names in self.combinations for name in names))


FAMILIES: dict[str, Family] = {
    "exponential": Family((("mean",),), distributions.exponential, "{exponential: 20 y}"),
    "weibull": Family(
        (("mean", "shape"), ("scale", "shape")),
        distributions.weibull,
        "{weibull: {mean: 90 d, shape: 0.8}}",
    ),
    "lognormal": Family(
        (("median", "sigma"), ("median", "p95"), ("mean", "cv"), ("mean", "sigma")),
        distributions.lognormal,
        "{lognormal: {median: 4 h, sigma: 1.0}}",
    ),
    "uniform": Family((("low", "high"),), distributions.uniform, "{uniform: {low: 1 h, high: 3 h}}"),
    "triangular": Family(
        (("low", "mode", "high"),),
        distributions.triangular,
        "{triangular: {low: 1 h, mode: 2 h, high: 6 h}}",
    ),
    "gamma": Family((("mean", "cv"), ("mean", "shape")), distributions.gamma, "{gamma: {mean: 2 h, cv: 0.5}}"),
}
LISTED = ("hyperexponential", "mixture")
NAMES = ("deterministic", *FAMILIES, *LISTED, "empirical")


def read_delay(value: object, folder: Path | None = None, *, zero: bool = True) -> Law:
    """The law that `value` describes. zero=False refuses a fixed delay of 0 s.

    Raises FieldError (or UnitError for a quantity at the top) with the path of the culprit.
    """
    if isinstance(value, Law):
        return value
    if not isinstance(value, Mapping):
        return distributions.deterministic(parse(value, "duration", zero=zero))
    name, body = _only_entry(value, NAMES)
    where: _Where = (name,)
    if name == "deterministic":
        return distributions.deterministic(_quantity(body, "duration", where, zero=zero))
    if name in FAMILIES:
        return _parametric(name, body, where)
    if name == "empirical":
        return _empirical(body, where, folder)
    return _listed(name, body, where)


def read_delay_or_script(value: object, folder: Path | None = None, *, zero: bool = True) -> Law | Script:
    """A law, or the scripted times of `{at: [1000 s, 1300 s]}`. Raises FieldError or UnitError."""
    if isinstance(value, Script):
        return value
    if isinstance(value, Mapping) and "at" in value:
        if len(value) > 1:
            raise FieldError(f"one entry is needed (got {', '.join(map(str, value))})", _EXAMPLE_AT)
        return _script(value["at"])
    return read_delay(value, folder, zero=zero)


_EXAMPLE_AT = "write for example `{at: [1000 s, 1300 s]}`"


def _script(given: object) -> Script:
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise FieldError(f"a list of times is needed (got {shown(given)})", _EXAMPLE_AT, ("at",))
    times = [_quantity(text, "duration", ("at", i), zero=True) for i, text in enumerate(given)]
    for i in range(1, len(times)):
        if times[i] <= times[i - 1]:
            raise FieldError(f"times must ascend (got {given[i]} after {given[i - 1]})", "", ("at", i))
    label = "at " + ", ".join(str(text) for text in given[:5]) + (", ..." if len(given) > 5 else "")
    return Script(tuple(times), label)


def _only_entry(value: Mapping[Any, Any], known: Sequence[str]) -> tuple[str, Any]:
    if len(value) != 1:
        got = ", ".join(map(str, list(value)[:5])) or "none"
        hint = "write for example `90 s` or `{exponential: 20 y}`"
        raise FieldError(f"a delay names exactly one distribution (got {got})", hint)
    name, body = next(iter(value.items()))
    if name not in known:
        if name in ("at", "rate", "mean"):
            raise FieldError(f"{shown(name)} is not accepted here", _elsewhere(name), (name,))
        hint = _nearest(str(name), known)
        raise FieldError(f"unknown distribution (got {shown(name)})", hint, (str(name),))
    return str(name), body


def _nearest(name: str, known: Sequence[str]) -> str:
    meant = _SYNONYMS.get(name)
    return f"did you mean `{meant}`?" if meant else nearest_hint(name, known, "distributions")


def _elsewhere(name: str) -> str:
    if name == "at":
        return "scripted times are not possible for this field; give a duration or a distribution"
    return "name the distribution and give its mean: `{exponential: 20 y}`"


def _quantity(value: object, dimension: str, where: _Where, *, zero: bool = False) -> float:
    try:
        return parse(value, dimension, zero=zero)
    except UnitError as error:
        raise FieldError(error.message, error.hint, where) from None


def _parametric(name: str, body: object, where: _Where) -> Law:
    family = FAMILIES[name]
    if family.combinations == (("mean",),) and not isinstance(body, Mapping):
        return family.build(_quantity(body, "duration", where))
    if not isinstance(body, Mapping):
        raise FieldError(f"{name} needs {_choices(family)} (got {shown(body)})", _such_as(family), where)
    for key in body:
        if key not in family.parameters():
            hint = nearest_hint(str(key), family.parameters(), "parameters")
            raise FieldError(f"unknown parameter of {name} (got {shown(key)})", hint, (*where, str(key)))
    given = tuple(key for key in family.parameters() if key in body)
    if set(given) not in [set(names) for names in family.combinations]:
        got = " and ".join(given) or "nothing"
        raise FieldError(f"{name} needs {_choices(family)} (got {got})", _such_as(family), where)
    numbers = {key: _parameter(key, body[key], (*where, key)) for key in given}
    _in_order(body, numbers, where)
    return _built(lambda: family.build(**numbers), where)


def _choices(family: Family) -> str:
    return ", or ".join(" and ".join(names) for names in family.combinations)


def _such_as(family: Family) -> str:
    return f"write for example `{family.example}`"


def _parameter(name: str, value: object, where: _Where) -> float:
    if name not in PURE:
        return _quantity(value, "duration", where, zero=name in _MAY_BE_ZERO)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        hint = f"write `{name}: 0.8`, without a unit"
        raise FieldError(f"{name} must be a plain number (got {shown(value)})", hint, where)
    if value <= 0:
        raise FieldError(f"{name} must be above zero (got {value})", "", where)
    return float(value)


def _in_order(body: Mapping[Any, Any], numbers: Mapping[str, float], where: _Where) -> None:
    """Refuses a law whose landmarks are out of order, in the words of the person."""
    strict = [("low", "high"), ("median", "p95")]
    for smaller, larger in [*strict, ("low", "mode"), ("mode", "high")]:
        if smaller not in numbers or larger not in numbers:
            continue
        low, high = numbers[smaller], numbers[larger]
        if low > high or (low == high and (smaller, larger) in strict):
            got = f"{larger} {body[larger]}, {smaller} {body[smaller]}"
            raise FieldError(f"{larger} must be more than {smaller} (got {got})", "", (*where, larger))


def _built(build: Callable[[], Law], where: _Where) -> Law:
    """The constructor's law; its own refusals (limits of a parameter) as an error of the field."""
    try:
        return build()
    except (ValueError, ArithmeticError) as error:
        raise FieldError(str(error), "", where) from None


def _listed(name: str, body: object, where: _Where) -> Law:
    example = {
        "hyperexponential": "{hyperexponential: [{share: 90 %, mean: 1 h}, {share: 10 %, mean: 20 h}]}",
        "mixture": "{mixture: [{share: 90 %, law: 90 s}, {share: 10 %, law: {exponential: 2 h}}]}",
    }[name]
    second = "mean" if name == "hyperexponential" else "law"
    hint = f"write for example `{example}`"
    if not isinstance(body, list | tuple) or not body:
        raise FieldError(f"{name} is a list of shares (got {shown(body)})", hint, where)
    parts: list[tuple[float, Any]] = []
    for i, entry in enumerate(body):
        if not isinstance(entry, Mapping) or set(entry) != {"share", second}:
            got = ", ".join(map(str, entry)) if isinstance(entry, Mapping) else shown(entry)
            raise FieldError(f"share and {second} are needed (got {got or 'nothing'})", hint, (*where, i))
        share = _quantity(entry["share"], "share", (*where, i, "share"))
        parts.append((share, _part(entry[second], second, (*where, i, second))))
    total = math.fsum(share for share, _ in parts)
    if abs(total - 1) > _SHARE_SLACK:
        raise FieldError(f"shares must add up to 100 % (got {total:.6g} of 1)", "", where)
    build = distributions.hyperexponential if second == "mean" else distributions.mixture
    return _built(lambda: build(parts), where)


def _part(value: object, second: str, where: _Where) -> Any:
    """The mean of an exponential branch, or the simple law of a mixture's part."""
    if second == "mean":
        return _quantity(value, "duration", where)
    if isinstance(value, Mapping) and any(name in value for name in (*LISTED, "empirical")):
        hint = "use a fixed delay or one of " + ", ".join(FAMILIES)
        got = ", ".join(map(str, value))
        raise FieldError(f"a part of a mixture must be a simple law (got {got})", hint, where)
    try:
        return read_delay(value)
    except (FieldError, UnitError) as error:
        raise FieldError(error.message, error.hint, where + tuple(getattr(error, "at", ()))) from None


def _empirical(body: object, where: _Where, folder: Path | None) -> Law:
    example = "write for example `{empirical: {file: repairs.csv, column: duration, unit: min}}`"
    if not isinstance(body, Mapping):
        raise FieldError(f"empirical needs file, column and unit (got {shown(body)})", example, where)
    allowed = ("file", "column", "unit")
    for key in body:
        if key not in allowed:
            hint = nearest_hint(str(key), allowed, "fields")
            raise FieldError("unknown field", hint, (*where, str(key)))
    for key in ("file", "unit"):
        if key not in body:
            raise FieldError(f"{key} is missing", example, where)
    factor = _unit_seconds(body["unit"], (*where, "unit"))
    try:
        column = read_column(folder, body["file"], (body.get("column"),))[0]
        values = column.numbers()
    except FieldError as error:
        raise FieldError(error.message, error.hint, where + error.at) from None
    if len(values) > MAX_VALUES:
        raise FieldError(f"more than {MAX_VALUES:,} values (got {len(values):,})", "", (*where, "file"))
    return _built(lambda: distributions.empirical([value * factor for value in values]), where)


def _unit_seconds(unit: object, where: _Where) -> float:
    if not isinstance(unit, str) or unit not in DURATION_UNITS:
        allowed = ", ".join(DURATION_UNITS)
        raise FieldError(f"a unit of time is needed (got {shown(unit)}); units are {allowed}", "", where)
    return float(DURATION_UNITS[unit])
