"""Studies of sensitivity for people: tables for the terminal, and figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.errors import UsageError, printable
from outlast.report.differences import signed
from outlast.report.readable import DURATIONS, NOTHING, readable
from outlast.report.style import BLUE, INK, ORANGE, ROW_IN, WIDTH_IN, DurationLocator, styled
from outlast.report.terminal import PLAIN_WIDTH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from outlast.study.sensitivity import Sensitivity

PREFIXES = ("components.", "providers.", "regions.", "links.", "teams.", "shocks.")
FINER = 10  # digits of shares: as for an interval so many times narrower
LOW_COLOR, HIGH_COLOR = BLUE, ORANGE


def print_sensitivity(study: Sensitivity, file: IO[str] | None = None) -> None:
    """The parameters, then by measure: its uncertainty, its tornado, its Sobol indices. file: stdout by default."""
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH, color_system=None)
    _print(console, ("parameter", "low", "high", "what is known", "belief"), parameter_rows(study.parameters))
    for component, measure in measures(study):
        console.print()
        console.print(Text(printable(f"{component}: {measure}")), style="bold")
        for line in spread_lines(_of(study.uncertainty, component, measure)):
            console.print(Text(line))
        bars = _of(study.tornado, component, measure)
        if len(bars):
            level = bars["level"].iloc[0]
            title = "exact" if level == 1.0 else f"{level:.0%} interval"
            _print(console, ("one at a time", "low", "high", "from low to high", title), bar_rows(bars))
        shares = _of(study.sobol, component, measure)
        if len(shares):
            level = f"{shares['level'].iloc[0]:.0%} interval"
            _print(console, ("variance due to", "alone", level, "in all", level), share_rows(shares))


def measures(study: Sensitivity) -> list[tuple[str, str]]:
    """(component, measure) of a study, in order."""
    pairs = zip(study.tornado["component"], study.tornado["measure"], strict=True)
    return list(dict.fromkeys((str(component), str(measure)) for component, measure in pairs))


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, columns as attributes; their types are those of `run.columns.STUDIES`."""
    return iter(table.itertuples(index=False))


