"""The Trace Event Format of Chromium, which Perfetto opens: outages and failures as slices, requests as counters.

Source: "Trace Event Format" (Chromium project): complete events `X`, counters `C`, metadata `M`; times in microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from outlast.exchange.incident import of_outages
from outlast.run.history import FLOWS, Floats, History, Series

SERVICES, ITEMS, REQUESTS = 1, 2, 3  # process numbers; one further process for the items of each component
MICROSECONDS = 1e6
MOST_POINTS = 20_000  # of a counter; of more, the extremes of as many spans of time

Event = dict[str, Any]


def document(history: History, about: dict[str, Any]) -> str:
    """The trace as JSON.  about: what else is known, kept under `otherData`."""
    events = [*_outages(history), *_failures(history), *_requests(history)]
    names = [one for one in events if one["ph"] == "M"]
    timed = sorted((one for one in events if one["ph"] != "M"), key=lambda one: (one["ts"], one["pid"], one["tid"]))
    trace = {"traceEvents": [*names, *timed], "displayTimeUnit": "ms", "otherData": {"simulated": "true", **about}}
    return json.dumps(trace, ensure_ascii=False, allow_nan=False) + "\n"


def _outages(history: History) -> Iterator[Event]:
    """One lane per component that can be down."""
    lanes = {name: tid for tid, name in enumerate(dict.fromkeys(history.measured), start=1)}
    yield from _process(SERVICES, "outages", lanes)
    for one in of_outages(history.outages, history.outcome.replication):
        args = {"cause": one.cause, "scope": one.scope, "source": one.source, "open": one.open}
        yield _slice(SERVICES, lanes[one.item], one.words, "outage", one.start_s, one.duration_s, args)


def _failures(history: History) -> Iterator[Event]:
    """One process per component, one lane per item that failed, one slice per state until it was back."""
    bad = [stay for stay in history.stays if stay.bad]
    for pid, component in enumerate(dict.fromkeys(stay.component for stay in bad), start=REQUESTS + 1):
        stays = [stay for stay in bad if stay.component == component]
        lanes = {name: tid for tid, name in enumerate(dict.fromkeys(stay.unit for stay in stays), start=1)}
        yield from _process(pid, f"{component}: items", lanes)
        for stay in stays:
            args = {"cause": stay.cause, "scope": stay.scope, "open": stay.open}
            yield _slice(pid, lanes[stay.unit], stay.state, "failure", stay.start, stay.end - stay.start, args)


def _requests(history: History) -> Iterator[Event]:
    """Counters of every endpoint."""
    flows = [series for series in history.series if series.name in FLOWS and series.unit == "req/s"]
    if flows:
        yield from _process(REQUESTS, "requests", {})
    for series in flows:
        for time, value in _points(series):
            yield {"ph": "C", "name": f"{series.component} {series.name}, {series.unit}", "pid": REQUESTS, "tid": 0,
                   "ts": time * MICROSECONDS, "args": {series.name: value}}  # fmt: skip


def _points(series: Series) -> Iterable[tuple[float, float]]:
    """Every change; of too many, the least and the greatest value in each of equal spans of time."""
    places = np.arange(len(series.times))
    if len(places) > MOST_POINTS:
        places = extremes(series.times, series.values, MOST_POINTS // 2)
    return zip(series.times[places].tolist(), series.values[places].tolist(), strict=True)


def extremes(times: Floats, values: Floats, spans: int) -> np.ndarray:
    """Places of the least and the greatest value in each span, in order; and the first place."""
    span = np.minimum((times / times[-1] * spans).astype(np.int64), spans - 1)
    order = np.lexsort((values, span))
    edges = np.flatnonzero(np.diff(span[order], prepend=-1))
    return np.unique(np.concatenate([[0], order[edges], order[np.append(edges[1:], len(order)) - 1]]))


def _process(pid: int, name: str, lanes: dict[str, int]) -> Iterator[Event]:
    yield {"ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": {"name": name}}
    yield {"ph": "M", "name": "process_sort_index", "pid": pid, "tid": 0, "args": {"sort_index": pid}}
    for lane, tid in lanes.items():
        yield {"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": lane}}
        yield {"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": tid, "args": {"sort_index": tid}}


def _slice(pid: int, tid: int, name: str, category: str, start: float, duration: float, args: Event) -> Event:
    return {"ph": "X", "name": name, "cat": category, "pid": pid, "tid": tid, "ts": start * MICROSECONDS,
            "dur": duration * MICROSECONDS, "args": args}  # fmt: skip
