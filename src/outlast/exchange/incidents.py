"""Incidents as ticket systems export them (ServiceNow, Jira, any CSV): which component was down, from when to when."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

import pandas as pd

from outlast.errors import UsageError, nearest_hint, shown
from outlast.exchange.dates import Cell, read_times
from outlast.exchange.tabular import Problems, Table, read_table

ROLES = ("start", "end", "component", "unit", "key", "state", "priority")
Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Format:
    """How a program names what we need. columns: by role the names it may have, the first that is filled in counts.
    needed: roles without which the file is something else."""

    title: str
    columns: Columns
    needed: tuple[str, ...]


FORMATS = (
    Format("outlast export incidents", {
        "key": ("number",), "start": ("opened_at",), "end": ("resolved_at",), "component": ("component",),
        "unit": ("cmdb_ci",), "priority": ("priority",), "state": ("state",), "simulated": ("simulated",),
    }, ("key", "start", "end", "component", "simulated")),
    Format("ServiceNow", {
        "key": ("number",), "start": ("opened_at", "opened"), "end": ("resolved_at", "resolved", "closed_at", "closed"),
        "component": ("cmdb_ci", "configuration item"), "priority": ("priority",), "state": ("state", "incident state"),
    }, ("key", "start", "end")),
    Format("Jira", {
        "key": ("issue key", "key"), "start": ("created",), "end": ("resolved",),
        "component": ("component/s", "components", "component"), "priority": ("priority",),
        "state": ("resolution", "status"),
    }, ("key", "start", "end")),
    Format("generic", {role: (role,) for role in ROLES}, ("start", "end")),
)  # fmt: skip
VOID = ("canceled", "cancelled", "8", "duplicate", "won't do", "won't fix", "cannot reproduce", "declined", "rejected")
OVER = ("resolved", "closed", "done", "6", "7")
ALL = "all"  # the component where no column names one


def read(
    path: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    components: Sequence[str] = (),
    where: Sequence[str] = (),
    dates: str = "",
    timezone: str = "",
    encoding: str = "",
) -> pd.DataFrame:
    """Incidents in the order of the file: key, component, unit, start, end (UTC; NaT while open), priority, line.

    columns: names of columns by role (start, end, component, unit, key, state, priority), beside or instead of those
    found by the header.  components: `NAME` (all are of this component, and what the component column names are its
    units) or `NAME=PATTERN` (those whose component matches).  where: `COLUMN=VALUE` of rows that count (`*`: any).
    dates: `day-first` or `month-first`, where the dates themselves do not show it.  timezone: of times that name none.
    attrs: source, format, notes.  Raises ScenarioError with all that is wrong, UsageError.
    """
    table = read_table(path, encoding)
    problems = Problems(table.file)
    form, roles = _roles(table, columns or {})
    kept = _kept(table, roles, where)
    cells = {role: [_cell(table, row, names) for row in kept] for role, names in roles.items()}
    lines = [table.lines[row] for row in kept]
    blank = [""] * len(kept)
    times = _times(cells, lines, problems, dates, timezone)
    _check(cells, lines, times, problems)
    problems.settle()
    frame = pd.DataFrame({
        "key": cells.get("key", blank), "component": cells.get("component", blank), "unit": cells.get("unit", blank),
        "start": pd.to_datetime(pd.Series(times["start"], dtype="object"), utc=True),
        "end": pd.to_datetime(pd.Series(times["end"], dtype="object"), utc=True),
        "priority": cells.get("priority", blank), "line": lines,
    })  # fmt: skip
    grouped = _grouped(frame, components, "component" in roles, table)
    grouped.attrs = {"source": os.path.basename(table.file), "format": form, "notes": table.notes}
    return grouped


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def _roles(table: Table, told: Mapping[str, str]) -> tuple[str, dict[str, list[int]]]:
    """The format found by the header, and the places of the columns of each role."""
    for role, name in told.items():
        if role not in ROLES:
            raise UsageError(f"unknown role of a column (got {shown(role)})", nearest_hint(role, ROLES, "roles"))
        if name not in table.header:
            raise UsageError(
                f"{table.file}:1: there is no column {shown(name)}", nearest_hint(name, table.header, "columns")
            )
    own = {role: [i for i, name in enumerate(table.header) if name == wanted] for role, wanted in told.items()}
    for form in FORMATS:
        found = {role: _places(table.header, names) for role, names in form.columns.items()}
        if all(found.get(role) for role in form.needed):
            table.notes.append(f"{table.file}: {_said(form.title, {**found, **own}, table.header)}")
            return form.title, {role: places for role, places in {**found, **own}.items() if places and role in ROLES}
    if missing := [role for role in ("start", "end") if role not in own]:
        raise UsageError(
            f"{table.file}:1: neither ServiceNow's nor Jira's columns, and none called {' or '.join(missing)}",
            "say which: --columns start=...,end=...,component=...; there are " + ", ".join(table.header[:20]),
        )
    table.notes.append(f"{table.file}: {_said('generic', own, table.header)}")
    return "generic", own


def _places(header: Sequence[str], names: Sequence[str]) -> list[int]:
    """Columns of these names, the most wanted first; Jira repeats a column that has several values."""
    return [
        i for wanted in names for i, name in enumerate(header) if _plain(name) in (wanted, wanted.replace("_", " "))
    ]


def _said(title: str, roles: Mapping[str, Sequence[int]], header: Sequence[str]) -> str:
    used = ", ".join(f"{role}={header[places[0]]}" for role, places in roles.items() if places and role in ROLES)
    return f"columns of {title}: {used}" if title != "generic" else f"columns: {used}"


def _cell(table: Table, row: int, places: Sequence[int]) -> str:
    return next((text for i in places if (text := table.rows[row][i].strip())), "")


def _kept(table: Table, roles: Mapping[str, Sequence[int]], where: Sequence[str]) -> list[int]:
    """Rows that count: those asked for, without tickets that were cancelled or void."""
    rows = list(range(len(table.rows)))
    for text in where:
        column, equals, pattern = text.partition("=")
        if not equals or column not in table.header:
            raise UsageError(
                f"--where is COLUMN=VALUE (got {shown(text)})", nearest_hint(column, table.header, "columns")
            )
        place = [i for i, name in enumerate(table.header) if name == column]
        rows = [row for row in rows if any(fnmatchcase(table.rows[row][i].strip(), pattern) for i in place)]
    if where and not rows:
        raise UsageError(f"{table.file}: no incident is {' and '.join(where)}", "`*` in a value stands for anything")
    void = {row for row in rows if any(table.rows[row][i].strip().lower() in VOID for i in roles.get("state", ()))}
    if void:
        table.notes.append(f"{len(void)} of {len(rows)} incidents were cancelled, duplicates or the like: left out")
    return [row for row in rows if row not in void]


def _times(
    cells: Mapping[str, list[str]], lines: Sequence[int], problems: Problems, dates: str, timezone: str
) -> dict[str, list[datetime | None]]:
    """Starts and ends; both columns together say how dates are written."""
    both = [Cell(text, line, role) for role in ("start", "end") for text, line in zip(cells[role], lines, strict=True)]
    found = read_times(both, problems, dates, timezone)
    return {"start": found[: len(lines)], "end": found[len(lines) :]}


def _check(
    cells: Mapping[str, list[str]], lines: Sequence[int], times: Mapping[str, list[datetime | None]], problems: Problems
) -> None:
    """What single rows must fulfil; a time that could not be read was said before."""
    seen: dict[str, int] = {}
    states = cells.get("state", [""] * len(lines))
    for row, line in enumerate(lines):
        start, end = times["start"][row], times["end"][row]
        if not cells["start"][row]:
            problems.add("the incident has no start", "complete or remove the row", line=line, column="start")
        if start is not None and end is not None and end < start:
            problems.add(f"ends before it starts (from {cells['start'][row]} to {cells['end'][row]})",
                         "correct or remove the row", line=line, column="end")  # fmt: skip
        if not cells["end"][row] and states[row].lower() in OVER:
            problems.add(
                f"is {shown(states[row])}, but has no end", "export when it was resolved", line=line, column="end"
            )
        key = cells["key"][row] if "key" in cells else ""
        if key and key in seen:
            problems.add(
                f"{shown(key)} stands in line {seen[key]} too", "remove one of the two", line=line, column="key"
            )
        seen.setdefault(key, line)


def _grouped(frame: pd.DataFrame, components: Sequence[str], named: bool, table: Table) -> pd.DataFrame:
    """The frame with the components that are meant."""
    rules = list(_rules(components))
    if not rules and not named:
        rules = [(ALL, "*")]
    if not rules:
        blank = frame["component"] == ""
        return _without(frame, blank, "name no component", table)
    owner = [next((name for name, pattern in rules if fnmatchcase(text, pattern)), "") for text in frame["component"]]
    unit = frame["unit"].where(frame["unit"] != "", frame["component"])
    grouped = frame.assign(component=owner, unit=unit)
    return _without(grouped, grouped["component"] == "", "are of other components", table)


def _rules(components: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in components:
        name, _, pattern = text.partition("=")
        if not name:
            raise UsageError(f"--component is NAME or NAME=PATTERN (got {shown(text)})")
        yield name, pattern or "*"


def _without(frame: pd.DataFrame, out: pd.Series[bool], why: str, table: Table) -> pd.DataFrame:
    if out.all():
        raise UsageError(f"{table.file}: no incident is left: all {len(frame):,} {why}",
                         "see --component, --where and --columns component=...")  # fmt: skip
    if out.any():
        table.notes.append(f"{int(out.sum())} of {len(frame)} incidents {why}: left out")
    return frame[~out].reset_index(drop=True)
