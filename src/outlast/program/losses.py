"""How many more losses a condition stands: a distance to its failure, read off groups, gates and services.

Here the tables are written that `engines/kernel/losses.py` evaluates in the state of a world: a row for the condition
and for each one that it is made of, parts before wholes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from outlast.program import tables as T
from outlast.program.program import Program


class Losses:
    """Distances of one condition.  `tables`: rows by name of the table (`tables.LOSSES`)."""

    def __init__(self, program: Program, condition: int) -> None:
        self.t = program.tables
        self._places: dict[int, int] = {}
        self._rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in T.LOSSES}
        self._place(condition)

    @property
    def tables(self) -> dict[str, np.ndarray]:
        return {name: np.array(rows, dtype=T.LOSSES[name]) for name, rows in self._rows.items()}

    def _place(self, c: int) -> int:
        """Place of a condition's row; it is written, after those of its parts, when it is first asked for."""
        if c < 0:
            return -1
        if c not in self._places:
            row = self.t["conditions"][c]
            kind, item, share, spans = int(row["kind"]), int(row["object"]), 0, (0, 0, 0, 0)
            if kind == T.GROUP and item in self._gates:
                kind, spans = T.GATE, (*self._written("parts", [(self._place(p), 0) for p in self._gates[item]]), 0, 0)
            elif kind == T.SERVICE_FIELD:
                share, spans = int(row["field"] == T.GOOD_SHARE), self._service(item)
            self._places[c] = len(self._rows["distances"])
            self._rows["distances"].append((c, kind, item, share, float(row["level"]), *spans, 0))
        return self._places[c]

    def _written(self, name: str, rows: Sequence[tuple[float, ...]]) -> tuple[int, int]:
        """Where in the table these rows now are."""
        first = len(self._rows[name])
        self._rows[name] += rows
        return first, first + len(rows)

    @cached_property
    def _gates(self) -> dict[int, list[int]]:
        """Gate -> the conditions it counts while they hold."""
        found: dict[int, list[int]] = {}
        for c, row in enumerate(self.t["conditions"]):
            for parent in self.t["parents"][int(row["p0"]) : int(row["p1"])]:
                parts = found.setdefault(int(parent["group"]), [])
                if parent["want"] == 1:
                    parts.append(c)
        return found

    def _service(self, s: int) -> tuple[int, int, int, int]:
        """Terms as pieces, and needs without which nothing is good."""
        row, pieces = self.t["services"][s], list[tuple[float, ...]]()
        for site in self.t["sites"][int(row["s0"]) : int(row["s1"])]:
            for term in self.t["terms"][int(site["t0"]) : int(site["t1"])]:
                places = self._place(int(term["live"])), self._place(int(site["reach"]))
                pieces.append((int(term["group"]), float(term["capacity"]), *places, 0, 0))
        needs = self.t["needs"][int(row["n0"]) : int(row["n1"])]
        vital = [(self._place(int(need["condition"])), 0) for need in needs if need["factor"] == 0.0]
        return (*self._written("pieces", pieces), *self._written("parts", vital))
