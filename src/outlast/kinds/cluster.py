"""Failover of a redundant component: covered or not, each interruption has its own length."""

from __future__ import annotations

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Share
from outlast.kinds.platform import Platform
from outlast.program import Case, count_of


class Failover(Spec):
    """When an item fails while all are up, the component is down for `takes` (with probability `coverage`) or for
    `uncovered`; meanwhile nothing else fails and no repair advances.
    takes: the down time of a failover that works.  coverage: the probability that it works.  uncovered: the down
    time of one that does not.
    """

    takes: Delay
    coverage: Share = 1.0
    uncovered: Delay | None = Field(None)

    @model_validator(mode="after")
    def _both(self) -> Failover:
        if self.coverage < 1 and self.uncovered is None:
            raise FieldError("coverage is below 100 % but `uncovered` does not say how long the rest takes",
                             "add `uncovered: 10 min`", at=("coverage",))  # fmt: skip
        return self


def lower_failover(platform: Platform, name: str, failover: Failover, count: int) -> str:
    """A unit that reconfigures; returns the condition that it is not doing so."""
    b, unit = platform.builder, f"{name} failover"
    life = b.lifecycle(unit).state("steady", tags=["up"]).state("reconfiguring", part="failover")
    life.state("rebooting", part="uncovered")
    cases = [Case(failover.coverage, "reconfiguring")]
    if failover.coverage < 1:
        cases.append(Case(1.0 - failover.coverage, "rebooting"))
    life.on("lost", "steady", cases=cases, when=["all up"])
    life.after(failover.takes, "reconfiguring", "steady")
    life.after(failover.uncovered or failover.takes, "rebooting", "steady")
    b.group(f"{name} steady")
    b.condition(f"{name} all up", count_of(f"{name} up"), count)
    b.cohort(
        unit,
        life,
        bind={"all up": f"{name} all up"},
        member={f"{name} steady": ["up"]},
        component=name,
        scope="failover",
    )
    return b.condition(f"{name} is steady", count_of(f"{name} steady"), 1)
