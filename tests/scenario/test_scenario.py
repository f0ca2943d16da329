"""A loaded scenario: variants, changes, hash, assumptions, and the JSON Schema that editors use."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from outlast.errors import ScenarioError, UsageError
from outlast.scenario import from_dict, json_schema, load, loads

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))

TEXT = """\
scenario: small                       # a name
description: two boxes and a system
horizon: 10 d                         # assumed: long enough
seed: 7
regions:
  north: {zones: [a, b]}
components:
  box:
    kind: component
    count: 2
    needs_up: 1
    at: north.*
    time_to_failure: {exponential: 5 d}   # assumed
    repair: {lasts: 1 h}                  # the manual
  sys: {kind: system, all_of: [box]}
objectives:
  - {of: sys, measure: availability, at_least: 99 %}
variants:
  big: {components.box.count: 3, horizon: 20 d}
  one-zone:
    regions.north.zones: [a]
    components.box.repair.lasts: 2 h
"""


# -- loading ------------------------------------------------------------------------------------------------------
def test_loaded_scenario_knows_itself(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(TEXT)
    scenario = load(file)
    assert (scenario.name, scenario.description, scenario.file) == ("small", "two boxes and a system", str(file))
    assert scenario.text.splitlines() == TEXT.splitlines()
    assert scenario.components() == ["box", "sys"]
    assert (scenario.spec.horizon, scenario.spec.seed, scenario.spec.replications) == (864_000.0, 7, 100)
    assert scenario.program() is scenario.program()


def test_dictionary_text_and_file_are_the_same_scenario(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(TEXT)
    data = yaml.safe_load(TEXT)
    scenarios = [load(file), loads(TEXT), loads(TEXT.encode()), from_dict(data)]
    assert len({s.hash for s in scenarios}) == 1
    assert len({s.spec.model_dump_json(exclude={"components"}) for s in scenarios}) == 1
    tables = [{name: table.tolist() for name, table in s.program().tables.items()} for s in scenarios]
    assert all(str(t) == str(tables[0]) for t in tables)


def test_a_dictionary_is_not_kept(tmp_path):
    data = yaml.safe_load(TEXT)
    scenario = from_dict(data)
    before = scenario.hash
    data["components"]["box"]["count"] = 9
    del data["horizon"]
    assert from_dict(yaml.safe_load(TEXT)).hash == before == scenario.hash
    assert scenario.variant("big").spec.components["box"].count == 3


def test_hash_is_of_the_values_whatever_their_layout():
    same = "# another comment\n\n" + TEXT.replace("horizon: 10 d", "horizon: '10 d'").replace("   # assumed\n", "\n")
    assert loads(same).hash == loads(TEXT).hash
    moved = TEXT.replace("seed: 7\n", "") + "seed: 7\n"
    assert loads(moved).hash == loads(TEXT).hash
    for old, new in (
        ("10 d", "11 d"),
        ("seed: 7", "seed: 8"),
        ("[a, b]", "[b, a]"),
        ("at_least: 99 %", "at_least: 98 %"),
    ):
        assert loads(TEXT.replace(old, new)).hash != loads(TEXT).hash


def test_scenario_of_python_values_that_no_file_can_hold_has_a_hash():
    from outlast.stats.distributions import exponential

    data = yaml.safe_load(TEXT)
    data["components"]["box"]["time_to_failure"] = exponential(5 * 86_400.0)
    assert from_dict(data).hash == from_dict(copy.deepcopy(data)).hash != loads(TEXT).hash


def test_assumptions_are_the_comments_behind_the_values():
    found = loads(TEXT).assumptions()
    assert ("components.box.time_to_failure", "assumed") in found
    assert ("components.box.repair", "the manual") in found
    assert ("horizon", "assumed: long enough") in found


# -- changes ------------------------------------------------------------------------------------------------------
def test_changing_gives_another_scenario_and_leaves_the_first():
    first = loads(TEXT)
    second = first.changed({"components.box.count": 4, "components.box.needs_up": None, "seed": 8})
    assert (first.spec.components["box"].count, second.spec.components["box"].count) == (2, 4)
    assert second.spec.components["box"].required == 4
    assert (first.spec.seed, second.spec.seed) == (7, 8)
    assert first.program().units + 2 == second.program().units
    assert first.hash != second.hash
    assert second.changed({"components.box.count": 2, "components.box.needs_up": 1, "seed": 7}).hash == first.hash


def test_changes_can_be_given_when_loading(tmp_path):
    (tmp_path / "s.yaml").write_text(TEXT)
    assert load(tmp_path / "s.yaml", {"horizon": "1 y"}).spec.horizon == 365 * 86_400
    assert loads(TEXT, {"horizon": "1 y"}).spec.horizon == 365 * 86_400
    with pytest.raises(ScenarioError, match="needs a unit"):
        load(tmp_path / "s.yaml", {"horizon": "1"})


def test_change_can_add_and_replace_whole_components():
    box = {"kind": "component", "time_to_failure": "1 d"}
    assert loads(TEXT).changed({"components.other": box}).components() == ["box", "sys", "other"]
    assert loads(TEXT).changed({"components.sys.all_of": ["box", {"any_of": ["box"]}]}).program().units == 2


# -- variants -----------------------------------------------------------------------------------------------------
def test_variant_is_the_scenario_with_its_overlay():
    scenario = loads(TEXT)
    big = scenario.variant("big")
    assert (big.spec.components["box"].count, big.spec.horizon) == (3, 20 * 86_400)
    assert scenario.variant("one-zone").spec.regions["north"].zones == ["a"]
    assert big.variant("one-zone").spec.components["box"].count == 3  # overlays can be stacked
    assert big.hash == scenario.changed({"components.box.count": 3, "horizon": "20 d"}).hash


def test_unknown_variant_names_the_nearest():
    with pytest.raises(UsageError, match="did you mean `big`"):
        loads(TEXT).variant("bigg")
    with pytest.raises(UsageError, match="has no variant"):
        from_dict({"scenario": "a", "horizon": "1 d"}).variant("x")


def test_mistake_in_a_variant_is_shown_in_the_variant_at_load():
    with pytest.raises(ScenarioError) as caught:
        loads(TEXT.replace("components.box.repair.lasts: 2 h", "components.box.repair.lasts: 2 GB"))
    (problem,) = caught.value.problems
    assert TEXT.splitlines()[problem.line - 1].strip().startswith("components.box.repair.lasts")
    assert "is an amount of bytes" in problem.message


def test_mistakes_of_two_variants_are_both_shown():
    text = TEXT.replace("count: 3", "count: 0").replace("[a]\n", "[a, a]\n")
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert [p.path for p in caught.value.problems] == ["components.box.count", "regions.north.zones.1"]


def test_variant_that_only_fails_as_a_whole_is_refused_too():
    with pytest.raises(ScenarioError, match="there is no place"):
        loads(TEXT.replace("regions.north.zones: [a]", "components.box.at: north.c"))


# -- schema -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


@pytest.fixture(scope="module")
def validator(schema) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda f: f.stem)
def test_scenarios_that_come_along_load_and_meet_the_schema(file, validator):
    from outlast.scenario.marks import read_document

    scenario = load(file)
    assert scenario.program().units > 0
    validator.validate(read_document(file).data)
    for name in scenario.spec.variants:
        scenario.variant(name).program()


def test_small_scenario_meets_the_schema(validator):
    validator.validate(yaml.safe_load(TEXT))


def test_platform_of_every_kind_meets_the_schema(validator, platform):
    validator.validate(yaml.safe_load(platform))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("horizon",), 5),
        (("horizon",), "5"),
        (("horizon",), "5 GB"),
        (("horizon",), None),
        (("horizont",), "5 d"),
        (("scenario",), "a b"),
        (("components", "box", "kind"), "bax"),
        (("components", "box", "kind"), None),
        (("components", "box", "cuont"), 3),
        (("components", "box", "count"), 2.5),
        (("components", "box", "time_to_failure"), {"exponentiel": "5 d"}),
        (("components", "box", "time_to_failure"), {"weibull": {"mean": "5 d"}}),
        (("components", "box", "time_to_failure"), {"exponential": "5 d", "gamma": {}}),
        (("components", "box", "repair"), {"team": "x"}),
        (("components", "box", "repair", "effect"), "as_good"),
        (("components", "box"), None),
        (("components",), []),
        (("objectives",), {}),
        (("objectives", 0, "measure"), None),
        (("regions", "north", "zones"), "a"),
        (("variants",), ["x"]),
    ],
)
def test_schema_rejects_what_the_loader_rejects(path, value, validator):
    data = yaml.safe_load(TEXT)
    parent = data
    for part in path[:-1]:
        parent = parent[part]
    if value is None and isinstance(parent, dict) and path[-1] in ("horizon", "kind", "measure"):
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    assert not validator.is_valid(data)
    with pytest.raises(ScenarioError):
        from_dict(data)


def test_every_part_of_the_schema_says_what_it_is(schema):
    for name, part in schema["$defs"].items():
        assert part.get("description") or part.get("enum"), name
    kinds = {"component", "system", "training_cluster", "feature_store", "serving_endpoint"}
    described = {
        p["properties"]["kind"]["const"] for p in schema["$defs"].values() if "kind" in p.get("properties", {})
    }
    assert described == kinds
    assert schema["$schema"].endswith("2020-12/schema")
