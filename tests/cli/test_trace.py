"""`outlast trace`: events by name; the same bytes from both engines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from outlast.cli.trace import clock

Cli = Callable[..., Result]

HEAD = """\
              time  unit                      what happened                                     cause
  9 d 00:00:00.000  db                        up -> repairing                                   db
"""


def test_a_failure_and_its_repair(cli: Cli) -> None:
    result = cli("trace clockwork.yaml --replication 0 --limit 6")
    assert result.exit_code == 0
    assert result.stderr.startswith("clockwork: replication 0, seed 1, engine kernel, ")
    assert result.stdout.startswith(HEAD)
    lines = result.stdout.splitlines()
    assert len(lines) == 7
    assert any("true -> false, outage of db begins" in line for line in lines)
    assert " 10 d 00:00:00.000  db                        repairing -> up" in result.stdout


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_both_engines_print_the_same_bytes(cli: Cli, form: Any) -> None:
    kernel, reference = (
        cli(f"trace random.yaml --replication 3 --format {form} --engine {engine}")
        for engine in ("kernel", "reference")
    )
    assert kernel.stdout_bytes == reference.stdout_bytes
    assert len(kernel.stdout) > 1000


def test_csv_and_json_hold_the_same_events(cli: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("trace random.yaml --replication 1 --format csv").stdout)))
    document = json.loads(cli("trace random.yaml --replication 1 --format json").stdout)
    assert (document["scenario"], document["seed"], document["replication"]) == ("random", 7, 1)
    assert list(rows[0]) == ["time_s", "kind", "unit", "component", "transition", "cause", "value"]
    assert [float(row["time_s"]) for row in rows] == [event["time_s"] for event in document["events"]]
    assert [row["transition"] for row in rows] == [event["transition"] for event in document["events"]]


def test_replications_and_seeds_differ(cli: Cli) -> None:
    texts = {
        cli(f"trace random.yaml --replication {replication} --seed {seed}").stdout
        for replication in (0, 1)
        for seed in (1, 2)
    }
    assert len(texts) == 4


def test_until_and_component_narrow_the_events(cli: Cli) -> None:
    events = json.loads(
        cli("trace", "clockwork.yaml", "--replication", "0", "--until", "30 d", "--format", "json").stdout
    )["events"]
    assert [event["time_s"] / 86_400 for event in events if event["kind"] == "transition"] == [9, 10, 19, 20, 29, 30]
    assert cli("trace clockwork.yaml --replication 0 --component db").exit_code == 0
    unknown = cli("trace clockwork.yaml --replication 0 --component dbb")
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        "error: there is no component 'dbb'\n  hint: did you mean `db`?\n",
    )


def test_until_needs_a_unit(cli: Cli) -> None:
    result = cli("trace clockwork.yaml --replication 0 --until 30")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: --until: a duration needs a unit (got 30)\n  hint: ")


def test_the_traced_outages_are_those_of_the_run(cli: Cli, folder: Path) -> None:
    """An outage row per outage of the result, same start and duration."""
    import pandas as pd

    assert cli("run random.yaml --out kept").exit_code == 0
    outages = pd.read_parquet(folder / "kept" / "outages.parquet")
    mine = outages[outages["replication"] == 2]
    events = json.loads(cli("trace random.yaml --replication 2 --format json").stdout)["events"]
    assert [event["value"] for event in events if event["kind"] == "outage"] == list(mine["duration_s"])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 d 00:00:00.000"),
        (86_399.9996, "0 d 23:59:59.999"),
        (12 * 86_400 + 3661.25, "12 d 01:01:01.250"),
        (4000 * 86_400.0, "4000 d 00:00:00.000"),
    ],
)
def test_clock(seconds: Any, text: Any) -> None:
    assert clock(seconds) == text
