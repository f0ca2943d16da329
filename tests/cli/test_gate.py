"""`outlast gate`: exit codes, reports for pipelines, baselines, settings."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result as Invoked

Cli = Callable[..., Invoked]
HALF = "db.availability: mean > 50 %"

WHOLE = """\
clockwork: 2 replications, seed 1, engine kernel

failed        db.availability mean >= 95 %: 90.53 % [90.53 %, 90.53 %], n=2, level 97.5 %
passed        db.mean_outage mean <= 2 d: 1 d [1 d, 1 d], n=2, level 97.5 %

failed: 1 passed, 1 failed, 0 inconclusive
"""


def test_the_whole_output_of_a_failed_gate(cli: Cli) -> None:
    result = cli("gate clockwork.yaml -n 2")
    assert (result.exit_code, result.stderr, result.stdout) == (1, "", WHOLE)


def test_exit_codes_are_the_verdict(cli: Cli) -> None:
    assert cli("gate", "random.yaml", "--threshold", HALF).exit_code == 0
    assert cli("gate", "random.yaml", "--threshold", "db.availability: mean > 99.99 %").exit_code == 1
    doubtful = cli("gate", "random.yaml", "--threshold", "db.availability: p(5) > 50 %")
    assert doubtful.exit_code == 4
    assert "about 66 more replications would decide" in doubtful.stdout
    assert cli("gate random.yaml").exit_code == 2


def test_annotations_point_at_the_line_of_the_threshold(cli: Cli, folder: Path) -> None:
    text = (folder / "random.yaml").read_text()
    (folder / "random.yaml").write_text(
        text + "thresholds:\n  db.availability:\n    - mean > 1 %\n    - mean > 99.99 %\n"
    )
    result = cli("gate random.yaml --github")
    line = len(text.splitlines()) + 4
    (found,) = (one for one in result.stdout.splitlines() if one.startswith("::"))
    assert found.startswith(f"::error file=random.yaml,line={line},title=db.availability mean > 99.99 %25::")
    quiet = cli("gate random.yaml --github --json")
    assert json.loads(quiet.stdout)["verdict"] == "failed"
    assert "::error" in quiet.stderr


def test_junit_counts_and_explains(cli: Cli, folder: Path) -> None:
    cli("gate", "clockwork.yaml", "-n", "2", "--threshold", "db.availability: p(5) > 50 %", "--junit", "out/gate.xml")
    root = ET.parse(folder / "out" / "gate.xml").getroot()
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert {key: suite.get(key) for key in ("tests", "failures", "skipped", "errors")} == {
        "tests": "3", "failures": "1", "skipped": "1", "errors": "0"}  # fmt: skip
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {
        "db.availability mean >= 95 %": ["failure"],
        "db.mean_outage mean <= 2 d": [],
        "db.availability p(5) > 50 %": ["skipped"],
    }
    assert suite[0][0].get("message", "").startswith("90.53 %")


def test_markdown_goes_to_a_file_and_to_the_summary_of_the_step(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    cli("gate clockwork.yaml -n 2 --markdown gate.md")
    text = (folder / "gate.md").read_text()
    assert text.startswith("### outlast gate: clockwork failed\n")
    assert "| failed | db.availability mean >= 95 % |" in text
    assert (folder / "summary.md").read_text() == "before\n" + text


def test_a_baseline_is_written_compared_with_and_updated(cli: Cli, folder: Path) -> None:
    (folder / "random.yaml").write_text((folder / "random.yaml").read_text() + "tolerances: {db.failures: 5}\n")
    first = cli("gate random.yaml --baseline kept --update-baseline --seed 3 -n 30")
    assert first.exit_code == 0 and first.stderr == "baseline written to kept\n"
    assert sorted(path.name for path in (folder / "kept").iterdir()) == ["manifest.json", "scenario"]
    same = cli("gate random.yaml --baseline kept --json -n 30")
    assert same.exit_code == 0
    assert json.loads(same.stdout)["seed"] == 3
    worse = (
        "gate",
        "random.yaml",
        "--baseline",
        "kept",
        "-n",
        "30",
        "--set",
        "components.db.repair.lasts={exponential: 16 h}",
    )
    result = cli(*worse)
    assert result.exit_code == 1
    assert "failed        db.availability not worse than in the baseline: worse by +" in result.stdout
    assert "passed  " in result.stdout
    assert cli(*worse, "--update-baseline").exit_code == 0
    assert cli(*worse).exit_code == 0


def test_tolerances_come_from_flag_scenario_and_settings(cli: Cli, folder: Path) -> None:
    cli("gate random.yaml --baseline kept --update-baseline -n 30")
    words = ("gate", "random.yaml", "--baseline", "kept", "-n", "30", "--json",
             "--set", "components.db.repair.lasts={exponential: 16 h}")  # fmt: skip

    def verdict(*more: str) -> str:
        rows = json.loads(cli(*words, *more).stdout)["checks"]
        return next(str(row["verdict"]) for row in rows if row["measure"] == "availability")

    assert verdict() == "failed"
    (folder / "pyproject.toml").write_text('[tool.outlast]\ntolerances = {"db.availability" = "50 %"}\n')
    assert verdict() == "passed"
    assert verdict("--tolerance", "db.availability: 0.01 %") == "failed"
    (folder / "pyproject.toml").write_text('[tool.outlast]\ntolerances = {"db.availabilty" = "50 %"}\n')
    assert "did you mean `db.availability`?" in cli(*words).stderr
    (folder / "pyproject.toml").write_text("[tool.outlast]\ntolerances = 3\n")
    assert "must be a table of measures and sizes" in cli(*words).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--threshold", "db.availabilty: mean > 1 %"], "did you mean `db.availability`?"),
        (["--threshold", "mean > 1 %"], "a measure, a colon and a bound are needed"),
        (["--threshold", "db.availability: mean < 90 %"], "nothing can be both"),
        (["--tolerance", "db.availability: 5 s"], "a share is needed"),
        (["--update-baseline"], "--update-baseline needs --baseline"),
        (["--baseline", "nowhere"], "no such folder"),
        (["--time-limit", "soon"], "--time-limit"),
        (["--junit", "clockwork.yaml/x.xml"], "clockwork.yaml"),
    ],
)
def test_what_cannot_be_judged_is_refused(cli: Cli, words: list[str], message: str) -> None:
    result = cli("gate", "clockwork.yaml", "-n", "2", *words)
    assert result.exit_code == 2, result.stdout
    assert message in result.stderr


def test_mistakes_in_thresholds_have_their_place_in_the_file(cli: Cli, folder: Path) -> None:
    text = (folder / "random.yaml").read_text()
    (folder / "random.yaml").write_text(
        text + "thresholds:\n  db.nines: mean > 3\n  db.outages: mean >> 3\ntolerances:\n  db.up: 3\n"
    )
    result = cli("validate random.yaml")
    assert result.exit_code == 2
    for line, message in (
        (13, "nothing is measured as 'db.nines'"),
        (14, "not a number of 1/y"),
        (16, "nothing is measured as 'db.up'"),
    ):
        assert any(
            one.startswith(f"error: random.yaml:{line}:") and message in one for one in result.stderr.splitlines()
        )
