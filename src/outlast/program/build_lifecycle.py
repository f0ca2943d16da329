"""Lowering of one lifecycle: states, rows, cases, effects, and where its clocks, memories and claims live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from outlast.program import tables as T
from outlast.program.model import Case, Lifecycle, Row
from outlast.program.source import Source
from outlast.program.verbs import Effect
from outlast.stats.distributions import DETERMINISTIC, GRID, Law
from outlast.stats.draws import name_hash

SLOT_KIND = {T.REQUEST: "pool", T.RELEASE: "pool", T.RESIZE: "pool", T.EMIT: "unit", T.SCATTER: "group",
             T.STAGE: "stock", T.COMMIT: "stock", T.ROLLBACK: "stock", T.TAINT: "stock", T.SET: "stock",
             T.ROUTE: "service", T.RECORD: "stock"}  # fmt: skip
SCALE_KIND = {T.GROUP: "group", T.PROFILE: "profile", T.POOL_FREE: "pool", T.POOL_QUEUED: "pool",
              T.SERVICE_FIELD: "service", T.SITE_USE: "site", T.STOCK_LEVEL: "stock"}  # fmt: skip


def slot_kinds(lifecycle: Lifecycle) -> dict[str, str]:
    """Slot name -> kind of object, in order of first use."""
    slots: dict[str, str] = {}
    for row in lifecycle.rows:
        for guard in row.when:
            slots.setdefault(guard.removeprefix("!"), "condition")
        if row.scale is not None:
            slots.setdefault(row.scale.name, SCALE_KIND[row.scale.kind])
        for case in row.cases:
            for effect in case.do:
                if effect.slot:
                    slots.setdefault(effect.slot, SLOT_KIND[effect.op])
                if effect.scale is not None:
                    slots.setdefault(effect.scale.name, SCALE_KIND[effect.scale.kind])
    return slots


@dataclass
class Lowered:
    """A lifecycle in the tables: indices of its states, its slots, and how much each unit stores."""

    states: dict[str, int]
    state0: int
    state1: int
    slots: dict[str, str]
    clocks: int
    memories: int
    draws: int
    claims: int


class Lifecycles:
    """Lowers each lifecycle once, however many cohorts share it."""

    def __init__(self, rows: dict[str, list[tuple[Any, ...]]], labels: dict[str, int]) -> None:
        self.rows, self.labels = rows, labels
        self.signals: dict[str, int] = {}
        self.tags: dict[str, int] = {}
        self.state_names: list[str] = []
        self.row_names: list[str] = []
        self.laws: list[str] = []
        self._done: dict[int, tuple[Lifecycle, Lowered]] = {}

    def signal(self, name: str) -> int:
        """Number of a signal; -1 for none."""
        return self.signals.setdefault(name, len(self.signals)) if name else T.NONE

    def mask(self, tags: tuple[str, ...]) -> int:
        """Bit mask of tags."""
        mask = 0
        for tag in tags:
            mask |= 1 << self.tags.setdefault(tag, len(self.tags))
        return mask

    def label(self, name: str) -> int:
        """Number of a label or part; -1 for none."""
        return self.labels.setdefault(name, len(self.labels)) if name else T.NONE

    def lower(self, lifecycle: Lifecycle) -> Lowered:
        """Add the lifecycle's rows to the tables, or find it there."""
        if id(lifecycle) not in self._done:
            self._done[id(lifecycle)] = (lifecycle, _Lowering(self, lifecycle).lower())
        return self._done[id(lifecycle)][1]


