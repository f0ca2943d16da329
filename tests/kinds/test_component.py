"""`component`: items that fail and are repaired; every time worked out by hand."""

import pytest

ONCE = {"every": {"at": ["300 s"]}, "lasts": "200 s"}


def item(ttf="900 s", lasts="100 s", **more):
    return {"kind": "component", "time_to_failure": ttf, "repair": {"lasts": lasts}, **more}


def test_single_item_alternates(play):
    run = play({"a": item()}, "10000 s")
    assert run.outages("a") == [(900.0 + 1000 * k, 100.0) for k in range(10)]
    assert run.value("a", "availability") == 0.9
    assert run.value("a", "up_items") == 0.9
    assert run.value("a", "failed_items") == pytest.approx(0.1)
    assert run.count("a", "failures") == 10
    assert run.column("a", "censored") == [False] * 9 + [True]  # the end of the run is not in it


def test_outage_that_ends_with_the_run_is_open(play):
    run = play({"a": item()}, "9950 s")
    assert run.outages("a")[-1] == (9900.0, 50.0)
    assert run.column("a", "censored")[-1]


def test_item_that_is_never_repaired_fails_once(play):
    run = play({"a": {"kind": "component", "time_to_failure": "900 s"}}, "10000 s")
    assert run.outages("a") == [(900.0, 9100.0)]
    assert run.count("a", "failures") == 1


def test_needs_take_it_down_without_harming_it(play):
    run = play({"a": item(), "b": item("5 y", needs=["a"])}, "3000 s")
    assert run.outages("b") == [(900.0, 100.0), (1900.0, 100.0), (2900.0, 100.0)]
    assert run.count("b", "failures") == 0


def test_scripted_failures_happen_at_their_times(play):
    run = play({"a": item({"at": ["100 s", "150 s", "1000 s"]})}, "3000 s")
    assert run.outages("a") == [(100.0, 100.0), (1000.0, 100.0)]  # at 150 s it is down already


def test_scripted_item_of_several_places_runs_in_the_first(play):
    run = play({"a": item({"at": ["100 s"]}, at=["north", "south"])}, "1000 s",
               regions={"north": {"outage": ONCE}, "south": None})  # fmt: skip
    assert run.outages("a") == [(100.0, 100.0), (300.0, 200.0)]


def test_starts_down(play):
    run = play({"a": item(start="down"), "b": item(start="down", count=2, needs_up=1)}, "1500 s")
    assert run.outages("a") == run.outages("b") == [(0.0, 100.0), (1000.0, 100.0)]


def test_detection_comes_before_the_repair(play):
    run = play({"a": item(detection="60 s")}, "3000 s")
    assert run.outages("a") == [(900.0, 160.0), (1960.0, 160.0)]


def test_detection_comes_before_the_queue_for_the_team(play):
    repair = {"lasts": "100 s", "team": "crew"}
    components = {"a": item({"at": ["900 s"]}, detection="60 s"), "b": item({"at": ["910 s"]})}
    components["a"]["repair"] = components["b"]["repair"] = repair
    run = play(components, "5000 s", teams={"crew": {"people": 1}})
    assert run.outages("b") == [(910.0, 100.0)]
    assert run.outages("a") == [(900.0, 210.0)]  # noticed at 960, begun at 1010
    assert run.value("a", "mean_wait") == 50.0
    assert run.value("b", "mean_wait") == 0.0


# -- ages ---------------------------------------------------------------------------------------------------------
def test_item_repaired_as_old_has_no_life_left_when_lives_are_fixed(play):
    run = play({"a": item(lasts="400 s")}, "2000 s")
    assert run.outages("a") == [(900.0, 400.0)]
    old = item(lasts="400 s")
    old["repair"]["effect"] = "as_old"
    run = play({"a": old}, "2000 s")
    assert run.outages("a") == [(900.0, 400.0), (1300.0, 400.0), (1700.0, 300.0)]


