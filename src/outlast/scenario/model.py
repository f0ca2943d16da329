"""The top of a scenario file: sections, defaults, objectives, variants."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, create_model, field_validator, model_validator

from outlast.errors import FieldError, shown
from outlast.kinds.base import Kind, Spec, component_kinds
from outlast.kinds.fields import Count, CountOrZero, Currency, Duration, DurationOrZero, Name, Share
from outlast.kinds.link import Link
from outlast.kinds.platform import YEAR_S
from outlast.kinds.provider import Provider
from outlast.kinds.region import Region
from outlast.kinds.shock import Shock
from outlast.kinds.team import TeamSpec
from outlast.scenario.agreement import Agreement
from outlast.units import UnitError, is_money, parse, parse_price

MOST_REPLICATIONS = 1_000_000
RECOVERY = ("rto", "rpo")  # measures that have a distribution over outages or losses


class Objective(Spec):
    """A bound on a measure of a component: exactly one of `at_least` and `at_most`, with its unit. quantile: of the
    recovery times (`rto`) or losses (`rpo`), in place of their mean."""

    of: str
    measure: str
    at_least: str | float | None = None
    at_most: str | float | None = None
    window: Duration | None = None
    scope: str = ""
    quantile: Share | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Objective:
        if self.quantile is not None and (self.measure not in RECOVERY or not 0.0 < self.quantile < 1.0):
            raise FieldError("quantiles strictly between 0 and 1 are known of `rto` and `rpo`", at=("quantile",))
        if (self.at_least is None) == (self.at_most is None):
            raise FieldError("needs exactly one of `at_least` and `at_most`")
        return self

    def bound(self, unit: str) -> float:
        """The bound in the unit of its measure.  Raises UnitError for the wrong dimension."""
        value = self.at_least if self.at_least is not None else self.at_most
        return quantity(value, unit)


def quantity(value: object, unit: str) -> float:
    """A bound in the unit of its measure, from text with a unit or a number.  Raises UnitError."""
    if unit in ("share", "s"):
        return parse(value, {"share": "share", "s": "duration"}[unit], zero=True)
    if is_money(unit):
        price, (currency, _, _) = parse_price(value), unit.partition("/")
        if price.currency != currency:
            raise UnitError(f"{price.written} is not in {currency}", "write bounds in the currency of the prices")
        return price.amount * YEAR_S
    number = math.nan
    if isinstance(value, str | int | float):
        with suppress(ValueError):
            number = float(value.strip().removesuffix(unit) if isinstance(value, str) else value)
    if not math.isfinite(number):
        raise UnitError(f"not a number of {unit} (got {shown(value)})", f"write `12` or `12 {unit}`")
    return number


class ScenarioSpec(Spec):
    """Everything a scenario file can say."""

    scenario: Name
    description: str = ""
    horizon: Duration
    warm_up: DurationOrZero = 0.0
    window: Duration | None = None
    replications: Count = 100
    seed: CountOrZero = 1
    currency: Currency | None = None
    providers: dict[Name, Provider | None] = Field(default_factory=dict)
    regions: dict[Name, Region | None] = Field(default_factory=dict)
    links: dict[Name, Link] = Field(default_factory=dict)
    teams: dict[Name, TeamSpec] = Field(default_factory=dict)
    components: dict[Name, Any] = Field(default_factory=dict)
    shocks: dict[Name, Shock] = Field(default_factory=dict)
    objectives: list[Objective] = Field(default_factory=list)
    agreements: dict[Name, Agreement] = Field(default_factory=dict)
    starts: str | None = None
    thresholds: dict[str, str | list[str]] = Field(default_factory=dict)
    tolerances: dict[str, str | float] = Field(default_factory=dict)
    variants: dict[Name, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("replications")
    @classmethod
    def _countable(cls, replications: int) -> int:
        if replications > MOST_REPLICATIONS:
            raise FieldError(f"at most {MOST_REPLICATIONS:,} replications are possible (got {replications:,})")
        return replications

    @field_validator("starts", mode="before")
    @classmethod
    def _monday(cls, starts: object) -> object:
        if starts is None:
            return None
        try:
            day = date.fromisoformat(str(starts))
        except ValueError:
            raise FieldError(f"not a date (got {shown(starts)})", "write it as 2029-01-01") from None
        if day.weekday() != 0:
            before = day - timedelta(days=day.weekday())
            raise FieldError(f"time 0 is a Monday, {day} is a {day:%A}", f"write {before}")
        return day.isoformat()

    @property
    def measuring_window(self) -> float:
        """Seconds of a window, 0 for a single one: `window`, else that of an objective, else what agreements about
        requests are summed from."""
        if self.window is not None:
            return float(self.window)
        asked = (float(o.window) for o in self.objectives if o.window is not None)
        return next(asked, next((a.step for a in self.agreements.values() if a.measure == "requests"), 0.0))


def scenario_model() -> type[ScenarioSpec]:
    """The model with the component kinds there are: a union told apart by `kind`."""
    return _model_of(tuple(component_kinds().values()))


@cache
def _model_of(kinds: tuple[type[Kind], ...]) -> type[ScenarioSpec]:
    union: Any = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    component = Field(discriminator="kind")
    return create_model("ScenarioSpec", __base__=ScenarioSpec,
                        components=(dict[Name, Annotated[union, component]], Field(default_factory=dict)))  # fmt: skip


__all__ = ["Kind", "Literal", "Objective", "ScenarioSpec", "Share", "scenario_model"]
