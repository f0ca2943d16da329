"""Every mistake gets one clear message with its place, all at once; nothing but ScenarioError or UsageError comes out."""

from __future__ import annotations

import copy
import math
import pickle
import random
import time
import tracemalloc
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outlast.errors import LivelockError, OutlastError, ScenarioError, UsageError
from outlast.scenario import from_dict, load, loads

PLATFORM = """\
scenario: platform
horizon: 1 y
warm_up: 10 d
window: 30 d
replications: 20
providers:
  cloud: {outage: {every: {exponential: 5 y}, lasts: 2 h}}
regions:
  north: {provider: cloud, zones: [a, b, c], zone_outage: {every: {exponential: 1 y}, lasts: {lognormal: {median: 1 h, sigma: 1.0}}}}
  south: {outage: {every: {exponential: 2 y}, lasts: 5 h}}
links:
  wan: {between: [north, south], capacity: 1 Gbit/s, outage: {every: {exponential: 60 d}, lasts: 20 min}}
teams:
  crew: {people: 2, hours: business, on_call: 1}
components:
  identity:
    kind: component
    count: 3
    needs_up: 2
    at: north.*
    time_to_failure: {weibull: {mean: 90 d, shape: 0.8}}
    repair: {lasts: {lognormal: {median: 2 h, sigma: 1.0}}, team: crew, priority: 0, preempts: true, slower_off_hours: 2}
    detection: 1 min
  features:
    kind: feature_store
    primary: north.a
    replicas: [south]
    time_to_failure: {exponential: 60 d}
    replication: {lag: {exponential: 2 s}, writes: 10 MB/s, link: wan}
    failover: {detect: 30 s, decide: 1 min, promote: 30 s}
    backup: {every: 6 h, takes: 20 min, restore: 1 h}
    needs: [identity]
  pretrain:
    kind: training_cluster
    at: north
    hosts: {count: 10, needs: 8, failures: {gpu: {every: {exponential: 60 d}}, nic: {every: 200 d, repair: 2 h}}}
    repair: {lasts: 12 h, team: crew, effect: {keeps: 50 %}}
    checkpoint: {every: 1 h, cost: 1 min, restart: 10 min}
    interruptions: {software: {every: {exponential: 10 d}}}
    needs: [features]
  ranker:
    kind: serving_endpoint
    regions: {north: active, south: standby}
    demand: {diurnal: {low: 100 req/s, high: 300 req/s, peak_at: 14 h}}
    replica: {count: {north: 6, south: 4}, capacity: 80 req/s, time_to_failure: {exponential: 30 d}, restart: 5 min}
    needs: [identity]
    degraded_by: {features: 80 %}
    failover: {detect: 1 min, decide: 5 min, shift: 2 min, failback: {hold: 1 h}}
  product:
    kind: system
    all_of: [ranker, {any_of: [features, pretrain]}]
shocks:
  config: {every: {exponential: 90 d}, strikes: [identity], each: 40 %}
objectives:
  - {of: ranker, measure: availability, at_least: 99.9 %}
  - {of: features, measure: rpo, at_most: 5 min}
  - {of: team crew, measure: busy_people, at_most: 1.5}
variants:
  small: {components.pretrain.hosts.count: 8, components.identity.detection: null}
"""


def problems(text: str) -> list[Any]:
    """The problems of a text that must be refused."""
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    check_words(caught.value)
    return caught.value.problems


def check_words(error: OutlastError) -> None:
    """Plain words: printable, not long, no names of our insides; the error survives pickling."""
    said = str(error)
    assert said.strip()
    assert all(c.isprintable() or c == "\n" for c in said)
    for inside in ("Traceback", "pydantic", "validation error", "Input should", "object at 0x", "KeyError"):
        assert inside not in said
    assert str(pickle.loads(pickle.dumps(error))) == said


def test_the_platform_itself_is_fine():
    scenario = loads(PLATFORM)
    assert scenario.program().units > 20
    assert scenario.variant("small").program().units == scenario.program().units - 2


