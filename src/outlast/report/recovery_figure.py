"""Recovery times and losses as distributions against their objectives, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from outlast.errors import UsageError
from outlast.report.figures import MOST_TICKS, of_durations
from outlast.report.stacks import stacked
from outlast.report.style import BAD, PALETTE, WIDTH_IN, short, styled
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
    figure = Figure(figsize=(WIDTH_IN, 3.2), layout="constrained")
    scopes = [str(scope) for scope in rows["scope"].value_counts().index]
    for axes, column in zip(figure.subplots(1, len(columns), squeeze=False)[0], columns, strict=True):
        _curves(axes, rows[np.isfinite(rows[column])], column, scopes)
        bounds = [one for one in result.thresholds
                  if one["component"] == component and one["measure"] in MEASURES[column]]  # fmt: skip
        _bounds(axes, bounds)
        of_durations(axes, MOST_TICKS if len(columns) == 1 else 5)
    handles = [Line2D([], [], color=color, ls=style, label=short(scope or "no known cause", 20))
               for scope, (color, style) in zip(scopes, _looks(), strict=False)]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower left", ncols=5)
    return figure


def _looks() -> Iterator[tuple[str, str]]:
    """Colours and lines, so that no two scopes look alike."""
    for place in count():
        yield PALETTE[place % len(PALETTE)], STYLES[place % len(STYLES)]


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


def _curves(axes: Axes, rows: pd.DataFrame, column: str, scopes: list[str]) -> None:
    for scope, (color, style) in zip(scopes, _looks(), strict=False):
        values = np.sort(rows.loc[rows["scope"] == scope, column].to_numpy())
        if len(values):
            at, share = thinned(np.maximum(values, LEAST_S))
            axes.step(at, share, where="post", color=color, ls=style)
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1.0))
    axes.set_ylim(0.0, 1.02)
    axes.set_xlabel(f"{WORDS[column]}, n={len(rows):,}")
    axes.set_ylabel("share of the disruptions")


def thinned(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the empirical distribution of sorted values, at most MOST_POINTS of them."""
    share = np.arange(len(values) + 1) / len(values)
    at = np.concatenate([values[:1], values])
    kept = np.unique(np.linspace(0, len(at) - 1, min(len(at), MOST_POINTS)).round().astype(int))
    return at[kept], share[kept]


def _bounds(axes: Axes, objectives: Iterable[dict[str, Any]]) -> None:
    """A line per bound, and above it what it is about."""
    about: dict[float, list[str]] = {}
    for one in objectives:
        about.setdefault(float(one["value"]), []).append(str(one["scope"]))
    for value, names in sorted(about.items()):
        scopes = short(", ".join(dict.fromkeys(name for name in names if name)))
        text = f"objective {format_duration(value)}" + (f" ({scopes})" if scopes else "")
        axes.axvline(value, color=BAD, lw=1.6)
        axes.annotate(text, (value, 1.03), xycoords=("data", "axes fraction"), ha="center", color=BAD)


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
