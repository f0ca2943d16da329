"""How often objectives and agreements are kept in each window of time, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from outlast.errors import UsageError
from outlast.report import verdicts
from outlast.report.style import BLUE, WIDTH_IN, short, styled
from outlast.stats.estimates import proportion
from outlast.units import format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from outlast.run.results import Result

LEVEL = 0.95
STEPS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25)  # between ticks
COMPARE = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}


@dataclass(frozen=True)
class Attained:
    """name: of an objective or agreement, with its variant where there are several; table: window, share of the
    replications that kept it (kept, low, high), n."""

    name: str
    table: pd.DataFrame


def attained(result: Result, variant: str | None = None) -> list[Attained]:
    """What is judged in more than one window, of all variants or of one."""
    several = variant is None and result.replications["variant"].nunique() > 1
    judged = [one for one in (*_objectives(result), *_agreements(result)) if variant in (None, one[1])]
    return [Attained(f"{name} ({variant})" if several else name, _shares(rows))
            for name, variant, rows in judged if rows["window"].nunique() > 1]  # fmt: skip


def _objectives(result: Result) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Values of measures by window, compared with bounds on their means; without a value (no outage) all is well."""
    windows = result.windows
    windows = windows[windows["measure"].isin([one["measure"] for one in result.thresholds])]
    for one in result.thresholds:
        if one["aggregate"] != "mean" or one["scope"] or windows.empty:
            continue
        mine = windows["component"].eq(one["component"]) & windows["measure"].eq(one["measure"])
        rows = windows[mine & windows["variant"].eq(one["variant"])]
        values = rows["value"].to_numpy()
        kept = np.isnan(values) | COMPARE[one["op"]](values, float(one["value"]))
        yield f"{verdicts.subject(one)} {verdicts.asked(one)}", one["variant"], rows[["window"]].assign(met=kept)


def _agreements(result: Result) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for (variant, name), rows in result.sla.groupby(["variant", "agreement"], sort=False):
        yield f"agreement {name}", str(variant), rows[["window", "met"]]


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    counts = rows.groupby("window")["met"].agg(["sum", "count"])
    found = [proportion(int(met), int(n), LEVEL) for met, n in zip(counts["sum"], counts["count"], strict=True)]
    return pd.DataFrame({"window": counts.index, "kept": [one.mean for one in found],
                         "low": [one.ci_low for one in found], "high": [one.ci_high for one in found],
                         "n": counts["count"].to_numpy()})  # fmt: skip


@styled
def attainment(result: Result, variant: str | None = None) -> Figure:
    """The share of replications that keep each objective or agreement in each window, with exact 95 % intervals.

    Raises UsageError if nothing is judged in more than one window.
    """
    found = attained(result, variant)
    if not found:
        raise UsageError("no objective or agreement is judged in more than one window")
    figure = Figure(figsize=(WIDTH_IN, 0.5 + 1.25 * len(found)), layout="constrained")
    panels = figure.subplots(len(found), 1, sharex=True, squeeze=False)[:, 0]
    for axes, one in zip(panels, found, strict=True):
        _panel(axes, one)
    panels[-1].set_xlabel(f"window (95 % intervals, {int(found[0].table['n'].max()):,} replications)")
    panels[-1].xaxis.set_major_locator(MaxNLocator(14, integer=True))
    return figure


def _panel(axes: Axes, one: Attained) -> None:
    at, kept = one.table["window"] + 1, one.table["kept"]
    axes.vlines(at, one.table["low"], one.table["high"], color=BLUE, lw=2.0)
    axes.plot(at, kept, "o", color=BLUE)
    missed = 1.0 - float(one.table["low"].min())
    step = next(step for step in STEPS if missed <= 4.0 * step)
    axes.set_ylim(max(1.0 - 1.1 * missed, -0.05), 1.0 + 0.08 * missed)
    axes.yaxis.set_major_locator(FixedLocator([1.0 - place * step for place in range(5) if place * step <= 1.0]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: format_share(round(share, 6))))
    axes.set_title(short(one.name, 90))
    axes.set_ylabel("kept in")
