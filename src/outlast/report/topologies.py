"""The table of topologies for the terminal: what each costs, how well it works, which are worth their price."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.errors import printable
from outlast.report.readable import NOTHING, readable
from outlast.report.terminal import PLAIN_WIDTH
from outlast.units import format_number

if TYPE_CHECKING:
    from outlast.study.pareto import Topologies

TITLES = {"cost": "cost", "losses": "losses in it", "availability": "availability", "rto_p95": "RTO p95",
          "p_met": "P(objectives met)", "avoided_h": "downtime avoided", "per_avoided_h": "price of an hour",
          "next_nine": "a nine more"}  # fmt: skip
MONEY = ("cost", "losses")  # columns whose unit is in the title
UNITS = {"availability": "share", "rto_p95": "s", "p_met": "share"}
COLORS = {"efficient": "green", "dominated": "red", "perhaps dominated": "yellow"}


def print_topologies(found: Topologies, file: IO[str] | None = None) -> None:
    """file: stdout by default; plain text if it is no terminal."""
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH, color_system=None)
    console.print(_table(found, box.SIMPLE_HEAD if console.is_terminal else None))
    console.print()
    for line in conclusions(found):
        console.print(Text(line))


def header(found: Topologies) -> list[str]:
    """Titles of the columns; those without any value are left out."""
    unit = found.table["unit"].iloc[0]
    titles = [f"{title}, {unit}" if name in MONEY else title for name, title in TITLES.items() if _has(found, name)]
    return ["topology", *titles, "verdict"]


def _has(found: Topologies, name: str) -> bool:
    return not bool(found.table[name].isna().all())


def cells(found: Topologies, row: Any, between: str = " ") -> list[str]:
    """One topology for people: every value, and after `between` its interval."""
    texts = [printable(row["variant"]), *(_cell(name, row, between) for name in TITLES if _has(found, name))]
    by = f" by {printable(row['dominated_by'])}" if row["dominated_by"] else ""
    return [*texts, row["verdict"] + by]


def _cell(name: str, row: Any, between: str = " ") -> str:
    value = row[name]
    if isinstance(value, str):
        return value
    unit, hourly = str(row["unit"]), str(row["unit"]).replace("/y", "/h")
    if name == "avoided_h":
        return f"{format_number(value)} h/y"
    unit = UNITS.get(name, hourly if name == "per_avoided_h" else unit)
    if math.isnan(value):
        return NOTHING
    if name in MONEY:
        return _money(name, row, between)
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = ", ".join(readable(end, unit, high - low).removesuffix(f" {unit}") for end in (low, high))
    return f"{readable(value, unit, high - low)}{between}[{ends}]"


def _money(name: str, row: Any, between: str) -> str:
    """Without its unit."""
    values = [row[key] for key in (name, f"{name}_low", f"{name}_high") if key in row]
    value, *ends = [readable(one, str(row["unit"])).removesuffix(f" {row['unit']}") for one in values]
    return f"{value}{between}[{', '.join(ends)}]" if ends else value


def conclusions(found: Topologies) -> Iterator[str]:
    """Sentences: the front, and the cheapest next nine."""
    table = found.table
    yield (f"worth their price by {', '.join(found.by)} of {printable(found.of)}: "
           f"{printable(', '.join(found.front))}")  # fmt: skip
    if not found.next_nine:
        yield f"the cheapest next nine: none of these has a tenth of the downtime of {printable(table['variant'][0])}"
        return
    row = table[table["variant"] == found.next_nine].iloc[0]
    extra, word = abs(row["extra_cost"]), "more" if row["extra_cost"] >= 0 else "less"
    than = f"{readable(extra, str(row['unit']))} {word} than {printable(table['variant'][0])}"
    text = f"the cheapest next nine: {printable(found.next_nine)}, {than}"
    text += f", {format_number(row['avoided_h'])} h of downtime less a year"
    if not math.isnan(row["per_avoided_h"]):
        text += f", {_cell('per_avoided_h', row)} spent for each"
    yield text + ("" if row["next_nine"] == "shown" else " (estimated, not shown: run more replications)")


def _table(found: Topologies, frame: box.Box | None) -> Table:
    table = Table(box=frame, pad_edge=False)
    for place, title in enumerate(header(found)):
        table.add_column(title, justify="right" if 0 < place < len(header(found)) - 1 else "left")
    for row in found.table.to_dict("records"):
        *texts, verdict = cells(found, row, "\n")
        table.add_row(*map(Text, texts), Text(verdict, style=COLORS.get(row["verdict"], "")))
    return table


def markdown(found: Topologies) -> Iterator[str]:
    """Lines of the same as a Markdown table."""
    yield "| " + " | ".join(header(found)) + " |"
    yield "|" + " --- |" * len(header(found))
    for row in found.table.to_dict("records"):
        yield "| " + " | ".join(text.replace("|", "\\|") for text in cells(found, row)) + " |"
    for line in conclusions(found):
        yield f"\n{line}"
