"""`serving_endpoint`: requests offered, served and dropped, by hand."""

import math

import pytest
from scipy import stats

SECONDS = 10_000.0
PLAIN = {"north": None, "south": None}


def api(rate=30, count=6, capacity=10, regions=None, **more):
    """Replicas that never fail, of 10 requests per second each, and a constant demand."""
    replica = {"count": count, "capacity": f"{capacity} req/s", **more.pop("replica", {})}
    return {"kind": "serving_endpoint", "regions": regions or {"north": "active"},
            "demand": {"constant": f"{rate} req/s"}, "replica": replica, **more}  # fmt: skip


def outage(start, lasts):
    return {"outage": {"every": {"at": [f"{start} s"]}, "lasts": f"{lasts} s"}}


def dropped(run):
    """Number of requests dropped."""
    return run.value("api", "dropped_share") * run.value("api", "demand") * SECONDS


# -- capacity and demand --------------------------------------------------------------------------------------------
def test_everything_is_served_while_there_is_capacity(play):
    run = play({"api": api()}, "10000 s", regions=PLAIN)
    assert run.value("api", "request_availability") == 1.0
    assert run.value("api", "dropped_share") == 0.0
    assert run.value("api", "demand") == 30.0
    assert run.value("api", "utilisation") == pytest.approx(0.5)
    assert run.value("api", "ready_replicas") == 6.0
    assert run.outages("api") == []


def test_demand_above_capacity_is_dropped_all_along(play):
    run = play({"api": api(rate=100)}, "10000 s", regions=PLAIN)
    assert run.value("api", "served_share") == pytest.approx(0.6)
    assert run.outages("api") == [(0.0, SECONDS)]
    assert run.column("api", "censored") == [True]
    assert run.value("api", "utilisation") == pytest.approx(1.0)


def test_endpoint_without_demand_is_available(play):
    run = play({"api": api(rate=0)}, "10000 s", regions={"north": outage(1000, 100)})
    assert run.outages("api") == []
    assert math.isnan(run.value("api", "request_availability"))


@pytest.mark.parametrize(("rate", "count"), [(0.7, 3), (0.7, 12), (0.9, 9), (33.3, 7)])
def test_all_requests_served_is_a_hundred_percent_whatever_the_rounding(play, rate, count):
    run = play({"api": api(rate, count, available_above="100 %")}, "10000 s", regions=PLAIN)
    assert run.outages("api") == []


def test_diurnal_demand_adds_up_to_the_mean_and_peaks_in_its_hour(play):
    demand = {"diurnal": {"low": "100 req/s", "high": "300 req/s", "peak_at": "14 h 30 min"}}
    spec = {**api(count=100), "demand": demand}
    run = play({"api": spec}, "3 d", regions=PLAIN, window="1 h")
    hours = run.window("api", "demand")
    assert run.value("api", "demand") == pytest.approx(200.0)
    assert len(hours) == 72
    # the mean of 200 + 100 cos over an hour around the peak: sin(pi/24) / (pi/24) of 100
    swing = math.sin(math.pi / 24) / (math.pi / 24)
    for hour in range(24):
        expected = 200 + 100 * swing * math.cos(2 * math.pi * (hour - 14) / 24)
        assert hours[hour] == hours[hour + 24] == pytest.approx(expected)


def test_demand_from_a_file_repeats(play, tmp_path):
    from outlast.scenario import from_dict

    (tmp_path / "rates.csv").write_text("rate\n60\n120\n0\n")
    spec = {**api(count=100), "demand": {"csv": {"file": "rates.csv", "step": "1 min", "unit": "req/min", "scale": 10}}}
    data = {"scenario": "a", "horizon": "6 min", "window": "1 min", "regions": PLAIN, "components": {"api": spec}}
    program = from_dict(data, folder=str(tmp_path)).program()
    from outlast.engines import kernel, reference

    fast, slow = kernel.run(program, 1, 0), reference.run(program, 1, 0)
    offered = program.meters.index("api requests.offered")
    assert fast.sums[:, offered].tolist() == slow.sums[:, offered].tolist() == [600.0, 1200.0, 0.0] * 2


# -- zones ----------------------------------------------------------------------------------------------------------
def zones(**more):
    """The north with zones a, b, c; a is down 1000-2000."""
    return {"north": {"zones": {"a": outage(1000, 1000), "b": None, "c": None}, **more}}


