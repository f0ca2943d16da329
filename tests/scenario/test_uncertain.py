"""Parameters given as data or as intervals: the value that runs use, what is believed, what is refused."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import scipy.stats

from outlast.errors import ScenarioError
from outlast.scenario import json_schema, loads
from outlast.scenario.scenario import Scenario
from outlast.scenario.uncertain import Uncertain

DAY = 86_400.0
TEXT = """\
scenario: x
horizon: 100 d
components:
  db:
    kind: component
    time_to_failure: {0}
variants:
  other: {{components.db.time_to_failure: {{exponential: {{failures: 1, in: 8 d}}}}}}
"""


def with_life(form: str) -> Scenario:
    return loads(TEXT.format(form))


def only(form: str) -> Uncertain:
    (one,) = with_life(form).uncertain
    return one


def same_as(form: str, plain: str) -> bool:
    one, other = with_life(form).program().tables, with_life(plain).program().tables
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


@pytest.mark.parametrize(
    ("form", "plain"),
    [
        ("{exponential: {failures: 40, in: 1200 host-days}}", "{exponential: 30 d}"),
        ("{exponential: {mean: {events: 2, in: 5 d}}}", "{exponential: 60 h}"),
        ("{exponential: {failures: 0, in: 10 d}}", "{exponential: 20 d}"),
        ("{between: [1 d, 4 d]}", "2 d"),
        ("{between: [1 d, 4 d], spread: uniform}", "60 h"),
        ("{between: [60 d, 120 d], value: 90 d}", "90 d"),
        ("{weibull: {mean: 9 d, shape: {between: [1, 4]}}}", "{weibull: {mean: 9 d, shape: 2}}"),
        (
            "{mixture: [{share: {between: [10 %, 70 %]}, law: 1 d}, {share: 60 %, law: 2 d}]}",
            "{mixture: [{share: 40 %, law: 1 d}, {share: 60 %, law: 2 d}]}",
        ),
        (
            "{mixture: [{share: {successes: 2, of: 5}, law: 1 d}, {share: 60 %, law: 2 d}]}",
            "{mixture: [{share: 40 %, law: 1 d}, {share: 60 %, law: 2 d}]}",
        ),
    ],
)
def test_a_run_uses_the_point_estimate(form: str, plain: str) -> None:
    assert same_as(form, plain)


def test_a_count_of_failures_is_a_gamma_posterior_of_the_rate() -> None:
    one = only("{exponential: {failures: 37, in: 1200 d}}")
    rate = scipy.stats.gamma(37.5, scale=1 / (1200 * DAY))
    for p in (0.05, 0.3, 0.95):
        assert one.quantile(p) == pytest.approx(1 / rate.isf(p), rel=1e-9)
    assert one.ends == (one.quantile(0.05), one.quantile(0.95))
    assert (one.words, one.belief) == ("37 failures in 1200 d", "Gamma(37.5, 1200 d) of the rate")


def test_shares_are_beta_posteriors_and_counts_are_equally_likely() -> None:
    share = "{mixture: [{share: {successes: 2, of: 5}, law: 1 d}, {share: 60 %, law: 2 d}]}"
    assert only(share).quantile(0.3) == pytest.approx(scipy.stats.beta(2.5, 3.5).ppf(0.3), rel=1e-9)
    count = loads(TEXT.format("9 d").replace("kind: component", "kind: component\n    count: {between: [2, 4]}"))
    (one,) = count.uncertain
    assert [one.written(one.quantile(p)) for p in (0.0, 0.3, 0.4, 0.6, 0.7, 1.0)] == [2, 2, 3, 3, 4, 4]


def test_variants_and_changes_may_hold_beliefs_and_replace_them() -> None:
    scenario = with_life("{exponential: {failures: 37, in: 1200 d}}")
    assert [one.words for one in scenario.variant("other").uncertain] == ["1 failure in 8 d"]
    path = scenario.uncertain[0].name
    assert scenario.changed({path: "30 d"}).uncertain == []
    assert scenario.changed({path: {"between": ["1 d", "2 d"]}}).uncertain[0].words == "between 1 d and 2 d"


def test_names_that_look_like_fields_are_left_alone() -> None:
    scenario = loads("""\
scenario: x
horizon: 100 d
regions: {a: {}, b: {}}
links: {between: {between: [a, b], capacity: 1 GB/s}}
components:
  in: {kind: component, time_to_failure: 9 d}
  failures: {kind: component, time_to_failure: 9 d}
""")
    assert scenario.uncertain == []


@pytest.mark.parametrize(
    ("form", "at", "message"),
    [
        ("{exponential: {failures: 3.5, in: 9 d}}", "6:47", "a whole number is needed (got 3.5)"),
        ("{exponential: {failures: 3, in: 9}}", "6:54", "a duration needs a unit (got 9)"),
        ("{exponential: {failures: 3, in: 9 d, of: 2}}", "6:63", "unknown field"),
        ("{weibull: {mean: {failures: 3, in: 9 d}, shape: 1}}", "6:39", "gives the mean of an exponential law only"),
        ("{between: [5 d]}", "6:32", "the two ends of an interval are needed (got a list of 1)"),
        ("{between: 5 d}", "6:32", "the two ends of an interval are needed (got '5 d')"),
        ("{between: [5 d, 3 h]}", "6:32", "the first end must be less than the second"),
        ("{between: [5 d, 3 GB]}", "6:32", "quantities of one kind"),
        ("{between: [5 d, 8 d], valeu: 6 d}", "6:51", "unknown field"),
        ("{between: [5 d, 8 d], value: 4 d}", "6:51", "the value must lie in the interval"),
        ("{between: [5 d, 8 d], spread: normal}", "6:52", "unknown spread"),
        ("{between: [0 d, 8 d], spread: log-uniform}", "6:32", "must begin above zero"),
        ("{between: [2, 3]}", "6:22", "a duration needs a unit (got 3)"),
        ("{mixture: [{share: {successes: 6, of: 5}, law: 1 d}]}", "6:60", "more successes than trials"),
    ],
)
def test_what_makes_no_sense_is_one_problem_with_its_place(form: str, at: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_life(form)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert f"{problem.line}:{problem.column}" == at


def test_other_problems_of_the_file_are_told_too() -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(TEXT.format("{between: [5 d]}").replace("100 d", "100"))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("form", ["{between: [60 d, 120 d]}", "{exponential: {failures: 3, in: 9 host-days}}"])
def test_the_schema_for_editors_accepts_beliefs(form: str) -> None:
    validator: Any = jsonschema.Draft202012Validator(json_schema())
    validator.validate(with_life(form).document.data)
    assert not validator.is_valid(with_life(form).document.data | {"horizon": {"between": ["1 d", "2 d"]}})
