"""Quantities written as text with a unit, and numbers printed for people.

`parse("1 h 30 min", "duration")` is 5400.0: everything inside outlast is in SI (seconds, bytes, bytes per
second, requests per second, shares in [0, 1]). A bare number where a unit is needed is an error, because
`5` says nothing about minutes or hours. A year is 365 days exactly, a month of a price its twelfth part.
"""

from __future__ import annotations

import difflib
import math
import re
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

_MAX_TEXT = 100  # characters of a quantity; longer text is never one
_MAX_INT = 2**63
_SECOND = {"ms": Fraction(1, 1000), "s": Fraction(1), "min": Fraction(60), "h": Fraction(3600)}
_DAY = {"d": Fraction(86_400), "w": Fraction(604_800), "y": Fraction(365 * 86_400)}
DURATION_UNITS: dict[str, Fraction] = {**_SECOND, **_DAY}
_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
_BYTES = {f"{p}B": Fraction(f) for p, f in {**_DECIMAL, **_BINARY}.items()}
_BITS = {f"{p}bit": Fraction(f, 8) for p, f in _DECIMAL.items()}
_PER = {u: f for u, f in DURATION_UNITS.items() if u != "ms"}
_PAID = {**DURATION_UNITS, "month": _DAY["y"] / 12}
#: what prices are per: dimension -> the units of each divisor, after any three capital letters
PRICES: dict[str, tuple[dict[str, Fraction], ...]] = {
    "money": (_PAID,),
    "money per request": ({"req": Fraction(1), "kreq": Fraction(10**3), "Mreq": Fraction(10**6)},),
    "money per event": ({"event": Fraction(1)},),
    "money per byte": (_BYTES,),
    "money per byte and time": (_BYTES, _PAID),
}
UNITS: dict[str, dict[str, Fraction]] = {
    "duration": DURATION_UNITS,
    "share": {"%": Fraction(1, 100)},
    "rate": {f"{what}/{u}": 1 / f for what in ("req", "") for u, f in _PER.items()},
    "bytes": _BYTES,
    "bandwidth": {f"{u}/s": f for u, f in {**_BYTES, **_BITS}.items()},
    **{dimension: {} for dimension in ("count", *PRICES)},
}
_NAMES = {
    "duration": "a duration",
    "share": "a share",
    "rate": "a rate of requests",
    "bytes": "an amount of bytes",
    "bandwidth": "a bandwidth",
    "count": "a whole number",
    "money": "money per time",
    "money per request": "money per request",
    "money per event": "money per event",
    "money per byte": "money per amount of data",
    "money per byte and time": "money per amount of data and time",
}
EXAMPLES = {
    "duration": "5 min",
    "share": "99.95 %",
    "rate": "250 req/s",
    "bytes": "40 GB",
    "bandwidth": "40 MB/s",
    "count": "3",
    "money": "12 USD/h",
    "money per request": "0.5 USD/kreq",
    "money per event": "400 USD/event",
    "money per byte": "0.02 USD/GB",
    "money per byte and time": "20 USD/TB/month",
}
_ALLOWED = {
    "duration": "ms, s, min, h, d, w, y",
    "share": "%",
    "rate": "req/s, req/min, req/h, req/d, /s",
    "bytes": "B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB",
    "bandwidth": "B/s, kB/s, MB/s, GB/s, Mbit/s, Gbit/s",
    "money": "a currency per h, d, w, month or y, as in USD/h",
    "money per request": "a currency per req, kreq or Mreq, as in USD/kreq",
    "money per event": "a currency per event, as in USD/event",
    "money per byte": "a currency per amount of data, as in USD/GB",
    "money per byte and time": "a currency per amount of data and time, as in USD/TB/month",
}
_ALIASES = {
    "ms": "millisecond milliseconds msec millis",
    "s": "S sec secs second seconds",
    "min": "m mn mins minute minutes Min",
    "h": "H hr hrs hour hours",
    "d": "D day days",
    "w": "W wk week weeks",
    "y": "Y yr yrs year years a",
    "%": "percent pct pc",
    "req/s": "rps qps RPS QPS requests/s rq/s req/sec 1/s Hz",
    "req/min": "rpm RPM requests/min req/m",
    "MB": "mb Mb mB M",
    "GB": "gb Gb gB G",
    "kB": "KB kb Kb K k",
    "TB": "tb Tb T",
    "MB/s": "MBps mb/s mB/s",
    "GB/s": "GBps gb/s gB/s",
    "Mbit/s": "Mbps mbps mbit/s Mb/s",
    "Gbit/s": "Gbps gbps gbit/s Gb/s",
}
_NEAREST = {alias: unit for unit, aliases in _ALIASES.items() for alias in aliases.split()}
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_UNIT = r"[^\s\d.,:+\-]+"
_TERM = re.compile(rf"\s*({_NUMBER})\s*({_UNIT})?", re.ASCII)
_MONEY = re.compile(r"([A-Z]{3})((?:/[A-Za-z]+)+)")


