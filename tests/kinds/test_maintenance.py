"""Inspections and planned maintenance of a `component`; every time worked out by hand."""

import random

import pytest


def item(ttf="900 s", lasts="100 s", **more):
    return {"kind": "component", "time_to_failure": ttf, "repair": {"lasts": lasts}, **more}


def test_a_failure_shows_at_the_next_inspection(play):
    run = play({"a": item(inspection={"every": "1000 s"})}, "4000 s")
    assert run.outages("a") == [(900.0, 200.0), (2000.0, 1100.0)]  # failed again at 2000, after the inspection of 2000
    run = play({"a": item(inspection={"every": "1000 s", "first": "950 s"})}, "4000 s")
    assert run.outages("a") == [(900.0, 150.0), (1950.0, 1100.0), (3950.0, 50.0)]


def test_a_failure_at_the_instant_of_an_inspection_is_found_by_the_next(play):
    run = play({"a": item("1000 s", inspection={"every": "1000 s"})}, "4000 s")
    assert run.outages("a") == [(1000.0, 1100.0), (3100.0, 900.0)]


def test_an_item_is_renewed_when_it_reaches_the_age(play):
    run = play({"a": item(maintenance={"at_age": "300 s", "lasts": "50 s"})}, "1000 s")
    assert run.outages("a") == [(300.0, 50.0), (650.0, 50.0)]
    assert run.count("a", "failures") == 0
    assert run.value("a", "failed_items") == 0.0
    assert run.value("a", "maintained_items") == pytest.approx(0.1)


def test_a_repair_also_makes_new(play):
    """Struck at 200 and repaired by 300, it is due at 600."""
    run = play({"a": item(maintenance={"at_age": "300 s", "lasts": "50 s"})}, "800 s",
               shocks={"s": {"every": {"at": ["200 s"]}, "strikes": ["a"]}})  # fmt: skip
    assert run.outages("a") == [(200.0, 100.0), (600.0, 50.0)]


def test_age_counts_operating_time_only(play):
    """The grid is out from 100 to 400: 300 s of operation are over at 600, and 300 more at 950."""
    grid = item({"at": ["100 s"]}, "300 s")
    maintained = item(maintenance={"at_age": "300 s", "lasts": "50 s"}, pauses_with=["grid"])
    run = play({"grid": grid, "a": maintained}, "1200 s")
    assert run.outages("a") == [(600.0, 50.0), (950.0, 50.0)]


def test_a_strike_while_paused_lives_forgets_what_was_due(play):
    grid = item({"at": ["100 s"]}, "10 s")
    maintained = item(maintenance={"at_age": "300 s", "lasts": "50 s"}, pauses_with=["grid"])
    run = play({"grid": grid, "a": maintained}, "800 s",
               shocks={"s": {"every": {"at": ["200 s"]}, "strikes": ["a"]}})  # fmt: skip
    assert run.outages("a") == [(200.0, 100.0), (600.0, 50.0)]


def test_repair_that_leaves_old_keeps_maintenance_due_at_the_same_age(play):
    """Struck at 200, back at 300 with the age of 200: due after 100 s more; then new."""
    old = item(maintenance={"at_age": "300 s", "lasts": "50 s"})
    old["repair"]["effect"] = "as_old"
    run = play({"a": old}, "1000 s", shocks={"s": {"every": {"at": ["200 s"]}, "strikes": ["a"]}})
    assert run.outages("a") == [(200.0, 100.0), (400.0, 50.0), (750.0, 50.0)]


def test_windows_take_the_component_offline_and_pause_its_failures(play):
    """Two windows of 50 s lie in the first life of 900 s."""
    run = play({"a": item(maintenance={"every": "400 s", "lasts": "50 s"})}, "1200 s")
    assert run.outages("a") == [(400.0, 50.0), (800.0, 50.0), (1000.0, 100.0)]
    assert run.column("a", "scope") == ["maintenance", "maintenance", "item"]
    assert run.value("a", "availability_outside_windows") == pytest.approx(1 - 100 / 1100)
    assert run.parts("a") == {"maintenance": 50.0}


