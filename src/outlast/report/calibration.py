"""A calibration for people: tables for the terminal, and the figure that shows how well the laws fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from rich import box
from rich.table import Table
from rich.text import Text

from outlast.errors import UsageError, printable
from outlast.report.figures import ROUND_DURATIONS_S
from outlast.report.readable import NOTHING
from outlast.report.terminal import console_for
from outlast.stats.lifetimes import FIRST, QUIET, SEEN, SHORT, Sample, Values
from outlast.study.calibration import FAILURE, REPAIR, Calibration
from outlast.units import format_duration, format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.console import Console

WORDS = {FAILURE: "time to failure", REPAIR: "repair"}
MOST_COMPONENTS = 8  # in one figure
PERCENT = (1, 5, 10, 25, 50, 75, 90, 99)
STYLES = {"exponential": ("tab:gray", "-"), "weibull": ("tab:blue", "--"), "lognormal": ("tab:orange", "-."),
          "gamma": ("tab:purple", ":")}  # fmt: skip
WIDTH_IN, ROW_IN = 10.0, 3.2
_DAY_S = 86_400.0


def print_calibration(found: Calibration, file: IO[str] | None = None, everything: bool = False) -> None:
    """The chosen laws with intervals, all laws tried, checks. everything: of all components, not only the first few."""
    console = console_for(file)
    count, names = len(found.incidents), found.components
    console.print(Text(f"{count:,} incidents of {len(names)} component{'s' if len(names) > 1 else ''}"), style="bold")
    shown = names if everything else names[:MOST_COMPONENTS]
    level = f"{100 * found.level:g} % interval"
    _print(console, "chosen laws",
           ("component", "of", "law", "parameter", "estimate>", level, "events>", "method"),
           _parameters(found, shown))  # fmt: skip
    _print(console, "laws tried",
           ("component", "of", "law", "AIC>", "log-likelihood>", "mean>", "Anderson-Darling>", "p>", ""),
           _laws(found, shown))  # fmt: skip
    _print(console, "do incidents come singly?", ("component", "check", "found>", "if independent>", "p>", ""),
           _checks(found, shown))  # fmt: skip
    if len(shown) < len(names):
        console.print(Text(f"and {len(names) - len(shown)} more components: --all shows them"), style="dim")


def _print(console: Console, title: str, columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> None:
    """A table under a heading; a title that ends in `>` is of a column of numbers; a first cell is not repeated."""
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for column in columns:
        table.add_column(column.removesuffix(">"), justify="right" if column.endswith(">") else "left")
    previous: tuple[str, ...] = ("", "")
    for row in rows:
        same = row[0] == previous[0], row[:2] == previous[:2]
        cells = ["" if same[0] else row[0], "" if same[1] else row[1], *row[2:]]
        table.add_row(*(Text(printable(cell)) for cell in cells))
        previous = row
    if table.row_count:
        console.print(Text(f"\n{title}"), style="bold")
        console.print(table)


def _parameters(found: Calibration, shown: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for row in _rows(found.parameters, shown):
        low, high = _value(row.ci_low, row.unit), _value(row.ci_high, row.unit)
        yield (row.component, WORDS[row.of], row.law, row.parameter, _value(row.value, row.unit), f"[{low}, {high}]",
               f"{row.n:,}", row.method)  # fmt: skip


def _laws(found: Calibration, shown: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for row in _rows(found.laws, shown):
        yield (row.component, WORDS[row.of], row.law, _number(row.aic, 1), _number(row.log_likelihood, 1),
               _value(row.mean_s, "s"), _number(row.anderson_darling, 3), _number(row.p, 3),
               ", ".join(word for word in ("chosen" if row.chosen else "", row.note) if word))  # fmt: skip


def _checks(found: Calibration, shown: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for row in _rows(found.checks, [*shown, ""]):
        yield (row.component or "all", row.check, format_number(row.statistic), format_number(row.expected),
               _number(row.p, 3), "warning" if row.alarm else "")  # fmt: skip


def _rows(table: Any, shown: Sequence[str]) -> list[Any]:
    return list(table[table["component"].isin(list(shown))].itertuples(index=False))


def _value(value: float, unit: str) -> str:
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "unbounded"
    return format_duration(value) if unit == "s" else f"{value:.3g}"


def _number(value: float, decimals: int) -> str:
    return NOTHING if math.isnan(value) else f"{value:.{decimals}f}"


def figure(found: Calibration, components: Sequence[str] = ()) -> Figure:
    """Per component: probability plots of the time to failure and of repairs on Weibull paper (exponential and Weibull
    laws are straight lines) with all laws tried, and incidents counted over time. Raises UsageError without any."""
    for name in components:
        if name not in found.components:
            raise UsageError(f"there is no component {name!r}", f"known: {', '.join(found.components[:20])}")
    chosen = [name for name in components or found.components if found.histories[name].outages][:MOST_COMPONENTS]
    if not chosen:
        raise UsageError("no incident, so there is nothing to draw")
    drawing = Figure(figsize=(WIDTH_IN, ROW_IN * len(chosen)), layout="constrained")
    papers = [of for of in (FAILURE, REPAIR) if any((name, of) in found.fits for name in chosen)]
    grid = drawing.subplots(len(chosen), len(papers) + 1, squeeze=False)
    for name, (*left, right) in zip(chosen, grid, strict=True):
        for axes, of in zip(left, papers, strict=True):
            _paper(axes, found, name, of)
        _over_time(right, found, name)
    return drawing


def _paper(axes: Axes, found: Calibration, component: str, of: str) -> None:
    """Weibull paper: ln(-ln(1 - F)) over ln t."""
    axes.set_title(f"{printable(component)}: {WORDS[of]}", loc="left", fontsize="medium", parse_math=False)
    fits = found.fits.get((component, of), [])
    points = _points(fits[0].sample) if fits else None
    if points is None or len(points[0]) < 2:
        why = "no complete time between failures" if of == FAILURE else "no complete repair"
        axes.text(0.5, 0.5, why, ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    times, reached = points
    axes.plot(np.log(times), _warped(reached), "o", ms=3, color="black", label="seen (Kaplan-Meier)", zorder=3)
    grid = np.linspace(math.log(times[0] / 1.5), math.log(times[-1] * 1.5), 200)
    for place, fit in enumerate(fits):  # the chosen one first
        with np.errstate(divide="ignore"):
            height = np.log(-fit.family.log_survival(fit.theta, np.exp(grid)))
        color, dashes = STYLES[fit.family.name]
        axes.plot(grid, height, color=color, ls=dashes, lw=1.0 if place else 2.5,
                  label=fit.family.name + ("" if place else ", chosen"))  # fmt: skip
    _durations(axes, grid)
    axes.set_ylim(min(_warped(reached)[0], _warped(np.array([0.01]))[0]) - 0.3, max(_warped(reached)[-1], 1.0) + 0.4)
    axes.yaxis.set_major_locator(FixedLocator(list(_warped(np.array(PERCENT) / 100.0))))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * -math.expm1(-math.exp(value)):.0f} %"))
    axes.set_ylabel("ended by then")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="x-small")


def _durations(axes: Axes, grid: Values) -> None:
    ticks = [t for t in ROUND_DURATIONS_S if grid[0] <= math.log(t) <= grid[-1]]
    if len(ticks) < 2:
        ticks = [float(f"{math.exp(x):.1g}") for x in np.linspace(grid[0], grid[-1], 4)[1:-1]]
    axes.xaxis.set_major_locator(FixedLocator([math.log(t) for t in ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_duration(float(f"{math.exp(value):.6g}"))))
    axes.tick_params(labelsize="small")


def _points(sample: Sample) -> tuple[Values, Values]:
    """Durations seen in full, ascending, and how many had ended by then: Kaplan and Meier, half a step back so that the
    last is below 1. Times to a first failure, whose beginning was not seen, are not shown."""
    kept = ~np.isin(sample.kind, (FIRST, QUIET))
    seconds, ended = sample.seconds[kept], np.isin(sample.kind[kept], (SEEN, SHORT))
    order = np.lexsort((~ended, seconds))
    seconds, ended = seconds[order], ended[order]
    left = np.cumprod(np.where(ended, 1.0 - 1.0 / (len(seconds) - np.arange(len(seconds))), 1.0))
    middle = 0.5 * (left + np.concatenate([[1.0], left[:-1]]))
    return seconds[ended], 1.0 - middle[ended]


def _warped(reached: Values) -> Values:
    return np.asarray(np.log(-np.log1p(-reached)))


def _over_time(axes: Axes, found: Calibration, component: str) -> None:
    """Incidents counted over calendar time; a straight line is a constant rate, steps are clusters."""
    history = found.histories[component]
    starts = np.array([one.start for one in history.outages])
    origin = starts[0] if history.since is None else history.since
    end = starts[-1] if history.until is None else history.until
    days = (np.concatenate([[origin], starts, [end]]) - origin) / _DAY_S
    count = np.concatenate([np.arange(len(starts) + 1), [len(starts)]])
    axes.step(days, count, where="post", color="black")
    axes.plot([0.0, days[-1]], [0, len(starts)], ls="--", lw=1.0, color="tab:blue", label="constant rate")
    axes.set_title(f"{printable(component)}: incidents", loc="left", fontsize="medium", parse_math=False)
    axes.set_xlabel("days since the " + ("first incident" if history.since is None else "start of observation"))
    axes.set_ylabel("incidents so far")
    axes.tick_params(labelsize="small")
    axes.legend(fontsize="x-small")