@pytest.mark.parametrize(("retry", "lost"), [(0, 600), (0.5, 300), (1, 0)])
def test_requests_to_a_lost_zone_fail_until_it_leaves_the_rotation(play, retry, lost):
    # a third of 30 req/s for 60 s; the retried part finds capacity in the other zones
    run = play({"api": api(zone_detection="60 s", retry=retry)}, "10000 s", regions=zones())
    assert dropped(run) == pytest.approx(lost, abs=1e-6)
    assert run.outages("api") == ([(1000.0, 60.0)] if lost else [])
    if lost:
        assert run.column("api", "scope") == ["zone"]


def test_lost_zone_takes_its_capacity_along(play):
    # 50 req/s; 60 s: two thirds of 50 find 40 of capacity: 50/3 dropped; then 940 s: 50 find 40: 10 dropped
    run = play({"api": api(rate=50, zone_detection="60 s")}, "10000 s", regions=zones())
    assert dropped(run) == pytest.approx(1000 + 9400)
    assert run.outages("api") == [(1000.0, 1000.0)]


def test_retries_cannot_exceed_the_capacity_that_is_left(play):
    run = play({"api": api(rate=50, zone_detection="60 s", retry=1)}, "10000 s", regions=zones())
    assert dropped(run) == pytest.approx(600 + 9400)


def test_zone_that_returns_before_it_is_noticed_was_lost_for_so_long(play):
    run = play({"api": api(zone_detection="1 h")}, "10000 s", regions=zones())
    assert dropped(run) == pytest.approx(10_000)
    assert run.outages("api") == [(1000.0, 1000.0)]


def test_uneven_replicas_over_zones(play):
    # 4 replicas: 2 in a, 1 in b, 1 in c: half of the requests are lost
    run = play({"api": api(count=4, rate=10, zone_detection="60 s")}, "10000 s", regions=zones())
    assert dropped(run) == pytest.approx(0.5 * 10 * 60)


# -- replicas -------------------------------------------------------------------------------------------------------
def test_failed_replica_is_detected_then_starts_cold(play):
    replica = {"time_to_failure": "1000 s", "detection": "20 s", "restart": "100 s"}
    run = play({"api": api(count=1, rate=5, replica=replica)}, "2000 s", regions=PLAIN)
    assert run.outages("api") == [(1000.0, 120.0)]
    assert run.count("api", "replica_failures") == 1
    assert run.value("api", "ready_replicas") == pytest.approx(1880 / 2000)


def test_cold_start_begins_anew_when_its_zone_returns(play):
    # failed at 1000, starting until 1100, but the zone is down 1050-1200: again 100 s from 1200
    regions = {"north": {"zones": {"a": outage(1050, 150)}}}
    run = play({"api": api(count=1, rate=5, replica={"time_to_failure": "1000 s", "restart": "100 s"})}, "2000 s",
               regions=regions)  # fmt: skip
    assert run.outages("api") == [(1000.0, 300.0)]


def test_requests_lost_to_unseen_failures_follow_the_closed_form(sample, close):
    # each of n replicas, independently: ready (mean 10 h), unseen 30 min, starting 1 h.  Of the replicas in rotation a
    # share u/(u + r) is unseen on average; with none in rotation everything is dropped.
    ready, unseen, starting = 10.0, 0.5, 1.0
    n, total = 3, ready + unseen + starting
    nobody = (starting / total) ** n
    expected = nobody + (1 - nobody) * unseen / (unseen + ready)
    replica = {"time_to_failure": {"exponential": "10 h"}, "detection": "30 min", "restart": "1 h"}
    run = sample({"api": api(1, n, replica=replica)}, "1000 h", n=200, warm_up="100 h", regions=PLAIN)
    close(run.values("api", "dropped_share"), expected)
    close(run.values("api", "ready_replicas"), n * ready / total)


def test_requests_beyond_the_capacity_of_the_ready_replicas_follow_the_binomial(sample, close):
    # 5 replicas, failures seen at once, 45 req/s: with k ready min(45, 10 k) are served
    replica = {"time_to_failure": {"exponential": "9 h"}, "restart": {"exponential": "1 h"}}
    run = sample({"api": api(45, 5, replica=replica)}, "500 h", n=200, warm_up="50 h", regions=PLAIN)
    expected = sum(stats.binom.pmf(k, 5, 0.9) * min(45, 10 * k) / 45 for k in range(6))
    close(run.values("api", "served_share"), expected)


