"""JSON schemas of the written forms, for completion and hover text in editors."""

from __future__ import annotations

from typing import Any

from outlast.kinds.hours import DAYS
from outlast.kinds.laws import FAMILIES
from outlast.units import DURATION_UNITS, EXAMPLES, PRICES

Schema = dict[str, Any]

_NUMBER = r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_BYTE_UNITS = "(B|kB|MB|GB|TB|PB|KiB|MiB|GiB|TiB|PiB)"
_PATTERNS = {
    "duration": rf"^\s*({_NUMBER}\s*({'|'.join(DURATION_UNITS)})\s*)+$",
    "share": rf"^\s*{_NUMBER}\s*%?\s*$",
    "rate": rf"^\s*{_NUMBER}\s*(req)?/(s|min|h|d|w|y)\s*$",
    "bytes": rf"^\s*{_NUMBER}\s*{_BYTE_UNITS}\s*$",
    "bandwidth": rf"^\s*{_NUMBER}\s*({_BYTE_UNITS}|[kMGTP]?bit)/s\s*$",
}
for _dimension, _divisors in PRICES.items():
    _per = "".join(f"/({'|'.join(units)})" for units in _divisors)
    _PATTERNS[_dimension] = rf"^\s*{_NUMBER}\s*[A-Z]{{3}}{_per}\s*$"


def quantity(dimension: str, title: str) -> Schema:
    """The schema of a quantity of this dimension; see `outlast.units.parse`."""
    if dimension == "count":
        return {"type": "integer", "minimum": 0, "title": title, "examples": [3]}
    text = {"type": "string", "pattern": _PATTERNS[dimension], "examples": [EXAMPLES[dimension]]}
    if dimension == "share":
        number = {"type": "number", "minimum": 0, "maximum": 1}
        return {"title": title, "anyOf": [text, number], "examples": [EXAMPLES["share"]]}
    return {"title": title, **text}


def _mapping(properties: dict[str, Schema], required: tuple[str, ...] = (), **more: Any) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _one_of(options: dict[str, Schema]) -> Schema:
    """A mapping with exactly one of these keys."""
    return _mapping(options, minProperties=1, maxProperties=1)


_DURATION = quantity("duration", "Duration")
_SHARE = quantity("share", "Share")
_RATE = quantity("rate", "Rate of requests")
_PLAIN = {"type": "number", "exclusiveMinimum": 0}


def _family(name: str) -> Schema:
    family = FAMILIES[name]
    pure = ("shape", "cv", "sigma")
    properties = {key: dict(_PLAIN if key in pure else _DURATION) for key in family.parameters()}
    choices = [{"required": list(names)} for names in family.combinations]
    body = _mapping(properties, anyOf=choices)
    return {"anyOf": [_DURATION, body]} if name == "exponential" else body


_SIMPLE = {"deterministic": _DURATION, **{name: _family(name) for name in FAMILIES}}
_SIMPLE_LAW = {"anyOf": [_DURATION, _one_of(_SIMPLE)]}
_LAWS: dict[str, Schema] = {
    **_SIMPLE,
    "hyperexponential": {
        "type": "array",
        "minItems": 1,
        "items": _mapping({"share": _SHARE, "mean": _DURATION}, ("share", "mean")),
    },
    "mixture": {
        "type": "array",
        "minItems": 1,
        "items": _mapping({"share": _SHARE, "law": _SIMPLE_LAW}, ("share", "law")),
    },
    "empirical": _mapping(
        {
            "file": {"type": "string"},
            "column": {"type": "string"},
            "unit": {"type": "string", "enum": list(DURATION_UNITS)},
        },
        ("file", "unit"),
    ),
}
_DELAY_EXAMPLES = ["90 s", {"exponential": "20 y"}, {"weibull": {"mean": "90 d", "shape": 0.8}}]
_TIMES = {"type": "array", "minItems": 1, "items": _DURATION}

NAME: Schema = {"type": "string", "title": "Name", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"}
CURRENCY: Schema = {"type": "string", "title": "Currency", "pattern": "^[A-Z]{3}$", "examples": ["USD", "AED"]}
DELAY: Schema = {"title": "Delay", "anyOf": [_DURATION, _one_of(_LAWS)], "examples": _DELAY_EXAMPLES}
DELAY_OR_SCRIPT: Schema = {
    "title": "Delay or times",
    "anyOf": [_DURATION, _one_of({**_LAWS, "at": _TIMES})],
    "examples": [*_DELAY_EXAMPLES, {"at": ["1000 s", "1300 s"]}],
}
_CLOCK = {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"}
_DAY = {"type": "string", "examples": list(DAYS)}
HOURS: Schema = {
    "title": "Working hours",
    "anyOf": [
        {"type": "string", "enum": ["business", "always"]},
        _mapping(
            {
                "days": {"anyOf": [_DAY, {"type": "array", "minItems": 1, "items": _DAY}]},
                "from": _CLOCK,
                "to": _CLOCK,
            },
            ("days", "from", "to"),
        ),
    ],
    "examples": ["business", "always"],
}
DEMAND: Schema = {
    "title": "Demand",
    **_one_of(
        {
            "constant": _RATE,
            "diurnal": _mapping({"low": _RATE, "high": _RATE, "peak_at": _DURATION}, ("low", "high", "peak_at")),
            "csv": _mapping(
                {
                    "file": {"type": "string"},
                    "column": {"type": "string"},
                    "time_column": {"type": "string"},
                    "step": _DURATION,
                    "unit": {"type": "string", "enum": ["req/s", "req/min", "req/h", "req/d"]},
                    "scale": _PLAIN,
                    "period": _DURATION,
                },
                ("file",),
            ),
        }
    ),
    "examples": [{"constant": "300 req/s"}],
}
