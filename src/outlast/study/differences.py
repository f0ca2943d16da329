"""Paired differences of two runs under the same luck, measure by measure, and what they show.

Verdicts: `better`, `worse` (the interval of the difference excludes 0), `different` (it does, for a measure of which
neither way is better), `no difference shown` (it does not), `exactly equal` (no replication differs), `no event seen`
(one side has no value at all).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from outlast.run import measures
from outlast.run.batch import Batch
from outlast.run.frames import frame
from outlast.stats import estimates
from outlast.stats.estimates import Estimate, Paired

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.run.batch import Floats

BETTER, WORSE, DIFFERENT = "better", "worse", "different"
NOT_SHOWN, EQUAL, NO_EVENT = "no difference shown", "exactly equal", "no event seen"
SAME_PROGRAM = "the same program"
LEVEL = 0.95

Key = tuple[str, str]  # component, measure


@dataclass(frozen=True)
class Pair:
    """The replications of two variants, row by row of equal numbers, and the measures that both publish."""

    base: Batch
    other: Batch

    @property
    def name(self) -> str:
        """`base -> other`."""
        return f"{self.base.variant} -> {self.other.variant}"

    def metrics(self) -> Iterator[tuple[Metric, Metric]]:
        """Those of the same name and unit, in order of the base."""
        theirs = catalogue(self.other)
        for key, metric in catalogue(self.base).items():
            if key in theirs and theirs[key].unit == metric.unit:
                yield metric, theirs[key]

    def unmatched(self) -> list[dict[str, str]]:
        """Measures that only one side publishes (or in another unit), as rows; side: "new" or "vanished"."""
        return [
            {"pair": self.name, "component": component, "measure": measure, "side": side}
            for side, mine, theirs in (("new", self.other, self.base), ("vanished", self.base, self.other))
            for component, measure in _unmatched(mine, theirs)
        ]

    @property
    def shared(self) -> bool:
        """Whether both are the same replications, because the programs are equal."""
        pairs = zip(self.base.outcomes, self.other.outcomes, strict=True)
        return all(one is other for one, other in pairs)

    def difference(self, metric: Metric, other: Metric, scope: str = "", level: float = LEVEL) -> Paired:
        """Other - base of one measure. Where no event was seen on either side the bounds of both are subtracted."""
        if self.shared and metric == other:  # prices may differ though programs are equal
            same = estimates.paired(np.zeros(len(self.base)), np.zeros(len(self.base)), level)
            return replace(same, method=SAME_PROGRAM)
        a, b = _terms(self.base, metric, scope), _terms(self.other, other, scope)
        if metric.complement and metric.kind in measures.POOLED:
            a, b = b, a  # (1 - b) - (1 - a) = a - b
        found = estimates.paired_ratio(a, b, level, metric.better != "lower")
        if not (_still(*a) and _still(*b)):
            return found
        bounds = [measures.estimate(batch, one, scope, (1.0 + level) / 2)
                  for batch, one in ((self.base, metric), (self.other, other))]  # fmt: skip
        return _bounded(found, *bounds) if all(e.method == estimates.NO_EVENT_BOUND for e in bounds) else found

    def common(self) -> Pair:
        """The replications that both have."""
        n = min(len(self.base), len(self.other))
        return Pair(*(Batch(one.program, one.outcomes[:n], one.variant) for one in (self.base, self.other)))

    def means(self, metric: Metric, other: Metric, scope: str = "") -> tuple[float, float]:
        """Estimates of base and other."""
        return _mean(self.base, metric, scope), _mean(self.other, other, scope)

    def scopes(self, metric: Metric, other: Metric) -> list[str]:
        """All causes, then every scope that either side has seen."""
        return ["", *sorted({*measures.scopes(self.base, metric), *measures.scopes(self.other, other)})]


def catalogue(batch: Batch) -> dict[Key, Metric]:
    """The metrics of a batch by component and measure."""
    return {(metric.component, metric.measure): metric for metric in batch.program.metrics}


def differences(pair: Pair, level: float = LEVEL) -> pd.DataFrame:
    """The frame `differences` of one pair; nothing without replications."""
    rows = []
    for metric, other in pair.metrics() if len(pair.base) else ():
        for scope in pair.scopes(metric, other):
            found = pair.difference(metric, other, scope, level)
            base_mean, other_mean = pair.means(metric, other, scope)
            rows.append({
                "pair": pair.name, "component": metric.component, "measure": metric.measure, "scope": scope,
                "base_mean": base_mean, "other_mean": other_mean,
                "mean": found.mean, "ci_low": found.ci_low, "ci_high": found.ci_high, "level": found.level,
                "p_better": found.p_better if metric.better else math.nan, "n_pairs": found.n,
                "method": found.method, "verdict": verdict(found, metric.better), "unit": metric.unit,
            })  # fmt: skip
    columns = frame("differences", {}).columns
    return frame("differences", {column: [row[column] for row in rows] for column in columns})


def verdict(found: Paired, better: str) -> str:
    """What a difference shows. better: which way the measure improves ("higher", "lower", "")."""
    if found.method in (estimates.IDENTICAL, SAME_PROGRAM):
        return EQUAL
    if math.isnan(found.mean):
        return NO_EVENT
    if found.ci_low <= 0.0 <= found.ci_high:
        return NOT_SHOWN
    if not better:
        return DIFFERENT
    return BETTER if (found.mean > 0.0) == (better == "higher") else WORSE


def _unmatched(mine: Batch, theirs: Batch) -> list[Key]:
    known = catalogue(theirs)
    return [key for key, metric in catalogue(mine).items() if key not in known or known[key].unit != metric.unit]


def _terms(batch: Batch, metric: Metric, scope: str) -> tuple[Floats, Floats]:
    """What the estimate of a metric is the pooled ratio of, by replication; for a mean, the values over ones."""
    over, under = measures.tally(batch, metric, scope).totals()
    if metric.kind in measures.POOLED and under is not None:
        return over * metric.scale, under
    return measures.values(metric, over, under), np.ones(len(over))


def _mean(batch: Batch, metric: Metric, scope: str) -> float:
    over, under = _terms(batch, metric, scope)
    if under.sum() == 0.0:
        return math.nan
    pooled = float(over.sum() / under.sum())
    return 1.0 - pooled if metric.complement and metric.kind in measures.POOLED else pooled


def _still(over: Floats, under: Floats) -> bool:
    """Whether all replications have the same value, as they have if nothing happened in any."""
    value = over[under > 0.0] / under[under > 0.0]
    return bool(len(value)) and float(np.ptp(value)) <= measures.ROUND_OFF


def _bounded(found: Paired, base: Estimate, other: Estimate) -> Paired:
    """No event on either side: as far apart as the bounds of both allow."""
    low, high = other.ci_low - base.ci_high, other.ci_high - base.ci_low
    return replace(found, mean=other.mean - base.mean, ci_low=low, ci_high=high, method=estimates.NO_EVENT_BOUND)
