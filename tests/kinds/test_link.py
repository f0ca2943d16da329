"""`link`: between two places, with outages of its own."""

CUT = {"every": {"at": ["1000 s"]}, "lasts": "500 s"}
REGIONS = {"north": {"outage": {"every": {"at": ["4000 s"]}, "lasts": "100 s"}}, "south": None}
JOB = {"kind": "component", "time_to_failure": "1 y", "needs": ["wan"]}


def test_link_outage_is_measured_and_takes_what_needs_it(play):
    run = play({"job": JOB}, "10000 s", regions=REGIONS, links={"wan": {"between": ["north", "south"], "outage": CUT}})
    assert run.outages("wan") == [(1000.0, 500.0)]
    assert run.outages("job") == [(1000.0, 500.0)]
    assert run.column("job", "scope") == ["link"]


def test_link_does_not_fail_with_the_places_at_its_ends(play):
    run = play({"job": JOB}, "10000 s", regions=REGIONS, links={"wan": {"between": ["north", "south"]}})
    assert run.outages("wan") == []
    assert run.value("wan", "availability") == 1.0
    assert run.outages("job") == []


def test_link_between_one_place_is_refused(refused):
    assert "needs at least 2 entries" in refused({}, regions=REGIONS, links={"wan": {"between": ["north"]}})


def test_link_to_an_unknown_place_is_refused(refused):
    said = refused({}, regions=REGIONS, links={"wan": {"between": ["north", "sooth"]}})
    assert "links.wan.between.1" in said
    assert "did you mean `south`?" in said
