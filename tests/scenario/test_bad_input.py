"""Every mistake in a file gets one clear message with its place, all at once."""

from __future__ import annotations

import tracemalloc

import pytest
import yaml

from outlast.errors import ScenarioError
from outlast.scenario import from_dict, load, loads


def test_the_platform_itself_is_fine(platform):
    scenario = loads(platform)
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
    ("  product:\n", "  identity:\n", "", "key 'identity' is given twice; first on line 17", "rename"),
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
    ("small:", "base:", "variants.base", "what results call the scenario without a variant", "another name"),
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
def test_one_mistake_has_one_message_at_its_place(old, new, where, said, hint, problems, platform):
    assert platform.count(old) >= 1
    found = problems(platform.replace(old, new, 1))
    assert len(found) == 1, "\n".join(map(str, found))
    (problem,) = found
    assert where in problem.path
    assert said in problem.message
    assert hint in problem.hint
    if old != "horizon: 1 y\n" and old != "scenario: platform\n":
        assert problem.line > 0
        assert problem.source.strip()


def test_mistakes_are_shown_all_at_once_in_the_order_of_the_file(problems, platform):
    text = platform
    for old, new in (("horizon: 1 y", "horizon: 5"), ("people: 2", "people: 0"), ("needs_up: 2", "needs_up: 4"),
                     ("capacity: 80 req/s", "capacty: 80 req/s"), ("each: 40 %", "each: 140 %")):  # fmt: skip
        text = text.replace(old, new)
    lines = [p.line for p in problems(text)]
    assert lines == sorted(lines)
    assert [p.path.rpartition(".")[2] for p in problems(text)] == ["horizon", "people", "needs_up", "capacty", "each"]


def test_unknown_names_are_shown_all_at_once_too(problems, platform):
    text = platform.replace("team: crew", "team: crow").replace("strikes: [identity]", "strikes: [identty, products]")
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
def test_file_that_is_no_scenario(text, said, problems):
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
def test_file_that_cannot_be_read(tmp_path, name, check_words):
    with pytest.raises(ScenarioError) as caught:
        load(f"{tmp_path}/{name}")
    check_words(caught.value)


def test_csv_with_a_gap_names_the_row(tmp_path, problems, platform):
    (tmp_path / "rates.csv").write_text("time,rate\n0,5\n60,6\n180,7\n")
    demand = "demand: {csv: {file: rates.csv, column: rate, time_column: time}}"
    text = platform.replace("demand: {diurnal: {low: 100 req/s, high: 300 req/s, peak_at: 14 h}}", demand)
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
def test_components_of_every_wrong_shape(components, check_words):
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
def test_sections_of_every_wrong_shape(section, value, check_words, platform):
    data = yaml.safe_load(platform)
    data[section] = value
    with pytest.raises(ScenarioError) as caught:
        from_dict(data)
    check_words(caught.value)


def test_window_of_an_objective_longer_than_the_horizon_is_told_where_it_stands(problems) -> None:
    text = "scenario: a\nhorizon: 1 y\ncomponents:\n  db: {kind: component, time_to_failure: 9 d}\nobjectives:\n"
    text += "  - {of: db, measure: availability, at_least: 9 %}\n"
    (problem,) = problems(text + "  - {of: db, measure: availability, at_least: 8 %, window: 2 y}\n")
    assert (problem.line, problem.path) == (7, "objectives.1.window")
