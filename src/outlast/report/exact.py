"""The table of an exact result: each measure over the measured time and in the long run; nothing is an estimate."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from outlast.errors import printable
from outlast.report.readable import readable

if TYPE_CHECKING:
    from outlast.run.results import Result

FIRST = "first outage, mean time from the start"
TITLES = ("variant", "component", "measure", "exact, over the horizon", "exact, in the long run")


def heading(result: Result) -> str:
    """`two-region: exact, 432 states`."""
    several = len(result.chains) > 1
    sizes = [f"{chain['states']:,} states" + (f" ({chain['variant']})" if several else "") for chain in result.chains]
    return f"{printable(result.scenario_name)}: exact, {', '.join(sizes)}"


def cells(result: Result) -> Iterator[list[str]]:
    """Rows of the table, all columns: variant, component, measure, over the horizon, in the long run."""
    frame = result.long_run
    names = zip(frame["variant"], frame["component"], frame["measure"], strict=True)
    steady = dict(zip(names, frame["value"], strict=True))
    rows: list[Any] = list(result.estimates.itertuples(index=False))
    for chain in result.chains:
        variant = chain["variant"]
        first = {row["component"]: row["mean_s"] for row in chain["first_outage"]}
        mine = [row for row in rows if row.variant == variant]
        for component in dict.fromkeys(row.component for row in mine):
            for row in mine:
                if row.component == component:
                    long_run = steady.get((variant, component, row.measure), nan)
                    yield [variant, component, row.measure, readable(row.mean, row.unit), _shown(long_run, row.unit)]
            if component in first:
                yield [variant, component, FIRST, _never(first[component]), ""]


def _shown(value: float | None, unit: str) -> str:
    return readable(nan if value is None else value, unit)


def _never(seconds: float | None) -> str:
    """A stored result has no infinity."""
    return "never" if seconds is None or seconds == float("inf") else readable(seconds, "s")


def reasons(result: Result) -> list[str]:
    """`longest_outage: no exact value: ...`, once per measure."""
    frame = result.estimates
    missing = frame[frame["method"].str.startswith("no exact value")]
    pairs = zip(missing["measure"], missing["method"], strict=True)
    return list(dict.fromkeys(f"{measure}: {method}" for measure, method in pairs))


def table(result: Result, frame: box.Box | None) -> Table:
    """The table for a terminal; names that repeat stand in their first row only."""
    several = len(result.chains) > 1
    shown = Table(box=frame, pad_edge=False)
    for place, title in enumerate(TITLES):
        if several or title != "variant":
            shown.add_column(title, justify="right" if place > 2 else "left")
    previous: list[str] = []
    for row in cells(result):
        names = ["", ""] if row[:2] == previous else [printable(name) for name in row[:2]]
        shown.add_row(*(Text(cell) for cell in [*names, *row[2:]][0 if several else 1 :]))
        previous = row[:2]
    return shown