class UnitError(ValueError):
    """A text that is not the quantity that is needed. message says what is wrong, hint what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class Price(NamedTuple):
    """Money per SI unit (second, request, event, byte, byte and second), its currency, and how it was written."""

    amount: float
    currency: str
    written: str


def parse(text: object, dimension: str, *, zero: bool = False) -> float:
    """The quantity in SI units: s, share in [0, 1], 1/s, B, B/s, currency/s, or a whole number.

    dimension is a key of UNITS. zero=True allows zero.
    Raises UnitError for a bare number, another dimension, an unknown unit, NaN, infinity, a negative.
    """
    if isinstance(text, int) and abs(text) >= _MAX_INT:  # int to float and int to text can both fail
        raise UnitError(f"{_NAMES[dimension]} is too large", _write(dimension))
    if dimension == "count":
        value = _count(text)
    elif not isinstance(text, str):
        value = _bare(text, dimension)
    else:
        value = _sum(_terms(text, dimension), text, dimension)
    return _checked(value, text, dimension, zero)


def parse_price(text: object, dimension: str = "money") -> Price:
    """`12 USD/h`, `20 USD/TB/month` as amount per SI unit and currency; zero is allowed. Raises UnitError."""
    amount = parse(text, dimension, zero=True)
    match = _MONEY.search(str(text))
    return Price(amount, match[1] if match else "", str(text).strip())


def _terms(text: str, dimension: str) -> list[tuple[str, str]]:
    """The (number, unit) pairs of a text; a unit is "" where none is written."""
    terms, at = [], 0
    stripped = text.strip()
    while at < len(stripped):
        match = _TERM.match(stripped, at) if len(stripped) <= _MAX_TEXT else None
        if match is None:
            raise _unreadable(text, dimension)
        terms.append((match[1], match[2] or ""))
        at = match.end()
    if not terms:
        raise UnitError(f"{_NAMES[dimension]} is needed (got an empty text)", _write(dimension))
    return terms


def _unreadable(text: str, dimension: str) -> UnitError:
    hint = _write(dimension)
    lowered = text.strip().lower().lstrip("+-.")
    if lowered.startswith(("nan", "inf")):
        return UnitError(f"{_NAMES[dimension]} must be a finite number (got {_got(text)})", hint)
    if re.match(r"\d[\d ]*,\d", text.strip()):
        hint = "write numbers without a comma: `1500`, `2.5`"
    elif dimension == "duration" and re.fullmatch(r"\d+:\d\d(:\d\d)?", text.strip()):
        hint = "write hours and minutes as `12 h 30 min`"
    return UnitError(f"not {_NAMES[dimension]} (got {_got(text)}); units are {_ALLOWED[dimension]}", hint)


def _sum(terms: list[tuple[str, str]], text: str, dimension: str) -> float:
    if len(terms) == 1 and terms[0][1] == "":
        return _bare(float(terms[0][0]), dimension, text.strip())
    if len(terms) > 1 and dimension != "duration":
        hint = _write(dimension)
        raise UnitError(f"{_NAMES[dimension]} is one number and one unit (got {_got(text)})", hint)
    factors = [_factor(unit, text, dimension) for _, unit in terms]
    if any(later >= earlier for earlier, later in pairwise(factors)):
        raise UnitError(f"units must go from large to small (got {_got(text)})", "write `1 h 30 min`")
    if any(number[0] in "+-" for number, _ in terms[1:]):
        raise UnitError(f"a sign inside a duration (got {_got(text)})", "write `1 h 30 min`")
    numbers = [number for number, _ in terms]
    return _scaled(numbers, factors)


def _scaled(numbers: list[str], factors: list[Fraction]) -> float:
    """Sum of number x factor, rounded once, so that `99.95 %` is the float nearest to 0.9995."""
    total = Fraction(0)
    for number, factor in zip(numbers, factors, strict=True):
        value = float(number)
        if not math.isfinite(value):
            return math.inf
        if value != 0.0:  # also keeps 1e-999999999 out of exact arithmetic
            total += Fraction(number) * factor
    try:
        return float(total)
    except OverflowError:
        return math.inf


def _factor(unit: str, text: str, dimension: str) -> Fraction:
    if dimension in PRICES:
        factor = _per(unit, PRICES[dimension])
        if factor is not None:
            return factor
    elif unit in UNITS[dimension]:
        return UNITS[dimension][unit]
    raise _wrong_unit(unit, text, dimension)


def _per(unit: str, divisors: tuple[dict[str, Fraction], ...]) -> Fraction | None:
    """The factor of `USD/TB/month`; None if that is not per such divisors."""
    match = _MONEY.fullmatch(unit)
    names = match[2][1:].split("/") if match else []
    if len(names) != len(divisors) or any(name not in known for name, known in zip(names, divisors, strict=True)):
        return None
    return 1 / math.prod((known[name] for name, known in zip(names, divisors, strict=True)), start=Fraction(1))


def _wrong_unit(unit: str, text: str, dimension: str) -> UnitError:
    if unit == "":
        return UnitError(f"a number without a unit (got {_got(text)})", _write(dimension))
    other = _dimension_of(unit)
    if other:
        message = f"{_got(text)} is {_NAMES[other]}, but {_NAMES[dimension]} is needed"
        return UnitError(f"{message}; units are {_ALLOWED[dimension]}", _write(dimension))
    return UnitError(
        f"unknown unit {_got(unit)} (got {_got(text)}); units are {_ALLOWED[dimension]}",
        _nearest(unit, dimension),
    )


def _dimension_of(unit: str) -> str:
    for dimension, units in UNITS.items():
        if unit in units:
            return dimension
    return next((dimension for dimension, divisors in PRICES.items() if _per(unit, divisors) is not None), "")


def _nearest(unit: str, dimension: str) -> str:
    if dimension in PRICES:
        return _nearest_price(unit, dimension)
    if unit.lower() in ("month", "months", "mo"):
        return "months differ in length: write `30 d`"
    known = UNITS[dimension]
    if _NEAREST.get(unit) in known:
        return f"did you mean `{_NEAREST[unit]}`?"
    close = difflib.get_close_matches(unit, known, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else _write(dimension)


def _nearest_price(unit: str, dimension: str) -> str:
    """Prices whose currency is in small letters or whose divisors are written out."""
    (currency, *names), divisors = unit.split("/"), PRICES[dimension]
    nearest = [
        name if name in known else next((n for n in (_NEAREST.get(name), name.lower().rstrip("s")) if n in known), None)
        for name, known in zip(names, divisors, strict=False)
    ]
    if len(names) == len(divisors) and None not in nearest and re.fullmatch(r"[A-Za-z]{3}", currency):
        return f"did you mean `{'/'.join([currency.upper(), *map(str, nearest)])}`?"
    return _write(dimension)


def _bare(number: object, dimension: str, written: str = "") -> float:
    """A number without a unit: fine for a share between 0 and 1, an error elsewhere."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise UnitError(f"{_NAMES[dimension]} is needed (got {_got(number)})", _write(dimension))
    text = written or f"{number}"[:40]
    if not math.isfinite(number):
        raise UnitError(f"{_NAMES[dimension]} must be a finite number (got {text})", _write(dimension))
    if dimension == "share":
        if 1 < number <= 100:
            raise UnitError(f"a share is between 0 and 1 (got {text})", f"write `{text} %`, not `{text}`")
        return float(number)
    unit = EXAMPLES[dimension].split(" ", 1)[1]
    hint = f"write `{text} {unit}`, not `{text}`; units are {_ALLOWED[dimension]}"
    raise UnitError(f"{_NAMES[dimension]} needs a unit (got {text})", hint)


