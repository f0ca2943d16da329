"""Help, versions, mistyped words, and endings that are nobody's fault or ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from outlast import __version__
from outlast.cli import messages, run
from outlast.cli.main import VERBS
from outlast.errors import LivelockError, RunError

Cli = Callable[..., Result]
Spawn = Callable[..., "subprocess.Popen[str]"]

HEAVY = ("numba", "pandas", "scipy", "matplotlib", "numpy", "pydantic", "yaml", "rich")


def test_verbs_and_their_one_line(cli: Cli) -> None:
    result = cli("--help")
    assert result.exit_code == 0
    assert result.stderr == ""
    commands = result.stdout.partition("Commands:\n")[2].partition("\n\n")[0]
    assert (
        commands
        == """\
  run          Simulate a scenario and print what came out.
  compare      Compare scenarios and variants under the same luck.
  sweep        Run a grid of values, or search for the one that is enough.
  gate         Judge thresholds and regressions: the exit code is the verdict.
  topologies   Weigh what variants cost against how well they work.
  causes       Show where the downtime comes from.
  sensitivity  Which parameters matter, and how uncertain they make the answer.
  validate     Check scenarios without running them.
  explain      Show what a scenario became.
  trace        Show one replication, event by event.
  bench        Measure what a run of a scenario costs.
  init         Write an annotated scenario to start from.
  schema       Print the JSON Schema of scenarios."""
    )


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"], ["trace", "--sed", "1"]])
def test_help_loads_nothing_heavy(folder: Path, words: list[str]) -> None:
    program = (
        "import sys\n"
        "from outlast.cli.main import main\n"
        "try:\n"
        f"    main({words!r})\n"
        "except SystemExit:\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(cli: Cli, verb: Any) -> None:
    result = cli(f"{verb} --help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: outlast {verb}")


def test_version(cli: Cli) -> None:
    assert cli("--version").stdout == f"outlast {__version__}\n"


def test_no_arguments_is_help(cli: Cli) -> None:
    assert cli().stdout == cli("--help").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rnu x", "error: there is no command 'rnu'\n  hint: did you mean `run`?\n"),
        (
            "frobnicate",
            "error: there is no command 'frobnicate'\n"
            "  hint: known commands: bench, causes, compare, explain, gate, init, run, schema, sensitivity, sweep, topologies, trace, validate\n",
        ),
        (
            "clockwork.yaml",
            "error: there is no command 'clockwork.yaml'\n  hint: did you mean `outlast run clockwork.yaml`?\n",
        ),
        ("run x --sed 3", "error: no such option '--sed'\n  hint: did you mean `--seed`?\n"),
        ("run", "error: missing argument 'SCENARIO'\n  hint: `outlast run --help` shows what it takes\n"),
        (
            "run x -n 0",
            "error: invalid value for '-n' / '--replications': a whole number is needed, 1 to 10000000 (got '0')\n"
            "  hint: `outlast run --help` shows what it takes\n",
        ),
        (
            "run clockwork.yaml --json --format csv",
            "error: --json and --format csv contradict each other\n  hint: keep one of the two\n",
        ),
        ("run nowhere.yaml", None),
        ("trace clockwork.yaml", None),
        ("run clockwork.yaml --engine kernl", None),
    ],
)
def test_a_wrong_command_is_one_error_and_a_hint(cli: Cli, words: Any, said: Any) -> None:
    result = cli(words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said is None or result.stderr == said
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("error:") == 1


def test_option_values_from_the_environment_are_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLAST_SEED", "lucky")
    assert "a whole number is needed, at least 0 (got 'lucky' from OUTLAST_SEED)" in cli("run x").stderr


def broken(*arguments: Any, **options: Any) -> None:
    raise ZeroDivisionError("of a float\nby zero")


def test_a_bug_is_one_line_and_says_how_to_report(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "simulated", broken)
    result = cli("run clockwork.yaml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "error: internal error: ZeroDivisionError: of a float; this is a bug in outlast\n"
        "  hint: please report it with the scenario and what the same command prints with -v\n"
    )


def test_a_bug_with_v_shows_the_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "simulated", broken)
    result = cli("run clockwork.yaml -v")
    assert result.exit_code == 3
    assert result.stderr.startswith("Traceback (most recent call last):")
    assert "please report it with the scenario and the traceback above" in result.stderr


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (RunError("too many rows"), 2, "error: too many rows\n"),
        (LivelockError(["db"], 5.0), 2, "error: simulated time stands still at 5 s: a loop of zero delays"),
        (MemoryError(), 2, "error: not enough memory\n  hint: fewer replications"),
        (PermissionError(13, "Permission denied", "x.json"), 2, "error: x.json: Permission denied\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
    ],
)
def test_other_endings(cli: Cli, monkeypatch: pytest.MonkeyPatch, problem: Any, code: Any, said: Any) -> None:
    def end(*arguments: Any, **options: Any) -> None:
        raise problem

    monkeypatch.setattr(run, "simulated", end)
    result = cli("run clockwork.yaml")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(said)


def test_no_color_is_honoured(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m" in cli("rnu", color=True).stderr
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cli("rnu", color=True).stderr


def test_a_reader_that_goes_away_is_no_error(spawn: Spawn) -> None:
    """More lines than a pipe holds; the reader takes one."""
    process = spawn("trace", "random.yaml", "--replication", "0", "--set", "horizon=20 y", "-q")
    assert process.stdout.readline().lstrip().startswith("time")
    process.stdout.close()
    assert (process.wait(120), process.stderr.read()) == (0, "")


def test_a_full_disk_behind_stdout_is_told(spawn: Spawn) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        process = spawn("schema", stdout=full)
        said = process.communicate()[1]
    assert (process.returncode, said) == (2, "error: standard output: No space left on device\n")


def test_closed_stdout_is_survived(spawn: Spawn) -> None:
    process = spawn("--version", stdout=None, preexec_fn=lambda: __import__("os").close(1))
    assert (process.communicate()[1], process.returncode) == ("", 0)


def test_exit_codes_are_the_documented_ones() -> None:
    codes = (messages.OK, messages.NO, messages.USAGE, messages.INTERNAL, messages.INTERRUPTED)
    assert codes == (0, 1, 2, 3, 130)
