"""What the commands say of agreements: terms in words, sections of a run, break-even, criteria of topologies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]

AGREED = """\
scenario: agreed
horizon: 90 d
providers:
  cloud: {outage: {every: {at: [20 d]}, lasts: 3 h}}
components:
  db: {kind: component, time_to_failure: {at: [10 d]}, repair: {lasts: 2 d}}
  net: {kind: component, time_to_failure: 1 y, maintenance: {every: 50 d, lasts: 1 h}}
agreements:
  customers:
    of: db
    at_least: 99 %
    window: 30 d
    excludes: {grace: 2 min, longer_outages: count_beyond_grace, scopes: [maintenance]}
    fee: 3650 USD/month
    credits: [{below: 99 %, credit: 10 %}, {below: 95 %, credit: 25 %}]
    composed_of: {all_of: [db, {any_of: [net, cloud]}]}
  claim:
    {of: cloud, owed_by: cloud, at_least: 99.9 %, measure: error_minutes, error_rate: 10 %, least_run: 5 min,
     credits: [{below: 99.9 %, credit: 30 %}], credit_cap: 20 %, fee: 10 USD/h}
  rolling: {of: db, at_least: 99 %, window: {length: 7 d, every: 1 d}, measure: intervals, interval: 10 min}
  touched: {of: db, at_least: 99 %, measure: intervals, bad_if: any, excludes: {causes: ["db*"]}}
thresholds:
  customers.met: ">= 99 % @ 90 %"
variants:
  quick: {components.db.repair.lasts: 1 h}
"""


@pytest.fixture
def agreed(folder: Path) -> str:
    (folder / "agreed.yaml").write_text(AGREED)
    return "agreed.yaml"


EXPLAINED = """\
agreements
  customers  promise     we owe customers 99 % of db
  customers  windows     30 d each
  customers  counted     seconds of outage
  customers  left out    outages caused by maintenance failures; outages of up to 2 min, and so much of longer ones
  customers  credits     10 % below 99 %, 25 % below 95 % of the fee of 3650 USD/month
  customers  depends on  db and (net or cloud)
  claim      promise     cloud owes us 99.9 % of cloud
  claim      windows     calendar months
  claim      counted     minutes down for more than 10 % of their time, in runs of 5 min or longer
  claim      claims      30 % below 99.9 %, at most 20 % of the fee of 10 USD/h
  rolling    promise     we owe customers 99 % of db
  rolling    windows     7 d long, one begins every 1 d
  rolling    counted     mean error rate of intervals of 10 min
  touched    promise     we owe customers 99 % of db
  touched    windows     calendar months
  touched    counted     intervals of 5 min that are down at any time
  touched    left out    outages caused by db*

objectives and thresholds
  customers.met mean >= 99 %  90 % sure  thresholds
"""


def test_terms_are_explained_in_words(cli: Cli, agreed: str) -> None:
    assert cli(f"explain {agreed}").stdout.endswith(EXPLAINED)


def test_one_agreement_is_explained_with_its_measures(cli: Cli, agreed: str) -> None:
    text = cli(f"explain {agreed} claim").stdout
    assert "  claim      cost_claims     USD/y  time                 10 USD/h x share claimed (income)\n" in text
    assert "cloud owes us" in text
    assert "we owe customers" not in text


def test_a_run_shows_credits_and_claims_in_their_sections(cli: Cli, agreed: str) -> None:
    lines = cli(f"run {agreed} -n 2 --engine reference").stdout.splitlines()
    sections = [line for line in lines if line.startswith("agreement ")]
    assert len(sections) == 4
    table = lines[: lines.index(sections[0])]
    assert [line.split()[1] for line in table if line.startswith("platform")] == ["cost_service_credits"]
    assert not any(line.startswith("customers") for line in table)  # in their own sections only
    assert any(line.split() == ["service", "credits,", "part", "of", "the", "cost", "3,650", "USD/y", "[3,650", "USD/y,",
                                "3,650", "USD/y]", "constant:", "nothing", "is", "random"] for line in lines)  # fmt: skip
    assert any(line.startswith(" claims, income ") and " -5,840 USD/y " in line for line in lines)


def test_break_even_of_an_agreement_is_searched(cli: Cli, agreed: str) -> None:
    """1 % of 30 d are 7 h 12 min, and 2 min are forgiven."""
    result = cli("sweep", agreed, "-n", "2", "--engine", "reference", "--until", "customers.met >= 99 %",
                 "--find", "components.db.repair.lasts=1 h..12 h step 1 h")  # fmt: skip
    assert "components.db.repair.lasts = 7 h is the last that meets customers.met mean >= 99 %" in result.stdout


def test_topologies_name_the_agreement(cli: Cli, agreed: str) -> None:
    result = cli(f"topologies {agreed} -n 2 --agreement customers --engine reference")
    assert "P(SLA met)" in result.stdout
    assert "worth their price by cost, availability, rto_p95, sla_met of db: quick" in result.stdout
    assert "--agreement customers" in result.stdout.splitlines()[-1]
