"""`outlast sweep`: grids, searches, figures, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result as Invoked

from outlast.study.sweep import Sweep

Cli = Callable[..., Invoked]
REPAIR = "components.db.repair.lasts"


def test_a_sweep_prints_a_table_per_measure_that_differs(cli: Cli) -> None:
    """Of 95 d: 9 down with repairs of 1 d; 16 with 2 d (days 9-11, 20-22, ..., 86-88)."""
    result = cli("sweep", "clockwork.yaml", "--vary", f"{REPAIR}=1 d,2 d", "-n", "2", "--measure", "db.availability")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "clockwork: 2 replications, seed 1, engine kernel, 2 cells"
    assert lines[2] == "db: availability"
    assert lines[4].split()[:3] == ["1", "d", "90.53"] and lines[4].endswith("exactly equal")
    assert lines[5].split()[:3] == ["2", "d", "83.2"] and lines[5].endswith("worse")
    assert lines[-1] == f"repeat with: outlast sweep clockwork.yaml --vary '{REPAIR}=1 d,2 d' -n 2 --seed 1"


def test_json_out_and_plots_have_every_cell(cli: Cli, folder: Path) -> None:
    words = ("sweep", "random.yaml", "--vary", "components.db.count=3..4", "--vary", f"{REPAIR}=2 h,4 h", "-q")
    result = cli(*words, "--json", "--out", "kept", "--plot", "plots", "--measure", "db.availability")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert len({row["cell"] for row in document["cells"]}) == 4
    assert {row["variant"] for row in document["estimates"]} == {row["cell"] for row in document["cells"]}
    assert len(Sweep.load(folder / "kept").names) == 4
    assert [path.name for path in (folder / "plots").iterdir()] == ["db.availability.svg"]
    assert cli(*words, "--json", "--threads", "1").stdout_bytes == cli(*words, "--json", "--threads", "3").stdout_bytes


def test_a_search_prints_what_was_tried_and_the_answer(cli: Cli) -> None:
    words = (
        "sweep",
        "clockwork.yaml",
        "--find",
        f"{REPAIR}=1 d..8 d step 1 d",
        "--until",
        "db.availability >= 83 %",
        "-n",
        "2",
    )
    result = cli(*words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == (
        f"{REPAIR} = 2 d is the last that meets db.availability mean >= 83 %; interval 2 d to 2 d"
    )
    document = json.loads(cli(*words, "--json").stdout)
    assert (document["answer"], document["which"], document["monotone"]) == ("2 d", "last", True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "either --vary, or --find and --until together"),
        (["--find", "a=1..2"], "either --vary, or --find and --until together"),
        (["--vary", "components.db.cout=1,2"], "cell cout=1"),
        (["--vary", "components.db.count.x=1,2"], "cell x=1"),
        (["--vary", "components.db.count=1,-2"], "cell count=-2"),
        (["--vary", "horizon=1..3000"], "3,000 values"),
        (["--vary", "components.db.count=1", "--vary", "components.db.count=2"], "varied twice"),
        (["--vary", "components.db.count=1,2", "--measure", "db.availabilty"], "did you mean `db.availability`?"),
        (["--find", "components.db.count=1..3", "--until", "db.nines > 3"], "nothing is measured as 'db.nines'"),
        (["--find", "components.db.count=1..3", "--until", "db.availability is good"], "nothing is measured"),
        (["--find", "components.db.count=1..3", "--until", "db.availability > 1 %", "--out", "x"], "belong to --vary"),
    ],
)
def test_what_cannot_be_swept_is_refused(cli: Cli, words: list[str], message: str) -> None:
    result = cli("sweep", "clockwork.yaml", *words)
    assert result.exit_code == 2
    assert message in result.stderr
