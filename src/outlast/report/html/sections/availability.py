"""How available everything is, and how often that is so in each window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from outlast.report.figures import availability
from outlast.report.html.blocks import Block, Chart, Table, Text
from outlast.report.html.material import Material
from outlast.report.readable import readable, span
from outlast.report.window_figure import attained, attainment
from outlast.units import format_duration

TITLE = "Availability"
PLACE = 30
MEASURES = ("availability", "downtime", "outages", "mean_outage", "longest_outage")


def blocks(material: Material) -> Iterator[Block]:
    """A figure with a table; what every window keeps."""
    table = material.estimates
    rows = table[table["component"].isin(material.components) & table["measure"].isin(MEASURES)]
    if not (rows["measure"] == "availability").any():
        return
    yield Chart(availability(material.result, material.components), "Availability", _words(material),
                _table(list(rows.itertuples(index=False)), len(material.variants) > 1))  # fmt: skip
    windows = attained(material.result, material.base)
    if windows:
        yield Chart(attainment(material.result, material.base), "Share of the replications that keep it, by window",
                    "Every window on its own: a bound that holds on average can still be missed in some months."
                    f"{_length(material)} The worst is {_worst(windows)}.",
                    Table(("what", "window>", "kept in>", "95 % interval>", "n>"), list(_windows(windows)),
                          fold="Numbers of this figure"))  # fmt: skip
    elif material.result.thresholds:
        yield Text("There is one window only. `window: 30 d` in the scenario says how often objectives are kept month "
                   "by month.", "quiet")  # fmt: skip


def _words(material: Material) -> str:
    missing = "An arrow: no outage was seen, and the interval says how bad it may be all the same."
    count = f"{material.result.n:,} replications" if material.result.n else "exact values"
    return f"Share of the time in which each works, {count}, on an axis of nines. {missing}"


def _table(rows: list[Any], several: bool) -> Table:
    """A row per component and variant."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        found.setdefault((row.component, row.variant), {})[row.measure] = row
    titles = ("component", *(["variant"] if several else []), *(f"{name.replace('_', ' ')}>" for name in MEASURES))
    cells = [[key[0], *([key[1]] if several else []), *(_cell(own.get(name)) for name in MEASURES)]
             for key, own in found.items()]  # fmt: skip
    return Table(titles, cells, fold="Numbers of this figure, with outages")


def _cell(row: Any) -> str:
    if row is None:
        return ""
    return span(row.mean, row.ci_low, row.ci_high, row.unit)


def _length(material: Material) -> str:
    window = 0.0 if material.scenario is None else material.scenario.spec.measuring_window
    return f" A window lasts {format_duration(window)}." if window else ""


def _worst(windows: list[Any]) -> str:
    rows = [(row.kept, one.name, row.window) for one in windows for row in one.table.itertuples(index=False)]
    kept, name, window = min(rows)
    return f"window {window + 1} of {name}: kept in {readable(kept, 'share')}"


def _windows(windows: list[Any]) -> Iterator[list[str]]:
    for one in windows:
        for row in one.table.itertuples(index=False):
            width = row.high - row.low
            kept, low, high = (readable(value, "share", width) for value in (row.kept, row.low, row.high))
            yield [one.name, f"{row.window + 1}", kept, f"[{low}, {high}]", f"{row.n:,}"]
