"""The tidy frames of a result: long, named columns, one unit per column, shares in [0, 1], times in seconds.

    replications   variant, replication, component, measure, value, unit
    windows        variant, replication, window, component, measure, value, unit
    outages        variant, replication, outage_id, component, cause, scope, source, start_s, duration_s, rto_s,
                   rpo_s, drill, censored
    outage_parts   variant, replication, outage_id, part, duration_s
    records        variant, replication, time_s, component, label, value, unit, cause
    estimates      variant, component, measure, scope, mean, std, ci_low, ci_high, level, n, method, unit
    sla, sla_estimates   see `outlast.run.sla_frames`
    recovery       see `outlast.run.recovery`

Studies of several variants add (`STUDIES`):

    differences    pair, component, measure, scope, base_mean, other_mean, mean, ci_low, ci_high, level, p_better,
                   n_pairs, method, verdict, unit
    cells          cell, path, value
    topologies     variant, of, cost, service_credits and claims (parts of it), availability, rto_p95 (s), sla_met
                   (P(contract window met)), p_met (share of the replications that meet every objective), per_avoided_h
                   (spent more than by the first variant for an hour of downtime less), each with its _low and _high;
                   losses (part of the cost), extra_cost, avoided_h (per year), next_nine
                   (shown, estimated, no), verdict, dominated_by, level, n, unit
    causes         variant, component, drill, scope, source, outages, downtime_s, share, ci_low, ci_high, level, n,
                   method
    cause_parts    variant, component, part, downtime_s, share, ci_low, ci_high, level, n, method
    without        variant, component, without, downtime_s, downtime_without_s, change, ci_low, ci_high, level,
                   p_better, n_pairs, method
    parameters     path, point, known, belief, low, high
    tornado        component, measure, path, low, high, base_mean, low_mean, high_mean, and low_, high_, swing_ with
                   difference, ci_low, ci_high; level, n_pairs, method, unit
    uncertainty    component, measure, mean, simulation_half_width, draw_half_width, low, high, predicted,
                   parameter_std, parameter_std_low, parameter_std_high, luck_std, draws, n, level, method, unit
    sobol          component, measure, path, first, first_low, first_high, total, total_low, total_high, rows, n,
                   level, method

A difference is other - base over the replications both have; p_better is the share of them in which the other is
better. `cells` says which value each varied path has in each cell of a sweep; a cell is a variant.

A study of sensitivity (docs/sensitivity.md): `tornado` has the paired differences of each parameter at its low and at
its high value to the base, and of high to low (swing). `uncertainty` has the mean over the parameters with what the
simulation and the finite number of draws leave open, the interval [low, high] that holds the share `predicted` of the
parameters' belief, the standard deviation due to the parameters with its interval, and that of one replication's luck.

Times count from the start of the simulation, warm-up included; what happened in the warm-up is left out.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from outlast.run import measures, parts, recovery, sla_frames
from outlast.run.batch import Batch

if TYPE_CHECKING:
    import pandas as pd

    from outlast.program.metrics import Metric
    from outlast.stats.estimates import Estimate

RARE_UNITS = {"availability": "share", "downtime": "s/y", "outages": "1/y", "mean_outage": "s",
              "unavailability": "share", "unreliability": "share", "mttff": "s"}  # fmt: skip
DRILL = "drill"  # causes whose name starts so were planned

Columns = dict[str, Any]
PYTHON: dict[str, type] = {"str": str, "int64": int, "float64": float, "bool": bool}  # by dtype

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
        "source": "str",
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
    "sla": sla_frames.SLA,
    "sla_estimates": sla_frames.SLA_ESTIMATES,
    "recovery": recovery.COLUMNS,
}

_PAIRED = ("difference", "ci_low", "ci_high")
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
    "topologies": {
        "variant": "str",
        "of": "str",
        **{
            name + end: "float64"
            for name in (
                "cost",
                "service_credits",
                "claims",
                "availability",
                "rto_p95",
                "sla_met",
                "p_met",
                "per_avoided_h",
            )
            for end in ("", "_low", "_high")
        },
        "losses": "float64",
        "extra_cost": "float64",
        "avoided_h": "float64",
        "next_nine": "str",
        "verdict": "str",
        "dominated_by": "str",
        "level": "float64",
        "n": "int64",
        "unit": "str",
    },
    "causes": {
        "variant": "str",
        "component": "str",
        "drill": "bool",
        "scope": "str",
        "source": "str",
        "outages": "int64",
        "downtime_s": "float64",
        "share": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "n": "int64",
        "method": "str",
    },
    "cause_parts": {
        "variant": "str",
        "component": "str",
        "part": "str",
        "downtime_s": "float64",
        "share": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "n": "int64",
        "method": "str",
    },
    "without": {
        "variant": "str",
        "component": "str",
        "without": "str",
        "downtime_s": "float64",
        "downtime_without_s": "float64",
        "change": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "p_better": "float64",
        "n_pairs": "int64",
        "method": "str",
    },
    "parameters": dict.fromkeys(("path", "point", "known", "belief", "low", "high"), "str"),
    "tornado": {
        **dict.fromkeys(("component", "measure", "path", "low", "high"), "str"),
        **dict.fromkeys(("base_mean", "low_mean", "high_mean"), "float64"),
        **{f"{end}_{part}": "float64" for end in ("low", "high", "swing") for part in _PAIRED},
        "level": "float64",
        "n_pairs": "int64",
        "method": "str",
        "unit": "str",
    },
    "uncertainty": {
        **dict.fromkeys(("component", "measure"), "str"),
        **dict.fromkeys(("mean", "simulation_half_width", "draw_half_width", "low", "high", "predicted"), "float64"),
        **dict.fromkeys(("parameter_std", "parameter_std_low", "parameter_std_high", "luck_std"), "float64"),
        "draws": "int64",
        "n": "int64",
        "level": "float64",
        "method": "str",
        "unit": "str",
    },
    "sobol": {
        **dict.fromkeys(("component", "measure", "path"), "str"),
        **dict.fromkeys(("first", "first_low", "first_high", "total", "total_low", "total_high"), "float64"),
        "rows": "int64",
        "n": "int64",
        "level": "float64",
        "method": "str",
    },
}


def build(name: str, batches: Sequence[Batch]) -> pd.DataFrame:
    """One frame over all variants. name: a key of `COLUMNS`."""
    import pandas as pd  # imported here: printing a result needs rows, and pandas a fifth of the start-up

    parts = [frame(name, part) for batch in batches for part in BUILDERS[name](batch)]
    return pd.concat(parts, ignore_index=True) if parts else frame(name, {})


def frame(name: str, columns: Columns) -> pd.DataFrame:
    """A frame with exactly the columns and dtypes of `COLUMNS[name]` or `STUDIES[name]`; scalars are repeated."""
    import pandas as pd

    length = _length(columns)
    index = pd.RangeIndex(length)
    wanted = COLUMNS[name] if name in COLUMNS else STUDIES[name]
    data = {column: pd.Series(columns.get(column, []), index, dtype=dtype) for column, dtype in wanted.items()}
    return pd.DataFrame(data, index=index)


def rows(name: str, batches: Sequence[Batch]) -> list[Any]:
    """The rows of `build` as named tuples of plain values."""
    named: Callable[..., Any] = namedtuple  # whose fields are known at run time only
    made = named(name, COLUMNS[name])
    parts = [part for batch in batches for part in BUILDERS[name](batch)]
    return [made(*values) for part in parts for values in zip(*_plain(name, part), strict=True)]


def of_rows(name: str, rows: Sequence[Any]) -> pd.DataFrame:
    """The frame that has these rows."""
    return frame(name, {column: [getattr(row, column) for row in rows] for column in COLUMNS[name]})


def _plain(name: str, columns: Columns) -> Iterator[list[Any]]:
    """Every column of a frame as a list of Python's own values."""
    length = _length(columns)
    for column, dtype in COLUMNS[name].items():
        values = columns[column]
        yield [values] * length if isinstance(values, str) else list(map(PYTHON[dtype], values))


def _length(columns: Columns) -> int:
    return max((len(v) for v in columns.values() if not isinstance(v, str)), default=0)


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
    """rto_s: until recovery, of an outage that ended (see `outlast.run.parts`); rpo_s: its component's largest "rpo"
    record in it."""
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
            "source": batch.sources(rows.cause),
            "start_s": rows.start,
            "duration_s": rows.duration,
            "rto_s": np.where(rows.censored, np.nan, parts.recovery(batch)),
            "rpo_s": parts.lost_data(batch),
            "drill": np.array([name.startswith(DRILL) for name in cause], dtype=bool),
            "censored": rows.censored,
        }
    ]


def outage_parts(batch: Batch) -> list[Columns]:
    """Time in each named part within each outage, as in `outlast.run.parts`."""
    spent = parts.spent(batch)
    return [
        {
            "variant": batch.variant,
            "replication": batch.numbers[batch.outages.row[spent.outage]],
            "outage_id": batch.outages.number[spent.outage],
            "part": spent.part,
            "duration_s": spent.duration,
        }
    ]


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
    "sla": sla_frames.windows,
    "sla_estimates": sla_frames.over_replications,
    "recovery": recovery.frame,
}
