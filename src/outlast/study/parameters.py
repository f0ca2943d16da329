"""Which parameters a sensitivity study varies, and the values it gives them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from outlast.errors import FieldError, ScenarioError, UsageError, dotted, shown
from outlast.scenario.marks import parse_value
from outlast.scenario.overlay import follow
from outlast.scenario.uncertain import SECTIONS, Uncertain, amount, dimension_of, interval, read
from outlast.stats.variance import Values

if TYPE_CHECKING:
    from outlast.scenario.document import Path
    from outlast.scenario.scenario import Scenario

Setting = Mapping[str, Any]  # written values by dotted path


def chosen(scenario: Scenario, vary: Sequence[str], by: float) -> tuple[list[Uncertain], bool]:
    """The parameters: those of `vary` (`PATH` or `PATH=LOW..HIGH`), else the uncertain ones of the scenario, else
    every duration; and whether they say what is believed, so that they can be drawn. by: a parameter without a range
    goes from (1 - by) to (1 + by) times its value.  Raises UsageError.
    """
    if not 0.0 < by < 1.0:
        raise UsageError(f"parameters are varied by more than 0 % and less than 100 % (got {by:.4g})")
    if vary:
        found = [_named(scenario, text, by) for text in vary]
        if len({one.name for one in found}) < len(found):
            raise UsageError("a path is varied twice", "name each path once")
        return found, True
    if scenario.uncertain:
        return scenario.uncertain, True
    found = [_around(path, text, by) for path, text in _durations(scenario.document.data)]
    if not found:
        raise UsageError("there is nothing to vary", "name a path: --vary components.db.count=2..4")
    return found, False


def drawn(parameters: Sequence[Uncertain], count: int, seed: int) -> list[Setting]:
    """Independent sets of values. What is drawn for a parameter depends on its path and the seed alone."""
    return settings(parameters, np.column_stack([_stream(one.name, seed).random(count) for one in parameters]))


def crossed(parameters: Sequence[Uncertain], rows: int, seed: int) -> list[Setting]:
    """Row by row the sets of a Sobol design: a, b, then a with each parameter from b. rows: a power of two."""
    import scipy.stats.qmc  # imported here: most studies do not need it

    places = scipy.stats.qmc.Sobol(2 * len(parameters), rng=_stream("sobol", seed))
    design = places.random_base2(rows.bit_length() - 1)
    sets = []
    for a, b in zip(*np.hsplit(design, 2), strict=True):
        sets += [a, b, *(np.where(np.arange(len(a)) == place, b, a) for place in range(len(a)))]
    return settings(parameters, np.array(sets))


def settings(parameters: Sequence[Uncertain], places: Values) -> list[Setting]:
    """Written values of every row of quantiles."""
    return [
        {one.name: one.written(one.quantile(float(p))) for one, p in zip(parameters, row, strict=True)}
        for row in places
    ]


def changed(scenario: Scenario, setting: Setting) -> Scenario:
    """The scenario with these values, checked. Raises ScenarioError that says which they are."""
    if not setting:
        return scenario
    try:
        found = scenario.changed(setting, label="sensitivity")
        found.program()
    except ScenarioError as error:
        values = ", ".join(f"{path}={value}" for path, value in setting.items())
        reason = "\n".join(str(problem) for problem in error.problems)
        raise UsageError(f"not possible: {values}\n{reason}", "narrow the intervals") from None
    return found


def _stream(name: str, seed: int) -> np.random.Generator:
    key = int.from_bytes(hashlib.blake2b(f"parameter {name}".encode(), digest_size=8).digest(), "big")
    return np.random.default_rng([seed, key])


def _named(scenario: Scenario, text: str, by: float) -> Uncertain:
    name, equals, ends = text.partition("=")
    try:
        path = follow(scenario.document.data, name.strip(), 0)
        if path[0] not in SECTIONS:
            raise FieldError("it is no parameter of the platform", f"vary something of {', '.join(SECTIONS)}")
        if equals:
            return _ranged(path, ends)
        known = next((one for one in scenario.uncertain if one.path == path), None)
        return known or _around(path, scenario.document.get(path), by)
    except (KeyError, IndexError, TypeError):
        raise UsageError(f"--vary {name}: the scenario holds nothing there", "name its range: PATH=LOW..HIGH") from None
    except FieldError as error:
        raise UsageError(f"--vary {name.strip()}: {error.message}", error.hint) from None


def _ranged(path: Path, ends: str) -> Uncertain:
    low, dots, high = ends.partition("..")
    try:
        values = [parse_value(end, "--vary") for end in (low, high)] if dots else []
    except ScenarioError as error:
        raise FieldError(error.problems[0].message) from None
    if len(values) != 2:
        raise FieldError(f"a range is needed (got {shown(ends)})", "write PATH=LOW..HIGH")
    return read(path, {"between": values})


def _around(path: Path, text: Any, by: float) -> Uncertain:
    dimension = dimension_of([text])
    if dimension is None:
        raise FieldError(f"it holds {shown(text)}, which is no quantity", "name its range: PATH=LOW..HIGH")
    value = amount(text, dimension)
    low, high = value * (1 - by), value * (1 + by)
    if dimension == "count":
        low, high = float(min(round(low), value - 1)), float(max(round(high), value + 1))
        low = max(low, min(value, 1.0))
    if dimension == "share":
        high = min(high, 1.0)
    if value == 0:
        raise FieldError(f"{dotted(path)} is zero, of which no share can be taken", "name its range: PATH=LOW..HIGH")
    return interval(path, (low, high), dimension, value=text)


def _durations(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """(path, text) of every duration above zero."""
    left: list[tuple[Path, Any]] = [((section,), data.get(section)) for section in reversed(SECTIONS)]
    while left:
        path, value = left.pop()
        if isinstance(value, Mapping | list):
            items = list(value.items() if isinstance(value, Mapping) else enumerate(value))
            left += [((*path, key), item) for key, item in reversed(items)]
        elif isinstance(value, str) and dimension_of([value]) == "duration" and amount(value, "duration") > 0:
            yield path, value
