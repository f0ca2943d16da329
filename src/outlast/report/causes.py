"""Where the downtime comes from, for the terminal: causes, parts, reruns without a cause, the worst outages."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.errors import printable
from outlast.report.readable import readable
from outlast.report.terminal import PLAIN_WIDTH
from outlast.stats.estimates import IDENTICAL
from outlast.study.causes import OTHER, label
from outlast.units import format_duration, format_number

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.results import Result
    from outlast.study.causes import Causes

TOP = 3
ADDED = "changes do not add up where failures overlap, or where one matters only beside another"
Rows = Iterable[Sequence[str]]


def print_causes(causes: Causes, file: IO[str] | None = None, *, worst: int = 10, everything: bool = False) -> None:
    """All tables that have rows. file: stdout by default; plain text if it is no terminal.

    everything: with components whose downtime a rerun leaves exactly as it is, else those are only counted.
    """
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH, color_system=None)
    level = f"{causes.causes['level'].iloc[0]:.0%} interval" if len(causes.causes) else ""
    shared = ("share of downtime>", level)
    _print(console, "causes", ("component", "cause", "outages>", "downtime>", "mean>", *shared), _causes(causes.causes))
    parts = causes.cause_parts
    named = parts[parts["component"].isin(parts.loc[parts["part"] != OTHER, "component"])]
    _print(console, "parts of the downtime", ("component", "part", "downtime>", *shared), _parts(named))
    reruns = causes.without
    moved = reruns if everything else reruns[reruns["method"] != IDENTICAL]
    titles = ("component", "without", "downtime>", "then>", "change>", level)
    _print(console, "without a cause, under the same luck", titles, _changes(moved))
    if len(reruns):
        still = len(reruns) - len(moved)
        console.print(Text(ADDED + (f"; {still} more are exactly unchanged" if still else "")), style="dim")
    titles = ("component", "cause", "begins>", "lasts>", "parts", "replication>")
    _print(console, "worst outages", titles, _worst(causes.worst(worst)))


def top_causes(result: Result) -> Iterator[str]:
    """`  ranker: zone uae-north.a 62 % [40 %, 84 %], ...` for every component that was down."""
    from outlast.study.causes import attributed

    table = attributed(result)
    several = table["variant"].nunique() > 1
    for (variant, component), rows in table[~table["drill"]].groupby(["variant", "component"], sort=False):
        top: list[Any] = list(rows.head(TOP).itertuples())
        texts = [f"{label(row.scope, row.source)} {_share(row)}" for row in top]
        more = f", {len(rows) - TOP} more" if len(rows) > TOP else ""
        about = f" ({variant})" if several else ""
        yield printable(f"  {component}{about}: {', '.join(texts)}{more}")


def replay(row: Any, file: str, seed: int, more: Sequence[str] = ()) -> str:
    """The command that shows an outage (a row of `Causes.worst`), event by event."""
    start, end = math.floor(row.start_s), math.ceil(row.start_s + row.duration_s)
    words = ["outlast", "trace", file, "--replication", str(row.replication), "--seed", str(seed), *more]
    return shlex.join([*words, "--from", f"{start} s", "--until", f"{end} s"])


def _print(console: Console, title: str, columns: Sequence[str], rows: Rows) -> None:
    """A table under a heading, nothing without rows. A title that ends in `>` is of a column of numbers."""
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for column in columns:
        table.add_column(column.removesuffix(">"), justify="right" if column.endswith(">") else "left")
    previous = ""
    for name, *cells in rows:
        table.add_row(*(Text(printable(cell)) for cell in ("" if name == previous else name, *cells)))
        previous = name
    if table.row_count:
        console.print(Text(f"\n{title}"), style="bold")
        console.print(table)


def _named(table: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """(name, row); the variant is named where there are several."""
    several = table["variant"].nunique() > 1
    for row in table.itertuples(index=False):
        yield f"{row.component} ({row.variant})" if several else str(row.component), row


def _share(row: Any) -> str:
    width = row.ci_high - row.ci_low
    return f"{readable(row.share, 'share', width)} {_interval(row)}"


def _interval(row: Any) -> str:
    width = row.ci_high - row.ci_low
    return f"[{readable(row.ci_low, 'share', width)}, {readable(row.ci_high, 'share', width)}]"


def _causes(table: pd.DataFrame) -> Rows:
    for name, row in _named(table):
        cause = label(row.scope, row.source) + (" (drill)" if row.drill else "")
        lasted = format_duration(row.downtime_s), format_duration(row.downtime_s / row.outages)
        share = readable(row.share, "share", row.ci_high - row.ci_low)
        yield name, cause, f"{row.outages:,}", *lasted, share, _interval(row)


def _parts(table: pd.DataFrame) -> Rows:
    for name, row in _named(table):
        share = readable(row.share, "share", row.ci_high - row.ci_low)
        yield name, row.part, format_duration(row.downtime_s), share, _interval(row)


def _changes(table: pd.DataFrame) -> Rows:
    for name, row in _named(table):
        ends = f"[{_percent(row.ci_low)}, {_percent(row.ci_high)}]"
        downs = format_duration(row.downtime_s), format_duration(row.downtime_without_s)
        yield name, row.without, *downs, _percent(row.change), ends


def _percent(change: float) -> str:
    """`-62.3 %`."""
    if not math.isfinite(change):
        return "unbounded"
    return f"{'+' if change > 0 else ''}{format_number(100 * change, 3)} %"


def _worst(table: pd.DataFrame) -> Rows:
    for name, row in _named(table):
        parts = ", ".join(f"{part} {format_duration(lasted)}" for part, lasted in row.parts.items())
        lasts = format_duration(row.duration_s) + (", cut off" if row.censored else "")
        cause = f"{row.scope} {row.cause}".strip() or label("", "")
        yield name, cause, format_duration(row.start_s), lasts, parts, f"{row.replication:,}"
