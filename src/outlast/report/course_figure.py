"""Demand, capacity and what there was over time, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outlast.report.course import Replayed, worst_window
from outlast.report.readable import readable
from outlast.report.style import BAD, BLUE, GRAY, GREEN, WIDTH_IN, styled
from outlast.units import format_duration, format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.run.batch import Floats

DAY_S = 86_400.0
BINS = 120  # of the whole time
CLOSE_BEFORE, CLOSE_AFTER = 36, 60  # windows around the worst moment
LOOKS = ((GRAY, "--"), (BLUE, "-"), (GREEN, "-"))  # wanted, capacity, had


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
        top = float(one.values.max())
        whole.set_ylim(0.0 if one.values.min() < 0.7 * top else float(one.values.min()) * 0.98, top * 1.05 or 1.0)
        judged = f"{one.course.judged_by} {readable(one.judged, 'share')}"
        whole.set_title(f"{one.which} replication ({one.replication}): {judged}")
        whole.set_ylabel(one.course.unit.replace("1/s", "per second"))
    panels[-1, 0].set_xlabel("day")
    panels[-1, 1].set_xlabel("day, around the worst moment")
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
        axes.step(at, _ended(mean), where="post", color=color, ls=style, lw=1.0)
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
        axes.step(at, _ended(values), where="post", color=color, ls=style, lw=1.1)
    axes.set_xlim(at[0], at[-1])
    axes.set_title(f"means over {format_duration(float(one.edges[1] - one.edges[0]))}")
    _ticks(axes)


def _ended(values: Floats) -> Floats:
    return np.append(values, values[-1])


def _ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=False))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value)))
