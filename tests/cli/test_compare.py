"""`outlast compare`: the whole output, its forms, names, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result as Invoked

from outlast.study.compare import Comparison

Cli = Callable[..., Invoked]

WHOLE = """\
clockwork: 2 replications, seed 1, engine kernel

base -> slow: 2 pairs of replications
component  measure             base       slow      difference  95% interval                      P(better)  method  verdict
db         availability   90.5263 %  77.8947 %        -12.6 pp  [-12.6 pp, -12.6 pp]                    0 %  [1]     worse
           downtime        34 d 14 h  80 d 16 h
"""


def test_a_comparison_prints_both_values_the_difference_and_a_verdict(cli: Cli) -> None:
    """Down 9 of 95 d; with repairs of 3 d days 9-12, 21-24, ..., 81-84, 93-95: 23 d, so 14 / 95 more."""
    result = cli("compare clockwork.yaml --variant slow -n 2")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "clockwork: 2 replications, seed 1, engine kernel"
    assert lines[2] == "base -> slow: 2 pairs of replications"
    assert lines[3].split()[:5] == ["component", "measure", "base", "slow", "difference"]
    (availability,) = (line for line in lines if " availability " in line)
    assert "-14.7 pp" in availability and availability.endswith("worse")
    assert lines[-1] == "repeat with: outlast compare clockwork.yaml --variant slow -n 2 --seed 1"


def test_components_that_do_not_differ_are_only_named(cli: Cli, folder: Path) -> None:
    text = (folder / "random.yaml").read_text() + "  web: {kind: component, time_to_failure: {exponential: 4 d}}\n"
    (folder / "two.yaml").write_text(text + "variants:\n  fast: {components.db.repair.lasts: 1 h}\n")
    result = cli("compare two.yaml --variant fast")
    assert "identical in every replication: web\n" in result.stdout
    assert "\nweb " not in result.stdout
    assert "\nweb " in cli("compare two.yaml --variant fast -v").stdout


def test_files_are_called_by_their_stems(cli: Cli, folder: Path) -> None:
    (folder / "faster.yaml").write_text((folder / "random.yaml").read_text().replace("8 h", "2 h"))
    document = json.loads(cli("compare random.yaml faster.yaml --json").stdout)
    assert {row["pair"] for row in document["differences"]} == {"random -> faster"}
    assert {row["variant"] for row in document["estimates"]} == {"random", "faster"}
    assert document["seed"] == 7 and document["replications"] == 6


def test_set_applies_to_all(cli: Cli, folder: Path) -> None:
    (folder / "faster.yaml").write_text((folder / "random.yaml").read_text().replace("8 h", "2 h"))
    words = ("compare", "random.yaml", "faster.yaml", "--set", "components.db.repair.lasts=3 h", "--json")
    verdicts = {row["verdict"] for row in json.loads(cli(*words).stdout)["differences"]}
    assert verdicts == {"exactly equal"}


def test_json_has_the_same_bytes_on_any_number_of_threads(cli: Cli) -> None:
    one, three = (cli(f"compare clockwork.yaml --variant slow --json --threads {n}") for n in (1, 3))
    assert one.stdout_bytes == three.stdout_bytes


def test_csv_and_markdown(cli: Cli) -> None:
    csv = cli("compare clockwork.yaml --variant slow -n 2 --format csv").stdout.splitlines()
    assert csv[0].startswith("pair,component,measure,scope,base_mean,other_mean,mean,ci_low")
    md = cli("compare clockwork.yaml --variant slow -n 2 --format md").stdout
    assert "| base -> slow | db | availability | all |" in md


def test_out_and_figure_keep_what_was_compared(cli: Cli, folder: Path) -> None:
    result = cli("compare clockwork.yaml --variant slow -n 2 --out kept --figure f/d.svg -q")
    assert result.exit_code == 0
    assert Comparison.load(folder / "kept").pairs == ["base -> slow"]
    assert (folder / "f" / "d.svg").stat().st_size > 1000
    assert "earlier result" in cli("compare clockwork.yaml --variant slow --out kept").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("compare clockwork.yaml", "hint: its variants are slow: `--variant NAME`"),
        ("compare random.yaml", "there is nothing to compare with"),
        ("compare clockwork.yaml --variant slwo", "did you mean `slow`?"),
        ("compare clockwork.yaml clockwork.yaml", "two of the scenarios are called 'clockwork.yaml'"),
        ("compare clockwork.yaml random.yaml", "different times cannot be compared"),
        ("compare clockwork.yaml nowhere.yaml", "no such file"),
        ("compare clockwork.yaml --variant slow --json --format md", "contradict each other"),
        ("compare clockwork.yaml --variant slow --figure x.gif", "unknown kind of figure"),
    ],
)
def test_what_cannot_be_compared_is_refused(cli: Cli, words: str, message: str) -> None:
    result = cli(words)
    assert result.exit_code == 2
    assert message in result.stderr
