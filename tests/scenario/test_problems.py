"""Validation errors of pydantic as located problems: plain words, the nearest name, no noise from unions."""

import pickle
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from outlast.errors import (
    FieldError,
    LivelockError,
    OutlastError,
    Problem,
    ProgramError,
    RunError,
    ScenarioError,
    UsageError,
    nearest_hint,
    shown,
)
from outlast.kinds.fields import Delay, Duration, Share
from outlast.scenario.marks import parse_document
from outlast.scenario.problems import in_order, translate


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Store(Strict):
    kind: Literal["store"]
    count: int = Field(gt=0)
    needs: int = Field(1, ge=1)
    lag: Duration = Field("2 s", validate_default=True)
    region: str

    @model_validator(mode="after")
    def enough(self) -> "Store":
        if self.needs > self.count:
            message = f"{self.needs} exceeds count {self.count}"
            raise FieldError(message, "`needs` is how many must be up at once", ("needs",))
        return self


class Server(Strict):
    kind: Literal["server"]
    items: list[str] = []
    either: int | list[int] | Store | None = None
    start: Literal["up", "down"] = "up"
    lasts: Delay = Field("0 s", validate_default=True)
    share: Share | None = None
    server: dict[str, int] = {}


class Scenario(Strict):
    scenario: str
    horizon: Duration
    begin: str = Field("x", alias="from")
    components: dict[str, Annotated[Store | Server, Field(discriminator="kind")]] = {}
    zones: dict[str, Store | None] | list[str] = []


def problems(text: str, model: Any = Scenario) -> list[Problem]:
    document = parse_document(text, "f.yaml")
    with pytest.raises(ValidationError) as caught:
        Scenario.model_validate(document.data)
    return translate(caught.value, document, model)


HEAD = "scenario: s\nhorizon: 1 y\n"


@pytest.mark.parametrize(
    ("line", "place", "said", "hint"),
    [
        ("components: {a: {kind: store, count: 1}}", "3:14", "components.a.region: field required", ""),
        (
            "components: {a: {kind: store, count: 1, regoin: x, region: y}}",
            "3:41",
            "components.a.regoin: unknown field",
            "did you mean `region`?",
        ),
        ("form: x", "3:1", "form: unknown field", "did you mean `from`?"),
        (
            "components: {a: {kind: sevrer}}",
            "3:24",
            "unknown kind (got 'sevrer'); allowed: store, server",
            "`server`",
        ),
        ("components: {a: {count: 1}}", "3:14", "components.a.kind: field required", ""),
        ("components: {a: 5}", "3:17", "components.a: must be a mapping (got 5)", ""),
        ("components: {a: {kind: store, count: 0, region: x}}", "3:38", "must be more than 0 (got 0)", ""),
        (
            "components: {a: {kind: store, count: , region: x}}",
            "3:38",
            "must be a whole number (got nothing)",
            "",
        ),
        (
            "components: {a: {kind: store, count: 3, needs: 4, region: x}}",
            "3:48",
            "components.a.needs: 4 exceeds count 3",
            "how many must be up",
        ),
        (
            "components: {a: {kind: store, count: 3, lag: 5, region: x}}",
            "3:46",
            "components.a.lag: a duration needs a unit (got 5)",
            "write `5 min`, not `5`",
        ),
        (
            "components: {a: {kind: server, start: dwn}}",
            "3:39",
            "unknown value (got 'dwn'); allowed: up, down",
            "down",
        ),
        ("components: {a: {kind: server, items: x}}", "3:39", "must be a list (got 'x')", "write `[x]`"),
        (
            "components: {a: {kind: server, items: [no, 7]}}",
            "3:44",
            "items.1: must be text (got 7)",
            "quotes",
        ),
        (
            "components: {server: {kind: server, server: {x: q}}}",
            "3:49",
            "components.server.server.x: must be",
            "",
        ),
        (
            "components: {a: {kind: server, lasts: {weibul: {mean: 90 d, shape: 1}}}}",
            "3:48",
            "components.a.lasts.weibul: unknown distribution (got 'weibul')",
            "did you mean `weibull`?",
        ),
        (
            "components: {a: {kind: server, lasts: {weibull: {mean: 90, shape: 1}}}}",
            "3:56",
            "components.a.lasts.weibull.mean: a duration needs a unit (got 90)",
            "write `90 min`",
        ),
        (
            "components: {a: {kind: server, share: 5}}",
            "3:39",
            "a.share: a share is between 0 and 1 (got 5)",
            "`5 %`",
        ),
        (
            "components: {a: {kind: server, either: abc}}",
            "3:40",
            "either: must be a whole number or a list or a mapping (got 'abc')",
            "",
        ),
        (
            "components: {a: {kind: server, either: {kind: store, count: 1.5, region: x}}}",
            "3:61",
            "components.a.either.count: must be a whole number (got 1.5)",
            "",
        ),
        (
            "zones: {a: {kind: store, count: x, region: y}}",
            "3:33",
            "zones.a.count: must be a whole number",
            "",
        ),
    ],
)
def test_one_mistake_gives_one_problem_in_plain_words(line: str, place: str, said: str, hint: str) -> None:
    (problem,) = problems(HEAD + line)
    assert f"{problem.line}:{problem.column}" == place
    assert said in str(problem)
    assert hint in problem.hint


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = "scenario: 5\ncomponents:\n  a: {kind: store, count: 0}\n  b: {kind: nope}\nhorizont: 3\n"
    found = problems(text)
    assert [(p.line, p.path) for p in found] == [
        (1, "scenario"),
        (3, "components.a.region"),
        (3, "components.a.count"),
        (4, "components.b.kind"),
        (5, "horizont"),
    ]
    assert found[-1].hint == "did you mean `horizon`?"  # so it is not missing besides
    (missing,) = problems("scenario: x\ncomponents: {}\n")
    assert missing.hint == "for example `horizon: 5 min`"


