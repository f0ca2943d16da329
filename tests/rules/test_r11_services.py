"""R11: what is offered, served, good, bad and dropped, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from outlast.program import Builder, Lifecycle, Site, Term, count_of, rate_of, route, use_of, value_of
from outlast.stats.distributions import deterministic as fixed

Trace = Callable[..., list[str]]
Sums = Callable[..., list[dict[str, float]]]
FIELDS = ("offered", "served", "good", "bad", "dropped")


def constant(b: Builder, name: str, value: float, then: float | None = None, at: float = 5.0) -> None:
    """A condition that is true iff a profile is at least 1; the profile is `value`, from `at` on `then`."""
    b.profile(f"{name} profile", 1000.0, [(0.0, value), *([] if then is None else [(at, then)])])
    b.condition(name, value_of(f"{name} profile"), 1)


def servers(b: Builder, group: str, count: int) -> None:
    b.group(group)
    b.cohort(f"{group} server", b.lifecycle(group).state("up", ["up"]), count, member={group: ["up"]})


def rates(rows: list[dict[str, float]], horizon: float, service: str = "web") -> tuple[float, ...]:
    """The five fields, which are constant from 0 to the horizon."""
    (row,) = rows
    return tuple(row[f"{service}.{field}"] / horizon for field in FIELDS)


def two_sites(retry: float = 0.5, database: float = 1.0) -> Builder:
    """100/s, half to each site.

    east: three servers of 20/s and a black hole (listed, but without capacity), all of weight 1.
        miss = 50 x 1/4 = 12.5, hit = 37.5 + retry x 12.5, all served and good up to 60/s.
    west: two servers of 20/s that give 90 % good answers: hit 50, served 40, good 36, use 1.25.
    Without the database only half of the good answers are good.
    """
    b = Builder(8.0)
    b.profile("load", 1000.0, [(0.0, 50.0)])
    for group, count in (("east good", 3), ("east hole", 1), ("west slow", 2)):
        servers(b, group, count)
    constant(b, "database", database)
    east = Site("east", (Term("east good", capacity=20.0), Term("east hole", capacity=0.0)))
    west = Site("west", (Term("west slow", capacity=20.0, good=0.9),))
    b.service("web", value_of("load"), [east, west], scale=2.0, retry=retry, needs={"database": 0.5})
    return b


@pytest.mark.parametrize(
    ("retry", "hit", "database"), [(0.0, 37.5, 1.0), (0.5, 43.75, 1.0), (1.0, 50.0, 1.0), (0.5, 43.75, 0.0)]
)
def test_a_black_hole_takes_its_share_and_retries_win_part_back(
    sums: Sums, retry: float, hit: float, database: float
) -> None:
    served = hit + 40.0
    good = (hit + 36.0) * (1.0 if database else 0.5)
    expected = (100.0, served, good, served - good, 100.0 - served)
    assert rates(sums(two_sites(retry, database).build()), 8.0) == expected


@pytest.mark.parametrize(
    ("site", "use", "above"), [("web.east", 43.75 / 60.0, True), ("web.east", 0.73, False), ("web.west", 1.25, True)]
)
def test_the_use_of_a_site_is_hit_over_capacity(trace: Trace, site: str, use: float, above: bool) -> None:
    """A condition that is false from 0 on is an open outage at the end."""
    b = two_sites()
    b.condition("busy", use_of(site), use, measured="busy")
    assert (trace(b.build()) == []) == above


def single(*terms: Term, reach: str = "", load: float = 60.0) -> Builder:
    """One site; groups a and b of two servers each."""
    b = Builder(10.0)
    b.profile("load", 1000.0, [(0.0, load)])
    for group in ("a", "b"):
        servers(b, group, 2)
    constant(b, "yes", 1.0)
    constant(b, "no", 0.0)
    b.service("web", value_of("load"), [Site("only", terms, reach)])
    return b


def test_weights_divide_the_traffic(sums: Sums) -> None:
    """a weighs 3, b 1: a's share 45 against the capacity of all, as the site has one queue; b is a black hole."""
    b = single(Term("a", weight=3.0, capacity=100.0), Term("b"))
    assert rates(sums(b.build()), 10.0) == (60.0, 45.0, 45.0, 0.0, 15.0)


