"""What a world shows: the value of every meter, and what was counted within one instant."""

from __future__ import annotations

from collections.abc import Callable

from outlast.engines.reference.record import Meter
from outlast.engines.reference.world import Condition, Group, Pool, Service, World
from outlast.program.program import Program
from outlast.program.tables import COUNT, FLIP, NONE

Read = Callable[[], float]


class Gauges:
    """Stands for the record of a world in which time stands still.

    fell, rose: measured conditions that did so within this instant; was_down: those that were false when it began.
    """

    trace = True  # flips are told by the log

    def __init__(self, program: Program, world: World) -> None:
        self.meters = world.record.meters
        self.windows = world.record.windows
        self.measured = [world.conditions[int(row["condition"])] for row in program.tables["outages"]]
        self.reads = _reads(world, self.meters)
        self.counting = [(n, meter) for n, meter in enumerate(self.meters) if meter.reduction == COUNT]
        self.fell: set[int] = set()
        self.rose: set[int] = set()
        self.was_down = [True] * len(self.measured)  # before the start: an outage may begin at 0
        self._measures = {each.number: each.measured for each in self.measured}

    def log(self, time: float, kind: int, a: int, b: int = 0, *more: float) -> None:
        """Of the log only flips of measured conditions are of interest."""
        if kind == FLIP and (measured := self._measures.get(a, NONE)) != NONE:
            (self.rose if b else self.fell).add(measured)

    def begin(self) -> None:
        """A new instant: nothing counted yet."""
        for n, meter in self.counting:
            meter.value, meter.total = self.reads[n](), 0.0
        self.fell.clear()
        self.rose.clear()
        self.was_down = self.down()

    def levels(self) -> list[float]:
        """Value of every meter now."""
        return [read() for read in self.reads]

    def steps(self) -> list[tuple[int, float]]:
        """(meter, upward steps within this instant) where there were any."""
        return [(n, meter.total) for n, meter in self.counting if meter.total]

    def down(self) -> list[bool]:
        """Whether every measured condition is false now."""
        return [not condition.above for condition in self.measured]

    def ends(self) -> list[int]:
        """Outages that ended within this instant."""
        return [n for n in self.rose if self.was_down[n]]

    def begins(self) -> list[int]:
        """Outages of some length that begin now: one that is over at the same instant is none (R7)."""
        return [n for n in self.fell if not self.measured[n].above]


def _reads(world: World, meters: list[Meter]) -> list[Read]:
    """How to read what each meter follows; NaN for what a stock lost."""
    found: dict[int, Read] = {}
    for group in world.groups:
        found.update((id(meter), _count(group)) for meter in group.meters)
    for condition in world.conditions:
        found[id(condition.meter)] = _down(condition)
    for pool in world.pools:
        found[id(pool.held_meter)] = _busy(pool)
        found[id(pool.queue_meter)] = _queued(pool)
    for service in world.services:
        found.update((id(meter), _field(service, n)) for n, meter in enumerate(service.meters))
    return [found.get(id(meter), _unknown) for meter in meters]


def _count(group: Group) -> Read:
    return lambda: float(group.count)


def _down(condition: Condition) -> Read:
    return lambda: 0.0 if condition.above else 1.0


def _busy(pool: Pool) -> Read:
    return lambda: float(pool.capacity - pool.free)


def _queued(pool: Pool) -> Read:
    return lambda: float(pool.queued())


def _field(service: Service, field: int) -> Read:
    return lambda: service.fields[field]


def _unknown() -> float:
    return float("nan")
