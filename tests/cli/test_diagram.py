"""`outlast diagram`: what is drawn, in which format, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result

from outlast.report.topology_diagram import topology_mermaid, topology_svg
from outlast.scenario import load

Cli = Callable[..., Result]


def test_a_topology_is_mermaid_unless_the_file_says_otherwise(cli: Cli, folder: Path) -> None:
    scenario = load(folder / "random.yaml")
    assert cli("diagram random.yaml").stdout == topology_mermaid(scenario)
    assert cli("diagram random.yaml -o t.svg").exit_code == 0
    assert (folder / "t.svg").read_text() == topology_svg(scenario)
    assert cli("diagram random.yaml -o t.md").exit_code == 0
    assert (folder / "t.md").read_text() == f"```mermaid\n{topology_mermaid(scenario)}```\n"


def test_a_lifecycle_is_the_one_that_explain_draws(cli: Cli) -> None:
    assert cli("diagram clockwork.yaml db --what lifecycle").stdout == cli("explain clockwork.yaml db --mermaid").stdout


def test_a_timeline_is_of_the_replication_with_most_time_down(cli: Cli) -> None:
    result = cli("diagram random.yaml db --what timeline --format svg")
    assert result.stderr.startswith("replication ") and result.stderr.endswith("most time down of db of the first 20\n")
    number = result.stderr.split()[1].removesuffix(":")
    assert (
        ElementTree.fromstring(result.stdout)
        .findtext("{http://www.w3.org/2000/svg}title", "")
        .endswith(f"replication {number}, seed 7")
    )
    assert result.stdout == cli(f"diagram random.yaml db --what timeline --format svg --replication {number}").stdout
    assert cli("diagram random.yaml db -q --what timeline").stderr == ""


def test_a_timeline_starts_where_it_is_told(cli: Cli) -> None:
    result = cli("diagram clockwork.yaml --what timeline --replication 0 --start 2029-01-01")
    assert "outage of 1 d from 9 d on  caused by db :crit, 1862697600000, 1862784000000" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("diagram clockwork.yaml -o x.png", "error: -o x.png: the ending says no format\n"),
        ("diagram clockwork.yaml db", "error: a topology is of all components\n"),
        ("diagram clockwork.yaml --replication 3", "error: --replication is for timelines\n"),
        ("diagram clockwork.yaml --longest", "error: --longest is for timelines\n"),
        ("diagram clockwork.yaml --what lifecycle --format svg", "error: a lifecycle is drawn as Mermaid only\n"),
        ("diagram clockwork.yaml dbb --what lifecycle", "error: there is no component 'dbb'\n  hint: did you mean `db`?\n"),
        ("diagram clockwork.yaml dbb --what timeline", "error: there is no component 'dbb'\n"),
        ("diagram clockwork.yaml --what timeline --from 96d", "error: nothing is left between --from and --until\n"),
        ("diagram clockwork.yaml --what timeline --from x", "error: --from: "),
        ("diagram clockwork.yaml --what timeline --longest --until 3d", "error: --longest excludes --from and --until\n"),
        ("diagram clockwork.yaml --what timeline --start 2029-01-02", "error: --start: starts: time 0 is a Monday"),
        ("diagram clockwork.yaml -o no/such/folder.svg", "error: no/such/folder.svg: No such file or directory\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said_in_one_message(cli: Cli, words: str, message: str) -> None:
    result = cli(words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("error:") == 1
