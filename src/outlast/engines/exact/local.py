"""Local states: all that a unit carries through time, as one number; read from the reference's units and put back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from outlast.engines.exact.phases import phases
from outlast.engines.exact.symmetry import effects_of
from outlast.engines.reference.build import first_memory
from outlast.engines.reference.plan import Row, State
from outlast.engines.reference.world import Claim, Cohort, Pool, Unit, World
from outlast.program import tables as t


class Held(NamedTuple):
    """A claim of a unit. place: its place in the queue, or among the holders where that matters; else -1."""

    slot: int
    status: int
    pool: int
    priority: int
    amount: int
    grant: int
    preempts: bool
    revoked: int
    place: int


class Local(NamedTuple):
    """What a unit carries: its state, what its clocks show, what it remembers, its claims."""

    state: State
    clocks: tuple[float, ...]
    memory: tuple[float, ...]
    claims: tuple[Held, ...]

    def running(self) -> list[tuple[Row, float]]:
        """Rows whose clocks run, and the phase of each."""
        return [(row, self.clocks[row.clock]) for row in self.state.timed if self.clocks[row.clock] != np.inf]


@dataclass
class Locals:
    """Numbers of the local states met so far.

    What can have no consequence is left out, so that equal numbers mean equal futures: memories that hold nothing but
    an exponential rest, claims given up, the order of holders whom nobody can turn out.
    """

    world: World
    numbers: dict[tuple[int, tuple[float, ...], tuple[float, ...], tuple[Held, ...]], int] = field(default_factory=dict)
    all: list[Local] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blank = [tuple(first_memory(cohort.states, memory_size(cohort))) for cohort in self.world.cohorts]
        self.kept = [kept_memories(self.world, cohort) for cohort in self.world.cohorts]
        self.moving = {cohort.number for cohort in self.world.cohorts if claims_move(cohort)}
        self.ranked = ranked_pools(self.world)

    def places(self) -> dict[int, int]:
        """Place of every claim whose order matters, by identity."""
        found: dict[int, int] = {}
        for pool in self.world.pools:
            for line in (*pool.queues, *(pool.held if pool.number in self.ranked else ())):
                found.update((id(claim), place) for place, claim in enumerate(line))
        return found

    def read(self, unit: Unit, places: dict[int, int]) -> int:
        """Number of the local state of a unit."""
        cohort = unit.cohort.number
        memory = self.blank[cohort]
        if self.kept[cohort]:
            memory = tuple(
                value if place in self.kept[cohort] else blank
                for place, (value, blank) in enumerate(zip(unit.memory, memory, strict=True))
            )
        claims = tuple(
            Held(slot, c.status, c.pool.number, c.priority, c.amount, c.grant, c.preempts, c.revoked,
                 places.get(id(c), -1))
            for slot, c in sorted(unit.claims.items()) if c.status != t.FREE or cohort in self.moving
        )  # fmt: skip
        key = (unit.state.number, tuple(unit.clocks), memory, claims)
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.all)
            self.all.append(Local(unit.state, *key[1:]))
        return number

    def put(self, unit: Unit, number: int) -> None:
        """Bring a unit into a local state; its claims come with `put_claims`."""
        local = self.all[number]
        unit.state = local.state
        unit.clocks[:] = local.clocks
        unit.memory[:] = local.memory

    def put_claims(self, numbers: Iterable[tuple[Unit, int]]) -> None:
        """Fill the empty lines of all pools with the claims of these units in their local states."""
        ranked: list[tuple[int, Claim]] = []
        for unit, number in numbers:
            unit.claims = {}
            for held in self.all[number].claims:
                claim = Claim(unit, self.world.pools[held.pool], held.priority, held.amount, held.grant,
                              held.preempts, held.revoked, 0, held.status)  # fmt: skip
                unit.claims[held.slot] = claim
                ranked.append((held.place, claim))
        for _, claim in sorted(ranked, key=lambda pair: pair[0]):
            if claim.status == t.QUEUED:
                claim.pool.queues[claim.priority].append(claim)
            elif claim.status == t.HELD:
                claim.pool.held[claim.priority].append(claim)


def empty(pool: Pool) -> None:
    """Nobody waits, nobody holds."""
    for line in (*pool.queues, *pool.held):
        line.clear()


def memory_size(cohort: Cohort) -> int:
    """How many memories a unit has."""
    return len(cohort.units[0].memory) if cohort.units else 0


def kept_memories(world: World, cohort: Cohort) -> set[int]:
    """Memories of `resume` that hold more than the rest of one and the same exponential delay."""
    laws: dict[int, set[tuple[float, int]]] = {}
    kept: set[int] = set()
    for state in cohort.states:
        for row in state.timed:
            if row.policy != t.RESUME or row.law is None:
                continue
            found = phases(row.law, world.points)
            laws.setdefault(row.memory, set()).update((phase.mean, phase.stages) for phase in found)
            if row.law.source != t.NONE or any(phase.stages > 1 for phase in found):
                kept.add(row.memory)
    return kept | {memory for memory, seen in laws.items() if len(seen) > 1}


def claims_move(cohort: Cohort) -> bool:
    """Whether a claim can go to different pools: then a claim given up still names the pool to serve (R9)."""
    pools: dict[int, set[tuple[int, int]]] = {}
    for effect in effects_of(cohort.states):
        if effect.op == t.REQUEST:
            pools.setdefault(effect.i, set()).add(cohort.slots[effect.slot])
    return any(len(found) > 1 for found in pools.values())


def ranked_pools(world: World) -> set[int]:
    """Pools whose holders can be turned out, the latest granted first."""
    return {
        unit.reach(effect.slot)
        for cohort in world.cohorts
        for effect in effects_of(cohort.states)
        if effect.op == t.REQUEST and effect.x == 1.0
        for unit in cohort.units
    }
