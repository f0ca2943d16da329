"""Fields that read CSV files, weekly hours and demand: values, refusals, confinement to the folder."""

import gzip
import math
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from outlast.kinds import csv_input
from outlast.kinds.demand import Profile
from outlast.kinds.fields import Delay, Demand, Hours
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


def test_an_empirical_law_takes_a_column_in_its_unit(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("# a licence line\nid,took\n1,3\n2, 1.5 \n3,0\n\n")
    law = read(Delay, "{empirical: {file: r.csv, column: took, unit: min}}", tmp_path)
    assert law == distributions.empirical([0, 90, 180])
    with gzip.open(tmp_path / "r.csv.gz", "wt", encoding="utf-8-sig") as stream:
        stream.write("took\r\n3\r\n")
    assert read(Delay, "{empirical: {file: r.csv.gz, unit: min}}", tmp_path) == distributions.empirical([180])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("took\n1\nx\n", "row 3, column 'took' is not a finite number (got 'x')"),
        ("took\n1\nnan\n", "row 3, column 'took' is not a finite number (got 'nan')"),
        ("took\n1\n1e999\n", "row 3, column 'took' is not a finite number"),
        ("took\n1\n-2\n", "row 3, column 'took' is negative (got '-2')"),
        ("id,took\n1,\n", "row 2, column 'took' is empty"),
        ("took\n1\n\n2\n", "row 3 is incomplete (got an empty row)"),
        ("id,took\n1,2\n3\n", "row 3 is incomplete (got 1 cells where the header has 2)"),
        ("id,took\n", "has no rows below its header"),
        ("", "has no header row"),
        ("took,took\n1,2\n", "has two columns of one name"),
        ("tok,id\n1,2\n", "no such column in the file (got 'took')"),
        ('took\n"1\n', "is not CSV"),
        ("took\n1_000\n", "is not a finite number (got '1_000')"),
        (b"took\n\xff\n", "the file is not UTF-8 text"),
    ],
)
def test_a_bad_cell_is_an_error_that_names_its_row(tmp_path: Path, content: str | bytes, message: str) -> None:
    (tmp_path / "r.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    said, _, _ = refused(Delay, "{empirical: {file: r.csv, column: took, unit: s}}", tmp_path)
    assert message in said


def test_paths_stay_below_the_folder_of_the_scenario(tmp_path: Path) -> None:
    folder = tmp_path / "scenario"
    (folder / "data").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("v\n1\n")
    (folder / "data" / "ok.csv").write_text("v\n1\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "inner.csv").symlink_to(folder / "data" / "ok.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    os.mkfifo(folder / "pipe.csv")
    for file in ("data/ok.csv", "./data/ok.csv", "inner.csv"):
        assert read(Delay, f"{{empirical: {{file: {file}, unit: s}}}}", folder).mean() == 1.0
    for file, message in (
        (f"{tmp_path}/secret.csv", "must stay below"),
        ("../secret.csv", "must stay below"),
        ("data/../../secret.csv", "must stay below"),
        ("..\\\\secret.csv", "must stay below"),
        ("link.csv", "leads out of the scenario's folder"),
        ("loop.csv", "cannot be read"),
        ("pipe.csv", "not a regular file"),
        ("data", "not a regular file"),
        ("missing.csv", "no such file"),
        ("x" * 5000, "cannot be read"),
    ):
        said, _, at = refused(Delay, f'{{empirical: {{file: "{file}", unit: s}}}}', folder)
        assert message in said
        assert at == ("empirical", "file")


def test_a_compressed_bomb_and_a_broken_archive_are_refused(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.csv.gz", "wb", compresslevel=1) as stream:
        stream.write(b"v\n" + b"1\n" * (csv_input.MAX_CSV_BYTES // 2))
    (tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8bnothing")
    (tmp_path / "plain.csv.gz").write_bytes(b"v\n1\n")
    assert "at most 20 MB" in refused(Delay, "{empirical: {file: bomb.csv.gz, unit: s}}", tmp_path)[0]
    for name in ("broken", "plain"):
        assert "cannot be read" in refused(Delay, f"{{empirical: {{file: {name}.csv.gz, unit: s}}}}", tmp_path)[0]


def test_business_hours_are_nine_to_five_from_monday() -> None:
    hours = read(Hours, "business")
    expected = [(0, 0)]
    for day in range(5):
        expected += [(day * DAY + 9 * HOUR, 1), (day * DAY + 17 * HOUR, 0)]
    assert hours.steps() == expected
    assert hours.share() == 40 / 168


def test_always_has_no_change() -> None:
    assert read(Hours, "always").steps() == [(0, 1)]
    assert read(Hours, '{days: mon-sun, from: "00:00", to: "24:00"}').always()


def test_a_night_shift_wraps_past_midnight_and_past_sunday() -> None:
    hours = read(Hours, "{days: [fri, sun], from: 22:00, to: 06:00}")
    assert hours.steps() == [
        (0, 1),
        (6 * HOUR, 0),
        (4 * DAY + 22 * HOUR, 1),
        (5 * DAY + 6 * HOUR, 0),
        (6 * DAY + 22 * HOUR, 1),
    ]


def test_touching_shifts_are_one() -> None:
    hours = read(Hours, '{days: [mon-tue], from: "00:00", to: "24:00"}')
    assert hours.open == ((0, 2 * DAY),)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("busines", "hours are business, always", "did you mean `business`?"),
        ("5", "hours are business, always", "write for example"),
        ("{days: [mon], from: 9, to: 17:00}", "a time of day is needed (got 9)", 'from: "09:00"'),
        ("{days: [mon], from: 25:00, to: 17:00}", "a time of day is needed (got '25:00')", ""),
        ("{days: [mon], from: 09:75, to: 17:00}", "a time of day is needed (got '09:75')", ""),
        ("{days: [mo], from: 09:00, to: 17:00}", "unknown day (got 'mo'); days are mon, tue", ""),
        ("{days: [], from: 09:00, to: 17:00}", "a list of days is needed (got an empty list)", ""),
        ("{days: [mon], from: 09:00}", "to is missing", ""),
        ("{days: [mon], form: 09:00, to: 17:00}", "unknown field", "did you mean `from`?"),
        ("{days: [mon], from: 09:00, to: 09:00}", "from and to leave no time", "24:00"),
    ],
)
def test_wrong_hours_are_refused(text: str, message: str, hint: str) -> None:
    said, hinted, _ = refused(Hours, text)
    assert message in said
    assert hint in hinted


def test_constant_demand_has_one_step() -> None:
    profile = read(Demand, "{constant: 300 req/s}")
    assert profile.steps == ((0.0, 300.0),)
    assert profile.mean() == profile.peak() == 300


def test_diurnal_demand_keeps_the_mean_of_its_cosine() -> None:
    profile = read(Demand, "{diurnal: {low: 1800 req/s, high: 4200 req/s, peak_at: 14 h}}")
    assert profile.period_s == DAY
    assert profile.mean() == pytest.approx(3000, rel=1e-12)
    values = dict(profile.steps)
    # mean of 3000 + 1200 cos(2 pi x / 24) over one hour beside the peak; the hours on both sides are one step
    by_hand = 3000 + 1200 * 24 / (2 * math.pi) * math.sin(2 * math.pi / 24)
    assert values[13 * HOUR] == pytest.approx(by_hand, rel=1e-12)
    assert values[1 * HOUR] == pytest.approx(6000 - by_hand, rel=1e-12)
    assert 14 * HOUR not in values and 2 * HOUR not in values
    shifted = dict(read(Demand, "{diurnal: {low: 0 req/s, high: 2 req/s, peak_at: 30 min}}").steps)
    assert shifted[0] == pytest.approx(1 + math.sin(math.pi / 24) * 24 / math.pi, rel=1e-12)


def test_csv_demand_repeats_scales_and_merges_equal_rows(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("rate\n60\n60\n120\n0\n")
    profile = read(Demand, "{csv: {file: d.csv, step: 5 min, unit: req/min, scale: 2}}", tmp_path)
    assert profile == Profile(1200.0, ((0.0, 2.0), (600.0, 4.0), (900.0, 0.0)), "d.csv, repeating every 20 min")
    assert profile.mean() == 2.0
    cut = read(Demand, "{csv: {file: d.csv, step: 5 min, unit: req/min, period: 12 min}}", tmp_path)
    assert (cut.period_s, cut.steps) == (720.0, ((0.0, 1.0), (600.0, 2.0)))


@pytest.mark.parametrize(
    "times", [("0", "300", "600"), ("2015-02-26T21:42:53Z", "2015-02-26T21:47:53Z", "2015-02-26 21:52:53")]
)
def test_csv_demand_takes_its_step_from_the_times(tmp_path: Path, times: tuple[str, ...]) -> None:
    (tmp_path / "d.csv").write_text("t,rate\n" + "".join(f"{t},{i}\n" for i, t in enumerate(times)))
    profile = read(Demand, "{csv: {file: d.csv, column: rate, time_column: t}}", tmp_path)
    assert (profile.period_s, profile.steps) == (900.0, ((0.0, 0.0), (300.0, 1.0), (600.0, 2.0)))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "0,1\n300,2\n900,3\n",
            "row 4, column 't' comes 10 min after the row before it; rows are 5 min apart",
        ),
        ("0,1\n300,2\n300,3\n", "row 4, column 't' does not come after the row before it"),
        ("0,1\n0,2\n", "row 3, column 't' does not come after the row before it"),
        ("0,1\nlater,2\n", "row 3, column 't' is not a time (got 'later')"),
        ("0,1\nnan,2\n", "row 3, column 't' is not a finite time"),
        ("0,1\n300,\n", "row 3, column 'rate' is empty"),
        ("0,1\n", "a single row does not tell its step"),
    ],
)
def test_a_gap_in_time_is_an_error_that_names_its_row(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "d.csv").write_text("t,rate\n" + rows)
    assert message in refused(Demand, "{csv: {file: d.csv, column: rate, time_column: t}}", tmp_path)[0]


@pytest.mark.parametrize(
    ("text", "message", "hint", "at"),
    [
        ("300 req/s", "demand is exactly one of constant, diurnal, csv (got '300 req/s')", "{constant:", ()),
        ("{}", "demand is exactly one of", "", ()),
        ("{daily: {}}", "unknown form of demand (got 'daily')", "diurnal", ("daily",)),
        ("{constant: 300}", "a rate of requests needs a unit (got 300)", "", ("constant",)),
        ("{diurnal: {low: 1 req/s}}", "high is missing", "peak_at", ("diurnal",)),
        (
            "{diurnal: {low: 9 req/s, high: 3 req/s, peak_at: 1 h}}",
            "high must be at least low",
            "",
            ("diurnal", "high"),
        ),
        (
            "{diurnal: {low: 1 req/s, high: 3 req/s, peak_at: 25 h}}",
            "time of day below 24 h",
            "",
            ("diurnal", "peak_at"),
        ),
        (
            "{diurnal: {low: 1 req/s, high: 3 req/s, peek_at: 1 h}}",
            "unknown field",
            "`peak_at`",
            ("diurnal", "peek_at"),
        ),
        ("{csv: {file: d.csv}}", "step or time_column is needed", "", ("csv",)),
        ("{csv: {file: d.csv, step: 5}}", "a duration needs a unit (got 5)", "", ("csv", "step")),
        (
            "{csv: {file: d.csv, step: 5 s, unit: req}}",
            "a unit of a rate is needed (got 'req')",
            "",
            ("csv", "unit"),
        ),
        ("{csv: {file: d.csv, step: 5 s, scale: 0}}", "scale must be a plain number", "", ("csv", "scale")),
        (
            "{csv: {file: d.csv, step: 5 s, scale: 2 req/s}}",
            "scale must be a plain number",
            "",
            ("csv", "scale"),
        ),
        (
            "{csv: {file: d.csv, step: 5 s, period: 1 h}}",
            "the rows cover 10 s, less than the period",
            "",
            ("csv", "period"),
        ),
        (
            "{csv: {file: d.csv, step: 5 s, column: rat}}",
            "no such column",
            "did you mean `rate`?",
            ("csv", "column"),
        ),
    ],
)
def test_wrong_demand_is_refused(tmp_path: Path, text: str, message: str, hint: str, at: tuple[Any, ...]) -> None:
    (tmp_path / "d.csv").write_text("rate\n1\n2\n")
    said, hinted, where = refused(Demand, text, tmp_path)
    assert message in said
    assert hint in hinted
    assert where == at