def test_good_shares_are_weighted(sums: Sums) -> None:
    """V = 2 x 3 + 2 x 1 = 8, Q = 6 x 0.5 + 2 x 1 = 5: 5/8 of 60 are good."""
    b = single(Term("a", weight=3.0, capacity=100.0, good=0.5), Term("b", capacity=100.0))
    assert rates(sums(b.build()), 10.0) == (60.0, 60.0, 37.5, 22.5, 0.0)


def test_a_term_that_is_not_listed_gets_no_traffic(sums: Sums) -> None:
    """Health checks took b out: nothing is missed, but only a serves."""
    b = single(Term("a", capacity=10.0), Term("b", capacity=10.0, listed="no"))
    assert rates(sums(b.build()), 10.0) == (60.0, 20.0, 20.0, 0.0, 40.0)


def test_a_term_that_is_not_live_is_a_black_hole(sums: Sums) -> None:
    b = single(Term("a", capacity=100.0), Term("b", capacity=100.0, live="no"))
    assert rates(sums(b.build()), 10.0) == (60.0, 30.0, 30.0, 0.0, 30.0)


@pytest.mark.parametrize(("reach", "served"), [("yes", 60.0), ("no", 0.0)])
def test_a_site_that_cannot_be_reached_serves_nothing(sums: Sums, reach: str, served: float) -> None:
    b = single(Term("a", capacity=100.0, live="yes", listed="yes"), reach=reach)
    assert rates(sums(b.build()), 10.0) == (60.0, served, served, 0.0, 60.0 - served)


@pytest.mark.parametrize(("flag", "headroom"), [("live", -40.0), ("listed", -40.0), ("capacity", -40.0), ("", -20.0)])
def test_headroom_is_the_capacity_that_takes_requests_beyond_what_is_offered(
    trace: Trace, sums: Sums, flag: str, headroom: float
) -> None:
    """a offers 2 x 10/s, b as much if it is listed, live and has capacity; 60 are offered."""
    flags = {"live": "no" if flag == "live" else "", "listed": "no" if flag == "listed" else ""}
    b = single(Term("a", capacity=10.0), Term("b", capacity=0.0 if flag == "capacity" else 10.0, **flags))
    b.condition("enough", rate_of("web", "headroom"), headroom, measured="enough")
    b.condition("more", rate_of("web", "headroom"), math.nextafter(headroom, 0.0), measured="more")
    assert sums(b.build())[0]["web.headroom"] == headroom * 10.0
    assert trace(b.build()) == ["outage more 0.0 +10.0 censored"]


def test_a_site_without_members_serves_nothing(sums: Sums) -> None:
    b = single(Term("a", capacity=100.0, listed="no"))
    assert rates(sums(b.build()), 10.0) == (60.0, 0.0, 0.0, 0.0, 60.0)


def test_without_load_the_good_share_is_one(trace: Trace, sums: Sums) -> None:
    b = single(Term("a", capacity=100.0), load=0.0)
    b.condition("good", rate_of("web", "good share"), 1.0, measured="good")
    b.condition("better", rate_of("web", "good share"), math.nextafter(1.0, 2.0), measured="better")
    assert trace(b.build()) == ["outage better 0.0 +10.0 censored"]
    assert rates(sums(b.build()), 10.0) == (0.0, 0.0, 0.0, 0.0, 0.0)


def test_shares_of_a_route_below_one_drop_the_rest(sums: Sums) -> None:
    b = Builder(10.0)
    b.profile("load", 1000.0, [(0.0, 60.0)])
    servers(b, "a", 2)
    b.service("web", value_of("load"), [Site("only", (Term("a", capacity=100.0),))], routes=[[0.25]])
    assert rates(sums(b.build()), 10.0) == (60.0, 15.0, 15.0, 0.0, 45.0)


