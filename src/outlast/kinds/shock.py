"""Shocks: one instant that hits several things, each with a probability (common cause, partial hits)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from outlast.kinds.base import Kind
from outlast.kinds.fields import DelayOrScript, Name, Share
from outlast.kinds.laws import Script
from outlast.kinds.outage import script
from outlast.kinds.platform import Platform
from outlast.program import scatter


class Shock(Kind):
    """every: wall-clock time between shocks.  strikes: components or places; each of their units that is up at that
    instant fails with probability `each`, independently."""

    in_components: ClassVar[bool] = False
    every: DelayOrScript
    strikes: Annotated[list[Name], Field(min_length=1)]
    each: Share = 1.0

    def lower(self, name: str, platform: Platform) -> None:
        """A unit that strikes the members of groups `target up`."""
        b, unit = platform.builder, f"shock {name}"
        hit = [scatter(f"{t} up", "strike", ["up"], order="each", p=self.each) for t in self.strikes]
        life = b.lifecycle(unit).state("armed")
        if isinstance(self.every, Script):
            life.on("strike", "armed", do=hit)
            script(platform, unit, unit, self.every, name, "shock")
        else:
            life.after(self.every, "armed", do=hit, origin=True)
        b.cohort(unit, life, component=name, scope="shock")
        for i, target in enumerate(self.strikes):
            if f"{target} up" not in b.groups:
                platform.problem(("shocks", name, "strikes", i), f"{target!r} has no units that can fail",
                                 "name a component, or a place with an `outage`")  # fmt: skip
