"""Demand over time: `{constant: 300 req/s}`, `{diurnal: {low, high, peak_at}}`, `{csv: {file, ...}}`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from outlast.errors import FieldError, nearest_hint, shown
from outlast.kinds.csv_input import Column, read_column
from outlast.units import UNITS, UnitError, format_duration, parse

DAY_S = 86_400.0
FORMS = ("constant", "diurnal", "csv")
_EXAMPLES = {
    "constant": "{constant: 300 req/s}",
    "diurnal": "{diurnal: {low: 1800 req/s, high: 4200 req/s, peak_at: 14 h}}",
    "csv": "{csv: {file: rates.csv, column: rate, step: 5 min, unit: req/min}}",
}
_SPACING = 1e-6  # rows may be off their grid by this part of a step, for times written with few digits


@dataclass(frozen=True)
class Profile:
    """A value that changes in steps and repeats: value (requests per second) from at_s until the next step.

    steps: (at_s, value), the first at 0, ascending, all before period_s; neighbours differ.
    """

    period_s: float
    steps: tuple[tuple[float, float], ...]
    label: str = ""

    def mean(self) -> float:
        """Mean over one period."""
        ends = [at for at, _ in self.steps[1:]] + [self.period_s]
        spent = zip(self.steps, ends, strict=True)
        return math.fsum(value * (end - at) for (at, value), end in spent) / self.period_s

    def peak(self) -> float:
        """Largest value of the period."""
        return max(value for _, value in self.steps)


def merged(steps: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The steps without those that repeat the value before them: each step costs an event."""
    kept: list[tuple[float, float]] = []
    for at, value in steps:
        if not kept or value != kept[-1][1]:
            kept.append((at, value))
    return tuple(kept)


def read_demand(value: object, folder: Path | None = None) -> Profile:
    """The profile that `value` describes. Raises FieldError with the path of the culprit."""
    if isinstance(value, Profile):
        return value
    hint = f"write for example `{_EXAMPLES['constant']}` or `{_EXAMPLES['diurnal']}`"
    if not isinstance(value, Mapping) or len(value) != 1:
        got = ", ".join(map(str, list(value)[:5])) if isinstance(value, Mapping) and value else shown(value)
        raise FieldError(f"demand is exactly one of {', '.join(FORMS)} (got {got})", hint)
    form, body = next(iter(value.items()))
    if form == "constant":
        rate = _quantity(body, "rate", ("constant",), zero=True)
        return Profile(DAY_S, ((0.0, rate),), f"constant {body}")
    if form == "diurnal":
        return _diurnal(_fields(form, body, ("low", "high", "peak_at"), ()))
    if form == "csv":
        optional = ("column", "time_column", "step", "unit", "scale", "period")
        return _from_csv(_fields(form, body, ("file",), optional), folder)
    raise FieldError(
        f"unknown form of demand (got {shown(form)})", nearest_hint(str(form), FORMS, "forms"), (str(form),)
    )


def _fields(form: str, body: object, required: Sequence[str], optional: Sequence[str]) -> Mapping[str, Any]:
    hint = f"write for example `{_EXAMPLES[form]}`"
    if not isinstance(body, Mapping):
        raise FieldError(f"{form} needs {', '.join(required)} (got {shown(body)})", hint, (form,))
    for key in body:
        if key not in (*required, *optional):
            known = nearest_hint(str(key), (*required, *optional), "fields")
            raise FieldError("unknown field", known, (form, str(key)))
    for key in required:
        if key not in body:
            raise FieldError(f"{key} is missing", hint, (form,))
    return body


def _quantity(value: object, dimension: str, where: tuple[str | int, ...], *, zero: bool = False) -> float:
    try:
        return parse(value, dimension, zero=zero)
    except UnitError as error:
        raise FieldError(error.message, error.hint, where) from None


def _diurnal(body: Mapping[str, Any]) -> Profile:
    low = _quantity(body["low"], "rate", ("diurnal", "low"), zero=True)
    high = _quantity(body["high"], "rate", ("diurnal", "high"))
    peak = _quantity(body["peak_at"], "duration", ("diurnal", "peak_at"), zero=True)
    if low > high:
        got = f"high {body['high']}, low {body['low']}"
        raise FieldError(f"high must be at least low (got {got})", "", ("diurnal", "high"))
    if peak >= DAY_S:
        got = shown(body["peak_at"])
        raise FieldError(f"peak_at is a time of day below 24 h (got {got})", "", ("diurnal", "peak_at"))
    steps = [(hour * 3600.0, _hour_mean(hour, low, high, peak / 3600.0)) for hour in range(24)]
    label = f"{body['low']} to {body['high']}, peak at {format_duration(peak)}"
    return Profile(DAY_S, merged(steps), label)


