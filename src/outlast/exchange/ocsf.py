"""Incidents as events of the Open Cybersecurity Schema Framework: class Incident Finding, marked as simulated.

Source: OCSF 1.3.0, class 2005 of category 2 (https://schema.ocsf.io/1.3.0/classes/incident_finding), Apache-2.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from outlast.exchange.clock import Clock
from outlast.exchange.incident import CRITICAL, HIGH, MODERATE, Incident
from outlast.version import __version__

VERSION = "1.3.0"
CATEGORY, CLASS = 2, 2005
CREATE, CLOSE = 1, 3  # activity_id
IN_PROGRESS, RESOLVED = 2, 4  # status_id
LEVELS = {CRITICAL: (5, "Critical", 4), HIGH: (4, "High", 3), MODERATE: (3, "Medium", 2)}  # severity, priority_id
PRIORITY_NAMES = {4: "Critical", 3: "High", 2: "Medium"}


def document(incidents: Iterable[Incident], clock: Clock, scenario: str) -> str:
    """JSON lines: one event when an incident opens, one when it is closed, by time."""
    events = [event for one in incidents for event in _events(one, clock, scenario)]
    events.sort(key=lambda event: (event["time"], event["finding_info_list"][0]["uid"], event["activity_id"]))
    return "".join(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n" for event in events)


def _events(one: Incident, clock: Clock, scenario: str) -> list[dict[str, Any]]:
    opened = _event(one, clock, scenario, CREATE)
    return [opened] if one.open else [opened, _event(one, clock, scenario, CLOSE)]


def _event(one: Incident, clock: Clock, scenario: str, activity: int) -> dict[str, Any]:
    severity, severity_name, priority = LEVELS[one.priority]
    start, end = _milliseconds(clock, one.start_s), _milliseconds(clock, one.end_s)
    closed = activity == CLOSE
    finding = {"uid": one.number, "title": one.words, "created_time": start, "types": ["availability"],
               "data_sources": ["outlast"]}  # fmt: skip
    event: dict[str, Any] = {
        "activity_id": activity, "activity_name": "Close" if closed else "Create",
        "category_uid": CATEGORY, "category_name": "Findings", "class_uid": CLASS, "class_name": "Incident Finding",
        "type_uid": CLASS * 100 + activity, "time": end if closed else start, "start_time": start,
        "severity_id": severity, "severity": severity_name,
        "priority_id": priority, "priority": PRIORITY_NAMES[priority],
        "status_id": RESOLVED if closed else IN_PROGRESS, "status": "Resolved" if closed else "In Progress",
        "message": one.words, "desc": f"Simulated: {one.words}", "assignee_group": {"name": one.component},
        "finding_info_list": [finding],
        "metadata": {
            "version": VERSION, "uid": f"{one.number}-{activity}", "labels": ["simulated"],
            "product": {"name": "outlast", "vendor_name": "outlast", "version": __version__},
        },
        "unmapped": {
            "simulated": True, "scenario": scenario, "component": one.component, "item": one.item, "cause": one.cause,
            "cause_scope": one.scope, "cause_source": one.source,
        },
    }  # fmt: skip
    if closed:
        event |= {"end_time": end, "duration": end - start}
    return event


def _milliseconds(clock: Clock, seconds: float) -> int:
    return round(clock.unix(seconds) * 1000)
