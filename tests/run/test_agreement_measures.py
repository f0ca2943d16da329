"""Agreements as measures: P(window met), service credits and claims as money, bounds on them, break-even."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import outlast
from outlast.errors import ScenarioError, UsageError
from outlast.report.cost_figure import costs
from outlast.run.objectives import judged
from outlast.run.results import Result
from outlast.run.variants import Luck
from outlast.scenario.scenario import Scenario
from outlast.stats import estimates
from outlast.study.search import search

FEE = 43_800.0  # a year, 3650 USD a month

# `db` is down for 2 d after 10, 40 and 70 d, `cloud` for 3 h after 20 d; windows are 30 d.
CLOCKWORK = """
scenario: clockwork
horizon: 90 d
providers:
  cloud: {outage: {every: {at: [20 d]}, lasts: 3 h}}
components:
  db: {kind: component, time_to_failure: {at: [10 d, 40 d]}, repair: {lasts: 2 d}, cost: {item: 1 USD/h}}
agreements:
  customers:
    {of: db, at_least: 99 %, window: 30 d, fee: 3650 USD/month,
     credits: [{below: 99 %, credit: 10 %}, {below: 95 %, credit: 25 %}]}
  claim:
    {of: cloud, owed_by: cloud, at_least: 99.9 %, window: 30 d, fee: 365 USD/month,
     credits: [{below: 99.9 %, credit: 30 %}], credit_cap: 20 %}
variants:
  kinder: {agreements.customers.credits: [{below: 99 %, credit: 10 %}]}
  dearer: {agreements.customers.fee: 7300 USD/month}
"""


def found(result: Result, component: str, measure: str) -> Any:
    rows = result.estimates.query("component == @component and measure == @measure and scope == ''")
    return next(rows.itertuples(index=False))


@pytest.fixture(scope="module")
def clockwork() -> Result:
    return outlast.run(outlast.loads(CLOCKWORK), 2, variants=["kinder"], engine="reference")


def base(result: Result) -> pd.DataFrame:
    return result.estimates.query("variant == 'base'").set_index(["component", "measure"])["mean"]


def test_credits_are_the_fee_times_the_mean_credit_of_a_window(clockwork: Result) -> None:
    """Windows of 93.3, 93.3 and 100 %: 25, 25 and 0 % of the fee."""
    money = base(clockwork)
    assert money["customers", "credit"] == pytest.approx(0.5 / 3)
    assert money["customers", "cost_service_credits"] == pytest.approx(FEE * 0.5 / 3)
    kinder = clockwork.estimates.query("variant == 'kinder' and measure == 'cost_service_credits'")
    assert list(kinder["mean"]) == pytest.approx([FEE * 0.2 / 3] * 2)  # of the agreement, and of the platform


def test_claims_on_a_provider_come_back(clockwork: Result) -> None:
    """One window of three, capped at 20 %."""
    money = base(clockwork)
    assert money["claim", "cost_claims"] == pytest.approx(-0.1 * FEE * 0.2 / 3)
    assert money["platform", "cost"] == pytest.approx(8760 + FEE * 0.5 / 3 - 0.1 * FEE * 0.2 / 3)


def test_claims_have_no_bar_but_count_in_the_total(clockwork: Result) -> None:
    """8760 + 7300 - 292 USD of the base, 8760 + 2920 - 292 of the variant."""
    labels = [label.get_text() for label in costs(clockwork).axes[0].get_yticklabels()]
    assert labels == ["base, 15,768 USD/y after 292 USD/y of claims", "kinder, 11,388 USD/y after 292 USD/y of claims"]


def test_what_a_window_counts_as_is_a_measure(clockwork: Result) -> None:
    days = base(clockwork)["customers"] / 86_400.0
    assert base(clockwork)["customers", "met"] == pytest.approx(1 / 3)
    assert days["downtime"] == pytest.approx(4 / 3)
    assert days["longest_outage"] == pytest.approx(4 / 3)
    assert base(clockwork)["customers", "budget_used"] == pytest.approx(2 / 0.3 * 2 / 3)


def test_sections_of_agreements_say_the_same_as_the_measures(clockwork: Result) -> None:
    rows = clockwork.sla_estimates.query("variant == 'base' and agreement == 'customers'")
    rows = rows[rows["quantile"].isna()].set_index("measure")["value"]
    assert rows["service_credits"] == base(clockwork)["customers", "cost_service_credits"]
    assert rows["p_met"] == base(clockwork)["customers", "met"]


def test_credits_fall_due_in_the_measuring_window_in_which_theirs_ends() -> None:
    result = outlast.run(outlast.loads(CLOCKWORK, {"window": "45 d"}), 1, engine="reference")
    rows = result.windows.query("component == 'customers'").set_index(["measure", "window"])["value"]
    assert list(rows["met"]) == pytest.approx([0.0, 0.5])  # of 0-30 d; of 30-60 d and 60-90 d
    assert list(rows["cost_service_credits"]) == pytest.approx([FEE * 0.5 / 3] * 2)
    empty = outlast.run(outlast.loads(CLOCKWORK, {"window": "15 d"}), 1, engine="reference").windows
    assert empty.query("component == 'customers' and measure == 'met'")["value"].isna().sum() == 3


QUIET = """
scenario: quiet
horizon: 60 d
components:
  db: {kind: component, time_to_failure: 100 d, repair: {lasts: 2 d}}
  net: {kind: component, time_to_failure: 100 d, repair: {lasts: 2 d}}
