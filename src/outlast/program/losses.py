"""How many more losses a condition stands: a distance to its failure, read off groups, gates and services."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

from outlast.program import tables as T
from outlast.program.program import Program


class Losses:
    """Distances in the state of a world: the least number of units whose loss makes a condition false.

    A loss takes one unit out of a group.  What a group or a gate stands is counted exactly; a service is taken apart
    greedily, whatever takes most capacity per loss first, so its distance is an estimate.
    """

    def __init__(self, program: Program, world: Any) -> None:
        self.t, self.world = program.tables, world
        self._known: dict[int, float] = {}

    def until(self, condition: int) -> int:
        """At least 1; 1 also where losses alone do not make it false."""
        losses = self._condition(condition)
        return max(1, int(losses)) if losses < math.inf else 1

    def _condition(self, c: int) -> float:
        if c not in self._known:
            self._known[c] = math.inf  # while it is looked at: conditions in a circle do not make each other false
            self._known[c] = self._losses(c) if self.world.conditions[c]["above"] else 0.0
        return self._known[c]

    def _losses(self, c: int) -> float:
        row = self.t["conditions"][c]
        if row["kind"] == T.GROUP:
            group = int(row["object"])
            spare = int(self.world.groups[group]["count"]) - math.ceil(row["level"])
            if group not in self._gates:
                return float(spare + 1)
            parts = sorted(self._condition(part) for part in self._gates[group])
            return sum(parts[: spare + 1]) if spare < len(parts) else math.inf
        if row["kind"] == T.SERVICE_FIELD:
            return self._service(int(row["object"]), float(row["level"]))
        return math.inf

    @cached_property
    def _gates(self) -> dict[int, list[int]]:
        """Gate -> the conditions it counts now because they hold."""
        found: dict[int, list[int]] = {}
        for c, row in enumerate(self.t["conditions"]):
            for parent in self.t["parents"][int(row["p0"]) : int(row["p1"])]:
                parts = found.setdefault(int(parent["group"]), [])
                if parent["want"] == 1 and self.world.conditions[c]["above"]:
                    parts.append(c)
        return found

    def _service(self, s: int, level: float) -> float:
        """Members lost one by one, or all of a term at once with its live condition, until too little is left."""
        row, pieces = self.t["services"][s], []
        for site in self.t["sites"][int(row["s0"]) : int(row["s1"])]:
            for term in self.t["terms"][int(site["t0"]) : int(site["t1"])]:
                count = int(self.world.groups[int(term["group"])]["count"])
                live = self._condition(int(term["live"])) if term["live"] >= 0 else math.inf
                cost = min(float(count), live)
                if count > 0 and 0.0 < cost < math.inf:
                    pieces.append((count * float(term["capacity"]), cost))
        left, lost = sum(capacity for capacity, _ in pieces), 0.0
        for capacity, cost in sorted(pieces, key=lambda piece: piece[1] / max(piece[0], 1e-300)):
            if left - capacity >= level:
                lost, left = lost + cost, left - capacity
            else:
                return lost + max(1.0, math.ceil(cost * (left - level) / capacity))
        return lost
