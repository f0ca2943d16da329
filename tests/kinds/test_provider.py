"""`provider`: outages of everything that belongs to it."""

OUTAGE = {"every": {"at": ["1000 s", "4000 s"]}, "lasts": "500 s"}
WEB = {"kind": "component", "at": "north", "time_to_failure": "1 y"}


def test_provider_outage_is_measured_and_takes_its_regions_and_what_runs_there(play):
    run = play(
        {"web": WEB}, "10000 s", providers={"cloud": {"outage": OUTAGE}}, regions={"north": {"provider": "cloud"}}
    )
    assert run.outages("cloud") == [(1000.0, 500.0), (4000.0, 500.0)]
    assert run.outages("web") == run.outages("cloud")
    assert run.column("web", "cause") == ["cloud outage script"] * 2
    assert run.column("web", "scope") == ["provider"] * 2
    assert run.value("cloud", "availability") == 0.9
    assert run.value("web", "availability") == 0.9
    assert run.value("web", "mean_outage") == 500.0
    assert run.count("web", "outages") == 2


def test_provider_that_never_fails_publishes_nothing_and_takes_nobody_down(play):
    run = play({"web": WEB}, "10000 s", providers={"cloud": None}, regions={"north": {"provider": "cloud"}})
    assert set(run.result.replications["component"]) == {"web"}
    assert run.outages("web") == []


def test_outages_of_a_provider_and_of_its_region_overlap_into_one(play):
    # provider 1000-1500 and 4000-4500; region 1200-1800
    region = {"provider": "cloud", "outage": {"every": {"at": ["1200 s"]}, "lasts": "600 s"}}
    run = play({"web": WEB}, "10000 s", providers={"cloud": {"outage": OUTAGE}}, regions={"north": region})
    assert run.outages("north") == [(1000.0, 800.0), (4000.0, 500.0)]
    assert run.outages("web") == run.outages("north")


def test_two_providers_fail_independently(play):
    other = {"outage": {"every": {"at": ["2000 s"]}, "lasts": "100 s"}}
    regions = {"north": {"provider": "cloud"}, "south": {"provider": "colo"}}
    both = {"kind": "system", "any_of": ["north", "south"]}
    run = play({"web": WEB, "either": both}, "10000 s", providers={"cloud": {"outage": OUTAGE}, "colo": other},
               regions=regions)  # fmt: skip
    assert run.outages("colo") == [(2000.0, 100.0)]
    assert run.outages("web") == [(1000.0, 500.0), (4000.0, 500.0)]
    assert run.outages("either") == []


def test_strike_while_the_provider_is_down_changes_nothing(play):
    outage = {"every": {"at": ["1000 s", "1200 s"]}, "lasts": "500 s"}
    run = play(
        {"web": WEB}, "10000 s", providers={"cloud": {"outage": outage}}, regions={"north": {"provider": "cloud"}}
    )
    assert run.outages("cloud") == [(1000.0, 500.0)]


def test_random_outages_have_the_availability_of_an_alternating_renewal_process(sample, close):
    # steady state from the start is not needed: E[down share] over [0, T] for exponential up (mean m) and down (mean r)
    # is r/(m+r) * (1 - (1 - exp(-(1/m+1/r) T)) / ((1/m+1/r) T)). Source: Ross, Introduction to Probability Models, 6.
    import math

    m, r, T = 10 * 86_400.0, 1 * 86_400.0, 100 * 86_400.0
    outage = {"every": {"exponential": "10 d"}, "lasts": {"exponential": "1 d"}}
    run = sample({"web": WEB}, "100 d", n=2000, providers={"cloud": {"outage": outage}},
                 regions={"north": {"provider": "cloud"}})  # fmt: skip
    rate = 1 / m + 1 / r
    down = r / (m + r) * (1 - (1 - math.exp(-rate * T)) / (rate * T))
    close(1 - run.values("cloud", "availability"), down)


def test_region_of_an_unknown_provider_is_refused(refused):
    said = refused({}, providers={"cloud": None}, regions={"north": {"provider": "clout"}})
    assert "there is no place 'clout'" in said
    assert "did you mean `cloud`?" in said
