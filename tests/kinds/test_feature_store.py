"""`feature_store`: promotion, restore and return, and how much data each of them loses."""

import math

import pytest

STEPS = {"detect": "30 s", "decide": "20 s", "promote": "40 s"}
PLACES = {"north": None, "south": None}


def store(*crashes, **more):
    """A primary in the north and a replica in the south, 2 s behind; the serving node crashes at these times."""
    spec = {"kind": "feature_store", "primary": "north", "replicas": ["south"], "rebuild": "500 s", "failover": STEPS,
            "replication": {"lag": "2 s"}, **more}  # fmt: skip
    if crashes:
        spec["time_to_failure"] = {"at": [f"{t} s" for t in crashes]}
    return {k: v for k, v in spec.items() if v is not None}


def alone(*crashes, **more):
    """A single node without replicas."""
    return store(*crashes, replicas=None, replication=None, **more)


def lost(start, lasts):
    return {"outage": {"every": {"at": [f"{start} s"]}, "lasts": f"{lasts} s"}}


# -- promotion ----------------------------------------------------------------------------------------------------
def test_replica_is_promoted_after_detect_decide_promote_and_the_lag_is_lost(play):
    run = play({"db": store(1000)}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 90.0)]
    assert run.parts("db") == {"detect": 30.0, "decide": 20.0, "promote": 40.0}
    assert run.records("db") == [(1090.0, 2.0)]
    assert run.column("db", "rpo_s") == [2.0]
    assert run.column("db", "rto_s") == [90.0]
    assert run.column("db", "scope") == ["node"]
    assert run.value("db", "rpo") == 2.0
    # the replica is gone from 1090 on, the old primary follows from 1500 on: 4590 of 5000 s
    assert run.value("db", "replicas") == pytest.approx(4590 / 5000)


def test_crash_before_the_old_primary_is_rebuilt_waits_for_it_and_loses_nothing(play):
    # 1000: promoted at 1090; 1200: the old primary is back at 1500, promoted until 1540
    run = play({"db": store(1000, 1200)}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 90.0), (1200.0, 340.0)]
    assert run.parts("db", 1) == {"detect": 30.0, "decide": 20.0, "wait for a replica": 250.0, "promote": 40.0}
    assert run.records("db") == [(1090.0, 2.0)]
    assert math.isnan(run.column("db", "rpo_s")[1])


def test_single_node_without_backup_is_back_when_it_is_rebuilt(play):
    run = play({"db": alone(1000, failover=None)}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 500.0)]
    assert run.records("db") == []


def test_replica_that_fails_while_it_is_promoted_starts_the_decision_anew(play):
    # crash at 1000, the follower fails at 1070 (20 s before it would serve) and is back at 1570; the old primary is
    # back at 1500: decided at 1090, waits, promoted until 1540
    run = play({"db": store(1000, replica_time_to_failure="1070 s")}, "2000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 540.0)]
    assert run.parts("db") == {"detect": 30.0, "decide": 40.0, "promote": 20.0 + 40.0, "wait for a replica": 410.0}
    assert run.records("db") == []


def test_follower_is_rebuilt_while_the_primary_serves(play):
    run = play({"db": store(replica_time_to_failure="900 s")}, "2000 s", regions=PLACES)
    assert run.outages("db") == []
    assert run.value("db", "replicas") == pytest.approx((900 + 600) / 2000)  # down 900-1400


def test_local_replica_is_promoted_before_a_remote_one(play):
    # after 1090 the local node serves; the north is lost at 2000: the remote one is promoted
    regions = {"north": lost(2000, 5000), "south": None}
    run = play({"db": store(1000, local_replicas=1)}, "3000 s", regions=regions)
    assert run.outages("db") == [(1000.0, 90.0), (2000.0, 90.0)]
    assert run.column("db", "scope") == ["node", "region"]


def test_needs_take_the_store_down_without_a_failover(play):
    net = {"kind": "component", "time_to_failure": {"at": ["1000 s"]}, "repair": {"lasts": "200 s"}}
    run = play({"net": net, "db": store(needs=["net"])}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 200.0)]
    assert run.parts("db") == {}
    assert run.records("db") == []


# -- lost places --------------------------------------------------------------------------------------------------
def test_place_that_returns_before_the_promotion_ends_it_without_loss(play):
    for lasts, parts in ((10, {"detect": 10.0}), (40, {"detect": 30.0, "decide": 10.0}),
                         (80, {"detect": 30.0, "decide": 20.0, "promote": 30.0})):  # fmt: skip
        run = play({"db": store()}, "5000 s", regions={"north": lost(1000, lasts), "south": None})
        assert run.outages("db") == [(1000.0, float(lasts))]
        assert run.parts("db") == parts
        assert run.records("db") == []