def test_imperfect_repair_keeps_a_share_of_the_age(play):
    # lives of 1000 s; fails at age 1000, goes on with age 500: every life after the first lasts 500 s
    half = item("1000 s")
    half["repair"]["effect"] = {"keeps": "50 %"}
    run = play({"a": half}, "3000 s")
    assert run.outages("a") == [(1000.0, 100.0), (1600.0, 100.0), (2200.0, 100.0), (2800.0, 100.0)]


def test_age_at_the_start_shortens_the_first_life_only(play):
    run = play({"a": item("1000 s", age="400 s")}, "3000 s")
    assert run.outages("a") == [(600.0, 100.0), (1700.0, 100.0), (2800.0, 100.0)]


def test_age_beyond_the_life_fails_at_once(play):
    run = play({"a": item("1000 s", age="2000 s")}, "1150 s")
    assert run.outages("a") == [(0.0, 100.0), (1100.0, 50.0)]


def test_struck_item_is_repaired_as_new_or_keeps_its_age(play):
    shock = {"s": {"every": {"at": ["600 s"]}, "strikes": ["a"]}}
    run = play({"a": item("1000 s")}, "2500 s", shocks=shock)
    assert run.outages("a") == [(600.0, 100.0), (1700.0, 100.0)]
    old = item("1000 s")
    old["repair"]["effect"] = "as_old"
    run = play({"a": old}, "1150 s", shocks=shock)
    assert run.outages("a") == [(600.0, 100.0), (1100.0, 50.0)]


# -- pauses -------------------------------------------------------------------------------------------------------
def test_item_neither_ages_nor_fails_while_what_it_pauses_with_is_down(play):
    # the region is down 300-500: the item's 900 s of life end at 1100, not at 900
    regions = {"north": {"outage": ONCE}}
    run = play({"a": item(at="north"), "b": item(at="north", pauses_with=["north"])}, "1500 s", regions=regions)
    assert run.outages("a") == [(300.0, 200.0), (900.0, 100.0)]
    assert run.outages("b") == [(300.0, 200.0), (1100.0, 100.0)]


def test_repair_goes_on_while_the_item_pauses(play):
    regions = {"north": {"outage": {"every": {"at": ["950 s"]}, "lasts": "1000 s"}}}
    run = play({"a": item(pauses_with=["north"])}, "3000 s", regions=regions)
    assert run.outages("a") == [(900.0, 100.0), (2850.0, 100.0)]  # life from 1950 on


def test_struck_item_that_can_pause_is_as_new_after_its_repair(play):
    run = play({"a": item("1000 s", pauses_with=["north"])}, "2500 s", regions={"north": {"outage": ONCE}},
               shocks={"s": {"every": {"at": ["700 s"]}, "strikes": ["a"]}})  # fmt: skip
    assert run.outages("a") == [(700.0, 100.0), (1800.0, 100.0)]


def test_pausing_item_that_is_repaired_as_old_keeps_its_age_over_the_pause(play):
    old = item("1000 s", age="100 s", pauses_with=["north"])
    old["repair"]["effect"] = {"keeps": "50 %"}
    run = play({"a": old}, "1800 s", regions={"north": {"outage": ONCE}})
    # age 100 at 0, 400 at 300, again 400 at 500, 1000 at 1100; repaired 1200 with age 500, fails at 1700
    assert run.outages("a") == [(1100.0, 100.0), (1700.0, 100.0)]


def test_items_that_age_only_while_serving(play):
    # a good item (1000 s) and a lemon (500 s), both needed.  The lemon is down 500-700; the good one stops at age 500
    pair = {"count": 2, "lemons": {"share": "50 %", "factor": 2}}
    run = play({"a": item("1000 s", "200 s", while_serving_only=True, **pair)}, "1600 s")
    # both would fail at 1200: the good one does, the lemon pauses with no life left until 1400
    assert run.outages("a") == [(500.0, 200.0), (1200.0, 200.0), (1400.0, 200.0)]
    run = play({"a": item("1000 s", "200 s", **pair)}, "1600 s")
    assert run.outages("a") == [(500.0, 200.0), (1000.0, 200.0), (1200.0, 200.0)]


