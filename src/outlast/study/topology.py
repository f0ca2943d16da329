"""One topology of several under the same luck: its cost, availability and recovery, and how another compares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from outlast.errors import UsageError, nearest_hint
from outlast.kinds.money import LOSSES, TOTAL
from outlast.run import measures
from outlast.stats import estimates
from outlast.stats.estimates import Estimate
from outlast.study.differences import BETTER, EQUAL, LEVEL, NO_EVENT, NOT_SHOWN, WORSE, Pair, catalogue, verdict

if TYPE_CHECKING:
    from outlast.program import Metric
    from outlast.run.batch import Batch, Floats, Ints
    from outlast.run.variants import Ran
    from outlast.scenario.thresholds import Threshold

SHOWN, ESTIMATED, NO = "shown", "estimated", "no"  # whether a variant gains a nine
RESAMPLES = 999
QUANTILE = 0.95
HOUR_S = 3600.0
NINE = 0.1  # what is left of the unavailability after one more nine
UNKNOWN = Estimate(math.nan, 0.0, math.nan, math.nan, LEVEL, 0, NO_EVENT)


class Topology:
    """One variant: its estimates, and its values by replication. of: the component whose service is judged; counts:
    resamples of the replications, how often each has which, [resamples, replications]."""

    def __init__(self, ran: Ran, of: str, counts: Ints) -> None:
        self.ran, self.of, self.counts = ran, of, counts
        self.name = ran.name

    @property
    def batch(self) -> Batch:
        return self.ran.batch

    def metric(self, component: str, measure: str) -> Metric:
        """Raises UsageError if it is not published."""
        known = catalogue(self.batch)
        if (component, measure) not in known:
            what = "no prices: nothing is charged" if component == TOTAL else f"{component} has no {measure}"
            hint = "give components a `cost:`" if component == TOTAL else nearest_hint(component, names(self.batch))
            raise UsageError(f"{self.name}: {what}", hint)
        return known[component, measure]

    @cached_property
    def cost(self) -> Estimate:
        """Currency per year."""
        return measures.estimate(self.batch, self.metric(TOTAL, "cost"))

    @cached_property
    def availability(self) -> Estimate:
        return measures.estimate(self.batch, self.metric(self.of, "availability"))

    @cached_property
    def recoveries(self) -> tuple[Ints, Floats]:
        """Outages that ended, sorted by duration: row of the replication, seconds."""
        row, duration = measures.events(self.batch, self.metric(self.of, "mean_outage"))
        order = np.lexsort((row, duration))
        return row[order], duration[order]

    @cached_property
    def rto_p95(self) -> Estimate:
        """Duration that 95 % of the outages do not exceed, s."""
        row, duration = self.recoveries
        if len(duration) == 0:
            return UNKNOWN
        return estimates.clustered_quantile(duration, row, len(self.batch), QUANTILE, LEVEL)

    @cached_property
    def resampled_rto(self) -> Floats:
        """The same quantile of each resample of the replications; NaN without an outage."""
        row, duration = self.recoveries
        found = np.full(len(self.counts), np.nan)
        for place, count in enumerate(self.counts):
            below = np.cumsum(count[row])
            if len(below) and below[-1] > 0:
                found[place] = duration[np.searchsorted(below, QUANTILE * below[-1])]
        return found

    @cached_property
    def met(self) -> Floats:
        """1 in the replications that meet every objective on the mean of a measure of `of`, else 0."""
        met = np.ones(len(self.batch))
        for threshold in self.objectives:
            value = self._judged(threshold)
            missed = value < threshold.value if threshold.from_below else value > threshold.value
            met[missed.any(axis=1)] = 0.0  # no value, as of an outage that did not happen, misses nothing
        return met

    def _judged(self, threshold: Threshold) -> Floats:
        """Values of the measure of a threshold, [replications, windows]: one if it is not about windows."""
        metric = self.metric(threshold.component, threshold.measure)
        counted = measures.tally(self.batch, metric)
        section, *place = threshold.path
        if section == "objectives" and self.ran.scenario.spec.objectives[int(place[0])].window is not None:
            return measures.values(metric, counted.over, counted.under)
        return measures.values(metric, *counted.totals())[:, np.newaxis]

    @cached_property
    def objectives(self) -> list[Threshold]:
        """Bounds on the mean of a measure of `of`, for all causes."""
        return [one for one in self.ran.scenario.thresholds()
                if one.component == self.of and not one.scope and one.quantile is None]  # fmt: skip

    @cached_property
    def p_met(self) -> Estimate:
        if not self.objectives:
            return UNKNOWN
        return estimates.proportion(int(self.met.sum()), len(self.met), LEVEL)

    def values(self, component: str, measure: str) -> Floats:
        """A measure by replication."""
        metric = self.metric(component, measure)
        return measures.values(metric, *measures.tally(self.batch, metric).totals())

    @cached_property
    def losses(self) -> Floats:
        """The part of the cost that nobody is billed for, by replication."""
        known = catalogue(self.batch)
        items = [f"cost_{item}" for item in LOSSES if (TOTAL, f"cost_{item}") in known]
        return sum((self.values(TOTAL, item) for item in items), np.zeros(len(self.batch)))

    @cached_property
    def down_h(self) -> Floats:
        """Hours of downtime per year, by replication."""
        return self.values(self.of, "downtime") / HOUR_S


def names(batch: Batch) -> list[str]:
    """Components that have an availability."""
    return [component for component, measure in catalogue(batch) if measure == "availability"]


def relation(a: Topology, b: Topology, criterion: str) -> str:
    """What is shown of b against a by one criterion: a verdict of `outlast.study.differences`."""
    if criterion == "rto_p95":
        return _recovery(a, b)
    if criterion == "p_met":
        return verdict(estimates.paired(a.met, b.met, LEVEL), "higher")
    key = (TOTAL, "cost") if criterion == "cost" else (a.of, "availability")
    metric = a.metric(*key)
    return verdict(Pair(a.batch, b.batch).difference(metric, b.metric(*key)), metric.better)


def _recovery(a: Topology, b: Topology) -> str:
    """By quantiles of recovery times; their difference is resampled by replication."""
    if all(np.array_equal(x, y) for x, y in zip(a.recoveries, b.recoveries, strict=True)):
        return EQUAL
    difference = b.resampled_rto - a.resampled_rto
    difference = difference[np.isfinite(difference)]
    if len(difference) < RESAMPLES // 2:
        return NO_EVENT
    low, high = np.quantile(difference, [(1.0 - LEVEL) / 2, (1.0 + LEVEL) / 2])
    return BETTER if high < 0.0 else WORSE if low > 0.0 else NOT_SHOWN


def beats(relations: Sequence[str]) -> bool:
    """Whether a variant that stands in these relations to another is shown to dominate it."""
    return BETTER in relations and all(one in (BETTER, EQUAL) for one in relations)


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether numbers, of which lower is better, dominate others; those that are missing (NaN) are left out."""
    pairs = [(x, y) for x, y in zip(one, other, strict=True) if not (math.isnan(x) or math.isnan(y))]
    return all(x <= y for x, y in pairs) and any(x < y for x, y in pairs)