def test_fields_follow_failures_and_steps_of_the_load(sums: Sums) -> None:
    """Two servers of 40/s.  [0, 4): 60 offered, 60 served.  From 4 one server is left and health checks know it:
    40 served.  From 6 30 are offered.  From 9 none is left."""
    b = Builder(10.0)
    b.profile("load", 1000.0, [(0.0, 60.0), (6.0, 30.0)])
    b.group("a")
    for name, at in (("first", 4.0), ("second", 9.0)):
        life = b.lifecycle(name).state("up", ["up"]).state("down").after(fixed(at), "up", "down")
        b.cohort(name, life, member={"a": ["up"]})
    b.service("web", value_of("load"), [Site("only", (Term("a", capacity=40.0),))])
    assert sums(b.build()) == [{
        "web.offered": 60.0 * 6 + 30.0 * 4,
        "web.served": 60.0 * 4 + 40.0 * 2 + 30.0 * 3,
        "web.good": 60.0 * 4 + 40.0 * 2 + 30.0 * 3,
        "web.bad": 0.0,
        "web.dropped": 20.0 * 2 + 30.0 * 1,
        "web.headroom": 20.0 * 4 - 20.0 * 2 + 10.0 * 3 - 30.0 * 1,
    }]  # fmt: skip


def test_route_changes_the_shares(sums: Sums) -> None:
    """One site of 20/s, one of 100/s: 50:50 until 4 s (20 + 30 of 60), then everything to the second."""
    b = Builder(10.0)
    b.profile("load", 1000.0, [(0.0, 60.0)])
    servers(b, "a", 1)
    servers(b, "b", 1)
    sites = [Site("small", (Term("a", capacity=20.0),)), Site("large", (Term("b", capacity=100.0),))]
    b.service("web", value_of("load"), sites, routes=[[0.5, 0.5], [0.0, 1.0]])
    switch: Lifecycle = b.lifecycle("switch").state("both").state("one")
    b.cohort("switch", switch.after(fixed(4.0), "both", "one", [route("web", 1)]))
    assert sums(b.build())[0]["web.served"] == 50.0 * 4 + 60.0 * 6


def test_a_service_feeds_on_another(trace: Trace, sums: Sums) -> None:
    """Declared first, numbered after its upstream: each page served makes two queries, of which 30/s find room."""
    b = Builder(10.0)
    b.service("db", rate_of("web", "served"), [Site("only", (Term("d", capacity=30.0),))], scale=2.0)
    b.condition("db enough", rate_of("db", "good share"), 1.0)
    b.profile("load", 1000.0, [(0.0, 10.0), (6.0, 25.0)])
    servers(b, "w", 1)
    servers(b, "d", 1)
    b.service("web", value_of("load"), [Site("only", (Term("w", capacity=20.0),))])
    program = b.build()
    assert trace(program) == ["6.0 step load 25.0", "6.0 flip db enough down"]
    (row,) = sums(program)
    assert row["web.served"] == 10.0 * 6 + 20.0 * 4
    assert row["db.offered"] == 20.0 * 6 + 40.0 * 4
    assert row["db.served"] == 20.0 * 6 + 30.0 * 4


