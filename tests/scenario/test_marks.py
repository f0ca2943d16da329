"""The YAML reader: YAML 1.2 values, places, and one located refusal for everything it does not take."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from outlast.errors import ScenarioError
from outlast.scenario import tree
from outlast.scenario.marks import MAX_BYTES, MAX_DEPTH, parse_document, parse_value, read_document


@pytest.fixture(params=["C parser", "Python parser"], autouse=True)
def both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python parser":
        monkeypatch.setattr(tree, "_LOADER", yaml.SafeLoader)


def refusal(text: str | bytes) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_document(text, "f.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_plain_scalars_follow_yaml_1_2() -> None:
    texts = parse_document("a: [no, on, yes, 12:30, 1_0, 5 min, '1', \"true\", 0b1, =]").data["a"]
    assert texts == ["no", "on", "yes", "12:30", "1_0", "5 min", "1", "true", "0b1", "="]
    values = parse_document("a: [true, False, ~, null, 0x1F, 0o17, 012, 1e-5, -3, 2., .5]").data["a"]
    assert values == [True, False, None, None, 31, 15, 12, 1e-5, -3, 2.0, 0.5]
    assert [type(value) for value in values[4:7]] == [int] * 3


def test_keys_are_always_text() -> None:
    assert parse_document("{1: a, true: b, null: c, 1.50: d}").data == {
        "1": "a",
        "true": "b",
        "null": "c",
        "1.50": "d",
    }


def test_every_value_and_key_has_its_place() -> None:
    document = parse_document("a: 1\nb:\n  c: [x, {d: 2}]\n  e:\nf: {g: 3}\n")
    assert document.locate(("a",)) == (1, 4)
    assert document.locate(("a",), key=True) == (1, 1)
    assert document.locate(("b", "c", 0)) == (3, 7)
    assert document.locate(("b", "c", 1, "d")) == (3, 14)
    assert document.locate(("f",)) == (5, 4)


def test_a_block_value_is_shown_at_its_key() -> None:
    assert parse_document("a: 1\nb:\n  c: 2\n").locate(("b",)) == (2, 1)


def test_an_absent_path_is_shown_at_its_nearest_parent() -> None:
    document = parse_document("a: 1\nb:\n  c: 2\n")
    assert document.locate(("b", "missing", "deeper")) == (2, 1)
    assert document.locate(("nowhere",)) == (1, 1)


def test_an_aliased_value_is_a_copy_with_the_place_of_its_text() -> None:
    document = parse_document("a: &x {n: 1}\nb: *x\n")
    document.data["b"]["n"] = 2
    assert document.data["a"] == {"n": 1}
    assert document.locate(("b", "n")) == (1, 11)


def test_columns_count_characters_not_bytes() -> None:
    text = 'a: "é漢", b'
    assert refusal(text.encode()).splitlines()[0].startswith("f.yaml:1:8:")


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n", "---\n", "null\n", "\ufeff"])
def test_an_empty_file_says_so(text: str) -> None:
    assert refusal(text).startswith("f.yaml: the file is empty\n  hint: ")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("[1]", "1:1", "a scenario is a mapping of names to values (got a list)"),
        ("hello", "1:1", "a scenario is a mapping of names to values (got 'hello')"),
        ("a: 1\nb: 2\na: 3", "3:1", "key 'a' is given twice; first on line 1"),
        ("a: {<<: {b: 1}}", "1:5", "merge keys are not allowed"),
        ("a: !!python/object/apply:os.system [x]", "1:4", "tags are not allowed"),
        ("a: !x 1", "1:4", "tags are not allowed (got '!x')"),
        ("a: 1\n---\nb: 2", "2:1", "a second document starts here"),
        ("a:\n\tb: 1", "2:1", "a tab is used for indentation"),
        ("a: [1, 2\nb: 3\n", "2:", "that starts on line 1"),
        ("a: 'b\n", "1:6", "not valid YAML: found unexpected end of stream"),
        ("a: b: c", "1:5", "not valid YAML: mapping values are not allowed"),
        ("a: @x", "1:4", "not valid YAML: found character"),
        ("a: *b", "1:4", "no anchor named 'b'"),
        ("a: &a [*a]", "1:8", "anchor 'a' contains itself"),
        ("a: &x 1\nb: &x 2", "2:4", "anchor 'x' is defined twice"),
        ("? [a]\n: 1", "1:3", "a key must be a name (got a list)"),
        ("'': 1", "1:1", "a key is empty"),
        ("a: .inf", "1:4", "the number must be finite (got '.inf')"),
        ("a: .nan", "1:4", "the number must be finite (got '.nan')"),
        ("a: 1e999", "1:4", "the number is too large (got '1e999')"),
        ("a: " + "9" * 6000, "1:4", "the number is too large"),
        ("a: 1\nb: \x1b[31m", "2:4", "a control character (U+001B) is not allowed"),
        ('a: "\\e[31m"', "1:4", "a control character (U+001B) is not allowed"),
        ("a: \x00", "1:4", "a control character (U+0000) is not allowed"),
        ("a: \ud800", "1:4", "a control character (U+D800) is not allowed"),
        (b"a: 1\nb: \xe9x", "2:4", "not UTF-8 text (got byte 0xE9)"),
    ],
)
def test_what_is_not_taken_is_refused_at_its_place(text: str | bytes, where: str, message: str) -> None:
    said = refusal(text)
    assert said.startswith(f"f.yaml:{where}")
    assert message in said
    assert "\x1b" not in said and len(said) < 700


def test_a_problem_prints_place_path_line_and_caret() -> None:
    document = parse_document("a:\n  b: 5\n", "f.yaml")
    problem = document.problem(("a", "b"), "a duration needs a unit (got 5)", "write `5 min`, not `5`")
    assert str(problem) == (
        "f.yaml:2:6: a.b: a duration needs a unit (got 5)\n      b: 5\n         ^\n  hint: write `5 min`, not `5`"
    )


@pytest.mark.parametrize("text", ["[" * 1_000_000, "{a: " * 200_000, "- " * 100_000, "? " * 100_000])
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    assert f"nested more than {MAX_DEPTH} levels deep" in refusal(text)
    assert time.process_time() - started < 5


def test_the_deepest_allowed_nesting_is_read() -> None:
    value = parse_document("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)).data["a"]
    for _ in range(MAX_DEPTH - 2):
        (value,) = value
    assert value == []


def test_an_alias_bomb_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    started = time.process_time()
    assert "more than 100,000 values" in refusal("\n".join(lines))
    assert time.process_time() - started < 1


def test_aliases_cannot_exceed_the_depth() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60)]
    assert "nested more than 40 levels deep" in refusal("\n".join(lines))


def test_too_large_a_text_is_refused() -> None:
    assert "the file is too large (got 1.0 MB); at most 1 MiB are read" in refusal(b"#" * (MAX_BYTES + 1))


def test_a_100_mb_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    with file.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(ScenarioError, match=r"too large \(got 100.0 MB\)"):
        read_document(file)


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text("a: 1")
    with pytest.raises(ScenarioError, match=r"no such file\n  hint: scenarios in that folder: platform.yaml"):
        read_document(tmp_path / "platfrom.yaml")


def test_a_folder_a_pipe_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, message in (
        ("", "this is a folder"),
        ("pipe", "not a regular file"),
        ("loop", "cannot be read"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ):
        with pytest.raises(ScenarioError, match=message):
            read_document(f"{tmp_path}/{name}")


def test_a_single_value_is_read_like_a_file() -> None:
    assert parse_value("{exponential: 20 y}") == {"exponential": "20 y"}
    assert parse_value("no") == "no"
    assert parse_value("null") is None
    with pytest.raises(ScenarioError, match="--set a:1:1"):
        parse_value("!x 1", "--set a")


def test_reading_needs_neither_pydantic_nor_numba() -> None:
    code = "import sys, outlast.scenario.marks, outlast.units; print({'numba', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