agreements:
  customers: {of: db, at_least: 99 %, window: 30 d, fee: 3650 USD/month, credits: [{below: 99 %, credit: 10 %}]}
  claim: {of: net, owed_by: isp, at_least: 99 %, window: 30 d, fee: 365 USD/month, credits: [{below: 99 %, credit: 20 %}],
          credit_cap: 10 %}
providers: {isp: {}}
"""


def test_credits_that_were_not_seen_are_bounded_by_the_cap() -> None:
    result = outlast.run(outlast.loads(QUIET), 20, engine="reference")
    reach = estimates.share_without_event(20)
    credits, claims = (found(result, "platform", f"cost_{item}") for item in ("service_credits", "claims"))
    assert (credits.mean, credits.ci_low, credits.ci_high) == pytest.approx((0.0, 0.0, reach * FEE))
    assert (claims.mean, claims.ci_low, claims.ci_high) == pytest.approx((0.0, -reach * 0.01 * FEE, 0.0))
    total = found(result, "platform", "cost")
    assert (total.ci_low, total.ci_high) == pytest.approx((claims.ci_low, credits.ci_high))
    assert {credits.method, claims.method, total.method} == {estimates.NO_EVENT_BOUND}


RANDOM = """
scenario: random
horizon: 720 h
components:
  db: {kind: component, time_to_failure: {exponential: 300 h}, repair: {lasts: 20 min}}
agreements:
  sla: {of: db, at_least: 99.9 %, window: 30 d}
thresholds:
  sla.met: [">= 45 %", mean <= 70 %]
  sla.downtime: p(80) <= 1 h 30 min
variants:
  steadier: {components.db.time_to_failure: {exponential: 900 h}}
