"""A calibration as a piece of a scenario: laws with what is known of their parameters, in the form scenarios read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import yaml

from outlast.errors import printable
from outlast.version import __version__

if TYPE_CHECKING:
    from outlast.study.calibration import Calibration, Law

TICKETS = "A ticket is resolved when somebody says so: mind how far that is from the end of the outage."
_DAY_S = 86_400.0
_UNITS = (("y", 365 * _DAY_S), ("d", _DAY_S), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 0.001))
_LONGEST_NAME = 64
_DIGITS = 5


def fragment(found: Calibration) -> str:
    """`components:` with what was fitted, and comments on where it comes from. It loads where it is pasted into a
    scenario; a component whose exposure is not known has a repair only, and needs a time to failure."""
    lines = [*_about(found), "components:"]
    taken: set[str] = set()
    for component in found.components:
        laws = [law for law in found.chosen if law.component == component]
        if laws:
            name = _name(component, taken)
            lines.append(f"  {_key(name)}:" + (f"  # {printable(component)}" if name != component else ""))
            lines += [f"    {line}" for line in _body(found, component)]
    if not taken:
        lines[-1] = "components: {}"
    return "\n".join(lines) + "\n"


def _about(found: Calibration) -> Iterator[str]:
    source = found.incidents.attrs.get("source", "")
    watched = [f"{word} {time.isoformat()}" for word, time in
               (("from", found.observed.since), ("until", found.observed.until)) if time is not None]  # fmt: skip
    yield f"# Fitted by outlast {__version__} to {len(found.incidents):,} incidents" + (
        f" of {printable(source)}" if source else "") + (f", {' '.join(watched)}" if watched else "")  # fmt: skip
    yield f"# Intervals are {100 * found.level:g} %. {TICKETS}"
    for text in found.warnings:
        yield f"# warning: {printable(text)}"


def _body(found: Calibration, component: str) -> Iterator[str]:
    units = found.observed.units_of(component)
    failure, repair = found.law(component, "time_to_failure"), found.law(component, "repair")
    yield "kind: component"
    if units is not None and units > 1:
        yield f"count: {units}  # all are needed unless `needs_up` says how many"
    if failure is None:
        yield "# time_to_failure: how many units were watched, and for how long, is not known"
    else:
        yield f"time_to_failure: {_law(failure, 'failures')}"
    if repair is not None:
        yield f"repair: {{lasts: {_law(repair, 'repairs')}}}"


def _law(law: Law, counted: str) -> str:
    """`{exponential: {failures: 37, in: 1200 unit-days}}`, `{weibull: {mean: {value, between}, shape: ...}}`."""
    if law.family == "exponential":
        exposure = f"{_number(law.total_s / _DAY_S, 8)} unit-days"
        return f"{{exponential: {{{counted}: {law.events}, in: {exposure}}}}}"
    parts = [f"{name}: {_belief(name, value, law.intervals[name])}" for name, value in law.values.items()]
    return f"{{{law.family}: {{{', '.join(parts)}}}}}"


def _belief(name: str, value: float, ends: tuple[float, float]) -> str:
    scale, unit = (1.0, "") if name in ("shape", "sigma") else _unit(value)
    low, middle, high = (f"{_number(x / scale)}{unit}" for x in (ends[0], value, ends[1]))
    return f"{{value: {middle}, between: [{low}, {high}]}}"


def _unit(seconds: float) -> tuple[float, str]:
    """The largest unit of which there are at least two."""
    name, size = next(((n, s) for n, s in _UNITS if seconds >= 2 * s), _UNITS[-1])
    return size, f" {name}"


def _number(x: float, digits: int = _DIGITS) -> str:
    """Significant digits without an exponent."""
    decimals = max(0, digits - 1 - math.floor(math.log10(x)))
    text = f"{x:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _name(component: str, taken: set[str]) -> str:
    """The name as a scenario can have it, numbered where two become alike."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", component).strip("-._")[: _LONGEST_NAME - 4] or "component"
    name, number = plain, 2
    while name in taken or name == "platform":
        name, number = f"{plain}-{number}", number + 1
    taken.add(name)
    return name


def _key(name: str) -> str:
    """Quoted where YAML would read something else than text."""
    return name if yaml.safe_load(name) == name else f'"{name}"'
