"""Limits, livelocks, and wrong values given in Python: changes, variants, dictionaries."""

from __future__ import annotations

import math
import time
import tracemalloc
from typing import Any

import pytest
import yaml

from outlast.errors import LivelockError, ScenarioError, UsageError
from outlast.scenario import from_dict, loads


def test_chain_of_two_thousand_dependencies_is_no_problem():
    item = {"kind": "component", "time_to_failure": "9 d"}
    chain = {f"c{i}": {**item, "needs": [f"c{i + 1}"]} for i in range(2000)} | {"c2000": item}
    assert from_dict({"scenario": "a", "horizon": "1 d", "components": chain}).program().units == 2001
    chain["c2000"] = {**item, "needs": ["c0"]}
    with pytest.raises(ScenarioError, match="depends on itself"):
        from_dict({"scenario": "a", "horizon": "1 d", "components": chain})


def test_dependencies_that_share_much_are_followed_once():
    item = {"kind": "component", "time_to_failure": "9 d"}
    layers = {f"c{i}-{j}": {**item, "needs": [f"c{i + 1}-{k}" for k in range(6)] if i < 14 else []}
              for i in range(15) for j in range(6)}  # fmt: skip
    begin = time.perf_counter()
    from_dict({"scenario": "a", "horizon": "1 d", "components": layers})
    assert time.perf_counter() - begin < 10


def test_huge_counts_take_no_memory(platform):
    data = yaml.safe_load(platform)
    data["components"]["identity"]["count"] = 10**9
    data["components"]["ranker"]["replica"]["count"] = 10**9
    tracemalloc.start()
    with pytest.raises(ScenarioError, match="at most 2,000,000 are possible"):
        from_dict(data)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("seed", [-1, 2**64, 10**400])
def test_seed_that_is_no_seed(seed):
    from outlast.api import run

    with pytest.raises(UsageError, match="seed: impossible number"):
        run(from_dict({"scenario": "a", "horizon": "1 d"}), 1, seed)


def test_team_of_a_billion_is_possible(platform):
    data = yaml.safe_load(platform)
    data["teams"]["crew"]["people"] = 10**9
    from_dict(data)


def test_warm_up_may_be_longer_than_the_horizon_which_it_comes_before(platform):
    scenario = loads(platform, {"warm_up": "2 y"})
    assert scenario.program().warm_up == 2 * 365 * 86_400
    assert scenario.program().horizon == 3 * 365 * 86_400


# -- livelock -----------------------------------------------------------------------------------------------------------
LOOP = {"kind": "component", "time_to_failure": {"mixture": [{"share": 1, "law": "0 s"}]}, "repair": {"lasts": "0 s"}}


@pytest.mark.parametrize("ttf", [
    {"mixture": [{"share": 1, "law": "0 s"}]}, "1e-30 s", {"uniform": {"low": "0 s", "high": "1e-300 s"}},
])  # fmt: skip
@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_loop_of_zero_delays_is_an_error_that_names_the_unit(ttf, engine):
    from outlast.api import run

    spin = {"kind": "component", "time_to_failure": ttf, "repair": {"lasts": "0 s"}, "pauses_with": ["late"]}
    late = {
        "kind": "component",
        "start": "down",
        "time_to_failure": "9 d",
        "repair": {"lasts": "1 h"},
    }  # 1 h + 1e-30 s = 1 h
    data = {"scenario": "a", "horizon": "1 d", "components": {"late": late, "spin": spin}}
    with pytest.raises(LivelockError, match="time stands still") as caught:
        run(from_dict(data), 1, 1, engine=engine)
    assert "spin" in str(caught.value)


def test_time_to_failure_of_zero_is_refused_before_it_can_spin():
    with pytest.raises(ScenarioError, match="must be above zero"):
        from_dict({"scenario": "a", "horizon": "1 d", "components": {"a": {**LOOP, "time_to_failure": "0 s"}}})


# -- changes ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"horizon": "5"}, "needs a unit"),
        ({"horizon": None}, "field required"),
        ({"horizont": "5 d"}, "unknown field"),
        ({"components.ranker.need": ["x"]}, "unknown field"),
        ({"components.rancker.needs": ["x"]}, "did you mean `ranker`?"),
        ({"components.ranker.needs.0": "identty"}, "did you mean `identity`?"),
        ({"components.ranker.needs.7": "identity"}, "no position"),
        ({"components..ranker": 1}, "not a path"),
        ({"": 1}, "not a path"),
        ({5: 1}, "unknown field"),
        ({"components": None}, "nothing called"),
        ({"components.identity.count": math.nan}, "a whole number is needed"),
        ({"components.identity.detection": math.inf}, "finite"),
        ({"components.identity": {"kind": {1, 2}}}, "kind"),
        ({"horizon.x": "5 d"}, "there is no 'x' below it"),
        ({"horizon": "2 y", "horizon ": "3 y"}, "not a path"),
    ],
)
def test_wrong_changes_are_refused_like_the_file(changes, said, check_words, platform):
    with pytest.raises((ScenarioError, UsageError)) as caught:
        loads(platform).changed(changes).program()
    check_words(caught.value)
    assert said in str(caught.value)


def test_change_is_named_in_the_message(platform):
    with pytest.raises(ScenarioError, match=r"^--set horizon: horizon: ") as caught:
        loads(platform).changed({"horizon": "5"}, label="--set horizon")
    assert caught.value.problems[0].line == 0


@pytest.mark.parametrize("name", ["smal", "", "base", "variants"])
def test_unknown_variant(name, check_words, platform):
    with pytest.raises(UsageError, match="has no variant") as caught:
        loads(platform).variant(name)
    check_words(caught.value)


# -- values given in Python ---------------------------------------------------------------------------------------------


def loop() -> dict[str, Any]:
    data: dict[str, Any] = {"scenario": "a", "horizon": "1 d"}
    data["components"] = {"a": data}
    return data


@pytest.mark.parametrize(
    "data", [None, 5, "x", [], [1], {}, {1: 2}, {"scenario": 1}, {None: None}, {1: 2, "1": 3}, loop()]
)
def test_python_values_that_are_no_scenario(data, check_words):
    with pytest.raises(ScenarioError) as caught:
        from_dict(data)
    check_words(caught.value)


def test_python_keys_may_be_numbers_and_sequences_tuples():
    item = {"kind": "component", "time_to_failure": "1 d", "at": ("1.2",)}
    data = {"scenario": "a", "horizon": "1 d", "regions": {1: {"zones": (2, 3)}}, "components": {7: item},
            "variants": {9: {"horizon": "2 d"}}}  # fmt: skip
    scenario = from_dict(data)
    assert scenario.components() == ["7"]
    assert scenario.variant("9").spec.horizon == 2 * 86_400
