"""What a condition depends on: everything that can change its value, found by walking the tables backwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from outlast.program import tables as T
from outlast.program.program import Program

Node = tuple[str, int]  # kind ("cohort", "group", "condition", ...) and index in its table
SERVICE_PARTS = (T.SERVICE_FIELD, T.SITE_USE)


def rows_of(program: Program, cohort: int) -> Iterator[int]:
    """Indices of all rows, timed and signalled, of a cohort's lifecycle."""
    c = program.tables["cohorts"][cohort]
    for state in program.tables["states"][int(c["state0"]) : int(c["state1"])]:
        yield from range(int(state["t0"]), int(state["t1"]))
        yield from range(int(state["s0"]), int(state["s1"]))


def _slots(program: Program, row: int) -> Iterator[int]:
    """Slots that the guards, the scale and the effects of a row use."""
    t, rule = program.tables, program.tables["transitions"][row]
    yield from t["guards"]["slot"][int(rule["g0"]) : int(rule["g1"])]
    if rule["dist"] >= 0 and t["dists"][int(rule["dist"])]["source"] >= 0:
        yield t["dists"][int(rule["dist"])]["slot"]
    for case in t["cases"][int(rule["c0"]) : int(rule["c1"])]:
        effects = t["effects"]["slot"][int(case["e0"]) : int(case["e1"])]
        yield from effects[effects >= 0]


