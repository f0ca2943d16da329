"""Parameters that are not known exactly: `{failures: 37, in: 1200 host-days}`, `{between: [60 d, 120 d]}`.

They may stand for any quantity of providers, regions, links, teams, components and shocks. A run uses one value, the
point estimate; `outlast sensitivity` asks what the rest of the belief does:

    {failures: K, in: EXPOSURE}     the mean of an exponential: EXPOSURE / K (2 EXPOSURE without a failure). Rate:
                                    Gamma(K + 1/2, EXPOSURE), the posterior of Jeffreys' prior. Also `events`, `repairs`
    {successes: K, of: N}           a share: K / N. Beta(K + 1/2, N - K + 1/2), the posterior of Jeffreys' prior
    {between: [LOW, HIGH], value, spread}   `value`, else the median. spread: `log-uniform` (the default above zero) or
                                    `uniform` (the default of shares and from zero); whole numbers are equally likely
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from outlast.errors import FieldError, Problem, dotted, nearest_hint, shown
from outlast.kinds.laws import PURE
from outlast.scenario.document import Document, Path
from outlast.units import UnitError, format_bytes, format_duration, format_number, format_share, parse

SECTIONS = ("providers", "regions", "links", "teams", "components", "shocks")
COUNTED = ("failures", "events", "repairs")
SPREADS = ("log-uniform", "uniform")
INTERVAL = ("between", "value", "spread")
UNITS = {"duration": "s", "rate": "req/s", "bytes": "B", "bandwidth": "B/s"}  # of the texts that are written
PLAIN = ("share", "count", "number")  # written without a unit
LOW, HIGH = 0.05, 0.95  # quantiles that stand for the ends of a belief from data
_EXPOSURE = re.compile(r"(.*\d)\s*[A-Za-z]+-(hour|day|week|year)s?\s*")
_EXPOSURE_UNITS = {"hour": "h", "day": "d", "week": "w", "year": "y"}


@dataclass(frozen=True)
class Uncertain:
    """A parameter and what is believed of it. point: the value that runs use, as it is written in a scenario.

    words: what is known. belief: its distribution, for people. quantile: of the belief, in SI units. ends: its low and
    high value.
    """

    path: Path
    point: Any
    words: str
    belief: str
    dimension: str
    quantile: Callable[[float], float]
    ends: tuple[float, float]

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted(self.path)

    @property
    def low(self) -> float:
        return self.ends[0]

    @property
    def high(self) -> float:
        return self.ends[1]

    @property
    def used(self) -> str:
        """The point estimate for people."""
        return self.label(amount(self.point, self.dimension))

    def written(self, value: float) -> Any:
        """A value in SI units as a scenario can hold it."""
        if self.dimension == "count":
            return int(value)
        return float(value) if self.dimension in PLAIN else f"{float(value)!r} {UNITS[self.dimension]}"

    def label(self, value: float) -> str:
        """A value in SI units for people."""
        if self.dimension == "duration":
            return format_duration(value)
        if self.dimension == "share":
            return format_share(value)
        if self.dimension in ("bytes", "bandwidth"):
            return format_bytes(value) + ("/s" if self.dimension == "bandwidth" else "")
        return format_number(value) + (" req/s" if self.dimension == "rate" else "")


def settled(document: Document) -> tuple[Any, list[Uncertain], dict[str, Problem]]:
    """The values of a document with point estimates in place of beliefs, the beliefs, and by dotted path what is wrong
    with those that make no sense."""
    if not isinstance(document.data, Mapping):
        return document.data, [], {}
    found: list[Uncertain] = []
    problems: dict[str, Problem] = {}
    for path, form in list(_forms(document.data)):
        try:
            found.append(read(path, form))
        except FieldError as error:
            problems[dotted(path)] = document.problem(path + error.at, error.message, error.hint)
    if not found:
        return document.data, [], problems
    values = copy.deepcopy(document.data)
    for one in found:
        place: Any = values
        for part in one.path[:-1]:
            place = place[part]
        place[one.path[-1]] = one.point
    return values, found, problems


def _forms(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """(path, mapping) of everything that is meant as a belief."""
    for section in SECTIONS:
        names = data.get(section)
        for name, body in names.items() if isinstance(names, Mapping) else ():
            for key, value in body.items() if isinstance(body, Mapping) else ():
                yield from _below((section, name, key), value)


def _below(path: Path, value: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if isinstance(value, Mapping) and _meant(value):
        yield path, value
    elif isinstance(value, Mapping | list):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _below((*path, key), item)


def _meant(value: Mapping[str, Any]) -> bool:
    """A belief, and not things that happen to have the names of its fields."""
    if "between" in value:
        return isinstance(value["between"], list) or (
            set(value) <= set(INTERVAL) and not isinstance(value["between"], Mapping)
        )
    if "successes" in value:
        return not isinstance(value["successes"], Mapping)
    return not isinstance(value.get("in", {}), Mapping | list) and any(name in value for name in COUNTED)


def read(path: Path, form: Mapping[str, Any]) -> Uncertain:
    """The belief at a path. Raises FieldError."""
    if "between" in form:
        return _interval(path, form)
    return _share(path, form) if "successes" in form else _mean(path, form)


def _mean(path: Path, form: Mapping[str, Any]) -> Uncertain:
    word = next(name for name in COUNTED if name in form)
    _only(form, (word, "in"))
    if path[-1] != "exponential" and path[-2:] != ("exponential", "mean"):
        hint = f"write `{{exponential: {{{word}: 37, in: 1200 d}}}}`, or `{{between: [20 d, 60 d]}}`"
        raise FieldError(f"a count of {word} gives the mean of an exponential law only", hint)
    count, exposure = _whole(form[word], word), _exposure(form["in"])
    special = _special()

    def quantile(p: float) -> float:
        """The mean rises where the rate falls."""
        return exposure / float(special.gammainccinv(count + 0.5, p))

    mean = exposure / max(count, 0.5)
    words = f"{count:,} {word if count != 1 else word[:-1]} in {form['in']}"
    belief = f"Gamma({count + 0.5:g}, {form['in']}) of the rate"
    return Uncertain(path, f"{mean!r} s", words, belief, "duration", quantile, (quantile(LOW), quantile(HIGH)))


def _share(path: Path, form: Mapping[str, Any]) -> Uncertain:
    _only(form, ("successes", "of"))
    if "of" not in form:
        raise FieldError("`of` is missing", "write `{successes: 18, of: 20}`")
    k, n = _whole(form["successes"], "successes"), _whole(form["of"], "of")
    if not 0 <= k <= n or n == 0:
        raise FieldError(f"more successes than trials (got {k} of {n})" if n else "no trial was made", "", ("of",))
    special = _special()

    def quantile(p: float) -> float:
        return float(special.betaincinv(k + 0.5, n - k + 0.5, p))

    belief = f"Beta({k + 0.5:g}, {n - k + 0.5:g})"
    return Uncertain(path, k / n, f"{k} of {n}", belief, "share", quantile, (quantile(LOW), quantile(HIGH)))


def _interval(path: Path, form: Mapping[str, Any]) -> Uncertain:
    _only(form, INTERVAL)
    given = form["between"]
    if not isinstance(given, list) or len(given) != 2:
        raise FieldError(f"the two ends of an interval are needed (got {shown(given)})",
                         "write `{between: [60 d, 120 d]}`", ("between",))  # fmt: skip
    if form.get("spread", SPREADS[0]) not in SPREADS:
        raise FieldError(
            f"unknown spread (got {shown(form['spread'])}); allowed: {', '.join(SPREADS)}", "", ("spread",)
        )
    texts = [given[0], given[1], *([form["value"]] if "value" in form else [])]
    dimension = dimension_of(texts, pure=path[-1] in PURE)
    if dimension is None:
        raise FieldError(f"the ends of an interval are quantities of one kind (got {', '.join(map(shown, texts))})",
                         "write `{between: [60 d, 120 d]}` or `{value: 90 d, between: [60 d, 120 d]}`",
                         ("between",))  # fmt: skip
    low, high, *value = (amount(text, dimension) for text in texts)
    if low >= high:
        raise FieldError(f"the first end must be less than the second (got {given[0]}, {given[1]})", "", ("between",))
    if value and not low <= value[0] <= high:
        raise FieldError(f"the value must lie in the interval (got {form['value']})", "", ("value",))
    return interval(path, (low, high), dimension, form.get("spread", ""), form.get("value"))


def interval(path: Path, ends: tuple[float, float], dimension: str, spread: str = "", value: Any = None) -> Uncertain:
    """A belief that is an interval, in SI units. value: the point estimate as written, else the median."""
    low, high = ends
    spread = spread or ("uniform" if dimension == "share" or low == 0 else SPREADS[0])
    if spread == SPREADS[0] and low == 0:
        raise FieldError("a log-uniform interval must begin above zero", "write `spread: uniform`", ("between",))

    def quantile(p: float) -> float:
        if dimension == "count":
            return min(math.floor(low + p * (high - low + 1)), high)
        return low * (high / low) ** p if spread == SPREADS[0] else low + p * (high - low)

    spread = "each equally likely" if dimension == "count" else spread
    found = Uncertain(path, value, "", spread, dimension, quantile, ends)
    words = f"between {found.label(low)} and {found.label(high)}"
    point = found.written(quantile(0.5)) if value is None else value
    return Uncertain(path, point, words, spread, dimension, quantile, ends)


def dimension_of(texts: list[Any], *, pure: bool = False) -> str | None:
    """What kind of quantity all of some written values are. pure: whole numbers are numbers too."""
    numbers = [isinstance(text, int | float) and not isinstance(text, bool) for text in texts]
    if all(numbers):
        whole = all(isinstance(text, int) for text in texts) and not pure
        return "count" if whole else "number"
    for dimension in (*UNITS, "share"):
        try:
            for text in texts:
                parse(text, dimension, zero=True)
        except UnitError:
            continue
        return dimension
    return None


def amount(text: Any, dimension: str) -> float:
    """A written value in SI units. Raises FieldError for one that is not possible."""
    try:
        value = float(text) if dimension == "number" else float(parse(text, dimension, zero=True))
    except UnitError as error:
        raise FieldError(error.message, error.hint, ("between",)) from None
    if value < 0:
        raise FieldError(f"must not be negative (got {shown(text)})", "", ("between",))
    return value


def _only(form: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in form:
        if key not in allowed:
            raise FieldError("unknown field", nearest_hint(str(key), allowed, "fields"), (str(key),))


def _whole(value: Any, name: str) -> int:
    try:
        return int(parse(value, "count", zero=True))
    except UnitError as error:
        raise FieldError(error.message, error.hint, (name,)) from None


def _exposure(value: Any) -> float:
    """`1200 d`, `1200 host-days`."""
    match = _EXPOSURE.fullmatch(value) if isinstance(value, str) else None
    try:
        return parse(f"{match[1]} {_EXPOSURE_UNITS[match[2]]}" if match else value, "duration")
    except UnitError as error:
        raise FieldError(error.message, "write `1200 d` or `1200 host-days`", ("in",)) from None


def _special() -> Any:
    """scipy.special, imported when first needed: most scenarios do not need it."""
    import scipy.special

    return scipy.special
