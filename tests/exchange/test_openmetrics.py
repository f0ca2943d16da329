"""OpenMetrics: the reference parser reads it, and it says what the history does."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from outlast.exchange.clock import Clock
from outlast.exchange.openmetrics import document
from outlast.run.history import History

STEP, UNTIL = 6 * 3600.0, 12 * 86_400.0
ABOUT = {"scenario": 'a "b"\\c\nd', "seed": "1"}


@pytest.fixture(scope="module")
def families(history: History, clock: Clock) -> dict[str, Any]:
    text = document(history, clock, STEP, 0.0, UNTIL, ABOUT)
    return {family.name: family for family in text_string_to_metric_families(text)}


def values(family: Any, **labels: str) -> list[float]:
    return [sample.value for sample in family.samples if sample.labels == labels]


def test_the_reference_parser_reads_every_family(families: dict[str, Any]) -> None:
    kinds = {name: family.type for name, family in families.items()}
    assert kinds == {
        "outlast_simulation": "info", "outlast_available": "gauge", "outlast_downtime_seconds": "counter",
        "outlast_outages": "counter", "outlast_request_rate": "gauge", "outlast_requests": "counter",
        "outlast_units": "gauge",
    }  # fmt: skip
    assert families["outlast_simulation"].samples[0].labels == {**ABOUT, "simulated": "true"}
    assert families["outlast_downtime_seconds"].unit == "seconds"


def test_samples_are_a_step_apart_and_begin_at_the_date(families: dict[str, Any], clock: Clock) -> None:
    times = defaultdict(list)
    for sample in families["outlast_units"].samples:
        times[tuple(sample.labels.items())].append(float(sample.timestamp))
    for each in times.values():
        assert each == [clock.at(0.0).timestamp() + k * STEP for k in range(48)]


def test_values_are_those_of_the_history(families: dict[str, Any], history: History) -> None:
    grid = np.arange(0.0, UNTIL, STEP)
    for series in history.series:
        labels = {"component": series.component}
        if series.unit == "req/s":
            found = values(families["outlast_request_rate"], **labels, flow=series.name)
        elif series.name == "available":
            found = values(families["outlast_available"], **labels)
        else:
            found = values(families["outlast_units"], **labels, group=series.name)
        assert found == series.at(grid).tolist()


def test_downtime_and_outages_add_up_to_those_of_the_replication(history: History, clock: Clock) -> None:
    text = document(history, clock, UNTIL, 0.0, UNTIL + 1.0, ABOUT)
    parsed = {family.name: family for family in text_string_to_metric_families(text)}
    outages = history.outages
    for component in history.measured:
        mine = outages[outages["component"] == component]
        assert values(parsed["outlast_outages"], component=component)[-1] == len(mine)
        down = values(parsed["outlast_downtime_seconds"], component=component)[-1]
        assert down == pytest.approx(mine["duration_s"].sum(), abs=1e-3)


def test_failed_requests_are_those_that_were_not_good(families: dict[str, Any]) -> None:
    flows = {flow: np.array(values(families["outlast_requests"], component="ranker", flow=flow))
             for flow in ("demand", "good", "failed")}  # fmt: skip
    assert flows["failed"][-1] > 0.0
    assert flows["demand"] - flows["good"] == pytest.approx(flows["failed"], abs=1e-3)


def test_counters_never_fall(families: dict[str, Any]) -> None:
    for family in families.values():
        if family.type == "counter":
            by_labels = defaultdict(list)
            for sample in family.samples:
                by_labels[tuple(sample.labels.items())].append(sample.value)
            assert all(np.all(np.diff(each) >= -1e-6) for each in by_labels.values())
