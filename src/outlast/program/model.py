"""The declarations of a program, by name, before they become tables: what the builder collects."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

from outlast.program import tables as T
from outlast.program.source import Source
from outlast.program.verbs import Effect
from outlast.stats.distributions import Law

ROUND_OFF = 1e-12  # of a quotient of seconds


@dataclass(frozen=True)
class Each:
    """Bind a slot in pairs: unit i of the cohort gets the i-th object from `name` on."""

    name: str


@dataclass(frozen=True)
class Case:
    """A branch of a row: with probability p go to `target` ("" = stay) after the effects."""

    p: float
    target: str
    do: tuple[Effect, ...] = ()


@dataclass
class State:
    name: str
    tags: tuple[str, ...] = ()
    part: str = ""
    rate: float = 0.0
    gain: float = 0.0


@dataclass
class Row:
    """A timed (law) or signalled row of a lifecycle."""

    name: str
    state: str
    cases: tuple[Case, ...]
    law: Law | None = None
    signal: str = ""
    when: tuple[str, ...] = ()  # condition slots; "!name" wants it false
    policy: int = T.RESAMPLE
    clock: str = ""
    age: Law | None = None
    origin: bool = False
    scale: Source | None = None  # its name is a slot
    inverted: bool = False

    @property
    def timed(self) -> bool:
        return self.law is not None


@dataclass
class Lifecycle:
    """States and rows; each method returns self, so that a lifecycle reads as prose."""

    name: str
    states: dict[str, State] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def state(self, name: str, tags: list[str] | tuple[str, ...] = (), part: str = "", rate: float = 0.0,
              gain: float = 0.0) -> Self:  # fmt: skip
        """Add a state; the first is the initial one.  rate and gain drive the unit's stock (R10)."""
        if name in self.states:
            self.problems.append(f"{self.name}: state {name!r} is declared twice")
        self.states[name] = State(name, tuple(tags), part, rate, gain)
        return self

    def after(self, law: Law, state: str, to: str = "", do: list[Effect] | tuple[Effect, ...] = (), *,
              when: list[str] | tuple[str, ...] = (), policy: str = "resample", clock: str = "", name: str = "",
              origin: bool = False, age: Law | None = None, cases: list[Case] | tuple[Case, ...] = (),
              scale: Source | None = None, inverted: bool = False) -> Self:  # fmt: skip
        """A timed row: after a delay in `state`, go `to` (or by `cases`); no target means stay."""
        return self._row(Row(name or f"{state} -> {to or 'stay'}", state, tuple(cases) or (Case(1.0, to, tuple(do)),),
                             law=law, when=tuple(when), policy=T.POLICIES.index(policy), clock=clock, age=age,
                             origin=origin, scale=scale, inverted=inverted))  # fmt: skip

    def on(self, signal: str, state: str, to: str = "", do: list[Effect] | tuple[Effect, ...] = (), *,
           when: list[str] | tuple[str, ...] = (), name: str = "",
           cases: list[Case] | tuple[Case, ...] = ()) -> Self:  # fmt: skip
        """A signalled row: on `signal` in `state`, go `to` (or by `cases`)."""
        return self._row(Row(name or f"{state} on {signal} -> {to or 'stay'}", state,
                             tuple(cases) or (Case(1.0, to, tuple(do)),), signal=signal, when=tuple(when)))  # fmt: skip

    def _row(self, row: Row) -> Self:
        if any(row.name == other.name for other in self.rows):
            self.problems.append(f"{self.name}: two rows are called {row.name!r}; they would share random numbers: "
                                 "give one a name")  # fmt: skip
        self.rows.append(row)
        return self


@dataclass
class Cohort:
    name: str
    lifecycle: Lifecycle
    count: int
    initial: str
    bind: dict[str, str | Each]
    member: list[tuple[str | Each, tuple[str, ...]]]
    drives: str | Each | None
    component: str
    scope: str


@dataclass
class Pool:
    name: str
    capacity: int
    profile: str = ""


@dataclass
class Profile:
    name: str
    period: float
    steps: tuple[tuple[float, float], ...]


@dataclass
class Gate:
    name: str
    counts: tuple[tuple[str, int], ...]  # (condition, want); empty for a group of units


@dataclass
class Condition:
    name: str
    source: Source
    level: float
    listens: list[tuple[str, int, str, str]]  # (cohort, unit index, rise signal, fall signal)
    measured: str
    meter: str


@dataclass
class Watch:
    level: float
    up: bool
    cohort: str
    index: int
    signal: str


@dataclass
class Stock:
    name: str
    initial: float
    low: float
    high: float
    source: Source | None
    keep: int
    watches: list[Watch]
    loss: str


@dataclass(frozen=True)
class Term:
    """Members of a group at a site: traffic weight each, capacity each (per second), share of good answers."""

    group: str
    weight: float = 1.0
    capacity: float = 0.0
    good: float = 1.0
    live: str = ""
    listed: str = ""


@dataclass(frozen=True)
class Site:
    """A place where a service runs; `reach` is a condition that must hold."""

    name: str
    terms: tuple[Term, ...]
    reach: str = ""


@dataclass
class Service:
    name: str
    source: Source
    scale: float
    retry: float
    sites: tuple[Site, ...]
    routes: tuple[tuple[float, ...], ...]
    needs: tuple[tuple[str, float], ...]
    metered: bool


@dataclass(frozen=True)
class Controller:
    """An autoscaler (R12); see `Builder.controller`."""

    name: str
    metric: Source
    group: str
    up: tuple[tuple[str, ...], str]  # tags of members that may be started, the signal that starts one
    down: tuple[tuple[str, ...], str]
    least: int
    most: int
    target: float
    total: bool
    ready: str
    missing: str
    listed: str
    tolerance: float
    period: float
    phase: float | None  # seconds; None: drawn
    lag: int
    window: float
    grow: tuple[int, float]
    shrink: tuple[int, float]

    @property
    def depth(self) -> int:
        """Earlier evaluations whose recommendation still counts: those less than `window` seconds ago."""
        return max(0, math.ceil(self.window / self.period * (1.0 - ROUND_OFF)) - 1)


@dataclass
class Meter:
    name: str
    of: tuple[str, str]  # ("group" | "busy" | "queue" | "false" | "lost" | "ups" | "downs", name)
    reduction: int
