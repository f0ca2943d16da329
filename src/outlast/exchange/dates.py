"""Times as exports write them. What `03/04/2026` means is found from the whole column, or asked for, never guessed."""

from __future__ import annotations

import re
from calendar import month_abbr
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outlast.errors import UsageError, shown
from outlast.exchange.tabular import Problems

ISO, DAY_FIRST, MONTH_FIRST, NAMED = "iso", "day-first", "month-first", "named"
ORDERS = (DAY_FIRST, MONTH_FIRST)
WORDS = {DAY_FIRST: "day/month/year", MONTH_FIRST: "month/day/year"}
_MONTHS = {name.lower(): i for i, name in enumerate(month_abbr) if i}
_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"\s*(Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?"
_NUMERIC = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}", re.ASCII)
_YEAR_FIRST = re.compile(rf"(\d{{4}})([/-])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}{_ZONE}", re.ASCII)
_DAY_NAME = re.compile(rf"(\d{{1,2}})[-/ ]([A-Za-z]{{3}})[a-z]*[-/ ,]+(\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}", re.ASCII)
_NAME_DAY = re.compile(rf"([A-Za-z]{{3}})[a-z]*\.? (\d{{1,2}}),? (\d{{4}}){_CLOCK}{_ZONE}", re.ASCII)
_SHOWN = 5


class Cell(NamedTuple):
    """A time as text: where it stands."""

    text: str
    line: int
    column: str


class _Read(NamedTuple):
    """Year, and the two numbers after it or before it as they stand; rest: clock and zone."""

    order: str
    year: int
    first: int
    second: int
    rest: tuple[str | None, ...]


def read_times(cells: Sequence[Cell], problems: Problems, order: str = "", zone: str = "") -> list[datetime | None]:
    """The instants (UTC) of cells of one file; None for a blank one.  order: how numeric dates are written, one of
    ORDERS.  zone: IANA name, of times that name none (UTC if none in the file does).  Problems are added."""
    local = zone_of(zone)
    reads = [_read(cell, problems) if cell.text.strip() else None for cell in cells]
    settled = _order(cells, reads, problems, order)
    found = [_instant(cell, read, settled, problems) if read else None for cell, read in zip(cells, reads, strict=True)]
    aware = [time is not None and time.tzinfo is not None for time in found]
    bare = [cell for cell, time, known in zip(cells, found, aware, strict=True) if time is not None and not known]
    if any(aware) and bare and not zone:
        problems.add(f"some times name their zone, {len(bare)} do not: {_lines(bare)}",
                     "say in which zone those are: --timezone Asia/Dubai",
                     line=bare[0].line, column=bare[0].column)  # fmt: skip
    return [None if time is None else _utc(time, local) for time in found]


def read_time(text: str, option: str, zone: str = "") -> datetime:
    """One instant as an option gives it: `2026-03-04`, `2026-03-04 05:06`. Raises UsageError."""
    problems = Problems("")
    found = read_times([Cell(text, 0, option)], problems, "", zone)[0]
    if problems.found or found is None:
        raise UsageError(f"{option}: not a date (got {shown(text)})", "write `2026-03-04` or `2026-03-04 05:06`")
    return found


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises UsageError."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"unknown time zone (got {shown(name)})", "an IANA name: Asia/Dubai, Europe/Berlin, UTC"
        ) from None


def _utc(time: datetime, local: tzinfo) -> datetime:
    return (time if time.tzinfo is not None else time.replace(tzinfo=local)).astimezone(UTC)


