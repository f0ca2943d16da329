"""Field types of component kinds: quantities, delays and scripts as people write them; their schemas."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from outlast.kinds.fields import (
    Bandwidth,
    Bytes,
    Count,
    CountOrZero,
    Delay,
    DelayOrScript,
    Demand,
    Duration,
    DurationOrZero,
    Hours,
    Money,
    Name,
    PositiveDelay,
    Rate,
    Share,
)
from outlast.kinds.laws import Script
from outlast.scenario.marks import parse_value
from outlast.stats import distributions

DAY, HOUR = 86_400, 3600


def read(kind: Any, text: str, folder: Path | None = None) -> Any:
    return TypeAdapter(kind).validate_python(parse_value(text), context={"folder": folder} if folder else None)


def refused(kind: Any, text: str, folder: Path | None = None) -> tuple[str, str, tuple[Any, ...]]:
    """Message, hint and path of the one error that the text causes."""
    with pytest.raises(ValidationError) as caught:
        read(kind, text, folder)
    (error,) = caught.value.errors()
    raised = error["ctx"]["error"]
    return raised.message, raised.hint, getattr(raised, "at", ())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Duration, "5 min", 300.0),
        (DurationOrZero, "0 s", 0.0),
        (Share, "99.95 %", 0.9995),
        (Share, "0", 0.0),
        (Rate, "250 req/s", 250.0),
        (Bytes, "2 TB", 2e12),
        (Bandwidth, "40 MB/s", 4e7),
        (Count, "3", 3),
        (CountOrZero, "0", 0),
        (Money, "36 USD/h", (0.01, "USD", "36 USD/h")),
        (Name, "uae-north_1.a", "uae-north_1.a"),
        (Name, "7", "7"),
        (Name, "no", "no"),
    ],
)
def test_quantities_are_read_into_si_units(kind: Any, text: str, value: Any) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize("text", ["''", "a b", "-a", "a/b", "é", "x" * 65 + "y", "true", "[a]", "1.5"])
def test_what_is_not_an_identifier_is_refused(text: str) -> None:
    assert refused(Name, text)[0].startswith("not a name (got ")


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("90 s", distributions.deterministic(90)),
        ("0 s", distributions.deterministic(0)),
        ("{deterministic: 90 s}", distributions.deterministic(90)),
        ("{exponential: 20 d}", distributions.exponential(20 * DAY)),
        ("{exponential: {mean: 20 d}}", distributions.exponential(20 * DAY)),
        ("{weibull: {mean: 90 d, shape: 0.8}}", distributions.weibull(mean=90 * DAY, shape=0.8)),
        ("{weibull: {scale: 90 d, shape: 2}}", distributions.weibull(scale=90 * DAY, shape=2)),
        ("{lognormal: {median: 4 h, sigma: 1.0}}", distributions.lognormal(median=4 * HOUR, sigma=1)),
        ("{lognormal: {mean: 45 min, cv: 0.6}}", distributions.lognormal(mean=2700, cv=0.6)),
        ("{lognormal: {mean: 45 min, sigma: 0.6}}", distributions.lognormal(mean=2700, sigma=0.6)),
        ("{lognormal: {p95: 3 h, median: 1 h}}", distributions.lognormal(median=HOUR, p95=3 * HOUR)),
        ("{uniform: {low: 0 s, high: 3 h}}", distributions.uniform(0, 3 * HOUR)),
        ("{triangular: {low: 0 s, mode: 0 s, high: 3 h}}", distributions.triangular(0, 0, 3 * HOUR)),
        ("{gamma: {mean: 2 h, shape: 3}}", distributions.gamma(mean=2 * HOUR, shape=3)),
        ("{gamma: {mean: 2 h, cv: 0.5}}", distributions.gamma(mean=2 * HOUR, cv=0.5)),
        (
            "{hyperexponential: [{share: 90 %, mean: 1 h}, {share: 10 %, mean: 20 h}]}",
            distributions.hyperexponential([(0.9, HOUR), (0.1, 20 * HOUR)]),
        ),
        (
            "{mixture: [{share: 0.5, law: 90 s}, {share: 50 %, law: {exponential: 2 h}}]}",
            distributions.mixture([(0.5, distributions.deterministic(90)), (0.5, distributions.exponential(2 * HOUR))]),
        ),
    ],
)
def test_a_delay_is_read_as_its_law(text: str, law: distributions.Law) -> None:
    assert read(Delay, text) == law


def test_a_law_built_in_python_is_taken_as_it_is() -> None:
    law = distributions.exponential(5.0)
    assert TypeAdapter(Delay).validate_python(law) is law


@pytest.mark.parametrize(
    ("text", "message", "hint", "at"),
    [
        ("90", "a duration needs a unit (got 90)", "write `90 min`", ()),
        ("5 MB", "'5 MB' is an amount of bytes, but a duration is needed", "5 min", ()),
        ("-5 min", "must not be negative", "", ()),
        ("[1]", "a duration is needed (got [1])", "", ()),
        ("{}", "exactly one distribution (got none)", "{exponential: 20 y}", ()),
        ("{exponential: 1 h, weibull: {}}", "exactly one distribution (got exponential, weibull)", "", ()),
        ("{exponental: 1 h}", "unknown distribution (got 'exponental')", "`exponential`", ("exponental",)),
        ("{normal: 1 h}", "unknown distribution", "did you mean `lognormal`?", ("normal",)),
        ("{rate: 5}", "'rate' is not accepted here", "give its mean", ("rate",)),
        ("{at: [5 s]}", "'at' is not accepted here", "scripted times", ("at",)),
        ("{exponential: 20}", "a duration needs a unit (got 20)", "", ("exponential",)),
        ("{exponential: {mean: 0 s}}", "must be above zero", "", ("exponential", "mean")),
        (
            "{exponential: {median: 1 h}}",
            "unknown parameter of exponential",
            "mean",
            ("exponential", "median"),
        ),
        ("{weibull: 90 d}", "weibull needs mean and shape, or scale and shape", "{weibull:", ("weibull",)),
        ("{weibull: {mean: 90 d}}", "or scale and shape (got mean)", "", ("weibull",)),
        (
            "{weibull: {mean: 90 d, shpe: 1}}",
            "unknown parameter of weibull (got 'shpe')",
            "`shape`",
            ("weibull", "shpe"),
        ),
        (
            "{weibull: {mean: 90 d, shape: 1 h}}",
            "shape must be a plain number (got '1 h')",
            "",
            ("weibull", "shape"),
        ),
        ("{weibull: {mean: 90 d, shape: -1}}", "shape must be above zero (got -1)", "", ("weibull", "shape")),
        ("{weibull: {mean: 90 d, shape: 1e-9}}", "shape must be between", "", ("weibull",)),
        ("{lognormal: {mean: 1 h, p95: 2 h}}", "(got p95 and mean)", "median", ("lognormal",)),
        (
            "{lognormal: {median: 2 h, p95: 1 h}}",
            "p95 must be more than median (got p95 1 h",
            "",
            ("lognormal", "p95"),
        ),
        ("{uniform: {low: 2 h, high: 1 h}}", "high must be more than low", "", ("uniform", "high")),
        (
            "{triangular: {low: 1 h, mode: 9 h, high: 3 h}}",
            "high must be more than mode",
            "",
            ("triangular", "high"),
        ),
        ("{hyperexponential: []}", "is a list of shares (got an empty list)", "", ("hyperexponential",)),
        (
            "{hyperexponential: [{share: 90 %, mean: 1 h}]}",
            "shares must add up to 100 % (got 0.9 of 1)",
            "",
            ("hyperexponential",),
        ),
        (
            "{hyperexponential: [{share: 90 %, men: 1 h}]}",
            "share and mean are needed (got share, men)",
            "",
            ("hyperexponential", 0),
        ),
        (
            "{mixture: [{share: 100 %, law: {exponential: 5}}]}",
            "a duration needs a unit (got 5)",
            "",
            ("mixture", 0, "law", "exponential"),
        ),
        (
            "{mixture: [{share: 100 %, law: {mixture: []}}]}",
            "a part of a mixture must be a simple law (got mixture)",
            "",
            ("mixture", 0, "law"),
        ),
        ("{empirical: x.csv}", "empirical needs file, column and unit", "", ("empirical",)),
        ("{empirical: {file: x.csv}}", "unit is missing", "", ("empirical",)),
        (
            "{empirical: {file: x.csv, unit: MB}}",
            "a unit of time is needed (got 'MB')",
            "",
            ("empirical", "unit"),
        ),
        ("{empirical: {file: x.csv, unit: s}}", "without a folder", "", ("empirical", "file")),
    ],
)
def test_a_wrong_delay_has_one_specific_error(text: str, message: str, hint: str, at: tuple[Any, ...]) -> None:
    said, hinted, where = refused(Delay, text)
    assert message in said
    assert hint in hinted
    assert where == at


def test_a_positive_delay_refuses_a_fixed_zero() -> None:
    assert "above zero" in refused(PositiveDelay, "0 s")[0]
    assert refused(PositiveDelay, "{deterministic: 0 s}")[2] == ("deterministic",)
    assert "above zero" in refused(DelayOrScript, "0 s")[0]


def test_scripted_times_are_absolute_and_ascend() -> None:
    assert read(DelayOrScript, "{at: [0 s, 1000 s, 1 h]}") == Script((0.0, 1000.0, 3600.0), "at 0 s, 1000 s, 1 h")
    assert read(DelayOrScript, "90 s") == distributions.deterministic(90)
    assert refused(DelayOrScript, "{at: [5 s, 5 s]}")[2] == ("at", 1)
    assert refused(DelayOrScript, "{at: [5 s, 7]}")[2] == ("at", 1)
    assert refused(DelayOrScript, "{at: []}")[0] == "a list of times is needed (got an empty list)"
    assert refused(DelayOrScript, "{at: [5 s], exponential: 1 h}")[0] == "one entry is needed (got at, exponential)"


class Everything(BaseModel):
    duration: Duration
    zero: DurationOrZero
    share: Share
    rate: Rate
    size: Bytes
    bandwidth: Bandwidth
    count: Count
    price: Money
    name: Name
    delay: Delay
    script: DelayOrScript
    hours: Hours
    demand: Demand


GOOD = """
duration: 1 h 30 min
zero: 0 s
share: 99.95 %
rate: 250 req/s
size: 40 GB
bandwidth: 8 Mbit/s
count: 3
price: 12 USD/h
name: uae-north
delay: {lognormal: {median: 4 h, sigma: 1.0}}
script: {at: [1000 s, 1300 s]}
hours: {days: [mon, tue], from: 09:00, to: 17:00}
demand: {diurnal: {low: 1800 req/s, high: 4200 req/s, peak_at: 14 h}}
"""


def test_the_schema_accepts_what_the_reader_accepts() -> None:
    schema = Everything.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    value = parse_value(GOOD)
    Everything.model_validate(value)
    jsonschema.validate(value, schema)


@pytest.mark.parametrize(
    "wrong",
    [
        "duration: 5",
        "duration: 5 MB",
        "share: 5",
        "name: a b",
        "delay: {weibul: 3 s}",
        "delay: {lognormal: {median: 4 h}}",
        "hours: busines",
        "demand: {constant: 5}",
    ],
)
def test_the_schema_marks_what_the_reader_refuses(wrong: str) -> None:
    value = parse_value(GOOD) | parse_value(wrong)
    with pytest.raises(ValidationError):
        Everything.model_validate(value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, Everything.model_json_schema())


def test_every_example_of_a_schema_is_valid_input() -> None:
    for field in Everything.model_fields.values():
        (reader,) = field.metadata
        for example in reader.json_schema.get("examples", ()):
            reader.read(example, None)