class _Lowering:
    def __init__(self, home: Lifecycles, lifecycle: Lifecycle) -> None:
        self.home, self.life, self.rows = home, lifecycle, home.rows
        self.slots = slot_kinds(lifecycle)
        self.place = {name: i for i, name in enumerate(self.slots)}
        self.state0 = len(self.rows["states"])
        self.states = {name: self.state0 + i for i, name in enumerate(lifecycle.states)}
        carried = [r.clock or r.name for r in lifecycle.rows if r.policy == T.CARRY]
        self.carried = {name: i for i, name in enumerate(dict.fromkeys(carried))}
        remembered = [r.clock or r.name for r in lifecycle.rows if r.policy in (T.RESUME, T.REPEAT, T.AGED)]
        self.memory = {name: i for i, name in enumerate(dict.fromkeys(remembered))}
        claims = [e.claim for r in lifecycle.rows for c in r.cases for e in c.do if e.claim]
        self.claims = {name: i for i, name in enumerate(dict.fromkeys(claims))}
        self.draws = 0

    def lower(self) -> Lowered:
        timed = {s: [r for r in self.life.rows if r.timed and r.state == s] for s in self.life.states}
        signalled = {s: [r for r in self.life.rows if not r.timed and r.state == s] for s in self.life.states}
        first = len(self.rows["transitions"])
        spans: dict[str, list[int]] = {}
        clocks = len(self.carried)
        for state, rows in timed.items():
            t0, own = first, len(self.carried)
            for row in rows:
                clock = self.carried.get(row.clock or row.name, own)
                own += clock == own
                self._row(row, clock)
            first += len(rows)
            spans[state] = [t0, first]
            clocks = max(clocks, own)
        for state, rows in signalled.items():
            spans[state] += [first, first + len(rows)]
            first += len(rows)
            for row in rows:
                self._row(row, T.NONE)
        for written in self.life.states.values():
            part = self.home.label(written.part)
            tags = self.home.mask(written.tags)
            self.rows["states"].append((*spans[written.name], tags, part, written.rate, written.gain))
            self.home.state_names.append(f"{self.life.name}.{written.name}")
        return Lowered(self.states, self.state0, self.state0 + len(self.states), self.slots, clocks, len(self.memory),
                       self.draws, len(self.claims))  # fmt: skip

    def _row(self, row: Row, clock: int) -> None:
        dist = self._law(row.law, row.scale, row.inverted) if row.law is not None else T.NONE
        draws = len(row.cases) > 1 or (row.law is not None and row.law.kind not in (DETERMINISTIC, GRID))
        draw = self._draw() if draws else T.NONE
        g0, c0 = len(self.rows["guards"]), len(self.rows["cases"])
        for guard in row.when:
            self.rows["guards"].append((self.place[guard.removeprefix("!")], int(not guard.startswith("!"))))
        reached = 0.0
        for n, case in enumerate(row.cases):
            reached += case.p
            self._case(row, n, case, 1.0 if n == len(row.cases) - 1 else reached)
        memory = self.memory.get(row.clock or row.name, T.NONE) if row.timed else T.NONE
        age = self._law(row.age, None, False) if row.age is not None else T.NONE
        self.rows["transitions"].append((
            self.home.signal(row.signal), dist, row.policy, clock, memory, g0, len(self.rows["guards"]), c0,
            len(self.rows["cases"]), draw, age, int(row.origin), self.states[row.state], name_hash(row.name),
        ))  # fmt: skip
        self.home.row_names.append(row.name)

    def _case(self, row: Row, n: int, case: Case, reached: float) -> None:
        e0 = len(self.rows["effects"])
        for place, effect in enumerate(case.do):
            self._effect(effect, f"{row.name}/{n}/{place}")
        target = self.states[case.target] if case.target else T.NONE
        self.rows["cases"].append((reached, target, e0, len(self.rows["effects"])))

    def _effect(self, e: Effect, name: str) -> None:
        slot = self.place[e.slot] if e.slot else T.NONE
        i, k, draw, dist = e.i, e.k, T.NONE, T.NONE
        if e.op in (T.REQUEST, T.RELEASE):
            i = self.claims[e.claim]
        if e.op == T.REQUEST:
            dist = self.home.signal(e.revoked)
        if e.op == T.SCATTER and e.k in (T.EACH, T.ANY):
            draw = self._draw()
        if e.op == T.SET and e.law is not None:
            dist = self._law(e.law, e.scale, False)
            draw = self._draw() if e.law.kind != DETERMINISTIC else T.NONE
        if e.op == T.RECORD:
            i = self.home.label(e.label)
        if e.op == T.FORGET:
            row = next(r for r in self.life.rows if e.row in (r.name, r.clock) and r.policy >= T.RESUME)
            i, k = self.memory[row.clock or row.name], int(row.policy == T.AGED)
        self.rows["effects"].append((e.op, slot, i, e.j, k, self.home.signal(e.signal), dist, draw, e.x,
                                     self.home.mask(e.tags), name_hash(name)))  # fmt: skip

    def _draw(self) -> int:
        self.draws += 1
        return self.draws - 1

    def _law(self, law: Law, scale: Source | None, inverted: bool) -> int:
        q0 = len(self.rows["points"])
        self.rows["points"] += [tuple(point) for point in law.points]
        source = (T.NONE, T.NONE, 0) if scale is None else (scale.kind, self.place[scale.name], scale.field)
        self.home.laws.append(law.label or f"kind {law.kind} ({law.a:g}, {law.b:g}, {law.c:g})")
        self.rows["dists"].append((law.kind, law.a, law.b, law.c, q0, len(self.rows["points"]), *source, int(inverted)))
        return len(self.rows["dists"]) - 1
