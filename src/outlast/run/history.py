"""What happened in one replication, moment by moment, from its trace.

Values between events are worked out by the reference engine's own rules from the counts, conditions and profiles that
the trace tells (R11), so whichever engine ran the replication gives the same history.  Times are seconds from the start
of the simulation, warm-up included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from outlast.engines.reference.build import build_world
from outlast.engines.reference.group import change
from outlast.engines.reference.loop import count_units, evaluate_nodes
from outlast.engines.reference.service import recompute, sums
from outlast.program import tables as t
from outlast.program.components import component_names, home
from outlast.program.metrics import RECOVERED
from outlast.run.batch import Batch

if TYPE_CHECKING:
    import pandas as pd

    from outlast.engines.outcome import Outcome
    from outlast.engines.reference.world import Service, Unit, World
    from outlast.program.program import Program

FLOWS = ("demand", "served", "good", "capacity")  # requests per second
OFFERED, SERVED, GOOD = t.OFFERED, t.SERVED, t.GOOD
FAILED = "failed"  # tag of states of a failed item, where a lifecycle has it
WORKING = ("up", "ready", "serving", "replica", "active")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """A value that changes in steps: it is values[i] from times[i] on.  name: demand, served, good, capacity,
    available, or that of a group of units; unit: "req/s" or "1"."""

    component: str
    name: str
    unit: str
    times: Floats
    values: Floats

    def at(self, times: Floats) -> Floats:
        """The values at these times."""
        return self.values[np.searchsorted(self.times, times, side="right") - 1]

    def integral(self, until: Floats) -> Floats:
        """The integral from 0 to each of these times."""
        area = np.concatenate([[0.0], np.cumsum(np.diff(self.times) * self.values[:-1])])
        place = np.searchsorted(self.times, until, side="right") - 1
        return np.asarray(area[place] + (until - self.times[place]) * self.values[place])


@dataclass(frozen=True)
class Stay:
    """A unit in one state.  bad: it has failed and is not back yet; open: the horizon cut the stay off."""

    unit: str
    component: str
    scope: str
    state: str
    start: float
    end: float
    bad: bool
    cause: str
    open: bool = False


class History:
    """One replication, run with `trace=True`."""

    def __init__(self, program: Program, outcome: Outcome) -> None:
        self.program, self.outcome = program, outcome
        self.horizon = program.horizon

    @property
    def measured(self) -> list[str]:
        """Everything that has an availability."""
        return [name for name in self.program.outage_names if not name.endswith(RECOVERED)]

    @cached_property
    def outages(self) -> pd.DataFrame:
        """The frame `outages` of this replication; also what began in the warm-up."""
        from outlast.run import frames

        batch = Batch(self.program, [self.outcome])
        batch.__dict__["outages"] = batch.every_outage
        return frames.build("outages", [batch])

    @cached_property
    def stays(self) -> list[Stay]:
        """Every stay of every unit, in order of units and time."""
        fired = self.outcome.log[self.outcome.log["kind"] == t.FIRED]
        targets = self.program.tables["cases"]["target"][fired["b"]]
        moved = fired[targets >= 0]
        order = np.argsort(moved["a"], kind="stable")
        rows, states = moved[order], targets[targets >= 0][order]
        edges = np.searchsorted(rows["a"], np.arange(self.program.units + 1))
        return [
            stay
            for unit, (first, last) in enumerate(pairwise(edges.tolist()))
            for stay in self._of_unit(unit, rows[first:last], states[first:last].tolist())
        ]

    def _of_unit(self, unit: int, rows: np.ndarray, targets: list[int]) -> Iterator[Stay]:
        program, cohort = self.program, self.program.cohort_of(unit)
        states = [int(program.tables["cohorts"][cohort]["initial"]), *targets]
        times = [0.0, *rows["time"].tolist(), self.horizon]
        causes = ["", *(program.cause_name(cause) for cause in rows["cause"].tolist())]
        about = program.unit_name(unit), program.names.components[cohort], program.names.scopes[cohort]
        for i, (state, cause) in enumerate(zip(states, causes, strict=True)):
            if times[i + 1] > times[i]:
                name = program.names.states[state].rpartition(".")[2]
                last = i + 1 == len(states)
                yield Stay(*about, name, times[i], times[i + 1], self._bad[state], cause, last)

    @cached_property
    def _bad(self) -> list[bool]:
        """Of every state: whether a unit in it has failed.

        Where a lifecycle marks failed states, those; else, where it marks working ones, the others that nothing can
        fail from.  What marks neither, such as a script of failures, does not fail itself.
        """
        tables, bad = self.program.tables, [False] * len(self.program.tables["states"])
        for row in tables["cohorts"]:
            life = range(int(row["state0"]), int(row["state1"]))
            tags = {s: self._tags(s) for s in life}
            origins = {s for s in life if self._can_fail(s)}
            working = {s for s in life if not tags[s].isdisjoint(WORKING)}
            marked = any(FAILED in named for named in tags.values())
            for s in life:
                well = s in working or s in origins or s == row["initial"]
                bad[s] = FAILED in tags[s] if marked else bool(working and origins) and not well
        return bad

    def _tags(self, state: int) -> set[str]:
        mask = int(self.program.tables["states"][state]["tags"])
        return {name for i, name in enumerate(self.program.names.tags) if mask >> i & 1}

    def _can_fail(self, state: int) -> bool:
        row = self.program.tables["states"][state]
        return bool(self.program.tables["transitions"]["origin"][row["t0"] : row["t1"]].any())

    @cached_property
    def failures(self) -> list[Stay]:
        """Failures of units, by time: from the failure until the unit is back, whatever states it goes through."""
        found: list[Stay] = []
        before: Stay | None = None
        for stay in self.stays:
            if not stay.bad:
                before = None
            elif before is not None and before.unit == stay.unit:
                found[-1] = before = _joined(before, stay)
            else:
                found.append(stay)
                before = stay
        return sorted(found, key=lambda one: (one.start, one.component, one.unit))

    @cached_property
    def series(self) -> list[Series]:
        """available (0 or 1) of every component with an availability; demand, served, good and capacity of every
        endpoint; the number of units in every group that is measured."""
        return _Replay(self.program, self.outcome).series()


def _joined(first: Stay, then: Stay) -> Stay:
    return Stay(first.unit, first.component, first.scope, first.state, first.start, then.end, True, first.cause,
                then.open)  # fmt: skip


class _Points:
    """Times and values of a series, as they come."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.values: list[float] = []

    def add(self, time: float, value: float) -> None:
        """Keep a value; the last of an instant counts."""
        if self.times and self.times[-1] == time:
            self.values[-1] = value
        elif not self.values or self.values[-1] != value:
            self.times.append(time)
            self.values.append(value)

    def series(self, component: str, name: str, unit: str) -> Series:
        """What came."""
        return Series(component, name, unit, np.array(self.times), np.array(self.values))


