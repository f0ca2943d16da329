"""All replications of one variant as arrays: meter sums of the measured windows, outages, recorded values.

The warm-up is dropped here, once: its row of sums, outages that began in it, values recorded in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from outlast.program import tables
from outlast.program.metrics import RECOVERED
from outlast.stats.estimates import IDENTICAL_BOUND

if TYPE_CHECKING:
    from outlast.engines.outcome import Outcome
    from outlast.program.metrics import Terms
    from outlast.program.program import Program
    from outlast.run.sla import Account
    from outlast.scenario.agreement import Agreement
    from outlast.scenario.scenario import Scenario
    from outlast.stats.estimates import Estimate

CONSTANT = "constant: nothing is random"
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Outages:
    """One row per outage, ordered by (replication, start, component). row: place of the replication in the
    batch; number: counts from 0 within a replication; condition: the measured condition; times in seconds."""

    row: Ints
    number: Ints
    condition: Ints
    component: Texts
    cause: Ints
    scope: Texts
    start: Floats
    duration: Floats
    censored: Flags

    def __len__(self) -> int:
        return len(self.row)

    def at(self, places: Ints) -> Outages:
        """Some of the rows."""
        return Outages(**{one.name: getattr(self, one.name)[places] for one in fields(self)})


@dataclass(frozen=True)
class Records:
    """One row per recorded value, in order of (replication, time). value: NaN where only the fact was
    recorded."""

    row: Ints
    time: Floats
    component: Texts
    label: Texts
    value: Floats
    cause: Ints
    scope: Texts

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Stays:
    """Time that units spent in named parts (detect, decide, ...), one row per visit, times in seconds."""

    row: Ints
    component: Texts
    part: Texts
    start: Floats
    end: Floats


class Batch:
    """Replications of one program under one variant name. agreements: by name; starts: date of time 0 ("YYYY-MM-DD";
    None: 1 January of a common year). accounts: what `outlast.run.sla` has counted of them so far."""

    def __init__(
        self,
        program: Program,
        outcomes: Sequence[Outcome],
        variant: str = "base",
        agreements: Mapping[str, Agreement] | None = None,
        starts: str | None = None,
    ) -> None:
        self.program = program
        self.outcomes = list(outcomes)
        self.rare: dict[tuple[str, str], Estimate] = {}  # by (component, measure), better ones (`outlast.run.rare`)
        self.remarks: dict[str, str] = {}  # by component, why there are none
        self.variant = variant
        self.agreements = dict(agreements or {})
        self.starts = starts
        self.accounts: dict[str, Account] = {}

    @classmethod
    def of(cls, scenario: Scenario, outcomes: Sequence[Outcome], variant: str = "base") -> Batch:
        """Replications of a scenario."""
        return cls(scenario.program(), outcomes, variant, scenario.spec.agreements, scenario.spec.starts)

    def first(self, n: int) -> Batch:
        """The first n replications."""
        return Batch(self.program, self.outcomes[:n], self.variant, self.agreements, self.starts)

    def __len__(self) -> int:
        return len(self.outcomes)

    @cached_property
    def numbers(self) -> Ints:
        """Replication number of every row."""
        return np.array([outcome.replication for outcome in self.outcomes], dtype=np.int64)

    @cached_property
    def spans(self) -> Floats:
        """Start and end of every measured window, seconds: [windows, 2]."""
        windows = np.array(self.program.windows, dtype=np.float64).reshape(-1, 2)
        return windows[self._skipped :]

    @cached_property
    def sums(self) -> Floats:
        """Reductions of the meters in the measured windows: [replications, windows, meters]."""
        shape = (0, len(self.spans), len(self.program.meters))
        rows = [outcome.sums[self._skipped :] for outcome in self.outcomes]
        return np.stack(rows) if rows else np.empty(shape)

    def settled(self, found: Estimate) -> Estimate:
        """What is identical in every replication is exact where nothing is random."""
        if found.method != IDENTICAL_BOUND or self.program.chancy:
            return found
        return replace(found, ci_low=found.mean, ci_high=found.mean, method=CONSTANT)

    def amounts(self, terms: Terms) -> Floats:
        """Sum of (coefficient, meter) in the measured windows: [replications, windows]."""
        total = np.zeros(self.sums.shape[:2])
        for coefficient, name in terms:
            total += coefficient * self.sums[:, :, self.places[name]]
        return total

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of every meter in `sums`."""
        return {name: place for place, name in enumerate(self.program.meters)}

    @property
    def _skipped(self) -> int:
        return 1 if self.program.warm_up > 0 else 0

    @cached_property
    def outages(self) -> Outages:
        """Those that began in measured time."""
        return self._outages(self.program.warm_up)

    @cached_property
    def unrecovered(self) -> Outages:
        """Spells below the level at which a recovery clock stops, of components that state one."""
        return self._outages(0.0, RECOVERED)

    @cached_property
    def every_outage(self) -> Outages:
        """Also those that began in the warm-up."""
        return self._outages(0.0)

    def _outages(self, since: float, ending: str = "") -> Outages:
        """ending: of the names of the measured conditions; "": those of components themselves."""
        log, row = self._log(tables.OUTAGE, tables.OUTAGE)
        wanted = [name.endswith(RECOVERED) == bool(ending) for name in self.program.outage_names]
        counted = (log["x"] >= since) & np.array(wanted, dtype=bool)[log["a"].astype(np.int64)]
        log, row = log[counted], row[counted]
        component = _named(log["a"], lambda condition: self._measured(condition).removesuffix(RECOVERED))
        order = np.lexsort((component.astype(str), log["x"], row))
        log, row, component = log[order], row[order], component[order]
        return Outages(
            row=row,
            number=np.arange(len(row)) - np.searchsorted(row, row),
            condition=log["a"].astype(np.int64),
            component=component,
            cause=log["cause"].astype(np.int64),
            scope=self.scopes(log["cause"]),
            start=log["x"].copy(),
            duration=log["y"].copy(),
            censored=log["b"] == 1,
        )

    def outages_of(self, component: str) -> Outages:
        """Those of one component."""
        return self._outages_by_component.get(component) or self.outages.at(np.empty(0, np.int64))

    @cached_property
    def _outages_by_component(self) -> dict[str, Outages]:
        names, place = np.unique(self.outages.component.astype(str), return_inverse=True)
        return {str(name): self.outages.at(np.flatnonzero(place == i)) for i, name in enumerate(names)}

    @cached_property
    def records(self) -> Records:
        log, row = self._log(tables.RECORDED, tables.LOSS)
        counted = log["time"] >= self.program.warm_up
        log, row = log[counted], row[counted]
        label = _named(np.where(log["kind"] == tables.LOSS, -1 - log["a"], log["a"]), self._label)
        return Records(
            row=row,
            time=log["time"].copy(),
            component=_named(log["b"], self._component),
            label=label,
            value=log["x"].copy(),
            cause=log["cause"].astype(np.int64),
            scope=self.scopes(log["cause"]),
        )

    @cached_property
    def stays(self) -> Stays:
        log, row = self._log(tables.STAY, tables.STAY)
        return Stays(
            row=row,
            component=_named(log["a"], self._component),
            part=_named(log["b"], self._label),
            start=log["x"].copy(),
            end=log["x"] + log["y"],
        )

    def scopes(self, causes: npt.NDArray[np.integer]) -> Texts:
        return _named(causes, self.program.cause_scope)

    def sources(self, causes: npt.NDArray[np.integer]) -> Texts:
        return _named(causes, self.program.cause_source)

    def causes(self, causes: npt.NDArray[np.integer]) -> Texts:
        return _named(causes, self.program.cause_name)

    def _log(self, *kinds: int) -> tuple[np.ndarray, Ints]:
        """Log rows of some kinds, and the row of the replication each belongs to."""
        picked = [outcome.log[np.isin(outcome.log["kind"], kinds)] for outcome in self.outcomes]
        rows = np.concatenate(picked) if picked else np.empty(0, tables.LOG)
        return rows, np.repeat(np.arange(len(picked)), [len(part) for part in picked])

    def _measured(self, condition: int) -> str:
        return self.program.outage_names[condition]

    def _component(self, unit: int) -> str:
        return self.program.unit_component(unit) if unit >= 0 else ""

    def _label(self, label: int) -> str:
        return self.program.labels[label] if label >= 0 else self.program.losses[-1 - label]


def _named(codes: npt.NDArray[np.integer], name: Callable[[int], str]) -> Texts:
    """Text of every code, looked up once per distinct code."""
    distinct, place = np.unique(codes, return_inverse=True)
    texts = np.empty(len(distinct), dtype=object)
    texts[:] = [name(int(code)) for code in distinct]
    return texts[place]
