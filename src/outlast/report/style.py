"""The one style of all figures: colours that survive colour blindness, quiet frames, text that is taken literally.

The colours are those of Okabe and Ito (2008), without yellow, which is too pale on white.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from cycler import cycler
from matplotlib import rc_context
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"
BROWN, GRAY, PALE = "#8a5a2b", "#767676", "#c8c8c8"
INK, PAPER, GRID = "#222222", "#fefefe", "#dddddd"
PALETTE = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BROWN, GRAY)
GOOD, BAD, OPEN = BLUE, VERMILION, ORANGE  # never by colour alone: words or markers say it too
WIDTH_IN, ROW_IN = 7.0, 0.3
MARKERS = {GOOD: "o", BAD: "X", OPEN: "D", GRAY: "o"}

#: CSS variables that take the place of these colours in a page.
VARIABLES = {**{color: f"c{place}" for place, color in enumerate(PALETTE)},
             INK: "ink", PAPER: "paper", GRID: "line", PALE: "pale"}  # fmt: skip

STYLE: Any = {
    "font.size": 8.5, "axes.titlesize": 9.5, "axes.labelsize": 8.5, "legend.fontsize": 8.0,
    "xtick.labelsize": 8.0, "ytick.labelsize": 8.5, "axes.titlelocation": "left",
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": GRAY,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
    "grid.color": GRID, "grid.linewidth": 0.6, "axes.linewidth": 0.6, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "lines.linewidth": 1.4, "lines.markersize": 5.0, "patch.linewidth": 0.0,
    "legend.frameon": False, "axes.prop_cycle": cycler(color=PALETTE), "text.parse_math": False,
    "axes.unicode_minus": True, "figure.facecolor": PAPER, "axes.facecolor": "none", "legend.labelcolor": INK,
    "hatch.linewidth": 0.6,
}  # fmt: skip


def series(place: int) -> str:
    """The colour of a series. matplotlib's `C0` is looked up only when a figure is saved: in the style of then."""
    return PALETTE[place % len(PALETTE)]


def short(text: str, most: int = 40) -> str:
    """A name that leaves room for the figure: cut in its middle where it is very long."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"


def decades(axes: Axes) -> None:
    """Make the x-axis logarithmic; ticks at powers of ten, and at 2 and 5 times those where few powers would fit."""
    axes.set_xscale("log")
    low, high = sorted(axes.get_xlim())
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 30.0 * low else (1.0,), numticks=8))
    axes.xaxis.set_minor_locator(NullLocator())


class DurationLocator(MaxNLocator):
    """Ticks of a linear axis in seconds at whole minutes, hours or days, where at least two of them fit."""

    UNITS_S = (86_400.0, 3600.0, 60.0)

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """As `Locator.tick_values`."""
        unit = next((unit for unit in self.UNITS_S if abs(vmax - vmin) >= 2.0 * unit), None)
        if unit is None:
            return super().tick_values(vmin, vmax)
        self.set_params(integer=True, steps=[1, 2, 3, 5, 6, 10])
        return unit * np.asarray(super().tick_values(vmin / unit, vmax / unit))


def styled(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Draw in this style, and leave that of the reader's session as it is."""

    @wraps(draw)
    def inside(*args: Given.args, **kwargs: Given.kwargs) -> Drawn:
        with rc_context(STYLE):
            return draw(*args, **kwargs)

    return inside
