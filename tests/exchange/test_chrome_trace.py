"""Chrome traces: the fields of the Trace Event Format, and every outage where it was."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any

import jsonschema
import numpy as np
import pytest

from outlast.exchange.chrome_trace import document, extremes
from outlast.run.history import History

# "Trace Event Format" (Chromium project): complete events, counters, metadata.
NUMBER, TEXT = {"type": "number", "minimum": 0}, {"type": "string", "minLength": 1}
COMMON = {"name": TEXT, "ph": {"enum": ["X", "C", "M"]}, "pid": {"type": "integer"}, "tid": {"type": "integer"}}
METADATA = ["process_name", "thread_name", "process_sort_index", "thread_sort_index"]
EVENTS = {
    "X": {"properties": {**COMMON, "ts": NUMBER, "dur": NUMBER, "cat": TEXT, "args": {"type": "object"}},
          "required": ["name", "ph", "ts", "dur", "pid", "tid"]},
    "C": {"properties": {**COMMON, "ts": NUMBER, "args": {"type": "object", "minProperties": 1,
                                                          "additionalProperties": {"type": "number"}}},
          "required": ["name", "ph", "ts", "pid", "args"]},
    "M": {"properties": {**COMMON, "name": {"enum": METADATA}, "args": {"type": "object"}},
          "required": ["name", "ph", "pid", "args"]},
}  # fmt: skip
TRACE = {
    "type": "object",
    "required": ["traceEvents"],
    "properties": {
        "displayTimeUnit": {"enum": ["ms", "ns"]},
        "otherData": {"type": "object"},
        "traceEvents": {"type": "array", "minItems": 1},
    },
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def trace(history: History) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(document(history, {"scenario": "x"}))
    return loaded


def test_a_trace_has_the_fields_of_the_format(trace: dict[str, Any]) -> None:
    jsonschema.validate(trace, TRACE)
    validators = {kind: jsonschema.Draft202012Validator({**schema, "additionalProperties": False})
                  for kind, schema in EVENTS.items()}  # fmt: skip
    for event in trace["traceEvents"]:
        validators[event["ph"]].validate(event)
    assert {event["ph"] for event in trace["traceEvents"]} == set(EVENTS)


def test_times_do_not_go_back(trace: dict[str, Any]) -> None:
    times = [event["ts"] for event in trace["traceEvents"] if event["ph"] != "M"]
    assert times == sorted(times)


def test_slices_of_a_lane_do_not_overlap_and_every_lane_has_a_name(trace: dict[str, Any]) -> None:
    lanes: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            lanes[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    assert all(one[1] <= then[0] + 1e-3 for spans in lanes.values() for one, then in pairwise(spans))
    named = {(e["pid"], e["tid"]) for e in trace["traceEvents"] if e["name"] == "thread_name"}
    processes = {e["pid"] for e in trace["traceEvents"] if e["name"] == "process_name"}
    assert set(lanes) <= named and {pid for pid, _ in named} <= processes


def test_every_outage_is_a_slice_in_the_lane_of_its_component(trace: dict[str, Any], history: History) -> None:
    lanes = {(e["pid"], e["tid"]): e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"}
    slices = sorted((lanes[e["pid"], e["tid"]], e["ts"] / 1e6, e["dur"] / 1e6, e["args"]["cause"])
                    for e in trace["traceEvents"] if e.get("cat") == "outage")  # fmt: skip
    rows = history.outages[["component", "start_s", "duration_s", "cause"]].itertuples(index=False, name=None)
    for mine, theirs in zip(slices, sorted(rows), strict=True):
        assert (mine[0], mine[3]) == (theirs[0], theirs[3])
        assert mine[1:3] == pytest.approx(theirs[1:3], rel=1e-9)


def test_counters_end_where_the_endpoint_does(trace: dict[str, Any], history: History) -> None:
    capacity = next(s for s in history.series if (s.component, s.name) == ("ranker", "capacity"))
    counted = [e["args"]["capacity"] for e in trace["traceEvents"] if e["name"] == "ranker capacity, req/s"]
    assert counted == capacity.values.tolist()


def test_of_too_many_points_the_extremes_are_kept() -> None:
    times = np.arange(1000.0)
    values = np.sin(times) + (times == 777.0) * 50.0 - (times == 333.0) * 50.0
    places = extremes(times, values, 10)
    assert len(places) <= 21 and {0, 333, 777} <= set(places.tolist())
    assert np.all(np.diff(places) > 0)
