"""Demand, capacity and what there was over time, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outlast.report.course import Replayed, worst_window
from outlast.report.style import BAD, BLUE, GREEN, INK, WIDTH_IN, styled
from outlast.units import format_duration, format_number, format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.run.batch import Floats

DAY_S = 86_400.0
BINS = 90  # of the whole time
CLOSE_BEFORE, CLOSE_AFTER = 36, 60  # windows around the worst moment
LOOKS = ((INK, "--"), (BLUE, "-"), (GREEN, "-"))  # wanted, capacity, had


@styled
def course(found: Sequence[Replayed]) -> Figure:
    """A row per replication: the whole time (mean, and band from the least to the most within each bin), and the worst
    moment from near, where what was wanted and not there is shaded."""
    figure = Figure(figsize=(WIDTH_IN, 0.5 + 1.75 * len(found)), layout="constrained")
    panels = figure.subplots(len(found), 2, squeeze=False, sharey="row", width_ratios=[1.0, 1.0])
    looks = _looks(len(found[0].course.lines))
    for (whole, near), one in zip(panels, found, strict=True):
        _whole(whole, one, looks)
        _near(near, one, looks)
        least, most = float(one.values.min()), float(one.values.max())
        least = least if least > 0.7 * most else 0.0
        pad = 0.06 * (most - least) or 1.0
        whole.set_ylim(least - (pad if least else 0.0), most + pad)
        whole.set_title(f"{one.which} ({one.replication}): {one.course.judged_by} {format_share(one.judged, 2)}")
        whole.set_ylabel(one.course.unit.replace("1/s", "per second"))
    panels[-1, 0].set_xlabel("day")
    width = format_duration(float(found[0].edges[1] - found[0].edges[0]))
    panels[-1, 1].set_xlabel(f"day, around the worst moment (means over {width})")
    handles = [Line2D([], [], color=color, ls=style, label=line.words)
               for (color, style), line in zip(looks, found[0].course.lines, strict=True)]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower left", ncols=3)
    return figure


def _looks(count: int) -> list[tuple[str, str]]:
    return [LOOKS[0], *LOOKS[1 : count - 1], LOOKS[-1]]


def _whole(axes: Axes, one: Replayed, looks: Sequence[tuple[str, str]]) -> None:
    bins = np.array_split(np.arange(one.values.shape[1]), min(BINS, one.values.shape[1]))
    at = np.array([one.edges[part[0]] for part in bins] + [one.edges[-1]]) / DAY_S
    for values, (color, style) in zip(one.values, looks, strict=True):
        mean, low, high = (np.array([reduce(values[part]) for part in bins]) for reduce in (np.mean, np.min, np.max))
        if (high > low).any():
            axes.fill_between(at, _ended(low), _ended(high), step="post", color=color, alpha=0.25, lw=0)
        axes.step(at, _ended(mean), where="post", color=color, ls=style, lw=1.0, zorder=3.0 if style == "--" else 2.0)
    axes.set_xlim(at[0], at[-1])
    _ticks(axes)


def _near(axes: Axes, one: Replayed, looks: Sequence[tuple[str, str]]) -> None:
    worst = worst_window(one)
    first, last = max(worst - CLOSE_BEFORE, 0), min(worst + CLOSE_AFTER, one.values.shape[1])
    at = one.edges[first : last + 1] / DAY_S
    part = one.values[:, first:last]
    had, wanted = _ended(part[-1]), _ended(np.maximum(part[0], part[-1]))
    axes.fill_between(at, had, wanted, step="post", color=BAD, alpha=0.45, lw=0)
    for values, (color, style) in zip(part, looks, strict=True):
        axes.step(at, _ended(values), where="post", color=color, ls=style, lw=1.1, zorder=3.0 if style == "--" else 2.0)
    axes.set_xlim(at[0], at[-1])
    _ticks(axes)


def _ended(values: Floats) -> Floats:
    return np.append(values, values[-1])


def _ticks(axes: Axes) -> None:
    days, top = axes.get_xlim()[1] - axes.get_xlim()[0], axes.get_ylim()[1]
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=days >= 3.0))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=top >= 2.0))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value)))