# -- what it depends on -----------------------------------------------------------------------------------------------
def down(at, lasts):
    return {"kind": "component", "time_to_failure": {"at": [f"{at} s"]}, "repair": {"lasts": f"{lasts} s"}}


def test_degraded_answers_count_in_part(play):
    components = {"api": api(degraded_by={"db": "80 %"}, available_above="90 %"), "db": down(1000, 100)}
    run = play(components, "10000 s", regions=PLAIN)
    assert run.outages("api") == [(1000.0, 100.0)]
    assert run.value("api", "request_availability") == pytest.approx(1 - 0.2 * 100 / SECONDS)
    assert run.value("api", "served_share") == 1.0
    components["api"]["available_above"] = "80 %"
    assert play(components, "10000 s", regions=PLAIN).outages("api") == []


def test_needs_fail_every_request(play):
    run = play({"api": api(needs=["db"]), "db": down(1000, 100)}, "10000 s", regions=PLAIN)
    assert run.value("api", "request_availability") == pytest.approx(0.99)
    assert run.value("api", "dropped_share") == 0.0
    assert run.outages("api") == [(1000.0, 100.0)]


def test_two_degradations_multiply(play):
    components = {"api": api(degraded_by={"a": 0.5, "b": 0.8}), "a": down(1000, 200), "b": down(1100, 200)}
    run = play(components, "10000 s", regions=PLAIN)
    lost = 100 * 0.5 + 100 * (1 - 0.4) + 100 * 0.2
    assert run.value("api", "request_availability") == pytest.approx(1 - lost / SECONDS)


def test_need_wins_over_a_degradation_by_the_same_thing(play):
    for more in ({"needs": ["db"], "degraded_by": {"db": 0.5}}, {"degraded_by": {"db": 0.5, "same": 0.5}}):
        components = {"api": api(**more), "db": down(1000, 100)}
        components["same"] = {"kind": "system", "all_of": ["db"]}
        run = play(components, "10000 s", regions=PLAIN)
        left = 0.0 if "needs" in more else 0.25
        assert run.value("api", "request_availability") == pytest.approx(1 - (1 - left) * 100 / SECONDS)


def test_regions_of_one_provider_that_degrade_both_multiply(play):
    regions = {"north": {"provider": "cloud"}, "south": {"provider": "cloud"}, "home": None}
    spec = api(regions={"home": "active"}, degraded_by={"north": 0.5, "south": 0.5})
    run = play({"api": spec}, "10000 s", regions=regions, providers={"cloud": outage(1000, 100)})
    assert run.value("api", "request_availability") == pytest.approx(1 - 0.75 * 100 / SECONDS)


# -- active and standby -----------------------------------------------------------------------------------------------
PAIR = {"north": "active", "south": "standby"}
STEPS = {"detect": "30 s", "decide": "60 s", "shift": "90 s"}
BACK = {"hold": "600 s", "takes": "100 s"}


def pair(failback=None, **more):
    return api(regions=PAIR, failover={**STEPS, "failback": failback or BACK}, **more)


def test_standby_takes_over_after_detect_decide_shift(play):
    run = play({"api": pair()}, "10000 s", regions={"north": outage(1000, 4000), "south": None})
    assert run.outages("api") == [(1000.0, 180.0)]  # and the way back costs nothing
    assert run.parts("api") == {"detect": 30.0, "decide": 60.0, "shift": 90.0}
    assert dropped(run) == pytest.approx(180 * 30)
    assert run.column("api", "scope") == ["region"]
    assert run.value("api", "standby_time") * SECONDS == pytest.approx(5000 + 600 + 100 - 1180)


def test_disruptive_failback_is_an_outage_of_its_own(play):
    run = play(
        {"api": pair({**BACK, "disruptive": True})}, "10000 s", regions={"north": outage(1000, 4000), "south": None}
    )
    assert run.outages("api") == [(1000.0, 180.0), (5600.0, 100.0)]
    assert run.parts("api", 1) == {"failback": 100.0}


@pytest.mark.parametrize(("lasts", "parts"), [(20, {"detect": 20.0}), (80, {"detect": 30.0, "decide": 50.0})])
def test_region_that_returns_before_the_shift_calls_it_off(play, lasts, parts):
    run = play({"api": pair()}, "10000 s", regions={"north": outage(1000, lasts), "south": outage(1100, 50)})
    assert run.outages("api") == [(1000.0, float(lasts))]  # the loss of the south is not felt: it was never used
    assert run.parts("api") == parts
    assert run.value("api", "standby_time") == 0.0


