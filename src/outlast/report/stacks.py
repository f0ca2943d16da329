"""Stacked bars: what several wholes consist of. Parts are numbered, so that nobody needs to tell colours apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outlast.report.style import INK, PALE, PALETTE, PAPER, ROW_IN, WIDTH_IN, short, styled

MOST_PARTS = 7  # with a colour of their own
OTHERS = "others"
READABLE = 0.035  # of the axis: wide enough for a number
DARK = (PALETTE[0], PALETTE[2], PALETTE[3], PALETTE[6])  # colours on which a number is pale

Whole = Mapping[str, float]


@styled
def stacked(bars: Mapping[str, Whole], xlabel: str, of_axis: Callable[[float], str], most: float = 0.0,
            order: tuple[str, ...] = ()) -> Figure:  # fmt: skip
    """A bar per whole, a segment per part: the largest parts first, or in the order that is given. most: end of the
    axis, 0 for the longest bar."""
    weights: dict[str, float] = {}
    for whole in bars.values():
        for part, value in whole.items():
            weights[part] = weights.get(part, 0.0) + value
    parts = [part for part in order if part in weights] or sorted(weights, key=lambda part: -weights[part])
    own = parts if len(parts) <= MOST_PARTS + 1 else parts[:MOST_PARTS]
    colors = dict(zip(own, (*PALETTE[:MOST_PARTS], PALE), strict=False))
    entries = {part: f"{number} {short(part, 28)}" for number, part in enumerate(own, start=1)}
    rows = -(-(len(own) + 1) // 3)
    figure = Figure(figsize=(WIDTH_IN, 0.7 + ROW_IN * len(bars) + 0.2 * rows), layout="constrained")
    axes = figure.subplots()
    longest = most or max((sum(whole.values()) for whole in bars.values()), default=1.0)
    for place, whole in enumerate(bars.values()):
        left = 0.0
        for part in parts:
            value = whole.get(part, 0.0)
            if value <= 0.0:
                continue
            axes.barh(place, value, left=left, height=0.68, color=colors.get(part, PALE), edgecolor=PAPER, lw=0.6)
            if part in entries and value > READABLE * longest:
                ink = PAPER if colors[part] in DARK else INK
                axes.text(left + value / 2, place, entries[part].split()[0], color=ink, ha="center", va="center")
            left += value
    axes.set_yticks(range(len(bars)), [short(name, 48) for name in bars])
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0.0, longest or 1.0)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: of_axis(value)))
    axes.set_xlabel(xlabel)
    handles = [Patch(color=colors[part], label=text) for part, text in entries.items()]
    if len(own) < len(parts):
        handles.append(Patch(color=PALE, label=OTHERS))
    figure.legend(handles=handles, loc="outside lower left", ncols=3)
    return figure
