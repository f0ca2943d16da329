"""A program: its tables, and the names that make results readable."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from outlast.program.metrics import Metric
from outlast.stats.distributions import GRID

FIRST_CONTROLLER = -2  # as a cause: controller c is -2 - c (R14)


def window_count(horizon: float, warm_up: float, window: float) -> int:
    """Number of windows after the warm-up: boundaries warm_up + k W (by multiplication) below the horizon."""
    if window <= 0:
        return 1
    n = max(1, math.ceil((horizon - warm_up) / window))
    while warm_up + n * window < horizon:
        n += 1
    while n > 1 and warm_up + (n - 1) * window >= horizon:
        n -= 1
    return n


@dataclass(frozen=True)
class Names:
    """Names of rows of the tables, by index."""

    cohorts: tuple[str, ...]
    components: tuple[str, ...]  # of every cohort
    scopes: tuple[str, ...]  # of every cohort
    states: tuple[str, ...]
    rows: tuple[str, ...]  # of transitions
    signals: tuple[str, ...]
    conditions: tuple[str, ...]
    groups: tuple[str, ...]
    pools: tuple[str, ...]
    stocks: tuple[str, ...]
    profiles: tuple[str, ...]
    services: tuple[str, ...]
    tags: tuple[str, ...]
    laws: tuple[str, ...]  # of dists, as a person writes them
    controllers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Program:
    """Plain arrays (`outlast.program.tables.PROGRAM`) and names; immutable, picklable, shared by threads."""

    tables: dict[str, np.ndarray]
    names: Names
    meters: tuple[str, ...]
    metrics: tuple[Metric, ...]
    outage_names: tuple[str, ...]  # measured id -> component
    labels: tuple[str, ...]
    losses: tuple[str, ...]  # stock -> label of what its rollbacks lose
    cache: dict[str, object] = field(default_factory=dict, repr=False)  # what an engine derives from the tables

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "cache": {}}

    @property
    def horizon(self) -> float:
        """Seconds simulated, warm-up included."""
        return float(self.tables["head"][0]["horizon"])

    @property
    def warm_up(self) -> float:
        """Seconds before measuring begins."""
        return float(self.tables["head"][0]["warm_up"])

    @property
    def window(self) -> float:
        """Length of a window in seconds; 0 = one window."""
        return float(self.tables["head"][0]["window"])

    @cached_property
    def windows(self) -> list[tuple[float, float]]:
        """(start_s, end_s) of every window, the warm-up first if there is one (R13)."""
        n = window_count(self.horizon, self.warm_up, self.window)
        edges = [self.warm_up + k * self.window for k in range(n)] + [self.horizon]
        spans = list(pairwise(edges))
        return [(0.0, self.warm_up), *spans] if self.warm_up > 0 else spans

    @cached_property
    def chancy(self) -> bool:
        """Whether replications may differ: something is drawn, or evaluated at a drawn phase."""
        t = self.tables
        drawn = any((t[table][field] >= 0).any() for table, field in (("transitions", "draw"), ("transitions", "age"),
                                                                     ("effects", "draw")))  # fmt: skip
        phases = (t["dists"]["kind"] == GRID) & (t["dists"]["b"] < 0.0)
        return bool(drawn or phases.any() or len(t["controllers"]))

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.tables["owners"])

    @cached_property
    def _firsts(self) -> list[int]:
        return [int(row["first"]) for row in self.tables["cohorts"]]

    def cohort_of(self, unit: int) -> int:
        """Index of a unit's cohort."""
        return bisect_right(self._firsts, unit) - 1

    def unit_name(self, unit: int) -> str:
        """`cohort[i]`, or just `cohort` if it has one unit."""
        cohort = self.cohort_of(unit)
        row = self.tables["cohorts"][cohort]
        name = self.names.cohorts[cohort]
        return name if row["count"] == 1 else f"{name}[{unit - int(row['first'])}]"

    def unit_component(self, unit: int) -> str:
        """Component a unit belongs to."""
        return self.names.components[self.cohort_of(unit)]

    def cause_name(self, cause: int) -> str:
        """A unit's or a controller's name; "" for none (R14)."""
        if cause <= FIRST_CONTROLLER:
            return self.names.controllers[FIRST_CONTROLLER - cause]
        return self.unit_name(cause) if cause >= 0 else ""

    def cause_scope(self, cause: int) -> str:
        """Level of failure the causing unit stands for: "host", "zone", ..., "controller"; "" for none."""
        if cause <= FIRST_CONTROLLER:
            return "controller"
        return self.names.scopes[self.cohort_of(cause)] if cause >= 0 else ""

    def cause_source(self, cause: int) -> str:
        """Component or place that the causing unit belongs to; a controller's own name; "" for none."""
        return self.unit_component(cause) if cause >= 0 else self.cause_name(cause)
