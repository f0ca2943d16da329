"""`autoscale`: the replicas of an endpoint follow its use, region by region, as with a horizontal pod autoscaler."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field, field_validator, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Spec
from outlast.kinds.fields import Count, CountOrZero, Delay, Duration, DurationOrZero, Name, Share
from outlast.kinds.platform import Place, Platform
from outlast.program import count_of, use_of
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law, deterministic

AT_ONCE = deterministic(0.0)
PERIODS = 10_000  # evaluations that `scale_down_after` may span
LAGS = 1_000  # evaluations that `metrics_age` may span
ROUND_OFF = 1e-9  # of a number of evaluations


class Step(Spec):
    """What one evaluation may change at most: this many replicas or this share of them, whichever is more."""

    replicas: CountOrZero = 0
    share: Share = 0.0


class Autoscale(Spec):
    """target: mean use of ready replicas that is aimed at.  min, max: replicas per region, one number or by region.
    every: between evaluations.  cold_start: until a replica that is started serves; without it, `restart` of the
    replica.  tolerance: no change while the use is so near to the target.  metrics_age: how old the use is when it is
    looked at; one evaluation if not given.  scale_down_after: replicas are stopped only when that has been right for so
    long.  scale_up, scale_down: what one evaluation may change.  phase: of the evaluations; drawn if not given.
    replace_after: until replicas in a lost zone are given up, so that others are started elsewhere.
    """

    target: Share
    min: Count | dict[Name, Count]
    max: Count | dict[Name, Count]
    every: Duration = Field("15 s", validate_default=True)
    cold_start: Delay | None = None
    tolerance: Share = 0.1
    metrics_age: DurationOrZero | None = None
    scale_down_after: DurationOrZero = Field("5 min", validate_default=True)
    scale_up: Step = Step(replicas=4, share=1.0)
    scale_down: Step = Step(share=1.0)
    phase: DurationOrZero | None = None
    replace_after: Delay = Field("340 s", validate_default=True)

    @field_validator("target")
    @classmethod
    def _above_zero(cls, target: float) -> float:
        if target == 0.0:
            raise FieldError("must be above 0 %: no number of replicas has no use at all", "a usual target is `65 %`")
        return target

    @model_validator(mode="after")
    def _consistent(self) -> Autoscale:
        for region in self.regions():
            low, high = of_region(self.min, region), of_region(self.max, region)
            if low is not None and high is not None and low > high:
                where = f" in {region}" if region else ""
                at = ("max", region) if isinstance(self.max, dict) else ("max",)
                raise FieldError(f"must be at least min{where}, {low} (got {high})", at=at)
        if self.lag > LAGS:
            raise FieldError(f"spans more than {LAGS:,} evaluations", "evaluate less often", ("metrics_age",))
        if self.scale_down_after > PERIODS * self.every:
            raise FieldError(f"spans more than {PERIODS:,} evaluations", "evaluate less often", ("scale_down_after",))
        return self

    def regions(self) -> list[str]:
        """Regions that are named; "" stands for all if none is."""
        named = [r for bound in (self.min, self.max) if isinstance(bound, dict) for r in bound]
        return list(dict.fromkeys(named)) or [""]

    @property
    def lag(self) -> int:
        """Evaluations until a metric is seen."""
        if self.metrics_age is None:
            return 1
        return math.ceil(self.metrics_age / self.every * (1.0 - ROUND_OFF))


def of_region(bound: int | dict[str, int] | None, region: str) -> int | None:
    """A number for a region; None where nothing is said."""
    return bound.get(region) if isinstance(bound, dict) else bound


def check_regions(bound: int | dict[str, int] | None, regions: Iterable[str], at: tuple[str, ...]) -> None:
    """A number by region speaks of every region of the endpoint and of no other."""
    if not isinstance(bound, dict):
        return
    for region in regions:
        if region not in bound:
            raise FieldError(f"says nothing about region {region!r}", at=at)
    for region in bound:
        if region not in regions:
            raise FieldError(f"the endpoint is not in region {region!r}", at=(*at, region))


def add_scaling(life: Lifecycle, autoscale: Autoscale, cold_start: Law, *, zoned: bool) -> None:
    """States and rows of a replica that can be started and stopped; with a zone, of one whose zone can be lost.

    `life` has the states ready, failed unseen and starting, and where there is a zone a condition slot of that name.
    """
    when = ["zone"] if zoned else []
    life.state("launching", tags=["paid"]).state("standby", tags=["spare"])
    life.after(cold_start, "launching", "ready", when=when, policy="repeat" if when else "resample")
    life.on("scale up", "standby", "launching")
    for state in ("ready", "failed unseen", "starting", "launching"):
        life.on("scale down", state, "standby")
    if not zoned:
        return
    life.state("isolated", tags=["ready", "paid", "blind"]).state("closed")
    life.after(AT_ONCE, "ready", "isolated", when=["!zone"]).after(AT_ONCE, "isolated", "ready", when=["zone"])
    life.after(AT_ONCE, "standby", "closed", when=["!zone"]).after(AT_ONCE, "closed", "standby", when=["zone"])
    life.on("scale down", "isolated", "closed")
    for state in ("isolated", "launching", "starting", "failed unseen"):
        life.after(autoscale.replace_after, state, "closed", when=["!zone"], name=f"{state} given up")


@dataclass(frozen=True)
class Fleet:
    """Groups of the replicas of one endpoint in one region, for its autoscaler."""

    name: str
    region: str

    def _group(self, what: str) -> str:
        return f"{self.name}@{self.region} {what}"

    def declare(self, platform: Platform) -> None:
        """Make the groups: replicas that exist, that serve, that exist but tell nothing of their use."""
        for what in ("paid", "live", "blind"):
            platform.builder.group(self._group(what))

    def member(self) -> dict[str, Sequence[str]]:
        """The groups, and the tags that count in them."""
        groups: dict[str, Sequence[str]] = {self._group(what): [what] for what in ("paid", "live", "blind")}
        return {**groups, f"{self.name} paid": ["paid"]}

    def paid(self, platform: Platform) -> str:
        """A meter of the time of the replicas that exist."""
        return platform.builder.meter(self._group("paid"), ("group", self._group("paid")))

    def control(self, platform: Platform, autoscale: Autoscale, in_rotation: str) -> str:
        """The autoscaler; returns the condition that it has reached its maximum."""
        b, most = platform.builder, of_region(autoscale.max, self.region)
        least = of_region(autoscale.min, self.region)
        assert least is not None and most is not None
        up, down = autoscale.scale_up, autoscale.scale_down
        controller = b.controller(
            self._group("autoscaler"), use_of(f"{self.name} requests.all"), self._group("paid"),
            up=(["spare"], "scale up"), down=(["paid"], "scale down"), least=least, most=most,
            target=autoscale.target, ready=self._group("live"), missing=self._group("blind"), listed=in_rotation,
            tolerance=autoscale.tolerance, period=autoscale.every, phase=autoscale.phase, lag=autoscale.lag,
            window=autoscale.scale_down_after, grow=(up.replicas, up.share),
            shrink=(down.replicas, down.share))  # fmt: skip
        for what in ("ups", "downs"):
            b.meter(self._group(what), (what, controller), "count")
        return b.condition(self._group("at most"), count_of(self._group("paid")), most)


def measure_scaling(platform: Platform, name: str, regions: Sequence[Place], at_most: Sequence[str]) -> None:
    """What an autoscaled endpoint publishes besides the rest."""
    running = platform.builder.meter(f"{name} running", ("group", f"{name} paid"))
    platform.measure(name, "running_replicas", "1", "mean number of replicas that serve, start or have failed",
                     "time_mean", ((1.0, running),))  # fmt: skip
    platform.measure(name, "replica_hours", "h/y", "hours of these replicas per year", "rate",
                     ((1.0 / 3600.0, running),))  # fmt: skip
    for what, words in (("ups", "starts"), ("downs", "stops")):
        meters = tuple((1.0, f"{name}@{region.name} {what}") for region in regions)
        platform.measure(name, f"scale_{what}", "1/y", f"evaluations of the autoscaler that {words} replicas, per year",
                         "rate", meters, weighting="event")  # fmt: skip
    b = platform.builder
    b.gate(f"{name} at most parts", at_most)
    b.condition(f"{name} at most", count_of(f"{name} at most parts"), 1, meter=f"{name} below most")
    platform.measure(name, "time_at_max", "share", "time that a region has as many replicas as it may have / time",
                     "share", ((1.0, f"{name} below most"),), complement=True)  # fmt: skip
