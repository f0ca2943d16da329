"""Objectives in one figure: which share of what each allows is used, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from outlast.errors import UsageError
from outlast.report.style import BAD, GOOD, GRAY, INK, MARKERS, OPEN, ROW_IN, WIDTH_IN, decades, short, styled
from outlast.report.verdicts import MET, NOT_MET, UNCERTAIN, subject, used
from outlast.run.thresholds import FAILED, INCONCLUSIVE, PASSED
from outlast.study.gate import REGRESSION
from outlast.units import format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.run.results import Result

COLORS = {MET: GOOD, NOT_MET: BAD, UNCERTAIN: OPEN, PASSED: GOOD, FAILED: BAD, INCONCLUSIVE: OPEN}
LEAST, MOST = 1e-4, 1e4  # of the axis


def drawable(row: Mapping[str, Any]) -> bool:
    """Whether an objective has an estimate that can be put in relation to its bound."""
    return row.get("kind") != REGRESSION and isfinite(used(row)[0])


@styled
def objectives(result: Result, variant: str | None = None) -> Figure:
    """A row per objective (and variant, unless one is named): the share of what it allows that is used, with its
    interval. Raises UsageError if no objective has an estimate."""
    return margins([row for row in result.thresholds if variant in (None, row["variant"])])


@styled
def margins(judged: Sequence[Mapping[str, Any]]) -> Figure:
    """The same of any verdicts: rows as in `thresholds` of a result, or in the checks of a gate."""
    rows = [row for row in judged if drawable(row)]
    if not rows:
        raise UsageError("there is no objective with an estimate")
    figure = Figure(figsize=(WIDTH_IN, 0.9 + ROW_IN * len(rows)), layout="constrained")
    axes: Axes = figure.subplots()
    edges = [_clipped(value) for row in rows for value in used(row)]
    left, right = min(*edges, 0.5) / 1.5, max(*edges, 2.0) * 1.5
    for place, row in enumerate(rows):
        value, low, high = used(row)
        color = COLORS.get(str(row["verdict"]), GRAY)
        axes.hlines(place, max(low, left), min(high, right), color=color, lw=2.0)
        axes.plot(min(max(value, left), right), place, MARKERS[color], color=color)
    axes.axvline(1.0, color=INK, lw=1.0)
    several = len({row.get("variant") for row in rows}) > 1
    axes.set_yticks(range(len(rows)), [short(_name(row, several), 48) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(left, right)
    decades(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{format_number(100.0 * share)} %"))
    axes.set_xlabel(f"share of what is allowed, {float(rows[0]['level']):.0%} intervals, n={rows[0]['n']:,}")
    return figure


def _clipped(value: float) -> float:
    return min(max(value, LEAST), MOST)


def _name(row: Mapping[str, Any], several: bool) -> str:
    about = ", ".join(str(row[key]) for key in ("scope", "variant") if row.get(key) and (several or key == "scope"))
    return subject(row) + (f" ({about})" if about else "") + f": {row['verdict']}"
