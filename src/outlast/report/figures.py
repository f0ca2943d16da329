"""Figures of a result. Each function returns a matplotlib Figure that belongs to nobody: save it, show it in
a notebook, or draw on. pyplot and its global state are never touched.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from outlast.errors import UsageError
from outlast.report.readable import DURATIONS, EVERYWHERE, readable, span
from outlast.report.stacks import stacked
from outlast.report.style import ROW_IN, WIDTH_IN, DurationLocator, decades, series, short, styled
from outlast.units import format_duration, format_share

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from outlast.report.gallery import Study
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario
    from outlast.study.causes import Causes

BINS = 30
DAY_S = 86_400.0
ROUND_DURATIONS_S = np.array([
    1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0,
    DAY_S, 3 * DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S, 365 * DAY_S,
])  # fmt: skip
#: For axes of less than a decade or two.
CLOSE_DURATIONS_S = np.unique([
    unit * count
    for unit, counts in ((1e-3, (1, 2, 5, 10, 20, 50, 100, 200, 500)), (1.0, (1, 2, 5, 10, 15, 20, 30, 45)),
                         (60.0, (1, 2, 5, 10, 15, 20, 30, 45)), (3600.0, (1, 2, 3, 4, 6, 8, 12, 18)),
                         (DAY_S, (1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180, 365)))
    for count in counts
])  # fmt: skip
MOST_TICKS = 7


def of(study: Study, scenario: Scenario | None = None) -> dict[str, Figure]:
    """All figures of a result, by name: of what `run`, `compare`, `sweep`, `causes`, `pareto`, `gate` and `sensitivity`
    give.  scenario: of the first variant; with it also where time goes, and the course of single replications, which
    are simulated again.  Raises UsageError for anything else."""
    from outlast.report.gallery import gallery

    return gallery(study, scenario)


@styled
def availability(result: Result, components: Collection[str] | None = None) -> Figure:
    """Availability of every component (or of these) with its interval, on an axis of nines; an arrow where no outage
    was seen. Raises UsageError if nothing has an availability."""
    estimates = result.estimates
    rows = estimates[(estimates["measure"] == "availability") & (estimates["scope"] == EVERYWHERE)]
    rows = rows if components is None else rows[rows["component"].isin(list(components))]
    if rows.empty:
        raise UsageError("the result has no measure named availability")
    names, variants = list(dict.fromkeys(rows["component"])), list(dict.fromkeys(rows["variant"]))
    figure, axes = _figure(len(names) * (1 + len(variants)) / 2)
    down = 1.0 - rows[["mean", "ci_low"]].to_numpy()
    least = 0.3 * float(np.min(down[down > 0.0], initial=0.5))
    for place, variant in enumerate(variants):
        for row in rows[rows["variant"] == variant].to_dict("records"):
            _nines(axes, row, names.index(row["component"]) + _shift(place, len(variants)), series(place), least)
    axes.set_yticks(range(len(names)), [short(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    worst = float(np.nanmax(down, initial=1e-6))
    axes.set_xlim(1.0 if worst > 0.5 else 2.0 * worst, least)
    decades(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_share(1.0 - value)))
    axes.set_xlabel(f"availability, {_level(rows)} intervals, {_replications(result)}")
    _legend(figure, variants)
    return figure


def _nines(axes: Axes, row: dict[Hashable, Any], at: float, color: str, least: float) -> None:
    """One estimate with its interval; least: what stands for an unavailability of 0."""
    down, low, high = (1.0 - row[key] for key in ("mean", "ci_high", "ci_low"))
    axes.hlines(at, max(low, least), max(high, least), color=color, lw=2.0)
    if down > 0.0:
        axes.plot(down, at, "o", color=color)
    else:
        axes.plot(least, at, ">", color=color, mfc="none", clip_on=False)


@styled
def outages(result: Result, replication: int | None = None, variant: str | None = None) -> Figure:
    """When components were down in one replication (the first if not told), and how long outages last; of one variant
    (the first if not told)."""
    variants = list(dict.fromkeys(result.replications["variant"]))
    if variant is not None:
        _known("variant", variant, variants)
    own = variants[0] if variant is None else variant
    rows = result.outages[result.outages["variant"] == own]
    chosen = int(result.replications["replication"].min()) if replication is None else replication
    names = list(dict.fromkeys(rows["component"]))
    figure = Figure(figsize=(WIDTH_IN, 3.2 + ROW_IN * max(len(names), 1)), layout="constrained")
    timeline, durations = figure.subplots(2, 1, height_ratios=[0.6 + ROW_IN * max(len(names), 1), 1.8])
    _timeline(timeline, rows[rows["replication"] == chosen], names)
    about = f" of {short(own)}" if len(variants) > 1 else ""
    timeline.set_title(f"replication {chosen}{about}", loc="left", fontsize="medium")
    _durations(durations, rows, names)
    if durations.get_lines():
        figure.legend(loc="outside lower left", ncols=3)
    return figure


@styled
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
        axes.hist(values, bins=bins, color=series(place), alpha=0.5, label=variant)
        mean = estimates.loc[estimates["variant"] == variant].iloc[0]
        if np.isfinite([mean["mean"], mean["ci_low"], mean["ci_high"]]).all():
            axes.axvspan(mean["ci_low"], mean["ci_high"], color=series(place), alpha=0.3, lw=0)
            axes.axvline(mean["mean"], color=series(place))
    unit = estimates["unit"].iloc[0]
    if unit in DURATIONS:
        axes.xaxis.set_major_locator(DurationLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: readable(value, unit)))
    axes.tick_params(axis="x", labelsize="small")
    axes.set_xlabel(short(f"{component}: {measure}", 80))
    axes.set_ylabel("replications")
    axes.set_title(_caption(estimates), loc="left", fontsize="medium")
    _legend(figure, variants)
    return figure


def causes(attribution: Causes, components: Collection[str] | None = None, variant: str | None = None) -> Figure:
    """Downtime by cause, stacked to 100 % per component (all, or these) and variant (all, or one); drills apart. Raises
    UsageError if nothing was down."""
    from outlast.study.causes import label

    table = attribution.causes[~attribution.causes["drill"]]
    table = table if components is None else table[table["component"].isin(list(components))]
    table = table if variant is None else table[table["variant"] == variant]
    if table.empty:
        raise UsageError("no outage, so nothing to attribute")
    several = table["variant"].nunique() > 1
    bars: dict[str, dict[str, float]] = {}
    for key, rows in table.groupby(["component", "variant"], sort=False):
        name = f"{key[0]} ({key[1]})" if several else key[0]
        whole = bars.setdefault(f"{name}, {format_duration(rows['downtime_s'].sum())}", {})
        for scope, source, share in zip(rows["scope"], rows["source"], rows["share"], strict=True):
            whole[label(scope, source)] = whole.get(label(scope, source), 0.0) + share
    about = f"share of the downtime in {_replications(attribution.result)}, which is written beside the names"
    return stacked(bars, about, format_share, most=1.0)


def _figure(rows: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH_IN, 1.2 + ROW_IN * rows), layout="constrained")
    return figure, figure.subplots()


def _timeline(axes: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        own = rows[rows["component"] == name]
        bars = [(start, length) for start, length in zip(own["start_s"], own["duration_s"], strict=True)]
        # an edge keeps an hour visible in a year
        scaled = [(start / DAY_S, length / DAY_S) for start, length in bars]
        axes.broken_barh(scaled, (place - 0.3, 0.6), color=series(place), edgecolor=series(place), linewidth=1.0)
    axes.set_yticks(range(len(names)), [short(name) for name in names])
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("day")


def _durations(axes: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    """Share of the outages that lasted at most so long; outages cut by the horizon are left out."""
    for place, name in enumerate(names):
        lasted = np.sort(rows.loc[(rows["component"] == name) & ~rows["censored"], "duration_s"])
        if len(lasted):
            share = np.arange(len(lasted) + 1) / len(lasted)
            label = f"{short(name)} (n={len(lasted)})"
            axes.step([lasted[0], *lasted], share, where="post", color=series(place), label=label)
    if len(axes.get_lines()):
        of_durations(axes)
    axes.set_xlabel("duration of outages that ended")
    axes.set_ylabel("share at most so long")


def of_durations(axes: Axes, most: int = MOST_TICKS) -> None:
    """Make the x-axis one of durations, logarithmic, with few round ticks."""
    low, high = axes.dataLim.minposx, axes.dataLim.x1
    low, high = (0.8 * low, 1.25 * high) if high < 2.0 * low else (low**1.04 / high**0.04, high**1.04 / low**0.04)
    axes.set_xlim(low, high)
    axes.set_xscale("log")
    ticks = ROUND_DURATIONS_S[(low <= ROUND_DURATIONS_S) & (high >= ROUND_DURATIONS_S)]
    if len(ticks) < 3:
        ticks = CLOSE_DURATIONS_S[(low <= CLOSE_DURATIONS_S) & (high >= CLOSE_DURATIONS_S)]
    if len(ticks) < 2:
        ticks = DurationLocator(4).tick_values(low, high)[1:-1]
    axes.xaxis.set_major_locator(FixedLocator(list(ticks[:: -(-len(ticks) // most)])))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_duration(value)))
    axes.tick_params(axis="x", labelrotation=30)


def _shift(place: int, count: int) -> float:
    return (place - (count - 1) / 2) * 0.6 / count


def _level(estimates: pd.DataFrame) -> str:
    return f"{estimates['level'].iloc[0]:.0%}"


def _caption(estimates: pd.DataFrame) -> str:
    return "\n".join(
        f"{row['variant']}: {span(row['mean'], row['ci_low'], row['ci_high'], row['unit'])}, n={row['n']}"
        for row in estimates.to_dict("records")
    )


def _replications(result: Result) -> str:
    return f"{result.n:,} replications" if result.n else "exact"


def _legend(figure: Figure, variants: Sequence[str]) -> None:
    """Below the figure: it hides nothing."""
    if len(variants) > 1:
        handles = [Patch(color=series(place), label=short(name, 24)) for place, name in enumerate(variants)]
        figure.legend(handles=handles, loc="outside lower left", ncols=min(len(variants), 5))


def _known(what: str, name: str, names: Sequence[str] | pd.Series[str]) -> None:
    known = sorted(set(names))
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
        raise UsageError(f"unknown {what} (got {name!r})", hint)
