"""What variants cost, item by item, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from outlast.errors import UsageError
from outlast.kinds.money import TOTAL
from outlast.report.readable import EVERYWHERE, readable
from outlast.report.stacks import stacked
from outlast.units import format_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from outlast.run.results import Result

ITEM = "cost_"


def costs(result: Result) -> Figure:
    """Cost of the whole platform by item, a bar per variant. Raises UsageError if nothing has a price."""
    rows = items(result)
    if rows.empty:
        raise UsageError("nothing has a price")
    bars: dict[str, dict[str, float]] = {}
    for variant, own in rows.groupby("variant", sort=False):
        values = {_words(name): float(value) for name, value in zip(own["measure"], own["mean"], strict=True)}
        bars[f"{variant}, {_total(values, own['unit'].iloc[0])}"] = {k: max(v, 0.0) for k, v in values.items()}
    return stacked(bars, f"cost, {rows['unit'].iloc[0]}", short_amount)


def _total(values: Mapping[str, float], unit: str) -> str:
    """What it comes to; claims, which come back, have no bar."""
    back = sum(value for value in values.values() if value < 0.0)
    text = readable(sum(values.values()), unit)
    return f"{text} after {readable(-back, unit)} of claims" if back else text


def short_amount(value: float) -> str:
    """`40 M`: of millions and more."""
    return f"{format_number(value / 1e6)} M" if abs(value) >= 1e6 else format_number(value)


def items(result: Result) -> pd.DataFrame:
    """Estimates of the items of the platform's cost."""
    table = result.estimates
    mine = table["component"].eq(TOTAL) & table["measure"].str.startswith(ITEM) & table["scope"].eq(EVERYWHERE)
    return table[mine]


def _words(measure: str) -> str:
    return measure.removeprefix(ITEM).replace("_", " ")
