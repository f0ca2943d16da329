"""What exists: the plain Python objects that hold the state of one replication."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappush
from math import inf
from typing import Protocol, TypeAlias

import numpy as np

from outlast.engines.reference.calendar import Calendar
from outlast.engines.reference.plan import Case, Effect, Law, Plan, Row, Source, State
from outlast.engines.reference.record import Meter, Record
from outlast.program.tables import FREE, NONE, PRIORITIES


@dataclass(slots=True, eq=False)
class Membership:
    """A cohort's units count in group `group + stride * index` while their state has one of the tags."""

    group: int
    stride: int
    tags: int


@dataclass(slots=True, eq=False)
class Cohort:
    """A row of identical units. slots: (base, stride) from its first slot on."""

    number: int
    first: int
    hash: np.uint64
    states: tuple[State, ...]
    slots: list[tuple[int, int]]
    memberships: list[Membership]
    drives: int
    stride: int
    units: list[Unit] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Claim:
    """One ticket at a pool: every request makes a new one, so a given-up claim is never held again (R9)."""

    unit: Unit
    pool: Pool
    priority: int
    amount: int
    grant: int
    preempts: bool
    revoked: int
    ticket: int
    status: int = FREE


@dataclass(slots=True, eq=False)
class Unit:
    """A unit and its own numbers: clocks (absolute s, +inf idle), memory, starts of aged clocks, counts."""

    number: int
    source: int
    cohort: Cohort
    index: int
    key: np.uint64
    state: State
    clocks: list[float]
    memory: list[float]
    started: list[float]
    draws: list[int]
    claims: dict[int, Claim] = field(default_factory=dict)
    cause: int = NONE
    since: float = 0.0

    def reach(self, slot: int) -> int:
        """Number of the object behind a slot: base + stride * index."""
        base, stride = self.cohort.slots[slot]
        return base + stride * self.index


@dataclass(slots=True, eq=False)
class Group:
    """A count of units (or, as a gate, of conditions)."""

    number: int
    roster: list[Cohort]
    meters: list[Meter]
    dependents: list[int]
    count: int = 0
    members: list[Unit] | None = None


@dataclass(slots=True, eq=False)
class Condition:
    """True (above) iff its source is at or above the level; as of the last sweep."""

    number: int
    source: Source
    level: float
    listens: list[tuple[int, int, int]]  # unit, signal at a rise, signal at a fall
    subscriptions: list[tuple[int, int, int]]  # cohort, base, stride
    parents: list[tuple[Group, bool]]
    dependents: list[int]
    meter: Meter | None
    measured: int
    above: bool = False
    cause: int = NONE
    start: float = 0.0


@dataclass(slots=True, eq=False)
class Pool:
    """Counted tokens: how many are free, and per priority the claims that wait or hold, oldest first."""

    number: int
    capacity: int
    free: int
    dependents: list[int]
    held_meter: Meter | None
    queue_meter: Meter | None
    queues: list[deque[Claim]] = field(default_factory=lambda: [deque() for _ in range(PRIORITIES)])
    held: list[list[Claim]] = field(default_factory=lambda: [[] for _ in range(PRIORITIES)])

    def queued(self) -> int:
        """Number of queued claims."""
        return sum(len(queue) for queue in self.queues)


@dataclass(slots=True, eq=False)
class Watch:
    """A level of a stock that sends a signal when reached from below (up) or from above."""

    level: float
    up: bool
    unit: int
    signal: int


@dataclass(slots=True, eq=False)
class Stock:
    """A clamped piecewise linear number, its pending watch, committed points per tier, taint (+inf: none)."""

    number: int
    turn: int  # its number as a source of events
    owner: int
    source: Source | None
    watches: list[Watch]
    low: float
    high: float
    initial: float
    meter: Meter | None  # of what was lost
    tiers: list[deque[float]]
    level: float
    stage: float
    since: float = 0.0
    rate: float = 0.0
    taint: float = inf
    lost: float = 0.0
    pending: Watch | None = None
    due: float = inf

    def at(self, now: float) -> float:
        """R10: the level now."""
        return clamp(self.level + self.rate * (now - self.since), self.low, self.high)


