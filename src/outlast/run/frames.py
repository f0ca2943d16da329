"""The tidy frames of a result: long, named columns, one unit per column, shares in [0, 1], times in seconds.

    replications   variant, replication, component, measure, value, unit
    windows        variant, replication, window, component, measure, value, unit
    outages        variant, replication, outage_id, component, cause, scope, start_s, duration_s, rto_s,
                   rpo_s, drill, censored
    outage_parts   variant, replication, outage_id, part, duration_s
    records        variant, replication, time_s, component, label, value, unit, cause
    estimates      variant, component, measure, scope, mean, std, ci_low, ci_high, level, n, method, unit

Studies of several variants add (`STUDIES`):

    differences    pair, component, measure, scope, base_mean, other_mean, mean, ci_low, ci_high, level, p_better,
                   n_pairs, method, verdict, unit
    cells          cell, path, value

A difference is other - base over the replications both have; p_better is the share of them in which the other is
better. `cells` says which value each varied path has in each cell of a sweep; a cell is a variant.

Times count from the start of the simulation, warm-up included; what happened in the warm-up is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from outlast.run import measures
from outlast.run.batch import Batch, Floats, Ints

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.stats.estimates import Estimate

RARE_UNITS = {"availability": "share", "downtime": "s/y", "outages": "1/y", "mean_outage": "s",
              "unavailability": "share", "unreliability": "share", "mttff": "s"}  # fmt: skip
RPO_LABEL = "rpo"  # the record that says how much data an outage lost, seconds
DRILL = "drill"  # causes whose name starts so were planned

Columns = dict[str, Any]

#: dtype of every column of every frame.
COLUMNS: dict[str, dict[str, str]] = {
    "replications": {
        "variant": "str",
        "replication": "int64",
        "component": "str",
        "measure": "str",
        "value": "float64",
        "unit": "str",
    },
    "windows": {
        "variant": "str",
        "replication": "int64",
        "window": "int64",
        "component": "str",
        "measure": "str",
        "value": "float64",
        "unit": "str",
    },
    "outages": {
        "variant": "str",
        "replication": "int64",
        "outage_id": "int64",
        "component": "str",
        "cause": "str",
        "scope": "str",
        "start_s": "float64",
        "duration_s": "float64",
        "rto_s": "float64",
        "rpo_s": "float64",
        "drill": "bool",
        "censored": "bool",
    },
    "outage_parts": {
        "variant": "str",
        "replication": "int64",
        "outage_id": "int64",
        "part": "str",
        "duration_s": "float64",
    },
    "records": {
        "variant": "str",
        "replication": "int64",
        "time_s": "float64",
        "component": "str",
        "label": "str",
        "value": "float64",
        "unit": "str",
        "cause": "str",
    },
    "estimates": {
        "variant": "str",
        "component": "str",
        "measure": "str",
        "scope": "str",
        "mean": "float64",
        "std": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "n": "int64",
        "method": "str",
        "unit": "str",
    },
}

#: frames that studies of several variants add.
STUDIES: dict[str, dict[str, str]] = {
    "differences": {
        "pair": "str",
        "component": "str",
        "measure": "str",
        "scope": "str",
        "base_mean": "float64",
        "other_mean": "float64",
        "mean": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "p_better": "float64",
        "n_pairs": "int64",
        "method": "str",
        "verdict": "str",
        "unit": "str",
    },
    "cells": {"cell": "str", "path": "str", "value": "str"},
}


def build(name: str, batches: Sequence[Batch]) -> pd.DataFrame:
    """One frame over all variants. name: a key of `COLUMNS`."""
    parts = [frame(name, part) for batch in batches for part in BUILDERS[name](batch)]
    return pd.concat(parts, ignore_index=True) if parts else frame(name, {})


def frame(name: str, columns: Columns) -> pd.DataFrame:
    """A frame with exactly the columns and dtypes of `COLUMNS[name]` or `STUDIES[name]`; scalars are repeated."""
    length = max((len(v) for v in columns.values() if not isinstance(v, str)), default=0)
    index = pd.RangeIndex(length)
    wanted = COLUMNS[name] if name in COLUMNS else STUDIES[name]
    data = {column: pd.Series(columns.get(column, []), index, dtype=dtype) for column, dtype in wanted.items()}
    return pd.DataFrame(data, index=index)


def replications(batch: Batch) -> list[Columns]:
    """One part per metric."""
    return [_replications(batch, metric) for metric in batch.program.metrics]


def _replications(batch: Batch, metric: Metric) -> Columns:
    value = measures.values(metric, *measures.tally(batch, metric).totals())
    return {"replication": batch.numbers, **_about(batch, metric), "value": value}


def windows(batch: Batch) -> list[Columns]:
    """One part per metric."""
    return [_windows(batch, metric) for metric in batch.program.metrics]


def _windows(batch: Batch, metric: Metric) -> Columns:
    tally = measures.tally(batch, metric)
    value = measures.values(metric, tally.over, tally.under)
    return {
        "replication": np.repeat(batch.numbers, value.shape[1]),
        "window": np.tile(np.arange(value.shape[1]), value.shape[0]),
        **_about(batch, metric),
        "value": value.ravel(),
    }


def _about(batch: Batch, metric: Metric) -> Columns:
    return {
        "variant": batch.variant,
        "component": metric.component,
        "measure": metric.measure,
        "unit": metric.unit,
    }


def outages(batch: Batch) -> list[Columns]:
    """rto_s is the duration of an outage that ended; rpo_s its component's largest "rpo" record in it."""
    rows = batch.outages
    cause = batch.causes(rows.cause)
    return [
        {
            "variant": batch.variant,
            "replication": batch.numbers[rows.row],
            "outage_id": rows.number,
            "component": rows.component,
            "cause": cause,
            "scope": rows.scope,
            "start_s": rows.start,
            "duration_s": rows.duration,
            "rto_s": np.where(rows.censored, np.nan, rows.duration),
            "rpo_s": _lost_data(batch),
            "drill": np.array([name.startswith(DRILL) for name in cause], dtype=bool),
            "censored": rows.censored,
        }
    ]


