"""`component`: any repairable item, n of them, k needed (identity service, registry, network, object store, ...)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Kind
from outlast.kinds.cluster import Failover, lower_failover
from outlast.kinds.fields import Count, Delay, DelayOrScript, Name, Share
from outlast.kinds.laws import Script
from outlast.kinds.life import Batch, Lemons, batches, evenly, sooner
from outlast.kinds.maintenance import (
    DUE,
    Inspection,
    Maintenance,
    lower_maintenance,
    measure_maintenance,
    renewal_rows,
)
from outlast.kinds.money import ItemPrices
from outlast.kinds.outage import script
from outlast.kinds.platform import Path, Place, Platform, Team
from outlast.kinds.repair import Repair
from outlast.kinds.standby import Standby, standby_lifecycle
from outlast.kinds.usable import usable
from outlast.program import emit, forget, scatter
from outlast.program.model import Lifecycle
from outlast.program.verbs import Effect
from outlast.stats.distributions import Law, deterministic

Strikes = dict[Name, Share]


class Component(Kind):
    """count items of which `needs_up` must be up; up and failed items are counted, repairs queue for a team.

    at: where the items run (`region`, `region.zone`, `region.*`, or a list to spread over).  An outage of the place
    makes items unreachable; it neither stops nor harms them unless `pauses_with` names the place.
    needs: other things without which this one does not work.  pauses_with: things without which items neither age
    nor fail.  while_serving_only: items age only while the component works.  failure_strikes: a failing item is a
    surge that hits the items of others, each with this probability.  inspection: a failure shows at the
    next one, not after `detection`.
    """

    kind: Literal["component"]
    count: Count = 1
    needs_up: Count | None = None
    at: str | Annotated[list[str], Field(min_length=1)] | None = None
    time_to_failure: DelayOrScript
    repair: Repair | None = None
    detection: Delay | None = None
    inspection: Inspection | None = None
    maintenance: Maintenance | None = None
    needs: list[Name] = Field(default_factory=list)
    pauses_with: list[Name] = Field(default_factory=list)
    while_serving_only: bool = False
    failure_strikes: Strikes = Field(default_factory=dict)
    standby: Standby | None = None
    failover: Failover | None = None
    start: Literal["up", "down"] = "up"
    age: Delay | None = None
    lemons: Lemons | None = None
    cost: ItemPrices | None = None
    description: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Component:
        if self.required > self.count:
            raise FieldError(f"{self.required} exceeds count {self.count}",
                             "`needs_up` is how many must be up at once", at=("needs_up",))  # fmt: skip
        if isinstance(self.time_to_failure, Script):
            self._scripted()
        for field in ("detection", "inspection"):
            if getattr(self, field) is not None and (self.repair is None or self.standby is not None):
                raise FieldError("has no effect without a `repair` or with `standby`", "remove it", at=(field,))
        if self.inspection is not None and self.detection is not None:
            raise FieldError("cannot be combined with `detection`", "keep what finds the failure", at=("inspection",))
        if self.start == "down" and self.repair is None:
            raise FieldError("starts down and is never repaired", "add a `repair`", at=("start",))
        if self._renewed_at is not None and (self.standby is not None or self.age is not None):
            raise FieldError("cannot be combined with `standby` or `age`", at=("maintenance", "at_age"))
        if self.standby is not None:
            self._in_standby()
        if self.cost is not None:
            self._priced(self.cost)
        return self

    def _in_standby(self) -> None:
        """What standby items cannot do."""
        if self.failover is not None:
            raise FieldError("cannot be combined with `failover`", at=("standby",))
        if not isinstance(self.time_to_failure, Law):
            raise FieldError("needs a law of failures, not scripted times", at=("standby",))
        aged = self.repair is not None and self.repair.ages()
        if self.lemons or self.age or aged or self.start == "down":
            raise FieldError("cannot be combined with lemons, age, start or an imperfect repair", at=("standby",))

    def _priced(self, prices: ItemPrices) -> None:
        """Items beyond those needed are either spare or in standby."""
        if self.standby is None and prices.standby is not None:
            raise FieldError("the component has no `standby`", "price `spare` items", at=("cost", "standby"))
        if self.standby is not None and prices.spare is not None:
            raise FieldError("the other items are in `standby`", "price `standby` items", at=("cost", "spare"))

    def _scripted(self) -> None:
        """Scripted failures happen to one item, whatever its age."""
        if self.count > 1:
            raise FieldError(f"scripted failures are for one item (count is {self.count})", at=("time_to_failure",))
        if self.age is not None or self.lemons is not None or (self.repair is not None and self.repair.ages()):
            raise FieldError("scripted failures cannot be combined with age, lemons or the effect of a repair",
                             at=("time_to_failure",))  # fmt: skip
        if self.pauses_with or self.while_serving_only or self.maintenance is not None:
            raise FieldError("scripted failures happen at their times, so the item cannot pause",
                             "remove `pauses_with`, `while_serving_only` and `maintenance`",
                             at=("time_to_failure",))  # fmt: skip

    @property
    def required(self) -> int:
        """How many items must be up: all unless told otherwise."""
        return self.needs_up if self.needs_up is not None else self.count

    @property
    def _renewed_at(self) -> float | None:
        """Operating age of planned renewal."""
        return self.maintenance.at_age if self.maintenance is not None else None

    def references(self) -> Iterator[tuple[Path, str]]:
        """What it needs to work."""
        for i, name in enumerate(self.needs):
            yield ("needs", i), name

    def lower(self, name: str, platform: Platform) -> None:
        """Cohorts of items, the condition that enough are usable, and measures."""
        path: Path = ("components", name)
        b = platform.builder
        for group in ("up", "failed", "waiting"):
            b.group(f"{name} {group}")
        places = platform.spread(self.at, (*path, "at")) if self.at is not None else []
        for place in dict.fromkeys(p.name for p in places if places.count(p) > 1):
            platform.problem((*path, "at"), f"{place!r} is named twice", "name every place once")
        needed = [platform.works(n, (*path, "needs", i)) for i, n in enumerate(self.needs)]
        enough, reach = usable(platform, name, places, self._split(places), self.required)
        team = self.repair.resolve(platform, (*path, "repair")) if self.repair is not None else None
        steady = lower_failover(platform, name, self.failover, self.count) if self.failover is not None else ""
        pauses = [platform.works(n, (*path, "pauses_with", i)) for i, n in enumerate(self.pauses_with)]
        guards = {f"pause {i}": c for i, c in enumerate(pauses) if c}
        if self.while_serving_only:
            guards["serving"] = enough
        if steady:
            guards["steady"] = steady
        is_open = lower_maintenance(platform, name, self.maintenance) if self.maintenance is not None else ""
        if is_open:
            guards["open"] = is_open
        self._cohorts(name, platform, places, team, guards)
        platform.publish(name, [enough, reach, steady, is_open, *needed])
        self._measures(name, platform, team)
        if self.cost is not None:
            self._charge(name, platform, self.cost)

    def _split(self, places: list[Place]) -> list[int]:
        return evenly(self.count, max(1, len(places)))

    def _cohorts(self, name: str, platform: Platform, places: list[Place], team: Team | None,
                 guards: dict[str, str]) -> None:  # fmt: skip
        b = platform.builder
        for i, fleet in enumerate(batches(self.lemons, self.count, max(1, len(places)))):
            suffix = f"@{places[i].name}" if len(places) > 1 else ""
            group = f"{name} up{suffix}" if suffix else f"{name} up"
            for batch in fleet:
                life = self._lifecycle(name, batch, team, tuple(guards))
                member = {f"{name} up": ["up"], f"{name} failed": ["failed"], f"{name} waiting": ["waiting"],
                          group: ["up"]}  # fmt: skip
                if self._renewed_at is not None:
                    member[f"{name} maintained"] = ["maintained"]
                bound = self.repair.bind(name, team, platform) if self.repair is not None else {}
                bound |= {**guards, **({"slots": f"{name} active slots"} if self.standby else {})}
                if self.failover is not None:
                    bound["cluster"] = f"{name} failover"
                cohort = name + suffix + batch.suffix
                start = {"up": "", "down": "broken"}[self.start]
                b.cohort(
                    cohort, life, batch.count, bind=bound, member=member, start=start, component=name, scope="item"
                )
        if self.standby is not None:
            b.pool(f"{name} active slots", self.required)
        if isinstance(self.time_to_failure, Script):
            only = name if len(places) <= 1 else f"{name}@{places[0].name}"
            script(platform, name, only, self.time_to_failure, name, "item", signal="scripted")

    def _lifecycle(self, name: str, batch: Batch, team: Team | None, guards: tuple[str, ...]) -> Lifecycle:
        life = Lifecycle(name)
        ttf = self.time_to_failure
        surge: list[Effect] = [scatter(f"{other} up", "strike", ["up"], order="each", p=p)
                               for other, p in self.failure_strikes.items()]  # fmt: skip
        if self.standby is not None and isinstance(ttf, Law):
            return standby_lifecycle(life, self.standby, sooner(ttf, batch.factor), self.repair, team, guards, surge)
        if self.failover is not None:
            surge = [emit("cluster", "lost"), *surge]
        life.state("up", tags=["up"])
        for state in ("unnoticed", "waiting", "repairing", "broken", "failed"):
            life.state(state, tags=["failed", *(["waiting"] if state == "waiting" else [])])
        first = self.repair.first_state(team) if self.repair is not None else "failed"
        ask = self.repair.ask(team) if self.repair is not None else []
        notice = self.inspection.law() if self.inspection is not None else self.detection
        noticed = (first, ask) if notice is None else ("unnoticed", [])
        aged = self.age is not None or (self.repair is not None and self.repair.ages())
        policy = "aged" if aged else "resume" if guards else "resample"
        steady = ("steady",) if self.failover is not None else ()
        if self.maintenance is not None:
            surge = [*renewal_rows(life, self.maintenance, policy, guards, steady), *surge]
        if isinstance(ttf, Law):
            life.after(sooner(ttf, batch.factor), "up", noticed[0], do=[*surge, *noticed[1]], when=guards,
                       policy=policy, age=self.age, origin=True, name="failure")  # fmt: skip
            if policy == "resume":  # a struck item is repaired: what was left of its old life is over
                surge = [forget("failure"), *surge]
        for signal in ("strike", "scripted"):
            life.on(signal, "up", noticed[0], do=[*surge, *noticed[1]])
        if notice is not None:
            life.after(notice, "unnoticed", first, do=ask)
        life.after(deterministic(0.0), "broken", first, do=ask)  # no origin: to be broken at the start is no event
        if self.repair is not None:
            ages = ("failure", DUE) if self._renewed_at is not None else ("failure",)
            self.repair.rows(life, team, "up", when=steady, aged_rows=ages if aged else ())
        return life

    def _charge(self, name: str, platform: Platform, prices: ItemPrices) -> None:
        ledger, more = platform.ledger, self.count - self.required
        ledger.charge(name, "capacity", prices.item, f"{self.required} items needed", self.required)
        if more and self.standby is not None:
            ledger.charge(name, "standby", prices.standby or prices.item, f"{more} items in standby", more)
        elif more:
            ledger.charge(name, "spares", prices.spare or prices.item, f"{more} spare items", more)
        ledger.charge(name, "repairs", prices.failure, "failures of items", meters=[f"{name} failures"])
        ledger.common(name, prices)

    def _measures(self, name: str, platform: Platform, team: Team | None) -> None:
        platform.mean_count(name, "up_items", "mean number of items that are up", f"{name} up", "higher")
        platform.mean_count(name, "failed_items", "mean number of failed items, waiting or in repair", f"{name} failed",
                            "lower")  # fmt: skip
        platform.yearly(name, "failures", "failures of items per year", f"{name} failed")
        if self.maintenance is not None:
            measure_maintenance(platform, name, self.maintenance)
        if team is not None:
            b = platform.builder
            waits = b.meter(f"{name} waits", ("group", f"{name} waiting"), "count")
            waited = b.meter(f"{name} waited", ("group", f"{name} waiting"))
            platform.measure(name, "mean_wait", "s", "time failed items wait for the team / failures noticed", "ratio",
                             ((1.0, waited),), ((1.0, waits),), weighting="event", better="lower")  # fmt: skip