def test_region_that_returns_during_the_shift_serves_until_it_is_done_and_gets_requests_back_later(play):
    # back at 1100; on standby from 1180; back after 600 + 100 s at 1880.  The south is lost at 1500: requests fail until
    # the way back (at once, because the standby is lost) is done at 1600
    run = play({"api": pair()}, "10000 s", regions={"north": outage(1000, 100), "south": outage(1500, 5000)})
    assert run.outages("api") == [(1000.0, 100.0), (1500.0, 100.0)]
    assert run.value("api", "standby_time") * SECONDS == pytest.approx(1600 - 1180)


def test_hold_counts_from_the_return_and_anew_after_a_relapse(play):
    # north down 1000-2000, well 2000-2500 (600 needed), down 2500-3000, well: failing back at 3600, done at 3700
    regions = {
        "north": {"outage": {"every": {"at": ["1000 s"]}, "lasts": "1000 s"}, "provider": "cloud"},
        "south": None,
    }
    run = play({"api": pair()}, "10000 s", regions=regions, providers={"cloud": outage(2500, 500)})
    assert run.outages("api") == [(1000.0, 180.0)]
    assert run.value("api", "standby_time") * SECONDS == pytest.approx(3700 - 1180)


def test_relapse_during_the_way_back_returns_to_the_standby(play):
    # well from 2000, failing back 2600-2700, lost again at 2650-3000: on standby all the time until 3700
    regions = {
        "north": {"outage": {"every": {"at": ["1000 s"]}, "lasts": "1000 s"}, "provider": "cloud"},
        "south": None,
    }
    run = play({"api": pair()}, "10000 s", regions=regions, providers={"cloud": outage(2650, 350)})
    assert run.outages("api") == [(1000.0, 180.0)]
    assert run.value("api", "standby_time") * SECONDS == pytest.approx(3700 - 1180)


def test_both_regions_lost(play):
    run = play({"api": pair()}, "10000 s", regions={"north": outage(1000, 2000), "south": outage(2000, 500)})
    assert run.outages("api") == [(1000.0, 180.0), (2000.0, 500.0)]
    # the north returns first, at 3000, and takes over at once: 100 s for the way back
    run = play({"api": pair()}, "10000 s", regions={"north": outage(1000, 2000), "south": outage(2000, 2000)})
    assert run.outages("api") == [(1000.0, 180.0), (2000.0, 1100.0)]


def test_failover_to_a_standby_that_is_down_waits_for_either(play):
    # south down 900-2000; shifted to it at 1180 nevertheless
    run = play({"api": pair()}, "10000 s", regions={"north": outage(1000, 4000), "south": outage(900, 1100)})
    assert run.outages("api") == [(1000.0, 1000.0)]


def test_loss_of_every_zone_is_the_loss_of_the_region(play):
    regions = {"north": {"zones": {"a": outage(1000, 3000), "b": outage(1100, 3000)}}, "south": None}
    run = play({"api": pair(zone_detection="10 s")}, "10000 s", regions=regions)
    # half of the requests are lost for 10 s; from 1100 all, until 1280
    assert run.outages("api") == [(1000.0, 10.0), (1100.0, 180.0)]


def test_primary_without_a_ready_replica_fails_over(play):
    # the only replica of each region lives 1000 s and restarts in 500 s; both fail at 1000
    replica = {"time_to_failure": "1000 s", "restart": "500 s"}
    spec = pair(count={"north": 1, "south": 2}, rate=5, replica=replica)
    run = play({"api": spec}, "2400 s", regions={"north": None, "south": None})
    # 1180 on standby, which is down; at 1500 the primary is back first (by the order of its units), so the way back
    # begins at once and is done at 1600
    assert run.outages("api") == [(1000.0, 500.0)]
    assert run.value("api", "standby_time") * 2400 == pytest.approx(1600 - 1180)


def test_standby_has_its_own_number_of_replicas(play):
    # 2 in the south for 30 req/s: 10 req/s are dropped while it serves
    spec = pair(count={"north": 6, "south": 2})
    run = play({"api": spec}, "10000 s", regions={"north": outage(1000, 4000), "south": None})
    assert run.outages("api") == [(1000.0, 4700.0)]
    assert dropped(run) == pytest.approx(180 * 30 + 10 * (5700 - 1180))