@dataclass(slots=True, eq=False)
class Profile:
    """A periodic step function of time: (at, value) with at in s from 0."""

    number: int
    turn: int
    period: float
    steps: list[tuple[float, float]]
    dependents: list[int]
    pools: list[int]
    value: float
    step: int = 0
    cycle: int = 0


@dataclass(slots=True, eq=False)
class Term:
    """A part of a site: a group and what each of its members contributes."""

    group: Group
    live: Condition | None
    listed: Condition | None
    weight: float
    capacity: float
    good: float


@dataclass(slots=True, eq=False)
class Site:
    """A place where a service is served; use = share of its capacity in use."""

    terms: list[Term]
    reach: Condition | None
    use: float = 0.0


@dataclass(slots=True, eq=False)
class Service:
    """A load, its route, and what comes out: offered, served, good, bad, dropped, good share."""

    number: int
    source: Source | None
    scale: float
    retry: float
    sites: list[Site]
    needs: list[tuple[Condition, float]]
    routes: list[list[float]]
    dependents: list[int]
    meters: list[Meter]
    route: int = 0
    fields: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


class Luck(Protocol):
    """Who decides what is left to chance; in a simulation keyed uniforms (R15)."""

    def case(self, unit: Unit, row: Row) -> Case:
        """R3.2: the case of a firing."""

    def delay(self, world: World, unit: Unit, row: Row, law: Law) -> float:
        """R4: time from now on at which a clock that starts now rings, s."""

    def members(self, unit: Unit, effect: Effect, tagged: list[Unit]) -> list[Unit]:
        """Members that get the signal of a scatter, in the order in which it is sent."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a controller reads at an evaluation."""

    value: float
    ready: int
    missing: int


@dataclass(slots=True, eq=False)
class Controller:
    """An autoscaler: what it reads, whom it starts and stops, its limits, what it remembers."""

    number: int
    turn: int
    total: bool
    source: Source
    listed: Condition | None
    ready: Group | None
    missing: Group | None
    group: Group
    up: tuple[int, int]  # tags of members that may be started, the signal
    down: tuple[int, int]
    bounds: tuple[int, int]
    target: float
    tolerance: float
    period: float
    phase: float
    lag: int
    grow: tuple[int, float]
    shrink: tuple[int, float]
    up_meter: Meter | None
    down_meter: Meter | None
    samples: deque[Sample]  # the last lag + 1
    advice: deque[int]  # recommendations in the window
    evaluation: int = 0
    ups: int = 0
    downs: int = 0


Node: TypeAlias = Condition | Stock | Service | Controller
Signal: TypeAlias = tuple[int, int, Claim | None]  # unit, signal, and for a grant its claim


@dataclass(slots=True, eq=False)
class World:
    """Everything that changes in one replication."""

    plan: Plan
    points: np.ndarray
    horizon: float
    limit: int  # firings at one instant
    first_profile: int
    first_stock: int
    first_unit: int
    first_controller: int
    names: list[str]
    record: Record
    calendar: Calendar
    luck: Luck
    cohorts: list[Cohort]
    units: list[Unit]
    groups: list[Group]
    conditions: list[Condition]
    pools: list[Pool]
    stocks: list[Stock]
    profiles: list[Profile]
    services: list[Service]
    controllers: list[Controller]
    sites: list[Site]
    nodes: list[Node]
    node_of: dict[int, int]  # service number -> flow node
    now: float = 0.0
    cause: int = NONE
    events: int = 0
    firings: int = 0
    tickets: int = 0
    signals: deque[Signal] = field(default_factory=deque)
    dirty: list[int] = field(default_factory=list)
    marked: set[int] = field(default_factory=set)

    def mark(self, nodes: Iterable[int]) -> None:
        """Make flow nodes dirty: the next sweep visits them in ascending number."""
        for node in nodes:
            if node not in self.marked:
                self.marked.add(node)
                heappush(self.dirty, node)

    def send(self, unit: int, signal: int, claim: Claim | None = None) -> None:
        """Append a signal to the queue, if there is one to send."""
        if unit != NONE and signal != NONE:
            self.signals.append((unit, signal, claim))


def clamp(value: float, low: float, high: float) -> float:
    """value, but not outside [low, high]."""
    if value < low:
        return low
    if value > high:
        return high
    return value
