"""Whatever is done to the values of a scenario: a program or a refusal in plain words, and equal engines."""

from __future__ import annotations

import copy
import math
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outlast.errors import OutlastError, ScenarioError, UsageError
from outlast.scenario import from_dict

VALID = yaml.safe_load(Path(__file__).with_name("platform.yaml").read_text())
RARE = [None, True, False, 0, -1, 1, 2, 10**19, 0.5, 1e308, math.nan, math.inf, "", "x", "5", "5 min", "-5 min", "0 s", "1 y",
        "99 %", "1e400 s", "nan", "inf s", "north", "north.a", "north.*", "crew", "identity", "<b>", "\x1b[31m", "\u202e", [],
        {}, [None], [[]], {"": None}, {"a": {}}, {"at": ["1 s"]}, {"exponential": "1 d"}, {"exponential": {}}, "component",
        "system", ["identity"], ["ranker", "ranker"], {"weibull": {"mean": "1 d", "shape": 1e-9}}]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree below the top."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for key, item in entries for p in ((*path, key), *paths(item, (*path, key)))]


def mutate(data: Any, luck: random.Random) -> None:
    """Delete, replace, rename, duplicate or swap something, in place."""
    places = paths(data)
    if not places:
        return
    path = luck.choice(places)
    parent = data
    for part in path[:-1]:
        parent = parent[part]
    deed = luck.choice(["delete", "replace", "replace", "rename", "swap", "graft"])
    if deed == "delete":
        del parent[path[-1]]
    elif deed == "rename" and isinstance(parent, dict):
        parent[luck.choice([str(path[-1]) + "x", str(path[-1])[:-1], "needs", "count", "at", "kind", 5])] = parent.pop(
            path[-1]
        )
    elif deed in ("swap", "graft"):
        other = data
        for part in luck.choice(places):
            other = other[part]
        parent[path[-1]] = copy.deepcopy(other)
    else:
        parent[path[-1]] = copy.deepcopy(luck.choice(RARE))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(seed=st.integers(0, 2**32), deeds=st.integers(1, 3))
def test_fuzzed_scenario_gives_a_program_or_located_problems(seed, deeds, check_words):
    luck = random.Random(seed)
    data = copy.deepcopy(VALID)
    for _ in range(deeds):
        mutate(data, luck)
    try:
        scenario = from_dict(data)
    except (ScenarioError, UsageError) as error:
        check_words(error)
        return
    assert scenario.program().units >= 0
    assert scenario.hash


@pytest.mark.slow
def test_many_fuzzed_scenarios(check_words):
    for seed in range(10_000):
        luck = random.Random(seed)
        data = copy.deepcopy(VALID)
        for _ in range(luck.randint(1, 4)):
            mutate(data, luck)
        try:
            from_dict(data)
        except (ScenarioError, UsageError) as error:
            check_words(error)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_fuzzed_scenario_that_is_accepted_runs_alike_on_both_engines(seed, check_words):
    from outlast.engines import kernel, reference

    luck = random.Random(seed)
    data = copy.deepcopy(VALID)
    data["horizon"], data["window"] = "20 d", "5 d"
    mutate(data, luck)
    try:
        program = from_dict(data).program()
        if program.units > 1000 or program.horizon > 100 * 86_400:
            return
        fast = kernel.run(program, 1, 0)
    except OutlastError as error:
        check_words(error)
        return
    if fast.events < 50_000:
        slow = reference.run(program, 1, 0)
        assert fast.log.tobytes() == slow.log.tobytes()
        assert fast.sums.tobytes() == slow.sums.tobytes()
