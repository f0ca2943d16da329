"""What an agreement names must exist, and at least one whole window of it must fit into measured time."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from outlast.errors import nearest_hint
from outlast.kinds.platform import Path, Platform
from outlast.scenario.agreement import Agreement, Rolling
from outlast.scenario.model import ScenarioSpec
from outlast.units import format_duration

REQUESTS = "request_availability"
TO_EDGE = 1e-6  # of a measuring window


def check_agreements(spec: ScenarioSpec, platform: Platform) -> None:
    """Report every impossible agreement."""
    measured: dict[str, set[str]] = {}
    for metric in platform.builder.metrics:
        measured.setdefault(metric.component, set()).add(metric.measure)
    down = [name for name, each in measured.items() if "availability" in each]
    for name, agreement in spec.agreements.items():
        path: Path = ("agreements", name)
        _named(platform, (*path, "of"), agreement.of, down)
        if agreement.composed_of is not None:
            for leaf in agreement.composed_of.leaves():
                _named(platform, (*path, "composed_of"), leaf, down)
        if agreement.owed_by is not None and agreement.owed_by not in spec.providers:
            platform.problem((*path, "owed_by"), f"there is no provider {agreement.owed_by!r}",
                             nearest_hint(agreement.owed_by, spec.providers, "providers"))  # fmt: skip
        if agreement.measure == "requests" and agreement.of in down and REQUESTS not in measured[agreement.of]:
            platform.problem((*path, "measure"), f"{agreement.of} has no requests", "measure `time` instead")
        _excludes(platform, path, agreement)
        _windows(spec, platform, path, agreement)


def _named(platform: Platform, path: Path, name: str, known: Sequence[str]) -> None:
    if name not in known:
        platform.problem(path, f"nothing called {name!r} has outages", nearest_hint(name, known, "things with outages"))


def _excludes(platform: Platform, path: Path, agreement: Agreement) -> None:
    cohorts = platform.builder.cohorts
    scopes = {cohort.scope for cohort in cohorts.values() if cohort.scope}
    for i, scope in enumerate(agreement.excludes.scopes):
        if scope not in scopes:
            platform.problem((*path, "excludes", "scopes", i), f"nothing has the scope {scope!r}",
                             nearest_hint(scope, scopes, "scopes"))  # fmt: skip
    units = [f"{name}[0]" if cohort.count > 1 else name for name, cohort in cohorts.items()]
    for i, cause in enumerate(agreement.excludes.causes):
        if not any(fnmatchcase(unit, cause) for unit in units):
            platform.problem((*path, "excludes", "causes", i), f"no cause is called {cause!r}",
                             nearest_hint(cause, units, "causes"))  # fmt: skip


def _windows(spec: ScenarioSpec, platform: Platform, path: Path, agreement: Agreement) -> None:
    warm_up, window = float(spec.warm_up), platform.builder.window
    spans = agreement.spans(spec.starts, warm_up, platform.builder.horizon)
    if not spans:
        what = "month" if agreement.window == "month" else f"window of {format_duration(_length(agreement))}"
        platform.problem((*path, "window"), f"no whole {what} fits into the measured "
                         f"{format_duration(float(spec.horizon))}", "make the horizon longer")  # fmt: skip
    elif agreement.measure == "requests":
        edges = [(edge - warm_up) / window for span in spans for edge in span if edge < platform.builder.horizon]
        if any(abs(edge - round(edge)) > TO_EDGE for edge in edges):
            message = f"requests are counted in windows of {format_duration(window)} after the warm-up"
            platform.problem((*path, "window"), f"{message}, which do not add up to these",
                             "choose a `window` and a `warm_up` of the scenario that divide them: `1 d`")  # fmt: skip


def _length(agreement: Agreement) -> float:
    window = agreement.window
    return float(window.length if isinstance(window, Rolling) else window)
