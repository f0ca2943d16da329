"""Verdicts of objectives in words: what was asked, what was found, how much of what is allowed was used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite, nan
from typing import Any

from outlast.report.readable import interval, readable, span
from outlast.run.objectives import ADVICE

MET, NOT_MET, UNCERTAIN = "met", "not met", "uncertain"
BOUNDS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}

Row = Mapping[str, Any]


def asked(row: Row) -> str:
    """`at least 99.95 %`."""
    return f"{BOUNDS[str(row['op'])]} {readable(float(row['value']), row['unit'])}"


def subject(row: Row) -> str:
    """`ranker.availability`, `db.rto p95 over outages`."""
    which = "" if row["aggregate"] == "mean" else f" {row['aggregate']} over {row['over']}"
    return f"{row['component']}.{row['measure']}{which}"


def scope(row: Row) -> str:
    """` (scope zone)`, or nothing."""
    return f" (scope {row['scope']})" if row["scope"] else ""


def found(row: Row) -> str:
    """`99.97 % [99.96 %, 99.98 %], n=100`."""
    if row["mean"] is None:
        return f"no estimate, n={row['n']:,}" if row["n"] else "no value"
    if not row["n"]:
        return f"{readable(row['mean'], row['unit'])}, exact"
    return f"{span(row['mean'], *ends(row), row['unit'])}, n={row['n']:,}"


def kept(row: Row) -> str:
    """How often it was kept, where it is about single outages or losses; else ""."""
    if not row.get("events"):
        return ""
    low, high = row["p_met_low"], row["p_met_high"]
    share = f"{readable(row['p_met'], 'share', high - low)} {interval(low, high, 'share')}"
    return f"kept in {share} of {row['events']:,}"


def remark(row: Row) -> str:
    """What is to be said of this objective alone; advice for several stands below them."""
    return "" if row["note"] in ADVICE else str(row["note"])


def advice(rows: Iterable[Row]) -> list[str]:
    """What could decide those that are uncertain, each advice once."""
    notes = dict.fromkeys(str(row["note"]) for row in rows if row["note"] in ADVICE)
    return [f"uncertain, because {note}" for note in notes]


def ends(row: Row) -> tuple[float, float]:
    """The interval; a stored result has no infinity."""
    low, high = row["ci_low"], row["ci_high"]
    return (-inf if low is None else low), (inf if high is None else high)


def used(row: Row) -> tuple[float, float, float]:
    """Which share of what an objective allows is used: estimate and interval, 1 at the bound, more than 1 beyond it.

    Of a share that must be at least b, 1 - b is allowed; of any other lower bound b, b / value is used. NaN where that
    has no meaning.
    """
    if row["mean"] is None:
        return nan, nan, nan
    low, high = ends(row)
    parts = [_used(value, row) for value in (row["mean"], low, high)]
    return parts[0], min(parts[1:]), max(parts[1:])


def _used(value: float, row: Row) -> float:
    bound = float(row["value"])
    if row["op"] in ("<", "<="):
        return value / bound if bound > 0.0 else nan
    if row["unit"] == "share":
        return (1.0 - value) / (1.0 - bound) if bound < 1.0 else nan
    if not isfinite(value) or value <= 0.0:
        return 0.0 if value > 0.0 else inf
    return bound / value