def parameter_rows(parameters: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for row in _rows(parameters):
        yield short(str(row.path)), str(row.low), str(row.high), str(row.known), str(row.belief)


def spread_lines(table: pd.DataFrame) -> Iterator[str]:
    """In words: the mean and the interval from the parameters, the half-width of the simulation, whose variance."""
    for row in _rows(table):
        if math.isnan(row.mean):
            yield f"uncertainty: {row.method}"
            continue
        yield from _said(row)


def _said(row: Any) -> Iterator[str]:
    width = (row.high - row.low) / FINER
    low, high = readable(row.low, row.unit, width), readable(row.high, row.unit, width)
    yield (f"parameters: mean {readable(row.mean, row.unit, width)}, {row.predicted:.0%} of what is believed lies in "
           f"[{low}, {high}] ({row.draws} draws: mean {_within(row.draw_half_width, row.unit)})")  # fmt: skip
    if row.n == 1:
        yield f"simulation: none, solved exactly; standard deviation due to the parameters {_deviation(row)}"
        return
    yield f"simulation: mean {_within(row.simulation_half_width, row.unit)} ({row.n} replications)"
    total = row.parameter_std**2 + row.luck_std**2
    share = f"{100 * row.parameter_std**2 / total:.0f} %" if total > 0 else NOTHING
    yield (f"of one future: {share} of the variance due to the parameters (standard deviation {_deviation(row)}), the "
           f"rest to luck ({_size(row.luck_std, row.unit)})")  # fmt: skip


def _deviation(row: Any) -> str:
    low, high = _size(row.parameter_std_low, row.unit), _size(row.parameter_std_high, row.unit)
    return f"{_size(row.parameter_std, row.unit)} [{low}, {high}]"


def _size(value: float, unit: str) -> str:
    """A difference without a sign."""
    return signed(value, unit).removeprefix("+")


def _within(half: float, unit: str) -> str:
    return f"\N{PLUS-MINUS SIGN}{_size(half, unit)}"


def bar_rows(bars: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for row in _rows(bars):
        unit = str(row.unit)
        ends = [f"{readable(mean, unit, abs(row.swing_difference) / FINER)} ({value})"
                for mean, value in ((row.low_mean, row.low), (row.high_mean, row.high))]  # fmt: skip
        interval = f"[{signed(row.swing_ci_low, unit)}, {signed(row.swing_ci_high, unit)}]"
        yield short(str(row.path)), *ends, signed(row.swing_difference, unit), interval


def share_rows(shares: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for row in _rows(shares):
        if math.isnan(row.first):
            yield short(str(row.path)), NOTHING, str(row.method), NOTHING, ""
            continue
        cells = (_part(row.first), f"[{_part(row.first_low)}, {_part(row.first_high)}]", _part(row.total),
                 f"[{_part(row.total_low)}, {_part(row.total_high)}]")  # fmt: skip
        yield short(str(row.path)), *cells


def _part(share: Any) -> str:
    return "unbounded" if math.isinf(share) else f"{share:.3f}"


def short(path: str) -> str:
    """A path without its section."""
    return next((path.removeprefix(prefix) for prefix in PREFIXES if path.startswith(prefix)), path)


@styled
def tornado(study: Sensitivity, component: str, measure: str) -> Figure:
    """Bars of one measure, the widest on top: its difference to the base at both ends of each parameter, with
    intervals. Raises UsageError if the study has no such measure, or no parameter matters for it."""
    bars = _of(study.tornado, component, measure)
    bars = bars[np.isfinite(bars["low_difference"]) & np.isfinite(bars["high_difference"])]
    if bars.empty:
        raise UsageError(f"no tornado of {component}.{measure}")
    figure = Figure(figsize=(WIDTH_IN, 1.4 + 1.5 * ROW_IN * len(bars)), layout="constrained")
    axes: Axes = figure.subplots()
    unit, places = str(bars["unit"].iloc[0]), np.arange(len(bars))
    for end, color in (("low", LOW_COLOR), ("high", HIGH_COLOR)):
        mean = bars[f"{end}_difference"].to_numpy()
        around = np.abs(np.array([mean - bars[f"{end}_ci_low"], bars[f"{end}_ci_high"] - mean]))
        axes.barh(places, mean, color=color, alpha=0.7, label=f"{end} value", height=0.6)
        axes.errorbar(mean, places, xerr=np.nan_to_num(around, posinf=0.0), fmt="none", ecolor=INK, capsize=2)
    names = [f"{short(row.path)}\n{row.low} to {row.high}" for row in bars.itertuples(index=False)]
    axes.set_yticks(places, names, fontsize="small")
    axes.invert_yaxis()
    axes.axvline(0.0, color=INK, lw=0.8)
    axes.xaxis.set_major_locator(DurationLocator(4) if unit in DURATIONS else MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, unit)))
    axes.set_title(f"{component}: {measure}, from {readable(bars['base_mean'].iloc[0], unit)}", loc="left",
                   fontsize="medium")  # fmt: skip
    axes.legend(fontsize="small")
    return figure


@styled
def sobol(study: Sensitivity, component: str, measure: str) -> Figure:
    """First-order and total indices of one measure with their intervals. Raises UsageError if the study has none."""
    shares = _of(study.sobol, component, measure)
    shares = shares[np.isfinite(shares["first"])]
    if shares.empty:
        raise UsageError(f"no Sobol indices of {component}.{measure}")
    figure = Figure(figsize=(WIDTH_IN, 1.4 + 1.5 * ROW_IN * len(shares)), layout="constrained")
    axes: Axes = figure.subplots()
    places = np.arange(len(shares))
    for kind, shift in (("first", -0.12), ("total", 0.12)):
        mean = shares[kind].to_numpy()
        around = np.nan_to_num(shares[f"{kind}_high"].to_numpy() - mean, posinf=0.0)
        axes.errorbar(mean, places + shift, xerr=around, fmt="o", capsize=3, label=kind)
    axes.set_yticks(places, [short(path) for path in shares["path"]], fontsize="small")
    axes.invert_yaxis()
    axes.axvline(0.0, color=INK, lw=0.8)
    axes.set_xlabel(f"share of the variance, {shares['level'].iloc[0]:.0%} intervals, {shares['rows'].iloc[0]} rows")
    axes.set_title(f"{component}: {measure}", loc="left", fontsize="medium")
    axes.legend(fontsize="small")
    return figure


def _of(table: pd.DataFrame, component: str, measure: str) -> pd.DataFrame:
    return table[(table["component"] == component) & (table["measure"] == measure)]


def _print(console: Console, titles: Sequence[str], rows: Iterator[tuple[str, ...]]) -> None:
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for title in titles:
        table.add_column(title)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print()
    console.print(table)
