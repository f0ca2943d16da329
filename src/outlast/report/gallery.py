"""All figures that a result has, by name; see `outlast.report.figures.of`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from outlast.errors import UsageError
from outlast.kinds.money import TOTAL
from outlast.kinds.reports import Course
from outlast.report import figures, sensitivity, study_figures, sweeps
from outlast.report.cost_figure import costs
from outlast.report.course import courses, replayed
from outlast.report.course_figure import course
from outlast.report.goodput_figure import goodput, wholes
from outlast.report.objectives_figure import margins, objectives
from outlast.report.recovery_figure import parts, recovery
from outlast.report.topology_figure import topologies
from outlast.report.window_figure import attainment
from outlast.run.results import Result
from outlast.study.causes import Causes
from outlast.study.compare import Comparison
from outlast.study.gate import Gate
from outlast.study.pareto import Topologies
from outlast.study.sensitivity import Sensitivity
from outlast.study.sweep import Sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from outlast.scenario.scenario import Scenario

Study: TypeAlias = Result | Comparison | Sweep | Causes | Topologies | Gate | Sensitivity
Draw: TypeAlias = Callable[[], "Figure"]
DIFFERENCES = ("availability", "mean_outage", "effective_training_time", "request_availability")


def gallery(study: Study, scenario: Scenario | None) -> dict[str, Figure]:
    """Those that there is something to draw for. Raises UsageError for anything else than a result."""
    found = {}
    for name, draw in _named(study, scenario):
        with suppress(UsageError):  # nothing to draw
            found[name] = draw()
    return found


def _named(study: Study, scenario: Scenario | None) -> Iterator[tuple[str, Draw]]:
    if isinstance(study, Result):
        yield from _of_result(study, scenario)
    elif isinstance(study, Comparison):
        for measure in (*DIFFERENCES, "cost"):
            only = [(TOTAL if measure == "cost" else None, measure)]
            yield f"difference of {measure}", partial(study_figures.paired, study.differences, only)
        yield from _of_result(study.result, scenario)
    elif isinstance(study, Sweep):
        for component, measure in sweeps.measures(study):  # those that differ
            yield f"{component}.{measure}", partial(study_figures.sweep, study, component, measure)
    elif isinstance(study, Causes):
        yield "causes", partial(figures.causes, study)
        yield "parts of recoveries", partial(parts, study.result, study.causes["component"].unique())
    elif isinstance(study, Topologies):
        yield "topologies", partial(topologies, study)
    elif isinstance(study, Gate):
        yield "checks", partial(margins, study.rows)
        yield "differences", partial(study_figures.paired, study.differences, [(None, "availability")])
        yield from _of_result(study.result, study.scenario)
    elif isinstance(study, Sensitivity):
        for component, measure in sensitivity.measures(study):
            yield f"tornado of {component}.{measure}", partial(sensitivity.tornado, study, component, measure)
            yield f"indices of {component}.{measure}", partial(sensitivity.sobol, study, component, measure)
    else:
        raise UsageError(f"there are no figures of a {type(study).__name__}")


def _of_result(result: Result, scenario: Scenario | None) -> Iterator[tuple[str, Draw]]:
    yield "objectives", partial(objectives, result)
    yield "availability", partial(figures.availability, result)
    yield "windows", partial(attainment, result)
    for component in result.recovery["component"].unique():
        yield f"recovery of {component}", partial(recovery, result, component)
    if not result.chains:
        yield "outages", partial(figures.outages, result)
        yield "causes", lambda: figures.causes(Causes.of(result))
    yield "costs", partial(costs, result)
    if scenario is not None:
        for component, whole in wholes(scenario):
            yield f"time of {component}", partial(goodput, result, component, whole)
        for component, one in courses(scenario):
            yield f"course of {component}", partial(_course, result, scenario, component, one)


def _course(result: Result, scenario: Scenario, component: str, one: Course) -> Figure:
    found = list(replayed(result, scenario, [(component, one)]))
    if not found:
        raise UsageError(f"no replication of {component} has a value")
    return course(found)
