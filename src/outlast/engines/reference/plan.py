"""What a lifecycle looks like: the static rows of a program as small objects, made once per run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from outlast.program.tables import NONE


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value is read: kind (GROUP .. STOCK_LEVEL), number of the object, field of a service."""

    kind: int
    object: int
    field: int


@dataclass(frozen=True, slots=True)
class Law:
    """A delay, s, or a level: distribution, rows p0..p1 of the points, scale source (NONE: unscaled)."""

    kind: int
    a: float
    b: float
    c: float
    p0: int
    p1: int
    source: int
    slot: int
    field: int
    inverted: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """One verb with its operands (docs/semantics.md, "Field by field")."""

    op: int
    slot: int
    i: int
    j: int
    k: int
    signal: int
    dist: int
    draw: int
    x: float
    tag: int
    hash: np.uint64


@dataclass(frozen=True, slots=True)
class Case:
    """One outcome of a row: cumulative probability, target state (NONE: stay), effects."""

    number: int
    p: float
    target: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition (by slot) and the truth it must have."""

    slot: int
    want: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A transition row; signal NONE is a timed row. clock, memory and draw count inside the unit."""

    signal: int
    law: Law | None
    age: Law | None
    policy: int
    clock: int
    memory: int
    draw: int
    origin: bool
    guards: tuple[Guard, ...]
    cases: tuple[Case, ...]
    hash: np.uint64


@dataclass(frozen=True, slots=True)
class State:
    """Rows of a state in table order, its tags (bit mask), and how it drives a stock (per second)."""

    number: int
    timed: tuple[Row, ...]
    signalled: tuple[Row, ...]
    clocks: frozenset[int]
    tags: int
    part: int
    rate: float
    gain: float


@dataclass(frozen=True, slots=True)
class Plan:
    """All lifecycles of a program."""

    laws: tuple[Law, ...]
    states: tuple[State, ...]


def rows(table: np.ndarray) -> list[SimpleNamespace]:
    """Rows of a structured table with plain Python numbers as attributes."""
    names = table.dtype.names or ()
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in table.tolist()]


def make_plan(tables: Mapping[str, np.ndarray]) -> Plan:
    """Lifecycles of a program from its tables."""
    laws = tuple(_law(row) for row in rows(tables["dists"]))
    effects = tuple(_effect(row) for row in rows(tables["effects"]))
    guards = tuple(Guard(row.slot, bool(row.want)) for row in rows(tables["guards"]))
    cases = tuple(
        Case(number, row.p, row.target, effects[row.e0 : row.e1]) for number, row in enumerate(rows(tables["cases"]))
    )
    transitions = tuple(_row(row, laws, guards, cases) for row in rows(tables["transitions"]))
    states = tuple(_state(number, row, transitions) for number, row in enumerate(rows(tables["states"])))
    return Plan(laws, states)


def _law(row: SimpleNamespace) -> Law:
    return Law(
        row.kind, row.a, row.b, row.c, row.q0, row.q1, row.source, row.slot, row.field, bool(row.inverted)
    )  # fmt: skip


def _effect(row: SimpleNamespace) -> Effect:
    return Effect(
        row.op, row.slot, row.i, row.j, row.k, row.signal, row.dist, row.draw, row.x, row.tag,
        np.uint64(row.hash),
    )  # fmt: skip


def _row(row: SimpleNamespace, laws: tuple[Law, ...], guards: tuple[Guard, ...], cases: tuple[Case, ...]) -> Row:
    return Row(
        signal=row.signal,
        law=laws[row.dist] if row.signal == NONE else None,
        age=laws[row.age] if row.age != NONE else None,
        policy=row.policy,
        clock=row.clock,
        memory=row.memory,
        draw=row.draw,
        origin=bool(row.origin),
        guards=guards[row.g0 : row.g1],
        cases=cases[row.c0 : row.c1],
        hash=np.uint64(row.hash),
    )


def _state(number: int, row: SimpleNamespace, transitions: tuple[Row, ...]) -> State:
    timed = transitions[row.t0 : row.t1]
    return State(
        number=number,
        timed=timed,
        signalled=transitions[row.s0 : row.s1],
        clocks=frozenset(each.clock for each in timed),
        tags=row.tags,
        part=row.part,
        rate=row.rate,
        gain=row.gain,
    )
