"""Events by component and class of source, read from the trace, against the reference that sees every turn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from generate import programs
from hypothesis import HealthCheck, Phase, given, settings
from scalers import scaled_programs

import outlast
from outlast.engines import kernel, reference
from outlast.errors import OutlastError
from outlast.program import Builder, Program, value_of
from outlast.program import tables as T
from outlast.program.components import component_names, home
from outlast.run.turns import CONTROLLER, PROFILE, STOCK, UNIT, WINDOW, Turns, turns

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def seen_by_the_reference(program: Program, seed: int = 1) -> Turns:
    """All but controllers, of whose turns only those are events that act (R12)."""
    numbers: Counter[int] = Counter()
    reference.run(program, seed, 0, seen=lambda source: numbers.update((source,)))
    for number in range(len(program.names.controllers)):
        del numbers[int(program.tables["head"][0]["first_controller"]) + number]
    return sum((Turns({owner(program, source): count}) for source, count in numbers.items()), Turns())


def without_controllers(found: Turns) -> Turns:
    return Turns({key: count for key, count in found.items() if key[1] != CONTROLLER})


def owner(program: Program, source: int) -> tuple[str, str]:
    head, known = program.tables["head"][0], component_names(program)
    if source >= head["first_unit"]:
        return program.unit_component(source - int(head["first_unit"])), UNIT
    if source >= head["first_stock"]:
        return home(program.names.stocks[source - int(head["first_stock"])], known), STOCK
    if source >= head["first_profile"]:
        return home(program.names.profiles[source - int(head["first_profile"])], known), PROFILE
    return "", WINDOW


@settings(max_examples=40, deadline=None, database=None, derandomize=True,
          phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
@given(programs() | scaled_programs())
def test_the_trace_tells_whose_turn_every_event_was(program: Program) -> None:
    try:
        outcome = kernel.run(program, 1, 0, trace=True)
    except OutlastError:
        return
    found = turns(program, outcome)
    assert found.total() == outcome.events
    assert without_controllers(found) == seen_by_the_reference(program)


@pytest.mark.parametrize(
    ("name", "horizon"), [("quickstart", "1 y"), ("two-region-platform", "61 d"), ("hybrid", "31 d")]
)
def test_events_of_a_scenario_add_up_and_belong_to_its_components(name: str, horizon: str) -> None:
    scenario = outlast.load(SCENARIOS / f"{name}.yaml", {"horizon": horizon})
    program = scenario.program()
    outcome = kernel.run(program, 1, 0, trace=True)
    found = turns(program, outcome)
    assert found.total() == outcome.events
    assert without_controllers(found) == seen_by_the_reference(program)
    assert {component for component, source in found if source != WINDOW} <= set(component_names(program))


@pytest.fixture
def filling() -> Program:
    """A stock fills by 1/s from 0 and rings at 10; from second 10 of every 20 on the profile makes it 3/s. Watch and
    step fall on one instant, at which the profile's turn comes first."""
    b = Builder(19.0)
    b.profile("tank pace", 20.0, [(0.0, 1.0), (10.0, 3.0)])
    life = b.lifecycle("owner").state("on", gain=1.0).on("full", "on", "on")
    b.stock("tank level", source=value_of("tank pace"))
    b.cohort("tank", life, 1, drives="tank level", component="tank")
    b.watch("tank level", 10.0, "tank", "full")
    return b.build()


def test_a_watch_that_rings_in_the_turn_of_a_profile_is_no_turn_of_its_stock(filling: Program) -> None:
    outcome = kernel.run(filling, 1, 0, trace=True)
    assert outcome.events == 1
    assert turns(filling, outcome) == {("tank", PROFILE): 1}


@pytest.fixture
def scaling() -> Program:
    """Load 3, then 9 from second 40 of every 80 on; every 10 s from 0 on somebody looks and starts or stops members of
    capacity 1. It is 20 s until nothing holds back a reduction."""
    b = Builder(79.0)
    b.profile("api demand", 80.0, [(0.0, 3.0), (40.0, 9.0)])
    life = (
        b.lifecycle("member").state("on", ["on"]).state("off", ["off"]).on("start", "off", "on").on("stop", "on", "off")
    )
    b.cohort("api", life, 12, member={b.group("api on"): ["on"]}, component="api")
    b.controller("api scaler", value_of("api demand"), "api on", up=(["off"], "start"), down=(["on"], "stop"), least=1,
                 most=12, target=1.0, total=True, period=10.0, lag=0, window=20.0)  # fmt: skip
    return b.build()


def test_controllers_have_the_events_in_which_they_act(scaling: Program) -> None:
    """Down from 12 to 3 at 0, up to 7 (at most 4 more, or as many again) at 40, to 9 at 50; a step at 40."""
    outcome = kernel.run(scaling, 1, 0, trace=True)
    scaled = [(row["time"], row["x"], row["y"]) for row in outcome.log if row["kind"] == T.SCALE]
    assert scaled == [(0.0, 12.0, 3.0), (40.0, 3.0, 7.0), (50.0, 7.0, 9.0)]
    assert turns(scaling, outcome) == {("api", CONTROLLER): 3, ("api", PROFILE): 1}
    assert outcome.events == 4


def test_a_program_without_units_has_windows_only() -> None:
    b = Builder(100.0, 10.0, 30.0)
    b.meter("nothing", ("group", b.group("nobody")))
    program = b.build()
    assert turns(program, kernel.run(program, 1, 0, trace=True)) == {("", WINDOW): 3}
