"""Where the time of training goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from outlast.kinds.reports import Whole
from outlast.report.goodput_figure import goodput, wholes
from outlast.report.html.blocks import Block, Chart, Table
from outlast.report.html.material import Material
from outlast.report.readable import span

TITLE = "Goodput"
PLACE = 70


def blocks(material: Material) -> Iterator[Block]:
    """A figure per component that says which of its measures add up."""
    if material.scenario is None:
        return
    for component, whole in wholes(material.scenario):
        rows = _rows(material, component, whole)
        if rows:
            yield Chart(goodput(material.result, component, whole), f"{component}: {whole.title}", _words(rows, whole),
                        Table(("part", "variant", "share>", "95 % interval>"), [_cells(row, whole) for row in rows],
                              fold="Numbers of this figure"))  # fmt: skip


def _rows(material: Material, component: str, whole: Whole) -> list[Any]:
    table = material.estimates
    names = [measure for measure, _ in whole.parts]
    mine = table[table["component"].eq(component) & table["measure"].isin(names)]
    return sorted(mine.itertuples(index=False), key=lambda row: names.index(row.measure))


def _words(rows: list[Any], whole: Whole) -> str:
    first = rows[0]
    return f"{dict(whole.parts)[first.measure].capitalize()}: {_interval(first)}, n={first.n:,}."


def _interval(row: Any) -> str:
    return span(row.mean, row.ci_low, row.ci_high, row.unit)


def _cells(row: Any, whole: Whole) -> list[str]:
    value, _, interval = _interval(row).partition(" [")
    return [dict(whole.parts)[row.measure], row.variant, value, f"[{interval}"]