def _hour_mean(hour: int, low: float, high: float, peak_h: float) -> float:
    """Mean over [hour, hour + 1] of the daily cosine between low and high that peaks at peak_h.

    The mean of cos over an interval of width w is cos(middle) sin(w/2) / (w/2). Folding the distance from the
    peak makes hours that lie alike on both sides equal to the last bit.
    """
    turn = 2 * math.pi / 24
    apart = abs(hour + 0.5 - peak_h)
    swing = math.cos(turn * min(apart, 24 - apart)) * math.sin(turn / 2) / (turn / 2)
    return max(0.0, (low + high) / 2 + (high - low) / 2 * swing)


def _from_csv(body: Mapping[str, Any], folder: Path | None) -> Profile:
    try:
        return _csv_profile(body, folder)
    except FieldError as error:
        raise FieldError(error.message, error.hint, ("csv", *error.at)) from None


def _csv_profile(body: Mapping[str, Any], folder: Path | None) -> Profile:
    factor = _rate_factor(body.get("unit", "req/s")) * _scale(body.get("scale", 1))
    step = _quantity(body["step"], "duration", ("step",)) if "step" in body else 0.0
    if not step and "time_column" not in body:
        raise FieldError("step or time_column is needed", "write `step: 5 min` if rows are 5 min apart")
    names = (body.get("column"), body["time_column"]) if "time_column" in body else (body.get("column"),)
    columns = read_column(folder, body["file"], names)
    values = [number * factor for number in columns[0].numbers()]
    if len(columns) == 2:
        step = _spacing(columns[1], step)
    period = _period(body, len(values) * step)
    rows = min(len(values), math.ceil(period / step - _SPACING))
    steps = merged([(i * step, values[i]) for i in range(rows)])
    return Profile(period, steps, f"{body['file']}, repeating every {format_duration(period)}")


def _period(body: Mapping[str, Any], covered: float) -> float:
    """The stated period, or what the rows cover; longer than the rows would be a gap."""
    if "period" not in body:
        return covered
    period = _quantity(body["period"], "duration", ("period",))
    if period > covered * (1 + _SPACING):
        stated = shown(body["period"])
        what = f"the rows cover {format_duration(covered)}, less than the period (got {stated})"
        raise FieldError(what, "state a shorter period, or leave it out", ("period",))
    return period


def _rate_factor(unit: object) -> float:
    if not isinstance(unit, str) or unit not in UNITS["rate"]:
        what = f"a unit of a rate is needed (got {shown(unit)}); units are req/s, req/min, req/h, req/d"
        raise FieldError(what, "", ("unit",))
    return float(UNITS["rate"][unit])


def _scale(value: object) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(float(str(value))) or float(str(value)) <= 0:
        hint = "write `scale: 2.5` to multiply every value"
        raise FieldError(f"scale must be a plain number above zero (got {shown(value)})", hint, ("scale",))
    return float(str(value))


def _spacing(column: Column, step: float) -> float:
    """Seconds between rows; every row must be one step after the one before it."""
    times = [_time(column, cell, line) for cell, line in zip(column.cells, column.lines, strict=True)]
    if len(times) < 2 and not step:
        raise FieldError("a single row does not tell its step", "write `step: 5 min`", ("time_column",))
    expected = step or times[1] - times[0]
    for i in range(1, len(times)):
        apart = times[i] - times[i - 1]
        if expected <= 0 or abs(apart - expected) > _SPACING * expected + 1e-9:
            what = _off_grid(apart, expected)
            raise column.wrong(column.lines[i], what, "a gap is not filled in: complete the file")
    return expected


def _off_grid(apart: float, expected: float) -> str:
    if apart <= 0:
        return "does not come after the row before it"
    spacing = format_duration(expected)
    return f"comes {format_duration(apart)} after the row before it; rows are {spacing} apart"


def _time(column: Column, cell: str, line: int) -> float:
    """A time in seconds: a plain number, or a date and time in ISO 8601 (without zone: UTC)."""
    text = cell.strip()
    try:
        value = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise column.wrong(line, f"is not a time (got {shown(text)})", "seconds, or ISO 8601") from None
        zone = "" if moment.tzinfo else "+00:00"
        return datetime.fromisoformat(moment.isoformat() + zone).timestamp()
    if not math.isfinite(value):
        raise column.wrong(line, f"is not a finite time (got {shown(text)})")
    return value
