"""Cost against unavailability of topologies, with the front drawn, in the manner of `outlast.report.study_figures`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outlast.report.cost_figure import short_amount
from outlast.report.style import GOOD, GRAY, INK, MARKERS, OPEN, PAPER, WIDTH_IN, decades, short, styled
from outlast.units import format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.study.pareto import Topologies

BESIDE = (((-5, 5), "right"), ((5, -12), "left"), ((5, 5), "left"), ((-5, -12), "right"))
COLORS = {"efficient": GOOD, "dominated": GRAY, "perhaps dominated": OPEN}


@styled
def topologies(found: Topologies) -> Figure:
    """A point per variant with both intervals; the line joins those that no other beats in these two by the estimates.

    A variant without a second of downtime seen stands at the upper end of its interval, as a hollow point.
    """
    figure = Figure(figsize=(WIDTH_IN, 4.2), layout="constrained")
    axes: Axes = figure.subplots()
    points: dict[tuple[float, float], list[str]] = {}
    for row in found.table.to_dict("records"):
        seen = row["availability"] < 1.0
        down = 1.0 - (row["availability"] if seen else row["availability_low"])
        ends = np.clip([1.0 - row["availability_high"], 1.0 - row["availability_low"]], down / 100.0, None)
        color = COLORS[row["verdict"]]
        if np.isfinite([row["cost_low"], row["cost_high"]]).all():
            axes.vlines(down, row["cost_low"], row["cost_high"], color=color)
        axes.hlines(row["cost"], *ends, color=color)
        axes.plot(down, row["cost"], MARKERS[color], color=color, mfc=color if seen else PAPER)
        points.setdefault((down, row["cost"]), []).append(row["variant"])
    for place, (point, names) in enumerate(sorted(points.items())):
        beside, side = BESIDE[place % len(BESIDE)]  # neighbours do not overlap
        axes.annotate(short(", ".join(names), 60), point, beside, textcoords="offset points", fontsize="small", ha=side)
    axes.step(*zip(*front(points), strict=True), where="post", color=INK, lw=0.8, zorder=0)
    axes.set_xlim(axes.dataLim.minposx / 1.5, axes.dataLim.x1 * 1.5)
    decades(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_share(value)))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_amount(value)))
    axes.set_xlabel(f"unavailability of {found.of}, {found.table['level'].iloc[0]:.0%} intervals")
    axes.set_ylabel(f"cost, {found.table['unit'].iloc[0]}")
    axes.set_title(f"{found.about['scenario']}: n={found.about['n']}", loc="left", fontsize="medium")
    return figure


def front(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those that no other is at least as good as in both and better in one, by the first coordinate."""
    kept: list[tuple[float, float]] = []
    for point in sorted(set(points)):
        if not kept or point[1] < kept[-1][1]:
            kept.append(point)
    return kept
