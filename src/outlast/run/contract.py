"""Measures of agreements: what `outlast.run.sla` counts in their contract windows, as means and quantiles over these.

A contract window belongs to the measuring window in which it ends.  Windows of one replication are not independent:
everything is clustered by replication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from outlast.program.metrics import CONTRACT, CREDIT
from outlast.run import sla
from outlast.stats import clustered, estimates

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.run.batch import Batch, Floats
    from outlast.scenario.agreement import Agreement
    from outlast.stats.estimates import Bounds, Estimate

MET, CREDITED, DOWNTIME, LONGEST, BUDGET_USED = "met", "credit", "downtime", "longest_outage", "budget_used"
EXHAUSTED = "exhausted"
TO_EDGE = 1e-9  # of a measuring window, relative


def values(batch: Batch, name: str, what: str) -> Floats:
    """What was counted, [replications, contract windows]."""
    counted = sla.account(batch, name)
    if what == BUDGET_USED:
        return counted.down / counted.budget
    columns = {MET: counted.met, CREDITED: counted.credit, DOWNTIME: counted.down, LONGEST: counted.longest,
               EXHAUSTED: counted.exhausted}  # fmt: skip
    return columns[what].astype(np.float64)


def tally(batch: Batch, metric: Metric) -> tuple[Floats, Floats]:
    """Sum over the contract windows of every measuring window, and their number: [replications, windows]."""
    counted, belongs = values(batch, metric.component, metric.label), _belongs(batch, metric.component)
    return counted @ belongs, np.broadcast_to(belongs.sum(axis=0), (len(batch), len(batch.spans)))


def estimate(batch: Batch, metric: Metric, level: float = 0.95) -> Estimate:
    """The mean over windows; of a share of windows in the manner of a proportion."""
    found = values(batch, metric.component, metric.label)
    if metric.label == MET:
        return clustered.proportion(found.sum(axis=1), np.full(len(found), found.shape[1]), level)
    return batch.settled(estimates.mean(found.mean(axis=1), level, _bounds(batch, metric.component, metric.label)))


def quantile(batch: Batch, name: str, what: str, q: float, level: float = 0.95) -> Estimate:
    """Quantile over windows."""
    found = values(batch, name, what)
    return clustered.quantile(found.ravel(), np.repeat(np.arange(len(found)), found.shape[1]), q, level, least=0.0)


def _bounds(batch: Batch, name: str, what: str) -> Bounds:
    """Between which the mean over windows lies for sure."""
    counted = sla.account(batch, name)
    length = counted.spans[:, 1] - counted.spans[:, 0]
    if what == DOWNTIME:
        return 0.0, float(length.mean())
    if what == BUDGET_USED:
        return 0.0, float((length / counted.budget).mean())
    return 0.0, batch.agreements[name].credit_cap if what == CREDITED else None


def _belongs(batch: Batch, name: str) -> Floats:
    """1 where a contract window ends in a measuring window, else 0: [contract windows, windows]."""
    ends = sla.account(batch, name).spans[:, 1]
    place = np.searchsorted(batch.spans[:, 1], ends * (1.0 - TO_EDGE), side="left")
    belongs: Floats = np.eye(len(batch.spans))[np.minimum(place, len(batch.spans) - 1)]
    return belongs


def credited(batch: Batch, meter: str) -> Floats:
    """A meter `AGREEMENT credit`: measured seconds, as many as the mean share of the fee that is credited. Every window
    counts alike, so that a price by time comes to the fee of as many windows as fit into it."""
    name = meter.removesuffix(CREDIT)
    credit, belongs = values(batch, name, CREDITED), _belongs(batch, name)
    each = (batch.spans[-1, 1] - batch.spans[0, 0]) / credit.shape[1]
    seconds: Floats = each * (credit @ belongs)
    return seconds


def credits(batch: Batch, metric: Metric) -> list[tuple[float, Agreement]]:
    """(coefficient, agreement) of the meters of a metric that are credits."""
    return [(coefficient, batch.agreements[meter.removesuffix(CREDIT)])
            for coefficient, meter in metric.over if meter not in batch.places]  # fmt: skip


def most(batch: Batch, metric: Metric) -> tuple[float, float]:
    """The least and the largest that the credits in a metric can come to, for each second of measured time."""
    each = [coefficient * agreement.credit_cap for coefficient, agreement in credits(batch, metric)]
    return sum(min(one, 0.0) for one in each), sum(max(one, 0.0) for one in each)


def terms(batch: Batch, metric: Metric) -> list[Agreement]:
    """The agreements that a metric is about."""
    if metric.kind == CONTRACT:
        return [batch.agreements[metric.component]]
    return [agreement for _, agreement in credits(batch, metric)]