def test_a_repair_goes_on_in_a_window(play):
    run = play({"a": item("390 s", maintenance={"every": "400 s", "lasts": "50 s"})}, "700 s")
    assert run.outages("a") == [(390.0, 100.0)]
    assert run.value("a", "availability_outside_windows") == pytest.approx(1 - 50 / 650)


def test_windows_begin_when_they_are_told_to(play):
    run = play({"a": item("1 y", maintenance={"every": "400 s", "first": "350 s", "lasts": "50 s"})}, "1000 s")
    assert run.outages("a") == [(350.0, 50.0), (750.0, 50.0)]


def test_standby_that_is_never_repaired_takes_over_once(play):
    pair = {"kind": "component", "time_to_failure": "900 s", "count": 2, "needs_up": 1, "standby": {}}
    run = play({"a": pair}, "3000 s")
    assert run.outages("a") == [(1800.0, 1200.0)]


@pytest.mark.parametrize("seed", range(12))
def test_random_maintenance_is_the_same_on_both_engines_and_adds_up(play, seed):
    luck = random.Random(seed)
    pick = luck.choice
    kept = {"kind": "component", "count": 3, "needs_up": 2, "time_to_failure": {"exponential": "400 s"},
            "repair": {"lasts": "30 s", "effect": pick(["as_new", "as_old", {"keeps": "40 %"}]),
                       **pick([{}, {"team": "crew"}, {"team": "crew", "works": "in_hours"}])},
            "maintenance": pick([{"at_age": "200 s", "lasts": {"exponential": "20 s"}},
                                 {"every": "310 s", "first": "95 s", "lasts": "40 s"}]),
            **pick([{}, {"inspection": {"every": "35 s"}}, {"detection": "5 s"}]),
            **pick([{}, {"pauses_with": ["grid"]}, {"failover": {"takes": "7 s"}}, {"while_serving_only": True}]),
            **pick([{}, {"lemons": {"share": "30 %", "factor": 3}}])}  # fmt: skip
    run = play({"grid": item(), "kept": kept}, "30000 s", n=2, seed=seed, teams={"crew": {"people": 1}},
               shocks={"s": {"every": {"exponential": "900 s"}, "strikes": ["kept"], "each": "50 %"}})  # fmt: skip
    assert (run.values("kept", "failures") > 0).all()
    if "at_age" in kept["maintenance"]:
        items = sum(run.values("kept", f"{state}_items") for state in ("up", "failed", "maintained"))
        assert items == pytest.approx([3.0, 3.0])
        assert (run.values("kept", "maintained_items") > 0).all()
    else:
        outside = run.values("kept", "availability_outside_windows")
        offline = 97 * 40 / 30000
        assert run.values("kept", "availability") == pytest.approx(outside * (1 - offline))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"maintenance": {"lasts": "1 h"}}, "exactly one of `at_age` and `every` is needed"),
        ({"maintenance": {"at_age": "1 d", "every": "1 d", "lasts": "1 h"}}, "got both"),
        ({"maintenance": {"every": "1 h", "lasts": "1 h"}}, "must be above 0 and below `every`"),
        ({"maintenance": {"every": "1 h", "first": "2 h", "lasts": "1 min"}}, "got 2 h, every 1 h"),
        ({"maintenance": {"at_age": "1 h", "first": "2 h", "lasts": "1 min"}}, "`at_age` has no windows"),
        ({"maintenance": {"at_age": "1 h", "lasts": "1 min"}, "age": "1 d"}, "cannot be combined with `standby` or `age`"),
        ({"maintenance": {"at_age": "1 h", "lasts": "1 min"}, "time_to_failure": {"at": ["1 h"]}}, "cannot pause"),
        ({"inspection": {"every": "1 h"}, "detection": "1 min"}, "cannot be combined with `detection`"),
        ({"inspection": {"every": "1 h"}, "repair": None}, "has no effect without a `repair`"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(refused, fields, message):
    assert message in refused({"a": item() | fields})
