"""Timelines of one replication: bars where the outages are, in SVG and in Mermaid."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from outlast.report.timeline import MOST_TASKS, PLOT, around_longest, timeline, timeline_mermaid, timeline_svg
from outlast.run.history import History, replay
from outlast.scenario import loads

SVG = "{http://www.w3.org/2000/svg}"
DAY = 86_400.0

# db is down from day 9 to 10 and 19 to 20; an item of pair fails when it is 15 days old, for 2 days.
CLOCKWORK = """\
scenario: clock;work
horizon: 25 d
components:
  db: {kind: component, time_to_failure: 9 d, repair: {lasts: 1 d}}
  pair: {kind: component, count: 2, needs_up: 1, time_to_failure: {at: [15 d]}, repair: {lasts: 2 d}}
""".replace("count: 2, needs_up: 1, ", "").replace("clock;work", "clockwork")


@pytest.fixture(scope="module")
def history() -> History:
    return replay(loads(CLOCKWORK).program(), 1, 0)


def bars(svg: str) -> list[tuple[str, float, float]]:
    """(title, x, width) of every bar."""
    root = ElementTree.fromstring(svg)
    return [(rect.findtext(f"{SVG}title", ""), float(rect.attrib["x"]), float(rect.attrib["width"]))
            for rect in root.iter(f"{SVG}rect")]  # fmt: skip


def test_bars_are_where_the_outages_are(history: History) -> None:
    found = bars(timeline_svg(timeline(history, "t", "db")))
    outages = [(x, width) for title, x, width in found if title.startswith("outage")]
    assert [width for _, width in outages] == pytest.approx([PLOT / 25] * 2)
    assert outages[1][0] - outages[0][0] == pytest.approx(PLOT * 10 / 25)
    assert found[0][0] == "outage of 1 d from 9 d on, caused by db"


def test_a_part_of_the_time_shows_what_is_in_it_and_cuts_what_reaches_out(history: History) -> None:
    drawn = timeline(history, "t", "db", 9.5 * DAY, 12 * DAY)
    assert [(bar.start, bar.end) for lane in drawn.lanes for bar in lane.bars if not lane.item] == [
        (9.5 * DAY, 10 * DAY)
    ]


def test_the_longest_outage_stands_in_the_middle(history: History) -> None:
    assert around_longest(history, "pair") == (14 * DAY, 18 * DAY)
    assert around_longest(history, "db") == (8.5 * DAY, 10.5 * DAY)
    drawn = timeline(history, "t", "", *around_longest(history, "pair"), busy=True)
    assert {lane.name for lane in drawn.lanes} == {"pair"}


def test_the_text_alternative_counts_outages(history: History) -> None:
    root = ElementTree.fromstring(timeline_svg(timeline(history, "t")))
    assert "db: 2 outages, 2 d." in root.findtext(f"{SVG}desc", "")


def test_a_gantt_chart_has_the_dates_of_the_outages(history: History) -> None:
    text = timeline_mermaid(timeline(history, "a: title; here", "db"), origin_ms=1_000)
    assert text.startswith("gantt\n    title a  title  here\n    dateFormat x\n")
    assert f":crit, {1000 + 9 * 86_400_000}, {1000 + 10 * 86_400_000}\n" in text
    for line in text.splitlines()[4:]:
        assert re.match(r"^    (section [^:;#%]+|[^:;#%]+ :(crit, )?\d+, \d+)$", line), line


def test_a_gantt_chart_keeps_the_longest_bars_and_says_so() -> None:
    often = CLOCKWORK.replace(
        "time_to_failure: 9 d, repair: {lasts: 1 d}", "time_to_failure: 1 h, repair: {lasts: 1 min}"
    )
    text = timeline_mermaid(timeline(replay(loads(often).program(), 1, 0), "t"))
    tasks = [line for line in text.splitlines() if re.search(r"\d+, \d+$", line)]
    assert len(tasks) == MOST_TASKS
    total = re.search(r"%% the 100 longest of (\d+)", text)
    assert total is not None and int(total[1]) > 500
    assert f"{15 * 86_400_000}, {17 * 86_400_000}" in text
