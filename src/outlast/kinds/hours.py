"""Weekly working hours: `business`, `always`, or `{days: [mon, tue], from: "09:00", to: "17:00"}`.

Time 0 of a run is Monday 00:00.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from outlast.errors import FieldError, nearest_hint, shown

WEEK_S = 604_800
DAY_S = 86_400
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_FIELDS = ("days", "from", "to")
_EXAMPLE = 'write for example `{days: [mon, tue, wed], from: "09:00", to: "17:00"}`, `business` or `always`'


@dataclass(frozen=True)
class Hours:
    """When somebody works. open: (start, end) in seconds of the week, ascending, apart from each other."""

    open: tuple[tuple[int, int], ...]
    label: str = ""

    def steps(self) -> list[tuple[int, int]]:
        """(second of the week, 1 working or 0 not) at every change, the first at 0."""
        changes = {0: 0}
        for start, end in self.open:
            changes[start] = 1
            if end < WEEK_S:
                changes.setdefault(end, 0)
        return sorted(changes.items())

    def share(self) -> float:
        """Working time as a share of the week."""
        return sum(end - start for start, end in self.open) / WEEK_S

    def always(self) -> bool:
        """True where nobody ever stops working."""
        return self.open == ((0, WEEK_S),)


def read_hours(value: object) -> Hours:
    """The hours that `value` describes. Raises FieldError with the path of the culprit."""
    if isinstance(value, Hours):
        return value
    if value == "always":
        return Hours(((0, WEEK_S),), "always")
    if value == "business":
        return Hours(_weekly(range(5), 9 * 3600, 17 * 3600), "business")
    if not isinstance(value, Mapping):
        hint = nearest_hint(str(value), ("business", "always")) if isinstance(value, str) else ""
        hint = hint if hint.startswith("did you mean") else _EXAMPLE
        raise FieldError(f"hours are business, always, or days with from and to (got {shown(value)})", hint)
    for key in value:
        if key not in _FIELDS:
            raise FieldError("unknown field", nearest_hint(str(key), _FIELDS, "fields"), (str(key),))
    for key in _FIELDS:
        if key not in value:
            raise FieldError(f"{key} is missing", _EXAMPLE)
    days = _days(value["days"])
    start, end = _clock(value["from"], "from"), _clock(value["to"], "to")
    if start in (end, DAY_S):
        hint = 'write `from: "00:00", to: "24:00"` for whole days'
        raise FieldError(f"from and to leave no time (got {value['from']} to {value['to']})", hint, ("to",))
    label = f"{', '.join(DAYS[day] for day in days)} {value['from']} to {value['to']}"
    return Hours(_weekly(days, start, end), label)


def _days(given: object) -> list[int]:
    """Days of the week as numbers from Monday = 0; an entry may be a range such as `mon-fri`."""
    entries = [given] if isinstance(given, str) else given
    if not isinstance(entries, list | tuple) or not entries:
        hint = "write `[mon, tue, wed]`"
        raise FieldError(f"a list of days is needed (got {shown(given)})", hint, ("days",))
    days: set[int] = set()
    for i, entry in enumerate(entries):
        where = ("days",) if isinstance(given, str) else ("days", i)
        names = str(entry).split("-")
        if len(names) > 2 or any(name not in DAYS for name in names):
            raise FieldError(f"unknown day (got {shown(entry)}); days are {', '.join(DAYS)}", "", where)
        first, last = DAYS.index(names[0]), DAYS.index(names[-1])
        days.update((first + k) % 7 for k in range((last - first) % 7 + 1))
    return sorted(days)


def _clock(value: object, name: str) -> int:
    """Seconds after midnight of `HH:MM`, up to 24:00."""
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    seconds = int(match[1]) * 3600 + int(match[2]) * 60 if match else DAY_S + 1
    if match is None or int(match[2]) > 59 or seconds > DAY_S:
        raise FieldError(f"a time of day is needed (got {shown(value)})", f'write `{name}: "09:00"`', (name,))
    return seconds


def _weekly(days: range | list[int], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The open intervals of a week; a shift past Sunday midnight goes on in Monday's first hours."""
    length = end - start if end > start else end - start + DAY_S
    raw: list[tuple[int, int]] = []
    for day in days:
        begin = day * DAY_S + start
        raw.append((begin, min(begin + length, WEEK_S)))
        if begin + length > WEEK_S:
            raw.append((0, begin + length - WEEK_S))
    joined: list[tuple[int, int]] = []
    for begin, stop in sorted(raw):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((begin, stop))
    return tuple(joined)
