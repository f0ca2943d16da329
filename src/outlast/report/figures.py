"""Figures of a result. Each function returns a matplotlib Figure that belongs to nobody: save it, show it in
a notebook, or draw on. pyplot and its global state are never touched.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from outlast.errors import UsageError
from outlast.report.readable import EVERYWHERE, readable, span
from outlast.units import format_duration

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from outlast.run.results import Result
    from outlast.study.causes import Causes

WIDTH_IN = 7.0
ROW_IN = 0.32
BINS = 30
MOST_COLORS = 9
OTHERS_COLOR = "lightgray"
DAY_S = 86_400.0
ROUND_DURATIONS_S = (
    1e-3,
    1.0,
    10.0,
    60.0,
    600.0,
    3600.0,
    6 * 3600.0,
    DAY_S,
    7 * DAY_S,
    30 * DAY_S,
    365 * DAY_S,
)


def availability(result: Result) -> Figure:
    """Availability of every component with its interval. Raises UsageError if nothing has an availability."""
    estimates = result.estimates
    rows = estimates[(estimates["measure"] == "availability") & (estimates["scope"] == EVERYWHERE)]
    if rows.empty:
        raise UsageError("the result has no measure named availability")
    figure, axes = _figure(len(rows))
    names = list(dict.fromkeys(rows["component"]))
    variants = list(dict.fromkeys(rows["variant"]))
    for place, variant in enumerate(variants):
        part = rows[rows["variant"] == variant]
        at = np.array([names.index(name) for name in part["component"]]) + _shift(place, len(variants))
        errors = np.array([part["mean"] - part["ci_low"], part["ci_high"] - part["mean"]])
        axes.errorbar(part["mean"], at, xerr=np.maximum(errors, 0.0), fmt="o", capsize=3, label=variant)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(xmax=1.0))
    axes.set_xlabel(f"availability, {_level(rows)} interval, {result.n} replications")
    _legend(axes, variants)
    return figure


def outages(result: Result, replication: int | None = None, variant: str | None = None) -> Figure:
    """When components were down in one replication (the first if not told), and how long outages last."""
    rows = result.outages
    if variant is not None:
        _known("variant", variant, result.replications["variant"])
        rows = rows[rows["variant"] == variant]
    chosen = int(result.replications["replication"].min()) if replication is None else replication
    names = list(dict.fromkeys(rows["component"]))
    figure = Figure(figsize=(WIDTH_IN, 3.2 + ROW_IN * max(len(names), 1)), layout="constrained")
    timeline, durations = figure.subplots(2, 1, height_ratios=[0.6 + ROW_IN * max(len(names), 1), 1.8])
    _timeline(timeline, rows[rows["replication"] == chosen], names)
    timeline.set_title(f"replication {chosen}", loc="left", fontsize="medium")
    _durations(durations, rows, names)
    return figure


def measure(result: Result, component: str, measure: str) -> Figure:
    """Distribution of one measure over replications, its estimate. Raises UsageError for unknown names."""
    table = result.replications
    _known("component", component, table["component"])
    rows = table[table["component"] == component]
    _known(f"measure of {component}", measure, rows["measure"])
    rows = rows[(rows["measure"] == measure) & np.isfinite(rows["value"])]
    estimates = result.estimates
    estimates = estimates[(estimates["component"] == component) & (estimates["measure"] == measure)]
    estimates = estimates[estimates["scope"] == EVERYWHERE]
    figure, axes = _figure(8)
    variants = list(dict.fromkeys(estimates["variant"]))
    bins = list(np.histogram_bin_edges(rows["value"].to_numpy(), bins=BINS))
    for place, variant in enumerate(variants):
        values = rows.loc[rows["variant"] == variant, "value"]
        axes.hist(values, bins=bins, color=f"C{place}", alpha=0.5, label=variant)
        mean = estimates.loc[estimates["variant"] == variant].iloc[0]
        if np.isfinite([mean["mean"], mean["ci_low"], mean["ci_high"]]).all():
            axes.axvspan(mean["ci_low"], mean["ci_high"], color=f"C{place}", alpha=0.3, lw=0)
            axes.axvline(mean["mean"], color=f"C{place}")
    unit = estimates["unit"].iloc[0]
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: readable(value, unit)))
    axes.tick_params(axis="x", labelsize="small")
    axes.set_xlabel(f"{component}: {measure}")
    axes.set_ylabel("replications")
    axes.set_title(_caption(estimates), loc="left", fontsize="medium")
    _legend(axes, variants)
    return figure


def causes(attribution: Causes) -> Figure:
    """Downtime by cause, stacked to 100 % per component; drills apart. Raises UsageError if nothing was down."""
    from outlast.study.causes import label

    table = attribution.causes[~attribution.causes["drill"]]
    if table.empty:
        raise UsageError("no outage, so nothing to attribute")
    several = table["variant"].nunique() > 1
    table = table.assign(cause=[label(*pair) for pair in zip(table["scope"], table["source"], strict=True)])
    bars = table["component"] + (" (" + table["variant"] + ")" if several else "")
    totals = table.groupby(bars, sort=False)["downtime_s"].sum()
    weights = table.groupby("cause", sort=False)["share"].sum().sort_values(ascending=False, kind="stable")
    colors = {cause: f"C{place}" for place, cause in enumerate(weights.index[:MOST_COLORS])}
    figure, axes = _figure(max(len(totals), len(colors) + 1))
    left = dict.fromkeys(totals.index, 0.0)
    for cause in weights.index:  # the largest first
        for bar, share in zip(bars[table["cause"] == cause], table.loc[table["cause"] == cause, "share"], strict=True):
            color = colors.get(cause, OTHERS_COLOR)
            place = list(totals.index).index(bar)
            axes.barh(place, share, left=left[bar], color=color, edgecolor="white", linewidth=0.5)
            left[bar] += share
    axes.set_yticks(range(len(totals)), [f"{bar}, {format_duration(down)}" for bar, down in totals.items()])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(xmax=1.0))
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(f"share of the downtime in {attribution.result.n} replications")
    entries = {**colors, **({"others": OTHERS_COLOR} if len(weights) > len(colors) else {})}
    handles = [Patch(color=color, label=cause) for cause, color in entries.items()]
    figure.legend(handles=handles, loc="outside right upper", fontsize="small")
    return figure


def _figure(rows: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH_IN, 1.2 + ROW_IN * rows), layout="constrained")
    return figure, figure.subplots()


def _timeline(axes: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        own = rows[rows["component"] == name]
        bars = [(start, length) for start, length in zip(own["start_s"], own["duration_s"], strict=True)]
        # an edge keeps an hour visible in a year
        scaled = [(start / DAY_S, length / DAY_S) for start, length in bars]
        axes.broken_barh(scaled, (place - 0.3, 0.6), color=f"C{place}", edgecolor=f"C{place}", linewidth=1.0)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("day")


def _durations(axes: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    """Share of the outages that lasted at most so long; outages cut by the horizon are left out."""
    for place, name in enumerate(names):
        lasted = np.sort(rows.loc[(rows["component"] == name) & ~rows["censored"], "duration_s"])
        if len(lasted):
            share = np.arange(len(lasted) + 1) / len(lasted)
            label = f"{name} (n={len(lasted)})"
            axes.step([lasted[0], *lasted], share, where="post", color=f"C{place}", label=label)
    if len(axes.get_lines()):
        axes.set_xscale("log")
        axes.legend(fontsize="small")
        axes.xaxis.set_major_locator(FixedLocator(ROUND_DURATIONS_S))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_duration(value)))
    axes.set_xlabel("duration of outages that ended")
    axes.set_ylabel("share at most so long")


def _shift(place: int, count: int) -> float:
    return (place - (count - 1) / 2) * 0.6 / count


def _level(estimates: pd.DataFrame) -> str:
    return f"{estimates['level'].iloc[0]:.0%}"


def _caption(estimates: pd.DataFrame) -> str:
    return "; ".join(
        f"{row['variant']}: {span(row['mean'], row['ci_low'], row['ci_high'], row['unit'])}, n={row['n']}"
        for row in estimates.to_dict("records")
    )


def _legend(axes: Axes, variants: Sequence[str]) -> None:
    if len(variants) > 1:
        axes.legend()


def _known(what: str, name: str, names: Sequence[str] | pd.Series[str]) -> None:
    known = sorted(set(names))
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
        raise UsageError(f"unknown {what} (got {name!r})", hint)
