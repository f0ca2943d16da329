"""Repair: who does it, in what order, in which hours, and what it leaves behind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Name, Share
from outlast.kinds.platform import Path, Platform, Team
from outlast.program import forget, release, request, value_of
from outlast.program.model import Lifecycle
from outlast.program.verbs import Effect
from outlast.stats.distributions import Law


class Imperfect(Spec):
    """The item keeps this share of its age (Kijima's second model).

    keeps: the share of its age.
    """

    keeps: Share


class Repair(Spec):
    """lasts: hands-on time.  team: who does it (nobody to wait for if left out).  priority: 0 is served first;
    preempts: takes people from work of a worse priority, which later `resume`s or `restart`s.
    works: `through` the end of a shift, or `in_hours` only.  slower_off_hours: factor on work that people on call
    begin outside the team's hours.  effect: the item is then as new, as old, or keeps a share of its age.
    when_preempted: `resume` goes on with what is left, `restart` begins again.
    """

    lasts: Delay
    team: Name | None = None
    priority: Annotated[int, Field(ge=0, le=2)] = 1
    preempts: bool = False
    when_preempted: Literal["resume", "restart"] = "resume"
    works: Literal["through", "in_hours"] = "through"
    slower_off_hours: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] = 1.0
    effect: Literal["as_new", "as_old"] | Imperfect = "as_new"

    @model_validator(mode="after")
    def _team_fields(self) -> Repair:
        if self.team is None and (self.preempts or self.works == "in_hours" or self.slower_off_hours > 1):
            raise FieldError("`preempts`, `works: in_hours` and `slower_off_hours` need a team", "add `team: NAME`")
        if self.works == "in_hours" and self.slower_off_hours > 1:
            raise FieldError("work `in_hours` never goes on outside them", "remove one of the two",
                             at=("slower_off_hours",))  # fmt: skip
        return self

    def ages(self) -> bool:
        """True if the item does not always come back as new."""
        return self.effect != "as_new"

    def kept_age(self) -> float:
        """Share of its age that an item keeps."""
        return {"as_new": 0.0, "as_old": 1.0}[self.effect] if isinstance(self.effect, str) else self.effect.keeps

    def resolve(self, platform: Platform, path: Path) -> Team | None:
        """The team, if one is named and known."""
        team = platform.team(self.team, (*path, "team")) if self.team is not None else None
        if team is not None and self.slower_off_hours > 1 and not team.on_call:
            platform.problem((*path, "slower_off_hours"), f"team {self.team!r} begins no work outside its hours",
                             "give the team `hours` and people `on_call`, or remove this")  # fmt: skip
        return team

    def ask(self, team: Team | None) -> list[Effect]:
        """What a failed item does first: queue for the team."""
        if team is None:
            return []
        return [request("team", self.priority, preempt=self.preempts, revoked="revoked")]

    def rows(self, life: Lifecycle, team: Team | None, back_to: str, *, lasts: Law | None = None,
             waiting: str = "waiting", repairing: str = "repairing", when: tuple[str, ...] = (),
             aged_rows: tuple[str, ...] = ()) -> None:  # fmt: skip
        """Rows from waiting and repairing back to work.  lasts: another law than the usual one; when: guards of the
        hands-on time; aged_rows: rows whose age the repair resets."""
        law = lasts or self.lasts
        done = [forget(row, self.kept_age()) for row in aged_rows if self.kept_age() < 1.0]
        if team is None:
            life.after(law, repairing, back_to, do=done, when=when, policy="resume" if when else "resample")
            return
        row, again = f"{repairing} done", self.ask(team)
        lost = [forget(row)] if self.when_preempted == "restart" else []
        life.on("granted", waiting, repairing).on("revoked", waiting, waiting, do=again)
        life.on("revoked", repairing, waiting, do=[*again, *lost])
        life.after(law, repairing, back_to, do=[release("team"), *done], name=row, policy="resume",
                   when=(*when, "on duty") if self._in_hours(team) else when,
                   scale=value_of("pace") if self._paced(team) else None)  # fmt: skip

    def _in_hours(self, team: Team) -> bool:
        return self.works == "in_hours" and team.on_duty != ""

    def _paced(self, team: Team) -> bool:
        return self.slower_off_hours > 1 and team.hours != ""

    def first_state(self, team: Team | None) -> str:
        """Where a failed item goes."""
        return "waiting" if team is not None else "repairing"

    def bind(self, name: str, team: Team | None, platform: Platform) -> dict[str, str]:
        """Objects behind the slots of `rows`; makes the profile of the pace if there is one."""
        if team is None:
            return {}
        bound = {"team": team.pool}
        if self._in_hours(team):
            bound["on duty"] = team.on_duty
        if self._paced(team):
            hours = platform.builder.profiles[team.hours]
            steps = [(at, 1.0 if on else self.slower_off_hours) for at, on in hours.steps]
            bound["pace"] = f"{name} pace"
            if bound["pace"] not in platform.builder.profiles:
                platform.builder.profile(bound["pace"], hours.period, steps)
        return bound
