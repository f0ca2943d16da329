"""Outages of places and links: a unit that is up or down, and is measured."""

from __future__ import annotations

from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, DelayOrScript
from outlast.kinds.laws import Script
from outlast.kinds.platform import Platform
from outlast.program import count_of, emit
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law, deterministic


class Outage(Spec):
    """`every`: up-time to the next outage (or scripted times); `lasts`: how long one takes."""

    every: DelayOrScript
    lasts: Delay


def lower_outage(platform: Platform, name: str, scope: str, outage: Outage | None) -> str:
    """A unit `name outage` of this scope; returns the condition that it is up ("" if it never fails)."""
    if outage is None:
        return ""
    b, unit = platform.builder, f"{name} outage"
    life = b.lifecycle(unit).state("up", tags=["up"]).state("down")
    if isinstance(outage.every, Law):
        life.after(outage.every, "up", "down", origin=True)
    life.on("strike", "up", "down").after(outage.lasts, "down", "up")
    b.group(f"{name} up")
    b.cohort(unit, life, member={f"{name} up": ["up"]}, component=name, scope=scope)
    if isinstance(outage.every, Script):
        script(platform, unit, unit, outage.every, name, scope)
    return b.condition(f"{name} stands", count_of(f"{name} up"), 1)


def script(platform: Platform, name: str, target: str, times: Script, component: str, scope: str,
           signal: str = "strike") -> None:  # fmt: skip
    """A unit that sends `signal` to the unit `target`, of this component and scope, at fixed times."""
    b = platform.builder
    life: Lifecycle = b.lifecycle(f"{name} script")
    for i, (before, at) in enumerate(zip((0.0, *times.times), times.times, strict=False)):
        life.state(str(i))
        life.after(deterministic(at - before), str(i), str(i + 1), do=[emit("target", signal)], origin=True)
    life.state(str(len(times.times)))
    b.cohort(f"{name} script", life, bind={"target": target}, component=component, scope=scope)