class Influences:
    """Who acts on whom in a program; what the tables hold the other way round is turned once."""

    def __init__(self, program: Program) -> None:
        self.program, self.t = program, program.tables
        self.reversed: dict[Node, set[Node]] = defaultdict(set)
        self.forward: dict[Node, set[Node]] = defaultdict(set)
        self.addressed: set[int] = set()  # cohorts with units that somebody speaks to by their place
        for cohort in range(len(self.t["cohorts"])):
            self._read_cohort(cohort)
        for c, row in enumerate(self.t["conditions"]):
            for parent in self.t["parents"][int(row["p0"]) : int(row["p1"])]:
                self.reversed["group", int(parent["group"])].add(("condition", c))
            for listener in self.t["listens"][int(row["l0"]) : int(row["l1"])]:
                self._reaches(("condition", c), int(listener["unit"]))
        for s, row in enumerate(self.t["stocks"]):
            if row["owner"] >= 0:
                self.reversed["stock", s].add(("cohort", program.cohort_of(int(row["owner"]))))
            for watch in self.t["watches"][int(row["w0"]) : int(row["w1"])]:
                self._reaches(("stock", s), int(watch["unit"]))
        for i, row in enumerate(self.t["controllers"]):
            for cohort in self._roster(int(row["group"])):
                self.reversed["cohort", cohort].add(("controller", i))
        for p, row in enumerate(self.t["profiles"]):
            for fed in self.t["fed"][int(row["pool0"]) : int(row["pool1"])]:
                self.reversed["pool", int(fed["pool"])].add(("profile", p))

    def behind(self, condition: int, *, pools: bool = True) -> set[Node]:
        """All objects that a condition depends on, itself included; whole cohorts, so never too few.

        pools: also those it depends on only because they share a pool (of people, spares) with another.
        """
        found: set[Node] = {("condition", condition)}
        waiting = list(found)
        while waiting:
            for node in self._inputs(waiting.pop()):
                if node not in found and (pools or node[0] != "pool"):
                    found.add(node)
                    waiting.append(node)
        return found

    def exchangeable(self, cohort: int) -> bool:
        """True if nothing tells the units of a cohort apart: no pairs, and nobody speaks to one by its place."""
        t, c = self.t, self.t["cohorts"][cohort]
        if c["count"] == 1:
            return True
        slots = {slot for row in rows_of(self.program, cohort) for slot in _slots(self.program, row)}
        if any(t["slots"][int(c["slot0"]) + slot]["stride"] for slot in slots):
            return False
        if t["members"]["stride"][int(c["m0"]) : int(c["m1"])].any():
            return False
        return cohort not in self.addressed

    def _inputs(self, node: Node) -> set[Node]:
        """Everything that acts on an object directly."""
        kind, i = node
        found = self.reversed[node] | self.forward[node]
        if kind == "condition":
            found |= self._value(self.t["conditions"][i])
        elif kind == "group":
            found |= {("cohort", cohort) for cohort in self._roster(i)}
        elif kind == "service":
            found |= self._service(i)
        elif kind == "stock":
            found |= self._value(self.t["stocks"][i])
        elif kind == "controller":
            found |= self._controller(self.t["controllers"][i])
        return found

    def _read_cohort(self, cohort: int) -> None:
        me, c = ("cohort", cohort), self.t["cohorts"][cohort]
        for row in (self.t["transitions"][t] for t in rows_of(self.program, cohort)):
            for guard in self.t["guards"][int(row["g0"]) : int(row["g1"])]:
                self.forward[me] |= {("condition", x) for x in self._behind(c, int(guard["slot"]))}
            self._read_scale(me, c, int(row["dist"]))
            for case in self.t["cases"][int(row["c0"]) : int(row["c1"])]:
                for effect in self.t["effects"][int(case["e0"]) : int(case["e1"])]:
                    self._read_effect(me, c, effect)

    def _read_scale(self, me: Node, c: np.void, dist: int) -> None:
        law = self.t["dists"][dist] if dist >= 0 else None
        if law is not None and law["source"] >= 0:
            for item in self._behind(c, int(law["slot"])):
                self.forward[me].add(self._named(int(law["source"]), item))

    def _read_effect(self, me: Node, c: np.void, effect: np.void) -> None:
        op = int(effect["op"])
        objects = self._behind(c, int(effect["slot"])) if effect["slot"] >= 0 else []
        if op == T.EMIT:
            for unit in objects:
                self._reaches(me, unit)
        elif op == T.SCATTER:
            for cohort in {cohort for group in objects for cohort in self._roster(group)}:
                self.reversed["cohort", cohort].add(me)
        elif op in (T.REQUEST, T.RESIZE):
            for pool in objects:
                self.reversed["pool", pool].add(me)
                if op == T.REQUEST:
                    self.forward[me].add(("pool", pool))
        elif op == T.ROUTE:
            for service in objects:
                self.reversed["service", service].add(me)
        elif op in (T.STAGE, T.COMMIT, T.ROLLBACK, T.TAINT, T.SET):
            for stock in objects:
                self.reversed["stock", stock].add(me)

    def _reaches(self, source: Node, unit: int) -> None:
        cohort = self.program.cohort_of(unit)
        self.addressed.add(cohort)
        self.reversed["cohort", cohort].add(source)

    def _behind(self, c: np.void, slot: int) -> list[int]:
        row = self.t["slots"][int(c["slot0"]) + slot]
        count = int(c["count"]) if row["stride"] else 1
        return [int(row["base"]) + int(row["stride"]) * i for i in range(count)]

    def _roster(self, group: int) -> list[int]:
        row = self.t["groups"][group]
        return [int(r["cohort"]) for r in self.t["rosters"][int(row["r0"]) : int(row["r1"])]]

    def _value(self, row: np.void) -> set[Node]:
        return {self._named(int(row["kind"]), int(row["object"]))} if row["kind"] >= 0 else set()

    def _named(self, kind: int, item: int) -> Node:
        if kind == T.SITE_USE:
            services = self.t["services"]
            return "service", int(np.flatnonzero((services["s0"] <= item) & (item < services["s1"]))[0])
        names = {T.GROUP: "group", T.PROFILE: "profile", T.POOL_FREE: "pool", T.POOL_QUEUED: "pool",
                 T.SERVICE_FIELD: "service", T.STOCK_LEVEL: "stock"}  # fmt: skip
        return names[kind], item

    def _service(self, i: int) -> set[Node]:
        row = self.t["services"][i]
        found = self._value(row)
        for need in self.t["needs"][int(row["n0"]) : int(row["n1"])]:
            found.add(("condition", int(need["condition"])))
        for site in self.t["sites"][int(row["s0"]) : int(row["s1"])]:
            conditions = [int(site["reach"])]
            for term in self.t["terms"][int(site["t0"]) : int(site["t1"])]:
                found.add(("group", int(term["group"])))
                conditions += [int(term["live"]), int(term["listed"])]
            found |= {("condition", c) for c in conditions if c >= 0}
        return found

    def _controller(self, row: np.void) -> set[Node]:
        found = self._value(row) | {("group", int(row["group"]))}
        found |= {("group", int(row[group])) for group in ("ready", "missing") if row[group] >= 0}
        return found | ({("condition", int(row["listed"]))} if row["listed"] >= 0 else set())