class _Replay:
    """Puts a world through the events of a trace."""

    def __init__(self, program: Program, outcome: Outcome) -> None:
        self.program, self.outcome = program, outcome
        self.world: World = build_world(program, outcome.seed, outcome.replication, False, lambda number: None)
        self.cases = program.tables["cases"]
        self.effects = program.tables["effects"]
        self.routed = bool((self.effects["op"] == t.ROUTE).any())
        self.components = frozenset(component_names(program))
        metered = program.tables["services"]["meter0"] >= 0
        self.services = [s for s, kept in zip(self.world.services, metered, strict=True) if kept]
        gates = {int(row["group"]) for row in program.tables["parents"]}
        self.groups = [g for g in self.world.groups if g.meters and g.number not in gates]
        self.flows = {(s.number, name): _Points() for s in self.services for name in FLOWS}
        self.counts = {g.number: _Points() for g in self.groups}
        self.ups = {c.number: _Points() for c in self.world.conditions if self._available(c.measured)}

    def _available(self, measured: int) -> bool:
        return measured != t.NONE and not self.program.outage_names[measured].endswith(RECOVERED)

    def series(self) -> list[Series]:
        self._run()
        names, series = self.program.names, list[Series]()
        for number, points in self.ups.items():
            measured = self.program.outage_names[self.world.conditions[number].measured]
            series.append(points.series(measured, "available", "1"))
        for (number, name), points in self.flows.items():
            series.append(points.series(home(names.services[number], self.components), name, "req/s"))
        for number, points in self.counts.items():
            component = home(names.groups[number], self.components)
            series.append(points.series(component, names.groups[number].removeprefix(component).strip(), "1"))
        return series

    def _run(self) -> None:
        world = self.world
        count_units(world)
        evaluate_nodes(world)
        self._keep(0.0)
        told = self.outcome.log[np.isin(self.outcome.log["kind"], (t.FIRED, t.FLIP, t.STEP))]
        columns = (told[name].tolist() for name in ("time", "kind", "a", "b", "x"))
        now = 0.0
        for time, kind, a, b, x in zip(*columns, strict=True):
            if time != now:
                self._keep(now)
                now = time
            if kind == t.FIRED:
                self._fired(a, b)
            elif kind == t.FLIP:
                self._flipped(a, bool(b))
            else:
                world.profiles[a].value = x
        self._keep(now)

    def _fired(self, number: int, case: int) -> None:
        unit, target = self.world.units[number], int(self.cases[case]["target"])
        if self.routed:
            self._route(unit, case)
        if target == t.NONE:
            return
        before, unit.state = unit.state, self.world.plan.states[target]
        for each in unit.cohort.memberships:
            by = bool(unit.state.tags & each.tags) - bool(before.tags & each.tags)
            if by:
                change(self.world, self.world.groups[each.group + each.stride * unit.index], by)

    def _route(self, unit: Unit, case: int) -> None:
        for effect in self.effects[self.cases[case]["e0"] : self.cases[case]["e1"]]:
            if effect["op"] == t.ROUTE:
                self.world.services[unit.reach(int(effect["slot"]))].route = int(effect["i"])

    def _flipped(self, number: int, above: bool) -> None:
        condition = self.world.conditions[number]
        condition.above = above
        for gate, want in condition.parents:
            change(self.world, gate, 1 if above == want else -1)

    def _keep(self, now: float) -> None:
        """What holds from now on."""
        for number, points in self.ups.items():
            points.add(now, float(self.world.conditions[number].above))
        for group in self.groups:
            self.counts[group.number].add(now, float(group.count))
        for service in self.services:
            recompute(self.world, service)
            for name, value in zip(FLOWS, _flow(service), strict=True):
                self.flows[service.number, name].add(now, value)


def _flow(service: Service) -> tuple[float, float, float, float]:
    capacity = sum(sums(site)[2] for site in service.sites)
    return service.fields[OFFERED], service.fields[SERVED], service.fields[GOOD], capacity


def replay(program: Program, seed: int, replication: int) -> History:
    """Run one replication and keep everything that happened."""
    from outlast.engines import kernel  # imported here: it compiles

    return History(program, kernel.run(program, seed, replication, trace=True))
