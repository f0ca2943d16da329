"""`zone`: a part of a region that fails on its own."""

import math

import numpy as np


def three(outages):
    """A region of three zones, each with its scripted outage: name -> (start, length)."""
    return {"north": {"zones": {z: {"outage": {"every": {"at": [f"{s} s"]}, "lasts": f"{n} s"}} for z, (s, n) in
                                outages.items()}}}  # fmt: skip


def test_items_spread_over_zones_lose_those_of_a_lost_zone(play):
    # a down 1000-2000, b 1500-1800, c 5000-5100; 2 items a zone, 4 needed: down while two zones are out at once
    regions = three({"a": (1000, 1000), "b": (1500, 300), "c": (5000, 100)})
    items = {"kind": "component", "count": 6, "needs_up": 4, "at": "north.*", "time_to_failure": "1 y"}
    run = play({"items": items}, "10000 s", regions=regions)
    assert run.outages("items") == [(1500.0, 300.0)]
    assert run.column("items", "cause") == ["north.b outage script"]
    assert run.column("items", "scope") == ["zone"]
    assert run.value("items", "up_items") == 6.0  # nothing failed: the items were unreachable


def test_uneven_spread_gives_the_first_zones_one_more(play):
    # 7 items over three zones: 3, 2, 2; without a 4 are left, without b or c 5
    regions = three({"a": (1000, 100), "b": (2000, 200), "c": (3000, 300)})
    items = {"kind": "component", "count": 7, "needs_up": 5, "at": "north.*", "time_to_failure": "1 y"}
    run = play({"items": items}, "10000 s", regions=regions)
    assert run.outages("items") == [(1000.0, 100.0)]


def test_fewer_items_than_zones_leaves_the_last_zones_empty(play):
    regions = three({"a": (1000, 100), "b": (2000, 200), "c": (3000, 300)})
    items = {"kind": "component", "count": 2, "at": "north.*", "time_to_failure": "1 y"}
    run = play({"items": items}, "10000 s", regions=regions)
    assert run.outages("items") == [(1000.0, 100.0), (2000.0, 200.0)]


def test_spread_over_a_list_of_regions_and_zones(play):
    regions = three({"a": (1000, 100), "b": (2000, 200), "c": (3000, 300)})
    regions["south"] = {"outage": {"every": {"at": ["1050 s"]}, "lasts": "10 s"}}
    items = {"kind": "component", "count": 2, "needs_up": 1, "at": ["north.a", "south"], "time_to_failure": "1 y"}
    run = play({"items": items}, "10000 s", regions=regions)
    assert run.outages("items") == [(1050.0, 10.0)]


def test_items_fail_and_zones_fail_at_once(play):
    # one item a zone, two needed; all items fail at 900 s of operation and take 300 s: down 900-1200 as well
    regions = three({"a": (100, 50), "b": (120, 50), "c": (5000, 100)})
    items = {"kind": "component", "count": 3, "needs_up": 2, "at": "north.*", "time_to_failure": "900 s",
             "repair": {"lasts": "300 s"}}  # fmt: skip
    run = play({"items": items}, "2000 s", regions=regions)
    assert run.outages("items") == [(120.0, 30.0), (900.0, 300.0)]


def test_zone_in_two_spreads_is_refused(refused):
    items = {"kind": "component", "count": 2, "at": ["north.a", "north.*"], "time_to_failure": "1 y"}
    assert "'north.a' is named twice" in refused({"items": items}, regions={"north": {"zones": ["a", "b"]}})


def test_two_of_three_zones_have_the_steady_availability_of_the_binomial(sample, close):
    # up 9 h and down 1 h on average, independently: P(at least 2 of 3) = 3 p^2 (1-p) + p^3, from the 20th hour on
    outage = {"every": {"exponential": "9 h"}, "lasts": {"exponential": "1 h"}}
    items = {"kind": "component", "count": 3, "needs_up": 2, "at": "north.*", "time_to_failure": "100 y"}
    run = sample({"items": items}, "300 h", n=600, warm_up="20 h",
                 regions={"north": {"zones": ["a", "b", "c"], "zone_outage": outage}})  # fmt: skip
    p = 0.9
    close(run.values("items", "availability"), 3 * p**2 * (1 - p) + p**3)


def test_shock_on_all_zones_makes_them_fail_together_in_part(sample, close):
    # a shock an hour, each zone hit with probability 0.3: all three go at once with probability 0.027
    outage = {"every": {"at": ["9999 h"]}, "lasts": "1 min"}
    zones = ["north.a", "north.b", "north.c"]
    run = sample({"any": {"kind": "system", "any_of": zones}}, "500 h", n=400,
                 regions={"north": {"zones": ["a", "b", "c"], "zone_outage": outage}},
                 shocks={"storm": {"every": "1 h", "strikes": zones, "each": "30 %"}})  # fmt: skip
    hours = 499  # shocks at 1 h ... 499 h
    counts = run.values("any", "outages") * 500 * 3600 / (365 * 86_400)
    close(counts, hours * 0.3**3)
    # and the number of them is binomial: its variance is checked with the error of a variance of a near-normal
    spread = hours * 0.027 * (1 - 0.027)
    assert abs(np.var(counts, ddof=1) - spread) < 4 * spread * math.sqrt(2 / (len(counts) - 1))