def _count(value: object) -> float:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value, re.ASCII):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnitError(f"a whole number is needed (got {_got(value)})", "write `3`, without a unit")
    return value


def _checked(value: float, text: object, dimension: str, zero: bool) -> float:
    name, hint = _NAMES[dimension], _write(dimension)
    if value < 0:
        raise UnitError(f"{name} must not be negative (got {_got(text)})", hint)
    if value == 0 and not zero:
        raise UnitError(f"{name} must be above zero (got {_got(text)})", hint)
    if dimension == "share" and value > 1:
        raise UnitError(f"a share is between 0 and 100 % (got {_got(text)})", hint)
    if value == math.inf:
        raise UnitError(f"{name} is too large (got {_got(text)})", hint)
    return value


def _write(dimension: str) -> str:
    return f"write for example `{EXAMPLES[dimension]}`"


def _got(value: object) -> str:
    """A value quoted in a message, cut when long, without control characters."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)[:200]
    return text if len(text) <= 60 else text[:56] + "..." + (text[0] if isinstance(value, str) else "")


_YEAR = 365 * 86_400
_STEPS = (  # unit, its seconds, next smaller unit, its seconds, where the next row takes over
    ("min", 60, "s", 1, 3600),
    ("h", 3600, "min", 60, 86_400),
    ("d", 86_400, "h", 3600, _YEAR),
    ("y", _YEAR, "d", 86_400, 100 * _YEAR),
)


def format_duration(seconds: float) -> str:
    """Seconds as people write them, in at most two units: `90 d`, `1 h 30 min`, `2.5 s`."""
    if not math.isfinite(seconds):
        return "inf" if seconds == math.inf else "-inf" if seconds < 0 else "nan"
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if seconds == 0:
        return "0 s"
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    for unit, size, small_unit, small, limit in _STEPS:
        whole = round(seconds / small) * small
        if whole < limit:
            large, rest = divmod(whole, size)
            return f"{large} {unit}" + (f" {rest // small} {small_unit}" if rest else "")
    return f"{format_number(seconds / _YEAR)} y"


def format_share(share: float, digits: int = 3) -> str:
    """A share in percent, with `digits` significant digits of its distance to 0 or 1: `99.9954 %`.

    So a long row of nines is never rounded to 100 %.
    """
    distance = min(abs(share), abs(1.0 - share))
    if not math.isfinite(share):
        return "nan"
    if distance == 0:
        return f"{share * 100:.0f} %"
    decimals = min(max(digits - 1 - math.floor(math.log10(distance * 100)), 0), 14)
    if decimals == 14 and share < 0.5:
        return f"{share * 100:.{digits}g} %"
    text = f"{share * 100:.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def format_bytes(amount: float) -> str:
    """Bytes in decimal units with three significant digits: `1.5 GB`."""
    if not math.isfinite(amount):
        return f"{amount} B"
    prefixes = list(_DECIMAL.items())
    for (prefix, factor), (_, following) in pairwise(prefixes):
        if abs(amount) < 0.9995 * following:
            return f"{amount / factor:.3g} {prefix}B"
    return f"{format_number(amount / _DECIMAL['P'])} PB"


def format_money(amount: float, unit: str) -> str:
    """An amount of money in its unit, small ones with cents: `1,234,567 USD/y`."""
    return f"{amount:,.0f} {unit}" if abs(amount) >= 100 else f"{format_number(amount)} {unit}"


def is_money(unit: str) -> bool:
    """Whether a unit is a currency per something."""
    return _MONEY.fullmatch(unit) is not None


def format_number(value: float, digits: int = 4) -> str:
    """A number with `digits` significant digits, whole numbers below ten million in full: `12,345`."""
    if not math.isfinite(value):
        return f"{value}"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e7 or size < 1e-4:
        return f"{value:.{digits}g}"
    if size >= 10 ** (digits - 1) or value == int(value):
        return f"{value:,.0f}"
    text = f"{value:.{max(digits - 1 - math.floor(math.log10(size)), 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
