"""Utilisation, headroom and time short of capacity: by hand, and against birth-death processes."""

import math

import pytest

import outlast

HOUR = 3600.0


def endpoint(rate, regions, **more):
    """Six replicas in each region that never fail, of 10 requests per second each."""
    return {"kind": "serving_endpoint", "regions": regions, "demand": {"constant": f"{rate} req/s"},
            "replica": {"count": 6, "capacity": "10 req/s"}, **more}  # fmt: skip


def outage(start, lasts):
    return {"outage": {"every": {"at": [f"{start} s"]}, "lasts": f"{lasts} s"}}


# -- serving --------------------------------------------------------------------------------------------------------
def test_lost_zone_takes_its_headroom_along(play):
    # 60 req/s of capacity, 40 while zone a is down from 1000 to 2000
    zones = {"north": {"zones": {"a": outage(1000, 1000), "b": None, "c": None}}}
    run = play({"api": endpoint(50, {"north": "active"})}, "10000 s", regions=zones)
    capacity = 60 * 9000 + 40 * 1000
    assert run.value("api", "headroom") == pytest.approx((10 * 9000 - 10 * 1000) / capacity)
    assert run.value("api", "utilisation") == pytest.approx((50 * 9000 + 40 * 1000) / capacity)
    assert run.value("api", "time_short") == pytest.approx(0.1)


def test_demand_that_capacity_just_meets_is_not_short(play):
    run = play({"api": endpoint(60, {"north": "active"})}, "10000 s", regions={"north": None})
    assert (run.value("api", "headroom"), run.value("api", "time_short")) == (0.0, 0.0)


def test_endpoint_without_any_capacity_is_short(play):
    run = play({"api": endpoint(30, {"north": "active"})}, "10000 s", regions={"north": outage(0, 2500)})
    assert run.value("api", "time_short") == pytest.approx(0.25)
    assert run.value("api", "headroom") == pytest.approx((30 * 7500 - 30 * 2500) / (60 * 7500))


def test_replicas_in_standby_are_no_headroom_before_the_failover(play):
    regions = {"north": outage(1000, 9000), "south": None}
    api = endpoint(45, {"north": "active", "south": "standby"}, failover={"detect": "100 s", "shift": "0 s"})
    run = play({"api": api}, "10000 s", regions=regions)
    assert run.value("api", "headroom") == pytest.approx((15 * 9900 - 45 * 100) / (60 * 9900))
    assert run.value("api", "time_short") == pytest.approx(0.01)


def test_overload_all_along_has_negative_headroom_with_an_interval(sample):
    zones = {"north": {"zones": ["a", "b", "c"], "zone_outage": {"every": {"exponential": "1 h"}, "lasts": "1 h"}}}
    run = sample({"api": endpoint(70, {"north": "active"})}, "100 h", n=20, regions=zones)
    table = run.result.estimates.set_index(["component", "measure"])
    row = table.loc[("api", "headroom")]
    assert row["ci_low"] < row["mean"] < row["ci_high"] < 0
    assert table.loc[("api", "time_short"), "mean"] == 1.0


# -- teams ----------------------------------------------------------------------------------------------------------
def repair_shop(machines, people, ttf_h=4, repair_h=1):
    """Machine repair with exponential times: a birth-death process."""
    return {"scenario": "shop", "horizon": "1 y", "teams": {"crew": {"people": people}},
            "components": {"machines": {"kind": "component", "count": machines, "needs_up": 1,
                                        "time_to_failure": {"exponential": f"{ttf_h} h"},
                                        "repair": {"lasts": {"exponential": f"{repair_h} h"}, "team": "crew"}}}}  # fmt: skip


def down_at_once(machines, people, load):
    """P(k machines are down), k = 0, 1, ...; load: failure rate / repair rate. Source: Palm's machine repair model."""
    weights = [1.0]
    for k in range(machines):
        weights.append(weights[-1] * load * (machines - k) / min(k + 1, people))
    return [w / math.fsum(weights) for w in weights]


@pytest.mark.parametrize(("machines", "people"), [(3, 1), (8, 3), (5, 5)])
def test_team_has_the_utilisation_and_queue_of_the_repair_shop(machines, people):
    result = outlast.run(outlast.from_dict(repair_shop(machines, people)), engine="exact")
    long_run = result.long_run.set_index(["component", "measure"])["value"]
    p = down_at_once(machines, people, 1 / 4)
    busy = sum(min(k, people) * x for k, x in enumerate(p)) / people
    offered = long_run["machines", "failures"] / (365 * 24)  # hours of work per hour: each repair takes one
    assert long_run["team crew", "utilisation"] == pytest.approx(busy, rel=1e-9)
    assert long_run["team crew", "utilisation"] == pytest.approx(offered / people, rel=1e-9)
    assert long_run["team crew", "headroom"] == pytest.approx(1 - busy, rel=1e-9)
    assert long_run["team crew", "time_short"] == pytest.approx(sum(p[people + 1 :]), abs=1e-12)


def test_team_off_duty_is_short_while_a_job_waits_for_the_morning(play):
    job = {"kind": "component", "time_to_failure": {"at": ["1 h"]}, "repair": {"lasts": "2 h", "team": "crew"}}
    run = play({"a": job}, "7 d", teams={"crew": {"people": 1, "hours": "business"}})
    assert run.value("team crew", "time_short") == pytest.approx(8 / 168)  # 1:00 to 9:00 on Monday
    assert run.value("team crew", "headroom") == pytest.approx(1 - 2 / 40)


# -- training -------------------------------------------------------------------------------------------------------
def job(hosts):
    return {"kind": "training_cluster", "hosts": hosts, "checkpoint": {"every": "10 h", "restart": "1 min"},
            "repair": {"lasts": {"exponential": "10 h"}}}  # fmt: skip


def test_spare_hosts_are_the_headroom_of_a_cluster(play):
    # all four hosts fail at 1000 s and are repaired 200 s later
    hosts = {"count": 4, "needs": 3, "time_to_failure": "1000 s"}
    cluster = {**job(hosts), "repair": {"lasts": "200 s"}}
    run = play({"job": cluster}, "1200 s")
    assert run.value("job", "headroom") == pytest.approx(0.25)
    assert run.value("job", "utilisation") == pytest.approx(0.75)
    assert run.value("job", "time_short") == pytest.approx(200 / 1200)


def test_hot_spares_with_a_repairer_each_are_up_independently(sample, close):
    # P(a host is up) = 50 / 60; the job is short while fewer than 3 of 4 are
    hosts = {"count": 4, "needs": 3, "time_to_failure": {"exponential": "50 h"}}
    run = sample({"job": job(hosts)}, "2000 h", n=60, warm_up="100 h")
    up = 50 / 60
    four, three = up**4, 4 * up**3 * (1 - up)
    close(run.values("job", "time_short"), 1 - four - three)
    active = 3 * (four + three) + 2 * 6 * up**2 * (1 - up) ** 2 + 4 * up * (1 - up) ** 3
    mean = run.result.estimates.set_index(["component", "measure"]).loc[("job", "headroom")]
    assert abs(mean["mean"] - (1 - active / (4 * up))) < 4 * (mean["ci_high"] - mean["ci_low"]) / 3.92
