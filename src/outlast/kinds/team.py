"""`team`: a repair crew or on-call rota, with a weekly calendar."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Kind
from outlast.kinds.fields import Count, CountOrZero, Hours
from outlast.kinds.money import PeoplePrices
from outlast.kinds.platform import Platform, Team
from outlast.program import value_of
from outlast.units import format_share

WEEK_S = 7 * 86_400.0


class TeamSpec(Kind):
    """people: how many jobs at once.  hours: when they begin new work; time 0 of a run is Monday 00:00.
    on_call: how many people begin new work outside the hours.

    Work begun goes on past the end of a shift unless the work itself says otherwise (`repair.works: in_hours`).
    """

    in_components: ClassVar[bool] = False
    people: Count
    hours: Hours = Field("always", validate_default=True)
    on_call: CountOrZero = 0
    cost: PeoplePrices | None = None

    @model_validator(mode="after")
    def _consistent(self) -> TeamSpec:
        if self.cost is not None and self.cost.on_call is not None and not self.on_call:
            raise FieldError("nobody is on call", "add `on_call: 1` to the team", at=("cost", "on_call"))
        if self.on_call and self.hours.always():
            raise FieldError("has no effect: the team works always", "give `hours`, or raise `people`", at=("on_call",))
        return self

    def lower(self, name: str, platform: Platform) -> None:
        """A pool of people, and a profile and condition of the hours."""
        b, pool = platform.builder, f"team {name}"
        if self.hours.always():
            b.pool(pool, self.people)
            platform.teams[name] = Team(pool)
        else:
            b.profile(f"{pool} hours", WEEK_S, [(at, on) for at, on in self.hours.steps()])
            b.pool(pool, profile=f"{pool} people")
            on_duty = b.condition(f"{pool} on duty", value_of(f"{pool} hours"), 1)
            platform.teams[name] = Team(pool, on_duty, f"{pool} hours", self.on_call > 0)
        busy = b.meter(f"{pool} busy", ("busy", pool))
        queue = b.meter(f"{pool} queue", ("queue", pool))
        platform.measure(pool, "busy_people", "1", "mean number of people at work", "time_mean", ((1.0, busy),))
        platform.measure(pool, "queue", "1", "mean number of jobs waiting", "time_mean", ((1.0, queue),),
                         better="lower")  # fmt: skip
        worked = self.people * self.hours.share() + self.on_call * (1.0 - self.hours.share())
        platform.measure(pool, "utilisation", "share", "mean people at work / mean people on duty", "time_mean",
                         ((1.0 / worked, busy),))  # fmt: skip
        if self.cost is not None:
            on, ledger = self.hours.share(), platform.ledger
            ledger.charge(pool, "people", self.cost.person, f"{self.people} people x {format_share(on)} of the week",
                          self.people * on)  # fmt: skip
            ledger.charge(pool, "people", self.cost.on_call, f"{self.on_call} on call x {format_share(1.0 - on)} of "
                          "the week", self.on_call * (1.0 - on))  # fmt: skip

    def staff(self, name: str, platform: Platform) -> None:
        """People follow the hours.  To be called after everything that reads the hours is lowered: profiles step in
        the order of declaration (R2), and work that begins with a shift must see that the shift has begun."""
        if not self.hours.always():
            steps = [(at, self.people if on else self.on_call) for at, on in self.hours.steps()]
            platform.builder.profile(f"team {name} people", WEEK_S, steps)