def _lost_data(batch: Batch) -> Floats:
    """Largest value recorded as "rpo" within each outage, its end included; NaN without one."""
    records, outages = batch.records, batch.outages
    chosen = (records.label == RPO_LABEL) & ~np.isnan(records.value)
    lost = np.full(len(outages), np.nan)
    record, outage = _overlaps(
        batch, records.row[chosen], records.component[chosen], records.time[chosen], records.time[chosen]
    )
    np.fmax.at(lost, outage, records.value[chosen][record])
    return lost


def outage_parts(batch: Batch) -> list[Columns]:
    """Time that the units of a component spent in each named part within each of its outages; several units
    or visits add up, so a part worked on by two units at once can exceed the outage."""
    stays, outages = batch.stays, batch.outages
    stay, outage = _overlaps(batch, stays.row, stays.component, stays.start, stays.end)
    start = np.maximum(stays.start[stay], outages.start[outage])
    end = np.minimum(stays.end[stay], (outages.start + outages.duration)[outage])
    shared = pd.DataFrame({"outage": outage, "part": stays.part[stay], "duration_s": end - start})
    shared = shared[shared["duration_s"] > 0]
    total = shared.groupby(["outage", "part"], as_index=False, sort=True)["duration_s"].sum()
    at = total["outage"].to_numpy()
    return [
        {
            "variant": batch.variant,
            "replication": batch.numbers[outages.row[at]],
            "outage_id": outages.number[at],
            "part": total["part"].to_numpy(),
            "duration_s": total["duration_s"].to_numpy(),
        }
    ]


def _overlaps(batch: Batch, row: Ints, component: Any, start: Floats, end: Floats) -> tuple[Ints, Ints]:
    """Pairs (interval, outage) of the same replication and component that touch.

    Outages of one condition never overlap, so those an interval touches are neighbours: two binary searches.
    """
    wanted = _grouped(row, component)
    intervals, touched = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for outage in _grouped(batch.outages.row, batch.outages.component, batch.outages.condition).values():
        key = (batch.outages.row[outage[0]], batch.outages.component[outage[0]])
        if (own := wanted.get(key)) is None:
            continue
        began = batch.outages.start[outage]
        low = np.searchsorted(began + batch.outages.duration[outage], start[own], side="left")
        high = np.searchsorted(began, end[own], side="right")
        counts = np.maximum(high - low, 0)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        intervals.append(np.repeat(own, counts))
        touched.append(outage[np.repeat(low, counts) + within])
    return np.concatenate(intervals), np.concatenate(touched)


def _grouped(*keys: Any) -> dict[Any, Ints]:
    """Positions of equal keys, in order."""
    groups: dict[Any, list[int]] = {}
    for position, key in enumerate(zip(*keys, strict=True)):
        groups.setdefault(key, []).append(position)
    return {key: np.array(positions, dtype=np.int64) for key, positions in groups.items()}


def records(batch: Batch) -> list[Columns]:
    """The unit of a value is that of the metric made of it, empty where no metric is."""
    rows = batch.records
    metrics = batch.program.metrics
    units = {(metric.component, metric.label): metric.unit for metric in metrics if metric.kind == "records"}
    unit = [units.get(key, "") for key in zip(rows.component, rows.label, strict=True)]
    return [
        {
            "variant": batch.variant,
            "replication": batch.numbers[rows.row],
            "time_s": rows.time,
            "component": rows.component,
            "label": rows.label,
            "value": rows.value,
            "unit": np.array(unit, dtype=object),
            "cause": batch.causes(rows.cause),
        }
    ]


def estimates(batch: Batch) -> list[Columns]:
    """Every metric over all causes (scope "") and, for events, per scope; nothing without replications."""
    if not len(batch):
        return []
    known = {(metric.component, metric.measure) for metric in batch.program.metrics}
    rows = [
        {**_about(batch, metric), "scope": scope, **_numbers(estimate), "method": _method(batch, metric, estimate)}
        for metric in batch.program.metrics
        for scope, estimate in measures.estimated(batch, metric)
    ] + [
        {"variant": batch.variant, "component": component, "measure": measure, "unit": RARE_UNITS[measure],
         "scope": measures.EVERYWHERE, **_numbers(estimate)}
        for (component, measure), estimate in batch.rare.items() if (component, measure) not in known
    ]  # fmt: skip
    return [{column: [row[column] for row in rows] for column in COLUMNS["estimates"]}] if rows else []


def _numbers(estimate: Estimate) -> Columns:
    return {
        column: getattr(estimate, column) for column in ("mean", "std", "ci_low", "ci_high", "level", "n", "method")
    }


def _method(batch: Batch, metric: Metric, estimate: Estimate) -> str:
    remark = batch.remarks.get(metric.component) if metric.measure in RARE_UNITS else None
    return f"{estimate.method}; {remark}" if remark else estimate.method


BUILDERS: dict[str, Callable[[Batch], list[Columns]]] = {
    "replications": replications,
    "windows": windows,
    "outages": outages,
    "outage_parts": outage_parts,
    "records": records,
    "estimates": estimates,
}