# -- active and active --------------------------------------------------------------------------------------------------
ACTIVE = {"north": "active", "south": "active"}


def twins(failback=None, **more):
    return api(40, 3, regions=ACTIVE, failover={"detect": "20 s", "shift": "10 s", "failback": failback or {}}, **more)


def test_lost_region_is_taken_out_and_the_other_is_overloaded(play):
    # 40 req/s on 2 x 30: for 30 s half is lost (20 each), then 30 are served and 10 dropped for 970 s
    run = play({"api": twins()}, "10000 s", regions={"north": None, "south": outage(1000, 1000)})
    assert dropped(run) == pytest.approx(30 * 20 + 970 * 10)
    assert run.outages("api") == [(1000.0, 1000.0)]
    assert run.parts("api") == {"detect": 20.0, "shift": 10.0}


def test_unequal_regions_get_requests_by_their_replicas(play):
    spec = twins()
    spec["replica"]["count"] = {"north": 5, "south": 1}
    run = play({"api": spec}, "10000 s", regions={"north": None, "south": outage(1000, 1000)})
    assert dropped(run) == pytest.approx(30 * 40 / 6)


@pytest.mark.parametrize(("failback", "back"), [
    ({"hold": "100 s"}, 2100), ({"hold": "100 s", "takes": "50 s"}, 2100),
    ({"hold": "100 s", "takes": "50 s", "disruptive": True}, 2150), ({"takes": "50 s", "disruptive": True}, 2050),
])  # fmt: skip
def test_region_is_back_in_rotation_after_the_hold_and_the_move(play, failback, back):
    run = play({"api": twins(failback)}, "10000 s", regions={"north": None, "south": outage(1000, 1000)})
    assert dropped(run) == pytest.approx(30 * 20 + (back - 1030) * 10)


def test_region_that_returns_before_it_was_taken_out(play):
    run = play({"api": twins()}, "10000 s", regions={"north": None, "south": outage(1000, 15)})
    assert dropped(run) == pytest.approx(15 * 20)
    assert run.parts("api") == {"detect": 15.0}


def test_region_that_returns_during_the_shift_is_out_until_the_hold_is_over(play):
    # lost 1000-1025; out from 1030 (10 req/s dropped) until 1130
    run = play({"api": twins({"hold": "100 s"})}, "10000 s", regions={"north": None, "south": outage(1000, 25)})
    assert dropped(run) == pytest.approx(25 * 20 + 100 * 10)


def test_three_regions_share_what_one_leaves(play):
    regions = {"north": None, "south": outage(1000, 1000), "west": None}
    spec = api(40, 3, regions=dict.fromkeys(regions, "active"), failover={"detect": "20 s", "shift": "10 s"})
    run = play({"api": spec}, "10000 s", regions=regions)
    assert dropped(run) == pytest.approx(30 * 40 / 3)
    assert run.outages("api") == [(1000.0, 30.0)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"regions": {"north": "standby"}}, "no region is active"),
        ({"regions": {"north": "active", "south": "standby", "west": "standby"}}, "at most one region can be standby"),
        ({"regions": {"north": "active", "south": "active", "west": "standby"}}, "exactly one active region (got 2)"),
        ({"regions": {}}, "needs at least 1 entries"),
        ({"regions": {"north": "passive"}}, "allowed: active, standby"),
        ({"regions": {"nort": "active"}}, "did you mean `north`?"),
        ({"replica": {"count": {"south": 1}}}, "says nothing about region 'north'"),
        ({"replica": {"count": {"north": 1, "south": 1}}}, "not in region 'south'"),
        ({"replica": {"count": 0}}, "must be above zero"),
        ({"replica": {"capacity": "10 MB/s"}}, "a rate of requests is needed"),
        ({"demand": {"constant": "-1 req/s"}}, "must not be negative"),
        ({"demand": {"steady": "1 req/s"}}, "unknown form of demand"),
        ({"retry": "150 %"}, "between 0 and 100 %"),
        ({"needs": ["api"]}, "depends on itself: api -> api"),
        ({"degraded_by": {"api": 1}}, "depends on itself: api -> api"),
        ({"degraded_by": {"ap": 1}}, "did you mean `api`?"),
    ],
)
def test_impossible_endpoints_are_refused(refused, change, said):
    spec = api()
    spec = {**spec, **change, "replica": {**spec["replica"], **change.get("replica", {})}}
    assert said in refused({"api": spec}, regions={**PLAIN, "west": None})
