"""Incidents of one simulated history: outages of components, or failures of single items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.history import Stay

CRITICAL, HIGH, MODERATE = 1, 2, 3  # priority: of objectives; other components; single items
PRIORITIES = {CRITICAL: "1 - Critical", HIGH: "2 - High", MODERATE: "3 - Moderate"}


@dataclass(frozen=True)
class Incident:
    """item: what was down, a component or one unit of it; cause: the unit whose failure began it, "" for none; scope,
    source: level and place of that; open: not over at the end of the simulation."""

    number: str
    item: str
    component: str
    cause: str
    scope: str
    source: str
    start_s: float
    duration_s: float
    open: bool
    priority: int

    @property
    def end_s(self) -> float:
        """When it was over, or the simulation was."""
        return self.start_s + self.duration_s

    @property
    def words(self) -> str:
        """`outage of ranker, caused by dubai outage (region dubai)`."""
        what = "outage" if self.item == self.component and self.priority != MODERATE else "failure"
        cause = f", caused by {self.cause}" if self.cause and self.cause != self.item else ""
        place = f" ({self.scope} {self.source})" if cause and self.scope and self.source else ""
        return f"{what} of {self.item}{cause}{place}"


def of_outages(outages: pd.DataFrame, replication: int, critical: Iterable[str] = ()) -> list[Incident]:
    """From the frame `outages`, by start.  critical: components whose outages have the highest priority."""
    first = set(critical)
    rows = outages.sort_values(["start_s", "component"], kind="stable").to_dict("records")
    return [
        Incident(_number(replication, i), row["component"], row["component"], row["cause"], row["scope"], row["source"],
                 float(row["start_s"]), float(row["duration_s"]), bool(row["censored"]),
                 CRITICAL if row["component"] in first else HIGH)
        for i, row in enumerate(rows, start=1)
    ]  # fmt: skip


def of_failures(failures: Sequence[Stay], replication: int) -> list[Incident]:
    """From failures of units, by start."""
    return [
        Incident(_number(replication, i), one.unit, one.component, one.cause, one.scope, one.component, one.start,
                 one.end - one.start, one.open, MODERATE)
        for i, one in enumerate(failures, start=1)
    ]  # fmt: skip


def _number(replication: int, place: int) -> str:
    """`INC0007000012`: the twelfth of replication 7."""
    return f"INC{replication:04}{place:06}"