"""


def p_met(mttf_h: float) -> float:
    """At most two failures in the up time that 99.9 % leave of 720 h: the third would exceed 43.2 min."""
    m = 719.28 / mttf_h
    return math.exp(-m) * (1.0 + m + m * m / 2.0)


@pytest.fixture(scope="module")
def random() -> Scenario:
    return outlast.loads(RANDOM)


def test_intervals_of_met_and_of_quantiles_are_those_of_the_sections(random: Scenario) -> None:
    result = outlast.run(random, 400)
    rows = result.sla_estimates
    met, section = found(result, "sla", "met"), next(rows.query("measure == 'p_met'").itertuples())
    assert (met.mean, met.ci_low, met.ci_high, met.method) == (section.value, section.ci_low, section.ci_high,
                                                              section.method)  # fmt: skip
    assert abs(met.mean - p_met(300)) < 4 * math.sqrt(p_met(300) * (1 - p_met(300)) / 400)
    bound = random.catalogue.threshold("sla.downtime", "p(95) < 1 d")
    (row,) = judged(outlast.run(random, 400), [bound]).thresholds[-1:]
    section = next(rows.query("measure == 'downtime' and quantile == 0.95").itertuples())
    assert (row["mean"], row["ci_low"], row["ci_high"]) == (section.value, section.ci_low, section.ci_high)
    assert row["over"] == "windows"


def test_a_gate_judges_how_likely_a_window_is_met(random: Scenario) -> None:
    """P(met) = 57 %; the downtime that 80 % of the windows do not exceed is 4 outages of 20 min."""
    gate = outlast.gate(random, {"sla.met": "mean > 57 %"}, replications=500)
    assert [row["verdict"] for row in gate.rows] == ["passed", "passed", "passed", "inconclusive"]
    assert gate.rows[-1]["further"] > 500


def test_the_mean_time_to_failure_at_which_the_agreement_is_met(random: Scenario) -> None:
    values = [f"{hours} h" for hours in range(300, 1000, 100)]
    right = next(f"{hours} h" for hours in range(300, 1000, 100) if p_met(hours) >= 0.9)
    luck = Luck(1500, 3)
    path = "components.db.time_to_failure.exponential"
    found = search(random, path, values, random.catalogue.threshold("sla.met", ">= 90 %"), luck)
    low, high = (values.index(end) for end in (found.low, found.high))
    assert low <= values.index(right) <= high
    assert found.answer == right == "700 h"
    assert found.monotone


def test_comparisons_show_how_much_more_often_it_is_met(random: Scenario) -> None:
    rows = outlast.compare(random, variants=["steadier"], replications=400).differences
    row = next(rows.query("component == 'sla' and measure == 'met'").itertuples())
    assert row.verdict == "better"
    assert abs(row.mean - (p_met(900) - p_met(300))) < 4 * (row.ci_high - row.ci_low) / 3.92
    assert row.p_better == pytest.approx(row.mean, abs=0.02)  # one window each: better where it is met only then


def test_variants_that_only_agree_otherwise_are_not_called_the_same() -> None:
    """Programs are equal, so nothing is run twice, and all but the credits is equal."""
    rows = outlast.compare(
        outlast.loads(CLOCKWORK), variants=["kinder"], replications=2, engine="reference"
    ).differences
    differ = rows[rows["verdict"] != "exactly equal"]
    assert list(differ["measure"]) == ["cost_service_credits", "cost"] * 2 + ["credit"]
    assert list(differ["mean"]) == pytest.approx([-FEE * 0.1] * 4 + [-0.1])


def test_precision_can_be_asked_for(random: Scenario) -> None:
    result = outlast.run(random, precision={"sla.met": "5 %"})
    assert result.precision[0]["reached"]
    assert 200 < result.n < 1000  # 1.96^2 p (1 - p) / 0.05^2 = 377


def test_the_exact_engine_says_that_it_does_not_count_windows() -> None:
    text = RANDOM.replace("lasts: 20 min", "lasts: {exponential: 20 min}")
    result = outlast.run(outlast.loads(text), engine="exact")
    assert found(result, "sla", "met").method.endswith("agreements are counted in the windows of a simulation")
    assert {row["verdict"] for row in result.thresholds} == {"uncertain"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("sla.met", "p(5) >= 99 %", "sla.met is a share of windows, which has no quantiles"),
        ("slo.met", ">= 99 %", "nothing is measured as 'slo.met'"),
        ("sla.met[item]", ">= 99 %", "sla.met is not counted by scope"),
        ("sla.downtime", ">= 99 %", "%"),
    ],
)
def test_impossible_bounds_on_agreements_are_refused(random: Scenario, name: str, text: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        outlast.loads(RANDOM.partition("thresholds:")[0] + f"thresholds: {{'{name}': '{text}'}}\n")
    assert len(caught.value.problems) == 1
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"agreements.customers.fee": None}, "without a fee the costs would leave these credits out"),
        ({"agreements.customers.credits": None}, "has no meaning without `credits`"),
        ({"agreements.customers.fee": "3650 AED/month"}, "3650 AED/month is not in USD"),
        ({"agreements.customers.fee": "3650 USD"}, "3650 USD"),
        ({"agreements.customers.at_least": "98 %"}, "a credit would be due although the agreement is met: 99 % is above"),
        ({"agreements.customers.window": "91 d"}, "no whole window of 91 d fits"),
        ({"thresholds": {"customers.met": [">= 99 %", "<= 90 %"]}}, "nothing can be both"),
        ({"agreements.db": {"of": "db", "at_least": "99 %"}}, "'db' is already the name of something in components"),
        ({"agreements.platform": {"of": "db", "at_least": "99 %"}}, "'platform' is the name of the total of all costs"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    text = CLOCKWORK.partition("variants:")[0]
    with pytest.raises(ScenarioError) as caught:
        outlast.loads(text, changes)
    assert len(caught.value.problems) == 1, caught.value
    assert words in str(caught.value)


def test_topologies_are_weighed_by_the_windows_that_are_met() -> None:
    repaired = {"components.db.repair.lasts": "2 h", "components.db.cost.item": "2 USD/h"}
    scenario = outlast.loads(CLOCKWORK).changed({"variants": {"repaired": repaired}})
    table = outlast.pareto(scenario, replications=2, engine="reference")
    rows = table.table.set_index("variant")
    assert (table.of, table.agreement, table.by) == ("db", "customers", ("cost", "availability", "rto_p95", "sla_met"))
    assert list(rows["sla_met"]) == pytest.approx([1 / 3, 1.0])
    assert list(rows["service_credits"]) == pytest.approx([FEE * 0.5 / 3, 0.0])
    assert list(rows["claims"]) == pytest.approx([-0.1 * FEE * 0.2 / 3] * 2)
    assert list(rows["verdict"]) == ["efficient", "efficient"]
    by = outlast.pareto(scenario, replications=2, engine="reference", by=["sla_met"])
    assert by.front == ["repaired"]
    claims = outlast.pareto(scenario, replications=2, engine="reference", agreement="claim")
    assert claims.of == "cloud"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"agreement": "customer"}, "there is no agreement 'customer'"),
        ({"agreement": "claim", "of": "db"}, "the agreement claim is about cloud, not about db"),
        ({"of": "cloud", "by": ["sla_met"]}, "no agreement with customers is about cloud"),
    ],
)
def test_agreements_that_cannot_be_weighed_are_refused(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        outlast.pareto(outlast.loads(CLOCKWORK), replications=1, engine="reference", **asked)
