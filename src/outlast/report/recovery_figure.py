"""Recovery times and losses as distributions against their objectives, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from outlast.errors import UsageError
from outlast.report.figures import of_durations
from outlast.report.stacks import stacked
from outlast.report.style import BAD, PALETTE, WIDTH_IN, styled
from outlast.units import format_duration, format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.run.results import Result

MOST_POINTS = 160  # of a curve: more cannot be seen
LEAST_S = 1e-2  # what is shorter stands here: the axis is logarithmic
MEASURES = {"rto_s": ("rto", "mean_outage"), "rpo_s": ("rpo",)}  # column: objectives about it
WORDS = {"rto_s": "time until recovery (RTO)", "rpo_s": "data lost (RPO)"}
STYLES = ("-", "--", ":", "-.")


@styled
def recovery(result: Result, component: str, variant: str | None = None) -> Figure:
    """Share of the disruptions of each scope that took or lost at most so much, with the bounds of objectives on them.

    Left: recovery times of outages, right: data lost. Raises UsageError if the component had neither.
    """
    rows = disruptions(result, component, variant)
    columns = [column for column in WORDS if np.isfinite(rows[column]).any()]
    if not columns:
        raise UsageError(f"{component} had no outage that ended and lost no data")
    figure = Figure(figsize=(WIDTH_IN, 3.3), layout="constrained")
    for axes, column in zip(figure.subplots(1, len(columns), squeeze=False)[0], columns, strict=True):
        _curves(axes, rows[np.isfinite(rows[column])], column)
        bounds = [one for one in result.thresholds
                  if one["component"] == component and one["measure"] in MEASURES[column]]  # fmt: skip
        _bounds(axes, bounds)
        of_durations(axes)
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.3), ncols=4 // len(columns), borderpad=0.0)
    return figure


def disruptions(result: Result, component: str, variant: str | None = None) -> pd.DataFrame:
    """scope, rto_s, rpo_s: outages of a component (of the first variant unless told), and losses beside outages."""
    chosen = result.estimates["variant"].iloc[0] if variant is None else variant
    outages = result.outages
    mine = (outages["component"] == component) & (outages["variant"] == chosen) & ~outages["drill"]
    rows = outages.loc[mine, ["scope", "rto_s"]].assign(rpo_s=np.nan)
    losses = result.records
    lost = (losses["component"] == component) & (losses["variant"] == chosen) & (losses["label"] == "rpo")
    values = losses.loc[lost, ["value", "cause"]]
    known = outages.loc[mine, ["cause", "scope"]].drop_duplicates("cause")
    scopes = dict(zip(known["cause"], known["scope"], strict=True))
    extra = {"scope": values["cause"].map(scopes).fillna(""), "rto_s": np.nan, "rpo_s": values["value"]}
    return pd.concat([rows, pd.DataFrame(extra)], ignore_index=True) if len(values) else rows


def _curves(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    counts = rows["scope"].value_counts()
    for place, scope in enumerate(counts.index):
        values = np.sort(rows.loc[rows["scope"] == scope, column].to_numpy())
        at, share = thinned(np.maximum(values, LEAST_S))
        label = f"{scope or 'no known cause'} (n={len(values):,})"
        color, style = PALETTE[place % len(PALETTE)], STYLES[place % len(STYLES)]
        axes.step(at, share, where="post", color=color, ls=style, label=label)
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1.0))
    axes.set_ylim(0.0, 1.02)
    axes.set_xlabel(WORDS[column])
    axes.set_ylabel("share of the disruptions")


def thinned(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the empirical distribution of sorted values, at most MOST_POINTS of them."""
    share = np.arange(len(values) + 1) / len(values)
    at = np.concatenate([values[:1], values])
    kept = np.unique(np.linspace(0, len(at) - 1, min(len(at), MOST_POINTS)).round().astype(int))
    return at[kept], share[kept]


def _bounds(axes: Axes, objectives: Iterable[dict[str, Any]]) -> None:
    """A line per bound, named with what it is about."""
    about: dict[float, list[str]] = {}
    for one in objectives:
        what = " ".join(text for text in (str(one["aggregate"]), str(one["scope"])) if text)
        about.setdefault(float(one["value"]), []).append(what)
    for value, names in sorted(about.items()):
        text = ", ".join(dict.fromkeys(names))
        axes.axvline(value, color=BAD, lw=1.6, label=f"objective: {format_duration(value)} ({text})")


def parts(result: Result, components: Iterable[str], variant: str | None = None) -> Figure:
    """What the recovery time of each component consists of, by scope of the cause: shares of the downtime.

    Raises UsageError if no part of a recovery was named.
    """
    bars = part_shares(result, components, variant)
    if not bars:
        raise UsageError("no outage has named parts")
    return stacked(bars, "share of the recovery time", format_share, most=1.0)


def part_shares(result: Result, components: Iterable[str], variant: str | None = None) -> dict[str, dict[str, float]]:
    """Component and scope: share of every part; what is not named is `other`."""
    table = result.recovery
    if table.empty:
        return {}
    chosen = table["variant"].iloc[0] if variant is None else variant
    table = table[(table["variant"] == chosen) & (table["unit"] == "share")]
    bars: dict[str, dict[str, float]] = {}
    wanted = list(components)
    for key, rows in table[table["component"].isin(wanted)].groupby(["component", "scope"], sort=False):
        found = _whole(rows)
        if any(share >= 0.005 for name, share in found.items() if name != "other"):
            events = int(rows["events"].iloc[0])
            bars[f"{key[0]}, {key[1] or 'all causes'} (n={events:,})"] = found
    return bars


def _whole(rows: pd.DataFrame) -> dict[str, float]:
    found = {str(name): float(share) for name, share in zip(rows["what"], rows["value"], strict=True)}
    rest = 1.0 - sum(found.values())
    return {**found, "other": rest} if rest > 0.005 else found
