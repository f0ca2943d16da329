"""Lowering of a whole scenario: sections in order, names checked, circles refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from outlast.errors import FieldError, Problem, ProgramError, ScenarioError, dotted, nearest_hint
from outlast.kinds.money import TOTAL
from outlast.kinds.platform import Path, Platform
from outlast.kinds.provider import Provider
from outlast.kinds.region import Region
from outlast.program import Builder, Metric, Program
from outlast.program.check import MAX_HORIZON_S, MAX_UNITS, MAX_WINDOWS
from outlast.program.program import window_count
from outlast.scenario.check_agreements import check_agreements
from outlast.scenario.document import Document
from outlast.scenario.model import Objective, ScenarioSpec
from outlast.scenario.problems import in_order
from outlast.scenario.thresholds import SCOPED, Catalogue, Threshold, contradictions, of_objectives, written
from outlast.units import Price, UnitError, format_duration


def lower(spec: ScenarioSpec, document: Document) -> Program:
    """The program of a scenario; ScenarioError with every unknown name, circle or impossible combination."""
    problems: list[Problem] = []

    def report(path: Path, message: str, hint: str = "") -> None:
        problems.append(document.problem(path, message, hint))

    builder = Builder(spec.horizon + spec.warm_up, spec.warm_up, spec.measuring_window)
    platform = Platform(builder, report, components=spec.components)
    _names(spec, platform)
    for name, provider in spec.providers.items():
        (provider or Provider()).lower(name, platform)
    for name, region in spec.regions.items():
        (region or Region()).lower(name, platform)
    for name, link in spec.links.items():
        link.lower(name, platform)
    for name, team in spec.teams.items():
        team.lower(name, platform)
    _circles(spec, platform)
    for name, component in spec.components.items():
        component.lower(name, platform)
    for name, team in spec.teams.items():
        team.staff(name, platform)
    for name, shock in spec.shocks.items():
        shock.lower(name, platform)
    _strikes(spec, platform)
    _costs(spec, platform)
    _objectives(spec, platform)
    check_agreements(spec, platform)
    if not problems:
        _thresholds(spec, platform)
    _limits(spec, platform)
    if problems:
        raise ScenarioError(in_order(problems))
    try:
        return builder.build()
    except ProgramError as error:  # what only the whole program shows; named, but not located
        raise ScenarioError([document.problem((), text) for text in error.problems]) from error


def _names(spec: ScenarioSpec, platform: Platform) -> None:
    """Names are shared by everything that can be needed."""
    seen: dict[str, str] = {}
    for path, name in _named(spec):
        if name in seen:
            platform.problem(path, f"{name!r} is already the name of something in {seen[name]}",
                             "give one of them another name")  # fmt: skip
        seen.setdefault(name, str(path[0]))


def _named(spec: ScenarioSpec) -> Iterator[tuple[Path, str]]:
    """(path, name) of everything that can be needed; a zone is called `region.zone`."""
    for section in ("providers", "regions", "links", "components"):
        for name in getattr(spec, section):
            yield (section, name), name
    for name, region in spec.regions.items():
        for zone in region.zones if region is not None else ():
            yield ("regions", name, "zones"), f"{name}.{zone}"


def _circles(spec: ScenarioSpec, platform: Platform) -> None:
    """Dependencies must not go round."""
    done: set[str] = set()
    for root in spec.components:
        trail = {} if root in done else {root: spec.components[root].references()}
        while trail:
            name, left = next(reversed(trail.items()))
            below, other = next(left, ((), ""))
            if other == "":  # everything it refers to has been followed
                done.add(name)
                del trail[name]
            elif other in trail:
                names = list(trail)
                circle = " -> ".join([*names[names.index(other) :], other])
                platform.problem(("components", name, *below), f"depends on itself: {circle}",
                                 "remove one of these dependencies")  # fmt: skip
            elif other in spec.components and other not in done:
                trail[other] = spec.components[other].references()


def _strikes(spec: ScenarioSpec, platform: Platform) -> None:
    """Surges hit things that have units."""
    for name, component in spec.components.items():
        for other in getattr(component, "failure_strikes", ()):
            if f"{other} up" not in platform.builder.groups:
                path = ("components", name, "failure_strikes", other)
                platform.problem(path, f"{other!r} has no units that can fail",
                                 nearest_hint(other, spec.components, "components"))  # fmt: skip


def _costs(spec: ScenarioSpec, platform: Platform) -> None:
    """Prices are in one currency; what they come to is measured."""
    platform.ledger.check(spec.currency, _prices(spec), platform.problem)
    metrics = list(platform.ledger.metrics())
    if metrics:
        for path, name in _named(spec):
            if name == TOTAL:
                platform.problem(path, f"{TOTAL!r} is the name of the total of all costs", "give it another name")
    for metric in metrics:
        platform.builder.metric(metric)


def _prices(spec: ScenarioSpec) -> Iterator[tuple[Path, Price]]:
    """(path, price) of everything that has one."""
    for section in ("links", "teams", "components"):
        for name, item in getattr(spec, section).items():
            if (cost := getattr(item, "cost", None)) is not None:
                yield from (((section, name, "cost", field), price) for field, price in cost.located())


def _objectives(spec: ScenarioSpec, platform: Platform) -> None:
    """Objectives name published measures, with bounds in their units."""
    measures: dict[str, dict[str, Metric]] = {}
    for metric in platform.builder.metrics:
        measures.setdefault(metric.component, {})[metric.measure] = metric
        if metric.measure == "mean_outage":
            measures[metric.component]["rto"] = metric
    for i, objective in enumerate(spec.objectives):
        path: Path = ("objectives", i)
        known = measures.get(objective.of)
        if known is None:
            platform.problem((*path, "of"), f"nothing called {objective.of!r} is measured",
                             nearest_hint(objective.of, measures, "measured things"))  # fmt: skip
        elif objective.measure not in known:
            platform.problem((*path, "measure"), f"{objective.of} does not publish {objective.measure!r}",
                             nearest_hint(objective.measure, known, "its measures"))  # fmt: skip
        else:
            _bound(platform, path, objective, known[objective.measure])
            _scope(platform, path, objective, known[objective.measure])
    windows = {o.window for o in spec.objectives if o.window is not None} | {spec.window} - {None}
    if len(windows) > 1:
        platform.problem(("objectives",), "the objectives have different windows; one window is measured at a time")


def _thresholds(spec: ScenarioSpec, platform: Platform) -> None:
    """Thresholds and tolerances name published measures in their units; together with the objectives they can all be
    met."""
    catalogue = Catalogue(platform.builder.metrics, (c.scope for c in platform.builder.cohorts.values()))
    found: list[Threshold] = list(of_objectives(spec, catalogue.metrics))
    for name, text, path in written(spec):
        try:
            found.append(catalogue.threshold(name, text, path))
        except FieldError as error:
            platform.problem(path, error.message, error.hint)
    for name, value in spec.tolerances.items():
        try:
            catalogue.tolerance(name, value)
        except FieldError as error:
            platform.problem(("tolerances", name), error.message, error.hint)
    for later, earlier in contradictions(found):
        platform.problem(later.path, f"nothing can be both this and {dotted(earlier.path)}", "remove one of the two")


def _scope(platform: Platform, path: Path, objective: Objective, metric: Metric) -> None:
    """A scope names a level of failure there is, for a measure that counts events."""
    scopes = {c.scope for c in platform.builder.cohorts.values() if c.scope}
    if objective.scope and metric.kind not in SCOPED:
        platform.problem((*path, "scope"), f"{objective.of}.{objective.measure} is not counted by scope", "remove it")
    elif objective.scope and objective.scope not in scopes:
        platform.problem((*path, "scope"), f"nothing has the scope {objective.scope!r}",
                         nearest_hint(objective.scope, scopes, "scopes"))  # fmt: skip


def _limits(spec: ScenarioSpec, platform: Platform) -> None:
    """What would take too much memory or make time inexact, at its place in the file."""
    cohorts = platform.builder.cohorts.values()
    if (units := sum(c.count for c in cohorts)) > MAX_UNITS:
        largest = max(cohorts, key=lambda c: c.count)
        platform.problem(("components", largest.component), f"the scenario has {units:,} units, {largest.count:,} of "
                         f"them here; at most {MAX_UNITS:,} are possible",
                         "let one item stand for several: hosts of 8 devices instead of devices")  # fmt: skip
    horizon, window = platform.builder.horizon, platform.builder.window
    if horizon > MAX_HORIZON_S:
        platform.problem(("horizon",), f"{format_duration(horizon)} in all; at most {format_duration(MAX_HORIZON_S)} "
                         "are possible", "run more replications instead")  # fmt: skip
        return
    which: Path = ("window",) if spec.window is not None else ("objectives",)
    if window > spec.horizon:
        platform.problem(which, f"the window of {format_duration(window)} is longer than the horizon of "
                         f"{format_duration(spec.horizon)}")  # fmt: skip
    elif window > 0 and horizon / window > MAX_WINDOWS:
        platform.problem(which, f"{window_count(horizon, spec.warm_up, window):,} windows of {format_duration(window)}"
                         f"; at most {MAX_WINDOWS:,} are possible", "make the windows longer")  # fmt: skip


def _bound(platform: Platform, path: Path, objective: Objective, metric: Metric) -> None:
    which = "at_least" if objective.at_least is not None else "at_most"
    try:
        objective.bound(metric.unit)
    except UnitError as error:
        platform.problem((*path, which), str(error), error.hint)


def component_names(spec: ScenarioSpec) -> Iterable[str]:
    """Names under `components`."""
    return list(spec.components)
