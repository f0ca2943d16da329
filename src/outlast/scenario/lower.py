"""Lowering of a whole scenario: sections in order, names checked, circles refused."""

from __future__ import annotations

from collections.abc import Iterable

from outlast.errors import Problem, ProgramError, ScenarioError, nearest_hint
from outlast.kinds.base import Kind
from outlast.kinds.platform import Path, Platform
from outlast.kinds.provider import Provider
from outlast.kinds.region import Region
from outlast.program import Builder, Program
from outlast.scenario.document import Document
from outlast.scenario.model import ScenarioSpec
from outlast.scenario.problems import in_order
from outlast.units import UnitError


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
    for name, shock in spec.shocks.items():
        shock.lower(name, platform)
    _strikes(spec, platform)
    _objectives(spec, platform)
    if problems:
        raise ScenarioError(in_order(problems))
    try:
        return builder.build()
    except ProgramError as error:  # what only the whole program shows; named, but not located
        raise ScenarioError([document.problem((), text) for text in error.problems]) from error


def _names(spec: ScenarioSpec, platform: Platform) -> None:
    """Names are shared by everything that can be needed."""
    seen: dict[str, str] = {}
    for section in ("providers", "regions", "links", "components"):
        for name in getattr(spec, section):
            if name in seen:
                platform.problem((section, name), f"{name!r} is already the name of something in {seen[name]}",
                                 "give one of them another name")  # fmt: skip
            seen[name] = section


def _circles(spec: ScenarioSpec, platform: Platform) -> None:
    """Dependencies must not go round."""
    done: set[str] = set()

    def visit(name: str, trail: list[str], path: Path) -> None:
        if name in trail:
            circle = " -> ".join([*trail[trail.index(name) :], name])
            platform.problem(path, f"depends on itself: {circle}", "remove one of these dependencies")
        elif name in spec.components and name not in done:
            component: Kind = spec.components[name]
            for below, other in component.references():
                visit(other, [*trail, name], ("components", name, *below))
            done.add(name)

    for name in spec.components:
        visit(name, [], ("components", name))


def _strikes(spec: ScenarioSpec, platform: Platform) -> None:
    """Surges hit things that have units."""
    for name, component in spec.components.items():
        for other in getattr(component, "failure_strikes", ()):
            if f"{other} up" not in platform.builder.groups:
                path = ("components", name, "failure_strikes", other)
                platform.problem(path, f"{other!r} has no units that can fail",
                                 nearest_hint(other, spec.components, "components"))  # fmt: skip


def _objectives(spec: ScenarioSpec, platform: Platform) -> None:
    """Objectives name published measures, with bounds in their units."""
    measures: dict[str, dict[str, str]] = {}
    for metric in platform.builder.metrics:
        measures.setdefault(metric.component, {})[metric.measure] = metric.unit
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
    windows = {o.window for o in spec.objectives if o.window is not None} | {spec.window} - {None}
    if len(windows) > 1:
        platform.problem(("objectives",), "the objectives have different windows; one window is measured at a time")


def _bound(platform: Platform, path: Path, objective: object, unit: str) -> None:
    which = "at_least" if objective.at_least is not None else "at_most"  # type: ignore[attr-defined]
    try:
        objective.bound(unit)  # type: ignore[attr-defined]
    except UnitError as error:
        platform.problem((*path, which), str(error), error.hint)


def component_names(spec: ScenarioSpec) -> Iterable[str]:
    """Names under `components`."""
    return list(spec.components)