# what is changed in the platform: (old text, new text, place of the message, message, hint)
ONE_MISTAKE = [
    # fields
    ("detection: 1 min", "detectoin: 1 min", "components.identity.detectoin", "unknown field", "`detection`"),
    ("needs_up: 2", "needs-up: 2", 'identity.needs-up', "unknown field", "`needs_up`"),
    ("horizon: 1 y\n", "", "horizon", "field required", ""),
    ("scenario: platform\n", "", "scenario", "field required", ""),
    ("kind: component", "", "components.identity.kind", "field required", ""),
    ("kind: component", "kind: compnent", "components.identity.kind", "unknown kind", "`component`"),
    ("kind: component", "kind: [component]", "components.identity", "kind", ""),
    ("kind: component", "kind: null", "components.identity.kind", "kind", ""),
    # dimensions
    ("horizon: 1 y", "horizon: 5", "horizon", "needs a unit (got 5)", "write `5 "),
    ("horizon: 1 y", "horizon: 5 GB", "horizon", "is an amount of bytes, but a duration is needed", "write for example"),
    ("horizon: 1 y", "horizon: 0 s", "horizon", "must be above zero", ""),
    ("horizon: 1 y", "horizon: -1 y", "horizon", "must not be negative", ""),
    ("horizon: 1 y", "horizon: nan", "horizon", "must be a finite number", ""),
    ("horizon: 1 y", "horizon: .nan", "", "the number must be finite", ""),
    ("horizon: 1 y", "horizon: .inf", "", "the number must be finite", ""),
    ("horizon: 1 y", "horizon: inf s", "horizon", "finite", ""),
    ("horizon: 1 y", "horizon: 1e400 s", "horizon", "too large", ""),
    ("horizon: 1 y", "horizon: 1e9 y", "horizon", "at most", "more replications"),
    ("horizon: 1 y", "horizon: [1 y]", "horizon", "a duration is needed", ""),
    ("horizon: 1 y", "horizon: {y: 1}", "horizon", "a duration is needed", ""),
    ("horizon: 1 y", "horizon: 2 months", "horizon", "unknown unit 'months'", "months differ in length"),
    ("warm_up: 10 d", "warm_up: -1 d", "warm_up", "must not be negative", ""),
    ("window: 30 d", "window: 0 s", "window", "must be above zero", ""),
    ("window: 30 d", "window: 2 y", "window", "longer than the horizon", ""),
    ("window: 30 d", "window: 1 s", "window", "windows of 1 s; at most 100,000 are possible", "longer"),
    ("replications: 20", "replications: 0", "replications", "above zero", ""),
    ("replications: 20", "replications: 2.5", "replications", "a whole number is needed (got 2.5)", ""),
    ("replications: 20", "replications: 999999999999", "replications", "at most 1,000,000", ""),
    ("replications: 20", "seed: -1", "seed", "must not be negative", ""),
    ("lasts: 2 h}", "lasts: 2 MB/s}", "providers.cloud.outage.lasts", "a bandwidth, but a duration", ""),
    ("capacity: 80 req/s", "capacity: 80", "ranker.replica.capacity", "needs a unit", "req/s"),
    ("capacity: 1 Gbit/s", "capacity: 1 Gb/s", "links.wan.capacity", "unknown unit", "`Gbit/s`"),
    ("writes: 10 MB/s", "writes: 1 GB/s", "features.replication.writes", "would never catch up", ""),
    ("{keeps: 50 %}", "{keeps: 50}", "pretrain.repair.effect", "a share is between 0 and 1", "`50 %`"),
    ("{exponential: 60 d}\n", "{exponential: 0 s}\n", "features.time_to_failure", "above zero", ""),
    ("{exponential: 60 d}\n", "{exponentiel: 60 d}\n", "features.time_to_failure", "unknown dist", "`exponential`"),
    ("{exponential: 60 d}\n", "0 s\n", "features.time_to_failure", "above zero", ""),
    # counts and combinations
    ("needs_up: 2", "needs_up: 4", "identity.needs_up", "4 exceeds count 3", "how many must be up"),
    ("needs: 8", "needs: 11", "pretrain.hosts.needs", "11 exceeds count 10", ""),
    ("count: 3", "count: 1000000000", "components.identity", "units", "stand for several"),
    ("count: 10,", "count: 2000001,", "components.pretrain", "at most 2,000,000 are possible", ""),
    ("count: 3", "count: 99999999999999999999", "", "number is too large", ""),
    ("count: 3", "count: three", "identity.count", "a whole number is needed (got 'three')", ""),
    ("people: 2", "people: true", "teams.crew.people", "a whole number is needed (got True)", ""),
    # names
    ("provider: cloud", "provider: clod", "regions.north.provider", "no place 'clod'", "`cloud`"),
    ("team: crew, priority", "team: crow, priority", "identity.repair.team", "no team 'crow'", "`crew`"),
    ("needs: [identity]\n  pre", "needs: [identty]\n  pre", "features.needs.0", "nothing called 'identty'", "`identity`"),
    ("needs: [features]", "needs: [pretrain]", "pretrain.needs.0", "itself: pretrain -> pretrain", ""),
    ("all_of: [ranker, {any_of: [features, pretrain]}]", "all_of: [ranker, {any_of: [features, product]}]",
     "product.all_of.1.any_of.1", "depends on itself: product -> product", ""),
    ("link: wan", "link: lan", "features.replication.link", "no link 'lan'", "`wan`"),
    ("strikes: [identity]", "strikes: [product]", "shocks.config.strikes.0", "'product' has no units", ""),
    ("strikes: [identity]", "strikes: []", "shocks.config.strikes", "at least 1 entries", ""),
    ("at: north.*", "at: north.d", "identity.at", "no place 'north.d'", "`north.c`"),
    ("zones: [a, b, c]", "zones: [a, b, a]", "regions.north.zones.2", "'a' is named twice", ""),
    ("  product:\n", "  south:\n", "components.south", "already the name of something in regions", "another name"),
    ("  product:\n", "  north.a:\n", "regions.north.zones", "already the name of something in components", ""),
    ("  product:\n", '  "a b":\n', 'components', "not a name (got 'a b')", "letters, digits"),
    ("  product:\n", '  "<script>":\n', 'components', "not a name (got '<script>')", "letters, digits"),
    ("  product:\n", '  "a\\e[31m":\n', "", "a control character (U+001B)", "remove"),
    ("  product:\n", "  identity:\n", "", "key 'identity' is given twice; first on line 16", "rename"),
    ("of: ranker", "of: rancker", "objectives.0.of", "nothing called 'rancker' is measured", "`ranker`"),
    ("measure: availability", "measure: availabilty", "objectives.0.measure", "does not publish", "`availability`"),
    ("at_least: 99.9 %", "at_least: 99.9", "objectives.0.at_least", "a share is between 0 and 1", "`99.9 %`"),
    ("at_least: 99.9 %", "at_least: 5 min", "objectives.0.at_least", "a share is needed", ""),
    ("at_most: 5 min", "at_most: 5 GB", "objectives.1.at_most", "but a duration is needed", ""),
    ("at_most: 1.5", "at_most: .nan", "", "finite", ""),
    ("at_most: 1.5", "at_most: inf", "objectives.2.at_most", "not a number of 1", ""),
    ("at_most: 1.5", "at_most: [1.5]", "objectives.2.at_most", "must be", ""),
    ("at_least: 99.9 %", "at_least: 99.9 %, at_most: 1", "objectives.0", "exactly one of", ""),
    ("at_least: 99.9 %", "at_least: 99.9 %, scope: zone", "objectives.0.scope", "not counted by scope", ""),
    ("at_most: 5 min", "at_most: 5 min, scope: regoin", "objectives.1.scope", "nothing has the scope", "`region`"),
    ("at_least: 99.9 %", "at_least: 99.9 %, window: 7 d", "objectives", "different windows", ""),
    # shapes
    ("replicas: [south]", "replicas: south", "features.replicas", "must be a list (got 'south')", "`[south]`"),
    ("needs: [identity]\n  pre", "needs: {identity: 1}\n  pre", "features.needs", "must be a list", ""),
    ("  crew: {", "  crew: [{", "", "not valid YAML", ""),
    ("strikes: [identity]", "strikes: [[identity]]", "shocks.config.strikes.0", "not a name", ""),
    ("  wan: {between", "  wan: null\n  lan: {between", "links.wan", "must be a mapping", ""),
    ("    all_of: [ranker, {any_of: [features, pretrain]}]", "    all_of: [ranker, {any_of: []}]",
     "product.all_of", "at least 1 entries", ""),
    ("degraded_by: {features: 80 %}", "degraded_by: [features]", "ranker.degraded_by", "must be a mapping", ""),
    ("hours: business", "hours: busines", "teams.crew.hours", "hours are", "`business`"),
    # variants
    ("components.identity.detection: null", "components.identty.detection: null", "variants.small",
     "nothing is called 'identty' in components", "`identity`"),
    ("hosts.count: 8", "hosts.count: 7", "pretrain.hosts", "8 exceeds count 7", ""),
    ("hosts.count: 8", "hosts.cuont: 8", "pretrain.hosts.cuont", "unknown field", "`count`"),
    ("hosts.count: 8,", "hosts: {count: 8, time_to_failure: 5}, ", "time_to_failure", "needs a unit", ""),
    ("small: {", "small: {components.pretrain.hosts: null, ", "hosts", "overlaps", "keep one"),
    ("small: {components", "small: [components", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "where", "said", "hint"), ONE_MISTAKE, ids=lambda v: v[:24].strip() if v else "-"
)
def test_one_mistake_has_one_message_at_its_place(old, new, where, said, hint):
    assert PLATFORM.count(old) >= 1
    found = problems(PLATFORM.replace(old, new, 1))
    assert len(found) == 1, "\n".join(map(str, found))
    (problem,) = found
    assert where in problem.path
    assert said in problem.message
    assert hint in problem.hint
    if old != "horizon: 1 y\n" and old != "scenario: platform\n":
        assert problem.line > 0
        assert problem.source.strip()


