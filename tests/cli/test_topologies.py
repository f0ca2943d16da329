"""`outlast topologies`: one table, one figure, and what cannot be weighed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Cli = Callable[..., Result]

PRICED = """\
scenario: priced
horizon: 100 d
components:
  db:
    kind: component
    time_to_failure: 9 d
    repair: {lasts: 1 d}
    cost: {item: 1 USD/h, downtime: 10 USD/h}
objectives:
  - {of: db, measure: availability, at_least: 95 %}
variants:
  quick: {components.db.repair.lasts: 1 h 12 min, components.db.cost.item: 3 USD/h}
"""


@pytest.fixture
def priced(folder: Path) -> str:
    (folder / "priced.yaml").write_text(PRICED)
    return "priced.yaml"


def test_every_variant_is_weighed_unless_told_otherwise(cli: Cli, priced: str) -> None:
    result = cli(f"topologies {priced} -n 2")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "priced: 2 replications of each, seed 1"
    assert lines[2].split()[:3] == ["topology", "cost,", "USD/y"]
    base = next(line for line in lines if line.startswith("base"))
    assert "17,520" in base
    assert base.endswith("efficient")
    assert "worth their price by cost, availability, rto_p95, p_met of db: base, quick" in lines
    nine = next(line for line in lines if line.startswith("the cheapest next nine"))
    assert nine == ("the cheapest next nine: quick, 9,242 USD/y more than base, 827.8 h of downtime less a year, "
                    "21.16 USD/h [21.16, 21.16] spent for each")  # fmt: skip
    assert lines[-1] == "repeat with: outlast topologies priced.yaml --variant quick -n 2 --seed 1"


def test_documents_say_the_same(cli: Cli, priced: str) -> None:
    document = json.loads(cli(f"topologies {priced} -n 2 --json").stdout)
    assert document["front"] == ["base", "quick"]
    assert document["next_nine"] == "quick"
    assert document["of"] == "db"
    assert cli(f"topologies {priced} -n 2 --format csv").stdout.startswith("variant,of,cost,cost_low,cost_high,")
    assert cli(f"topologies {priced} -n 2 --format md").stdout.startswith("| topology | cost, USD/y | losses in it")


def test_figure_is_written(cli: Cli, folder: Path, priced: str) -> None:
    assert cli(f"topologies {priced} -n 2 --figure out/front.svg").exit_code == 0
    assert (folder / "out/front.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("priced.yaml --of dbb", "'dbb' has no availability"),
        ("priced.yaml --by price", "there is no criterion 'price'"),
        ("priced.yaml --variant slow", "has no variant 'slow'"),
        ("clockwork.yaml", "no prices: nothing is charged"),
    ],
)  # fmt: skip
def test_what_cannot_be_weighed(cli: Cli, priced: str, words: str, message: str) -> None:
    result = cli(f"topologies {words} -n 1")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "hint:" in result.stderr
