"""Recovery times and lost data as distributions, per component and scope of the disruption, and split into parts.

    recovery   variant, component, scope, what, quantile, value, ci_low, ci_high, level, n, events, method, unit

what: `rto` (time until recovery), `rpo` (seconds of data that a loss cost), or the name of a part of the outages
(detect, decide, promote, restore, ...), whichever the kinds of component record.  quantile: 0.5, 0.9, 0.95, 0.99; NaN
for the mean share of the outage time that a part takes.  scope: "" for all.  n: replications that have events; events:
outages or losses.  An outage that the horizon cut off counts as longer than any that ended.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from outlast.run import parts
from outlast.run.batch import Batch, Flags, Floats, Ints
from outlast.stats import clustered, estimates
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.scenario.thresholds import Threshold

EVERYWHERE = ""
RTO, RPO = "rto", "rpo"
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
QUANTILES = (0.5, 0.9, 0.95, 0.99)
COLUMNS = {
    "variant": "str",
    "component": "str",
    "scope": "str",
    "what": "str",
    "quantile": "float64",
    "value": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "level": "float64",
    "n": "int64",
    "events": "int64",
    "method": "str",
    "unit": "str",
}


@dataclass(frozen=True)
class Events:
    """Seconds of every outage or loss, and the row of its replication."""

    seconds: Floats
    row: Ints


def events(batch: Batch, component: str, what: str, scope: str = EVERYWHERE, recovered: Floats | None = None) -> Events:
    """what: `rto` or `rpo`. recovered: `parts.recovery` of the batch, where it is known already."""
    if what == RPO:
        records = batch.records
        mine = (records.component == component) & (records.label == parts.RPO_LABEL) & ~np.isnan(records.value)
        mine &= _of_scope(records.scope, scope)
        return Events(records.value[mine], records.row[mine])
    outages = batch.outages
    mine = (outages.component == component) & _of_scope(outages.scope, scope)
    seconds = parts.recovery(batch) if recovered is None else recovered
    return Events(seconds[mine], outages.row[mine])


def _of_scope(scopes: Any, scope: str) -> Flags:
    every: Flags = np.ones(len(scopes), dtype=bool) if scope == EVERYWHERE else scopes == scope
    return every


def quantile(found: Events, q: float, level: float = 0.95) -> Estimate:
    """Events of one replication are not independent: clustered."""
    return clustered.quantile(found.seconds, found.row, q, level, least=0.0)


def frame(batch: Batch) -> list[dict[str, Any]]:
    """One part per component that had an outage or lost data."""
    spent, recovered = parts.spent(batch), parts.recovery(batch)
    seen = [*batch.outages.component, *batch.records.component[batch.records.label == parts.RPO_LABEL]]
    rows = [
        {"variant": batch.variant, "component": component, "scope": scope, **row}
        for component in dict.fromkeys(sorted(map(str, seen)))
        for scope in _scopes(batch, component)
        for row in (*_times(batch, component, scope, recovered), *_parts(batch, spent, component, scope))
    ]
    return [{column: [row[column] for row in rows] for column in COLUMNS}] if rows else []


def _scopes(batch: Batch, component: str) -> Sequence[str]:
    seen = {str(scope) for log in (batch.outages, batch.records) for scope in log.scope[log.component == component]}
    return [EVERYWHERE, *sorted(seen - {EVERYWHERE})]


def _times(batch: Batch, component: str, scope: str, recovered: Floats) -> Iterator[dict[str, Any]]:
    for what in (RTO, RPO):
        found = events(batch, component, what, scope, recovered)
        if len(found.seconds):
            for q in QUANTILES:
                yield _row(what, q, quantile(found, q), len(found.seconds), "s")


def _parts(batch: Batch, spent: parts.Spent, component: str, scope: str) -> Iterator[dict[str, Any]]:
    """Every part over all outages of the scope; an outage without it has 0 s of it."""
    outages = batch.outages
    mine = np.flatnonzero((outages.component == component) & _of_scope(outages.scope, scope))
    own = np.isin(spent.outage, mine)
    per_replication = partial(np.bincount, outages.row[mine], minlength=len(batch))
    for part in dict.fromkeys(sorted(map(str, spent.part[own]))):
        seconds = np.zeros(len(outages))
        chosen = own & (spent.part == part)
        seconds[spent.outage[chosen]] = spent.duration[chosen]
        for q in QUANTILES:
            yield _row(part, q, quantile(Events(seconds[mine], outages.row[mine]), q), len(mine), "s")
        most = 1.0 if (seconds <= outages.duration).all() else None  # two units in a part at once count twice
        over, under = per_replication(seconds[mine]), per_replication(outages.duration[mine])
        share = estimates.ratio(over, under, bounds=(0.0, most))
        yield _row(part, np.nan, share, len(mine), "share")


def _row(what: str, q: float, one: Estimate, count: int, unit: str) -> dict[str, Any]:
    return {"what": what, "quantile": q, "value": one.mean, "ci_low": one.ci_low, "ci_high": one.ci_high,
            "level": one.level, "n": one.n, "events": count, "method": one.method, "unit": unit}  # fmt: skip


def kept(batch: Batch, threshold: Threshold) -> dict[str, Any]:
    """How many outages or losses a threshold is about, and the share of them that keep its bound; nothing where it is
    about something else."""
    if threshold.measure not in (RTO, RPO):
        return {}
    found, bound = events(batch, threshold.component, threshold.measure, threshold.scope), threshold.value
    within = COMPARE[threshold.op](found.seconds, bound)
    hits, trials = (np.bincount(found.row, weights, minlength=len(batch)) for weights in (within, np.ones(len(within))))
    share = clustered.proportion(hits, trials, threshold.level)
    return {"events": len(within), "p_met": share.mean, "p_met_low": share.ci_low, "p_met_high": share.ci_high}