def test_mistakes_are_shown_all_at_once_in_the_order_of_the_file():
    text = PLATFORM
    for old, new in (("horizon: 1 y", "horizon: 5"), ("people: 2", "people: 0"), ("needs_up: 2", "needs_up: 4"),
                     ("capacity: 80 req/s", "capacty: 80 req/s"), ("each: 40 %", "each: 140 %")):  # fmt: skip
        text = text.replace(old, new)
    lines = [p.line for p in problems(text)]
    assert lines == sorted(lines)
    # a field that is mistyped is unknown, and the one that was meant is missing
    assert [p.path.rpartition(".")[2] for p in problems(text)] == [
        "horizon", "people", "needs_up", "capacity", "capacty", "each"] or len(lines) == 6  # fmt: skip


def test_unknown_names_are_shown_all_at_once_too():
    text = PLATFORM.replace("team: crew", "team: crow").replace("strikes: [identity]", "strikes: [identty, products]")
    text = text.replace("of: ranker", "of: rancker").replace("needs: [features]", "needs: [feature, ranker, product]")
    assert len(problems(text)) >= 6


# -- the file as a whole ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("null\n", "the file is empty"),
        ("- a\n- b\n", "a scenario is a mapping of names to values (got a list)"),
        ("just text", "a scenario is a mapping of names to values"),
        ("a: [1, 2", "not valid YAML"),
        ("a: !!python/object/apply:os.system [ls]", "tags are not allowed"),
        ("a: &x {b: *x}", "contains itself"),
        ("<<: {a: 1}", "merge keys are not allowed"),
        ("a: 1\na: 2\n", "given twice"),
        ("\ta: 1\n", "tab"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("a: " + "[" * 60 + "]" * 60, "nested more than 40 levels"),
        ("a: &a [x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n"
                                 for i in range(12)), "more than 100,000 values"),
        ("x: " + "y" * 1_100_000, "the file is too large"),
        (b"a: \xff\xfe", "not UTF-8"),
    ],
    ids=range(16),
)  # fmt: skip
def test_file_that_is_no_scenario(text, said):
    (problem,) = problems(text)
    assert said in problem.message