def test_a_stock_flows_at_the_rate_of_bad_answers(trace: Trace) -> None:
    """An error budget of 20: 4 bad answers a second from 5 s on, spent at 10 s."""
    b = Builder(12.0)
    b.profile("load", 1000.0, [(0.0, 40.0)])
    servers(b, "a", 1)
    constant(b, "cache", 1.0, 0.0)
    b.service("web", value_of("load"), [Site("only", (Term("a", capacity=50.0),))], needs={"cache": 0.9})
    b.stock("budget", initial=20.0, source=rate_of("web", "bad"))
    b.watch("budget", 0.0, "freeze", "spent", up=False)
    b.cohort("meter", b.lifecycle("meter").state("on", gain=-1.0), drives="budget")
    b.cohort("freeze", b.lifecycle("freeze").state("off").state("on").on("spent", "off", "on"))
    assert trace(b.build()) == [
        "5.0 step cache profile 0.0",
        "5.0 flip cache down",
        "10.0 watch budget 0.0",
        "10.0 freeze off -> on cause none",
        "12.0 level budget 0.0 lost 0.0",
    ]


def test_a_service_depends_on_a_condition_through_need_reach_live_and_listed(sums: Sums) -> None:
    """Each of the four conditions fails at 5 s, one per service."""
    b = Builder(10.0)
    b.profile("load", 1000.0, [(0.0, 30.0)])
    servers(b, "a", 1)
    servers(b, "b", 1)
    for name in ("need", "reach", "live", "listed"):
        constant(b, name, 1.0, 0.0)
    both = (Term("a", capacity=20.0), Term("b", capacity=20.0))
    load = value_of("load")
    b.service("w need", load, [Site("s", both)], needs={"need": 0.5})
    b.service("w reach", load, [Site("s", both, "reach")])
    b.service("w live", load, [Site("s", (both[0], Term("b", capacity=20.0, live="live")))])
    b.service("w listed", load, [Site("s", (both[0], Term("b", capacity=20.0, listed="listed")))])
    (row,) = sums(b.build())
    goods = {name: row[f"w {name}.good"] for name in ("need", "reach", "live", "listed")}
    assert goods == {"need": 150.0 + 75.0, "reach": 150.0, "live": 150.0 + 75.0, "listed": 150.0 + 100.0}


def test_a_change_of_use_alone_reaches_its_readers(trace: Trace) -> None:
    """30/s from 60/s of capacity to 40/s: no field changes, the use rises from 0.5 to 0.75."""
    b = Builder(10.0)
    b.profile("load", 1000.0, [(0.0, 30.0)])
    b.group("a")
    life = b.lifecycle("server").state("up", ["up"]).state("down").after(fixed(4.0), "up", "down")
    b.cohort("server", life, member={"a": ["up"]})
    b.cohort("others", b.lifecycle("others").state("up", ["up"]), 2, member={"a": ["up"]})
    b.condition("three", count_of("a"), 3)
    b.service("web", value_of("load"), [Site("only", (Term("a", capacity=20.0),))])
    b.condition("busy", use_of("web.only"), 0.6)
    b.condition("overload", use_of("web.only"), 0.8)
    assert trace(b.build()) == [
        "4.0 server up -> down",
        "4.0 flip three down cause server",
        "4.0 flip busy up cause server",
    ]


def test_a_recomputation_that_changes_nothing_leaves_its_readers_alone(trace: Trace) -> None:
    """The server lost at 2 s has neither weight nor capacity.  The level is 7 x 0.1 in one product, as no re-base (R10)
    splits it; 2 x 0.1 + 5 x 0.1 is another float."""
    b = Builder(7.0)
    b.profile("load", 1000.0, [(0.0, 1.0)])
    servers(b, "a", 1)
    b.group("spare")
    life = b.lifecycle("spare").state("up", ["up"]).state("down").after(fixed(2.0), "up", "down")
    b.cohort("extra", life, member={"spare": ["up"]})
    b.service("web", value_of("load"), [Site("only", (Term("a", capacity=1.0), Term("spare", weight=0.0)))])
    b.stock("tank", source=rate_of("web", "served"))
    b.cohort("meter", b.lifecycle("meter").state("on", gain=0.1), drives="tank")
    assert 0.1 * 2.0 + 0.1 * 5.0 != 0.1 * 7.0
    assert trace(b.build()) == ["2.0 extra up -> down", f"7.0 level tank {0.1 * 7.0} lost 0.0"]
