"""The course of single replications, simulated again: what their measures come to in short windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from outlast.errors import UsageError
from outlast.kinds.reports import Course, Line
from outlast.run import measures
from outlast.run.batch import Batch, Floats
from outlast.run.replications import ENGINES, run_program
from outlast.scenario.lower import lower

if TYPE_CHECKING:
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario

ROUND_S = (60.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0)
MOST_WINDOWS = 9000
TYPICAL, WORST = "typical", "worst"


@dataclass(frozen=True)
class Replayed:
    """One component in one replication. which: typical or worst; edges: of the windows, s; values: of every line of the
    course [lines, windows], means over the windows."""

    component: str
    course: Course
    which: str
    replication: int
    judged: float
    edges: Floats
    values: Floats


def worst_window(one: Replayed) -> int:
    """Where most of what was wanted was not there; where nothing lacked, the least of what there was."""
    short = one.values[0] - one.values[-1]
    return int(np.argmax(short)) if short.max() > 0.0 else int(np.argmin(one.values[-1]))


def courses(scenario: Scenario) -> list[tuple[str, Course]]:
    """(component, course) of everything that has one."""
    components = scenario.spec.components.items()
    return [(name, one) for name, kind in components for one in kind.reports() if isinstance(one, Course)]


def chosen(result: Result, component: str, course: Course, variant: str) -> list[tuple[str, int, float]]:
    """(which, replication, value) of the replication nearest to the median, and of the worst if it differs."""
    table = result.replications
    mine = (table["component"] == component) & (table["measure"] == course.judged_by) & (table["variant"] == variant)
    rows = table[mine & np.isfinite(table["value"])]
    if rows.empty:
        return []
    values, numbers = rows["value"].to_numpy(), rows["replication"].to_numpy()
    picks = {TYPICAL: int(np.argmin(abs(values - np.median(values)))), WORST: int(np.argmin(values))}
    if values[picks[TYPICAL]] == values[picks[WORST]]:
        del picks[WORST]
    return [(which, int(numbers[place]), float(values[place])) for which, place in picks.items()]


def replayed(result: Result, scenario: Scenario, wanted: Sequence[tuple[str, Course]]) -> Iterator[Replayed]:
    """The typical and the worst replication of each. scenario: that of the first variant of the result.

    Raises UsageError for the exact engine, which has no replications.
    """
    if result.engine not in ENGINES:
        raise UsageError("the exact engine has no replications")
    variant = str(result.replications["variant"].iloc[0]) if len(result.replications) else ""
    picks = [(name, course, *pick) for name, course in wanted for pick in chosen(result, name, course, variant)]
    if not picks:
        return
    spec = scenario.spec
    step = next((s for s in ROUND_S if spec.horizon / s <= MOST_WINDOWS), spec.horizon / MOST_WINDOWS)
    short = spec.model_copy(update={"window": step, "objectives": [], "agreements": {}, "thresholds": {}})
    program = lower(short, scenario.document)
    numbers = sorted({replication for *_, replication, _ in picks})
    batches = {r: Batch(program, run_program(program, 1, result.seed, 1, None, result.engine, None, r).outcomes)
               for r in numbers}  # fmt: skip
    for name, course, which, replication, judged in picks:
        batch = batches[replication]
        values = np.stack([_line(batch, name, line) for line in course.lines])
        edges = np.append(batch.spans[:, 0], batch.spans[-1, 1])
        yield Replayed(name, course, which, replication, judged, edges, values)


def _line(batch: Batch, component: str, line: Line) -> Floats:
    """[windows]; a share of nothing is all of it."""
    value = np.full(len(batch.spans), line.factor)
    for measure, empty in ((line.measure, 0.0), (line.times, 1.0)):
        if measure:
            metric = next(m for m in batch.program.metrics if (m.component, m.measure) == (component, measure))
            counted = measures.tally(batch, metric)
            found = measures.values(metric, counted.over, counted.under)[0]
            value = value * np.where(np.isnan(found), empty, found)
    return value
