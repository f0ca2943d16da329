"""Two solved scenarios beside each other: their differences are numbers without noise."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

from outlast.run.exact import CERTAIN, METHOD, Solved
from outlast.stats.estimates import Paired
from outlast.study.differences import EXACTLY_EQUAL, LEVEL, Side, Sides

if TYPE_CHECKING:
    from outlast.program.metrics import Metric

ROUNDING = 1e-11  # relative, of exact values: both sides are right to about 1e-12
ROUNDING_OF_ONE = 4e-16  # shares close to 1


@dataclass(frozen=True)
class SolvedSides(Sides):
    """Two solved scenarios and the measures that both publish."""

    base: Solved
    other: Solved

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.base, self.other

    def difference(self, metric: Metric, other: Metric, scope: str = "", level: float = LEVEL) -> Paired:
        """A single point, at any level; NaN, and why, where a side has no exact value."""
        (before, how), (after, also) = self.base.value(metric), self.other.value(other)
        method = also if how == METHOD else how
        found = after - before
        if method == METHOD and abs(found) <= _rounding(before, after, metric.unit):
            found, method = 0.0, EXACTLY_EQUAL
        return Paired(found, 0.0, found, found, CERTAIN, 0, method, nan, nan)

    def means(self, metric: Metric, other: Metric, scope: str = "") -> tuple[float, float]:
        return self.base.value(metric)[0], self.other.value(other)[0]

    def scopes(self, metric: Metric, other: Metric) -> list[str]:
        """Causes are not followed."""
        return [""]


def _rounding(before: float, after: float, unit: str) -> float:
    """How far equal values may be apart; of shares close to 1 their distance to 1 counts."""
    if isnan(before) or isnan(after):
        return 0.0
    largest = max(abs(before), abs(after))
    if unit != "share":
        return ROUNDING * largest
    return ROUNDING * min(largest, max(abs(1.0 - before), abs(1.0 - after))) + ROUNDING_OF_ONE
