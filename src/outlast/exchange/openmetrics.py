"""OpenMetrics text of one replication, with timestamps: for `promtool tsdb create-blocks-from openmetrics`.

Source: OpenMetrics 1.0.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from outlast.exchange.clock import Clock
from outlast.run.history import FLOWS, Floats, History, Series

AVAILABLE, PER_SECOND = "available", "req/s"
Labels = dict[str, str]


@dataclass
class Family:
    """A metric family. samples: (what the name ends with, labels, times in seconds, values)."""

    name: str
    kind: str
    words: str
    unit: str = ""
    samples: list[tuple[str, Labels, Floats, Floats]] = field(default_factory=list)


def document(history: History, clock: Clock, step: float, since: float, until: float, about: Labels) -> str:
    """The text. step: seconds between samples, from `since` to `until`; about: labels of the simulation itself."""
    times = np.arange(since, until, step)
    lines = [line for family in _families(history, times, about) for line in _lines(family, clock)]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _families(history: History, times: Floats, about: Labels) -> Iterator[Family]:
    first = times[:1]
    info = Family("outlast_simulation", "info", "What was simulated; nothing here was measured.")
    info.samples.append(("_info", {**about, "simulated": "true"}, first, np.ones(len(first))))
    yield info
    series = history.series
    up = [one for one in series if one.name == AVAILABLE]
    yield _gauge("outlast_available", "Whether the component is up.", up, times, group=False)
    down = Family("outlast_downtime_seconds", "counter", "Time that the component has been down.", "seconds")
    outages = Family("outlast_outages", "counter", "Outages that have begun.")
    starts = history.outages
    for one in up:
        begun = np.sort(starts.loc[starts["component"] == one.component, "start_s"].to_numpy())
        labels = {"component": one.component}
        down.samples.append(("_total", labels, times, times - one.integral(times)))
        outages.samples.append(("_total", labels, times, np.searchsorted(begun, times, side="right").astype(float)))
    yield down
    yield outages
    yield from _requests([one for one in series if one.unit == PER_SECOND and one.name in FLOWS], times)
    units = [one for one in series if one.unit != PER_SECOND and one.name != AVAILABLE]
    yield _gauge("outlast_units", "Units in a group, such as hosts up.", units, times, group=True)


def _requests(flows: list[Series], times: Floats) -> Iterator[Family]:
    rate = Family("outlast_request_rate", "gauge", "Requests per second: demand, served, good, capacity.")
    total = Family("outlast_requests", "counter", "Requests so far: demand, served, good, failed.")
    so_far: dict[str, dict[str, Floats]] = {}
    for one in flows:
        labels = {"component": one.component, "flow": one.name}
        rate.samples.append(("", labels, times, one.at(times)))
        if one.name != "capacity":
            so_far.setdefault(one.component, {})[one.name] = one.integral(times)
    for component, counts in so_far.items():
        counts["failed"] = np.maximum.accumulate(counts["demand"] - counts["good"])  # round-off never counts down
        for flow, values in counts.items():
            total.samples.append(("_total", {"component": component, "flow": flow}, times, values))
    yield rate
    yield total


def _gauge(name: str, words: str, series: Iterable[Series], times: Floats, *, group: bool) -> Family:
    family = Family(name, "gauge", words)
    for one in series:
        labels = {"component": one.component, **({"group": one.name} if group else {})}
        family.samples.append(("", labels, times, one.at(times)))
    return family


def _lines(family: Family, clock: Clock) -> Iterator[str]:
    if not family.samples:
        return
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {family.words}"
    for ending, labels, times, values in family.samples:
        marks = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
        head = f"{family.name}{ending}{{{marks}}}"
        for time, value in zip(times.tolist(), values.tolist(), strict=True):
            yield f"{head} {value!r} {clock.unix(time):.3f}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
