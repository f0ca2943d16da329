"""`outlast run`: what is printed, that it can be repeated, where settings come from, where results go."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import Result as Invoked

from outlast.cli import progress
from outlast.run.results import Result

Cli = Callable[..., Invoked]

TABLE = """\
Nothing is drawn, so every number is known.

clockwork: 2 replications, seed 1, engine kernel
"""
END = """
objectives
  not met    db.availability at least 95 %: 90.53 % [90.53 %, 90.53 %], n=2
  met        db.mean_outage at most 2 d: 1 d [1 d, 1 d], n=2

-v also shows these by the scope of the cause (zone, region, ...)

some values are marked as assumed; `outlast explain` lists them

repeat with: outlast run clockwork.yaml -n 2 --seed 1
"""


def test_the_whole_output_of_a_run(cli: Cli) -> None:
    result = cli("run clockwork.yaml -n 2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(TABLE)
    assert result.stdout.endswith(END)
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["db", "availability", "90.53", "%", "[90.53", "%,", "90.53", "%]", "2", "[1]"] in rows


def test_quiet_prints_the_result_only(cli: Cli) -> None:
    result = cli("run clockwork.yaml -n 2 -q")
    assert result.stderr == ""
    assert "objectives\n" in result.stdout
    assert "repeat with" not in result.stdout
    assert cli("run clockwork.yaml -n 2 -q --json").stderr == ""


def test_json_has_the_same_bytes_on_any_number_of_threads(cli: Cli) -> None:
    first, second = (cli(f"run random.yaml --json -n 40 --threads {threads}") for threads in (1, 3))
    assert first.stdout_bytes == second.stdout_bytes
    document = json.loads(first.stdout)
    assert (document["scenario"], document["seed"], document["replications"]) == ("random", 7, 40)
    assert first.stderr == "seed 7; repeat with: outlast run random.yaml -n 40 --seed 7\n"


def test_both_engines_give_the_same_estimates(cli: Cli) -> None:
    kernel, reference = (
        json.loads(cli(f"run random.yaml --json --engine {engine}").stdout) for engine in ("kernel", "reference")
    )
    assert kernel["estimates"] == reference["estimates"]


def test_the_command_that_is_printed_repeats_the_run(cli: Cli) -> None:
    first = cli("run", "random.yaml", "--set", "components.db.repair.lasts={exponential: 2 h}", "-n", "9", "--json")
    words = shlex.split(first.stderr.partition("repeat with: ")[2])
    assert words[:2] == ["outlast", "run"]
    assert cli(*words[1:], "--json").stdout == first.stdout


def test_csv_holds_the_estimates(cli: Cli, folder: Path) -> None:
    result = cli("run random.yaml --format csv")
    (folder / "estimates.csv").write_text(result.stdout)
    table = pd.read_csv(folder / "estimates.csv")
    assert {"component", "measure", "mean", "ci_low", "ci_high", "n", "unit"} <= set(table.columns)
    assert set(table["n"]) == {6}


def test_markdown_is_a_table(cli: Cli) -> None:
    lines = cli("run clockwork.yaml -n 2 --format md").stdout.splitlines()
    assert lines[0] == "**clockwork: 2 replications, seed 1, engine kernel**"
    assert lines[2].startswith("| variant | component |")
    assert "| base | db | availability | all | 90.53 % | 90.53 % to 90.53 % (95%) | 2 | 1 |" in lines
    assert "- met db.mean_outage at most 2 d: 1 d [1 d, 1 d], n=2" in lines


def test_variants_run_beside_the_base(cli: Cli) -> None:
    result = cli("run clockwork.yaml -n 2 --variant slow")
    assert "(variant base) at least 95 %" in result.stdout
    assert "(variant slow) at least 95 %" in result.stdout
    assert result.stdout.endswith("repeat with: outlast run clockwork.yaml -n 2 --seed 1 --variant slow\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--variant", "slwo"], "error: clockwork has no variant 'slwo'\n  hint: did you mean `slow`?\n"),
        (["--set", "horizon"], "error: --set needs PATH=VALUE (got 'horizon')"),
        (["--set", "components.db.coun=3"], "error: --set: components.db.coun: unknown field\n  hint: did you"),
        (["--horizon", "3"], "error: --set: horizon: a duration needs a unit (got "),
        (["--horizon", "3 d", "--set", "horizon=4 d"], "error: horizon is given twice\n"),
    ],
)
def test_changes_that_cannot_be_made(cli: Cli, words: Any, said: Any) -> None:
    result = cli("run", "clockwork.yaml", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(said)


def test_horizon_is_short_for_set(cli: Cli) -> None:
    short = cli("run", "clockwork.yaml", "-n", "1", "--horizon", "45 d", "--json")
    long = cli("run", "clockwork.yaml", "-n", "1", "--set", "horizon=45 d", "--json")
    assert short.stdout == long.stdout


def counts(result: Invoked) -> tuple[int, int]:
    document = json.loads(result.stdout)
    return document["replications"], document["seed"]


def test_flag_over_environment_over_scenario_over_pyproject_over_default(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pyproject.toml").write_text("[tool.outlast]\nreplications = 3\nseed = 33\n")
    assert counts(cli("run clockwork.yaml --json")) == (3, 33)
    assert counts(cli("run random.yaml --json")) == (6, 7)
    monkeypatch.setenv("OUTLAST_REPLICATIONS", "4")
    monkeypatch.setenv("OUTLAST_SEED", "44")
    assert counts(cli("run random.yaml --json")) == (4, 44)
    assert counts(cli("run random.yaml --json -n 5 --seed 55")) == (5, 55)
    monkeypatch.delenv("OUTLAST_REPLICATIONS")
    monkeypatch.delenv("OUTLAST_SEED")
    (folder / "pyproject.toml").unlink()
    assert counts(cli("run clockwork.yaml --json")) == (100, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.outlast]\nsed = 3\n", "tool.outlast.sed: unknown setting\n  hint: did you mean `seed`?"),
        ("[tool.outlast]\nthreads = 0\n", "threads: must be a whole number, at least 1 (got 0)"),
        ("[tool.outlast]\nseed = true\n", "seed: must be a whole number, at least 0 (got true)"),
        ("[tool.outlast]\ncache = 3\n", "cache: must be the name of a folder (got 3)"),
        ("[tool]\noutlast = 3\n", "tool.outlast must be a table (got 3)"),
        ("[tool.outlast\n", "pyproject.toml: cannot be read"),
    ],
)
def test_settings_that_are_not_understood(cli: Cli, folder: Path, text: Any, said: Any) -> None:
    (folder / "pyproject.toml").write_text(text)
    result = cli("run clockwork.yaml")
    assert result.exit_code == 2
    assert said in result.stderr


def test_out_keeps_a_result_that_loads(cli: Cli, folder: Path) -> None:
    result = cli("run random.yaml --out kept")
    assert result.stderr == "kept in kept\n"
    loaded = Result.load(folder / "kept")
    assert (loaded.n, loaded.seed) == (6, 7)


def test_out_replaces_an_earlier_result_only_with_force(cli: Cli, folder: Path) -> None:
    (folder / "kept").mkdir()
    assert cli("run random.yaml --out kept").exit_code == 0
    refused = cli("run random.yaml --out kept -n 3")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "error: --out kept: the folder holds an earlier result; nothing was run\n"
        "  hint: name a new folder, or use --force to replace it\n"
    )
    assert cli("run random.yaml --out kept -n 3 --force").exit_code == 0
    assert Result.load(folder / "kept").n == 3


@pytest.mark.parametrize(
    ("out", "said"),
    [
        (".", "error: --out .: the folder holds other files; nothing was run\n"),
        ("random.yaml", "error: --out random.yaml: this is a file, not a folder\n"),
        ("random.yaml/below", "error: --out random.yaml/below: random.yaml is a file, not a folder\n"),
        ("random.yaml/a/b/c", "error: --out random.yaml/a/b/c: random.yaml is a file, not a folder\n"),
    ],
)
def test_out_that_cannot_be_written_is_told_before_the_run(cli: Cli, out: Any, said: Any) -> None:
    result = cli(f"run random.yaml --out {out} --force")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(said)


def test_a_disk_that_fills_up_during_the_run_costs_the_files_only(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    result = cli("run clockwork.yaml -n 2 --out kept")
    assert result.exit_code == 2
    assert "kept: the result could not be written (No space left on device)\n" in result.stderr
    assert result.stdout.endswith(END)


@pytest.mark.parametrize(
    ("terminal", "ci", "quiet", "watched"),
    [
        (True, "", False, True),
        (True, "false", False, True),
        (True, "true", False, False),
        (True, "1", False, False),
        (True, "", True, False),
        (False, "", False, False),
    ],
)
def test_progress_only_where_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, terminal: Any, ci: Any, quiet: Any, watched: Any
) -> None:
    class Stream:
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(progress.sys, "stderr", Stream())
    assert progress.wanted(quiet) is watched


def test_an_empty_cache_is_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert progress.cold()
    (tmp_path / "kernel_1").mkdir()
    (tmp_path / "kernel_1" / "loop.simulate-353.py311.nbi").touch()
    assert not progress.cold()


def test_precision_adds_replications_and_says_what_was_reached(cli: Cli) -> None:
    words = ("run", "random.yaml", "--precision", "db.availability: 0.02; db.outages: rel 4 %", "--most", "150")
    result = cli(*words)
    assert result.exit_code == 0
    lines = result.stdout.partition("\nprecision\n")[2].splitlines()
    assert lines[0].startswith("  reached      db.availability ± 0.00")
    assert lines[0].endswith(", wanted ± 0.02, n=150")
    assert re.fullmatch(
        r"  not reached  db.outages ± [\d.]+ %, wanted ± 4 %, n=150 \(about [\d,]+ replications are needed\)", lines[1]
    )
    again = shlex.split(result.stdout.partition("repeat with: ")[2])
    asked, plain = (json.loads(cli(*line).stdout) for line in ((*words, "--json"), (*again[1:], "--json")))
    assert [row["reached"] for row in asked.pop("precision")] == [True, False]
    assert asked == plain


def test_impossible_precision_is_one_message(cli: Cli) -> None:
    for words, said in (
        (("--most", "3"), "error: --most has no meaning without --precision\n"),
        (
            ("--precision", "db.availability"),
            "error: precision: not a measure and a half-width (got 'db.availability')\n",
        ),
        (("--precision", "db.avail: 1"), "error: precision: nothing is measured as 'db.avail'\n"),
    ):
        result = cli("run", "random.yaml", *words)
        assert result.exit_code == 2
        assert result.stderr.startswith(said)
        assert "hint: " in result.stderr


AGREED = """\
scenario: agreed
horizon: 365 d
components:
  db:
    kind: component
    time_to_failure: 9 d
    repair: {lasts: 1 d}
