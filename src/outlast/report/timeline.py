"""When what was down in one replication: a lane per component, below it one per item that failed; SVG or Mermaid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outlast.report.svg import Pen, cut, text_width
from outlast.units import format_duration

if TYPE_CHECKING:
    from outlast.run.history import History

MARGIN, LANE, THIN, AXIS, PLOT, SIDE = 12.0, 30.0, 18.0, 30.0, 860.0, 150.0
LABEL = 250.0  # most width of names
LEAST = 1.5  # width of a bar: what is shorter is still seen
MOST_ITEMS = 12  # lanes of items of one component; more are drawn in one
MOST_TASKS = 100  # of a Mermaid chart, which becomes unreadable, and slow, with more
TICKS = tuple(
    s * unit for unit, steps in ((1.0, (1, 5, 15, 30)), (60.0, (1, 5, 15, 30)), (3600.0, (1, 3, 6, 12)),
                                 (86_400.0, (1, 2, 7, 14, 30, 60, 90, 180, 365)))
    for s in steps
)  # fmt: skip
INK, FAINT = 'fill="currentColor"', 'fill="currentColor" fill-opacity="0.7"'
ALARM, ACCENT = 'class="alarm" fill="#b5482a"', 'class="accent" fill="#2f6fb7" fill-opacity="0.55"'


@dataclass(frozen=True)
class Bar:
    """A span of time, words: what a pointer shows."""

    start: float
    end: float
    words: str


@dataclass(frozen=True)
class Lane:
    """A row of bars.  item: whether it is of single items, not of a component."""

    name: str
    item: bool
    bars: tuple[Bar, ...]

    @property
    def down(self) -> float:
        """Seconds in all bars."""
        return sum(bar.end - bar.start for bar in self.bars)


@dataclass(frozen=True)
class Timeline:
    """What is drawn of a history: times from `since` to `until`."""

    title: str
    since: float
    until: float
    lanes: tuple[Lane, ...]


def timeline(history: History, title: str, component: str = "", since: float = 0.0, until: float | None = None, *,
             busy: bool = False) -> Timeline:  # fmt: skip
    """All components, or one and its items, of a history.  busy: only components where something happened."""
    end = history.horizon if until is None else min(until, history.horizon)
    lanes: list[Lane] = []
    for name in dict.fromkeys([*history.measured, *(one.component for one in history.failures)]):
        if component in ("", name):
            own = list(_lanes(history, name, since, end))
            lanes += own if not busy or any(lane.bars for lane in own) else []
    return Timeline(title, since, end, tuple(lanes))


def around_longest(history: History, component: str = "") -> tuple[float, float]:
    """Times around the longest outage of a component, or of all: with half its length before and after."""
    outages = history.outages
    if component:
        outages = outages[outages["component"] == component]
    if outages.empty:
        return 0.0, history.horizon
    starts, lengths = outages["start_s"].to_numpy(), outages["duration_s"].to_numpy()
    start, lasts = float(starts[lengths.argmax()]), float(lengths.max())
    return max(0.0, start - lasts / 2), min(history.horizon, start + 1.5 * lasts)


def _lanes(history: History, component: str, since: float, until: float) -> Iterator[Lane]:
    rows = history.outages[history.outages["component"] == component].to_dict("records")
    if component in history.measured:
        outages = [(row["start_s"], row["start_s"] + row["duration_s"], row["cause"]) for row in rows]
        yield Lane(component, False, tuple(_bars(outages, "outage", since, until)))
    failures: dict[str, list[tuple[float, float, str]]] = {}
    for one in history.failures:
        if one.component == component and one.start < until and one.end > since:
            failures.setdefault(one.unit, []).append((one.start, one.end, one.cause if one.cause != one.unit else ""))
    if len(failures) > MOST_ITEMS:
        together = sorted(span for spans in failures.values() for span in spans)
        yield Lane(f"{len(failures)} items", True, tuple(_bars(together, "failure", since, until)))
        return
    for name, spans in failures.items():
        if name.removesuffix(" outage") != component:  # the outage of a place is its only item
            yield Lane(name, True, tuple(_bars(spans, "failure", since, until)))


def _bars(spans: list[tuple[float, float, str]], what: str, since: float, until: float) -> Iterator[Bar]:
    for start, end, cause in spans:
        if start < until and end > since:
            by = f", caused by {cause}" if cause else ""
            words = f"{what} of {format_duration(end - start)} from {format_duration(start)} on{by}"
            yield Bar(max(start, since), min(end, until), words)


# -- SVG ------------------------------------------------------------------------------------------------------
def timeline_svg(drawn: Timeline) -> str:
    """A self-contained `<svg>`, readable in dark and light, with a text alternative."""
    pen = Pen()
    names = [text_width(lane.name, 12.5) + 12 for lane in drawn.lanes]
    left = MARGIN + min(LABEL, max(names, default=0.0))
    scale = PLOT / (drawn.until - drawn.since)
    bottom = MARGIN + AXIS + sum(_height(lane) for lane in drawn.lanes)
    for at in _ticks(drawn.since, drawn.until):
        x = left + (at - drawn.since) * scale
        pen.path(f"M{x:g} {MARGIN + AXIS - 6:g}V{bottom:g}", 'stroke="currentColor" stroke-opacity="0.18"')
        pen.text(x, MARGIN + AXIS - 12, format_duration(at), 10.5, f'{FAINT} text-anchor="middle"')
    y = MARGIN + AXIS
    for lane in drawn.lanes:
        _lane(pen, lane, y, left, drawn.since, scale)
        y += _height(lane)
    pen.text(MARGIN, y + 18, f"{drawn.title}. Filled: outages of components; pale: failures of items. Time since the "
             "start of the simulation.", 10.5, FAINT)  # fmt: skip
    return pen.document(left + PLOT + SIDE, y + 30, drawn.title, _words(drawn))


def _height(lane: Lane) -> float:
    return THIN if lane.item else LANE


def _lane(pen: Pen, lane: Lane, y: float, left: float, since: float, scale: float) -> None:
    height, indent = _height(lane), 12.0 if lane.item else 0.0
    size, weight = (11.0, "") if lane.item else (12.5, ' font-weight="600"')
    if not lane.item:
        pen.path(f"M{MARGIN:g} {y:g}H{left + PLOT:g}", 'stroke="currentColor" stroke-opacity="0.16"')
    text = cut(lane.name, left - MARGIN - indent - 8, size)
    pen.text(MARGIN + indent, y + height / 2 + 4, text, size, (FAINT if lane.item else INK) + weight, lane.name)
    for bar in lane.bars:
        width = max(LEAST, (bar.end - bar.start) * scale)
        x = left + min((bar.start - since) * scale, PLOT - width)
        pen.box(x, y + 4, width, height - 8, ACCENT if lane.item else ALARM, bar.words, radius=1)
    if lane.bars:
        number = f"{len(lane.bars)} x, " if len(lane.bars) > 1 else ""
        pen.text(left + PLOT + 8, y + height / 2 + 4, f"{number}{format_duration(lane.down)}", 10.5, FAINT)


def _ticks(since: float, until: float) -> Iterator[float]:
    """Round times, at most eight apart from the ends."""
    step = next((tick for tick in TICKS if (until - since) / tick <= 8), TICKS[-1])
    while (until - since) / step > 8:
        step *= 2
    first = math.ceil(since / step)
    yield from (k * step for k in range(first, math.floor(until / step) + 1))


def _words(drawn: Timeline) -> Iterator[str]:
    yield f"From {format_duration(drawn.since)} to {format_duration(drawn.until)} after the start."
    for lane in drawn.lanes:
        what = "failures" if lane.item else "outages"
        yield f"{lane.name}: {len(lane.bars)} {what}, {format_duration(lane.down)}."


# -- Mermaid --------------------------------------------------------------------------------------------------
def timeline_mermaid(drawn: Timeline, origin_ms: int = 0) -> str:
    """A Mermaid gantt chart with the longest bars.  origin_ms: time 0 in milliseconds since 1970."""
    every = [(bar.end - bar.start, lane.name, bar) for lane in drawn.lanes for bar in lane.bars]
    kept = sorted(every, key=lambda one: -one[0])[:MOST_TASKS]
    lines = ["gantt", f"    title {_plain(drawn.title)}", "    dateFormat x", "    axisFormat %Y-%m-%d %H:%M"]
    if len(kept) < len(every):
        lines.append(f"    %% the {len(kept)} longest of {len(every)}")
    chosen = {id(bar) for _, _, bar in kept}
    for lane in drawn.lanes:
        bars = [bar for bar in lane.bars if id(bar) in chosen]
        if bars:
            lines.append(f"    section {_plain(lane.name)}")
        for bar in bars:
            start = origin_ms + math.floor(bar.start * 1000)
            end = max(start + 1, origin_ms + math.ceil(bar.end * 1000))
            lines.append(f"    {_plain(bar.words)} :{'' if lane.item else 'crit, '}{start}, {end}")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Without what separates the fields of a task, comments and markup."""
    return "".join(" " if letter in ':;#%<>"`,\n' else letter for letter in text)
