"""Figures of comparisons and sweeps, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outlast.errors import UsageError
from outlast.report.differences import signed
from outlast.report.figures import ROW_IN, WIDTH_IN
from outlast.report.readable import EVERYWHERE, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.study.compare import Comparison
    from outlast.study.sweep import Sweep

SUFFIXES = (".svg", ".png", ".pdf")
VERDICT_COLORS = {"better": "tab:green", "worse": "tab:red", "different": "tab:orange"}
QUIET = "tab:gray"


def differences(comparison: Comparison, measure: str = "availability") -> Figure:
    """Paired differences of one measure with their intervals, a row per component and pair; green is better.

    Raises UsageError if no pair has such a measure.
    """
    table = comparison.differences
    rows = table[(table["measure"] == measure) & (table["scope"] == EVERYWHERE) & np.isfinite(table["mean"])]
    if rows.empty:
        raise UsageError(f"no difference of a measure named {measure}")
    several = rows["pair"].nunique() > 1
    figure = Figure(figsize=(WIDTH_IN, 1.2 + ROW_IN * len(rows)), layout="constrained")
    axes: Axes = figure.subplots()
    unit = str(rows["unit"].iloc[0])
    for place, row in enumerate(rows.to_dict("records")):
        ends = [row["ci_low"], row["ci_high"]]
        color = VERDICT_COLORS.get(row["verdict"], QUIET)
        if np.isfinite(ends).all():
            axes.hlines(place, *ends, color=color)
        axes.plot(row["mean"], place, "o", color=color)
    names = [f"{row['component']} ({row['pair']})" if several else row["component"] for row in rows.to_dict("records")]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0.0, color="black", lw=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, unit)))
    axes.set_xlabel(f"difference of {measure}, {rows['level'].iloc[0]:.0%} interval, {rows['n_pairs'].iloc[0]} pairs")
    if not several:
        axes.set_title(str(rows["pair"].iloc[0]), loc="left", fontsize="medium")
    return figure


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
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: readable(value, unit)))
    axes.set_xlabel(path)
    axes.set_title(f"{component}: {measure}, {rows['level'].iloc[0]:.0%} intervals, n={rows['n'].iloc[0]}", loc="left",
                   fontsize="medium")  # fmt: skip
    if others:
        axes.legend(fontsize="small")
    return figure


def _last(path: str) -> str:
    return path.rpartition(".")[2]
