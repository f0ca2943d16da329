"""OpenSLO v1, read and written."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from outlast.errors import ScenarioError
from outlast.exchange.metrics import Metrics
from outlast.exchange.openslo_read import SECTIONS, Fragment, read_openslo
from outlast.exchange.openslo_write import to_documents, write_openslo
from outlast.scenario import Scenario
from outlast.scenario.agreement import Agreement
from outlast.scenario.model import Objective

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "openslo-v1.schema.json").read_text()))
LoadPlatform = Callable[..., Scenario]
Cli = Callable[..., Result]

RATIO = "{ratioMetric: {counter: true, good: {metricSource: {spec: {q: a}}}, total: {metricSource: {spec: {q: b}}}}}"


def slo(name: str = "fast", **changes: Any) -> dict[str, Any]:
    spec = {
        "service": "api",
        "indicator": {"metadata": {"name": "ok"}, "spec": yaml.safe_load(RATIO)},
        "timeWindow": [{"duration": "28d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.9995}],
        **changes,
    }
    return {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": name}, "spec": spec}


def read(folder: Path, *objects: dict[str, Any], **options: Any) -> Fragment:
    (folder / "slo.yaml").write_text(yaml.safe_dump_all(objects, sort_keys=False))
    return read_openslo([str(folder / "slo.yaml")], **options)


def messages(fragment: Fragment) -> list[str]:
    return [f"{problem.line}: {problem.path}: {problem.message}" for problem in fragment.left_out]


SAYABLE = [
    (slo(), {"of": "api", "at_least": "99.95 %", "window": {"length": "28 d", "every": "1 d"}, "measure": "requests"}),
    (
        slo(timeWindow=[{"duration": "1M", "isRolling": False}], objectives=[{"targetPercent": 99.9}]),
        {"of": "api", "at_least": "99.9 %", "window": "month", "measure": "requests"},
    ),
    (
        slo(
            timeWindow=[{"duration": "12h", "isRolling": True}],
            budgetingMethod="Timeslices",
            objectives=[{"target": 0.9, "timeSliceTarget": 0.95, "timeSliceWindow": "1m"}],
        ),
        {
            "of": "api",
            "at_least": "90 %",
            "window": {"length": "12 h", "every": "12 h"},
            "measure": "error_minutes",
            "error_rate": "5 %",
        },
    ),
    (
        slo(
            timeWindow=[{"duration": "1w"}],
            budgetingMethod="Timeslices",
            objectives=[{"target": 0.9, "timeSliceTarget": 1, "timeSliceWindow": 5}],
        ),
        {
            "of": "api",
            "at_least": "90 %",
            "window": "7 d",
            "measure": "intervals",
            "interval": "5 min",
            "bad_if": "any",
        },
    ),
    (
        slo(
            timeWindow=[{"duration": "1Y"}],
            budgetingMethod="RatioTimeslices",
            objectives=[{"target": 0.9, "timeSliceWindow": "1h"}],
        ),
        {"of": "api", "at_least": "90 %", "window": "365 d", "measure": "intervals", "interval": "1 h"},
    ),
]


@pytest.mark.parametrize(("written", "expected"), SAYABLE)
def test_a_budgeting_method_becomes_the_agreement_that_counts_like_it(
    tmp_path: Path, platform: LoadPlatform, written: dict[str, Any], expected: dict[str, Any]
) -> None:
    fragment = read(tmp_path, written, scenario=platform())
    assert fragment.agreements == {"fast": expected}
    assert not fragment.left_out


UNSAYABLE = [
    ({"timeWindow": [{"duration": "1Q"}]}, "spec.timeWindow.0.duration: windows of 1Q are not counted"),
    ({"timeWindow": [{"duration": "1M", "isRolling": True}]}, "spec.timeWindow.0.duration: windows of 1M"),
    ({"indicator": None, "indicatorRef": "gone"}, "spec.indicatorRef: no SLI is called 'gone'"),
    ({"indicator": None}, "spec: has no indicator"),
    ({"indicator": {"spec": {"thresholdMetric": {}}}}, "spec.indicator.spec.thresholdMetric: metrics against a"),
    ({"objectives": [{"target": 0.9, "indicatorRef": "x"}]}, "spec.objectives.0: indicators of single"),
    (
        {
            "budgetingMethod": "Timeslices",
            "objectives": [{"target": 0.9, "timeSliceTarget": 0.5, "timeSliceWindow": "5m"}],
        },
        "spec.objectives.0.timeSliceWindow: slices other than 1m",
    ),
]


@pytest.mark.parametrize(("changes", "message"), UNSAYABLE)
def test_an_slo_that_cannot_be_counted_is_left_out_and_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    fragment = read(tmp_path, slo(**changes))
    assert not fragment.data()
    (said,) = messages(fragment)
    assert f"SLO fast: {message}" in said and not said.startswith("0:")


def test_parts_that_change_nothing_are_named_one_by_one(tmp_path: Path) -> None:
    calendar = {"startTime": "2022-01-01 12:00:00", "timeZone": "America/New_York"}
    window = [{"duration": "1w", "isRolling": False, "calendar": calendar}]
    policy = {"apiVersion": "openslo/v1", "kind": "AlertPolicy", "metadata": {"name": "burn"}, "spec": {}}
    goals = [{"op": "lt", "target": 0.9, "value": 1}]
    fragment = read(tmp_path, slo(timeWindow=window, objectives=goals, alertPolicies=["burn"]), policy)
    assert list(fragment.agreements) == ["fast"]
    found = [said.split(": ", 1)[1] for said in messages(fragment)]
    assert found == [
        "SLO fast: spec.timeWindow.0.calendar.startTime: windows begin on Monday, 0 h, not 2022-01-01 12:00:00",
        "SLO fast: spec.objectives.0.op: a ratio of good is to be at least its target (got lt)",
        "SLO fast: spec.objectives.0.value: belongs to a metric against a threshold; this one is a ratio",
        "SLO fast: spec.alertPolicies.0: alerts are not simulated",
        "AlertPolicy burn: alerts are not simulated",
    ]


def test_an_indicator_may_stand_in_another_document_or_list(tmp_path: Path) -> None:
    sli = {"apiVersion": "openslo/v1", "kind": "SLI", "metadata": {"name": "ok"}, "spec": yaml.safe_load(RATIO)}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([slo(indicator=None, indicatorRef="ok")]))
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(sli))
    assert list(read_openslo([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]).agreements) == ["fast"]


def test_each_of_several_objectives_is_an_agreement_of_its_own(tmp_path: Path) -> None:
    fragment = read(tmp_path, slo(objectives=[{"target": 0.9, "displayName": "Good <b>"}, {"target": 0.99}]))
    assert {name: each["at_least"] for name, each in fragment.agreements.items()} == {
        "fast-good-b": "90 %",
        "fast-2": "99 %",
    }


def test_a_component_without_requests_is_measured_in_time_and_that_is_said(
    tmp_path: Path, platform: LoadPlatform
) -> None:
    fragment = read(tmp_path, slo(service="db"), scenario=platform(), names={"db": "db_1"})
    assert fragment.agreements["fast"]["measure"] == "time"
    assert "db_1 has no requests in the scenario" in messages(fragment)[0]


def test_objectives_bound_the_mean(tmp_path: Path, platform: LoadPlatform) -> None:
    fragment = read(tmp_path, slo(), scenario=platform(), section="objectives")
    assert fragment.objectives == [{"of": "api", "measure": "request_availability", "at_least": "99.95 %"}]


def test_annotations_that_say_something_else_are_mistakes(tmp_path: Path) -> None:
    for said, message in (
        ({"outlast-section": "agreement"}, "unknown section (got 'agreement')"),
        ({"outlast-section": "objectives", "outlast-measure": "rto"}, "not a share of good (got 'rto')"),
    ):
        written = slo()
        written["metadata"]["annotations"] = said
        with pytest.raises(ScenarioError, match=re.escape(message)):
            read(tmp_path, written)


def test_every_mistake_is_told_at_once_at_its_place(tmp_path: Path, platform: LoadPlatform) -> None:
    (tmp_path / "slo.yaml").write_text(f"""\
