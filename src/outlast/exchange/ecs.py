"""Incidents as events of the Elastic Common Schema, marked as simulated.

Source: ECS 9.4 field reference (field sets base, ecs, event, service, labels), Apache-2.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from outlast.exchange.clock import Clock
from outlast.exchange.incident import Incident

VERSION = "9.4.0"
NANOSECONDS = 1e9


def document(incidents: Iterable[Incident], clock: Clock, scenario: str) -> str:
    """JSON lines, one event per incident, at its start; without an end and a duration where it was not over."""
    return "".join(
        json.dumps(_event(one, clock, scenario), ensure_ascii=False, allow_nan=False) + "\n" for one in incidents
    )


def _event(one: Incident, clock: Clock, scenario: str) -> dict[str, Any]:
    event: dict[str, Any] = {
        "id": one.number, "kind": "event", "category": ["host"], "type": ["start"] if one.open else ["start", "end"],
        "module": "outlast", "dataset": "outlast.incident", "provider": "outlast", "outcome": "failure",
        "severity": one.priority, "reason": one.words, "start": clock.iso(one.start_s),
    }  # fmt: skip
    if not one.open:
        event |= {"end": clock.iso(one.end_s), "duration": round(one.duration_s * NANOSECONDS)}
    labels = {"simulated": "true", "scenario": scenario, "item": one.item, "cause": one.cause, "cause_scope": one.scope,
              "cause_source": one.source}  # fmt: skip
    return {
        "@timestamp": clock.iso(one.start_s),
        "ecs": {"version": VERSION},
        "message": f"Simulated: {one.words}",
        "tags": ["simulated", "outlast"],
        "labels": {name: value for name, value in labels.items() if value},
        "service": {"name": one.component},
        "event": event,
    }
