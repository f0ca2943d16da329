"""What the platform costs, and which variants are worth their price."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from outlast.report.cost_figure import costs, items
from outlast.report.html.blocks import BAD, GOOD, OPEN, Block, Cell, Chart, Table, Text
from outlast.report.html.material import Material
from outlast.report.readable import readable
from outlast.report.topologies import cells, conclusions, header
from outlast.report.topology_figure import topologies
from outlast.study.pareto import CRITERIA, Topologies

TITLE = "Cost"
PLACE = 100
TONES = {"efficient": GOOD, "dominated": BAD, "perhaps dominated": OPEN}


def blocks(material: Material) -> Iterator[Block]:
    """Items of the cost; cost against unavailability where topologies were weighed."""
    rows = items(material.result)
    if not rows.empty:
        yield Chart(costs(material.result), "Cost of the platform by item",
                    "Prices are those of the scenario. Downtime, lost work and lost requests are losses, the rest is "
                    "spent.", Table(("item", "variant", "estimate>", "95 % interval>"),
                                    [_cells(row) for row in rows.itertuples(index=False)],
                                    fold="Numbers of this figure"))  # fmt: skip
    if (found := _weighed(material)) is not None:
        yield Chart(topologies(found), "Cost against unavailability",
                    "Left and low is good. The line joins the variants that no other beats in both by the estimates; "
                    "bars are 95 % intervals.", _weighed_table(found))  # fmt: skip
        yield Text("", lines=list(conclusions(found)))


def _cells(row: Any) -> list[str]:
    value, low, high = (readable(one, row.unit) for one in (row.mean, row.ci_low, row.ci_high))
    return [row.measure.removeprefix("cost_").replace("_", " "), row.variant, value, f"[{low}, {high}]"]


def _weighed(material: Material) -> Topologies | None:
    table = material.studies.get("topologies")
    if table is None or table.empty:
        return None
    about = {"scenario": material.result.scenario_name, "seed": material.result.seed, "n": material.result.n}
    by = [name for name in CRITERIA if not table[name].isna().any()]
    return Topologies(table, str(table["of"].iloc[0]), by, about)


def _weighed_table(found: Topologies) -> Table:
    titles = [title if place == 0 else f"{title}>" for place, title in enumerate(header(found)[:-1])]
    rows: list[list[str | Cell]] = []
    for row in found.table.to_dict("records"):
        *texts, verdict = cells(found, row)
        rows.append([*texts, Cell(verdict, TONES.get(str(row["verdict"]), ""))])
    return Table((*titles, "verdict"), rows)