def test_a_missing_kind_names_all_kinds() -> None:
    (problem,) = problems(HEAD + "components: {a: {count: 2}}")
    assert (problem.message, problem.hint) == ("field required", "one of server, store")


def test_without_the_model_places_are_still_found() -> None:
    text = HEAD + "components: {a: {kind: store, count: 0, regoin: x}}"
    assert [(p.column, p.path) for p in problems(text, None)] == [
        (14, "components.a.region"),
        (38, "components.a.count"),
        (41, "components.a.regoin"),
    ]


def test_a_part_validated_alone_keeps_its_place_through_the_prefix() -> None:
    document = parse_document("components:\n  a: {kind: store, count: 0, region: x}\n", "f.yaml")
    with pytest.raises(ValidationError) as caught:
        Store.model_validate(document.get(("components", "a")))
    (problem,) = translate(caught.value, document, Store, ("components", "a"))
    assert (problem.path, problem.line, problem.column) == ("components.a.count", 2, 27)


def test_problems_are_sorted_and_given_once() -> None:
    a, b, c = Problem("a", "x", line=3), Problem("b", "x", line=1, column=2), Problem("c", "x")
    assert in_order([c, a, b, a]) == [b, a, c]


def test_names_from_the_file_cannot_drive_the_terminal() -> None:
    said = str(
        Problem("a", f"unknown (got {shown('x' + chr(27) + '[31m')})", file="f", line=1, column=1, source="\x1b")
    )
    assert "\x1b" not in said


def test_a_long_source_line_is_cut_around_its_caret() -> None:
    said = str(Problem("a", "wrong", file="f", line=1, column=5001, source="x" * 5000 + "!" + "y" * 5000))
    _, source, caret = said.splitlines()
    assert len(source) < 110
    assert source[caret.index("^")] == "!"


def test_the_caret_stands_below_its_character_after_wide_ones() -> None:
    said = str(Problem("a", "wrong", file="f", line=1, column=3, source="漢漢!"))
    assert said.splitlines()[-1] == " " * 8 + "^"


def test_hints_name_the_nearest_or_what_there_is() -> None:
    assert nearest_hint("rankr", ["ranker", "store"]) == "did you mean `ranker`?"
    assert nearest_hint("zzz", ["b", "a"], "zones") == "known zones: a, b"
    assert nearest_hint("zzz", [], "zones") == "there are no zones"
    assert nearest_hint("zzz", [f"n{i}" for i in range(30)]).endswith("and 10 more")


@pytest.mark.parametrize(
    "error",
    [
        ScenarioError([Problem("a", "wrong", "hint", "f", 1, 2, "a: 1")]),
        ProgramError(["unit 3, row 2: unknown state"]),
        LivelockError(["a", "b"], 3.5),
        RunError("no space left"),
        UsageError("no such verb", "try run"),
        FieldError("wrong", "right", ("a", 1)),
    ],
)
def test_errors_rebuild_from_their_arguments(error: Exception) -> None:
    for again in (type(error)(*error.args), pickle.loads(pickle.dumps(error))):
        assert str(again) == str(error)
        assert again.__dict__ == error.__dict__
    assert isinstance(error, OutlastError | FieldError)


def test_a_livelock_names_its_units_and_its_time() -> None:
    said = str(LivelockError(["ranker", "probe"], 12.0))
    assert said.startswith("simulated time stands still at 12 s: a loop of zero delays through ranker, probe")
