"""`shock`: one instant that hits several things."""

import math

import pytest


def box(lasts="100 s", **more):
    return {"kind": "component", "time_to_failure": "10 y", "repair": {"lasts": lasts}, **more}


def test_shock_fails_all_its_targets_at_once_and_is_their_cause(play):
    components = {"a": box(), "b": box("200 s"), "c": box()}
    run = play(components, "10000 s", shocks={"storm": {"every": {"at": ["1000 s", "3000 s"]}, "strikes": ["a", "b"]}})
    assert run.outages("a") == [(1000.0, 100.0), (3000.0, 100.0)]
    assert run.outages("b") == [(1000.0, 200.0), (3000.0, 200.0)]
    assert run.outages("c") == []
    assert run.column("a", "cause") == ["shock storm script"] * 2
    assert run.column("a", "scope") == ["shock"] * 2


def test_shock_by_a_law_repeats_and_is_its_own_cause(play):
    run = play({"a": box()}, "3500 s", shocks={"storm": {"every": "1000 s", "strikes": ["a"]}})
    assert run.outages("a") == [(1000.0, 100.0), (2000.0, 100.0), (3000.0, 100.0)]
    assert run.column("a", "cause") == ["shock storm"] * 3


def test_shock_does_nothing_to_what_is_down_already(play):
    run = play({"a": box("600 s")}, "10000 s", shocks={"s": {"every": {"at": ["1000 s", "1500 s"]}, "strikes": ["a"]}})
    assert run.outages("a") == [(1000.0, 600.0)]
    assert run.count("a", "failures") == 1


def test_shock_takes_places_down(play):
    outage = {"every": {"at": ["9000 s"]}, "lasts": "300 s"}
    components = {"a": {"kind": "component", "time_to_failure": "1 y", "at": "north.z"}}
    run = play(components, "8000 s", regions={"north": {"zones": ["z"], "zone_outage": outage}},
               shocks={"s": {"every": {"at": ["1000 s"]}, "strikes": ["north.z"]}})  # fmt: skip
    assert run.outages("north.z") == run.outages("a") == [(1000.0, 300.0)]


def test_shock_of_zero_probability_hits_nobody(play):
    run = play({"a": box()}, "10000 s", shocks={"s": {"every": "1000 s", "strikes": ["a"], "each": "0 %"}})
    assert run.outages("a") == []


def test_number_hit_by_a_shock_is_binomial(sample, close):
    # one shock at 1 h over 20 items, each hit with probability 0.3 and never repaired
    items = {"kind": "component", "count": 20, "needs_up": 1, "time_to_failure": "10 y"}
    run = sample(
        {"a": items}, "2 h", n=1500, shocks={"s": {"every": {"at": ["1 h"]}, "strikes": ["a"], "each": "30 %"}}
    )
    hit = run.values("a", "failures") * 2 * 3600 / (365 * 86_400)
    close(hit, 6.0)
    spread, n = float(hit.var(ddof=1)), len(hit)
    assert abs(spread - 4.2) < 4 * 4.2 * math.sqrt(2 / (n - 1))


@pytest.mark.parametrize("target", ["nobody", "sys", "api", "store", "train", "north"])
def test_things_without_units_that_can_be_struck_are_refused(refused, target):
    components = {
        "a": box(),
        "sys": {"kind": "system", "all_of": ["a"]},
        "api": {"kind": "serving_endpoint", "regions": {"north": "active"}, "demand": {"constant": "1 req/s"},
                "replica": {"count": 1, "capacity": "1 req/s"}},
        "store": {"kind": "feature_store"},
        "train": {"kind": "training_cluster", "hosts": {"count": 1, "time_to_failure": "1 d"},
                  "checkpoint": {"every": "1 h", "restart": "1 min"}},
    }  # fmt: skip
    said = refused(components, regions={"north": None}, shocks={"s": {"every": "1 h", "strikes": ["a", target]}})
    assert f"{target!r} has no units that can fail" in said
    assert "shocks.s.strikes.1" in said
