"""`autoscale` of a serving endpoint: replicas that come and go, by hand, on both engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

import outlast
from outlast.engines import reference
from outlast.engines.kernel.driver import Run
from outlast.errors import ScenarioError
from outlast.program.tables import OK
from outlast.scenario import from_dict, loads

PLAIN: dict[str, Any] = {"north": None}
YEAR_H = 8760.0


def steps(folder, *rates):
    """A demand of 100 s steps, from a file."""
    (folder / "rates.csv").write_text("rate\n" + "".join(f"{rate}\n" for rate in rates))
    return {"csv": {"file": "rates.csv", "column": "rate", "step": "100 s", "period": f"{100 * len(rates)} s"}}


def api(demand, regions=None, replica=None, scale=None, **more):
    """Replicas of 10 requests per second, at half of which they should be; evaluated every 10 s, up to date."""
    scaling = {"target": "50 %", "min": 2, "max": 12, "every": "10 s", "cold_start": "25 s", "metrics_age": "0 s",
               "phase": "0 s", "scale_down_after": "0 s", "tolerance": "0 %", **(scale or {})}  # fmt: skip
    if isinstance(demand, int | float):
        demand = {"constant": f"{demand} req/s"}
    return {"kind": "serving_endpoint", "regions": regions or {"north": "active"}, "demand": demand,
            "replica": {"capacity": "10 req/s", **(replica or {})}, "autoscale": scaling, **more}  # fmt: skip


def outage(start, lasts):
    return {"outage": {"every": {"at": [f"{start} s"]}, "lasts": f"{lasts} s"}}


def paid_seconds(run):
    """Seconds of replicas that exist, over the whole run."""
    return run.value("api", "running_replicas") * run.scenario.spec.horizon


def ready_seconds(run):
    return run.value("api", "ready_replicas") * run.scenario.spec.horizon


# -- up and down ------------------------------------------------------------------------------------------------------
def test_replicas_start_at_the_minimum_and_serve_after_the_cold_start(play):
    run = play({"api": api(40)}, "100 s", regions=PLAIN)
    # at 0 s: use 2, 40 / 5 = 8 replicas; 4 may be added, at 10 s: the rest; ready at 25 and 35 s
    assert paid_seconds(run) == pytest.approx(6 * 10 + 8 * 90)
    assert ready_seconds(run) == pytest.approx(2 * 25 + 6 * 10 + 8 * 65)
    assert run.value("api", "dropped_share") * 40 * 100 == pytest.approx(20 * 25)
    assert run.count("api", "scale_ups") == 2
    assert run.count("api", "scale_downs") == 0
    assert run.outages("api") == [(0.0, 25.0)]


def test_without_a_cold_start_the_restart_of_the_replica_counts(play):
    run = play({"api": api(40, replica={"restart": "60 s"}, scale={"cold_start": None})}, "100 s", regions=PLAIN)
    assert run.outages("api") == [(0.0, 60.0)]


def test_count_is_how_many_there_are_at_the_start(play):
    run = play({"api": api(40, replica={"count": 8})}, "100 s", regions=PLAIN)
    assert (paid_seconds(run), run.outages("api")) == (pytest.approx(800), [])


def test_less_demand_stops_replicas_after_the_window(play, tmp_path):
    demand = steps(tmp_path, 40, 20, 20, 20)
    at_once = play({"api": api(demand, replica={"count": 8})}, "400 s", regions=PLAIN, folder=str(tmp_path))
    assert paid_seconds(at_once) == pytest.approx(8 * 100 + 4 * 300)
    later = play({"api": api(demand, replica={"count": 8}, scale={"scale_down_after": "60 s"})}, "400 s",
                 regions=PLAIN, folder=str(tmp_path))  # fmt: skip
    assert paid_seconds(later) == pytest.approx(8 * 150 + 4 * 250)  # the last use of 0.5 was seen at 90 s
    assert later.value("api", "replica_hours") == pytest.approx((8 * 150 + 4 * 250) / 3600 * YEAR_H * 3600 / 400)
    assert later.count("api", "scale_downs") == 1


def test_old_metrics_act_late(play, tmp_path):
    demand = steps(tmp_path, 20, 40)
    run = play({"api": api(demand, replica={"count": 4}, scale={"metrics_age": "15 s"})}, "200 s", regions=PLAIN,
               folder=str(tmp_path))  # fmt: skip
    assert ready_seconds(run) == pytest.approx(4 * 200 + 4 * (200 - 120 - 25))  # two evaluations


def test_limits_of_one_evaluation(play):
    scale = {"scale_up": {"replicas": 1}, "scale_down": {"share": "50 %"}}
    slow = play({"api": api(40, scale=scale)}, "100 s", regions=PLAIN)
    assert paid_seconds(slow) == pytest.approx(10 * (3 + 4 + 5 + 6 + 7) + 8 * 50)
    down = play({"api": api(10, replica={"count": 12}, scale=scale)}, "100 s", regions=PLAIN)
    assert paid_seconds(down) == pytest.approx(10 * (6 + 3) + 2 * 80)


def test_time_at_the_maximum(play, tmp_path):
    demand = steps(tmp_path, 20, 400, 20, 20)
    run = play({"api": api(demand, replica={"count": 4})}, "400 s", regions=PLAIN, folder=str(tmp_path))
    # 4 -> 8 at 100 s, 12 at 110 s; at 200 s the use is 20 / 120: 4 again
    assert run.value("api", "time_at_max") == pytest.approx(90 / 400)


def test_utilisation_is_of_the_replicas_that_were_ready(play, tmp_path):
    demand = steps(tmp_path, 40, 20)
    run = play({"api": api(demand, replica={"count": 8})}, "200 s", regions=PLAIN, folder=str(tmp_path))
    assert run.value("api", "utilisation") == pytest.approx(0.5)
    assert ready_seconds(run) == pytest.approx(8 * 100 + 4 * 100)


def test_a_drawn_phase_is_uniform_over_the_period(play):
    run = play({"api": api(40, scale={"phase": None, "max": 3})}, "100 s", regions=PLAIN, n=200)
    phases = 200.0 + 100.0 - run.values("api", "running_replicas") * 100
    assert stats.kstest(phases / 10.0, "uniform").pvalue > 1e-4


# -- failures -----------------------------------------------------------------------------------------------------------
def test_failed_replicas_still_restart_in_their_place(play):
    shape = {"count": 4, "time_to_failure": "70 s", "detection": "5 s", "restart": "20 s"}
    run = play({"api": api(20, replica=shape, scale={"scale_up": {}})}, "100 s", regions=PLAIN)
    assert paid_seconds(run) == pytest.approx(400)
    assert ready_seconds(run) == pytest.approx(4 * 75)
    assert run.count("api", "replica_failures") == 4


def test_survivors_of_a_zone_are_joined_by_replicas_elsewhere(play):
    """Six replicas in two zones at their target; one zone is lost at 100 s, noticed at once, given up at 150 s."""
    regions = {"north": {"zones": {"a": outage(100, 400), "b": None}}}
    zones = api(30, replica={"count": 6}, zone_detection="0 s", scale={"replace_after": "50 s"})
    run = play({"api": zones}, "300 s", regions=regions)
    # until 150 s the lost three count as idle: 3 x 2 = 6, no change; then 3 more in zone b, ready at 175 s
    assert paid_seconds(run) == pytest.approx(6 * 300)
    assert ready_seconds(run) == pytest.approx(6 * 150 + 3 * 25 + 6 * 125)
    assert run.count("api", "scale_ups") == 1


def test_replicas_of_a_zone_that_returns_serve_on(play):
    regions = {"north": {"zones": {"a": outage(100, 40), "b": None}}}
    run = play({"api": api(30, replica={"count": 6}, scale={"replace_after": "50 s"})}, "300 s", regions=regions)
    assert (run.count("api", "scale_ups"), run.count("api", "scale_downs")) == (0, 0)
    assert ready_seconds(run) == pytest.approx(6 * 300)


def test_nothing_is_started_in_a_lost_zone(play):
    regions = {"north": {"zones": {"a": outage(50, 400), "b": None}}}
    run = play({"api": api(30, replica={"count": 2}, scale={"max": 4, "replace_after": "20 s"})}, "400 s",
               regions=regions)  # fmt: skip
    # 2 -> 4 at 0 s, two in each zone; those of a are given up at 70 s and there is no room for more in b
    assert paid_seconds(run) == pytest.approx(4 * 70 + 2 * 330)


def test_a_region_without_requests_shrinks_and_grows_when_it_takes_over(play):
    regions = {"north": outage(200, 600), "south": None}
    roles = {"north": "active", "south": "standby"}
    endpoint = api(40, roles, replica={"count": 8}, scale={"min": {"north": 8, "south": 2}})
    run = play({"api": endpoint}, "400 s", regions=regions)
    # south falls to 2 at 0 s; takes over at 200 s: 6 at 200 s, 8 at 210 s, ready 25 s later
    assert run.outages("api") == [(200.0, 25.0)]
    assert run.count("api", "scale_downs") == 1


# -- a platform -------------------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_year_of_two_regions_is_the_same_on_both_engines_and_without_sleep():
    """Two autoscalers evaluate every 15 s: 4.2 million evaluations in the reference, a few per cent in the kernel."""
    template = Path(outlast.__file__).parent / "cli" / "templates" / "two-region.yaml"
    program = outlast.load(template).program()
    head = program.tables["head"].copy()
    head["sleep"] = 0
    awake = replace(program, tables={**program.tables, "head": head}, cache={})
    asleep, ticking = (Run(each, 1, 0, log_rows=1 << 16) for each in (program, awake))
    assert [run.advance(program.horizon, finish=True) for run in (asleep, ticking)] == [OK, OK]
    evaluations = [int(run.world.controllers["ticks"].sum()) for run in (asleep, ticking)]
    assert evaluations[1] == 2 * 365 * 86_400 / 15
    assert evaluations[0] < 0.05 * evaluations[1]
    ours = asleep.outcome()
    for other in (ticking.outcome(), reference.run(program, 1, 0)):
        assert ours.events == other.events > 10_000
        assert ours.sums.tobytes() == other.sums.tobytes()
        assert ours.log.tobytes() == other.log.tobytes()


# -- bad input ------------------------------------------------------------------------------------------------------------
TEXT = """\
scenario: bad
horizon: 1 d
regions: {{north: {{}}}}
components:
  api:
    kind: serving_endpoint
    regions: {{north: active}}
    demand: {{constant: 10 req/s}}
    replica: {{capacity: 10 req/s}}
    autoscale: {{{fields}}}
