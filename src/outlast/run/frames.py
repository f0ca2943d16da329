"""The tidy frames of a result, built from replications; their columns are described in `outlast.run.columns`."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from outlast.run import measures, parts, recovery, sla_frames
from outlast.run.batch import Batch
from outlast.run.columns import COLUMNS, STUDIES

if TYPE_CHECKING:
    import pandas as pd

    from outlast.program.metrics import Metric
    from outlast.stats.estimates import Estimate

RARE_UNITS = {"availability": "share", "downtime": "s/y", "outages": "1/y", "mean_outage": "s",
              "unavailability": "share", "unreliability": "share", "mttff": "s"}  # fmt: skip
DRILL = "drill"  # causes whose name starts so were planned

Columns = dict[str, Any]
PYTHON: dict[str, type] = {"str": str, "int64": int, "float64": float, "bool": bool}  # by dtype


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
