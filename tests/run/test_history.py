"""The history of one replication agrees with what the engine measured of it, however it was worked out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import outlast
from outlast.engines import kernel, reference
from outlast.program import tables as t
from outlast.run.history import History, Series, replay
from outlast.scenario import load, loads

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MONTHS = {"quickstart": "1 y", "two-region-platform": "40 d"}

# Down from day 9 to 10, 19 to 20, ...
CLOCKWORK = """\
scenario: clockwork
horizon: 25 d
warm_up: 5 d
components:
  db: {kind: component, time_to_failure: 9 d, repair: {lasts: 1 d}}
  pair: {kind: component, count: 2, needs_up: 1, time_to_failure: 20 d, repair: {lasts: 10 d}}
"""
DAY = 86_400.0


@pytest.fixture(scope="module", params=sorted(MONTHS))
def history(request: pytest.FixtureRequest) -> History:
    scenario = load(SCENARIOS / f"{request.param}.yaml", {"horizon": MONTHS[request.param]})
    return replay(scenario.program(), 5, 2)


def by_name(history: History) -> dict[tuple[str, str], Series]:
    return {(series.component, series.name): series for series in history.series}


def test_the_time_integral_of_every_flow_is_what_its_meter_says(history: History) -> None:
    program = history.program
    sums = dict(zip(program.meters, history.outcome.sums.sum(axis=0).tolist(), strict=True))
    series, checked = by_name(history), 0
    for place, service in enumerate(program.names.services):
        first = int(program.tables["services"]["meter0"][place])
        if first < 0:
            continue
        component = service.removesuffix(" requests")
        for name, field in (("demand", t.OFFERED), ("served", t.SERVED), ("good", t.GOOD)):
            total = float(series[component, name].integral(np.array([program.horizon]))[0])
            assert total == pytest.approx(sums[program.meters[first + field]], rel=1e-9)
            checked += 1
    assert checked


def test_the_time_integral_of_every_count_is_what_its_meter_says(history: History) -> None:
    program, series = history.program, by_name(history)
    sums = dict(zip(program.meters, history.outcome.sums.sum(axis=0).tolist(), strict=True))
    checked = 0
    for metric in program.metrics:
        if metric.kind == "time_mean" and len(metric.over) == 1 and metric.measure in ("hosts_up", "replicas"):
            name = {"hosts_up": "hosts up"}.get(metric.measure, metric.measure)
            total = float(series[metric.component, name].integral(np.array([program.horizon]))[0])
            assert total == pytest.approx(metric.over[0][0] * sums[metric.over[0][1]], rel=1e-9)
            checked += 1
    assert checked


def test_the_time_down_of_every_component_is_that_of_its_outages(history: History) -> None:
    series, outages = by_name(history), history.outages
    for component in history.measured:
        up = float(series[component, "available"].integral(np.array([history.horizon]))[0])
        down = outages.loc[outages["component"] == component, "duration_s"].sum()
        assert history.horizon - up == pytest.approx(down, abs=1e-3)


def test_both_engines_give_the_same_history() -> None:
    program = load(SCENARIOS / "quickstart.yaml").program()
    one = History(program, kernel.run(program, 5, 2, trace=True))
    other = History(program, reference.run(program, 5, 2, trace=True))
    assert one.stays == other.stays
    for mine, theirs in zip(one.series, other.series, strict=True):
        assert np.array_equal(mine.times, theirs.times) and np.array_equal(mine.values, theirs.values)


def test_failures_and_outages_of_clockwork_are_where_they_must_be() -> None:
    history = replay(loads(CLOCKWORK).program(), 1, 0)
    db = [(one.start, one.end, one.state, one.open) for one in history.failures if one.component == "db"]
    assert db == [(9 * DAY, 10 * DAY, "repairing", False), (19 * DAY, 20 * DAY, "repairing", False),
                  (29 * DAY, 30 * DAY, "repairing", True)]  # fmt: skip
    pair = [(one.unit, one.start, one.end, one.open) for one in history.failures if one.component == "pair"]
    assert pair == [("pair[0]", 20 * DAY, 30 * DAY, True), ("pair[1]", 20 * DAY, 30 * DAY, True)]
    found = [(row.component, row.start_s, row.duration_s, row.censored) for row in history.outages.itertuples()]
    assert ("db", 9 * DAY, DAY, False) in found and ("pair", 20 * DAY, 10 * DAY, True) in found


def test_stays_of_every_unit_fill_the_time(history: History) -> None:
    together: dict[str, list[tuple[float, float]]] = {}
    for stay in history.stays:
        together.setdefault(stay.unit, []).append((stay.start, stay.end))
    assert len(together) == history.program.units
    for spans in together.values():
        edges = [end for _, end in spans]
        assert [start for start, _ in spans] == [0.0, *edges[:-1]] and edges[-1] == history.horizon


def test_a_series_is_read_between_its_changes() -> None:
    series = Series("db", "x", "1", np.array([0.0, 10.0]), np.array([2.0, 5.0]))
    assert series.at(np.array([0.0, 9.9, 10.0, 99.0])).tolist() == [2.0, 2.0, 5.0, 5.0]
    assert series.integral(np.array([0.0, 5.0, 10.0, 12.0])).tolist() == [0.0, 10.0, 20.0, 30.0]


def test_a_history_comes_from_python_too() -> None:
    path = SCENARIOS / "quickstart.yaml"
    one, other = outlast.history(path, 2, seed=5), replay(load(path).program(), 5, 2)
    assert one.stays == other.stays
    assert outlast.history(path).outcome.seed == load(path).spec.seed
