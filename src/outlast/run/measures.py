"""What a program's metrics come to: per window, per replication, and estimated over replications.

Every metric is a numerator `over` per window and, unless it is a plain amount, a denominator `under`:

    share, time_mean           meter integral / measured seconds (a share lies in [0, 1])
    rate, outages              count / measured years (365 d); a rate may have a constant part
    ratio                      meters / meters
    mean_outage                down seconds / outages that ended
    records                    sum of the recorded values / how many
    contract                   sum over contract windows / how many
    amount, longest_outage     the number itself

The value is scale * over / under, then 1 - value where the metric is a complement.  An outage belongs to the
window in which it began.  Down time of an outage that the horizon cut off counts in `mean_outage` while the
outage does not: leaving both out would forget the longest ones, and for exponential durations this is the
maximum-likelihood estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from outlast.program import tables
from outlast.program.metrics import CONTRACT
from outlast.run import contract
from outlast.run.batch import CONSTANT, Batch, Flags, Floats, Ints
from outlast.stats import estimates
from outlast.stats.estimates import Bounds, Estimate

if TYPE_CHECKING:
    from outlast.program.metrics import Metric

YEAR_S = 365 * 86_400.0
SHARE_UNIT = "share"
DOWNTIME_UNIT = "s/y"
TIME_MEANS = ("share", "time_mean")
POOLED = ("ratio", "mean_outage", "records", CONTRACT)
EVENT_KINDS = ("outages", "mean_outage", "longest_outage", "records")  # these have values per scope too
ROUND_OFF = 1e-12  # of sums over windows: a share so close to 0 or 1 is meant to be 0 or 1
EVERYWHERE = ""  # the scope of an estimate over all causes


@dataclass(frozen=True)
class Tally:
    """Numerators and denominators of one metric: float64 [replications, windows]; no `under` for amounts."""

    over: Floats
    under: Floats | None
    maximum: bool = False  # over the windows of a replication: the largest, else the sum

    def totals(self) -> tuple[Floats, Floats | None]:
        """Per replication, [replications]."""
        over = self.over.max(axis=1) if self.maximum else self.over.sum(axis=1)
        return over, None if self.under is None else self.under.sum(axis=1)


def tally(batch: Batch, metric: Metric, scope: str = EVERYWHERE) -> Tally:
    """Count one metric; with a scope, only the outages and records whose cause has that scope."""
    if metric.kind == "records":
        return _recorded(batch, metric, scope)
    if metric.kind in EVENT_KINDS:
        return _outages(batch, metric, scope)
    if metric.kind == CONTRACT:
        return Tally(*contract.tally(batch, metric))
    over = _meters(batch, metric.over)
    lengths = np.broadcast_to(batch.spans[:, 1] - batch.spans[:, 0], over.shape)
    if metric.kind in TIME_MEANS:
        return Tally(over, lengths)
    if metric.kind == "rate":
        return Tally(over + metric.constant * lengths, lengths / YEAR_S)
    if metric.kind == "ratio":
        return Tally(over, _meters(batch, metric.under))
    if metric.kind == "amount":
        return Tally(over, None, maximum=tables.MAXIMUM in _reductions(batch, metric))
    raise ValueError(f"{metric.component}.{metric.measure}: unknown kind of metric (got {metric.kind!r})")


def values(metric: Metric, over: Floats, under: Floats | None) -> Floats:
    """scale * over / under, elementwise; NaN where nothing was counted below the line."""
    if under is None:
        result = over * metric.scale
    else:
        result = np.full(over.shape, np.nan)
        np.divide(over * metric.scale, under, out=result, where=under > 0)
    return 1.0 - result if metric.complement else result


def scopes(batch: Batch, metric: Metric) -> list[str]:
    """Scopes of the causes seen in the events of a metric, sorted; none for metrics of meters."""
    if metric.kind not in EVENT_KINDS:
        return []
    seen = batch.records.scope[_labelled(batch, metric)] if metric.kind == "records" else _scopes_down(batch, metric)
    return sorted(set(seen) - {EVERYWHERE})


def estimated(batch: Batch, metric: Metric) -> Iterator[tuple[str, Estimate]]:
    """(scope, estimate) over all causes, then for every scope seen."""
    for scope in [EVERYWHERE, *scopes(batch, metric)]:
        yield scope, estimate(batch, metric, scope)


def estimate(batch: Batch, metric: Metric, scope: str = EVERYWHERE, level: float = 0.95) -> Estimate:
    """The estimator that fits the kind of a metric; pooled ratios are clustered by replication."""
    if scope == EVERYWHERE and (better := batch.rare.get((metric.component, metric.measure))) is not None:
        return better if level == better.level else estimates.at_level(better, level, _limits(metric))
    if metric.constant or (metric.kind == "rate" and not metric.over):
        return _above(batch, metric, level)
    if metric.kind == CONTRACT:
        return contract.estimate(batch, metric, level)
    return batch.settled(_of_tally(batch, metric, scope, level))


def _of_tally(batch: Batch, metric: Metric, scope: str, level: float) -> Estimate:
    over, under = tally(batch, metric, scope).totals()
    if metric.kind in POOLED and under is not None:
        return _ratio(metric, over * metric.scale, under, level)
    if _is_count(batch, metric) and not metric.complement and under is not None:
        return _scaled(estimates.rate(over, float(under[0]), level), metric.scale)
    measured_s = float(batch.spans[-1, 1] - batch.spans[0, 0])
    value = values(metric, over, under)
    if metric.kind == "share" and value.min() >= -ROUND_OFF and value.max() <= 1.0 + ROUND_OFF:
        return estimates.mean(_snapped(value, np.ones_like(value)), level, (0.0, 1.0))
    if metric.kind == "longest_outage":
        return estimates.mean(value, level, (0.0, None if value.any() else measured_s * metric.scale))
    if metric.unit == DOWNTIME_UNIT and value.max() <= YEAR_S:
        return estimates.mean(value, level, (0.0, YEAR_S))
    if contract.credits(batch, metric):
        return _credited(batch, metric, value, level)
    return estimates.mean(value, level, (0.0, None) if value.min() >= 0.0 else estimates.UNBOUNDED)


def _credited(batch: Batch, metric: Metric, value: Floats, level: float) -> Estimate:
    """A rate with credits or claims in it: these are bounded, so that none seen says how many there may be."""
    least, most = (metric.scale * YEAR_S * end for end in contract.most(batch, metric))
    bounds = least, most if len(contract.credits(batch, metric)) == len(metric.over) else None
    if value.any() or 0.0 in bounds:
        return estimates.mean(value, level, bounds if least == 0.0 or bounds[1] == 0.0 else estimates.UNBOUNDED)
    reach = estimates.share_without_event(len(value), level)
    high = math.inf if bounds[1] is None else reach * bounds[1]
    return Estimate(0.0, 0.0, reach * least, high, level, len(value), estimates.NO_EVENT_BOUND)


def _limits(metric: Metric) -> Bounds:
    return (0.0, 1.0) if metric.unit == SHARE_UNIT else (0.0, None)


def _above(batch: Batch, metric: Metric, level: float) -> Estimate:
    """A rate with a constant part: what is estimated is the rest."""
    fixed = metric.scale * metric.constant * YEAR_S
    if not metric.over:
        return Estimate(fixed, 0.0, fixed, fixed, level, len(batch), CONSTANT)
    rest = estimate(batch, replace(metric, constant=0.0), level=level)
    return replace(rest, mean=rest.mean + fixed, ci_low=rest.ci_low + fixed, ci_high=rest.ci_high + fixed)


def _ratio(metric: Metric, over: Floats, under: Floats, level: float) -> Estimate:
    bounds: Bounds = estimates.UNBOUNDED
    if metric.unit == SHARE_UNIT:
        over = _snapped(over, under)
    if metric.unit == SHARE_UNIT and over.min() >= 0.0 and (over <= under).all():
        bounds = (0.0, 1.0)
    elif over.min() >= 0.0 and over.max() > 0.0:
        bounds = (0.0, None)
    pooled = estimates.ratio(over, under, level, bounds)
    if not metric.complement:
        return pooled
    return replace(pooled, mean=1.0 - pooled.mean, ci_low=1.0 - pooled.ci_high, ci_high=1.0 - pooled.ci_low)


def _is_count(batch: Batch, metric: Metric) -> bool:
    """Numbers of events, whose rate has an exact interval when they are few."""
    if metric.kind == "outages":
        return True
    whole = all(coefficient == 1.0 for coefficient, _ in metric.over)
    return metric.kind == "rate" and whole and _reductions(batch, metric) == {tables.COUNT}


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    return replace(
        estimate,
        mean=estimate.mean * factor,
        std=estimate.std * factor,
        ci_low=estimate.ci_low * factor,
        ci_high=estimate.ci_high * factor,
    )


def _snapped(over: Floats, under: Floats) -> Floats:
    """Shares over / under without the round-off that would hide that they are exactly 0 or 1."""
    over = np.where(np.abs(over - under) <= ROUND_OFF * under, under, over)
    return np.where(np.abs(over) <= ROUND_OFF * under, 0.0, over)


def _meters(batch: Batch, terms: tuple[tuple[float, str], ...]) -> Floats:
    """Of the program, and of agreements."""
    total = batch.amounts(tuple(term for term in terms if term[1] in batch.places))
    for coefficient, name in terms:
        if name not in batch.places:
            total += coefficient * contract.credited(batch, name)
    return total


def _reductions(batch: Batch, metric: Metric) -> set[int]:
    reductions = batch.program.tables["meters"]["reduction"]
    return {int(reductions[batch.places[name]]) if name in batch.places else tables.NONE for _, name in metric.over}


def _outages(batch: Batch, metric: Metric, scope: str) -> Tally:
    outages = batch.outages_of(metric.component)
    mine = outages.scope == scope if scope != EVERYWHERE else np.ones(len(outages), dtype=bool)
    row, window, duration = outages.row[mine], _window(batch, outages.start[mine]), outages.duration[mine]
    if metric.kind == "longest_outage":
        longest = _empty(batch)
        np.maximum.at(longest, (row, window), duration)
        return Tally(longest, None, maximum=True)
    if metric.kind == "outages":
        lengths = np.broadcast_to(batch.spans[:, 1] - batch.spans[:, 0], _empty(batch).shape)
        return Tally(_summed(batch, row, window, np.ones(len(row))), lengths / YEAR_S)
    ended = (~outages.censored[mine]).astype(np.float64)
    return Tally(_summed(batch, row, window, duration), _summed(batch, row, window, ended))


def _recorded(batch: Batch, metric: Metric, scope: str) -> Tally:
    records = batch.records
    mine = _labelled(batch, metric)
    if scope != EVERYWHERE:
        mine &= records.scope == scope
    row, window, value = records.row[mine], _window(batch, records.time[mine]), records.value[mine]
    return Tally(_summed(batch, row, window, value), _summed(batch, row, window, np.ones(len(row))))


def events(batch: Batch, metric: Metric, scope: str = EVERYWHERE) -> tuple[Ints, Floats]:
    """The single values behind `mean_outage` (outages that ended) or `records`: row of the replication, value."""
    if metric.kind == "records":
        records = batch.records
        mine = _labelled(batch, metric) & ((scope == EVERYWHERE) | (records.scope == scope))
        return records.row[mine], records.value[mine] * metric.scale
    outages = batch.outages_of(metric.component)
    mine = ~outages.censored & ((scope == EVERYWHERE) | (outages.scope == scope))
    return outages.row[mine], outages.duration[mine] * metric.scale


def _labelled(batch: Batch, metric: Metric) -> Flags:
    """Records of a metric that carry a value."""
    records = batch.records
    mine: Flags = (records.component == metric.component) & (records.label == metric.label)
    return mine & ~np.isnan(records.value)


def _scopes_down(batch: Batch, metric: Metric) -> list[str]:
    return list(batch.outages_of(metric.component).scope)


def _window(batch: Batch, time: Floats) -> Ints:
    """Place of the window that holds a time; what happens at the horizon belongs to the last one."""
    return np.searchsorted(batch.spans[:, 0], time, side="right") - 1


def _empty(batch: Batch) -> Floats:
    return np.zeros((len(batch), len(batch.spans)))


def _summed(batch: Batch, row: Ints, window: Ints, value: Floats) -> Floats:
    total = _empty(batch)
    np.add.at(total, (row, window), value)
    return total