def test_file_of_a_hundred_megabytes_is_refused_unread(tmp_path):
    file = tmp_path / "big.yaml"
    with open(file, "wb") as stream:
        stream.truncate(100_000_000)
    tracemalloc.start()
    with pytest.raises(ScenarioError, match=r"too large \(got 100.0 MB\)"):
        load(file)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["missing.yaml", "", "a\0b", ".", "x" * 5000])
def test_file_that_cannot_be_read(tmp_path, name):
    with pytest.raises(ScenarioError) as caught:
        load(f"{tmp_path}/{name}")
    check_words(caught.value)


def test_csv_with_a_gap_names_the_row(tmp_path):
    (tmp_path / "rates.csv").write_text("time,rate\n0,5\n60,6\n180,7\n")
    demand = "demand: {csv: {file: rates.csv, column: rate, time_column: time}}"
    text = PLATFORM.replace("demand: {diurnal: {low: 100 req/s, high: 300 req/s, peak_at: 14 h}}", demand)
    with pytest.raises(ScenarioError) as caught:
        loads(text, folder=str(tmp_path))
    (problem,) = caught.value.problems
    assert problem.path == "components.ranker.demand.csv.file"
    assert "row 4, column 'time' comes 2 min after the row before it" in problem.message
    assert "a gap is not filled in" in problem.hint
    (problem,) = problems(text)  # without a folder no file is read
    assert "cannot read a file" in problem.message


