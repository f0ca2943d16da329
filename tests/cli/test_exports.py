"""`outlast export`: every format on the command line, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]
FORMATS = ("chrome-trace", "ecs", "incidents", "ocsf", "openmetrics", "prism")
# db is down from day 9 to 10, ..., 89 to 90; the last of 95 days is up
OUTAGES = 9


@pytest.mark.parametrize("name", FORMATS[:-1])
def test_a_document_goes_to_stdout_or_to_a_file_in_the_same_bytes(cli: Cli, folder: Path, name: str) -> None:
    shown = cli(f"export {name} random.yaml --replication 2")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert cli(f"export {name} random.yaml --replication 2 -o out").stdout == ""
    assert (folder / "out").read_text(encoding="utf-8") == shown.stdout
    assert cli(f"export {name} random.yaml --replication 3").stdout != shown.stdout


def test_help_lists_the_formats(cli: Cli) -> None:
    text = cli("export --help").stdout
    assert [name for name in FORMATS if f"\n  {name} " not in text] == []


def test_incidents_have_dates(cli: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("export incidents clockwork.yaml --start 2029-01-01").stdout)))
    assert len(rows) == OUTAGES
    assert (rows[0]["opened_at"], rows[0]["resolved_at"]) == ("2029-01-10 00:00:00", "2029-01-11 00:00:00")
    assert (
        rows[0]["short_description"] == "outage of db, caused by db" or rows[0]["short_description"] == "outage of db"
    )
    items = list(csv.DictReader(io.StringIO(cli("export incidents clockwork.yaml --items").stdout)))
    assert len(items) == OUTAGES and items[0]["priority"] == "3 - Moderate"


def test_incidents_of_stored_results_are_those_of_a_run(cli: Cli) -> None:
    assert cli("run random.yaml --out kept -q").exit_code == 0
    stored = cli("export incidents --from-results kept --replication 4")
    assert (stored.exit_code, stored.stderr) == (0, "")
    assert stored.stdout == cli("export incidents random.yaml --replication 4").stdout
    assert len(stored.stdout.splitlines()) > 1


def test_what_an_export_says_of_itself(cli: Cli) -> None:
    about = json.loads(cli("export chrome-trace clockwork.yaml --seed 5").stdout)["otherData"]
    assert about == {"simulated": "true", "scenario": "clockwork", "seed": 5, "replication": 0,
                     "time_0": "2018-01-01T00:00:00.000Z"}  # fmt: skip


def test_a_model_and_its_properties(cli: Cli, folder: Path) -> None:
    result = cli("export prism random.yaml --properties p.props")
    assert result.exit_code == 0
    assert result.stdout.startswith("// random: 4 states, rates per second; made by outlast\nctmc\n")
    assert 'R{"db_availability"}=? [ S ]\n' in (folder / "p.props").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("export prism clockwork.yaml", "error: the exact engine cannot solve this:\n  db: row 'failure': 9 d: a fixed delay"),
        ("export prism random.yaml --state-limit 2", "error: more than 2 states; the largest contributors are db"),
        ("export incidents", "error: either SCENARIO or --from-results DIR is needed\n"),
        ("export incidents random.yaml --from-results kept", "error: either SCENARIO or --from-results DIR is needed\n"),
        ("export incidents --from-results kept --items", "error: --items, --seed and --set need a scenario to run\n"),
        ("export incidents --from-results none", "error: "),
        ("export incidents random.yaml --replication -1", "error: invalid value for '--replication': a whole number"),
        ("export ocsf random.yaml --start yesterday", "error: --start: starts: not a date (got 'yesterday')"),
        ("export openmetrics random.yaml --from 31d", "error: --from 31d leaves nothing\n  hint: times are below 30 d\n"),
        ("export openmetrics random.yaml --step 1ms", "error: --step 1ms: more than 1,000,000 samples of every value\n"),
        ("export chrome-trace random.yaml -o no/such/file", "error: no/such/file: No such file or directory\n"),
        ("export chrome random.yaml", "error: `outlast export` knows no format 'chrome'\n  hint: did you mean"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_said_in_one_message(cli: Cli, words: str, message: str) -> None:
    result = cli(words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("error:") == 1


def test_a_replication_that_a_folder_does_not_hold(cli: Cli) -> None:
    assert cli("run random.yaml --out kept -q").exit_code == 0
    result = cli("export ecs --from-results kept --replication 6")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: kept has no replication 6\n  hint: it has replications 0 to 5\n",
    )
    result = cli("export ecs --from-results kept --variant bas")
    assert result.stderr == "error: kept has no variant 'bas'\n  hint: did you mean `base`?\n"
