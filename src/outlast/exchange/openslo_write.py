"""Objectives and agreements as OpenSLO v1: one SLO each, one Service a component.

Time is written as RatioTimeslices of a gauge that is 1 while the component works, requests as Occurrences of counters.
What OpenSLO has no field for stands in annotations where reading needs it, and is named where it is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from outlast.errors import Problem
from outlast.exchange.levels import MAX_LABEL, Level, label, levels
from outlast.exchange.metrics import Metrics
from outlast.exchange.openslo_read import API, COMPONENT, MEASURE, NAME, SECTION
from outlast.scenario import Scenario
from outlast.scenario.agreement import Agreement, Rolling

_DAY_S = 86_400.0
_UNITS = (("d", 86_400.0), ("h", 3600.0), ("m", 60.0))
_STARTS = "2029-01-01"  # a Monday and the first of a month, as time 0 of a scenario without `starts`
_LONGEST_DESCRIPTION = 1050
_UNSAID = ("excludes", "fee", "credits", "credit_cap", "owed_by", "composed_of")


def write_openslo(scenario: Scenario, metrics: Metrics) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Objects to write, and what of the scenario they do not say."""
    found, left_out = levels(scenario)
    writer = _Writer(scenario, metrics, left_out)
    slos = [slo for level in found if (slo := writer.slo(level)) is not None]
    services = list(dict.fromkeys(slo["spec"]["service"] for slo in slos))
    return [*(_object("Service", name, {}, {}) for name in services), *slos], writer.left_out


def to_documents(objects: Sequence[dict[str, Any]]) -> str:
    """The objects as one YAML file."""
    return yaml.safe_dump_all(objects, sort_keys=False, default_flow_style=False, width=110, allow_unicode=True)


def _object(kind: str, name: str, annotations: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec}


class _Writer:
    def __init__(self, scenario: Scenario, metrics: Metrics, left_out: list[Problem]) -> None:
        self.scenario, self.metrics, self.left_out = scenario, metrics, left_out

    def _lost(self, level: Level, field: str, why: str) -> None:
        self.left_out.append(self.scenario.document.problem((*level.path, *filter(None, [field])), why))

    def slo(self, level: Level) -> dict[str, Any] | None:
        """One SLO; None where it would say something else than the scenario."""
        if level.target >= 1.0:
            self._lost(level, "at_least", "an OpenSLO target is below 100 %: left out")
            return None
        window = self._window(level)
        method = self._method(level)
        if window is None or method is None:
            return None
        annotations = self._annotations(level)
        description = level.agreement.description if level.agreement is not None else ""
        if len(description) > _LONGEST_DESCRIPTION:
            self._lost(level, "description", f"longer than {_LONGEST_DESCRIPTION} characters: left out")
            description = ""
        spec: dict[str, Any] = {"description": description} if description else {}
        spec |= {
            "service": label(level.component),
            "indicator": {"metadata": {"name": f"{level.name[:60]}-ok"}, "spec": {"ratioMetric": self._ratio(level)}},
            **({"timeWindow": window} if window else {}),
            "budgetingMethod": method[0],
            "objectives": [{"target": round(level.target, 12), **method[1]}],
        }
        return _object("SLO", level.name, annotations, spec)

    def _annotations(self, level: Level) -> dict[str, str]:
        """What a reader needs beyond the fields of OpenSLO."""
        found: dict[str, str] = {}
        if level.objective is not None:
            found = {SECTION: "objectives", MEASURE: level.objective.measure}
        elif level.agreement is not None and level.agreement.measure == "time":
            found = {MEASURE: "time"}
        if label(level.component) != level.component:
            found[COMPONENT] = level.component
        if level.agreement is not None and level.path[1] != level.name:
            found[NAME] = str(level.path[1])
        for key in [key for key, value in found.items() if len(value) > MAX_LABEL]:
            self._lost(
                level, "", f"an annotation has at most {MAX_LABEL} characters: renamed to {label(found.pop(key))}"
            )
        return found

    def _window(self, level: Level) -> list[dict[str, Any]] | None:
        """Time windows of an SLO: none or one; None where OpenSLO cannot say it."""
        if level.window is None:
            return []
        rolling = level.agreement.window if level.agreement is not None else None
        if isinstance(rolling, Rolling) and rolling.every != min(rolling.length, _DAY_S):
            self._lost(level, "window", "OpenSLO does not say how often a rolling window is looked at: left out")
        shorthand = "1M" if level.window == "month" else _shorthand(level.window)
        if not shorthand:
            self._lost(level, "window", "OpenSLO windows are whole minutes: the SLO is left out")
            return None
        if level.rolling:
            return [{"duration": shorthand, "isRolling": True}]
        starts = {"startTime": f"{self.scenario.spec.starts or _STARTS} 00:00:00", "timeZone": "Etc/UTC"}
        return [{"duration": shorthand, "isRolling": False, "calendar": starts}]

    def _method(self, level: Level) -> tuple[str, dict[str, Any]] | None:
        """Budgeting method, and the fields of its goal."""
        if level.requests:
            return "Occurrences", {}
        agreement = level.agreement
        if agreement is None or agreement.measure == "time":
            return "RatioTimeslices", {"timeSliceWindow": "1m"}
        return self._slices(level, agreement)

    def _slices(self, level: Level, agreement: Agreement) -> tuple[str, dict[str, Any]] | None:
        if agreement.measure == "error_minutes":
            if agreement.least_run > 0.0:
                self._lost(level, "least_run", "OpenSLO counts slices one by one: the SLO is left out")
                return None
            if agreement.error_rate >= 1.0:
                self._lost(level, "error_rate", "OpenSLO needs some good part of a slice: the SLO is left out")
                return None
            return "Timeslices", {"timeSliceTarget": round(1.0 - agreement.error_rate, 12), "timeSliceWindow": "1m"}
        interval = _shorthand(agreement.interval)
        if not interval:
            self._lost(level, "interval", "OpenSLO slices are whole minutes: the SLO is left out")
            return None
        if agreement.bad_if == "mean":
            return "RatioTimeslices", {"timeSliceWindow": interval}
        if agreement.bad_if == "any" and interval != "1m":
            return "Timeslices", {"timeSliceTarget": 1, "timeSliceWindow": interval}
        self._lost(level, "bad_if", f"OpenSLO has no slices that are bad `{agreement.bad_if}`: the SLO is left out")
        return None

    def _ratio(self, level: Level) -> dict[str, Any]:
        self._unsaid(level)
        if level.requests:
            bad, total = self.metrics.of("errors", level.component), self.metrics.of("total", level.component)
            return {"counter": True, "bad": _source(f"sum({bad})"), "total": _source(f"sum({total})")}
        up = self.metrics.of("up", level.component)
        return {"counter": False, "good": _source(f"sum({up})"), "total": _source(f"count({up})")}

    def _unsaid(self, level: Level) -> None:
        """Name the terms of an agreement that OpenSLO has no field for."""
        given = level.agreement.model_fields_set if level.agreement is not None else set()
        for field in _UNSAID:
            if field in given:
                self._lost(level, field, "OpenSLO cannot say this: left out")


def _source(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


def _shorthand(seconds: float) -> str:
    """`30d` and so on; "" for what is not whole minutes."""
    return next((f"{seconds / size:.0f}{unit}" for unit, size in _UNITS if seconds % size == 0.0), "")
