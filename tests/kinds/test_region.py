"""`region`: its own outages, those of its provider, and its zones."""

import pytest

ONCE = {"every": {"at": ["1000 s"]}, "lasts": "500 s"}
LATER = {"every": {"at": ["3000 s"]}, "lasts": "200 s"}


def web(at):
    return {"kind": "component", "at": at, "time_to_failure": "1 y"}


def test_region_outage_takes_all_its_zones_and_nothing_of_another_region(play):
    components = {"in-a": web("north.a"), "in-b": web("north.b"), "whole": web("north"), "away": web("south")}
    run = play(components, "10000 s", regions={"north": {"zones": ["a", "b"], "outage": ONCE}, "south": None})
    for name in ("north", "in-a", "in-b", "whole"):
        assert run.outages(name) == [(1000.0, 500.0)]
        assert run.value(name, "availability") == 0.95
    assert run.outages("away") == []


def test_zone_outage_gives_every_zone_without_its_own_an_independent_one(play):
    zones = {"a": None, "b": {"outage": LATER}}
    run = play({"in-a": web("north.a"), "in-b": web("north.b"), "whole": web("north")}, "10000 s",
               regions={"north": {"zones": zones, "zone_outage": ONCE}})  # fmt: skip
    assert run.outages("in-a") == run.outages("north.a") == [(1000.0, 500.0)]
    assert run.outages("in-b") == run.outages("north.b") == [(3000.0, 200.0)]
    assert run.outages("whole") == []


def test_zones_draw_their_own_luck(play):
    outage = {"every": {"exponential": "1 h"}, "lasts": "1 min"}
    run = play({}, "1 d", regions={"north": {"zones": ["a", "b"], "zone_outage": outage}})
    assert run.outages("north.a")
    assert run.outages("north.a") != run.outages("north.b")


def test_region_without_outages_of_its_own_is_not_measured_but_falls_with_its_provider(play):
    run = play({"web": web("north")}, "10000 s", providers={"cloud": {"outage": ONCE}},
               regions={"north": {"provider": "cloud"}})  # fmt: skip
    assert run.outages("web") == [(1000.0, 500.0)]
    assert "north" not in set(run.result.replications["component"])


def test_zone_names_may_be_numbers(play):
    run = play({"web": web("north.2")}, "10000 s", regions={"north": {"zones": [1, 2], "zone_outage": ONCE}})
    assert run.outages("web") == [(1000.0, 500.0)]


def test_zone_named_twice_is_refused(refused):
    assert "zone 'a' is named twice" in refused({}, regions={"north": {"zones": ["a", "b", "a"]}})


@pytest.mark.parametrize("zones", [["a", "north.b"], {"a": None, "north.b": None}])
def test_zone_with_a_dot_in_its_name_is_refused(refused, zones):
    assert "the name of a zone has no dot (got 'north.b')" in refused({}, regions={"north": {"zones": zones}})


def test_zone_outage_without_zones_is_refused(refused):
    assert "there are no zones" in refused({}, regions={"north": {"zone_outage": ONCE}})


@pytest.mark.parametrize("at", ["north.c", "nort.a", "north.a.b", "", "*", "north.a.*.*"])
def test_unknown_zone_is_refused(refused, at):
    assert "there is no place" in refused({"web": web(at)}, regions={"north": {"zones": ["a", "b"]}})
