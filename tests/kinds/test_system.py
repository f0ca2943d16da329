"""`system`: structures of other things, nested and shared."""

import pytest


def box(at, lasts=100):
    return {"kind": "component", "time_to_failure": {"at": [f"{t} s" for t in at]}, "repair": {"lasts": f"{lasts} s"}}


BOXES = {"a": box([1000]), "b": box([1050, 3000]), "c": box([3050])}  # down 1000-1100; 1050-1150, 3000-3100; 3050-3150


@pytest.mark.parametrize(
    ("structure", "down"),
    [
        ({"all_of": ["a", "b", "c"]}, [(1000.0, 150.0), (3000.0, 150.0)]),
        ({"any_of": ["a", "b"]}, [(1050.0, 50.0)]),
        ({"any_of": ["a", "b", "c"]}, []),
        ({"at_least": 2, "of": ["a", "b", "c"]}, [(1050.0, 50.0), (3050.0, 50.0)]),
        ({"at_least": 1, "of": ["a", "b"]}, [(1050.0, 50.0)]),
        ({"at_least": 3, "of": ["a", "b", "c"]}, [(1000.0, 150.0), (3000.0, 150.0)]),
        ({"all_of": [{"any_of": ["a", "b"]}, "c"]}, [(1050.0, 50.0), (3050.0, 100.0)]),
        ({"any_of": [{"all_of": ["a", "b"]}, {"all_of": ["b", "c"]}]}, [(1050.0, 100.0 - 0.0), (3000.0, 150.0)]),
        ({"at_least": 2, "of": ["a", {"any_of": ["b", "c"]}, "c"]}, [(3050.0, 50.0)]),
        ({"all_of": ["a", "a"]}, [(1000.0, 100.0)]),
    ],
)
def test_structure_of_three_boxes(play, structure, down):
    if structure == {"any_of": [{"all_of": ["a", "b"]}, {"all_of": ["b", "c"]}]}:
        down = [(1050.0, 100.0), (3000.0, 100.0)]  # the first leg is down from 1000 to 1150, the second needs b too
    run = play({**BOXES, "sys": {"kind": "system", **structure}}, "10000 s")
    assert run.outages("sys") == down


def test_shared_dependency_counts_once(play):
    # x and y both need the network: any of them is down exactly when it is
    need = {"kind": "component", "time_to_failure": "9 y", "needs": ["a"]}
    run = play({**BOXES, "x": need, "y": need, "sys": {"kind": "system", "any_of": ["x", "y"]}}, "10000 s")
    assert run.outages("sys") == [(1000.0, 100.0)]


def test_things_that_never_fail_always_count(play):
    regions = {"north": None, "south": None}
    sys = {"kind": "system", "at_least": 3, "of": ["north", "south", "a", "b"]}
    run = play({**BOXES, "sys": sys, "always": {"kind": "system", "any_of": ["north", "a"]},
                "still": {"kind": "system", "all_of": ["north", "south"]}}, "10000 s", regions=regions)  # fmt: skip
    assert run.outages("sys") == [(1050.0, 50.0)]
    assert run.outages("always") == run.outages("still") == []


def test_regions_of_one_provider_fall_together_and_count_twice(play):
    outage = {"every": {"at": ["1060 s"]}, "lasts": "20 s"}
    regions = {"north": {"provider": "cloud"}, "south": {"provider": "cloud"}}
    sys = {"kind": "system", "at_least": 2, "of": ["north", "south", "a", "b"]}
    run = play({**BOXES, "sys": sys}, "10000 s", providers={"cloud": {"outage": outage}}, regions=regions)
    assert run.outages("sys") == [(1060.0, 20.0)]  # a and b are down too: none of four; otherwise north and south serve


def test_system_of_systems_of_systems(play):
    components = {**BOXES, "s0": {"kind": "system", "all_of": ["a"]}}
    for i in range(1, 40):
        components[f"s{i}"] = {"kind": "system", "any_of": [f"s{i - 1}"]}
    run = play(components, "10000 s")
    assert run.outages("s39") == [(1000.0, 100.0)]


@pytest.mark.parametrize(
    ("structure", "said"),
    [
        ({}, "exactly one form is needed (got none)"),
        ({"all_of": ["a"], "any_of": ["a"]}, "exactly one form is needed (got all_of and any_of)"),
        ({"at_least": 2}, "exactly one form is needed"),
        ({"of": ["a"]}, "exactly one form is needed"),
        ({"at_least": 3, "of": ["a", "b"]}, "at_least is 3 but `of` has 2 parts"),
        ({"all_of": []}, "needs at least 1 entries"),
        ({"all_of": ["a", "z"]}, "there is nothing called 'z'"),
        ({"all_of": [{"any_of": ["a", "nort"]}]}, "there is nothing called 'nort'"),
        ({"all_of": ["sys"]}, "depends on itself: sys -> sys"),
        ({"all_of": ["a"], "count": 3}, "unknown field"),
    ],
)
def test_impossible_structures_are_refused(refused, structure, said):
    assert said in refused({**BOXES, "sys": {"kind": "system", **structure}})


def test_circle_is_shown_as_such(refused):
    sys = {n: {"kind": "system", "all_of": [m]} for n, m in (("x", "y"), ("y", "z"), ("z", "x"))}
    assert "depends on itself: x -> y -> z -> x" in refused({**BOXES, **sys})


def test_two_of_three_has_the_availability_of_the_binomial(sample, close):
    part = {"kind": "component", "time_to_failure": {"exponential": "9 h"}, "repair": {"lasts": {"exponential": "1 h"}}}
    parts = {"a": part, "b": part, "c": part}
    run = sample(
        {**parts, "sys": {"kind": "system", "at_least": 2, "of": ["a", "b", "c"]}}, "300 h", n=600, warm_up="20 h"
    )
    close(run.values("sys", "availability"), 3 * 0.81 * 0.1 + 0.729)
