"""Frames of the agreements: `sla`, one row per contract window, and `sla_estimates` over replications.

    sla            variant, replication, agreement, component, window, start_s, end_s, value, downtime_s, longest_s,
                   exhausted_s, met, credit
    sla_estimates  variant, agreement, component, owed_by, measure, quantile, value, ci_low, ci_high, level, n, windows,
                   method, unit

value: what the agreement measures, in [0, 1]. exhausted_s: from the start of the window until the error budget was used
up, infinite if it was not. owed_by: "" where we owe it to customers. quantile: NaN for means and shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from outlast.run import measures, sla
from outlast.run.batch import Batch, Floats
from outlast.stats import clustered, estimates
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.scenario.agreement import Agreement, Composed

Columns = dict[str, Any]
Found = tuple[str, float, str, Estimate]  # measure, quantile, unit, estimate

SLA = {
    "variant": "str",
    "replication": "int64",
    "agreement": "str",
    "component": "str",
    "window": "int64",
    "start_s": "float64",
    "end_s": "float64",
    "value": "float64",
    "downtime_s": "float64",
    "longest_s": "float64",
    "exhausted_s": "float64",
    "met": "bool",
    "credit": "float64",
}
SLA_ESTIMATES = {
    "variant": "str",
    "agreement": "str",
    "component": "str",
    "owed_by": "str",
    "measure": "str",
    "quantile": "float64",
    "value": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "level": "float64",
    "n": "int64",
    "windows": "int64",
    "method": "str",
    "unit": "str",
}
QUANTILES = (0.5, 0.9, 0.95, 0.99)
EARLY = (0.05, 0.5)  # quantiles of the time until a budget is used up: the early ones hurt
AVAILABILITY = "availability"
IF_INDEPENDENT = "if_independent"
PROMISED = "promised"


def windows(batch: Batch) -> list[Columns]:
    """One part per agreement."""
    return [_windows(batch, name, agreement) for name, agreement in batch.agreements.items()]


def _windows(batch: Batch, name: str, agreement: Agreement) -> Columns:
    found = sla.account(batch, agreement)
    rows, count = found.value.shape
    return {
        "variant": batch.variant,
        "replication": np.repeat(batch.numbers, count),
        "agreement": name,
        "component": agreement.of,
        "window": np.tile(np.arange(count), rows),
        "start_s": np.tile(found.spans[:, 0], rows),
        "end_s": np.tile(found.spans[:, 1], rows),
        "value": found.value.ravel(),
        "downtime_s": found.down.ravel(),
        "longest_s": found.longest.ravel(),
        "exhausted_s": found.exhausted.ravel(),
        "met": found.met.ravel(),
        "credit": found.credit.ravel(),
    }


def over_replications(batch: Batch) -> list[Columns]:
    """One part per agreement; nothing without replications."""
    if not len(batch):
        return []
    return [_estimates(batch, name, agreement) for name, agreement in batch.agreements.items()]


def _estimates(batch: Batch, name: str, agreement: Agreement) -> Columns:
    counted = sla.account(batch, agreement)
    found = [*_of_windows(agreement, counted), *_composed(batch, agreement)]
    columns: Columns = {
        "variant": batch.variant,
        "agreement": name,
        "component": agreement.of,
        "owed_by": agreement.owed_by or "",
        "measure": [measure for measure, _, _, _ in found],
        "quantile": [quantile for _, quantile, _, _ in found],
        "value": [one.mean for _, _, _, one in found],
        "windows": np.full(len(found), len(counted.spans)),
        "unit": [unit for _, _, unit, _ in found],
    }
    return columns | {
        field: [getattr(one, field) for *_, one in found] for field in ("ci_low", "ci_high", "level", "n", "method")
    }


def _of_windows(agreement: Agreement, counted: sla.Account) -> Iterator[Found]:
    """Windows of one replication are not independent: everything is clustered by replication."""
    rows, count = counted.value.shape
    replication = np.repeat(np.arange(rows), count)
    yield "p_met", np.nan, "share", clustered.proportion(counted.met.sum(axis=1), np.full(rows, count))
    if agreement.credits:
        name = "expected_claim" if agreement.owed_by else "expected_credit"
        yield name, np.nan, "share", estimates.mean(counted.credit.mean(axis=1), bounds=(0.0, agreement.credit_cap))
    length = float((counted.spans[:, 1] - counted.spans[:, 0]).mean())
    yield "downtime", np.nan, "s", estimates.mean(counted.down.mean(axis=1), bounds=(0.0, length))
    for q in QUANTILES:
        yield "downtime", q, "s", _quantile(counted.down, replication, q)
    if agreement.measure != "requests":
        for q in QUANTILES:
            yield "longest_outage", q, "s", _quantile(counted.longest, replication, q)
    if agreement.at_least < 1.0:
        budget = (1.0 - agreement.at_least) * (counted.spans[:, 1] - counted.spans[:, 0])
        for q in QUANTILES:
            yield "budget_used", q, "share", _quantile(counted.down / budget, replication, q)
    if agreement.measure != "requests":
        for q in EARLY:
            yield "time_to_exhaustion", q, "s", _quantile(counted.exhausted, replication, q)


def _quantile(amounts: Floats, replication: np.ndarray, q: float) -> Estimate:
    return clustered.quantile(amounts.ravel(), replication, q, least=0.0)


def _composed(batch: Batch, agreement: Agreement) -> Iterator[Found]:
    """The availability of independent parts, simulated and as their own agreements promise it."""
    if (tree := agreement.composed_of) is None:
        return
    each = {name: _availability(batch, name) for name in dict.fromkeys(tree.leaves())}
    yield IF_INDEPENDENT, np.nan, "share", estimates.mean(_linearised(tree, each), bounds=(0.0, 1.0))
    promises = {other.of: other.at_least for other in batch.agreements.values()}
    if promises.keys() >= each.keys():
        promised = tree.availability(promises)
        yield (
            PROMISED,
            np.nan,
            "share",
            Estimate(promised, 0.0, promised, promised, 0.95, len(batch), "from agreements"),
        )


def _availability(batch: Batch, name: str) -> Floats:
    metric = next(m for m in batch.program.metrics if (m.component, m.measure) == (name, AVAILABILITY))
    return measures.values(metric, *measures.tally(batch, metric).totals())


def _linearised(tree: Composed, each: dict[str, Floats]) -> Floats:
    """Values per replication whose mean is the function of the means, with its variance (delta method). The function is
    multilinear unless a name occurs twice, so its slopes are differences."""
    means = {name: float(values.mean()) for name, values in each.items()}
    total = np.full(len(next(iter(each.values()))), tree.availability(means))
    for name, values in each.items():
        slope = tree.availability({**means, name: 1.0}) - tree.availability({**means, name: 0.0})
        total += slope * (values - means[name])
    return total