# -- sections -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("components", [{}, {"a": None}, {"a": []}, {"a": "x"}, {"a": 5}, {"a": {}}, None, [], "x", 5])
def test_components_of_every_wrong_shape(components):
    data = {"scenario": "a", "horizon": "1 d", "components": components}
    if components == {}:
        assert from_dict(data).components() == []
        return
    with pytest.raises(ScenarioError) as caught:
        from_dict(data)
    check_words(caught.value)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].path.startswith("components")


@pytest.mark.parametrize("section", ["providers", "regions", "links", "teams", "shocks", "objectives", "variants"])
@pytest.mark.parametrize("value", [5, "x", [5], [None], {"a": 5}, {"a": []}, {"a": {"b": None}}, {"": {}}, True])
def test_sections_of_every_wrong_shape(section, value):
    data = yaml.safe_load(PLATFORM)
    data[section] = value
    with pytest.raises(ScenarioError) as caught:
        from_dict(data)
    check_words(caught.value)


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


def test_huge_counts_take_no_memory():
    data = yaml.safe_load(PLATFORM)
    data["components"]["identity"]["count"] = 10**9
    data["components"]["ranker"]["replica"]["count"] = 10**9
    tracemalloc.start()
    with pytest.raises(ScenarioError, match="at most 2,000,000 are possible"):
        from_dict(data)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_team_of_a_billion_is_possible():
    data = yaml.safe_load(PLATFORM)
    data["teams"]["crew"]["people"] = 10**9
    from_dict(data)


def test_warm_up_may_be_longer_than_the_horizon_which_it_comes_before():
    scenario = loads(PLATFORM, {"warm_up": "2 y"})
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
def test_wrong_changes_are_refused_like_the_file(changes, said):
    with pytest.raises((ScenarioError, UsageError)) as caught:
        loads(PLATFORM).changed(changes).program()
    check_words(caught.value)
    assert said in str(caught.value)


def test_change_is_named_in_the_message():
    with pytest.raises(ScenarioError, match=r"^--set horizon: horizon: ") as caught:
        loads(PLATFORM).changed({"horizon": "5"}, label="--set horizon")
    assert caught.value.problems[0].line == 0


@pytest.mark.parametrize("name", ["smal", "", "base", "variants"])
def test_unknown_variant(name):
    with pytest.raises(UsageError, match="has no variant") as caught:
        loads(PLATFORM).variant(name)
    check_words(caught.value)


# -- values given in Python ---------------------------------------------------------------------------------------------
class Odd:
    """Something that no file can hold."""

    def __repr__(self) -> str:
        raise RuntimeError("not even a repr")


def loop() -> dict[str, Any]:
    data: dict[str, Any] = {"scenario": "a", "horizon": "1 d"}
    data["components"] = {"a": data}
    return data


@pytest.mark.parametrize(
    "data", [None, 5, "x", [], [1], {}, {1: 2}, {"scenario": 1}, {None: None}, {1: 2, "1": 3}, loop()]
)
def test_python_values_that_are_no_scenario(data):
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


# -- fuzz ---------------------------------------------------------------------------------------------------------------
VALID = yaml.safe_load(PLATFORM)
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
def test_fuzzed_scenario_gives_a_program_or_located_problems(seed, deeds):
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
def test_many_fuzzed_scenarios():
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
def test_fuzzed_scenario_that_is_accepted_runs_alike_on_both_engines(seed):
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
