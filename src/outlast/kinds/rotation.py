"""Which regions and zones get requests: health watches, active and standby regions, failover and failback."""

from __future__ import annotations

from pydantic import Field

from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay
from outlast.kinds.platform import Place, Platform
from outlast.program import count_of
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law, deterministic


class Failback(Spec):
    """hold: how long the region must have been well; takes: the move back; disruptive: requests fail meanwhile."""

    hold: Delay = Field("0 s", validate_default=True)
    takes: Delay = Field("0 s", validate_default=True)
    disruptive: bool = False


class RegionFailover(Spec):
    """detect: until the loss of a region is noticed; decide: until somebody or something acts; shift: until requests
    go elsewhere (DNS, load balancers).
    failback: how it goes back.
    """

    detect: Delay = Field("0 s", validate_default=True)
    decide: Delay = Field("0 s", validate_default=True)
    shift: Delay = Field("0 s", validate_default=True)
    failback: Failback = Failback()


def lower_zone_watch(platform: Platform, where: str, component: str, zone: Place, detection: Law) -> str:
    """Condition that the zone is in rotation: it leaves `detection` after it is lost and returns with it."""
    b, unit = platform.builder, f"{where} watch"
    life = Lifecycle(f"{component} zone watch").state("in", tags=["in"]).state("suspect", tags=["in"]).state("out")
    life.on("lost", "in", "suspect").on("back", "suspect", "in").on("back", "out", "in")
    life.after(detection, "suspect", "out")
    b.group(f"{where} watched in")
    b.cohort(unit, life, member={f"{where} watched in": ["in"]}, component=component, scope="zone")
    b.listen(zone.ok, unit, rise="back", fall="lost")
    return b.condition(f"{where} is in", count_of(f"{where} watched in"), 1)


def _steps(life: Lifecycle, failover: RegionFailover, well: str, last: str) -> None:
    """detect, decide, shift; a region that returns before the shift has begun calls it off."""
    for state, part in (("detecting", "detect"), ("deciding", "decide"), ("shifting", "shift")):
        life.state(state, tags=["in"], part=part)
    life.on("lost", well, "detecting")
    life.after(failover.detect, "detecting", "deciding").after(failover.decide, "deciding", "shifting")
    life.on("back", "detecting", well).on("back", "deciding", well)
    life.after(failover.shift, "shifting", last)


def lower_rotation(platform: Platform, name: str, failover: RegionFailover, region: Place) -> str:
    """Condition that an active region is in rotation, "" if it never fails."""
    if not region.ok:
        return ""
    b, unit = platform.builder, f"{name} rotation {region.name}"
    life = Lifecycle(f"{name} rotation").state("in", tags=["in"])
    _steps(life, failover, "in", "out")
    life.state("out").state("returning", tags=["in"] if not failover.failback.disruptive else [])
    life.after(failover.failback.hold, "out", "returning", when=["well"])
    life.after(failover.failback.takes, "returning", "in", when=["well"])
    life.after(deterministic(0.0), "returning", "out", when=["!well"])
    b.group(f"{unit} in")
    b.cohort(unit, life, bind={"well": region.ok}, member={f"{unit} in": ["in"]}, component=name, scope="failover")
    b.listen(region.ok, unit, rise="back", fall="lost")
    return b.condition(f"{unit} is in", count_of(f"{unit} in"), 1)


def lower_failover(platform: Platform, name: str, failover: RegionFailover, primary: Place, standby: Place,
                   primary_well: str, standby_well: str) -> dict[str, str]:  # fmt: skip
    """Region -> condition that it gets requests; the primary is lost when no replica is ready in a working zone."""
    b, unit = platform.builder, f"{name} failover"
    life = Lifecycle(unit).state("on primary", tags=["in"])
    _steps(life, failover, "on primary", "on standby")
    life.state("on standby", tags=["standby"])
    life.state("failing back", tags=[] if failover.failback.disruptive else ["standby"], part="failback")
    guards = ["well"]
    life.after(failover.failback.hold, "on standby", "failing back", when=guards)
    life.after(deterministic(0.0), "on standby", "failing back", when=["well", "!standby well"], name="standby lost")
    life.after(failover.failback.takes, "failing back", "on primary", when=guards)
    life.after(deterministic(0.0), "failing back", "on standby", when=["!well"])
    for group in ("on primary", "on standby"):
        b.group(f"{unit} {group}")
    member = {f"{unit} on primary": ["in"], f"{unit} on standby": ["standby"]}
    bound = {"well": primary_well, "standby well": standby_well}
    b.cohort(unit, life, bind=bound, member=member, component=name, scope="failover")
    b.listen(primary_well, unit, rise="back", fall="lost")
    on_standby = ((1.0, b.meter(f"{name} standby_time", ("group", f"{unit} on standby"))),)
    platform.measure(name, "standby_time", "share", "time that requests go to the standby region / time", "share",
                     on_standby, better="lower")  # fmt: skip
    return {primary.name: b.condition(f"{unit} uses primary", count_of(f"{unit} on primary"), 1),
            standby.name: b.condition(f"{unit} uses standby", count_of(f"{unit} on standby"), 1)}  # fmt: skip
