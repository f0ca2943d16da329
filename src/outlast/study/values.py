"""Values of a parameter as text: `1 h, 2 h`, `2..8`, `1 h..6 h step 30 min`, anything that YAML can say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from outlast.errors import FieldError, ScenarioError, UsageError, shown
from outlast.scenario.marks import parse_value
from outlast.scenario.overlay import parse_path
from outlast.units import UNITS

MOST_VALUES = 1000
STEPS = 64  # of a range of quantities for which no step is named, in a search
_NUMBER = r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([^\s\d.,]\S*?)?"
_RANGE = re.compile(rf"{_NUMBER}\s*\.\.\s*{_NUMBER}(?:\s+step\s+{_NUMBER})?", re.ASCII)


def assignment(text: str, option: str, *, steps: int = 0) -> tuple[str, list[Any]]:
    """`PATH=VALUES` as the path's text and the values. steps: of ranges without a step; 0: they are an error.

    Raises UsageError.
    """
    path, equals, values = text.partition("=")
    if not equals or not path.strip() or not values.strip():
        raise UsageError(f"{option} needs PATH=VALUES (got {shown(text)})",
                         f"write for example {option} 'components.ranker.replica.count=2..8'")  # fmt: skip
    try:
        parse_path(path.strip())
        listed = parse_value(f"[{values}]", f"{option} {path.strip()}")
        found = [one for item in listed for one in expanded(item, steps)]
    except FieldError as error:
        raise UsageError(f"{option} {path.strip()}: {error.message}", error.hint) from None
    except ScenarioError as error:
        hint = "separate values by commas; quote text that holds one"
        raise UsageError(f"{option} {path.strip()}: not a list of values (got {shown(values)}): "
                         f"{error.problems[0].message}", hint) from None  # fmt: skip
    if len({label(value) for value in found}) < len(found):
        raise UsageError(f"{option} {path.strip()}: a value is named twice", "name each value once")
    return path.strip(), found


def expanded(item: Any, steps: int = 0) -> Iterator[Any]:
    """The values of a range, in the unit of its step; anything else as it is. Raises FieldError."""
    match = _RANGE.fullmatch(item.strip()) if isinstance(item, str) else None
    if match is None:
        yield item
        return
    low, low_unit, high, high_unit, step, step_unit = match.groups(default="")
    if not low_unit:
        low_unit = high_unit  # `1..6 h`
    unit = step_unit or low_unit
    first, last = _in_unit(low, low_unit, unit, item), _in_unit(high, high_unit, unit, item)
    whole = not unit and first.denominator == last.denominator == 1
    if step:
        each = _in_unit(step, step_unit, unit, item)
    elif whole:
        each = Fraction(1)
    elif steps:
        each = _round(last - first, steps)
    else:
        raise FieldError(f"the range {shown(item)} needs a step", "write for example `1 h..6 h step 30 min`")
    if each <= 0 or last < first:
        raise FieldError(f"a range goes upwards, with a step above zero (got {shown(item)})",
                         "write the smaller value first")  # fmt: skip
    count = (last - first) // each + 1
    if count > MOST_VALUES:
        raise FieldError(f"{shown(item)} has {count:,} values; at most {MOST_VALUES:,} are possible",
                         "make the step larger")  # fmt: skip
    for place in range(count):
        yield _written(first + place * each, unit)
    if steps and not step and not whole and first + (count - 1) * each < last:
        yield _written(last, unit)


def label(value: Any) -> str:
    """A value as it stands in tables."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {label(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(label, value)) + "]"
    return "null" if value is None else str(value)


def _round(span: Fraction, steps: int) -> Fraction:
    """The least of 1, 2 and 5 times a power of ten that makes at most so many steps of a span."""
    power = Fraction(10) ** math.floor(math.log10(span / steps)) if span > 0 else Fraction(1)
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit * steps >= span)


def _in_unit(number: str, unit: str, wanted: str, text: str) -> Fraction:
    if unit == wanted:
        return Fraction(number)
    for factors in UNITS.values():
        if unit in factors and wanted in factors:
            return Fraction(number) * factors[unit] / factors[wanted]
    raise FieldError(f"the units of a range belong together (got {shown(text)})", "write `1 h..6 h step 30 min`")


def _written(value: Fraction, unit: str) -> Any:
    if not unit:
        return int(value) if value.denominator == 1 else float(value)
    number = str(value) if value.denominator == 1 else f"{float(value):.12g}"
    return f"{number} {unit}"