"""


@pytest.mark.parametrize(
    ("fields", "culprit", "message"),
    [
        ("target: 65 %, max: 5", "autoscale", "autoscale.min: field required"),
        ("target: 65 %, min: 5", "autoscale", "autoscale.max: field required"),
        ("target: 65 %, min: 5, max: 4", "4}", "autoscale.max: must be at least min, 5 (got 4)"),
        ("target: 65 %, min: 0, max: 4", "0, max", "autoscale.min: a whole number must be above zero (got 0)"),
        ("target: 0 %, min: 1, max: 4", "0 %", "autoscale.target: must be above 0 %"),
        ("target: 65 %, min: 1, max: 4, every: 0 s", "0 s", "autoscale.every: a duration must be above zero"),
        ("target: 65 %, min: {south: 1}, max: 4", "{south", "autoscale.min: says nothing about region 'north'"),
        ("target: 65 %, min: 1, max: {north: 2, south: 3}", "3}", "max.south: the endpoint is not in region 'south'"),
        ("target: 65 %, min: {north: 3}, max: 2", "2}", "max: must be at least min in north, 3 (got 2)"),
        ("target: 65 %, min: 1, max: 2, scale_down_after: 30 d", "30 d", "spans more than 10,000 evaluations"),
        ("target: 65 %, min: 1, max: 2, metrics_age: 30 d", "30 d", "spans more than 1,000 evaluations"),
    ],
)
def test_bad_numbers_are_one_message_each(fields, culprit, message):
    text = TEXT.format(fields=fields)
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    (problem,) = caught.value.problems
    assert message in str(problem)
    assert (problem.line, problem.column) == (10, text.splitlines()[9].index(culprit) + 1)


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ({"count": 1}, "must be within the bounds of autoscale, 2 to 12 (got 1)"),
        ({"count": {"north": 13}}, "must be within the bounds of autoscale, 2 to 12 (got 13)"),
    ],
)
def test_count_outside_the_bounds_is_refused(endpoint, message):
    with pytest.raises(ScenarioError, match="within the bounds") as caught:
        from_dict({"scenario": "x", "horizon": "1 d", "regions": {"north": {}},
                   "components": {"api": api(10, replica=endpoint)}})  # fmt: skip
    assert message in str(caught.value)


def test_a_count_is_needed_without_autoscale():
    fixed = {key: value for key, value in api(10).items() if key != "autoscale"}
    with pytest.raises(ScenarioError, match=r"replica\.count: field required"):
        from_dict({"scenario": "x", "horizon": "1 d", "regions": {"north": {}}, "components": {"api": fixed}})
