"""How long recoveries take and how much data is lost, against the objectives, and what recoveries consist of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from outlast.errors import UsageError
from outlast.report.html.blocks import Block, Chart, Table
from outlast.report.html.material import Material
from outlast.report.recovery_figure import part_shares, parts, recovery
from outlast.report.sections import interval_text, value_text
from outlast.units import format_share

TITLE = "Recovery (RTO and RPO)"
PLACE = 50
MOST, LEAST = 4, 5  # components with a figure; events without an objective that are worth one
TIMES = ("rto", "rpo")
QUANTILES = (0.5, 0.95, 0.99)


def blocks(material: Material) -> Iterator[Block]:
    """Distributions of the components with objectives first, then the parts of all of them."""
    drawn: list[str] = []
    for component in material.components:
        if len(drawn) < MOST and (chart := _distribution(material, component)):
            drawn.append(component)
            yield chart
    shares = part_shares(material.result, drawn, material.base)
    if shares:
        yield Chart(parts(material.result, drawn, material.base), "What recoveries consist of",
                    "Shares of the time until recovery, over all disruptions of a scope together. "
                    f"Other: no named part was under way.{_of(material)}", _parts(shares))  # fmt: skip


def _distribution(material: Material, component: str) -> Chart | None:
    if component not in {row["component"] for row in material.result.thresholds}:
        seen = material.result.recovery
        if not (seen["component"].eq(component) & seen["events"].ge(LEAST)).any():
            return None
    try:
        figure = recovery(material.result, component, material.base)
    except UsageError:
        return None
    rows = material.result.recovery
    mine = rows["component"].eq(component) & rows["variant"].eq(material.base) & rows["what"].isin(TIMES)
    return Chart(figure, f"{component}: recovery by scope of the disruption",
                 "Share of the disruptions that took, or lost data of, at most so long; upright lines are objectives. "
                 f"Outages that the end of the simulation cut off are left out.{_of(material)}",
                 _quantiles(list(rows[mine].itertuples(index=False))))  # fmt: skip


def _of(material: Material) -> str:
    return f" Of {material.base}." if len(material.variants) > 1 else ""


def _quantiles(rows: list[Any]) -> Table | None:
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        if not math.isnan(row.quantile):
            found.setdefault((row.what, row.scope), []).append(row)
    cells = []
    for (what, scope), own in found.items():
        texts = {row.quantile: f"{value_text(row)} {interval_text(row)}" for row in own}
        cells.append([what, scope or "all causes", *(texts.get(q, "") for q in QUANTILES), f"{own[0].events:,}"])
    titles = ("what", "scope", *(f"{100 * q:g} % at most>" for q in QUANTILES), "events>")
    return Table(titles, cells, fold="Quantiles with 95 % intervals") if cells else None


def _parts(shares: dict[str, dict[str, float]]) -> Table:
    names = list(dict.fromkeys(part for whole in shares.values() for part in whole))
    cells = [[name, *(format_share(round(whole[part], 4)) if part in whole else "" for part in names)]
             for name, whole in shares.items()]  # fmt: skip
    return Table(("of", *(f"{name}>" for name in names)), cells, fold="Numbers of this figure")
