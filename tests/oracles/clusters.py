"""Two sub-clusters of workstations, a switch each, a backbone between them, one repair unit: pb-01, pb-02, pb-04."""

from __future__ import annotations

from collections.abc import Sequence

from verification import HOUR_S

from outlast.kinds.platform import Platform
from outlast.program import Builder, Program, count_of, scatter
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law, deterministic, exponential

LIFE_H = {"workstation": 500.0, "switch": 4000.0, "backbone": 5000.0}
REPAIR_H = {"workstation": 0.5, "switch": 4.0, "backbone": 8.0}
CLASSES = ("left workstation", "right workstation", "left switch", "right switch", "backbone")
WORKSTATIONS_FIRST, SWITCHES_FIRST = CLASSES, (*CLASSES[2:4], *CLASSES[:2], CLASSES[4])
INSPECTION, AT_ONCE = exponential(0.1 * HOUR_S), deterministic(0.0)


class Clusters:
    """`copies` independent clusters of n workstations a side, with conditions to be measured.

    order: classes of items, the one to be repaired first first; start: until the repair unit has begun a repair.
    With `INSPECTION` the classes race, with `AT_ONCE` the first one in the order wins.
    """

    def __init__(self, n: int, horizon_h: float, warm_up_h: float = 0.0, *, copies: int = 1,
                 order: Sequence[str] = CLASSES, start: Law = INSPECTION, frozen: bool = False) -> None:  # fmt: skip
        self.n, self.copies, self.when = n, [f"{i} " for i in range(copies)], ["intact"] if frozen else []
        self.b = Builder(horizon_h * HOUR_S, warm_up_h * HOUR_S)
        self.platform = Platform(self.b, report=lambda *problem: None)
        items = {name: self._item(name) for name in CLASSES}
        unit = self._repair_unit(order, start)
        for p in self.copies:
            self._copy(p, items, unit, frozen)

    def build(self) -> Program:
        """The program."""
        return self.b.build()

    def _item(self, name: str) -> Lifecycle:
        mean = LIFE_H[name.split()[-1]] * HOUR_S
        life = Lifecycle(name).state("up", tags=["up"]).state("failed", tags=["failed"])
        return life.after(exponential(mean), "up", "failed", when=self.when).on("repaired", "failed", "up")

    def _repair_unit(self, order: Sequence[str], start: Law) -> Lifecycle:
        unit = Lifecycle("repair unit").state("idle", tags=["idle"])
        for name in order:
            mean = REPAIR_H[name.split()[-1]] * HOUR_S
            unit.state(name).after(start, "idle", name, when=[f"{name} failed", *self.when])
            done = [scatter(name, "repaired", ["failed"], n=1)]
            unit.after(exponential(mean), name, "idle", do=done, when=self.when)
        return unit

    def _copy(self, p: str, items: dict[str, Lifecycle], unit: Lifecycle, frozen: bool) -> None:
        b, intact = self.b, {"intact": f"{p}nothing fatal"} if frozen else {}
        for group in ("workstations up", "idle", "intact", *CLASSES):
            b.group(p + group)
        for name, life in items.items():
            b.group(f"{p}{name} up")
            b.group(f"{p}{name} failed")
            member = {f"{p}{name} up": ["up"], f"{p}{name} failed": ["failed"], p + name: ["up", "failed"]}
            if name.endswith("workstation"):
                member[f"{p}workstations up"] = ["up"]
            count = self.n if name.endswith("workstation") else 1
            b.cohort(f"{p}{name}s", life, count, bind=intact, member=member)
            b.condition(f"{p}{name} waits", count_of(f"{p}{name} failed"), 1)
        bind = {f"{name} failed": f"{p}{name} waits" for name in CLASSES} | {name: p + name for name in CLASSES}
        b.cohort(f"{p}repair unit", unit, bind=bind | intact, member={f"{p}idle": ["idle"]})
        if frozen:
            latch = Lifecycle("latch").state("intact", tags=["intact"]).state("over").on("stop", "intact", "over")
            b.cohort(f"{p}latch", latch, member={f"{p}intact": ["intact"]})
            b.condition(f"{p}nothing fatal", count_of(f"{p}intact"), 1)

    def quality(self, name: str, least: int, *, linked: bool = True, stops: bool = False) -> None:
        """Measure the condition that `least` workstations work together: left, right or, if linked, over the backbone.
        stops: nothing happens any more once it has been false."""
        for p in self.copies:
            ways = [self._side(f"{p}{name}", p, side, least) for side in ("left", "right")]
            if linked:
                enough = self.b.condition(f"{p}{name} both", count_of(f"{p}workstations up"), least)
                linked_parts = [self._up(f"{p}{name}", p, part) for part in CLASSES[2:]]
                ways.append(self.platform.every(f"{p}{name} linked", [enough, *linked_parts]))
            ok = self.platform.publish(p + name, ways, at_least=1)
            if stops:
                self.b.listen(ok, f"{p}latch", fall="stop")

    def counts(self) -> None:
        """Measure the mean number of working workstations, and repairs done per year."""
        for p in self.copies:
            self.platform.mean_count(f"{p}cluster", "working", "mean number", f"{p}workstations up")
            self.platform.yearly(f"{p}cluster", "repairs", "per year", f"{p}idle")

    def _side(self, name: str, p: str, side: str, least: int) -> str:
        enough = self.b.condition(f"{name} {side} workstations", count_of(f"{p}{side} workstation up"), least)
        return self.platform.every(f"{name} {side}", [enough, self._up(f"{name} {side}", p, f"{side} switch")])

    def _up(self, name: str, p: str, part: str) -> str:
        return self.b.condition(f"{name} {part}", count_of(f"{p}{part} up"), 1)
