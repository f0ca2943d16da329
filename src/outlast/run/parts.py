"""What happened within outages: data lost, and time spent in named parts (detect, decide, restore, ...)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlast.program.metrics import RECOVERED
from outlast.run.batch import Batch, Floats, Ints, Texts

RPO_LABEL = "rpo"  # the record that says how much data an outage lost, seconds


@dataclass(frozen=True)
class Spent:
    """Seconds per outage and part, ordered so. outage: place in `batch.outages`."""

    outage: Ints
    part: Texts
    duration: Floats


def lost_data(batch: Batch) -> Floats:
    """Largest value recorded as "rpo" within each outage, its end included; NaN without one."""
    records, outages = batch.records, batch.outages
    chosen = (records.label == RPO_LABEL) & ~np.isnan(records.value)
    lost = np.full(len(outages), np.nan)
    record, outage = _overlaps(
        batch, records.row[chosen], records.component[chosen], records.time[chosen], records.time[chosen]
    )
    np.fmax.at(lost, outage, records.value[chosen][record])
    return lost


def recovery(batch: Batch) -> Floats:
    """Seconds from the start of each outage until the component was back: at its end or, where it states a level of
    recovery, when it last rose to that level; infinite where the horizon came first."""
    outages, below = batch.outages, batch.unrecovered
    ended = np.where(outages.censored, np.inf, outages.duration)
    stated = [name.removesuffix(RECOVERED) for name in batch.program.outage_names if name.endswith(RECOVERED)]
    if not stated:
        return ended
    until = np.where(np.isin(outages.component, stated), 0.0, ended)
    spell, outage = _overlaps(batch, below.row, below.component, below.start, below.start + below.duration)
    np.maximum.at(until, outage, (below.start + below.duration)[spell] - outages.start[outage])
    return np.where(outages.censored, np.inf, until)


def spent(batch: Batch) -> Spent:
    """Time that the units of a component spent in each named part within each of its outages; several units
    or visits add up, so a part worked on by two units at once can exceed the outage."""
    stays, outages = batch.stays, batch.outages
    stay, outage = _overlaps(batch, stays.row, stays.component, stays.start, stays.end)
    start = np.maximum(stays.start[stay], outages.start[outage])
    end = np.minimum(stays.end[stay], (outages.start + outages.duration)[outage])
    shared = pd.DataFrame({"outage": outage, "part": stays.part[stay], "duration_s": end - start})
    shared = shared[shared["duration_s"] > 0]
    total = shared.groupby(["outage", "part"], as_index=False, sort=True)["duration_s"].sum()
    return Spent(*(total[column].to_numpy() for column in ("outage", "part", "duration_s")))


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
