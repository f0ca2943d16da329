"""OpenSLO v1 objects read as objectives and agreements of a scenario.

An SLO with the method Occurrences is an agreement about requests; with Timeslices one about minutes or intervals that
are bad; with RatioTimeslices one about the mean of intervals.  What has no counterpart is named, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from outlast.errors import Problem, ScenarioError, UsageError, nearest_hint, shown
from outlast.exchange.levels import AVAILABILITY, REQUESTS
from outlast.exchange.manifests import Findings, Manifest, read_manifests
from outlast.exchange.openslo_model import KINDS, Calendar, Goal, Sli, Slo, SloSpec, TimeWindow, split
from outlast.exchange.texts import duration_text, share_text
from outlast.kinds.fields import Name
from outlast.scenario import Scenario
from outlast.scenario.document import Path
from outlast.scenario.problems import in_order

API = "openslo/v1"
SECTION, MEASURE, COMPONENT, NAME = "outlast-section", "outlast-measure", "outlast-component", "outlast-name"
SECTIONS = ("agreements", "objectives")
_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "Y": 365 * 86_400.0}
_DAY_S = 86_400.0
_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass
class Fragment:
    """What goes into a scenario, and what was not read: each at its place."""

    agreements: dict[str, dict[str, Any]] = field(default_factory=dict)
    objectives: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """The sections that are not empty."""
        return {name: getattr(self, name) for name in SECTIONS if getattr(self, name)}


def read_openslo(
    files: Iterable[str],
    scenario: Scenario | None = None,
    names: Mapping[str, str] | None = None,
    section: str = "agreements",
) -> Fragment:
    """The SLOs of all files.  scenario: whose components the services are, and that must accept the result.
    names: service -> component where they differ.  Raises ScenarioError with every mistake at its place."""
    reader = _Reader(read_manifests(files), scenario, dict(names or {}), section)
    fragment = reader.fragment()
    if scenario is not None and fragment.data():
        _check(scenario, fragment)
    return fragment


def _check(scenario: Scenario, fragment: Fragment) -> None:
    """The scenario with the fragment in it must be right.  Raises ScenarioError."""
    data = scenario.document.data
    changes: dict[str, Any] = {}
    if fragment.agreements:
        changes["agreements"] = {**(data.get("agreements") or {}), **fragment.agreements}
    if fragment.objectives:
        changes["objectives"] = [*(data.get("objectives") or []), *fragment.objectives]
    scenario.changed(changes, label="what was read").program()


class _Reader:
    def __init__(self, manifests: list[Manifest], scenario: Scenario | None, names: dict[str, str], section: str):
        self.found = Findings()
        self.result = Fragment()
        self.names, self.section, self.scenario = names, section, scenario
        self.measures: dict[str, set[str]] | None = None
        if scenario is not None:
            self.measures = {}
            for metric in scenario.program().metrics:
                self.measures.setdefault(metric.component, set()).add(metric.measure)
        self.slis: dict[str, Sli] = {}
        self.slos: list[tuple[Manifest, Slo]] = []
        for manifest in manifests:
            self._sort(manifest)

    def _sort(self, manifest: Manifest) -> None:
        """Keep SLOs and SLIs; say what is not read."""
        if manifest.api != API:
            hint = f"objects of `apiVersion: {API}` are read"
            self.found.problems.append(
                manifest.problem(("apiVersion",), f"not {API} (got {shown(manifest.api)})", hint)
            )
        elif manifest.kind not in KINDS:
            hint = nearest_hint(manifest.kind, KINDS, "kinds")
            message = f"unknown kind (got {shown(manifest.kind)})"
            self.found.problems.append(manifest.problem(("kind",), message, hint))
        elif manifest.kind == "SLO":
            self._model(manifest, Slo, lambda slo: self.slos.append((manifest, slo)))
        elif manifest.kind == "SLI":
            self._model(manifest, Sli, lambda sli: self._sli(manifest, sli))
        elif manifest.kind != "Service":  # a service is a component, and that the scenario describes
            self.found.left_out.append(manifest.problem((), _WHY[manifest.kind]))

    def _sli(self, manifest: Manifest, sli: Sli) -> None:
        if sli.metadata.name in self.slis:
            self.found.problems.append(manifest.problem(("metadata", "name"), "is given twice", "keep one of the two"))
        self.slis[sli.metadata.name] = sli

    def _model(self, manifest: Manifest, model: Any, keep: Callable[[Any], None]) -> None:
        try:
            keep(manifest.read(model))
        except ScenarioError as error:
            self.found.problems += error.problems

    def fragment(self) -> Fragment:
        for manifest, slo in self.slos:
            self._slo(manifest, slo)
        self.found.refuse()
        services = [slo.spec.service for _, slo in self.slos]
        for name in self.names:
            if name not in services:
                raise UsageError(
                    f"--map: no SLO has the service {shown(name)}", nearest_hint(name, services, "services")
                )
        self.result.left_out = in_order(self.found.left_out)
        return self.result

    def _slo(self, manifest: Manifest, slo: Slo) -> None:
        spec = slo.spec
        if not self._simulated(manifest, spec):
            return
        component = self._component(manifest, slo)
        window = self._window(manifest, spec.timeWindow[0]) if spec.timeWindow else None
        if component is None or window is _UNREADABLE:
            return
        for i in range(len(spec.alertPolicies)):
            self._leave(manifest, ("spec", "alertPolicies", i), _WHY["AlertPolicy"])
        section = slo.metadata.annotations.get(SECTION, self.section)
        if section not in SECTIONS:
            at: Path = ("metadata", "annotations", SECTION)
            hint = f"known: {', '.join(SECTIONS)}"
            self.found.problems.append(manifest.problem(at, f"unknown section (got {shown(section)})", hint))
            return
        for i, goal in enumerate(spec.objectives):
            self._unused(manifest, ("spec", "objectives", i), goal)
            if section == "objectives":
                self._objective(manifest, slo, goal, component, window)
            else:
                self._agreement(manifest, slo, i, goal, component, window)

    def _unused(self, manifest: Manifest, at: Path, goal: Goal) -> None:
        """Name fields of an objective that mean nothing beside a ratio."""
        if goal.compositeWeight is not None:
            self._leave(manifest, (*at, "compositeWeight"), "weights are not used")
        if goal.value is not None:
            self._leave(manifest, (*at, "value"), "belongs to a metric against a threshold; this one is a ratio")
        if goal.op in ("lt", "lte"):
            self._leave(manifest, (*at, "op"), f"a ratio of good is to be at least its target (got {goal.op})")

    def _simulated(self, manifest: Manifest, spec: SloSpec) -> bool:
        """Whether its indicator is a ratio of good and all; says why not."""
        at: Path
        for i, goal in enumerate(spec.objectives):
            if goal.indicator is not None or goal.indicatorRef is not None:
                self._leave(
                    manifest,
                    ("spec", "objectives", i),
                    "indicators of single objectives are not read; the SLO is left out",
                )
                return False
        if spec.indicator is not None:
            sli = spec.indicator.spec
            at = ("spec", "indicator", "spec", "thresholdMetric")
        elif spec.indicatorRef is None:
            self._leave(manifest, ("spec",), "has no indicator that says what is measured; it is left out")
            return False
        elif spec.indicatorRef not in self.slis:
            message = f"no SLI is called {shown(spec.indicatorRef)} in these files; the SLO is left out"
            hint = nearest_hint(spec.indicatorRef, self.slis, "SLIs") or "name the file that holds it, too"
            self.found.left_out.append(manifest.problem(("spec", "indicatorRef"), message, hint))
            return False
        else:
            sli, at = self.slis[spec.indicatorRef].spec, ("spec", "indicatorRef")
        if sli.thresholdMetric is not None:
            self._leave(manifest, at, "metrics against a threshold (latency, saturation) are not simulated; the SLO is "
                                      "left out")  # fmt: skip
            return False
        return True

    def _component(self, manifest: Manifest, slo: Slo) -> str | None:
        service, at = slo.spec.service, ("spec", "service")
        name = self.names.get(service) or slo.metadata.annotations.get(COMPONENT, service)
        if self.measures is not None and "availability" not in self.measures.get(name, ()):
            down = [known for known, each in self.measures.items() if "availability" in each]
            hint = nearest_hint(name, down, "things with outages")
            message = f"the scenario has no {shown(name)} with outages"
            self.found.problems.append(manifest.problem(at, message, f"{hint}; --map '{service}=NAME' names another"))
            return None
        return name if self._is_name(manifest, at, name) else None

    def _is_name(self, manifest: Manifest, at: Path, name: str) -> bool:
        try:
            _NAME.validate_python(name)
        except ValidationError as error:
            told = error.errors()[0].get("ctx", {}).get("error")
            message, hint = getattr(told, "message", "not a name"), getattr(told, "hint", "")
            self.found.problems.append(manifest.problem(at, message, hint))
            return False
        return True

    def _leave(self, manifest: Manifest, at: Path, why: str) -> None:
        self.found.left_out.append(manifest.problem(at, why))

    def _window(self, manifest: Manifest, window: TimeWindow) -> Any:
        """A window as a scenario writes it; None for a rolling month or a quarter, which it cannot write."""
        at: Path = ("spec", "timeWindow", 0, "duration")
        number, unit = split(window.duration)
        if unit == "Q" or (unit == "M" and (window.isRolling or number > 1)):
            hint = "days can be counted: `30d`, `90d`"
            message = f"windows of {window.duration} are not counted; the SLO is left out"
            self.found.left_out.append(manifest.problem(at, message, hint))
            return _UNREADABLE
        if window.calendar is not None:
            self._calendar(manifest, window.calendar, unit)
        if unit == "M":
            return "month"
        seconds = number * _SECONDS[unit]
        if window.isRolling:
            return {"length": duration_text(seconds), "every": duration_text(min(seconds, _DAY_S))}
        return duration_text(seconds)

    def _calendar(self, manifest: Manifest, calendar: Calendar, unit: str) -> None:
        """Simulated time begins on a Monday, 0 h: calendars that begin at another moment are named."""
        at: Path = ("spec", "timeWindow", 0, "calendar", "startTime")
        try:
            starts = datetime.fromisoformat(calendar.startTime)
        except ValueError:
            self.found.problems.append(manifest.problem(at, f"not a time (got {shown(calendar.startTime)})",
                                                        "write it as `2029-01-01 00:00:00`"))  # fmt: skip
            return
        off = starts.weekday() != 0 if unit == "w" else starts.day != 1 if unit == "M" else False
        if off or (unit not in "mh" and (starts.hour, starts.minute, starts.second) != (0, 0, 0)):
            when = {"w": "on Monday, 0 h", "M": "on the first of the month, 0 h"}.get(unit, "at 0 h")
            self._leave(manifest, at, f"windows begin {when}, not {calendar.startTime}")

    def _objective(self, manifest: Manifest, slo: Slo, goal: Goal, component: str, window: Any) -> None:
        """A bound on the mean over the horizon."""
        measure = slo.metadata.annotations.get(MEASURE)
        if measure is None:
            if slo.spec.budgetingMethod == "Timeslices":
                message = "time slices are counted by agreements only; the SLO is left out"
                self._leave(manifest, ("spec", "budgetingMethod"), message)
                return
            if window is not None:
                self._leave(manifest, ("spec", "timeWindow"), "an objective bounds the mean over the whole horizon")
                window = None
            measure = self._requests(manifest, slo, component, REQUESTS, AVAILABILITY)
        elif measure not in (AVAILABILITY, REQUESTS):
            at: Path = ("metadata", "annotations", MEASURE)
            hint = f"known: {AVAILABILITY}, {REQUESTS}"
            self.found.problems.append(manifest.problem(at, f"not a share of good (got {shown(measure)})", hint))
            return
        body = {"of": component, "measure": measure, "at_least": share_text(goal.share)}
        self.result.objectives.append(body if window is None else {**body, "window": window})

    def _agreement(self, manifest: Manifest, slo: Slo, i: int, goal: Goal, component: str, window: Any) -> None:
        """One that is counted in every window."""
        counted = self._counted(manifest, slo, i, goal, component)
        name = slo.metadata.annotations.get(NAME, slo.metadata.name)
        name += f"-{_slug(goal.displayName) or i + 1}" if len(slo.spec.objectives) > 1 else ""
        if counted is None or not self._is_name(manifest, ("metadata", "name"), name):
            return
        if name in self.result.agreements:
            self.found.problems.append(manifest.problem(("metadata", "name"), f"{name!r} is given twice"))
            return
        if self.scenario is not None and name in self.scenario.spec.agreements:
            message, hint = f"the scenario already has an agreement {name!r}", "remove or rename one of them"
            self.found.problems.append(manifest.problem(("metadata", "name"), message, hint))
            return
        if self.scenario is not None and name in self.scenario.components():
            message, hint = f"{name!r} is the name of a component", "rename the SLO: it has measures of its own"
            self.found.problems.append(manifest.problem(("metadata", "name"), message, hint))
            return
        body = {"of": component, "at_least": share_text(goal.share), "window": window, **counted}
        if slo.spec.description:
            body["description"] = slo.spec.description
        self.result.agreements[name] = {k: v for k, v in body.items() if v is not None}
        if window is None:
            self._leave(manifest, ("spec",), "has no `timeWindow`: it is counted by calendar month")

    def _counted(self, manifest: Manifest, slo: Slo, i: int, goal: Goal, component: str) -> dict[str, Any] | None:
        """What counts as bad, by budgeting method."""
        method, at = slo.spec.budgetingMethod, ("spec", "objectives", i, "timeSliceWindow")
        if method == "Occurrences":
            return {"measure": self._requests(manifest, slo, component, "requests", "time")}
        if slo.metadata.annotations.get(MEASURE) == "time":
            return {"measure": "time"}
        slice_s = self._slice(goal)
        if slice_s is None:
            self._leave(manifest, at, f"slices of {goal.timeSliceWindow} are not counted; the objective is left out")
            return None
        if method == "RatioTimeslices":
            return {"measure": "intervals", "interval": duration_text(slice_s)}
        target = goal.timeSliceTarget or 0.0
        if slice_s == 60.0:
            return {"measure": "error_minutes", "error_rate": share_text(1.0 - target)}
        if target == 1.0:
            return {"measure": "intervals", "interval": duration_text(slice_s), "bad_if": "any"}
        message = "slices other than 1m are counted only with `timeSliceTarget: 1`; the objective is left out"
        self._leave(manifest, at, message)
        return None

    def _slice(self, goal: Goal) -> float | None:
        """Seconds; a bare number is minutes."""
        if not isinstance(goal.timeSliceWindow, str):
            return None if goal.timeSliceWindow is None else goal.timeSliceWindow * 60.0
        number, unit = split(goal.timeSliceWindow)
        return number * _SECONDS[unit] if unit in _SECONDS else None

    def _requests(self, manifest: Manifest, slo: Slo, component: str, counted: str, else_: str) -> str:
        """The measure of requests where the component has some, else that of time."""
        if slo.spec.budgetingMethod != "Occurrences":
            return else_
        if self.measures is not None and REQUESTS not in self.measures[component]:
            message = f"{component} has no requests in the scenario: read as a share of time"
            self._leave(manifest, ("spec", "budgetingMethod"), message)
            return else_
        return counted


_UNREADABLE = object()
_WHY = {
    "AlertCondition": "alerts are not simulated",
    "AlertNotificationTarget": "alerts are not simulated",
    "AlertPolicy": "alerts are not simulated",
    "DataSource": "data sources are not read",
}


def _slug(text: str) -> str:
    return re.sub("[^A-Za-z0-9]+", "-", text).strip("-").lower()
