"""Tables of estimates for the terminal: every number with its interval and n, its method as a footnote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.errors import printable
from outlast.report import exact
from outlast.report.readable import EVERYWHERE, readable

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.results import Result

PLAIN_WIDTH = 200  # where nobody looks at a screen, lines are not broken


def print_estimates(result: Result, file: IO[str] | None = None, *, scopes: bool = True) -> None:
    """Print the estimates, grouped by component. file: stdout by default; plain text if it is no terminal.

    scopes: with those narrowed to causes of one scope (zone, region, ...), else over all causes only.
    """
    console = console_for(file)
    console.print(Text(heading(result)), style="bold")
    if result.chains:
        console.print(exact.table(result, box.SIMPLE_HEAD if console.is_terminal else None))
        for reason in exact.reasons(result):
            console.print(Text(printable(reason)), style="dim")
        return
    if result.estimates.empty:
        console.print("no finished replication, no estimates")
        return
    shown = result.estimates if scopes else result.estimates[result.estimates["scope"] == EVERYWHERE]
    methods = list(dict.fromkeys(shown["method"]))
    console.print(_table(shown, methods, box.SIMPLE_HEAD if console.is_terminal else None))
    for number, method in enumerate(methods, start=1):
        console.print(Text(f"[{number}] {printable(method)}"), style="dim")


def console_for(file: IO[str] | None = None) -> Console:
    """A terminal as wide as it is; where nobody looks at a screen, plain long lines."""
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        return console
    return Console(file=file, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH, color_system=None)


def heading(result: Result) -> str:
    """`two-region: 200 replications, seed 1, engine kernel`, or how large the chain of an exact result is."""
    if result.chains:
        return exact.heading(result)
    count = f"{result.n}"
    if result.interrupted:
        count += f" of {result.origin.requested} (interrupted)"
    return f"{printable(result.scenario_name)}: {count} replications, seed {result.seed}, engine {result.engine}"


def _table(estimates: pd.DataFrame, methods: list[str], frame: box.Box | None) -> Table:
    many_variants = estimates["variant"].nunique() > 1
    scoped = bool((estimates["scope"] != EVERYWHERE).any())
    table = Table(box=frame, pad_edge=False)
    for title, wanted in (
        ("variant", many_variants),
        ("component", True),
        ("measure", True),
        ("scope", scoped),
    ):
        if wanted:
            table.add_column(title)
    table.add_column("estimate", justify="right")
    table.add_column(f"{estimates['level'].iloc[0]:.0%} interval")
    table.add_column("n", justify="right")
    table.add_column("method")
    for cells, ends in _rows(estimates, methods):
        dropped = {place for place, wanted in ((0, many_variants), (3, scoped)) if not wanted}
        kept = [Text(cell) for place, cell in enumerate(cells) if place not in dropped]
        table.add_row(*kept, end_section=ends)
    return table


def _rows(estimates: pd.DataFrame, methods: list[str]) -> Iterator[tuple[list[str], bool]]:
    """Cells of every row, and whether a component ends with it; its name stands in its first row only."""
    rows: list[Any] = list(estimates.itertuples(index=False))
    order = list(dict.fromkeys((row.variant, row.component) for row in rows))
    rows.sort(key=lambda row: order.index((row.variant, row.component)))
    previous = None
    for place, row in enumerate(rows):
        group = (row.variant, row.component)
        following = rows[place + 1] if place + 1 < len(rows) else None
        names = ["", ""] if group == previous else [printable(row.variant), printable(row.component)]
        low, high = (readable(bound, row.unit, row.ci_high - row.ci_low) for bound in (row.ci_low, row.ci_high))
        yield (
            [
                *names,
                printable(row.measure),
                printable(row.scope) or "all",
                readable(row.mean, row.unit, row.ci_high - row.ci_low),
                f"[{low}, {high}]",
                f"{row.n:,}",
                f"[{methods.index(row.method) + 1}]",
            ],
            following is None or (following.variant, following.component) != group,
        )
        previous = group
