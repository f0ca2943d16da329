"""Tables of a sweep and of a search for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.errors import UsageError, nearest_hint, printable, shown
from outlast.report.differences import COLORS, signed
from outlast.report.readable import EVERYWHERE, readable
from outlast.report.terminal import PLAIN_WIDTH

if TYPE_CHECKING:
    import pandas as pd

    from outlast.study.search import Found
    from outlast.study.sweep import Sweep


def measures(sweep: Sweep, wanted: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(component, measure) that are wanted, else all that differ between the cells, else all. Raises UsageError for an
    unknown one."""
    table = sweep.frame[sweep.frame["scope"] == EVERYWHERE]
    known = {f"{c}.{m}": (c, m) for c, m in zip(table["component"], table["measure"], strict=True)}
    for name in wanted:
        if name not in known:
            raise UsageError(f"the sweep does not measure {shown(name)}", nearest_hint(name, known, "measures"))
    if wanted:
        return [known[name] for name in dict.fromkeys(wanted)]
    moved = table[table["difference"].notna() & (table["difference"] != 0.0)]
    return list(dict.fromkeys(zip(moved["component"], moved["measure"], strict=True))) or list(known.values())


def print_sweep(sweep: Sweep, file: IO[str] | None = None, wanted: Sequence[str] = ()) -> None:
    """A table per measure: cells, estimates with intervals, differences to the first cell."""
    console = _console(file)
    for component, measure in measures(sweep, wanted):
        table = sweep.frame
        rows = table[(table["component"] == component) & (table["measure"] == measure) & (table["scope"] == EVERYWHERE)]
        console.print()
        console.print(Text(printable(f"{component}: {measure}")), style="bold")
        console.print(_table(rows, sweep.paths, box.SIMPLE_HEAD if console.is_terminal else None))


def print_found(found: Found, unit: str, file: IO[str] | None = None) -> None:
    """The values tried, then the answer."""
    console = _console(file)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for title in (found.path, "estimate", "interval", "n", "verdict"):
        table.add_column(title)
    for row in found.trials.itertuples(index=False):
        any_row: Any = row
        width = any_row.ci_high - any_row.ci_low
        mean, low, high = (readable(value, unit, width) for value in (any_row.mean, any_row.ci_low, any_row.ci_high))
        style = COLORS.get(any_row.verdict, "")
        table.add_row(any_row.value, mean, f"[{low}, {high}]", f"{any_row.n:,}", Text(any_row.verdict, style=style))
    console.print(table)
    console.print()
    console.print(Text(printable(found.sentence())))


def _console(file: IO[str] | None) -> Console:
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        return console
    return Console(file=file, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH, color_system=None)


def _table(rows: pd.DataFrame, paths: Sequence[str], frame: box.Box | None) -> Table:
    table = Table(box=frame, pad_edge=False)
    for path in paths:
        table.add_column(printable(path))
    table.add_column("estimate", justify="right")
    table.add_column(f"{rows['level'].iloc[0]:.0%} interval")
    table.add_column("difference", justify="right")
    for title in ("interval", "verdict"):
        table.add_column(title)
    for row in rows.to_dict("records"):
        unit, width = row["unit"], row["ci_high"] - row["ci_low"]
        mean, low, high = (readable(row[key], unit, width) for key in ("mean", "ci_low", "ci_high"))
        least, most = signed(row["difference_low"], unit), signed(row["difference_high"], unit)
        cells = [*(printable(str(row[path])) for path in paths), mean, f"[{low}, {high}]"]
        cells += [signed(row["difference"], unit), f"[{least}, {most}]"]
        verdict = str(row["verdict"])
        table.add_row(*map(Text, cells), Text(verdict, style=COLORS.get(verdict, "")))
    return table