- apiVersion: openslo/v1
  kind: SLO
  metadata: {{name: one}}
  spec: {{service: apj, indicator: {{spec: {RATIO}}}, budgetingMethod: Occurrences, objectives: [{{target: 0.9}}]}}
- apiVersion: openslo/v1
  kind: SLO
  metadata: {{name: two}}
  spec: {{service: api, indicator: {{spec: {RATIO}}}, budgetingMethod: Ocurrences, objectives: [{{taget: 1}}]}}
- {{apiVersion: openslo/v2alpha1, kind: SLO, metadata: {{name: three}}, spec: {{}}}}
- {{apiVersion: openslo/v1, kind: SLOO, metadata: {{name: four}}, spec: {{}}}}
""")
    with pytest.raises(ScenarioError) as raised:
        read_openslo([str(tmp_path / "slo.yaml")], platform())
    found = [(p.line, p.path, p.message, p.hint) for p in raised.value.problems]
    assert [(line, path) for line, path, *_ in found] == [
        (4, "SLO one: spec.service"),
        (8, "SLO two: spec.budgetingMethod"),
        (8, "SLO two: spec.objectives.0.taget"),
        (9, "SLO three: apiVersion"),
        (10, "SLOO four: kind"),
    ]
    assert found[0][3] == "did you mean `api`?; --map 'apj=NAME' names another"
    assert found[2][2:] == ("unknown field", "did you mean `target`?")


TARGETS = st.integers(0, 99_999).map(lambda n: f"{n / 1000} %")
WINDOWS = st.sampled_from(
    ["month", "7 d", "12 h", {"length": "30 d", "every": "1 d"}, {"length": "6 h", "every": "6 h"}]
)
COUNTED = st.one_of(
    st.just({"measure": "time"}),
    st.just({"of": "api", "measure": "requests", "window": "30 d"}),
    st.integers(0, 99).map(lambda n: {"measure": "error_minutes", "error_rate": f"{n} %"}),
    st.sampled_from(["mean", "any"]).map(lambda b: {"measure": "intervals", "interval": "5 min", "bad_if": b}),
)
TEXTS = st.sampled_from(["", "what <b>we</b> owe | : # 'quoted'\nin two lines", "ünïcode"])
AGREEMENTS = st.builds(
    lambda of, target, window, counted, text: {"of": of, "at_least": target, "window": window, "description": text, **counted},
    st.sampled_from(["api", "db_1", "north.a"]), TARGETS, WINDOWS, COUNTED, TEXTS,
)  # fmt: skip
OBJECTIVES = st.builds(
    lambda of, target, window: {"of": of[0], "measure": of[1], "at_least": target, **({"window": "30 d"} if window else {})},
    st.sampled_from([("api", "request_availability"), ("api", "availability"), ("db_1", "availability")]),
    TARGETS,
    st.booleans(),
)  # fmt: skip
NAMES = st.sampled_from(["customers", "Customers", "a.b", "a_b", "x" * 63, "x" * 62 + "Y"])


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, AGREEMENTS, max_size=4), st.lists(OBJECTIVES, max_size=3))
def test_what_both_can_say_comes_back_as_it_was(
    tmp_path: Path, agreements: dict[str, Any], objectives: list[dict[str, Any]]
) -> None:
    scenario = _unchecked(agreements, objectives)
    objects, left_out = write_openslo(scenario, Metrics())
    assert not left_out
    for each in objects:
        SCHEMA.validate(each)
    (tmp_path / "out.yaml").write_text(to_documents(objects), encoding="utf-8")
    fragment = read_openslo([str(tmp_path / "out.yaml")])
    assert not fragment.left_out
    back = {name: Agreement.model_validate(each) for name, each in fragment.agreements.items()}
    assert back == scenario.spec.agreements
    assert [Objective.model_validate(each) for each in fragment.objectives] == [
        Objective.model_validate({**each, "at_least": _share(each)}) for each in objectives
    ]


def _share(objective: dict[str, Any]) -> str:
    """As the reader writes it."""
    return f"{round(float(objective['at_least'].removesuffix(' %')), 10):.12g} %"


def _unchecked(agreements: dict[str, Any], objectives: list[dict[str, Any]]) -> Any:
    """A scenario whose windows need not go together."""
    from types import SimpleNamespace

    from outlast.scenario.document import Document

    spec = SimpleNamespace(
        agreements={name: Agreement.model_validate(each) for name, each in agreements.items()},
        objectives=[Objective.model_validate(each) for each in objectives],
        thresholds={},
        starts=None,
    )
    return SimpleNamespace(spec=spec, document=Document({}), program=lambda: None)


def test_what_openslo_cannot_say_is_named(platform: LoadPlatform) -> None:
    scenario = platform("""\
