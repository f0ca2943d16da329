"""Dotted-path changes: what they replace, what they refuse, and where later mistakes are shown."""

from typing import Any

import pytest

from outlast.errors import FieldError, ScenarioError, UsageError, dotted
from outlast.scenario.document import Document
from outlast.scenario.marks import parse_document
from outlast.scenario.overlay import apply_changes, parse_path, parse_set

TEXT = """\
components:
  ranker:
    regions: {uae-north: active, uae-central: standby}
    needs: [features, registry]
  a.b: {count: 3}
variants:
  no-standby:
    components.ranker.regions: {uae-north: activ}
  bad:
    components.rankr.regions: {}
    components.ranker.replica.count: 3
"""


@pytest.fixture
def document() -> Document:
    return parse_document(TEXT, "f.yaml")


def changed(document: Document, path: str, value: Any) -> Any:
    return apply_changes(document, {path: value}).data["components"]


def test_a_value_replaces_what_was_there_and_leaves_the_base_alone(document: Document) -> None:
    result = changed(document, "components.ranker.regions", {"uae-north": "active"})
    assert result["ranker"]["regions"] == {"uae-north": "active"}
    assert document.data["components"]["ranker"]["regions"]["uae-central"] == "standby"


def test_a_new_last_part_is_added(document: Document) -> None:
    assert changed(document, "components.ranker.restart", "90 s")["ranker"]["restart"] == "90 s"


def test_null_deletes(document: Document) -> None:
    assert "needs" not in changed(document, "components.ranker.needs", None)["ranker"]


def test_a_list_position_and_a_quoted_part_are_followed(document: Document) -> None:
    assert changed(document, "components.ranker.needs.1", "store")["ranker"]["needs"] == ["features", "store"]
    assert changed(document, 'components."a.b".count', 4)["a.b"] == {"count": 4}


@pytest.mark.parametrize(
    ("path", "value", "message", "hint"),
    [
        ("components.rankr.regions", 1, "nothing is called 'rankr' in components", "did you mean `ranker`?"),
        (
            "component.ranker",
            1,
            "nothing is called 'component' in the scenario",
            "did you mean `components`?",
        ),
        ("components.ranker.nods", None, "nothing is called 'nods'", "did you mean `needs`?"),
        ("components.ranker.needs.2", "x", "has no position '2'; positions are 0 to 1", ""),
        ("components.ranker.needs.first", "x", "has no position 'first'", ""),
        ("components.ranker.needs.0", None, "an entry of a list cannot be deleted", "replace the whole list"),
        ("components.a..b", 1, "not a path", "joined by dots"),
        ("", 1, "not a path", "joined by dots"),
        ('components."a.b', 1, "not a path", "quote"),
        ("components.ranker.regions.uae-north.x", 1, "holds 'active', so there is no 'x' below it", ""),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(
    document: Document, path: str, value: Any, message: str, hint: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        apply_changes(document, {path: value}, label="--set")
    assert message in str(caught.value)
    assert hint in caught.value.problems[0].hint


def test_every_bad_path_of_a_variant_is_reported_at_its_line(document: Document) -> None:
    with pytest.raises(ScenarioError) as caught:
        apply_changes(document, document.data["variants"]["bad"], ("variants", "bad"))
    assert [(p.line, p.column) for p in caught.value.problems] == [(10, 5), (11, 5)]


def test_overlapping_changes_are_refused(document: Document) -> None:
    changes = {"components.ranker": {}, "components.ranker.needs": []}
    with pytest.raises(ScenarioError, match=r"overlaps components\.ranker, which is changed too"):
        apply_changes(document, changes)


def test_a_mistake_in_a_variant_is_shown_where_it_is_written(document: Document) -> None:
    variant = document.data["variants"]["no-standby"]
    result = apply_changes(document, variant, ("variants", "no-standby"))
    problem = result.problem(("components", "ranker", "regions", "uae-north"), "unknown value (got 'activ')")
    assert (problem.line, problem.column) == (8, 44)
    assert result.locate(("components", "ranker", "needs")) == (4, 12)


def test_a_mistake_in_a_change_from_outside_names_its_origin(document: Document) -> None:
    path, value = parse_set("components.ranker.regions={uae-north: activ}")
    result = apply_changes(document, {path: value}, label="--set components.ranker.regions")
    problem = result.problem(("components", "ranker", "regions", "uae-north"), "unknown value (got 'activ')")
    assert str(problem).startswith("--set components.ranker.regions: components.ranker.regions.uae-north: unknown")
    again = apply_changes(result, {"components.ranker.regions": {"uae-north": "active"}}, label="second")
    assert again.problem(("components", "ranker", "regions"), "x").file == "second"


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a.b=5 min", "a.b", "5 min"),
        ("a=65 %", "a", "65 %"),
        ("a= {x: [1, 2]}", "a", {"x": [1, 2]}),
        ("a=null", "a", None),
        ("a='x=y'", "a", "x=y"),
        ('"x=y".b=1', '"x=y".b', 1),
        ("a=no", "a", "no"),
    ],
)
def test_set_reads_its_value_as_yaml(text: str, path: str, value: Any) -> None:
    assert parse_set(text) == (path, value)


@pytest.mark.parametrize("text", ["a.b", "=5", "a=", "", 'x"=5'])
def test_a_malformed_set_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_set(text)


def test_set_with_broken_yaml_is_located_in_the_option() -> None:
    with pytest.raises(ScenarioError, match="--set a:1:"):
        parse_set("a=[1, 2")


def test_a_printed_path_is_read_back() -> None:
    for path in (("a", "b"), ("a.b", "c"), ('q"uo\\te.', "x"), ("sp ace", "0"), ("a=b",)):
        assert parse_path(dotted(path)) == path
    with pytest.raises(FieldError):
        parse_path("a b")
