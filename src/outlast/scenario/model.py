"""The top of a scenario file: sections, defaults, objectives, variants."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, create_model, field_validator, model_validator

from outlast.errors import FieldError, shown
from outlast.kinds.base import Kind, Spec, component_kinds
from outlast.kinds.fields import Count, CountOrZero, Duration, DurationOrZero, Name, Share
from outlast.kinds.link import Link
from outlast.kinds.provider import Provider
from outlast.kinds.region import Region
from outlast.kinds.shock import Shock
from outlast.kinds.team import TeamSpec
from outlast.units import UnitError, parse

MOST_REPLICATIONS = 1_000_000


class Objective(Spec):
    """A bound on a measure of a component: exactly one of `at_least` and `at_most`, with its unit."""

    of: str
    measure: str
    at_least: str | float | None = None
    at_most: str | float | None = None
    window: Duration | None = None
    scope: str = ""

    @model_validator(mode="after")
    def _one_bound(self) -> Objective:
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
    try:
        number = float(value.strip().removesuffix(unit) if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
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
    providers: dict[Name, Provider | None] = Field(default_factory=dict)
    regions: dict[Name, Region | None] = Field(default_factory=dict)
    links: dict[Name, Link] = Field(default_factory=dict)
    teams: dict[Name, TeamSpec] = Field(default_factory=dict)
    components: dict[Name, Any] = Field(default_factory=dict)
    shocks: dict[Name, Shock] = Field(default_factory=dict)
    objectives: list[Objective] = Field(default_factory=list)
    thresholds: dict[str, str | list[str]] = Field(default_factory=dict)
    tolerances: dict[str, str | float] = Field(default_factory=dict)
    variants: dict[Name, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("replications")
    @classmethod
    def _countable(cls, replications: int) -> int:
        if replications > MOST_REPLICATIONS:
            raise FieldError(f"at most {MOST_REPLICATIONS:,} replications are possible (got {replications:,})")
        return replications

    @property
    def measuring_window(self) -> float:
        """Seconds of a window, 0 for a single one: `window`, else the window of an objective."""
        if self.window is not None:
            return float(self.window)
        return next((float(o.window) for o in self.objectives if o.window is not None), 0.0)


def scenario_model() -> type[ScenarioSpec]:
    """The model with the component kinds there are: a union told apart by `kind`."""
    kinds = tuple(component_kinds().values())
    union: Any = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    component = Field(discriminator="kind")
    return create_model("ScenarioSpec", __base__=ScenarioSpec,
                        components=(dict[Name, Annotated[union, component]], Field(default_factory=dict)))  # fmt: skip


__all__ = ["Kind", "Literal", "Objective", "ScenarioSpec", "Share", "scenario_model"]
