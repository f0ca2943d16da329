"""Burn-rate rules, read by a PromQL parser, and tried by Prometheus' own tool where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from click.testing import Result

from outlast.exchange.metrics import Metrics
from outlast.exchange.prometheus import to_text, write_rules
from outlast.scenario import Scenario

LoadPlatform = Callable[..., Scenario]
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")
SLOS = """\
objectives:
  - {of: api, measure: request_availability, at_least: 99.9 %}
agreements:
  week: {of: db_1, at_least: 99.5 %, window: 7 d}
  loose: {of: db_1, at_least: 90 %, window: month}
"""


def rules_of(scenario: Scenario) -> tuple[list[dict[str, Any]], list[str]]:
    rules, left_out = write_rules(scenario, Metrics())
    data = yaml.safe_load(to_text(rules))
    return [rule for group in data["groups"] for rule in group["rules"]], [p.message for p in left_out]


def test_every_expression_is_promql_and_reads_only_what_is_recorded(platform: LoadPlatform) -> None:
    rules, _ = rules_of(platform(SLOS))
    recorded = {(rule["record"], rule["labels"]["slo"]) for rule in rules if "record" in rule}
    for rule in rules:
        promql_parser.parse(rule["expr"])
        if "alert" in rule:
            used = re.findall(r'([a-z_:0-9]+)\{slo="([^"]+)"\}', rule["expr"])
            assert used and set(used) <= recorded


def test_windows_and_factors_are_those_of_the_workbook(platform: LoadPlatform) -> None:
    rules, _ = rules_of(platform(SLOS))
    found = [
        (rule["labels"]["severity"], *each)
        for rule in rules
        if "alert" in rule and rule["labels"]["slo"] == "api-request-availability"
        for each in re.findall(r"rate(\w+)\{[^}]*\} > (\S+) \* 0.001 and \S+rate(\w+)\{", rule["expr"])
    ]
    assert found == [  # The Site Reliability Workbook, chapter 5
        ("page", "1h", "14.4", "5m"),
        ("page", "6h", "6", "30m"),
        ("ticket", "1d", "3", "2h"),
        ("ticket", "3d", "1", "6h"),
    ]


def test_windows_scale_with_the_objective_so_that_the_share_of_the_budget_stays(platform: LoadPlatform) -> None:
    rules, _ = rules_of(platform(SLOS))
    ranges = [rule["record"].removeprefix("slo:error_ratio:rate") for rule in rules
              if rule["labels"]["slo"] == "week" and "error_ratio" in rule.get("record", "")]  # fmt: skip
    seconds = [promql_parser.parse(f"x[{each}]").range.total_seconds() for each in ranges]
    assert seconds == [s * 7 / 30 for s in (300, 1800, 3600, 7200, 6 * 3600, 86_400, 72 * 3600)]


def test_rules_that_could_never_fire_are_left_out_and_named(platform: LoadPlatform) -> None:
    rules, left_out = rules_of(platform(SLOS))
    (page,) = [r for r in rules if r["labels"].get("severity") == "page" and r["labels"]["slo"] == "loose"]
    assert "14.4" not in page["expr"]
    assert left_out == ["14.4 times the budget of 10 % is more than everything: no alert for it"]


def test_windows_that_are_too_short_and_budgets_of_nothing_are_left_out_and_named(platform: LoadPlatform) -> None:
    rules, left_out = rules_of(
        platform("""\
agreements:
  day: {of: db_1, at_least: 99 %, window: 1 d}
  all: {of: db_1, at_least: 100 %}
""")
    )
    assert not rules
    assert left_out == [
        "alerts for a window of 1 d would need rates over less than a minute (at least 6 d): left out",
        "without an error budget there is no burn rate: left out",
    ]


def test_the_command_writes_rules_with_the_metrics_that_are_asked_for(cli: Callable[..., Result]) -> None:
    Path("slos.yaml").write_text(Path("platform.yaml").read_text() + SLOS)
    result = cli("export", "prometheus", "slos.yaml", "--up-metric", 'up{job="{component}",zone=~"a{1,2}"}')
    assert result.exit_code == 0 and 'up{job="db_1",zone=~"a{1,2}"}[7m]' in result.stdout
    none = cli("export", "prometheus", "platform.yaml")
    assert none.exit_code == 2 and "no objective or agreement to watch" in none.stderr


@needs_promtool
def test_prometheus_accepts_the_rules(tmp_path: Path, platform: LoadPlatform) -> None:
    _promtool("check", "rules", _written(tmp_path, platform))


@needs_promtool
def test_prometheus_fires_when_the_closed_form_says_so(tmp_path: Path, platform: LoadPlatform) -> None:
    """A constant share e = 2 % of errors after 3 h without any, a budget of 0.1 %: the rule of 14.4 times over 1 h is
    reached after 14.4 * 0.1 % * 1 h / e = 43.2 min.  The rule of once over 3 d has 3 h of data to look at, so that
    e * t / (3 h + t) = 0.1 % at 9.5 min."""
    _written(tmp_path, platform, SLOS.partition("agreements")[0])
    page, ticket = {"severity": "page"}, {"severity": "ticket"}
    cases = [(20, "3h7m", []), (20, "3h13m", [ticket]), (20, "3h41m", [ticket]), (20, "3h46m", [page, ticket])]
    tests = [_case(per_minute, at, expected) for per_minute, at, expected in cases]
    data = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(data))
    _promtool("test", "rules", tmp_path / "test.yaml")


def _case(per_minute: int, at: str, expected: list[dict[str, str]]) -> dict[str, Any]:
    labels = {"slo": "api-request-availability", "component": "api"}
    annotations = {
        "summary": "api uses up its error budget too fast",
        "description": "The objective is 99.9 % of requests; see slo:error_ratio:rate* of slo api-request-availability.",
    }
    alerts = [{"exp_labels": {**labels, **each}, "exp_annotations": annotations} for each in expected]
    return {
        "interval": "1m",
        "input_series": [
            {"series": 'http_requests_total{service="api",code="200"}', "values": "0+980x240"},
            {
                "series": 'http_requests_total{service="api",code="500"}',
                "values": f"0x180 {per_minute}+{per_minute}x60",
            },
        ],
        "alert_rule_test": [
            {"eval_time": at, "alertname": "ErrorBudgetBurn_api_request_availability", "exp_alerts": alerts}
        ],
    }


def _written(folder: Path, platform: LoadPlatform, slos: str = SLOS) -> Path:
    (folder / "rules.yaml").write_text(to_text(write_rules(platform(slos), Metrics())[0]))
    return folder / "rules.yaml"


def _promtool(*words: str | Path) -> None:
    done = subprocess.run([str(PROMTOOL), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