def gained(base: Topology, other: Topology) -> str:
    """Whether the other's unavailability is shown, or estimated, to be at most a tenth of that of the base."""
    x, y = 1.0 - base.values(base.of, "availability"), 1.0 - other.values(other.of, "availability")
    if y.mean() > NINE * x.mean() or x.mean() == 0.0:
        return NO
    if y.any():
        return SHOWN if estimates.mean(y - NINE * x, LEVEL).ci_high <= 0.0 else ESTIMATED
    bound = 1.0 - other.availability.ci_low  # no outage was seen: as many as could have been missed
    return SHOWN if bound <= NINE * (1.0 - base.availability.ci_high) else ESTIMATED


def price_of_an_hour(base: Topology, other: Topology) -> Estimate:
    """What is spent more for each hour of downtime less; NaN unless downtime is shown to be less."""
    spent = (other.values(TOTAL, "cost") - other.losses) - (base.values(TOTAL, "cost") - base.losses)
    avoided = base.down_h - other.down_h
    if avoided.mean() <= 0.0 or estimates.mean(avoided, LEVEL).ci_low <= 0.0:
        return UNKNOWN
    resampled = (base.counts @ spent) / (base.counts @ avoided)
    low, high = np.quantile(resampled, [(1.0 - LEVEL) / 2, (1.0 + LEVEL) / 2])
    return Estimate(float(spent.mean() / avoided.mean()), 0.0, float(low), float(high), LEVEL, len(spent),
                    "ratio of paired means, bootstrap of replications")  # fmt: skip
