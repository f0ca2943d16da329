"""Incidents as CSV, OCSF and ECS: each by the format's own schema, and none lost, moved or unmarked."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from outlast.exchange import ecs, incidents_csv, ocsf
from outlast.exchange.clock import Clock
from outlast.exchange.incident import Incident

ECS = json.loads((Path(__file__).parents[1] / "data" / "ecs_fields.json").read_text(encoding="utf-8"))["fields"]
OPEN = Incident("INC1", "=cmd|'x'", "db\n<b>", 'a "quoted" cause', "zone", "north", 3600.0, 60.25, True, 2)


@pytest.fixture(params=["incidents", "failures"])
def found(request: pytest.FixtureRequest) -> list[Incident]:
    chosen: list[Incident] = [*request.getfixturevalue(request.param), OPEN]
    assert len(chosen) > 20
    return chosen


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# -- CSV ------------------------------------------------------------------------------------------------------
def test_every_incident_is_a_row_with_its_times(found: list[Incident], clock: Clock) -> None:
    rows = list(csv.DictReader(io.StringIO(incidents_csv.document(found, clock))))
    assert len(rows) == len(found) == len({row["number"] for row in rows[:-1]}) + 1
    for row, one in zip(rows, found, strict=True):
        opened = datetime.strptime(row["opened_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        assert 0.0 <= (clock.at(one.start_s) - opened).total_seconds() < 1.0
        assert float(row["duration_s"]) == one.duration_s
        if one.open:
            assert (row["state"], row["resolved_at"]) == ("In Progress", "")
        else:
            resolved = datetime.strptime(row["resolved_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            assert 0.0 <= (clock.at(one.end_s) - resolved).total_seconds() < 1.0
        assert row["simulated"] == "true"


def test_no_cell_is_a_formula(clock: Clock) -> None:
    (row,) = csv.DictReader(io.StringIO(incidents_csv.document([OPEN], clock)))
    assert (row["cmdb_ci"], row["component"]) == ("'=cmd|'x'", "db\n<b>")


def test_outages_of_what_has_an_objective_come_first(incidents: list[Incident]) -> None:
    assert {one.priority for one in incidents if one.component in ("ranker", "pretrain", "features")} == {1}
    assert {one.priority for one in incidents if one.component.startswith("dubai")} == {2}


# -- OCSF -----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def finding() -> dict[str, Any]:
    """The JSON schema of the class Incident Finding, from the schema that OCSF publishes."""
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    schema: dict[str, Any] = OcsfJsonSchemaEmbedded(get_ocsf_schema(ocsf.VERSION)).get_class_schema("incident_finding")
    return schema


def test_events_are_incident_findings_of_ocsf(found: list[Incident], clock: Clock, finding: dict[str, Any]) -> None:
    validator = jsonschema.validators.validator_for(finding)(finding)
    events = lines(ocsf.document(found, clock, "x"))
    for event in events:
        validator.validate(event)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    broken = {**events[0], "severity_id": 1234}
    assert not validator.is_valid(broken)


def test_every_incident_opens_and_unless_it_goes_on_closes(found: list[Incident], clock: Clock) -> None:
    events = lines(ocsf.document(found, clock, "x"))
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    opened = {e["finding_info_list"][0]["uid"]: e for e in events if e["activity_id"] == 1}
    closed = {e["finding_info_list"][0]["uid"]: e for e in events if e["activity_id"] == 3}
    assert set(opened) == {one.number for one in found}
    assert set(closed) == {one.number for one in found if not one.open}
    for one in found:
        assert opened[one.number]["time"] == round(clock.at(one.start_s).timestamp() * 1000)
        if not one.open:
            assert closed[one.number]["duration"] == pytest.approx(one.duration_s * 1000, abs=1.0)


def test_every_event_of_ocsf_is_marked_as_simulated(found: list[Incident], clock: Clock) -> None:
    events = lines(ocsf.document(found, clock, "x"))
    assert all("simulated" in e["metadata"]["labels"] and e["unmapped"]["simulated"] is True for e in events)


# -- ECS ------------------------------------------------------------------------------------------------------
def flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        path = f"{prefix}{name}"
        found |= flat(item, f"{path}.") if isinstance(item, dict) and path not in ECS else {path: item}
    return found


def fits(value: object, field: dict[str, Any]) -> bool:
    """Whether a value is of the type that ECS states for the field."""
    if field["array"]:
        return isinstance(value, list) and all(fits(item, {**field, "array": False}) for item in value)
    if "allowed" in field and value not in field["allowed"]:
        return False
    if field["type"] == "date":
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    if field["type"] == "object":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return isinstance(value, int if field["type"] == "long" else str)


def test_events_have_only_fields_of_ecs_with_their_types(found: list[Incident], clock: Clock) -> None:
    required = {name for name, field in ECS.items() if field.get("required")}
    for event in lines(ecs.document(found, clock, "x")):
        fields = flat(event)
        assert required <= set(fields)
        for name, value in fields.items():
            assert name in ECS and fits(value, ECS[name]), (name, value)


def test_types_of_events_are_those_that_ecs_expects_of_their_category(found: list[Incident], clock: Clock) -> None:
    for event in lines(ecs.document(found, clock, "x")):
        for category in event["event"]["category"]:
            assert set(event["event"]["type"]) <= set(ECS["event.category"]["allowed"][category])


def test_every_event_of_ecs_has_its_times_and_is_marked_as_simulated(found: list[Incident], clock: Clock) -> None:
    events = lines(ecs.document(found, clock, "x"))
    assert [event["event"]["id"] for event in events] == [one.number for one in found]
    for event, one in zip(events, found, strict=True):
        assert event["labels"]["simulated"] == "true" and "simulated" in event["tags"]
        start = datetime.fromisoformat(event["event"]["start"])
        assert abs((start - clock.at(one.start_s)).total_seconds()) < 1e-3
        assert ("end" in event["event"]) is not one.open
        assert one.open or event["event"]["duration"] == pytest.approx(one.duration_s * 1e9, abs=1.0)
