"""Which units may be exchanged, so that states need only count them.

Units of a cohort are lumped unless something tells them apart: a binding in pairs, a signal to one of them, or an
order among units that were not in the same local state when the instant began.  The first two are seen in the tables;
the last is noticed while states are enumerated, which then begins anew with that cohort told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from outlast.engines.reference.plan import Effect, State
from outlast.engines.reference.world import Cohort, Unit, World
from outlast.program import tables as t
from outlast.program.program import Program

QUIET = {t.RECORD, t.FORGET, t.STAGE, t.COMMIT, t.ROLLBACK, t.TAINT, t.SET}  # nobody else notices


class Told(Exception):
    """These cohorts must be told apart unit by unit."""

    def __init__(self, cohorts: Iterable[int]) -> None:
        super().__init__(sorted(cohorts))
        self.cohorts = set(cohorts)


def told_apart(program: Program, world: World) -> set[int]:
    """Cohorts of several units that something addresses one by one."""
    addressed = {int(unit) for unit in program.tables["listens"]["unit"]}
    for cohort in world.cohorts:
        for effect in effects_of(cohort.states):
            if effect.op == t.EMIT:
                addressed |= {unit.reach(effect.slot) for unit in cohort.units}
    owners = program.tables["owners"]["cohort"]
    found = {int(owners[unit]) for unit in addressed}
    rows = program.tables["cohorts"]
    ends = [*rows["slot0"][1:], len(program.tables["slots"])]
    for cohort, row, end in zip(world.cohorts, rows, ends, strict=True):
        paired = any(stride for _, stride in cohort.slots[: int(end) - int(row["slot0"])])
        if paired or any(each.stride for each in cohort.memberships):
            found.add(cohort.number)
    return {number for number in found if len(world.cohorts[number].units) > 1}


def effects_of(states: Iterable[State]) -> list[Effect]:
    """Every effect of a lifecycle."""
    rows = [row for state in states for row in (*state.timed, *state.signalled)]
    return [effect for row in rows for case in row.cases for effect in case.effects]


def quiet_signals(world: World) -> set[int]:
    """Signals whose receivers change only themselves: the order in which they are delivered does not matter."""
    loud, heard = set(), set()
    for state in world.plan.states:
        for row in state.signalled:
            heard.add(row.signal)
            if any(effect.op not in QUIET for case in row.cases for effect in case.effects):
                loud.add(row.signal)
    return heard - loud


@dataclass
class Symmetry:
    """Where the units of lumped cohorts came from within this instant: units of one origin may be exchanged.

    read: the local state of a unit now.  origin: by unit; equal numbers in one cohort mean the same local state when
    the instant began, and ever since an order by index that means nothing.  actor: the unit whose effects are under
    way; like a unit with a signal on its way to it, it is not like any other.
    """

    world: World
    apart: set[int]
    read: Callable[[Unit], int]
    quiet: set[int] = field(init=False)
    origin: dict[int, int] = field(default_factory=dict)
    actor: int = t.NONE
    fresh: int = 0

    def __post_init__(self) -> None:
        self.quiet = quiet_signals(self.world)

    def begin(self, origin: dict[int, int], first: Unit | None = None) -> None:
        """A new instant; units of which nothing is said were all alike in their cohort.

        first: the unit that acts, any one of its origin, so that it is from now on of an origin of its own.
        """
        self.origin, self.fresh, self.actor = origin, 0, t.NONE
        if first is not None:
            self.renew([first])

    def local(self, unit: Unit) -> int:
        """The local state of a unit; a number of its own where more than that tells it from others."""
        waited = any(number == unit.number for number, _, _ in self.world.signals)
        return -1 - unit.number if waited or unit.number == self.actor else self.read(unit)

    def lumped(self, cohort: Cohort) -> bool:
        """Whether its units are counted, not named."""
        return len(cohort.units) > 1 and cohort.number not in self.apart

    def require_order(self, units: list[Unit]) -> None:
        """These units act in the order of their indices: raise Told if that tells lumped units apart."""
        cohorts: dict[int, list[Unit]] = {}
        for unit in units:
            cohorts.setdefault(unit.cohort.number, []).append(unit)
        lumped = {n: found for n, found in cohorts.items() if self.lumped(found[0].cohort)}
        broken = {n for n, found in lumped.items() if len(cohorts) > 1 and len(found) < len(found[0].cohort.units)}
        broken |= {n for n, found in lumped.items() if not self.exchangeable(found)}
        if broken:
            raise Told(broken)

    def exchangeable(self, units: list[Unit]) -> bool:
        """Whether an order of these units of one cohort means nothing."""
        if len({self.origin.get(unit.number, 0) for unit in units}) == 1:
            return True
        if len({self.local(unit) for unit in units}) > 1:
            return False
        self.renew(units)
        return True

    def renew(self, units: list[Unit]) -> None:
        """From now on these are of one origin, of their own."""
        self.fresh -= 1
        self.origin.update({unit.number: self.fresh for unit in units})

    def classes(self, units: list[Unit]) -> list[list[Unit]]:
        """The units by what they can be exchanged with, each class in order."""
        found: dict[tuple[int, int, int], list[Unit]] = {}
        for unit in units:
            number = unit.cohort.number
            key = (
                (number, self.origin.get(unit.number, 0), self.local(unit))
                if self.lumped(unit.cohort)
                else (number, unit.number, NAMED)
            )
            found.setdefault(key, []).append(unit)
        return list(found.values())

    def split(self, chosen: list[Unit], of: list[Unit]) -> None:
        """Some of a class were chosen by chance: those and the others are no longer of one origin."""
        if 0 < len(chosen) < len(of):
            self.renew(chosen)


NAMED = -1
