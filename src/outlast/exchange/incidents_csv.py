"""Incidents as service desks export them: CSV with the column names of ServiceNow, and what only a simulation knows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from outlast.exchange.clock import Clock
from outlast.exchange.incident import PRIORITIES, Incident

COLUMNS = (
    "number", "opened_at", "resolved_at", "cmdb_ci", "component", "short_description", "cause", "cause_scope",
    "state", "priority", "duration_s", "simulated",
)  # fmt: skip


def document(incidents: Iterable[Incident], clock: Clock) -> str:
    """The CSV, UTF-8, times in UTC; `resolved_at` is empty and the state "In Progress" where it was not over.

    duration_s has the whole precision; times are cut to seconds.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in incidents:
        writer.writerow((
            one.number, clock.plain(one.start_s), "" if one.open else clock.plain(one.end_s), _cell(one.item),
            _cell(one.component), _cell(one.words), _cell(one.cause), one.scope,
            "In Progress" if one.open else "Resolved", PRIORITIES[one.priority], repr(one.duration_s), "true",
        ))  # fmt: skip
    return text.getvalue()


def _cell(text: str) -> str:
    """Spreadsheets take cells that begin so for formulas."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
