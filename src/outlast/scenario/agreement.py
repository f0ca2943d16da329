"""Service level agreements: what is counted in a contract window, what is left out, and what it costs to miss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import accumulate, cycle, pairwise, takewhile
from math import floor, prod
from typing import Annotated, Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Spec
from outlast.kinds.fields import Duration, DurationOrZero, Name, Share

DAY_S = 86_400.0
MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # of a common year
ROUND_OFF = 1e-9  # of window edges, relative

Spans = list[tuple[float, float]]


class Tier(Spec):
    """A share of the fee that is paid back when the measured value is below a level."""

    below: Share
    credit: Share


class Excludes(Spec):
    """Down time that does not count: by scope or by name of the cause (`*` stands for anything), and outages up to a
    grace; of longer ones everything counts, or only the part beyond it."""

    scopes: list[str] = Field(default_factory=list)
    causes: list[str] = Field(default_factory=list)
    grace: DurationOrZero = 0.0
    longer_outages: Literal["count", "count_beyond_grace"] = "count"


class Rolling(Spec):
    """Overlapping windows: one of this length begins every so often."""

    length: Duration
    every: Duration


class Composed(Spec):
    """Things in series (`all_of`) or in parallel (`any_of`), nested."""

    all_of: Annotated[list[Name | Composed], Field(min_length=1)] | None = None
    any_of: Annotated[list[Name | Composed], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Composed:
        if (self.all_of is None) == (self.any_of is None):
            raise FieldError("needs exactly one of `all_of` and `any_of`")
        return self

    @property
    def parts(self) -> list[str | Composed]:
        return list(self.all_of or self.any_of or [])

    def leaves(self) -> Iterator[str]:
        """Names in it, in order."""
        for part in self.parts:
            if isinstance(part, Composed):
                yield from part.leaves()
            else:
                yield part

    def availability(self, of: Mapping[str, float]) -> float:
        """As if everything in it were independent: products of availabilities and of unavailabilities."""
        each = [p.availability(of) if isinstance(p, Composed) else of[p] for p in self.parts]
        return prod(each) if self.all_of is not None else 1.0 - prod(1.0 - a for a in each)


class Agreement(Spec):
    """`at_least` of a component in every `window`, measured one of the ways that contracts do.

    measure: `time` (seconds reachable); `intervals` (of `interval` length, by default the mean of their error rates;
    bad_if: an interval counts as bad if it is down at any time, as a whole, or when it starts); `error_minutes` (those
    whose error rate is above `error_rate`, in runs of at least `least_run`); `requests` (share answered well). An error
    rate is the share of an interval that is down. owed_by: who owes it to us (a provider); without it, we owe it to
    customers. credits: share of the fee by tier, `credit_cap` at most. composed_of: what `of` depends on, for the
    availability it would have if these were independent.
    """

    of: str
    at_least: Share
    window: Literal["month"] | Duration | Rolling = "month"
    measure: Literal["time", "intervals", "error_minutes", "requests"] = "time"
    interval: Duration = Field("5 min", validate_default=True)
    bad_if: Literal["mean", "any", "whole", "start"] = "mean"
    error_rate: Share = Field("5 %", validate_default=True)
    least_run: DurationOrZero = 0.0
    excludes: Excludes = Excludes()
    owed_by: str | None = None
    credits: list[Tier] = Field(default_factory=list)
    credit_cap: Share = Field("100 %", validate_default=True)
    composed_of: Composed | None = None
    description: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Agreement:
        told = self.model_fields_set
        for name, measures in (("interval", ("intervals",)), ("bad_if", ("intervals",)),
                               ("error_rate", ("error_minutes",)), ("least_run", ("error_minutes",))):  # fmt: skip
            if name in told and self.measure not in measures:
                raise FieldError(f"has no meaning for the measure `{self.measure}`", "remove it", at=(name,))
        if self.measure == "requests" and "excludes" in told:
            raise FieldError("requests cannot be told apart by outage", "measure `time` instead", at=("excludes",))
        if self.credit_cap < 1.0 and not self.credits:
            raise FieldError("has no meaning without `credits`", at=("credit_cap",))
        if self.excludes.longer_outages != "count" and self.excludes.grace == 0.0:
            raise FieldError("has no meaning without a grace", at=("excludes", "longer_outages"))
        for i, (worse, better) in enumerate(zip(self.credits[1:], self.credits, strict=False), start=1):
            if not (worse.below < better.below and worse.credit > better.credit):
                raise FieldError("a lower level needs a larger credit than the one before it",
                                 "write tiers from the highest level down", at=("credits", i))  # fmt: skip
        return self

    def spans(self, starts: str | None, warm_up: float, horizon: float) -> Spans:
        """Start and end of every whole window between the warm-up and the horizon, seconds."""
        if self.window == "month":
            edges = month_edges(starts, horizon)
            return [(a, b) for a, b in pairwise(edges) if a >= warm_up]
        length, every = (
            (self.window.length, self.window.every) if isinstance(self.window, Rolling) else (self.window, self.window)
        )
        count = floor((horizon - warm_up - length) / every + ROUND_OFF) + 1
        begins = [warm_up + k * every for k in range(max(count, 0))]
        return [(begin, min(begin + length, horizon)) for begin in begins]

    @property
    def step(self) -> float:
        """Length of the measuring windows that its windows are made of, seconds."""
        if self.window == "month":
            return DAY_S
        return self.window.every if isinstance(self.window, Rolling) else float(self.window)


def month_edges(starts: str | None, horizon: float) -> list[float]:
    """Seconds at which months begin, up to the horizon. starts: date of time 0; None: 1 January of common years."""
    if starts is None:
        days: Iterator[int] = accumulate(cycle(MONTHS), initial=0)
    else:
        first = date.fromisoformat(starts)
        days = ((month - first).days for month in _months(first))
    return list(takewhile(lambda at: at <= horizon, (day * DAY_S for day in days)))


def _months(first: date) -> Iterator[date]:
    """First days of months from a date on."""
    month = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while True:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)
