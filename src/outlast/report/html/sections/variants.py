"""What the variants change, under the same luck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from outlast.kinds.money import TOTAL
from outlast.report.differences import EQUAL, cells
from outlast.report.html.blocks import BAD, GOOD, OPEN, Block, Cell, Chart, Table, Text
from outlast.report.html.material import Material
from outlast.report.readable import EVERYWHERE
from outlast.report.study_figures import paired

TITLE = "Comparison of the variants"
PLACE = 90
TONES = {"better": GOOD, "worse": BAD, "different": OPEN}
ALIASES = {"rto": "mean_outage"}
MOST = 6  # measures in the figure
SAME_LUCK = "Each replication of a variant is compared with that replication of the base, which had the same luck."


def blocks(material: Material) -> Iterator[Block]:
    """Paired differences of what objectives and costs are about; all of them, folded."""
    if "differences" not in material.studies:
        if len(material.variants) > 1:
            yield Text("The result holds no paired differences of its variants.", "quiet")
        return
    table = material.studies["differences"]
    table = table[table["scope"] == EVERYWHERE]
    asked = {key: rows for key in _asked(material) if (rows := _rows(table, key))}
    wanted = [key for key, rows in asked.items() if any(row.verdict != EQUAL for row in rows)]
    same = [f"{component}.{measure}" for component, measure in asked if (component, measure) not in wanted]
    methods = list(dict.fromkeys(table["method"]))
    if wanted:
        rows = [row for key in wanted for row in asked[key]]
        yield Chart(paired(table, [(component, measure) for component, measure in wanted[:MOST]]), "Paired differences",
                    (SAME_LUCK if table["n_pairs"].any() else "Both sides are exact: nothing is drawn.")
                    + " A point: better; a cross: worse; hollow: no difference is shown.",
                    _table(rows, methods, "Numbers of this figure"))  # fmt: skip
    if same:
        yield Text(f"Exactly equal in all variants: {', '.join(same)}.")
    shown = list(table[table["base_mean"].ne(table["other_mean"])].itertuples(index=False))
    yield _table(shown, methods, f"All {len(shown)} measures that differ")
    yield Text("Methods:", "quiet", [f"[{number}] {method}" for number, method in enumerate(methods, start=1)])


def _asked(material: Material) -> list[tuple[str, str]]:
    """(component, measure) of the objectives, and the cost of the platform."""
    asked = [(row["component"], ALIASES.get(row["measure"], row["measure"])) for row in material.result.thresholds]
    return list(dict.fromkeys([*asked, (TOTAL, "cost")]))


def _rows(table: pd.DataFrame, key: tuple[str, str]) -> list[Any]:
    return list(table[table["component"].eq(key[0]) & table["measure"].eq(key[1])].itertuples(index=False))


def _table(rows: list[Any], methods: list[str], fold: str) -> Table:
    titles = ("component", "measure", "pair", "before>", "with it>", "difference>", "95 % interval>", "P(better)>",
              "method", "verdict")  # fmt: skip
    texts: list[list[str | Cell]] = []
    for row in rows:
        *numbers, verdict = cells(row, methods)
        texts.append([row.component, row.measure, row.pair, *numbers, Cell(verdict, TONES.get(verdict, "quiet"))])
    return Table(titles, texts, fold=fold)
