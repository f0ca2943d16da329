"""What replications say about a threshold: an estimate, and which side of the bound its interval is on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from outlast.program.metrics import CONTRACT
from outlast.run import contract, measures, recovery
from outlast.stats import clustered, estimates
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.program.program import Program
    from outlast.run.batch import Batch
    from outlast.scenario.thresholds import Threshold

MEAN_OF = {recovery.RTO: "mean_outage"}
PASSED, FAILED, INCONCLUSIVE = "passed", "failed", "inconclusive"
AS_FAR_AS_SEEN = (estimates.NO_EVENT_BOUND, estimates.IDENTICAL_BOUND)  # methods whose intervals narrow with n
MOST_FURTHER = 10**9  # more replications than anybody runs
REPLICATIONS = "replications"
NO_VALUE = "no exact value"  # begins the method of a value that the exact engine does not have
EVENTS = {"mean_outage": "outages", "records": "records", CONTRACT: "windows"}  # kinds made of single values


def estimated(batch: Batch, threshold: Threshold, level: float) -> Estimate | None:
    """The mean or quantile with its interval; None where nothing was seen, or the measure is not published."""
    metric = published(batch.program, threshold)
    if metric is None or not len(batch):
        return None
    if threshold.scope and threshold.scope not in measures.scopes(batch, metric):
        return None
    if threshold.measure in (recovery.RTO, recovery.RPO) and threshold.quantile is not None:
        seen = recovery.events(batch, threshold.component, threshold.measure, threshold.scope)
        return recovery.quantile(seen, threshold.quantile, level) if len(seen.row) else None
    if threshold.quantile is None:
        found = measures.estimate(batch, metric, threshold.scope, level)
        return None if math.isnan(found.mean) else found
    if metric.kind == CONTRACT:
        return contract.quantile(batch, metric.component, metric.label, threshold.quantile, level)
    if metric.kind in EVENTS:
        rows, values = measures.events(batch, metric, threshold.scope)
        return clustered.quantile(values, rows, threshold.quantile, level) if len(rows) else None
    values = measures.values(metric, *measures.tally(batch, metric, threshold.scope).totals())
    values = values[np.isfinite(values)]
    return estimates.quantile(values, threshold.quantile, level) if len(values) else None


def over(batch: Batch, threshold: Threshold) -> str:
    """What a threshold is about: `replications`, `outages`, `records` or `windows`."""
    metric = published(batch.program, threshold)
    return REPLICATIONS if metric is None or threshold.quantile is None else EVENTS.get(metric.kind, REPLICATIONS)


def side(found: Estimate | None, op: str, value: float) -> str:
    """Passed if the whole interval meets the bound, failed if none of it does, else inconclusive."""
    if found is None:
        return INCONCLUSIVE
    low, high = found.ci_low, found.ci_high
    if op in ("<", "<="):
        low, high, value = -high, -low, -value
    strict = op in ("<", ">")
    if low > value or (low == value and not strict):
        return PASSED
    return FAILED if high < value or (high == value and strict) else INCONCLUSIVE


def further(found: Estimate | None, value: float, n: int, quantile: float | None = None) -> int | None:
    """About how many more replications than n would decide: the longer side of the interval narrows with the root of
    their number (where no event was seen, or all are alike, with their number). None where that cannot be told."""
    if found is None or math.isnan(found.mean):
        return None
    distance = abs(found.mean - value)
    sides = (found.mean - found.ci_low, found.ci_high - found.mean)
    half = max((side for side in sides if math.isfinite(side)), default=math.inf)
    if distance == 0.0:
        return None
    if quantile is not None and not all(map(math.isfinite, sides)):
        return max(1, _for_both_limits(quantile, found.level) - n)
    growth = half / distance if found.method in AS_FAR_AS_SEEN else (half / distance) ** 2
    return max(1, math.ceil(n * growth) - n) if n * growth < MOST_FURTHER else None


def _for_both_limits(q: float, level: float) -> int:
    """Values of which the least and the greatest are limits of a q-quantile: q^n and (1 - q)^n are small enough."""
    return math.ceil(math.log(0.5 * (1.0 - level)) / math.log(max(q, 1.0 - q)))


def published(program: Program, threshold: Threshold) -> Metric | None:
    """The measure of a threshold, if this program has it."""
    names = (threshold.component, MEAN_OF.get(threshold.measure, threshold.measure))
    return next((m for m in program.metrics if (m.component, m.measure) == names), None)