def test_place_that_returns_after_the_promotion_holds_a_follower_that_is_rebuilt(play):
    # promoted at 1090, the north is back at 1300, its node follows from 1800 on; the south is lost at 2000
    run = play({"db": store()}, "3000 s", regions={"north": lost(1000, 300), "south": lost(2000, 600)})
    assert run.outages("db") == [(1000.0, 90.0), (2000.0, 90.0)]
    assert run.records("db") == [(1090.0, 2.0), (2090.0, 2.0)]
    # replicas: the south until 1090; none until 1800; the north until 2090; none until 3000 (back at 2600, +500)
    assert run.value("db", "replicas") == pytest.approx((1090 + 290) / 3000)


def test_both_places_lost_waits_for_the_first_to_return(play):
    # north 1000-1400, south 1020-1200: the follower is rebuilt at 1700, but the primary returns at 1400 as it was
    run = play({"db": store()}, "5000 s", regions={"north": lost(1000, 400), "south": lost(1020, 180)})
    assert run.outages("db") == [(1000.0, 400.0)]
    assert run.records("db") == []


def test_node_that_fails_in_a_lost_place_is_rebuilt_after_it_returns(play):
    # crash at 1000; the north is lost 1100-1200 while its node is rebuilt: from 1200 to 1700
    run = play({"db": store(1000)}, "2000 s", regions={"north": lost(1100, 100), "south": None})
    assert run.value("db", "replicas") == pytest.approx((1090 + 300) / 2000)


# -- backups ------------------------------------------------------------------------------------------------------
def backup(**more):
    return {"every": "300 s", "restore": "200 s", **more}


def test_restore_loses_what_was_written_since_the_newest_backup(play):
    run = play({"db": alone(1000, backup=backup(), failover=None)}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 200.0)]
    assert run.parts("db") == {"restore": 200.0}
    assert run.records("db") == [(1200.0, 100.0)]


def test_backup_holds_the_data_of_its_start_and_counts_when_it_is_finished(play):
    # backups begin at 300, 600, 900 and take 120 s: that of 900 is not finished at 1000
    run = play({"db": alone(1000, backup=backup(takes="120 s"), failover=None)}, "5000 s", regions=PLACES)
    assert run.records("db") == [(1200.0, 400.0)]
    run = play({"db": alone(1030, backup=backup(takes="120 s"), failover=None)}, "5000 s", regions=PLACES)
    assert run.records("db") == [(1230.0, 130.0)]


def test_backup_under_way_at_a_crash_is_lost(play):
    # crash at 1000 kills the backup of 900; restored at 1200; the next begins at 1500 and is usable at 1620.  A crash at
    # 1600 still goes back to 600, one at 1630 to 1500
    for second, age in ((1600, 1000.0), (1630, 130.0)):
        db = alone(1000, second, backup=backup(takes="120 s"), failover=None)
        run = play({"db": db}, "5000 s", regions=PLACES)
        assert run.records("db")[1] == (second + 200.0, age)


def test_first_backup_is_the_start_of_the_run(play):
    run = play({"db": alone(250, backup=backup(), failover=None)}, "500 s", regions=PLACES)
    assert run.records("db") == [(450.0, 250.0)]


def test_detection_and_decision_come_before_the_restore_and_cost_no_data(play):
    run = play({"db": alone(1000, backup=backup())}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 250.0)]
    assert run.records("db") == [(1250.0, 100.0)]


def test_replica_is_preferred_to_a_backup(play):
    run = play({"db": store(1000, backup=backup())}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 90.0)]
    assert run.records("db") == [(1090.0, 2.0)]


def test_store_that_lost_its_replicas_too_is_restored_and_they_are_rebuilt(play):
    # 1000: promoted 1090; 1190: no replica at 1240, so restored until 1440 to the first node, the others from it
    run = play({"db": store(1000, 1190, backup=backup())}, "5000 s", regions=PLACES)
    assert run.outages("db") == [(1000.0, 90.0), (1190.0, 250.0)]
    assert run.records("db") == [(1090.0, 2.0), (1440.0, 290.0)]  # newest backup at 900
    # replicas: until 1090; from 1440 + 500 on
    assert run.value("db", "replicas") == pytest.approx((1090 + 5000 - 1940) / 5000)


def test_primary_that_returns_during_the_restore_ends_it_without_loss(play):
    # nothing can be restored to a place that is down; it returns at 1100 with its data
    run = play({"db": alone(backup=backup(), failover=None)}, "5000 s", regions={"north": lost(1000, 100)})
    assert run.outages("db") == [(1000.0, 100.0)]
    assert run.records("db") == []


def test_restore_waits_for_a_place_to_restore_to(play):
    # crash at 1000, decided at 1050 while the north is down 1020-1500: restored from 1500 to 1700
    run = play({"db": alone(1000, backup=backup())}, "5000 s", regions={"north": lost(1020, 480)})
    assert run.outages("db") == [(1000.0, 700.0)]
    assert run.records("db") == [(1700.0, 100.0)]


def test_restore_interrupted_by_the_place_starts_anew(play):
    # restore from 1050 on; the north is down 1100-1300; again 200 s from 1300
    run = play({"db": alone(1000, backup=backup())}, "5000 s", regions={"north": lost(1100, 200)})
    assert run.outages("db") == [(1000.0, 500.0)]