# -- surges -------------------------------------------------------------------------------------------------------
def test_failure_strikes_others_in_a_chain(play):
    components = {"a": item({"at": ["100 s"]}, failure_strikes={"b": 1}), "b": item("5 y", "50 s", failure_strikes={"c": 1}),
                  "c": item("5 y", "20 s")}  # fmt: skip
    run = play(components, "1000 s")
    assert run.outages("a") == [(100.0, 100.0)]
    assert run.outages("b") == [(100.0, 50.0)]
    assert run.outages("c") == [(100.0, 20.0)]
    assert run.column("c", "cause") == ["a script"]


def test_items_that_strike_each_other_fail_once_each(play):
    components = {"a": item({"at": ["100 s"]}, failure_strikes={"b": 1}), "b": item("5 y", failure_strikes={"a": 1})}
    run = play(components, "1000 s")
    assert run.outages("a") == run.outages("b") == [(100.0, 100.0)]


def test_item_can_strike_its_own_kind(play):
    pair = item("1000 s", count=2, needs_up=1, lemons={"share": "50 %", "factor": 2}, failure_strikes={"a": 1})
    run = play({"a": pair}, "900 s")
    assert run.outages("a") == [(500.0, 100.0)]
    assert run.count("a", "failures") == 2


# -- failover -----------------------------------------------------------------------------------------------------
def test_covered_failure_costs_the_failover_and_everything_waits(play):
    # the lemon fails at 500; until 530 nothing else moves: its repair ends at 630, the good one fails at 1030
    pair = item("1000 s", count=2, needs_up=1, lemons={"share": "50 %", "factor": 2}, failover={"takes": "30 s"})
    run = play({"a": pair}, "1150 s")
    assert run.outages("a") == [(500.0, 30.0), (1030.0, 30.0)]
    assert run.parts("a") == {"failover": 30.0}
    assert run.count("a", "failures") == 2


def test_failure_while_another_item_is_down_is_no_failover(play):
    # lemon down 500-2530 (failover 30, then 2000); the good one fails at 1030: both down until 2530
    pair = item("1000 s", "2000 s", count=2, needs_up=1, lemons={"share": "50 %", "factor": 2},
                failover={"takes": "30 s"})  # fmt: skip
    run = play({"a": pair}, "2600 s")
    assert run.outages("a") == [(500.0, 30.0), (1030.0, 1500.0)]


def test_struck_item_of_a_cluster_is_as_new_after_its_repair(play):
    pair = item("1000 s", count=1, failover={"takes": "30 s"})
    run = play({"a": pair}, "2500 s", shocks={"s": {"every": {"at": ["700 s"]}, "strikes": ["a"]}})
    assert run.outages("a") == [(700.0, 130.0), (1830.0, 130.0)]


def test_uncovered_failure_takes_longer(play):
    pair = item("1000 s", count=2, needs_up=1, lemons={"share": "50 %", "factor": 2},
                failover={"takes": "30 s", "coverage": "0 %", "uncovered": "300 s"})  # fmt: skip
    run = play({"a": pair}, "900 s")
    assert run.outages("a") == [(500.0, 300.0)]
    assert run.parts("a") == {"uncovered": 300.0}


# -- standby ------------------------------------------------------------------------------------------------------
def test_cold_standby_takes_over_after_the_switch(play):
    pair = item("1000 s", "300 s", count=2, needs_up=1, standby={"switch_over": "10 s"})
    run = play({"a": pair}, "3500 s")
    assert run.outages("a") == [(1000.0, 10.0), (2010.0, 10.0), (3020.0, 10.0)]


def test_standby_that_switches_at_once_leaves_no_outage(play):
    run = play({"a": item("1000 s", "300 s", count=2, needs_up=1, standby={})}, "3500 s")
    assert run.outages("a") == []
    assert run.count("a", "failures") == 3


