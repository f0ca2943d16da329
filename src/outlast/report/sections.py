"""Sections below the table of estimates: agreements by contract window, and recovery as a distribution."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import IO, TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from outlast.errors import printable
from outlast.report.readable import readable
from outlast.report.terminal import console_for

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.results import Result

EXHAUSTION = "time_to_exhaustion"
QUANTILES = (0.5, 0.9, 0.95, 0.99)
SHORT = {  # quantiles that are shown when not all are
    "downtime": (0.5, 0.95, 0.99),
    "longest_outage": (0.95,),
    "budget_used": (0.95,),
    EXHAUSTION: (0.05,),
}
WORDS = {
    "p_met": "P(window met)",
    "expected_credit": "expected credit, share of the fee",
    "expected_claim": "expected claim, share of the fee",
    "downtime": "counted down time",
    "longest_outage": "longest outage",
    "budget_used": "error budget used",
    EXHAUSTION: "error budget used up after",
    "if_independent": "availability if its parts were independent",
    "promised": "promised by the agreements on its parts",
}


def print_agreements(result: Result, everything: bool = False, file: IO[str] | None = None) -> None:
    """Per agreement: what a contract window comes to, each number with its interval; everything: all quantiles."""
    found = result.sla_estimates
    if found.empty:
        return
    console = console_for(file)
    several = found["variant"].nunique() > 1
    for (variant, name), rows in found.groupby(["variant", "agreement"], sort=False):
        console.print()
        console.print(Text(_heading(str(name), str(variant) if several else "", rows)), style="bold")
        table = Table(box=None, pad_edge=True, show_header=False)
        for cells in _agreement(rows, everything):
            table.add_row(*map(Text, cells))
        console.print(table)


def _heading(name: str, variant: str, rows: pd.DataFrame) -> str:
    first: Any = rows.iloc[0]
    owed = f"owed by {first.owed_by}" if first.owed_by else "owed to customers"
    about = f", variant {variant}" if variant else ""
    windows = f"{first.windows} window{'s' if first.windows > 1 else ''}"
    text = f"agreement {name}: {first.component}, {owed}; {windows} in each of {first.n:,} replications{about}"
    return printable(text)


def _agreement(rows: pd.DataFrame, everything: bool) -> Iterator[tuple[str, str, str, str]]:
    for row in _tuples(rows):
        some = not math.isnan(row.quantile)
        if everything or not some or row.quantile in SHORT[row.measure]:
            words = WORDS[row.measure] + (f", in {100 * row.quantile:g} % of windows at most" if some else "")
            yield words, _value(row), _interval(row), row.method


def print_recovery(result: Result, components: Collection[str] | None, file: IO[str] | None = None) -> None:
    """Quantiles of recovery times, losses and parts per scope; components: of these only, None for all."""
    if components is not None and not components:
        return
    found = result.recovery
    found = found if components is None else found[found["component"].isin(components)]
    if found.empty:
        return
    console, many = console_for(file), found["variant"].nunique() > 1
    console.print()
    console.print(Text("recovery, by scope of the disruption"), style="bold")
    table = Table(box=None, pad_edge=True)
    titles = [*(["variant"] if many else []), "component", "scope", "what", *map(_title, QUANTILES), "share", "events"]
    for title in titles:
        table.add_column(title)
    for key, rows in found.groupby(["variant", "component", "scope", "what"], sort=False):
        assert isinstance(key, tuple)
        cells = [printable(str(name)) or "all" for name in (key if many else key[1:])]
        table.add_row(*map(Text, [*cells, *_distribution(rows), f"{rows['events'].iloc[0]:,}"]))
    console.print(table)


def _distribution(rows: pd.DataFrame) -> list[str]:
    by_quantile = {row.quantile: row for row in _tuples(rows) if not math.isnan(row.quantile)}
    share = next((row for row in _tuples(rows) if math.isnan(row.quantile)), None)
    times = [f"{_value(by_quantile[q])} {_interval(by_quantile[q])}" for q in QUANTILES]
    return [*times, f"{_value(share)} {_interval(share)}" if share is not None else ""]


def _tuples(rows: pd.DataFrame) -> list[Any]:
    return list(rows.itertuples(index=False))


def _title(q: float) -> str:
    return f"p{100 * q:g}"


def _value(row: Any) -> str:
    return _readable(row.value, row)


def _interval(row: Any) -> str:
    return f"[{_readable(row.ci_low, row)}, {_readable(row.ci_high, row)}]"


def _readable(value: float, row: Any) -> str:
    if getattr(row, "measure", "") == EXHAUSTION and math.isinf(value):
        return "never"
    return readable(value, row.unit, row.ci_high - row.ci_low)
