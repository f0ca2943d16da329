"""R15 on whole platforms: who shares nothing with a change keeps its history, bit for bit, on both engines.

Couplings are read off the scenario, independently of how it is lowered: a thing is influenced by what it mentions
(needs, places, links, ...) and by who strikes it; members of a team compete, so they influence each other.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_random_platforms import platform

import outlast
from outlast.engines import kernel, reference
from outlast.program import Program
from outlast.program import tables as T
from outlast.scenario import from_dict

FOLDER = Path(__file__).parents[2] / "scenarios"
HORIZONS = {"quickstart": "100 d", "two-region-platform": "30 d", "hybrid": "8 d", "llama3-54-days": "3 d"}
SEEDS = (0, 1, 2, 3, 4, 5, 10)
SECTIONS = ("providers", "regions", "links", "teams", "components", "shocks")
STRIKES = ("strikes", "failure_strikes")
REFERENCES = (*STRIKES, "at", "needs", "pauses_with", "primary", "replicas", "regions", "degraded_by", "team", "provider",
              "between", "link", "all_of", "any_of", "at_least")  # fmt: skip

Data = dict[str, Any]
Histories = dict[str, list[tuple[Any, ...]]]


# -- what happened to whom ----------------------------------------------------------------------------------------
def unit(program: Program, number: int) -> str:
    """`cohort[i]`, also where there is only one; "" for none."""
    if number < 0:
        return ""
    cohort = program.cohort_of(number)
    return f"{program.names.cohorts[cohort]}[{number - int(program.tables['cohorts'][cohort]['first'])}]"


def event(program: Program, row: np.void, firsts: np.ndarray) -> tuple[str, tuple[Any, ...]]:
    """Whom a row of the log is about, and everything it says, without a number that depends on other rows."""
    names, kind, a, b = program.names, int(row["kind"]), int(row["a"]), int(row["b"])
    if kind == T.FIRED:
        t = int(np.searchsorted(firsts, b, side="right")) - 1
        who, what = unit(program, a), f"{names.rows[t]}/{b - int(firsts[t])}"
    elif kind == T.STAY:
        who, what = unit(program, a), program.labels[b]
    elif kind == T.RECORDED:
        who, what = unit(program, b), program.labels[a]
    elif kind in (T.OUTAGE, T.FLIP):
        who, what = (program.outage_names if kind == T.OUTAGE else names.conditions)[a], str(b)
    elif kind in (T.STEP, T.SCALE):
        who, what = (names.profiles if kind == T.STEP else names.controllers)[a], ""
    else:
        assert kind in (T.WATCH, T.LOSS, T.LEVEL)
        who, what = names.stocks[a], unit(program, b) if kind == T.LOSS else ""
    numbers = tuple(repr(float(row[column])) for column in ("time", "x", "y"))  # to the last bit, and nan equals nan
    cause = int(row["cause"])
    return who, (T.LOGS[kind], what, *numbers, names.controllers[-2 - cause] if cause < -1 else unit(program, cause))


def histories(data: Data, seed: int, replication: int = 0) -> Histories:
    """The histories of units, conditions, stocks and meters of a scenario, the same on both engines."""
    program = from_dict(data, folder=str(FOLDER)).program()
    fast, slow = (engine.run(program, seed, replication, trace=True) for engine in (kernel, reference))
    assert fast.log.tobytes() == slow.log.tobytes()
    assert fast.sums.tobytes() == slow.sums.tobytes()
    found: Histories = {unit(program, u): [] for u in range(program.units)}
    firsts = program.tables["transitions"]["c0"]
    for row in fast.log:
        who, what = event(program, row, firsts)
        found.setdefault(who, []).append(what)
    for meter, column in zip(program.meters, fast.sums.T, strict=True):
        found[f"{meter} (meter)"] = [tuple(map(repr, column.tolist()))]
    return found


# -- who is coupled with whom ---------------------------------------------------------------------------------------
def things(data: Data) -> dict[str, Any]:
    return {name: spec for section in SECTIONS for name, spec in data.get(section, {}).items()}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def references(spec: Any) -> Iterator[tuple[str, str]]:
    """(field, name) of everything a specification refers to; a zone counts as its region."""
    for key, value in spec.items() if isinstance(spec, dict) else ():
        if key in REFERENCES:
            for text in texts(value):
                yield key, text.partition(".")[0]
        else:
            yield from references(value)


def influence(*scenarios: Data) -> dict[str, set[str]]:
    """Who can influence whom directly, in any of these scenarios."""
    found: dict[str, set[str]] = defaultdict(set)
    for data in scenarios:
        known = things(data)
        for name, spec in known.items():
            for how, other in references(spec):
                if other in known and how not in STRIKES:
                    found[other].add(name)
                if other in known and how in (*STRIKES, "team"):
                    found[name].add(other)
    return found


def reachable(edges: dict[str, set[str]], start: set[str]) -> set[str]:
    found, left = set(start), list(start)
    while left:
        new = edges[left.pop()] - found
        found |= new
        left += new
    return found


def owner(subject: str, names: set[str]) -> str:
    """The thing a unit, condition, stock or meter belongs to: the longest name that its own begins with."""
    text = subject.removeprefix("team ").removeprefix("shock ")
    return max((n for n in names if text == n or text.startswith(tuple(n + mark for mark in " .@[/"))), key=len)


# -- changes ----------------------------------------------------------------------------------------------------
Change = tuple[Data, set[str]]  # a changed scenario, and the names of what was changed
UNRELATED = {"kind": "component", "count": 3, "at": "elsewhere.*", "time_to_failure": {"exponential": "2 d"},
             "repair": {"lasts": {"exponential": "1 h"}, "team": "others"}}  # fmt: skip


def first(data: Data, section: str, name: str, spec: Any) -> None:
    data[section] = {name: spec, **data.get(section, {})}


def added(data: Data, name: str = "unrelated", count: int = 3) -> Change:
    """A region, a team and a component, each in front of all others."""
    data = copy.deepcopy(data)
    first(data, "regions", "elsewhere", {"outage": {"every": {"exponential": "5 d"}, "lasts": "1 h"}, "zones": ["a"]})
    first(data, "teams", "others", {"people": 9, "hours": "business"})
    first(data, "components", name, {**UNRELATED, "count": count})
    return data, {name, "elsewhere", "others"}


def removed(data: Data) -> Iterator[Change]:
    """The scenario without each of the components that nothing else mentions."""
    edges = influence(data)
    for name, spec in data["components"].items():
        mentioned = {other for how, other in references(spec) if how in (*STRIKES, "team")}
        if not edges[name] - mentioned and len(data["components"]) > 1:
            without = copy.deepcopy(data)
            del without["components"][name]
            yield without, {name}


def reordered(data: Data) -> Data:
    """Every section the other way round."""
    return {k: dict(reversed(v.items())) if k in SECTIONS else v for k, v in copy.deepcopy(data).items()}


def grown(data: Data) -> Iterator[Change]:
    """The scenario with more units in each of the components that say how many they have."""
    for name, spec in data["components"].items():
        for part in ("hosts", "replica", None):
            counted = spec.get(part, {}) if part else spec
            if isinstance(counted.get("count"), int):
                more = copy.deepcopy(data)
                component = more["components"][name]
                (component[part] if part else component)["count"] += 4
                if "autoscale" in component:
                    component["autoscale"]["max"] += 4  # what there is at the start must be within the bounds
                yield more, {name}


def moved(before: Histories, after: Histories) -> set[str]:
    """Subjects in both whose histories differ."""
    return {subject for subject in before.keys() & after.keys() if before[subject] != after[subject]}


def rivals(data: Data) -> set[str]:
    """Who is influenced by two things of one section (itself counts): there the order within it can matter."""
    section = {name: s for s in SECTIONS for name in data.get(s, {})}
    on: dict[str, list[str]] = {name: [section[name]] for name in section}
    for name, struck in influence(data).items():
        for other in struck:
            on[other].append(section[name])
    return {name for name, sections in on.items() if len(sections) > len(set(sections))}


@dataclass
class Seen:
    """Who moved though it was not changed itself, and how many things could not move."""

    coupled: set[str] = field(default_factory=set)
    kept: int = 0


def check(data: Data, before: Histories, change: Data, sources: set[str], seed: int, seen: Seen) -> None:
    """Only what the sources of the change influence may move, and nothing else may come or go."""
    names, after = set(things(data)), histories(change, seed)
    may_move = reachable(influence(data, change), sources)
    movers = moved(before, after) | before.keys() - after.keys()
    who = {owner(subject, names) for subject in movers}
    assert who <= may_move, f"{sorted(who - may_move)} moved with {sorted(sources)}"
    seen.coupled |= who - sources
    seen.kept += len(names - may_move)


# -- tests --------------------------------------------------------------------------------------------------------
@pytest.fixture(params=list(HORIZONS))
def scenario(request: pytest.FixtureRequest) -> Data:
    """A scenario of the product, for fewer days, without what only judges it."""
    data = outlast.load(FOLDER / f"{request.param}.yaml").document.data
    kept = {k: v for k, v in data.items() if k not in ("objectives", "variants")}
    return {**kept, "horizon": HORIZONS[request.param]}


def test_nothing_moves_when_unrelated_things_come_grow_or_are_renamed_or_all_is_reordered(scenario: Data) -> None:
    before = histories(scenario, 1)
    assert sum(map(len, before.values())) > 1000
    few, more, renamed = (histories(added(scenario, name, n)[0], 1) for name, n in
                          (("unrelated", 3), ("unrelated", 7), ("another", 3)))  # fmt: skip
    for after in (few, more, renamed):
        assert before.keys() < after.keys() and moved(before, after) == set()
    for i in range(3):  # the units of the cohort that was enlarged, and of the one that was renamed
        mine = few[f"unrelated[{i}]"]
        assert mine == more[f"unrelated[{i}]"] and len(mine) > 1
        assert [row[2] for row in mine] != [row[2] for row in renamed[f"another[{i}]"]]
    after = histories(reordered(scenario), 1)
    assert before.keys() == after.keys() and moved(before, after) == set()


@pytest.mark.parametrize("scenario", ["quickstart", "two-region-platform", "hybrid"], indirect=True)
def test_removing_or_enlarging_a_component_of_a_scenario_moves_only_what_is_coupled(scenario: Data) -> None:
    before, seen = histories(scenario, 1), Seen()
    for change, sources in (*removed(scenario), *grown(scenario)):
        check(scenario, before, change, sources, 1, seen)
    assert seen.kept > 5


def test_on_random_platforms_only_what_is_coupled_with_a_change_moves() -> None:
    changed, turned = Seen(), Seen()
    for seed in SEEDS:
        data: Data = {"scenario": "test", "horizon": "3 h", **platform(seed)}
        before = histories(data, seed)
        check(data, before, *added(data), seed, Seen())
        check(data, before, reordered(data), rivals(data), seed, turned)
        for change, sources in (*removed(data), *grown(data)):
            check(data, before, change, sources, seed, changed)
    assert changed.kept > 200 and turned.kept > 30
    assert changed.coupled >= {"crew", "a", "all"}, changed.coupled  # couplings are real, not only possible


def test_of_three_components_the_two_that_share_a_crew_are_coupled() -> None:
    def three(count: int) -> Data:
        item = {"kind": "component", "count": 2, "time_to_failure": {"exponential": "5 d"}}
        repair = {"lasts": {"exponential": "2 d"}, "team": "crew"}
        return {"scenario": "test", "horizon": "200 d", "teams": {"crew": {"people": 1}, "others": {"people": 1}},
                "components": {"left": {**item, "count": count, "repair": repair}, "right": {**item, "repair": repair},
                               "alone": {**item, "repair": {**repair, "team": "others"}}}}  # fmt: skip

    before, after = histories(three(2), 1), histories(three(4), 1)
    who = {owner(subject, {"left", "right", "alone", "crew", "others"}) for subject in moved(before, after)}
    assert who == {"left", "right", "crew"}
    assert len(before["alone[0]"]) > 20


def test_who_comes_first_at_the_same_instant_is_who_was_declared_first() -> None:
    """R2: the one thing that reordering can change: here, who gets the only repairer."""

    def both(*order: str) -> Data:
        item = {"kind": "component", "time_to_failure": {"at": ["10 s"]}, "repair": {"lasts": "5 s", "team": "crew"}}
        return {"scenario": "test", "horizon": "60 s", "teams": {"crew": {"people": 1}},
                "components": {name: item for name in order}}  # fmt: skip

    for order in (("a", "b"), ("b", "a")):
        found = histories(both(*order), 1)
        repaired = {name: found[f"{name}[0]"][-1][2] for name in order}
        assert repaired == {order[0]: "15.0", order[1]: "20.0"}
