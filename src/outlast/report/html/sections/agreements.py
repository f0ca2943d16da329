"""Agreements by contract window: what is owed, how often they are kept, how soon their budgets are used up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from outlast.report.html.blocks import Block, Heading, Table
from outlast.report.html.material import Material
from outlast.report.sections import SHORT, WORDS, agreement_heading, interval_text, value_text

TITLE = "Agreements (SLA)"
PLACE = 40


def blocks(material: Material) -> Iterator[Block]:
    """A table per agreement and variant."""
    found = material.result.sla_estimates
    several = found["variant"].nunique() > 1
    for (variant, name), rows in found.groupby(["variant", "agreement"], sort=False):
        yield Heading(agreement_heading(str(name), str(variant) if several else "", rows.iloc[0]))
        yield Table(("what", "estimate>", "interval>", "method"), [_cells(row) for row in rows.itertuples(index=False)
                                                                   if _short(row)])  # fmt: skip


def _short(row: Any) -> bool:
    return math.isnan(row.quantile) or row.quantile in SHORT[row.measure]


def _cells(row: Any) -> list[str]:
    of = "" if math.isnan(row.quantile) else f", in {100 * row.quantile:g} % of windows at most"
    return [WORDS[row.measure] + of, value_text(row), interval_text(row), row.method]
