"""Every state that a program can be in, and how it goes from one to the next.

The reference engine does it: its world is put into a state, one row of one unit of every kind fires, and the rules
R3-R9 say what follows at the same instant, in every way that chance allows.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, groupby

import numpy as np

from outlast.engines.exact.chain import Chain, Links
from outlast.engines.exact.gauges import Gauges
from outlast.engines.exact.local import Locals, empty
from outlast.engines.exact.luck import Branches, Quiet
from outlast.engines.exact.phases import Codes
from outlast.engines.exact.symmetry import Symmetry, Told, told_apart
from outlast.engines.reference import lifecycle, loop
from outlast.engines.reference.build import build_world
from outlast.engines.reference.plan import Row
from outlast.engines.reference.settle import settle
from outlast.engines.reference.world import Unit
from outlast.errors import NotMarkovError, TooManyStatesError
from outlast.program.program import Program
from outlast.program.tables import NONE

Ids = np.ndarray  # int32: number of the local state of every unit
LARGEST_CONTRIBUTORS = 3
MOST_WAYS = 100_000  # in which chance can let one instant go


@dataclass(frozen=True, slots=True)
class Shared:
    """What follows from the local states, kept so that it need not be worked out again, and capacities and routes."""

    counts: list[int]
    above: list[bool]
    capacity: list[int]
    free: list[int]
    services: list[tuple[int, list[float]]]
    use: list[float]


def enumerated(program: Program, limit: int, most_ways: int = MOST_WAYS) -> Chain:
    """The Markov chain of a program. Raises TooManyStatesError beyond the limit."""
    apart: set[int] = set()
    while True:
        try:
            return Explorer(program, limit, apart, most_ways).chain()
        except Told as told:
            apart |= told.cohorts


class Explorer:
    """One enumeration, with these cohorts told apart unit by unit."""

    def __init__(self, program: Program, limit: int, apart: set[int], most_ways: int = MOST_WAYS) -> None:
        self.program, self.limit, self.most_ways, self.codes = program, limit, most_ways, Codes()
        self._new_world()
        self.apart = apart | told_apart(program, self.world)
        self.locals = Locals(self.world)
        self.symmetry = Symmetry(self.world, self.apart, self._local)
        self.branches = Branches(self.codes, self.symmetry)
        self.slices = [(c, c.first, c.first + len(c.units)) for c in self.world.cohorts]
        self.ids: Ids = np.full(len(self.world.units), NONE, dtype=np.int32)
        self.waiting: deque[tuple[int, Ids, Shared]] = deque()
        self.known: dict[bytes, int] = {}
        self.links = Links()

    def _new_world(self) -> None:
        """A world before R16 in which time stands still."""
        self.world = build_world(self.program, 0, 0, False, lambda number: None)
        self.calendar = Quiet(self.world.first_unit)
        self.world.calendar = self.calendar  # type: ignore[assignment]
        self.gauges = Gauges(self.program, self.world)
        self.world.record = self.gauges  # type: ignore[assignment]

    def chain(self) -> Chain:
        """Enumerate."""
        for p, number in self._started():
            self.links.start(number, p, self.gauges)
        while self.waiting:
            number, ids, shared = self.waiting.popleft()
            for unit, multiplicity in self._kinds(ids):
                for row, code in self.locals.all[ids[unit]].running():
                    rate = multiplicity * self.codes.rates[int(code)]
                    for p, to in self._fired(ids, shared, self.world.units[unit], row, code):
                        self.links.add(number, to, rate * p, self.gauges)
        return self.links.chain(self.program)

    # -- one instant ------------------------------------------------------------------------------------------
    def _started(self) -> Iterator[tuple[float, int]]:
        """R16, in every way it can go: (probability, state)."""

        def begin() -> None:
            self._new_world()
            self.locals.world = self.symmetry.world = self.world
            self.world.luck = self.branches
            self.ids[:] = NONE
            self.symmetry.begin({})
            loop.start(self.world)
            self.calendar.touched.update(range(len(self.ids)))

        yield from self._ways(begin)

    def _fired(self, ids: Ids, shared: Shared, unit: Unit, row: Row, code: float) -> Iterator[tuple[float, int]]:
        """The clock of a row rings in a state: (probability, state)."""
        next_phase = self.codes.next(code)

        def begin() -> None:
            self._put(ids, shared)
            self.symmetry.begin(dict(enumerate(ids.tolist())), unit)
            self.gauges.begin()
            if next_phase:
                unit.clocks[row.clock] = next_phase
                self.calendar.touched.add(unit.number)
            else:
                self.world.firings, self.world.cause = 0, NONE
                lifecycle.fire(self.world, unit, row)
                settle(self.world)

        yield from self._ways(begin)

    def _ways(self, begin: Callable[[], None]) -> Iterator[tuple[float, int]]:
        scripts: list[tuple[int, ...]] = [()]
        for number in count():
            if not scripts:
                return
            if number >= self.most_ways:
                raise NotMarkovError(
                    [f"chance can let one instant go in more than {self.most_ways:,} ways"],
                    "fewer units that one shock can hit, each by chance, or simulate with the kernel",
                )
            self.branches.replay(scripts.pop())
            begin()
            self._let_due_act()
            yield self.branches.p, self._state()
            scripts += self.branches.others

    def _let_due_act(self) -> None:
        """R2: rows with a delay of zero, in the order of their sources, until time can go on."""
        world, due = self.world, self.calendar.due
        while due:
            unit = world.units[min(due)]
            if len(due) > 1 and self.symmetry.lumped(unit.cohort):
                mates = [world.units[n] for n in sorted(due) if world.units[n].cohort is unit.cohort]
                if not self.symmetry.exchangeable(mates):
                    raise Told([unit.cohort.number])
            due.discard(unit.number)
            world.cause = NONE
            lifecycle.turn(world, unit)
            settle(world)

    # -- states -----------------------------------------------------------------------------------------------
    def _local(self, unit: Unit) -> int:
        return self.locals.read(unit, self.locals.places())

    def _kinds(self, ids: Ids) -> Iterator[tuple[int, int]]:
        """(a unit, how many are like it) for every kind of unit with a running clock."""
        for cohort, start, end in self.slices:
            if not self.symmetry.lumped(cohort):
                yield from ((unit, 1) for unit in range(start, end))
                continue
            for _, alike in groupby(range(start, end), ids.tolist().__getitem__):
                units = list(alike)
                yield units[0], len(units)

    def _state(self) -> int:
        """Number of the state the world is in; a new one is kept to be looked at."""
        ids = self._canonical()
        key = ids.tobytes() + self._free_choices()
        number = self.known.get(key)
        if number is None:
            if len(self.known) >= self.limit:
                raise TooManyStatesError(self.limit, self._contributors())
            number = self.known[key] = len(self.known)
            self.waiting.append((number, ids, self._shared()))
            self.links.state(self.gauges)
        return number

    def _canonical(self) -> Ids:
        """Local states by unit, those of a lumped cohort in ascending order; the world is known to differ."""
        places = self.locals.places()
        touched = self.calendar.touched
        for pool in self.world.pools:
            for line in (*pool.queues, *pool.held):
                touched.update(claim.unit.number for claim in line)
        ids, units = self.ids.copy(), self.world.units
        for unit in touched:
            ids[unit] = self.locals.read(units[unit], places)
        self.ids[list(touched)] = NONE
        for number in {units[unit].cohort.number for unit in touched}:
            cohort, start, end = self.slices[number]
            if self.symmetry.lumped(cohort):
                ids[start:end].sort()
        touched.clear()
        return ids

    def _free_choices(self) -> bytes:
        """What does not follow from local states: capacities of pools and routes of services."""
        choices = [pool.capacity for pool in self.world.pools] + [service.route for service in self.world.services]
        return array("q", choices).tobytes()

    def _shared(self) -> Shared:
        world = self.world
        return Shared(
            [group.count for group in world.groups],
            [condition.above for condition in world.conditions],
            [pool.capacity for pool in world.pools],
            [pool.free for pool in world.pools],
            [(service.route, service.fields) for service in world.services],
            [site.use for site in world.sites],
        )

    def _put(self, ids: Ids, shared: Shared) -> None:
        """Bring the world into a state."""
        world = self.world
        changed = np.flatnonzero(self.ids != ids).tolist()
        claimed = any(any(pool.queues) or any(pool.held) for pool in world.pools)
        for unit in changed:
            self.locals.put(world.units[unit], ids[unit])
        self.ids[:] = ids
        self.calendar.clear()
        for group, number in zip(world.groups, shared.counts, strict=True):
            group.count = number
        for condition, above in zip(world.conditions, shared.above, strict=True):
            condition.above = above
        for pool, capacity, free in zip(world.pools, shared.capacity, shared.free, strict=True):
            pool.capacity, pool.free = capacity, free
        for service, (route, fields) in zip(world.services, shared.services, strict=True):
            service.route, service.fields = route, fields
        for site, use in zip(world.sites, shared.use, strict=True):
            site.use = use
        self._put_claims(claimed)

    def _put_claims(self, claimed: bool) -> None:
        world, found = self.world, self.locals.all
        holders = [(world.units[unit], n) for unit, n in enumerate(self.ids.tolist()) if found[n].claims]
        if not holders and not claimed and not self.locals.moving:
            return
        for pool in world.pools:
            empty(pool)
        for unit in world.units:
            if unit.claims:
                unit.claims = {}
        self.locals.put_claims(holders)
        self.calendar.touched.update(unit.number for unit, _ in holders)

    def _contributors(self) -> list[tuple[str, int]]:
        """Cohorts with the most local patterns among the states, and how many."""
        width = self.ids.itemsize
        patterns = {
            cohort.number: len({key[start * width : end * width] for key in self.known})
            for cohort, start, end in self.slices
        }
        largest = sorted(patterns, key=lambda number: -patterns[number])[:LARGEST_CONTRIBUTORS]
        return [(self.program.names.cohorts[number], patterns[number]) for number in largest]
