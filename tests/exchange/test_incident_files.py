"""Exports of ticket systems as they come: columns, encodings, dates, and everything that can be wrong with them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from outlast.errors import ScenarioError, UsageError
from outlast.exchange.incidents import read

SERVICENOW = """\
"number","short_description","opened_at","resolved_at","closed_at","cmdb_ci","priority","state"
"INC001","node down, rack 7","2026-01-04 10:00:00","2026-01-04 12:30:00","2026-01-06 09:00:00","gpu-01","1 - Critical","Closed"
"INC002","two
lines","2026-01-05 10:00:00","","2026-01-05 11:00:00","gpu-02","2 - High","Closed"
"INC003","still going","2026-01-06 10:00:00","","","gpu-01","1 - Critical","In Progress"
"INC004","by mistake","2026-01-06 10:00:00","","","gpu-01","4 - Low","Canceled"
"""
JIRA = """\
Summary,Issue key,Status,Resolution,Created,Resolved,Component/s,Component/s,Priority
api down,OPS-1,Done,Fixed,04/Mar/26 5:06 PM,04/Mar/26 6:06 PM,,api,Highest
twice,OPS-2,Done,Duplicate,04/Mar/26 5:07 PM,04/Mar/26 5:08 PM,api,,High
open,OPS-3,Open,,14/Mar/26 12:00 AM,,api,db,High
"""


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "tickets.csv"
    file.write_bytes(text.encode(encoding))
    return file


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def problems(folder: Path, text: str, **how: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read(write(folder, text), **how)  # type: ignore[arg-type]
    return [str(problem).replace(str(folder), "") for problem in caught.value.problems]


# Formats


def test_servicenow_is_known_by_its_columns_and_falls_back_to_when_a_ticket_was_closed(tmp_path: Path) -> None:
    found = read(write(tmp_path, SERVICENOW))
    assert found.attrs["format"] == "ServiceNow"
    assert list(found["key"]) == ["INC001", "INC002", "INC003"] and list(found["line"]) == [2, 3, 5]
    assert list(found["end"]) == [utc("2026-01-04 12:30"), utc("2026-01-05 11:00"), pd.NaT]
    assert found.attrs["notes"][1] == "1 of 4 incidents were cancelled, duplicates or the like: left out"


def test_labels_of_servicenow_are_known_too(tmp_path: Path) -> None:
    text = "Number,Opened,Resolved,Configuration item\nINC1,2026-01-04 10:00:00,2026-01-04 12:00:00,db\n"
    assert list(read(write(tmp_path, text))["component"]) == ["db"]


def test_jira_is_known_and_takes_the_first_component_that_is_filled_in(tmp_path: Path) -> None:
    found = read(write(tmp_path, JIRA))
    assert found.attrs["format"] == "Jira"
    assert list(found["component"]) == ["api", "api"]
    assert list(found["start"]) == [utc("2026-03-04 17:06"), utc("2026-03-14 00:00")]


def test_any_other_file_says_which_columns_are_meant(tmp_path: Path) -> None:
    text = "service;from;to\napi;2026-01-01T00:00Z;2026-01-01T01:00Z\n"
    file = write(tmp_path, text)
    with pytest.raises(
        UsageError, match=r"tickets\.csv:1: neither ServiceNow's nor Jira's columns.*\n.*service, from, to"
    ):
        read(file)
    found = read(file, columns={"start": "from", "end": "to", "component": "service"})
    assert found.loc[0, "component"] == "api" and found.loc[0, "end"] == utc("2026-01-01 01:00")
    with pytest.raises(UsageError, match=r"no column 'form'\n  hint: did you mean `from`\?"):
        read(file, columns={"start": "form", "end": "to"})
    with pytest.raises(UsageError, match="unknown role of a column"):
        read(file, columns={"begin": "from"})


def test_columns_told_replace_those_found(tmp_path: Path) -> None:
    found = read(write(tmp_path, SERVICENOW), columns={"end": "closed_at", "component": "priority", "unit": "cmdb_ci"})
    assert found.loc[0, "end"] == utc("2026-01-06 09:00") and found.loc[0, "component"] == "1 - Critical"


def test_incidents_are_grouped_into_components_whose_units_are_named(tmp_path: Path) -> None:
    file = write(tmp_path, "start,end,component\n2026-01-01,2026-01-02,gpu-01\n2026-01-01,2026-01-02,db\n")
    found = read(file, components=["train=gpu-*"])
    assert found[["component", "unit"]].values.tolist() == [["train", "gpu-01"]]
    assert "1 of 2 incidents are of other components: left out" in found.attrs["notes"]
    assert list(read(file, components=["all-of-it"])["unit"]) == ["gpu-01", "db"]
    with pytest.raises(UsageError, match="no incident is left"):
        read(file, components=["x=y"])


def test_rows_can_be_chosen_by_a_column(tmp_path: Path) -> None:
    file = write(tmp_path, SERVICENOW)
    assert list(read(file, where=["priority=1*"])["key"]) == ["INC001", "INC003"]
    with pytest.raises(UsageError, match="no incident is priority=9"):
        read(file, where=["priority=9"])
    with pytest.raises(UsageError, match="did you mean `priority`"):
        read(file, where=["prioriti=9"])


def test_incidents_without_a_component_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read(write(tmp_path, "start,end,component\n2026-01-01,2026-01-02,\n2026-01-01,2026-01-02,db\n"))
    assert len(found) == 1 and "1 of 2 incidents name no component: left out" in found.attrs["notes"]


def test_a_file_without_components_is_of_one(tmp_path: Path) -> None:
    assert list(read(write(tmp_path, "start,end\n2026-01-01,2026-01-02\n"))["component"]) == ["all"]


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    text = SERVICENOW.replace("gpu-01", "gpu-é漢")
    found = read(write(tmp_path, text, encoding))
    assert found.loc[0, "component"] == "gpu-é漢"
    assert not [note for note in found.attrs["notes"] if "UTF-8" in note]


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    file = write(tmp_path, SERVICENOW.replace("gpu-01", "Gerät"), "cp1252")
    found = read(file)
    assert found.loc[0, "component"] == "Gerät"
    assert any("is not UTF-8: read as Windows-1252" in note for note in found.attrs["notes"])
    assert read(file, encoding="latin-1").loc[0, "component"] == "Gerät"
    with pytest.raises(UsageError, match="not utf-8 text"):
        read(file, encoding="utf-8")
    with pytest.raises(UsageError, match="unknown encoding"):
        read(file, encoding="utf-99")


def test_compressed_files_are_read_and_damaged_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv.gz"
    file.write_bytes(gzip.compress(SERVICENOW.encode()))
    assert len(read(file)) == 3
    file.write_bytes(gzip.compress(SERVICENOW.encode())[:-20])
    with pytest.raises(UsageError, match="the compressed file is damaged"):
        read(file)
    file.write_bytes(b"not gzip")
    with pytest.raises(UsageError, match=r"tickets\.csv\.gz"):
        read(file)


# Dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-04", "2026-03-04"),
        ("2026-03-04 05:06", "2026-03-04 05:06"),
        ("2026-03-04T05:06:07.25Z", "2026-03-04 05:06:07.25"),
        ("2026-03-04T05:06:07+04:00", "2026-03-04 01:06:07"),
        ("2026-03-04 05:06:07 -0330", "2026-03-04 08:36:07"),
        ("2026/03/04 05:06", "2026-03-04 05:06"),
        ("04/Mar/26 5:06 PM", "2026-03-04 17:06"),
        ("04/Mar/26 12:06\u202fAM", "2026-03-04 00:06"),
        ("4 March 2026, 05:06", "2026-03-04 05:06"),
        ("Mar 4, 2026 5:06 pm", "2026-03-04 17:06"),
        ("14/03/2026 05:06:07", "2026-03-14 05:06:07"),
        ("03/14/2026 5:06 PM", "2026-03-14 17:06"),
        ("14.03.2026 05:06", "2026-03-14 05:06"),
    ],
)
def test_times_are_read_as_they_are_usually_written(tmp_path: Path, text: str, expected: str) -> None:
    found = read(write(tmp_path, f'start,end\n"{text}",\n'))
    assert found.loc[0, "start"] == utc(expected)


def test_dates_that_can_be_read_two_ways_are_asked_about(tmp_path: Path) -> None:
    text = "start,end\n03/04/2026 10:00,03/04/2026 12:00\n05/04/2026 10:00,\n"
    (said,) = problems(tmp_path, text)
    assert said == ("/tickets.csv:2: start: '03/04/2026 10:00' may be day/month or month/day, and so may every date here: "
                    "lines 2, 3\n  hint: say which: --dates day-first, or --dates month-first")  # fmt: skip
    assert read(write(tmp_path, text), dates="day-first").loc[0, "start"] == utc("2026-04-03 10:00")
    assert read(write(tmp_path, text), dates="month-first").loc[0, "start"] == utc("2026-03-04 10:00")


def test_one_date_that_can_be_read_one_way_only_settles_the_others(tmp_path: Path) -> None:
    found = read(write(tmp_path, "start,end\n03/04/2026,\n25/04/2026,\n"))
    assert list(found["start"]) == [utc("2026-04-03"), utc("2026-04-25")]


def test_mixed_formats_of_dates_are_refused_with_their_lines(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, "start,end\n25/04/2026,\n04/25/2026,\n")
    assert (
        "mixed date formats: '25/04/2026' is day/month/year (line 2), '04/25/2026' is month/day/year (line 3)" in said
    )
    said = problems(tmp_path, "start,end\n2026-04-25,\n25/04/2026,\n2026-04-26,\n")[0]
    assert said.startswith(
        "/tickets.csv:3: start: mixed date formats: '2026-04-25' (lines 2, 4) and '25/04/2026' (line 3)"
    )


def test_mixed_time_zones_are_refused_unless_the_other_zone_is_told(tmp_path: Path) -> None:
    text = "start,end\n2026-04-25 10:00,\n2026-04-25 10:00+02:00,\n"
    (said,) = problems(tmp_path, text)
    assert said.startswith("/tickets.csv:2: start: some times name their zone, 1 do not: line 2")
    found = read(write(tmp_path, text), timezone="Asia/Dubai")
    assert list(found["start"]) == [utc("2026-04-25 06:00"), utc("2026-04-25 08:00")]
    with pytest.raises(UsageError, match="unknown time zone"):
        read(write(tmp_path, text), timezone="Mars/Base")


# What is wrong with rows


def test_every_mistake_is_said_at_once_with_its_line(tmp_path: Path) -> None:
    said = problems(tmp_path, (
        "number,opened_at,resolved_at,cmdb_ci,state\n"
        "A,2026-01-04 10:00,2026-01-04 09:00,db,Closed\n"
        "A,2026-01-05 10:00,2026-01-05 11:00,db,Closed\n"
        "B,yesterday,,db,New\n"
        "C,,,db,New\n"
        "D,2026-02-30,,db,New\n"
        "E,2026-01-05,,db,Resolved\n"
    ))  # fmt: skip
    assert [text.splitlines()[0] for text in said] == [
        "/tickets.csv:4: start: not a time (got 'yesterday')",
        "/tickets.csv:6: start: no such time (got '2026-02-30')",
        "/tickets.csv:2: end: ends before it starts (from 2026-01-04 10:00 to 2026-01-04 09:00)",
        "/tickets.csv:3: key: 'A' stands in line 2 too",
        "/tickets.csv:5: start: the incident has no start",
        "/tickets.csv:7: end: is 'Resolved', but has no end",
    ]


def test_many_mistakes_are_counted_beyond_the_first_twenty(tmp_path: Path) -> None:
    said = problems(tmp_path, "start,end\n" + "soon,\n" * 50)
    assert len(said) == 21 and said[-1] == "/tickets.csv: and 30 more problems like these"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("start,end\n", "there is a header, but no incident below it"),
        ("start,end\n2026-01-01\n", ":2: the row is incomplete (got 1 cells where the header has 2)"),
        ('start,end\n"2026-01-01,\n', ":2: not CSV: unexpected end of data"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in problems(tmp_path, text)[0]


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    with pytest.raises(UsageError, match="No such file"):
        read(file)
    file.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 4)
    with pytest.raises(UsageError, match="not a text file"):
        read(file)