# -- a link that falls behind ---------------------------------------------------------------------------------------
LINK = {"wan": {"between": ["north", "south"], "capacity": "40 MB/s", **lost(1000, 300)}}
BEHIND = {"lag": "2 s", "writes": "10 MB/s", "link": "wan"}


@pytest.mark.parametrize(
    ("crash", "loss"),
    [
        (900, 2.0),
        (1200, 202.0),  # 200 s after the cut
        (1300.5, 300.5),  # 0.5 s after the return: 2 + 300 - 3 x 0.5
        (1350, 152.0),  # catches up at 40 MB/s while 10 MB/s are written: 3 s per second
        (1399, 5.0),
        (1400, 2.0),  # 300 x 10 / (40 - 10) = 100 s after the return
        (1500, 2.0),
    ],
)
def test_promotion_loses_what_had_not_crossed_the_link_at_the_crash(play, crash, loss):
    run = play({"db": store(crash, replication=BEHIND)}, "5000 s", regions=PLACES, links=LINK)
    assert run.outages("db") == [(crash, 90.0)]
    (record,) = run.records("db")
    assert record == (crash + 90.0, pytest.approx(loss))
    assert run.value("db", "rpo") == pytest.approx(loss)


def test_second_cut_while_catching_up_adds_to_what_is_left(play):
    cuts = {"between": ["north", "south"], "capacity": "40 MB/s",
            "outage": {"every": {"at": ["1000 s", "1350 s"]}, "lasts": "300 s"}}  # fmt: skip
    run = play({"db": store(1450, replication=BEHIND)}, "5000 s", regions=PLACES, links={"wan": cuts})
    assert run.records("db") == [(1540.0, pytest.approx(2 + 150 + 100))]


def test_local_replica_does_not_depend_on_the_link(play):
    run = play({"db": store(1200, replication=BEHIND, local_replicas=1)}, "5000 s", regions=PLACES, links=LINK)
    assert run.records("db") == [(1290.0, 2.0)]


def test_former_primary_at_home_is_across_the_link_once_the_remote_one_serves(play):
    # 500: the south is promoted at 590; the north follows from 1000 on; 1200 (link cut at 1000): back to the north
    run = play({"db": store(500, 1200, replication=BEHIND)}, "5000 s", regions=PLACES, links=LINK)
    assert run.records("db") == [(590.0, 2.0), (1290.0, 202.0)]


def test_promoted_data_loss_is_drawn_from_the_lag(sample, close):
    db = store(replication={"lag": {"exponential": "5 s"}}, rebuild="0 s")
    db["time_to_failure"] = {"exponential": "1 h"}
    run = sample({"db": db}, "50 h", n=100, regions=PLACES)
    close(run.result.records["value"].to_numpy(), 5.0)


def test_availability_is_that_of_a_renewal_process(sample, close):
    # serving for Exp(1 h), then 90 s; every failure is promoted because rebuilding takes no time
    db = store(rebuild="0 s")
    db["time_to_failure"] = {"exponential": "1 h"}
    run = sample({"db": db}, "100 h", n=200, warm_up="1 h", regions=PLACES)
    close(run.values("db", "availability"), 3600 / 3690)


def test_age_of_the_newest_backup_at_a_random_crash(sample, close):
    # crashes are Poisson and restores take no time: the phase is uniform on [0, 300 s); a backup that takes 60 s is
    # not yet usable in the first fifth, which costs 300 s more: 150 + 60.  Backups killed by another crash: 1 in 600
    db = alone(backup=backup(takes="60 s", restore="0 s"), failover=None)
    db["time_to_failure"] = {"exponential": "10 h"}
    run = sample({"db": db}, "1000 h", n=60, regions=PLACES)
    records = run.result.records
    close(records[records["time_s"] > 600]["value"].to_numpy(), 210.0 + 300 * 60 / 36_000)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"replica_time_to_failure": {"at": ["1 s"]}}, "for the serving node only"),
        ({"local_replicas": -1}, "must be at least 0"),
        ({"local_replicas": 101}, "must be at most 100"),
        ({"replicas": ["south", "west"]}, "there is no place 'west'"),
        ({"primary": "nort"}, "did you mean `north`?"),
        ({"replication": {"link": "wan"}}, "a link needs `writes` here"),
        ({"replication": {"link": "wan", "writes": "40 MB/s"}}, "replicas would never catch up"),
        ({"replication": {"link": "lan", "writes": "1 MB/s"}}, "there is no link 'lan'"),
        ({"replication": {"link": "south", "writes": "1 MB/s"}}, "there is no link 'south'"),
        ({"backup": {"every": "0 s", "restore": "1 h"}}, "must be above zero"),
        ({"backup": {"every": "1 h"}}, "field required"),
        ({"needs": ["db"]}, "depends on itself"),
        ({"rebuild": "5"}, "needs a unit"),
    ],
)
def test_impossible_stores_are_refused(refused, change, said):
    assert said in refused({"db": store(**change)}, regions=PLACES, links=LINK)
