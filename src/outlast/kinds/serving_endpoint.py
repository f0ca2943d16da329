"""`serving_endpoint`: replicas over regions and zones, demand, served and dropped requests, failover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.autoscale import Autoscale, Fleet, add_scaling, check_regions, measure_scaling, of_region
from outlast.kinds.base import Kind, Spec
from outlast.kinds.fields import Count, Delay, Demand, Name, PositiveDelay, Rate, Share
from outlast.kinds.life import evenly
from outlast.kinds.money import ReplicaPrices
from outlast.kinds.platform import Path, Place, Platform
from outlast.kinds.rotation import RegionFailover, lower_failover, lower_rotation, lower_zone_watch
from outlast.program import Site, Term, count_of, rate_of, value_of
from outlast.program.metrics import RECOVERED
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law

ROUND_OFF = 1e-12  # of a share of requests: all of them may come out as 0.9999999999999999


class Replica(Spec):
    """One copy of the model behind the load balancer.

    count: copies per region, one number or by region; if autoscaled, those at the start (`min` if not given).
    detection: until the load balancer stops sending requests to a failed one (they fail meanwhile, or are retried
    elsewhere).  restart: from then until it serves again (cold start).
    """

    count: Count | dict[Name, Count] | None = None
    capacity: Rate
    time_to_failure: PositiveDelay | None = None
    detection: Delay = Field("0 s", validate_default=True)
    restart: Delay = Field("0 s", validate_default=True)


class ServingEndpoint(Kind):
    """regions: `active` ones serve together, in proportion to their replicas in rotation; `standby` ones only after a
    failover.  needs: without these every request fails; degraded_by: without these, requests still succeed with this
    probability.  zone_detection: until a lost zone is taken out of rotation.  retry: share of the requests that hit a
    failed replica and are tried elsewhere.  autoscale: replicas come and go with the use.  available_above: the
    endpoint is down while a smaller share of requests succeeds.  recovered_above: the clock of its recovery time
    already stops at this smaller share.
    """

    kind: Literal["serving_endpoint"]
    regions: Annotated[dict[Name, Literal["active", "standby"]], Field(min_length=1)]
    demand: Demand
    replica: Replica
    needs: list[Name] = Field(default_factory=list)
    degraded_by: dict[Name, Share] = Field(default_factory=dict)
    zone_detection: Delay = Field("0 s", validate_default=True)
    retry: Share = 0.0
    autoscale: Autoscale | None = None
    failover: RegionFailover = RegionFailover()
    available_above: Share = 0.99
    recovered_above: Share | None = None
    cost: ReplicaPrices | None = None
    description: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> ServingEndpoint:
        active = [r for r, role in self.regions.items() if role == "active"]
        if not active:
            raise FieldError("no region is active", "make at least one `active`", at=("regions",))
        if self.recovered_above is not None and not 0.0 < self.recovered_above <= self.available_above:
            raise FieldError("must be above 0 and not above `available_above`", at=("recovered_above",))
        if len(self.regions) > len(active) and len(active) > 1:
            raise FieldError(f"a standby needs exactly one active region (got {len(active)})", at=("regions",))
        if len(self.regions) - len(active) > 1:
            raise FieldError("at most one region can be standby", at=("regions",))
        check_regions(self.replica.count, self.regions, ("replica", "count"))
        if self.autoscale is not None:
            self._check_scaling(self.autoscale)
        elif self.replica.count is None:
            hint = "say how many there are in every region, or give the endpoint an `autoscale`"
            raise FieldError("field required", hint, at=("replica", "count"))
        return self

    def _check_scaling(self, autoscale: Autoscale) -> None:
        check_regions(autoscale.min, self.regions, ("autoscale", "min"))
        check_regions(autoscale.max, self.regions, ("autoscale", "max"))
        for region in self.regions:
            count, (low, high) = of_region(self.replica.count, region), self._bounds(autoscale, region)
            if count is not None and not low <= count <= high:
                at = ("replica", "count", region) if isinstance(self.replica.count, dict) else ("replica", "count")
                raise FieldError(f"must be within the bounds of autoscale, {low} to {high} (got {count})", at=at)

    def _bounds(self, autoscale: Autoscale, region: str) -> tuple[int, int]:
        low, high = of_region(autoscale.min, region), of_region(autoscale.max, region)
        assert low is not None and high is not None  # every region has been looked up
        return low, high

    def references(self) -> Iterator[tuple[Path, str]]:
        """What requests depend on."""
        for i, name in enumerate(self.needs):
            yield ("needs", i), name
        for name in self.degraded_by:
            yield ("degraded_by", name), name

    def lower(self, name: str, platform: Platform) -> None:
        """Replicas by zone, rotation by region, the flow of requests, and the condition that it is good enough."""
        path: Path = ("components", name)
        b = platform.builder
        for group in ("ready", "failed", *(["paid"] if self.autoscale is not None else [])):
            b.group(f"{name} {group}")
        regions = {r: p for r in self.regions if (p := platform.place(r, (*path, "regions", r))) is not None}
        rotation = self._rotation(name, platform, regions)
        terms: list[Term] = []
        for region, place in regions.items():
            terms += self._region(name, platform, place, rotation.get(region, ""))
        needed = {platform.works(n, (*path, "needs", i)): 0.0 for i, n in enumerate(self.needs)}
        for other, share in self.degraded_by.items():  # things that fail together share a condition
            works = platform.works(other, (*path, "degraded_by", other))
            needed[works] = needed.get(works, 1.0) * share
        demand = b.profile(f"{name} demand", self.demand.period_s, self.demand.steps)
        b.service(name + " requests", value_of(demand), [Site("all", tuple(terms))], retry=self.retry,
                  needs={c: f for c, f in needed.items() if c})  # fmt: skip
        good_share = rate_of(f"{name} requests", "good share")
        good = b.condition(f"{name} good", good_share, self.available_above * (1.0 - ROUND_OFF))
        platform.publish(name, [good])
        if self.recovered_above is not None:
            measured = name + RECOVERED
            b.condition(measured, good_share, self.recovered_above * (1.0 - ROUND_OFF), measured=measured)
        self._measures(name, platform)
        if self.autoscale is not None:
            fleets = [(Fleet(name, region), rotation.get(region, "")) for region in regions]
            full = [fleet.control(platform, self.autoscale, listed) for fleet, listed in fleets]
            measure_scaling(platform, name, list(regions.values()), full)
        if self.cost is not None:
            self._charge(name, platform, list(regions), self.cost)

    def _rotation(self, name: str, platform: Platform, regions: dict[str, Place]) -> dict[str, str]:
        """Region -> condition that it gets requests."""
        standby = [r for r in regions if self.regions[r] == "standby"]
        active = [r for r in regions if self.regions[r] == "active"]
        if standby and active:
            return lower_failover(platform, name, self.failover, regions[active[0]], regions[standby[0]],
                                  self._can_serve(name, platform, regions[active[0]]),
                                  self._can_serve(name, platform, regions[standby[0]]))  # fmt: skip
        if len(active) == 1:
            return {}
        return {r: lower_rotation(platform, name, self.failover, regions[r]) for r in active}

    def _can_serve(self, name: str, platform: Platform, region: Place) -> str:
        """Condition that a replica is ready in some zone that works."""
        zones = []
        for zone, *_ in self._zones(platform, region):
            where = f"{name}@{zone.name}"
            ready = platform.builder.condition(f"{where} has replicas", count_of(f"{where} ready"), 1)
            zones.append(platform.every(f"{where} can serve", [zone.ok, ready]))
        return platform.every(f"{name} can serve in {region.name}", zones, at_least=1)

    def _zones(self, platform: Platform, region: Place) -> list[tuple[Place, int, int]]:
        """Zones of a region (or the region itself) that may have replicas: how many at the start, how many more."""
        zones = [platform.places[z] for z in region.zones] or [region]
        first = of_region(self.replica.count, region.name)
        low = high = first or 0
        if self.autoscale is not None:
            low, high = self._bounds(self.autoscale, region.name)
        split = (evenly(n, len(zones)) for n in (low if first is None else first, high))
        return [(zone, n, most - n) for zone, n, most in zip(zones, *split, strict=True) if most]

    def _region(self, name: str, platform: Platform, region: Place, in_rotation: str) -> list[Term]:
        terms: list[Term] = []
        if self.autoscale is not None:
            Fleet(name, region.name).declare(platform)
        for zone, count, more in self._zones(platform, region):
            where = f"{name}@{zone.name}"
            self._replicas(name, platform, region, zone, count, more)
            own = lower_zone_watch(platform, where, name, zone, self.zone_detection) if zone.ok != region.ok else ""
            listed = platform.every(f"{where} in rotation", [in_rotation, own])
            terms.append(Term(f"{where} ready", capacity=self.replica.capacity, live=zone.ok, listed=listed))
            terms.append(Term(f"{where} failed unseen", listed=listed))
        return terms

    def _replicas(self, name: str, platform: Platform, region: Place, zone: Place, count: int, more: int) -> None:
        """Cohorts in one zone: those there are at the start, and those that an autoscaler may add."""
        b, where = platform.builder, f"{name}@{zone.name}"
        for group in ("ready", "failed unseen"):
            b.group(f"{where} {group}")
        life = self._life(name, zoned=bool(zone.ok))
        bind = {"zone": zone.ok} if zone.ok else {}
        member: dict[str, Sequence[str]] = {
            f"{name} ready": ["ready"], f"{name} failed": ["failed"], f"{where} ready": ["ready"],
            f"{where} failed unseen": ["unseen"]}  # fmt: skip
        if self.autoscale is not None:
            member |= Fleet(name, region.name).member()
        for suffix, n, start in (("", count, "ready"), (" more", more, "standby")):
            if n:
                b.cohort(where + suffix, life, n, bind=bind, member=member, start=start, component=name,
                         scope="replica")  # fmt: skip

    def _life(self, name: str, *, zoned: bool) -> Lifecycle:
        replica, when = self.replica, ["zone"] if zoned else []
        paid = ["paid"] if self.autoscale is not None else []  # tags of the groups that an autoscaler reads
        live, blind = (["live", *paid], ["blind", *paid]) if paid else ([], [])
        life = Lifecycle(f"{name} replica").state("ready", tags=["ready", *live])
        life.state("failed unseen", tags=["unseen", "failed", *blind]).state("starting", tags=["failed", *paid])
        if isinstance(replica.time_to_failure, Law):
            life.after(replica.time_to_failure, "ready", "failed unseen", origin=True, name="failure")
        life.on("strike", "ready", "failed unseen")
        life.after(replica.detection, "failed unseen", "starting")
        life.after(replica.restart, "starting", "ready", when=when, policy="repeat" if when else "resample")
        if self.autoscale is not None:
            add_scaling(life, self.autoscale, self.autoscale.cold_start or replica.restart, zoned=zoned)
        return life

    def _charge(self, name: str, platform: Platform, regions: list[str], prices: ReplicaPrices) -> None:
        ledger = platform.ledger
        for region in regions:
            active = self.regions[region] == "active"
            item, price = ("capacity", prices.replica) if active else ("standby", prices.standby or prices.replica)
            if self.autoscale is not None and price is not None:
                meter = Fleet(name, region).paid(platform)
                ledger.charge(name, item, price, f"time of replicas in {region}", meters=[meter])
            elif count := of_region(self.replica.count, region):
                ledger.charge(name, item, price, f"{count} replicas in {region}", count)
        ledger.charge(name, "repairs", prices.failure, "failures of replicas", meters=[f"{name} replica_failures"])
        lost = [f"{name} requests.{kind}" for kind in ("bad", "dropped")]
        ledger.charge(name, "lost_requests", prices.lost_request, "requests dropped or answered badly", meters=lost)
        ledger.common(name, prices)

    def _measures(self, name: str, platform: Platform) -> None:
        def flow(field: str) -> tuple[tuple[float, str], ...]:
            return ((1.0, f"{name} requests.{field}"),)

        platform.measure(name, "request_availability", "share", "requests answered well / requests offered", "ratio",
                         flow("good"), flow("offered"), weighting="request", better="higher")  # fmt: skip
        platform.measure(name, "served_share", "share", "requests served / requests offered", "ratio", flow("served"),
                         flow("offered"), weighting="request", better="higher")  # fmt: skip
        platform.measure(name, "dropped_share", "share", "requests dropped / requests offered", "ratio",
                         flow("dropped"), flow("offered"), weighting="request", better="lower")  # fmt: skip
        platform.measure(name, "demand", "1/s", "mean requests offered per second", "time_mean", flow("offered"))
        platform.mean_count(name, "ready_replicas", "mean number of replicas that are ready", f"{name} ready",
                            "higher")  # fmt: skip
        platform.yearly(name, "replica_failures", "failures of replicas per year", f"{name} failed")
        used = ((1.0, f"{name} requests.served"),)
        ready = f"{name} ready_replicas"
        platform.measure(name, "utilisation", "share", "requests served / capacity of ready replicas", "ratio", used,
                         ((self.replica.capacity, ready),))  # fmt: skip
