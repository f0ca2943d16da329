"""Prometheus rules from the objectives: error ratios over several windows, and alerts when the budget burns too fast.

Burn rate = error ratio / error budget.  An alert fires while it is above a factor over a long window and over one of
a twelfth of its length, so that it ends soon after the errors do.  The windows below are for 30 days and scale with the
window of the objective, so that the share of the budget that is used before an alert stays the same.
Source: The Site Reliability Workbook (O'Reilly, 2018), chapter 5, table 5-8 and its multiwindow form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from outlast.errors import Problem
from outlast.exchange.levels import Level, levels
from outlast.exchange.metrics import Metrics
from outlast.scenario import Scenario
from outlast.units import format_duration, format_share

MONTH_S = 30 * 86_400.0
LEAST_RANGE_S = 60.0  # of a rate: two samples of a metric that is scraped twice a minute
RECORD = "slo:error_ratio:rate"  # with the range of the rate: slo:error_ratio:rate5m
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


@dataclass(frozen=True)
class Burn:
    """One pair of windows for 30 days."""

    factor: float
    long_s: float
    short_s: float
    severity: str


BURNS = (
    Burn(14.4, 3600.0, 300.0, "page"),
    Burn(6.0, 6 * 3600.0, 1800.0, "page"),
    Burn(3.0, 24 * 3600.0, 7200.0, "ticket"),
    Burn(1.0, 72 * 3600.0, 6 * 3600.0, "ticket"),
)


def write_rules(scenario: Scenario, metrics: Metrics) -> tuple[dict[str, Any], list[Problem]]:
    """A rules file as data, and what of the scenario it does not say."""
    found, left_out = levels(scenario)
    groups: list[dict[str, Any]] = []
    for level in found:
        why = _unsayable(level)
        if why:
            left_out.append(scenario.document.problem(level.path, f"{why}: left out"))
            continue
        pairs = [burn for burn in BURNS if burn.factor * (1.0 - level.target) < 1.0]
        for burn in BURNS[: len(BURNS) - len(pairs)]:
            what = f"{burn.factor:g} times the budget of {format_share(1.0 - level.target)} is more than everything"
            left_out.append(scenario.document.problem(level.path, f"{what}: no alert for it"))
        groups += [_recording(level, pairs, metrics), *([_alerts(level, pairs)] if pairs else [])]
    return {"groups": groups}, left_out


def to_text(rules: dict[str, Any]) -> str:
    """The rules as YAML."""
    return yaml.safe_dump(rules, sort_keys=False, default_flow_style=False, width=1000, allow_unicode=True)


def _unsayable(level: Level) -> str:
    if level.target >= 1.0:
        return "without an error budget there is no burn rate"
    if _scale(level) * BURNS[0].short_s < LEAST_RANGE_S:
        least = format_duration(LEAST_RANGE_S / BURNS[0].short_s * MONTH_S)
        window = format_duration(_scale(level) * MONTH_S)
        return f"alerts for a window of {window} would need rates over less than a minute (at least {least})"
    return ""


def _scale(level: Level) -> float:
    """Its window in 30 days; a month and the whole horizon count as 30 days."""
    return 1.0 if level.window in (None, "month") else float(level.window) / MONTH_S


def _range(seconds: float) -> str:
    """`1h`, `84m`, `70s`: whole seconds in the largest unit."""
    whole = round(seconds)
    return next(f"{whole // size}{unit}" for unit, size in _UNITS if whole % size == 0)


def _ranges(level: Level, burn: Burn) -> tuple[str, str]:
    return _range(burn.long_s * _scale(level)), _range(burn.short_s * _scale(level))


def _labels(level: Level) -> dict[str, str]:
    return {"slo": level.name, "component": level.component}


def _recording(level: Level, burns: list[Burn], metrics: Metrics) -> dict[str, Any]:
    """Rules that record the error ratio over every window that an alert looks at."""
    seconds = sorted({s for burn in burns for s in (burn.short_s, burn.long_s)})
    rules = [{"record": RECORD + each, "expr": _error_ratio(level, metrics, each), "labels": _labels(level)}
             for each in dict.fromkeys(_range(s * _scale(level)) for s in seconds)]  # fmt: skip
    budget = {"record": "slo:error_budget:ratio", "expr": f"vector({_number(1.0 - level.target)})",
              "labels": _labels(level)}  # fmt: skip
    return {"name": f"slo-{level.name}", "rules": [*rules, budget]}


def _error_ratio(level: Level, metrics: Metrics, over: str) -> str:
    if level.requests:
        errors, total = metrics.of("errors", level.component), metrics.of("total", level.component)
        return f"sum(rate({errors}[{over}])) / sum(rate({total}[{over}]))"
    return f"1 - avg(avg_over_time({metrics.of('up', level.component)}[{over}]))"


def _alerts(level: Level, burns: list[Burn]) -> dict[str, Any]:
    rules = [_alert(level, severity, [burn for burn in burns if burn.severity == severity])
             for severity in dict.fromkeys(burn.severity for burn in burns)]  # fmt: skip
    return {"name": f"slo-{level.name}-alerts", "rules": rules}


def _alert(level: Level, severity: str, burns: list[Burn]) -> dict[str, Any]:
    what = "requests" if level.requests else "time"
    summary = f"{level.component} uses up its error budget too fast"
    text = f"The objective is {format_share(level.target, 6)} of {what}; see {RECORD}* of slo {level.name}."
    return {
        "alert": f"ErrorBudgetBurn_{level.name.replace('-', '_')}",
        "expr": " or ".join(_burning(level, burn) for burn in burns),
        "labels": {**_labels(level), "severity": severity},
        "annotations": {"summary": summary, "description": text},
    }


def _burning(level: Level, burn: Burn) -> str:
    bound = f'{{slo="{level.name}"}} > {burn.factor:g} * {_number(1.0 - level.target)}'
    long, short = _ranges(level, burn)
    return f"({RECORD}{long}{bound} and {RECORD}{short}{bound})"


def _number(value: float) -> str:
    return f"{round(value, 12):.12g}"