objectives:
  - {of: api, measure: rto, at_most: 15 min}
  - {of: db_1, measure: availability, at_least: 100 %}
agreements:
  credit: {of: api, at_least: 99 %, excludes: {grace: 2 min}, credits: [{below: 99 %, credit: 10 %}]}
  whole: {of: api, at_least: 99 %, measure: intervals, bad_if: whole}
  runs: {of: api, at_least: 99 %, measure: error_minutes, least_run: 5 min}
  odd: {of: api, at_least: 99 %, window: 90 s}
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: {of: api, at_least: 99 %}
thresholds: {api.availability: mean > 99 %}
""")
    objects, left_out = write_openslo(scenario, Metrics())
    assert [each["metadata"]["name"] for each in objects] == ["api", "credit", "x" * 63]
    assert [problem.path for problem in left_out] == [
        "objectives.0", 'thresholds."api.availability"', "objectives.1.at_least", "agreements.credit.excludes",
        "agreements.credit.credits", "agreements.whole.bad_if", "agreements.runs.least_run", "agreements.odd.window",
        f"agreements.{'x' * 64}",
    ]  # fmt: skip


def test_the_command_reads_standard_input_and_writes_a_fragment_that_a_scenario_takes(cli: Cli) -> None:
    result = cli("import", "openslo", "-", "--scenario", "platform.yaml", input=yaml.safe_dump(slo()))
    assert result.exit_code == 0, result.stderr
    Path("whole.yaml").write_text(Path("platform.yaml").read_text() + result.stdout)
    assert cli("validate", "whole.yaml").exit_code == 0
    written = cli("export", "openslo", "whole.yaml", "--total-metric", 'hits{job="{component}"}')
    assert 'sum(hits{job="api"})' in written.stdout
    Path("slo.yaml").write_text(written.stdout)
    assert cli("import", "openslo", "slo.yaml").stdout == result.stdout
    again = cli("import", "openslo", "slo.yaml", "--scenario", "whole.yaml")
    assert again.exit_code == 2
    assert "SLO fast: metadata.name: the scenario already has an agreement 'fast'" in again.stderr
    same = cli("import", "openslo", "-", "--scenario", "platform.yaml", input=yaml.safe_dump(slo("api")))
    assert "SLO api: metadata.name: 'api' is the name of a component" in same.stderr


def test_strict_refuses_to_leave_anything_out(cli: Cli) -> None:
    Path("slo.yaml").write_text(yaml.safe_dump(slo(alertPolicies=["x"])))
    result = cli("import", "openslo", "slo.yaml", "--strict")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: slo.yaml:" in result.stderr and "alerts are not simulated" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["import", "openslo", "gone.yaml"], "gone.yaml: no such file"),
        (["import", "openslo", "platform.yaml"], "an object with `apiVersion` and `kind` is expected here"),
        (["import", "openslo", "slo.yaml", "--map", "apj=x"], "--map: no SLO has the service 'apj'"),
        (["import", "openslo", "x", "--map", "a"], "--map takes SERVICE=COMPONENT (got 'a')"),
        (["export", "openslo", "platform.yaml"], "the scenario has no objective or agreement about a share"),
        (["export", "openslo", "platform.yaml", "--up-metric", "up"], "does not say `{component}`"),
        (["export", "openslo", "platform.yaml", "--up-metric", 'up{{component}="1'], "is not a metric with labels"),
    ],
)
def test_a_wrong_command_is_told_in_one_message(cli: Cli, words: list[str], message: str) -> None:
    Path("slo.yaml").write_text(yaml.safe_dump(slo()))
    result = cli(*words)
    assert result.exit_code == 2
    assert message in result.stderr and result.stderr.count("error:") == 1


def test_the_example_of_the_documentation_is_what_the_command_does(cli: Cli) -> None:
    page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text()
    slo_text, fragment = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    Path("slo.yaml").write_text(slo_text)
    scenario = Path("platform.yaml").read_text().replace("  api:", "  ranker:")
    Path("platform.yaml").write_text(scenario)
    assert cli("import", "openslo", "slo.yaml", "--scenario", "platform.yaml").stdout == fragment


WHOLE = [
    slo("requests", description="what", alertPolicies=["burn"]),
    slo(
        "slices",
        timeWindow=[{"duration": "1w", "isRolling": False, "calendar": {"startTime": "2029-01-01 00:00:00", "timeZone": "Etc/UTC"}}],
        budgetingMethod="Timeslices",
        objectives=[{"displayName": "x", "target": 0.9, "timeSliceTarget": 0.95, "timeSliceWindow": "1m"}, {"target": 0.8, "timeSliceTarget": 1, "timeSliceWindow": "5m"}],
    ),
    slo("by-reference", indicator=None, indicatorRef="ok", budgetingMethod="RatioTimeslices", objectives=[{"target": 0.9, "timeSliceWindow": 5}]),
    {"apiVersion": "openslo/v1", "kind": "SLI", "metadata": {"name": "ok"}, "spec": yaml.safe_load(RATIO)},
    {"apiVersion": "openslo/v1", "kind": "DataSource", "metadata": {"name": "d", "annotations": {"a": "b"}}, "spec": {"type": "x"}},
]  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything in a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in pairs for found in leaves(each, (*path, key)))]


JUNK = st.sampled_from([None, True, -1, 0, 2.5, 10**12, "", "x y", "# <b>", "\x1b[2J", [], ["a"], {}, {"a": 1}, "99Y"])


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from([path for path in leaves(WHOLE) if path]), junk=JUNK, section=st.sampled_from(SECTIONS))
def test_whatever_stands_in_a_field_the_answer_is_a_message_or_a_fragment(
    tmp_path: Path, place: tuple[Any, ...], junk: Any, section: str
) -> None:
    whole = copy.deepcopy(WHOLE)
    above: Any = whole
    for part in place[:-1]:
        above = above[part]
    above[place[-1]] = junk
    try:
        fragment = read(tmp_path, *whole, section=section)
    except ScenarioError as error:
        assert all(problem.line for problem in error.problems) and "\x1b" not in str(error)
        return
    for each in fragment.agreements.values():
        Agreement.model_validate(each)
    for each in fragment.objectives:
        Objective.model_validate(each)
