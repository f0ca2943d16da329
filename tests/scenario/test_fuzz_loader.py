"""Whatever a file holds, reading it gives a Document or a ScenarioError, and nothing else."""

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from outlast.errors import ScenarioError
from outlast.kinds.fields import DelayOrScript, Demand, Hours, Name
from outlast.scenario import tree
from outlast.scenario.document import Document
from outlast.scenario.marks import parse_document
from outlast.scenario.overlay import apply_changes
from outlast.scenario.problems import translate

VALID = """\
scenario: two-region-serving   # a comment
horizon: 1 y
regions:
  uae-north: {jurisdiction: AE, zones: [a, b, c], outage: {every: {exponential: 20 y}}}
  "uae.central": {zones: [a], n: 0x1F, f: 1e-5, t: true, z: ~}
components:
  ranker: &r
    text: |
      two
      lines
    folded: >-
      more
      text
    needs:
    - features
    - 'it''s'
    - "\\u00e9"
  copy: *r
variants:
  no-standby: {components.ranker.regions: {uae-north: active}}
"""
_MARKUP = r"""\n|  |\t|:|: |- |? |[|]|{|}|,|&a |*a|*r|!!int |!x |<<: |'|"|>|#|%YAML 1.2\n|---\n|...\n|@|.nan|null"""
_RARE = ["|", "\\", "\x00", "\x1b", "\x85", "\u2028", "\ufeff"]
TOKENS = st.sampled_from([*_MARKUP.replace(r"\n", "\n").replace(r"\t", "\t").split("|"), *_RARE])
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(text: str | bytes) -> None:
    try:
        document = parse_document(text, "f.yaml")
    except ScenarioError as error:
        (problem,) = error.problems
        assert problem.message
        said = str(error)
        assert not any(ord(c) < 32 and c != "\n" for c in said)
        return
    assert isinstance(document, Document)
    assert isinstance(document.data, dict)
    for path in document.marks:
        line, column = document.locate(path)
        assert 1 <= line <= len(document.lines) and column >= 1
        str(document.problem(path, "wrong"))


@FUZZ
@given(st.binary(max_size=300))
def test_arbitrary_bytes(content: bytes) -> None:
    check(content)


@FUZZ
@given(st.text(max_size=300) | st.lists(TOKENS | st.text(max_size=3), max_size=60).map("".join))
def test_arbitrary_text(text: str) -> None:
    check(text)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Valid YAML with a few pieces cut out, doubled or put in."""
    text = VALID
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        text = text[:start] + draw(TOKENS | st.just(text[start:end] * 2) | st.just("")) + text[end:]
    return text


@FUZZ
@given(mutated())
def test_mutated_yaml(text: str) -> None:
    check(text)


@pytest.mark.parametrize("parser", ["Python parser"])
@settings(FUZZ, max_examples=150, suppress_health_check=list(HealthCheck))
@given(text=mutated())
def test_mutated_yaml_without_libyaml(parser: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "_LOADER", yaml.SafeLoader)
        check(text)


def test_the_unmutated_file_is_read() -> None:
    data = parse_document(VALID).data
    assert data["components"]["copy"] == data["components"]["ranker"]
    assert data["regions"]["uae.central"] == {"zones": ["a"], "n": 31, "f": 1e-5, "t": True, "z": None}


PATHS = st.text(max_size=12) | st.lists(st.sampled_from(["a", "b", "0", "1", '"c.d"']), max_size=4).map(".".join)
TEXTS = st.sampled_from(["5 min", "0 s", "5 MB", "50 %", "3 req/s", "business", "mon", "x.csv", "../x", "09:00"])
NUMBERS = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS | st.text(max_size=8)
KEYS = st.sampled_from(
    [
        "exponential",
        "weibull",
        "lognormal",
        "uniform",
        "triangular",
        "gamma",
        "hyperexponential",
        "mixture",
        "empirical",
        "deterministic",
        "at",
        "mean",
        "shape",
        "median",
        "sigma",
        "p95",
        "cv",
        "low",
        "mode",
        "high",
        "share",
        "law",
        "constant",
        "diurnal",
        "csv",
        "peak_at",
        "file",
        "column",
        "step",
        "unit",
        "days",
        "from",
        "to",
        "other",
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)


@FUZZ
@given(value=VALUES, kind=st.sampled_from([DelayOrScript, Demand, Hours, Name]))
def test_any_written_value_is_taken_or_becomes_problems(value: Any, kind: Any) -> None:
    document = Document({"field": value}, file="f.yaml")
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        problems = translate(error, document, prefix=("field",))
        assert len(problems) == 1
        assert str(problems[0]).startswith("f.yaml: field")


@FUZZ
@given(path=PATHS, value=VALUES)
def test_any_change_is_applied_or_refused(path: str, value: Any) -> None:
    document = parse_document("a: {b: [1, {a: 2}], c.d: 3}\nb: text\n", "f.yaml")
    try:
        result = apply_changes(document, {path: value}, label="--set")
    except ScenarioError as error:
        assert error.problems[0].message
    else:
        assert isinstance(result.data, dict)
