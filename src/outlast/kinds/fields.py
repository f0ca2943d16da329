"""Field types for component kinds: text with units in, SI values out, and a schema for editors.

    class Backup(BaseModel):
        every: Duration
        restore: Delay
        lag: Duration = Field("2 s", validate_default=True)

Files (`empirical`, `csv`) are looked up below the folder in the validation context: `{"folder": Path(...)}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from outlast.errors import FieldError, shown
from outlast.kinds import schemas
from outlast.kinds.demand import Profile, read_demand
from outlast.kinds.hours import Hours as WorkingHours
from outlast.kinds.hours import read_hours
from outlast.kinds.laws import Script, read_delay, read_delay_or_script
from outlast.stats.distributions import Law
from outlast.units import Price, parse, parse_price

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True, eq=False)
class Reader:
    """Annotation for a pydantic field: how its value is read, and the JSON schema of what is written.

    read takes the written value and the scenario's folder (None without one); it raises ValueErrors.
    """

    read: Callable[[object, Path | None], Any]
    json_schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.json_schema)

    def _validate(self, value: object, info: ValidationInfo) -> Any:
        folder = (info.context or {}).get("folder") if isinstance(info.context, dict | None) else None
        return self.read(value, folder)


def _quantity(dimension: str, title: str, *, zero: bool = False) -> Reader:
    return Reader(lambda value, _folder: parse(value, dimension, zero=zero), schemas.quantity(dimension, title))


def _price(dimension: str) -> Reader:
    return Reader(lambda value, _folder: parse_price(value, dimension), schemas.quantity(dimension, "Price"))


def _currency(value: object, _folder: Path | None) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
        raise FieldError(f"not a currency (got {shown(value)})", "write its three capital letters: `USD`, `AED`")
    return value


def _name(value: object, _folder: Path | None) -> str:
    """An identifier; a whole number is taken as text, as in `zones: [1, 2]`."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        hint = "start with a letter or digit; then letters, digits, `-`, `_`, `.`; at most 64 characters"
        raise FieldError(f"not a name (got {shown(value)})", hint)
    return text


Duration: TypeAlias = Annotated[float, _quantity("duration", "Duration")]
"""Seconds, above zero."""
DurationOrZero: TypeAlias = Annotated[float, _quantity("duration", "Duration", zero=True)]
"""Seconds, zero allowed."""
Share: TypeAlias = Annotated[float, _quantity("share", "Share", zero=True)]
"""A number in [0, 1], written `99.95 %` or `0.9995`."""
Rate: TypeAlias = Annotated[float, _quantity("rate", "Rate of requests")]
"""Requests per second, above zero."""
Bytes: TypeAlias = Annotated[float, _quantity("bytes", "Amount of data")]
"""Bytes, above zero."""
Bandwidth: TypeAlias = Annotated[float, _quantity("bandwidth", "Bandwidth")]
"""Bytes per second, above zero."""
Count: TypeAlias = Annotated[int, _quantity("count", "Count")]
"""A whole number, at least 1."""
CountOrZero: TypeAlias = Annotated[int, _quantity("count", "Count", zero=True)]
"""A whole number, at least 0."""
Money: TypeAlias = Annotated[Price, _price("money")]
"""Currency per second, and the currency; zero is allowed, here and in what follows."""
MoneyPerRequest: TypeAlias = Annotated[Price, _price("money per request")]
"""Currency per request."""
MoneyPerEvent: TypeAlias = Annotated[Price, _price("money per event")]
"""Currency per event."""
MoneyPerByte: TypeAlias = Annotated[Price, _price("money per byte")]
"""Currency per byte."""
MoneyPerByteAndTime: TypeAlias = Annotated[Price, _price("money per byte and time")]
"""Currency per byte and second."""
Currency: TypeAlias = Annotated[str, Reader(_currency, schemas.CURRENCY)]
"""Three capital letters."""
Name: TypeAlias = Annotated[str, Reader(_name, schemas.NAME)]
"""An identifier of at most 64 characters."""
Delay: TypeAlias = Annotated[Law, Reader(read_delay, schemas.DELAY)]
"""A fixed or random delay; `0 s` is allowed."""
PositiveDelay: TypeAlias = Annotated[
    Law, Reader(lambda value, folder: read_delay(value, folder, zero=False), schemas.DELAY)
]
"""A delay that is not the fixed `0 s`: times to failure, which would otherwise loop without time passing."""
DelayOrScript: TypeAlias = Annotated[
    Law | Script,
    Reader(lambda value, folder: read_delay_or_script(value, folder, zero=False), schemas.DELAY_OR_SCRIPT),
]
"""A delay above zero, or fixed absolute times `{at: [1000 s, 1300 s]}`."""
Hours: TypeAlias = Annotated[WorkingHours, Reader(lambda value, _folder: read_hours(value), schemas.HOURS)]
"""Weekly working hours."""
Demand: TypeAlias = Annotated[Profile, Reader(read_demand, schemas.DEMAND)]
"""Requests per second over time."""
