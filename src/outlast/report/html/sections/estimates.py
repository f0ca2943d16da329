"""Every measure with its interval, its n and its method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from outlast.report import exact
from outlast.report.html.blocks import Block, Table, Text
from outlast.report.html.material import Material
from outlast.report.readable import estimated, interval, readable

if TYPE_CHECKING:
    import pandas as pd

TITLE = "All measures"
PLACE = 800


def blocks(material: Material) -> Iterator[Block]:
    """A table per variant, folded; those by scope of the cause are in the result itself."""
    if material.result.chains:
        rows = list(exact.cells(material.result))
        yield Table([title + ">" if "exact" in title else title for title in exact.TITLES], rows, "Exact values")
        yield from (Text(reason, "quiet") for reason in exact.reasons(material.result))
        return
    table = material.estimates
    if table.empty:
        yield Text("No replication was finished, so nothing is estimated.")
        return
    methods = list(dict.fromkeys(table["method"]))
    for variant, rows_of in table.groupby("variant", sort=False):
        about = f" of {variant}" if len(material.variants) > 1 else ""
        yield _table(rows_of, methods, f"All {len(rows_of)} measures{about}, over all causes")
    yield Text("Methods:", "quiet", [f"[{number}] {method}" for number, method in enumerate(methods, start=1)])


def _table(rows: pd.DataFrame, methods: list[str], fold: str) -> Table:
    order = list(dict.fromkeys(rows["component"]))
    listed: list[Any] = sorted(rows.itertuples(index=False), key=lambda row: order.index(row.component))
    level = readable(float(rows["level"].iloc[0]), "share")
    return Table(("component", "measure", "estimate>", f"{level} interval>", "n>", "method"),
                 [_cells(row, methods) for row in listed], fold=fold)  # fmt: skip


def _cells(row: Any, methods: list[str]) -> list[str]:
    ends = (row.ci_low, row.ci_high, row.unit)
    return [
        row.component,
        row.measure,
        estimated(row.mean, *ends),
        interval(*ends),
        f"{row.n:,}",
        f"[{methods.index(row.method) + 1}]",
    ]