def test_standby_that_is_still_in_repair_comes_late(play):
    # the first is repaired at 3000, the second fails at 2010: the first is active from 3010 on
    pair = item("1000 s", "2000 s", count=2, needs_up=1, standby={"switch_over": "10 s"})
    run = play({"a": pair}, "3500 s")
    assert run.outages("a") == [(1000.0, 10.0), (2010.0, 1000.0)]


def test_struck_standby_that_can_pause_is_as_new_when_it_takes_over(play):
    # a (active) is struck at 700 with 300 s to live; repaired at 800 it is the standby.  b, active since 700, fails at
    # 1700; a takes over with 1000 s to live, not 300
    pair = item("1000 s", "100 s", count=2, needs_up=1, standby={}, pauses_with=["north"])
    shock = {"s": {"every": {"at": ["700 s"]}, "strikes": ["a"]}}
    run = play({"a": pair}, "2900 s", regions={"north": {"outage": {"every": {"at": ["9 d"]}, "lasts": "1 s"}}},
               shocks=shock)  # fmt: skip
    # the shock hits the cold standby as well (it is not `up`, so it is spared)
    assert run.count("a", "failures") == 3  # 700, 1700, 2700
    assert run.outages("a") == []


# -- lemons -------------------------------------------------------------------------------------------------------
def test_lemons_are_counted_over_the_fleet_not_in_every_zone(play):
    # a quarter of 4 items in 2 zones: one lemon (fails every 100 s), not none
    fleet = {"kind": "component", "count": 4, "needs_up": 1, "at": "north.*", "time_to_failure": "1000 s",
             "lemons": {"share": "25 %", "factor": 10}}  # fmt: skip
    run = play({"a": fleet}, "500 s", regions={"north": {"zones": ["a", "b"]}})
    assert run.count("a", "failures") == 1
    assert run.value("a", "up_items") == pytest.approx(4 - 0.8)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"needs_up": 2}, "2 exceeds count 1"),
        ({"time_to_failure": {"at": ["1 s"]}, "count": 2, "needs_up": 1}, "scripted failures are for one item"),
        ({"time_to_failure": {"at": ["1 s"]}, "age": "1 d"}, "cannot be combined with age"),
        ({"time_to_failure": {"at": ["1 s"]}, "repair": {"lasts": "1 s", "effect": "as_old"}}, "cannot be combined"),
        ({"time_to_failure": {"at": ["1 s"]}, "lemons": {"share": 1, "factor": 2}}, "cannot be combined"),
        ({"time_to_failure": {"at": ["1 s"]}, "pauses_with": ["a"]}, "cannot pause"),
        ({"time_to_failure": {"at": ["1 s"]}, "while_serving_only": True}, "cannot pause"),
        ({"time_to_failure": "0 s"}, "must be above zero"),
        ({"repair": None, "detection": "1 s"}, "has no effect"),
        ({"repair": None, "start": "down"}, "never repaired"),
        ({"standby": {}, "detection": "1 s"}, "has no effect"),
        ({"standby": {}, "failover": {"takes": "1 s"}}, "cannot be combined with `failover`"),
        ({"standby": {}, "age": "1 d"}, "cannot be combined with lemons, age"),
        ({"failover": {"takes": "1 s", "coverage": "90 %"}}, "coverage is below 100 %"),
        ({"lemons": {"share": "10 %", "factor": 0.5}}, "must be at least 1 (got 0.5)"),
        ({"failure_strikes": {"nobody": 1}}, "'nobody' has no units that can fail"),
        ({"needs": ["a"]}, "depends on itself: a -> a"),
        ({"pauses_with": ["z"]}, "there is nothing called 'z'"),
        ({"at": []}, "needs at least 1 entries"),
        ({"repair": {"lasts": "1 h", "preempts": True}}, "need a team"),
        ({"repair": {"lasts": "1 h", "effect": "as_good"}}, "effect"),
        ({"repair": {"lasts": "1 h", "effect": {"keeps": "120 %"}}}, "a share is between 0 and 100 %"),
    ],
)
def test_impossible_components_are_refused(refused, change, said):
    component = {k: v for k, v in {**item(), **change}.items() if v is not None}
    assert said in refused({"a": component})
