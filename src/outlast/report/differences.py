"""Tables of differences for the terminal: both values, the paired difference with its interval, the verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.errors import printable
from outlast.report.readable import EVERYWHERE, NOTHING, readable
from outlast.report.terminal import PLAIN_WIDTH
from outlast.units import format_number

if TYPE_CHECKING:
    import pandas as pd

COLORS = {"better": "green", "worse": "red", "different": "yellow", "failed": "red", "passed": "green",
          "inconclusive": "yellow"}  # fmt: skip
SHARE = "share"
EQUAL, NO_VALUE = "exactly equal", "no exact value"


def print_differences(table: pd.DataFrame, file: IO[str] | None = None, *, everything: bool = True) -> None:
    """One table per pair. file: stdout by default; plain text if it is no terminal.

    everything: with the rows narrowed to causes of one scope, and with components in which nothing differs; else
    those components are only named.
    """
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH, color_system=None)
    shown = table if everything else table[table["scope"] == EVERYWHERE]
    still = {} if everything else {pair: unmoved(shown[shown["pair"] == pair]) for pair in shown["pair"].unique()}
    moved = np.array([row.component not in still.get(row.pair, ()) for row in shown.itertuples()], dtype=bool)
    methods = [str(method) for method in shown.loc[moved, "method"].unique()]
    for pair in shown["pair"].unique():
        mine = shown["pair"] == pair
        console.print()
        n = shown.loc[mine, "n_pairs"].iloc[0]
        console.print(Text(printable(f"{pair}: {f'{n} pairs of replications' if n else 'exact'}")), style="bold")
        if (mine & moved).any():
            console.print(_table(shown[mine & moved], methods, box.SIMPLE_HEAD if console.is_terminal else None))
        if quiet := still.get(pair):
            same = "identical in every replication" if n else "exactly equal"
            console.print(Text(f"{same}: {printable(', '.join(quiet))}"), style="dim")
    for number, method in enumerate(methods if shown["n_pairs"].any() else (), start=1):
        console.print(Text(f"[{number}] {printable(method)}"), style="dim")


def unmoved(rows: pd.DataFrame) -> list[str]:
    """Components of a pair of which no measure differs in any replication."""
    base, other = rows["base_mean"], rows["other_mean"]
    same = rows["verdict"].isin([EQUAL, NO_VALUE]) | (base == other) | (base.isna() & other.isna())
    moved = set(rows.loc[~same, "component"])
    return [str(name) for name in rows["component"].unique() if name not in moved]


def cells(row: Any, methods: list[str]) -> tuple[str, ...]:
    """Cells of one row of `differences` for people: values, difference, interval, P(better), method, verdict."""
    width = row.ci_high - row.ci_low
    better = NOTHING if math.isnan(row.p_better) else f"{100 * row.p_better:.0f} %"
    interval = f"[{signed(row.ci_low, row.unit)}, {signed(row.ci_high, row.unit)}]" if row.n_pairs else NOTHING
    return (
        readable(row.base_mean, row.unit, width), readable(row.other_mean, row.unit, width),
        signed(row.mean, row.unit), interval, better,
        f"[{methods.index(row.method) + 1}]", row.verdict,
    )  # fmt: skip


def signed(value: float, unit: str) -> str:
    """A difference: with its sign, shares in percentage points (`-0.013 pp`)."""
    if not math.isfinite(value):
        return NOTHING if math.isnan(value) else "unbounded"
    sign = "+" if value > 0 else ""
    if unit == SHARE:
        return f"{sign}{format_number(100 * value, 3)} pp"
    return sign + readable(value, unit)


def _table(rows: pd.DataFrame, methods: list[str], frame: box.Box | None) -> Table:
    scoped = bool((rows["scope"] != EVERYWHERE).any())
    base, _, other = str(rows["pair"].iloc[0]).partition(" -> ")
    table = Table(box=frame, pad_edge=False)
    for title in ("component", "measure", *(["scope"] if scoped else [])):
        table.add_column(title)
    for title in (printable(base), printable(other), "difference"):
        table.add_column(title, justify="right")
    exact = rows["n_pairs"].iloc[0] == 0
    if not exact:
        table.add_column(f"{rows['level'].iloc[0]:.0%} interval")
        table.add_column("P(better)", justify="right")
        table.add_column("method")
    table.add_column("verdict")
    for names, row in _named(rows, scoped):
        *texts, verdict = cells(row, methods)
        texts = texts[:3] if exact else texts
        table.add_row(*names, *map(Text, texts), Text(verdict, style=COLORS.get(verdict, "")))
    return table


def _named(rows: pd.DataFrame, scoped: bool) -> Iterator[tuple[list[Text], Any]]:
    """(names, row) grouped by component, whose name stands in its first row only."""
    listed: list[Any] = list(rows.itertuples(index=False))
    order = list(dict.fromkeys(row.component for row in listed))
    listed.sort(key=lambda row: order.index(row.component))
    previous = None
    for row in listed:
        names = ["" if row.component == previous else row.component, row.measure]
        yield [Text(printable(name)) for name in (*names, *([row.scope or "all"] if scoped else []))], row
        previous = row.component
