"""Where the downtime comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from outlast.report.causes import first_cause
from outlast.report.figures import causes
from outlast.report.html.blocks import Block, Chart, Table
from outlast.report.html.material import Material
from outlast.report.readable import readable
from outlast.study.causes import label
from outlast.units import format_duration

TITLE = "Causes of the downtime"
PLACE = 60
WORST = 5


def blocks(material: Material) -> Iterator[Block]:
    """First causes with their shares, then the worst outages; of the first variant."""
    if material.result.chains or material.result.outages.empty:
        return
    found = material.causes.causes
    mine = found["variant"].eq(material.base) & ~found["drill"] & found["component"].isin(material.components)
    table = found[mine]
    if table.empty:
        return
    about = f" Of {material.base}." if len(material.variants) > 1 else ""
    yield Chart(causes(material.causes, material.components, material.base), "Downtime by first cause",
                "Every outage counts for what failed first, with all of its duration; beside the names the downtime in "
                f"all replications together. Planned drills are left out.{about}",
                Table(("component", "cause", "outages>", "downtime>", "mean>", "share>", "95 % interval>"),
                      [_cells(row) for row in table.itertuples(index=False)], fold="All causes"))  # fmt: skip
    for component in material.components[:1]:
        worst = material.causes.narrowed(component, material.base).worst(WORST)
        if len(worst):
            yield Table(("cause", "begins>", "lasts>", "replication>", "parts"),
                        [_outage(row) for row in worst.itertuples(index=False)],
                        f"The worst outages of {component}")  # fmt: skip


def _cells(row: Any) -> list[str]:
    width = row.ci_high - row.ci_low
    share, low, high = (readable(value, "share", width) for value in (row.share, row.ci_low, row.ci_high))
    lasted = format_duration(row.downtime_s), format_duration(row.downtime_s / row.outages)
    return [row.component, label(row.scope, row.source), f"{row.outages:,}", *lasted, share, f"[{low}, {high}]"]


def _outage(row: Any) -> list[str]:
    parts = ", ".join(f"{part} {format_duration(lasted)}" for part, lasted in row.parts.items())
    lasts = format_duration(row.duration_s) + (", cut off" if row.censored else "")
    return [first_cause(row), format_duration(row.start_s), lasts, f"{row.replication:,}", parts]
