"""`outlast run --engine exact`: values instead of estimates, in every form a simulation has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import outlast
from outlast.run.results import Result as Solved

Cli = Callable[..., Result]

SOLVABLE = """\
scenario: solvable
horizon: 1000 h
components:
  db:
    kind: component
    time_to_failure: {exponential: 30 h}
    repair: {lasts: {exponential: 10 h}}
objectives:
  - {of: db, measure: availability, at_least: 70 %}
  - {of: db, measure: longest_outage, at_most: 5 d}
variants:
  slow: {components.db.repair.lasts: {exponential: 30 h}}
"""


@pytest.fixture
def solvable(folder: Path) -> Path:
    """The scenario as a file in the working folder."""
    path = folder / "solvable.yaml"
    path.write_text(SOLVABLE, encoding="utf-8")
    return path


def test_table_has_no_interval_and_no_replications(cli: Cli, solvable: Path) -> None:
    result = cli(f"run {solvable.name} --engine exact")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "solvable: exact, 2 states"
    assert lines[1].split("  ")[0] == "component"
    row = next(line for line in lines if "availability" in line)
    assert row.split()[-2:] == ["75", "%"]
    assert "  met        db.availability at least 70 %: 75.2 %, exact" in lines
    assert any("no exact value" in line and "uncertain" in line for line in lines)
    assert lines[-1] == "repeat with: outlast run solvable.yaml --engine exact"


def test_json_has_both_values_in_full(cli: Cli, solvable: Path) -> None:
    document = json.loads(cli(f"run {solvable.name} --engine exact --json --variant slow").stdout)
    assert (document["engine"], document["replications"]) == ("exact", 0)
    assert [chain["states"] for chain in document["chains"]] == [2, 2]
    long_run = {(c["variant"], row["measure"]): row["value"] for c in document["chains"] for row in c["long_run"]}
    assert long_run["base", "availability"] == pytest.approx(0.75, rel=1e-12)
    assert long_run["slow", "availability"] == pytest.approx(0.5, rel=1e-12)
    base = next(e for e in document["estimates"] if e["measure"] == "availability")
    assert base["mean"] == base["ci_low"] == base["ci_high"] > 0.75
    assert (base["n"], base["std"], base["method"]) == (0, None, "exact")
    assert document["chains"][0]["first_outage"] == [{"component": "db", "mean_s": pytest.approx(30 * 3600)}]


def test_markdown_names_what_is_exact(cli: Cli, solvable: Path) -> None:
    text = cli(f"run {solvable.name} --engine exact --format md").stdout
    assert text.startswith("**solvable: exact, 2 states**")
    assert "| base | db | longest_outage | - | - |" in text


def test_kept_result_is_read_again(cli: Cli, solvable: Path, folder: Path) -> None:
    assert cli(f"run {solvable.name} --engine exact --out kept").exit_code == 0
    again = Solved.load(folder / "kept")
    ours = outlast.run(outlast.loads(SOLVABLE), engine="exact")
    assert again.long_run.equals(ours.long_run.astype(again.long_run.dtypes))
    assert again.chains[0]["first_outage"] == ours.chains[0]["first_outage"]
    assert again.estimates.equals(ours.estimates)
    assert again.outages.empty and again.replications.empty


def test_set_applies(cli: Cli, solvable: Path) -> None:
    words = [
        "run",
        solvable.name,
        "--engine",
        "exact",
        "--json",
        "--set",
        "components.db.time_to_failure.exponential=10 h",
    ]
    (chain,) = json.loads(cli(*words).stdout)["chains"]
    values = {row["measure"]: row["value"] for row in chain["long_run"]}
    assert values["availability"] == pytest.approx(0.5, rel=1e-12)


def test_what_belongs_to_chance_is_said_to_play_no_part(cli: Cli, solvable: Path) -> None:
    result = cli(f"run {solvable.name} --engine exact -n 5 --seed 3 --threads 2")
    assert result.exit_code == 0
    assert "without a part in the exact engine, which draws nothing: -n, --seed, --threads" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run clockwork.yaml --engine exact", "error: the exact engine cannot solve this:\n  db: row"),
        (
            "run solvable.yaml --engine exact --state-limit 1",
            "error: more than 1 states; the largest contributors are db",
        ),
        ("run solvable.yaml --state-limit 5", "error: --state-limit has no effect without --engine exact\n  hint: "),
        ("run solvable.yaml --engine exact --state-limit 0", "error: invalid value for '--state-limit'"),
    ],
)
def test_refusals_are_one_message(cli: Cli, solvable: Path, words: str, said: str) -> None:
    result = cli(words)
    assert result.exit_code == 2
    assert result.stderr.startswith(said)
    assert "hint: " in result.stderr
    assert result.stdout == ""
