"""Standby items: a few are active, the others wait, cold or warm."""

from __future__ import annotations

from pydantic import Field

from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Share
from outlast.kinds.life import sooner
from outlast.kinds.platform import Team
from outlast.kinds.repair import Repair
from outlast.program import forget, release, request
from outlast.program.model import Lifecycle
from outlast.program.verbs import Effect
from outlast.stats.distributions import Law, deterministic


class Standby(Spec):
    """Of `count` items `needs_up` are active.  dormancy: failure rate in standby as a share of the active one
    (0 = cold: cannot fail); switch_over: from being chosen to being active."""

    dormancy: Share = 0.0
    switch_over: Delay = Field("0 s", validate_default=True)


def standby_lifecycle(life: Lifecycle, standby: Standby, ttf: Law, repair: Repair | None, team: Team | None,
                      guards: tuple[str, ...], surge: list[Effect]) -> Lifecycle:  # fmt: skip
    """Items claim one of the active slots; at the start the first ones are active at once.

    A standby that takes over starts a fresh life (exact for exponential lives, else an assumption).
    """
    first, ask = (repair.first_state(team), repair.ask(team)) if repair is not None else ("failed", [])
    instant = standby.switch_over.kind == 0 and standby.switch_over.a == 0.0
    life.state("new").state("claiming").state("active", tags=["up"]).state("standby").state("switching")
    for state in ("waiting", "repairing", "failed"):
        life.state(state, tags=["failed", *(["waiting"] if state == "waiting" else [])])
    life.after(deterministic(0.0), "new", "claiming", do=[request("slots")])
    life.on("granted", "claiming", "active").after(deterministic(0.0), "claiming", "standby")
    life.on("granted", "standby", "active" if instant else "switching")
    if instant:
        life.after(deterministic(0.0), "switching", "active")
    else:
        life.after(standby.switch_over, "switching", "active")
    failed = [release("slots"), *surge, *ask]
    policy = "resume" if guards else "resample"
    life.after(ttf, "active", first, do=failed, when=guards, origin=True, policy=policy, name="failure")
    over = [forget("failure")] if guards else []  # what was left of the old life is over
    if standby.dormancy > 0:
        over += [forget("failure in standby")] if guards else []
        life.after(sooner(ttf, standby.dormancy), "standby", first, do=failed, when=guards, origin=True, policy=policy,
                   name="failure in standby")  # fmt: skip
    life.on("strike", "active", first, do=[*over, *failed]).on("strike", "standby", first, do=[*over, *failed])
    if repair is None:
        return life
    repair.rows(life, team, "standby")
    rejoin = [r for r in life.rows if r.state == "repairing" and r.law is not None]
    for row in rejoin:
        case = row.cases[0]
        row.cases = (type(case)(case.p, case.target, (*over, *case.do, request("slots"))),)
    return life
