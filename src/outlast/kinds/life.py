"""How long items live: ages, lemons, several causes; shared by components and hosts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Name, PositiveDelay, Share
from outlast.kinds.outline import evenly
from outlast.stats.distributions import (
    DETERMINISTIC,
    EMPIRICAL,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    MIXTURE,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    Law,
)


class Lemons(Spec):
    """A fixed part of the fleet fails `factor` times as often, for ever (rounded to whole items).

    share: of the items.  factor: how many times as often they fail.
    """

    share: Share
    factor: float

    @model_validator(mode="after")
    def _worse(self) -> Lemons:
        if not (math.isfinite(self.factor) and self.factor >= 1):
            raise FieldError(f"must be at least 1 (got {self.factor})", at=("factor",))
        return self


class Failure(Spec):
    """One cause of failure: time to it while operating, and its own repair time if it differs.

    every: time to it while operating.  repair: how long it takes, if not as the others.
    """

    every: PositiveDelay
    repair: Delay | None = None


class Mortal(Spec):
    """What fails: `time_to_failure`, or `failures` by cause, racing; `age` of each item at the start.

    time_to_failure: while operating.  failures: causes by name, each with its own time; the first one strikes.
    age: one for all, or a law.  lemons: a part of the fleet that fails more often.
    """

    time_to_failure: PositiveDelay | None = None
    failures: dict[Name, Failure] | None = None
    age: Delay | None = None
    lemons: Lemons | None = None

    def causes(self) -> dict[str, Failure]:
        """Cause -> failure; a single unnamed cause is called "failure"."""
        if self.failures:
            return dict(self.failures)
        return {"failure": Failure(every=self.time_to_failure)} if self.time_to_failure is not None else {}


@dataclass(frozen=True)
class Batch:
    """Identical items: name suffix, how many, and by what their lives are divided."""

    suffix: str
    count: int
    factor: float


def batches(lemons: Lemons | None, count: int, places: int = 1) -> list[list[Batch]]:
    """The fleet as good items and lemons, for every place; lemons are rounded over the fleet, not in each place."""
    bad = round(lemons.share * count) if lemons is not None else 0
    factor = lemons.factor if lemons is not None else 1.0
    split = zip(evenly(count, places), evenly(bad, places), strict=True)
    return [[b for b in (Batch("", n - worse, 1.0), Batch(" lemons", worse, factor)) if b.count] for n, worse in split]


def sooner(law: Law, factor: float) -> Law:
    """The law of X / factor, for factor > 0."""
    return Law(law.kind, *_native(law.kind, law.a, law.b, law.c, factor),
               points=tuple(_point(law.kind, point, factor) for point in law.points),
               label=f"{law.label} / {factor:g}" if factor != 1.0 else law.label)  # fmt: skip


def _native(kind: int, a: float, b: float, c: float, factor: float) -> tuple[float, float, float]:
    """Native parameters of X / factor (see each distribution's file)."""
    if kind in (DETERMINISTIC, EXPONENTIAL, WEIBULL):
        return a / factor, b, c
    if kind == LOGNORMAL:
        return a - math.log(factor), b, c
    if kind == GAMMA:
        return a, b / factor, c
    if kind in (UNIFORM, TRIANGULAR):
        return a / factor, b / factor, c / factor
    if kind in (MIXTURE, EMPIRICAL):
        return a, b, c
    raise ValueError(f"a delay of kind {kind} cannot be scaled")


def _point(kind: int, point: tuple[float, ...], factor: float) -> tuple[float, float, float, float, float]:
    p, part, a, b, c = point
    if kind == EMPIRICAL:
        return p / factor, part, a, b, c
    return p, part, *_native(int(part), a, b, c, factor)