def _read(cell: Cell, problems: Problems) -> _Read | None:
    text = re.sub(r"[\xa0\u202f]", " ", cell.text).strip()  # Jira puts a narrow space before AM and PM
    if match := _YEAR_FIRST.fullmatch(text):
        return _Read(ISO, int(match[1]), int(match[3]), int(match[4]), match.groups()[4:])
    if match := _NUMERIC.fullmatch(text):
        return _Read("", _year(match[4]), int(match[1]), int(match[3]), match.groups()[4:])
    if (match := _DAY_NAME.fullmatch(text)) and match[2].lower() in _MONTHS:
        return _Read(NAMED, _year(match[3]), _MONTHS[match[2].lower()], int(match[1]), match.groups()[3:])
    if (match := _NAME_DAY.fullmatch(text)) and match[1].lower() in _MONTHS:
        return _Read(NAMED, int(match[3]), _MONTHS[match[1].lower()], int(match[2]), match.groups()[3:])
    problems.add(f"not a time (got {shown(text)})", "write for example `2026-03-04 05:06:07`, or `04/Mar/26 5:06 AM`",
                 line=cell.line, column=cell.column)  # fmt: skip
    return None


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _order(cells: Sequence[Cell], reads: Sequence[_Read | None], problems: Problems, order: str) -> str:
    """How dates of three numbers are written: told, or shown by those that make sense one way only; else nothing."""
    numeric = [(cell, read) for cell, read in zip(cells, reads, strict=True) if read is not None and read.order == ""]
    others = [(cell, read) for cell, read in zip(cells, reads, strict=True) if read is not None and read.order != ""]
    kinds = {read.order for _, read in others}
    if len(kinds) > 1 or (kinds and numeric):
        groups = [[cell for cell, read in others if read.order == kind] for kind in sorted(kinds)]
        groups += [[cell for cell, _ in numeric]] if numeric else []
        said = " and ".join(f"{shown(group[0].text)} ({_lines(group)})" for group in groups)
        problems.add(f"mixed date formats: {said}", "export all dates in one format", line=groups[1][0].line,
                     column=groups[1][0].column)  # fmt: skip
    if not numeric or order:
        return order
    days = [cell for cell, read in numeric if read.first > 12]
    months = [cell for cell, read in numeric if read.second > 12]
    if days and months:
        problems.add(f"mixed date formats: {shown(days[0].text)} is {WORDS[DAY_FIRST]} ({_lines(days)}), "
                     f"{shown(months[0].text)} is {WORDS[MONTH_FIRST]} ({_lines(months)})",
                     "export all dates in one format", line=months[0].line, column=months[0].column)  # fmt: skip
    elif not days and not months:
        first = numeric[0][0]
        problems.add(f"{shown(first.text)} may be day/month or month/day, and so may every date here: "
                     f"{_lines([cell for cell, _ in numeric])}", "say which: --dates day-first, or --dates month-first",
                     line=first.line, column=first.column)  # fmt: skip
    else:
        return DAY_FIRST if days else MONTH_FIRST
    return ""


def _lines(cells: Sequence[Cell]) -> str:
    lines = list(dict.fromkeys(cell.line for cell in cells))
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:_SHOWN]))}{more}"


def _instant(cell: Cell, read: _Read, order: str, problems: Problems) -> datetime | None:
    if read.order == order == "":
        return None
    month, day = (read.second, read.first) if read.order == "" and order == DAY_FIRST else (read.first, read.second)
    hour, minute, second, fraction, half, zone = read.rest
    try:
        return datetime(read.year, month, day, _hour(hour, half), int(minute or 0), int(second or 0),
                        int((fraction or "0")[:6].ljust(6, "0")), _offset(zone))  # fmt: skip
    except ValueError:
        as_order = f" as {WORDS[order]}" if read.order == "" else ""
        problems.add(f"no such time{as_order} (got {shown(cell.text.strip())})", line=cell.line, column=cell.column)
        return None


def _hour(hour: str | None, half: str | None) -> int:
    number = int(hour or 0)
    if half is None:
        return number
    if not 1 <= number <= 12:
        raise ValueError("an hour of twelve")
    return number % 12 + (12 if half[0] in "Pp" else 0)


def _offset(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if zone[0] == "-" else away)