objectives:
  - {of: db, measure: rto, at_most: 2 d, quantile: 90 %}
agreements:
  ours: {of: db, at_least: 95 %, credits: [{below: 95 %, credit: 10 %}, {below: 90 %, credit: 25 %}]}
"""
SECTIONS = """\
agreement ours: db, owed to customers; 12 windows in each of 3 replications
 P(window met)                                           0 %          [0 %, 63 %]
 expected credit, share of the fee                       11.3 %       [11.3 %, 11.3 %]
 counted down time                                       3 d          [3 d, 3 d]
"""


def test_agreements_and_recovery_are_sections_below_the_table(cli: Cli, folder: Path) -> None:
    (folder / "agreed.yaml").write_text(AGREED, encoding="utf-8")
    text = cli("run agreed.yaml -n 3").stdout
    section = text[text.index("agreement ours") :]
    for line, wanted in zip(section.splitlines(), SECTIONS.splitlines(), strict=False):
        assert line.split()[: len(wanted.split())] == wanted.split()
    assert "longest outage, in 95 % of windows at most" in section
    assert "in 90 % of windows" not in section
    assert "in 90 % of windows" in cli("run agreed.yaml -n 3 -v").stdout
    assert "recovery, by scope of the disruption" in section
    assert re.search(r"db +all +rto +1 d \[0 s, unbounded\]", section)
    assert "  uncertain  db.rto p(90) over outages at most 2 d: 1 d [1 d, unbounded], n=3; kept in 100 % [" in section
    document = json.loads(cli("run agreed.yaml -n 3 --json").stdout)
    assert [row["measure"] for row in document["agreements"][:2]] == ["p_met", "expected_credit"]
    assert document["thresholds"][0]["events"] == 108
    median = document["recovery"][0]
    assert (median["what"], median["quantile"], median["value"], median["ci_high"]) == ("rto", 0.5, 86_400.0, None)
    assert "recovery, by scope" not in cli("run clockwork.yaml -n 2").stdout
    assert "recovery, by scope" in cli("run clockwork.yaml -n 2 -v").stdout
