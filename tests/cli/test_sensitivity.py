"""`outlast sensitivity`: what it prints, draws, keeps and refuses; what other verbs say of uncertain values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result as Invoked

from outlast.study.sensitivity import Sensitivity

Cli = Callable[..., Invoked]
DATA = """\
scenario: data
horizon: 30 d
replications: 6
components:
  db:
    kind: component
    time_to_failure: {exponential: {failures: 10, in: 30 host-days}}
    repair: {lasts: {exponential: {between: [2 h, 8 h]}}}
"""


@pytest.fixture(autouse=True)
def _data(folder: Path) -> None:
    (folder / "data.yaml").write_text(DATA, encoding="utf-8")


def test_the_tornado_of_what_is_not_drawn_is_known_to_the_day(cli: Cli) -> None:
    """Of 95 d: 9 are down with lives of 9 d and repairs of 1 d (base), 8 with 10.8 d ..., 7.2 with repairs of 0.8 d."""
    result = cli("sensitivity", "clockwork.yaml", "-n", "3", "--of", "db.availability")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "clockwork: 3 replications, seed 1, engine kernel"
    assert any(line.startswith("db.repair.lasts") and "19 h 12 min" in line for line in lines)
    assert lines[-1] == "repeat with: outlast sensitivity clockwork.yaml --of db.availability -n 3 --seed 1"


def test_parameters_and_simulation_are_told_apart(cli: Cli, folder: Path) -> None:
    words = ("sensitivity", "data.yaml", "--draws", "8", "--sobol", "8", "--out", "kept", "--plot", "plots")
    result = cli(*words)
    assert result.exit_code == 0, result.stderr
    assert "10 failures in 30 host-days" in result.stdout and "Gamma(10.5, 30 host-days)" in result.stdout
    assert "90% of what is believed lies in [" in result.stdout and "simulation: mean \u00b1" in result.stdout
    assert "variance due to" in result.stdout
    assert len(Sensitivity.load(folder / "kept").sobol) == 2
    assert {path.name for path in (folder / "plots").iterdir()} == {
        "tornado.db.availability.svg", "sobol.db.availability.svg"}  # fmt: skip


def test_json_has_every_frame(cli: Cli) -> None:
    document = json.loads(cli("sensitivity data.yaml --draws 4 --json -q").stdout)
    assert [len(document[name]) for name in ("parameters", "tornado", "uncertainty", "sobol")] == [2, 2, 1, 0]
    assert document["replications"] == 6 and not document["interrupted"]


def test_run_validate_and_explain_say_that_values_are_estimated(cli: Cli) -> None:
    assert "db.time_to_failure.exponential = 3 d (10 failures in 30 host-days)" in cli("run data.yaml").stdout
    assert cli("validate data.yaml").stdout == "ok  data.yaml (2 uncertain values at the point estimate)\n"
    told = cli("explain data.yaml").stdout
    assert "uncertain values" in told and "between 2 h and 8 h" in told and "log-uniform" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--of db.availabilty", "did you mean `db.availability`?"),
        ("--vary components.db.repair=x..y", "quantities of one kind"),
        ("--by 200", "--by: a share is between"),
        ("--draws 2", "at least 3 draws"),
        ("-n 2", "at least 3 replications"),
    ],
)
def test_what_cannot_be_studied_is_refused(cli: Cli, words: str, message: str) -> None:
    result = cli(f"sensitivity data.yaml {words}")
    assert result.exit_code == 2
    assert message in result.stderr
