"""What an OpenSLO v1 object may hold.  Source: the OpenSLO specification, version 1 (https://openslo.com)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from outlast.errors import FieldError, shown

KINDS = ("AlertCondition", "AlertNotificationTarget", "AlertPolicy", "DataSource", "SLI", "SLO", "Service")
_SHORTHAND = re.compile(r"([1-9][0-9]{0,8})([mhdwMQY])")


def _shorthand(text: str) -> str:
    if not _SHORTHAND.fullmatch(text):
        raise FieldError(
            f"not a duration (got {shown(text)})", "write a whole number and one of m, h, d, w, M, Q, Y: `28d`"
        )
    return text


def split(shorthand: str) -> tuple[int, str]:
    """`28d` as (28, "d")."""
    found = _SHORTHAND.fullmatch(shorthand)
    assert found is not None  # the model has checked it
    return int(found[1]), found[2]


Shorthand = Annotated[str, AfterValidator(_shorthand)]


class Part(BaseModel):
    """Unknown fields are errors: a misspelt target must not be lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Metadata(Part):
    name: Annotated[str, Field(min_length=1)]
    displayName: str = ""
    labels: dict[str, Any] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class Calendar(Part):
    startTime: str
    timeZone: str


class TimeWindow(Part):
    duration: Shorthand
    isRolling: bool = False
    calendar: Calendar | None = None


class SliSpec(Part):
    description: str = ""
    thresholdMetric: dict[str, Any] | None = None
    ratioMetric: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one(self) -> SliSpec:
        if (self.thresholdMetric is None) == (self.ratioMetric is None):
            raise FieldError("needs exactly one of `ratioMetric` and `thresholdMetric`")
        return self


class Indicator(Part):
    metadata: Metadata | None = None
    spec: SliSpec


class Goal(Part):
    displayName: str = ""
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None
    target: Annotated[float, Field(ge=0, lt=1)] | None = None
    targetPercent: Annotated[float, Field(ge=0, lt=100)] | None = None
    timeSliceTarget: Annotated[float, Field(gt=0, le=1)] | None = None
    timeSliceWindow: Shorthand | Annotated[float, Field(gt=0)] | None = None
    indicator: dict[str, Any] | None = None
    indicatorRef: str | None = None
    compositeWeight: float | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Goal:
        if (self.target is None) == (self.targetPercent is None):
            raise FieldError("needs exactly one of `target` and `targetPercent`", at=("target",))
        return self

    @property
    def share(self) -> float:
        """Its target in [0, 1)."""
        return self.target if self.target is not None else (self.targetPercent or 0.0) / 100.0


class SloSpec(Part):
    description: str = ""
    service: Annotated[str, Field(min_length=1)]
    indicator: Indicator | None = None
    indicatorRef: str | None = None
    timeWindow: Annotated[list[TimeWindow], Field(max_length=1)] = Field(default_factory=list)
    budgetingMethod: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: Annotated[list[Goal], Field(min_length=1)]
    alertPolicies: list[Any] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> SloSpec:
        if self.indicator is not None and self.indicatorRef is not None:
            raise FieldError("cannot be given beside `indicator`", "keep one of the two", at=("indicatorRef",))
        for i, goal in enumerate(self.objectives):
            if self.budgetingMethod == "Timeslices" and goal.timeSliceTarget is None:
                raise FieldError("needs a `timeSliceTarget` with Timeslices", at=("objectives", i))
            if self.budgetingMethod != "Occurrences" and goal.timeSliceWindow is None:
                raise FieldError(f"needs a `timeSliceWindow` with {self.budgetingMethod}", at=("objectives", i))
        return self


class Slo(Part):
    apiVersion: str
    kind: Literal["SLO"]
    metadata: Metadata
    spec: SloSpec


class Sli(Part):
    apiVersion: str
    kind: Literal["SLI"]
    metadata: Metadata
    spec: SliSpec
