"""`outlast causes`, and the traces it points to."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Cli = Callable[..., Result]


def test_the_page_names_causes_reruns_and_the_worst_outage(cli: Cli) -> None:
    result = cli("causes clockwork.yaml -n 2 --worst 2")
    assert result.exit_code == 0
    assert (
        result.stdout
        == """\
clockwork: 2 replications, seed 1, engine kernel

causes
component  cause    outages  downtime  mean  share of downtime  95% interval
db         item db       18      18 d   1 d              100 %  [22 %, 100 %]

without a cause, under the same luck
component  without  downtime  then  change  95% interval
db         item         18 d   0 s  -100 %  [-100 %, -22.4 %]
changes do not add up where failures overlap, or where one matters only beside another

worst outages
component  cause    begins  lasts  parts  replication
db         item db     9 d    1 d                   0
           item db    19 d    1 d                   0

the worst one, event by event: outlast trace clockwork.yaml --replication 0 --seed 1 --from '777600 s' --until '864000 s'

repeat with: outlast causes clockwork.yaml -n 2 --seed 1
"""
    )


def test_the_command_shown_replays_the_outage(cli: Cli) -> None:
    page = cli("causes random.yaml --no-reruns").stdout
    command = shlex.split(page.partition("event by event: outlast ")[2].splitlines()[0])
    worst = json.loads(cli("causes random.yaml --no-reruns --json").stdout)["worst"][0]
    traced = json.loads(cli(*command, "--format", "json").stdout)["events"]
    (outage,) = [event for event in traced if event["kind"] == "outage" and event["value"] == worst["duration_s"]]
    assert (outage["component"], outage["cause"]) == ("db", worst["cause"])
    assert all(worst["start_s"] - 1 <= event["time_s"] <= outage["time_s"] + 1 for event in traced)


def test_the_document_has_the_same_bytes_every_time(cli: Cli) -> None:
    one, other = (cli(f"causes random.yaml db -q --json --threads {n}").stdout for n in (1, 2))
    assert one == other
    document = json.loads(one)
    assert sum(row["share"] for row in document["causes"]) == pytest.approx(1.0)
    assert [row["without"] for row in document["without"]] == ["item"]


def test_a_kept_result_is_attributed_without_a_rerun(cli: Cli) -> None:
    assert cli("run clockwork.yaml -n 2 --variant slow --out kept").exit_code == 0
    document = json.loads(cli("causes kept --variant slow --json").stdout)
    assert [(row["variant"], row["outages"], row["share"]) for row in document["causes"]] == [("slow", 16, 1.0)]
    assert document["without"] == []
    page = cli("causes kept")
    assert "db (slow)" in page.stdout
    assert "outlast trace SCENARIO --replication 0 --seed 1 --variant slow --from" in page.stdout
    refused = cli("causes kept -n 5")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "error: -n: no part in a kept result\n  hint: name the scenario file to run it again\n",
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("causes clockwork.yaml dbb", "error: there is no component 'dbb'\n  hint: did you mean `db`?"),
        ("causes clockwork.yaml --without zone", "error: nothing fails by itself under the name 'zone'\n  hint: "),
        ("causes clockwork.yaml --without db --no-reruns", "error: --without and --no-reruns contradict each other"),
        ("causes clockwork.yaml --variant fast", "error: clockwork has no variant 'fast'"),
        ("causes clockwork.yaml --figure page.doc", "error: page.doc: unknown kind of figure"),
        ("trace clockwork.yaml --replication 0 --from '9 d' --until '8 d'", "error: --from 9 d is after --until 8 d"),
    ],
)
def test_wrong_words_get_one_clear_message(cli: Cli, words: str, message: str) -> None:
    result = cli(*shlex.split(words))
    assert result.exit_code == 2
    assert result.stderr.startswith(message)


def test_a_run_told_to_say_more_names_the_largest_causes(cli: Cli) -> None:
    page = cli("run clockwork.yaml -n 2 -v").stdout
    assert "  db: item db 100 % [22 %, 100 %]\n" in page
    assert "causes of the downtime" not in cli("run clockwork.yaml -n 2").stdout


def test_no_outage_is_said_in_words(cli: Cli) -> None:
    page = cli("causes", "clockwork.yaml", "-n", "2", "--set", "horizon=5 d")
    assert "no outage in 2 replications, so nothing to attribute" in page.stdout


def test_from_and_until_cut_a_trace(cli: Cli) -> None:
    words: list[Any] = ["trace", "clockwork.yaml", "--replication", "0", "--from", "19 d", "--until", "29 d"]
    events = json.loads(cli(*words, "--format", "json").stdout)["events"]
    assert [event["time_s"] / 86_400 for event in events if event["kind"] == "transition"] == [19, 20, 29]


def test_a_figure_is_drawn(cli: Cli, folder: Path) -> None:
    assert cli("causes clockwork.yaml -n 2 --figure page.svg").exit_code == 0
    assert (folder / "page.svg").stat().st_size > 1000
