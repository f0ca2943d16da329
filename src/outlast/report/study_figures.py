"""Figures of comparisons and sweeps, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outlast.errors import UsageError
from outlast.report.cost_figure import short_amount
from outlast.report.differences import signed
from outlast.report.readable import DURATIONS, EVERYWHERE, readable
from outlast.report.style import BAD, GOOD, GRAY, INK, MARKERS, OPEN, ROW_IN, WIDTH_IN, DurationLocator, short, styled
from outlast.units import is_money

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from outlast.study.compare import Comparison
    from outlast.study.sweep import Sweep

SUFFIXES = (".svg", ".png", ".pdf")
VERDICT_COLORS = {"better": GOOD, "worse": BAD, "different": OPEN}


@styled
def differences(comparison: Comparison, measure: str = "availability") -> Figure:
    """Paired differences of one measure with their intervals, a row per component and pair; a point where the other is
    better, a cross where it is worse, hollow where nothing is shown. Raises UsageError if no pair has such a measure.
    """
    return paired(comparison.differences, [(None, measure)])


@styled
def paired(table: pd.DataFrame, measures: Sequence[tuple[str | None, str]]) -> Figure:
    """The same of several measures (component, None for all; measure), a panel each, from a frame `differences`."""
    chosen = [_rows(table, *one) for one in measures]
    panels = [(measure, rows) for (_, measure), rows in zip(measures, chosen, strict=True) if len(rows)]
    if not panels:
        raise UsageError(f"no difference of a measure named {', '.join(measure for _, measure in measures)}")
    sizes = [len(rows) for _, rows in panels]
    figure = Figure(figsize=(WIDTH_IN, sum(0.75 + ROW_IN * size for size in sizes)), layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=[1.0 + size for size in sizes])[:, 0]
    for panel, (measure, rows) in zip(axes, panels, strict=True):
        _panel(panel, measure, rows, several=table["pair"].nunique() > 1)
    level, pairs = panels[-1][1][["level", "n_pairs"]].iloc[0]
    how = f"{level:.0%} intervals, {pairs:,.0f} pairs of replications" if pairs else "exact"
    axes[-1].set_xlabel(f"difference, {how}")
    return figure


def _rows(table: pd.DataFrame, component: str | None, measure: str) -> pd.DataFrame:
    mine = table["measure"].eq(measure) & table["scope"].eq(EVERYWHERE) & np.isfinite(table["mean"])
    rows: pd.DataFrame = table[mine if component is None else mine & table["component"].eq(component)]
    return rows


def _panel(axes: Axes, measure: str, rows: pd.DataFrame, several: bool) -> None:
    unit = str(rows["unit"].iloc[0])
    for place, row in enumerate(rows.to_dict("records")):
        ends = [row["ci_low"], row["ci_high"]]
        color = VERDICT_COLORS.get(row["verdict"], GRAY)
        if np.isfinite(ends).all():
            axes.hlines(place, *ends, color=color, lw=2.0)
        axes.plot(row["mean"], place, MARKERS[color], color=color, mfc=color if color != GRAY else "none")
    names = [f"{row['component']}: {row['pair']}" if several else row["component"] for row in rows.to_dict("records")]
    axes.set_yticks(range(len(names)), [short(name, 48) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.axvline(0.0, color=INK, lw=0.8)
    _of_unit(axes, unit)
    about = f", {unit}" if is_money(unit) else ""
    axes.set_title(short(measure + about + ("" if several else f", {rows['pair'].iloc[0]}"), 90))


def _of_unit(axes: Axes, unit: str) -> None:
    """Few, round, signed ticks."""
    axes.xaxis.set_major_locator(DurationLocator(4) if unit in DURATIONS else MaxNLocator(5))
    if is_money(unit):
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: ("+" if value > 0 else "") + short_amount(value)))
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, unit)))


def save(figure: Figure, file: str | Path) -> None:
    """Write a figure. Raises UsageError for another kind of file, or one that cannot be written."""
    path = Path(file)
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path}: unknown kind of figure", f"name a file that ends in {', '.join(SUFFIXES)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


@styled
def sweep(sweep: Sweep, component: str, measure: str) -> Figure:
    """One measure over the last path varied, a line with intervals per combination of the others.

    Raises UsageError if the sweep has no such measure.
    """
    table = sweep.frame
    mine = (table["component"] == component) & (table["measure"] == measure) & (table["scope"] == EVERYWHERE)
    rows = table[mine & np.isfinite(table["mean"])]
    if rows.empty:
        raise UsageError(f"the sweep has no estimate of {component}.{measure}")
    *others, path = sweep.paths
    ticks = [str(value) for value in table[path].unique()]
    figure = Figure(figsize=(WIDTH_IN, 3.6), layout="constrained")
    axes: Axes = figure.subplots()
    for names, line in rows.groupby(others, sort=False) if others else [((), rows)]:
        label = ", ".join(f"{_last(p)}={value}" for p, value in zip(others, names, strict=True))
        at = [ticks.index(value) for value in line[path]]
        ends = np.nan_to_num(np.array([line["mean"] - line["ci_low"], line["ci_high"] - line["mean"]]), posinf=0.0)
        axes.errorbar(at, line["mean"], yerr=np.maximum(ends, 0.0), fmt="o-", capsize=3, label=label)
    unit = str(rows["unit"].iloc[0])
    axes.set_xticks(range(len(ticks)), ticks, rotation=45 if len(ticks) > 8 else 0)
    if unit in DURATIONS:
        axes.yaxis.set_major_locator(DurationLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: readable(value, unit)))
    axes.set_xlabel(path)
    axes.set_title(f"{component}: {measure}, {rows['level'].iloc[0]:.0%} intervals, n={rows['n'].iloc[0]}", loc="left",
                   fontsize="medium")  # fmt: skip
    if others:
        axes.legend(fontsize="small")
    return figure


def _last(path: str) -> str:
    return path.rpartition(".")[2]
