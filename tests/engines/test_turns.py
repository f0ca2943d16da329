"""Events by component and class of source, read from the trace, against the reference that sees every turn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from generate import programs
from hypothesis import HealthCheck, Phase, given, settings

import outlast
from outlast.engines import kernel, reference
from outlast.errors import OutlastError
from outlast.program import Builder, Program, value_of
from outlast.program.components import component_names, home
from outlast.run.turns import PROFILE, STOCK, UNIT, WINDOW, Turns, turns

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def seen_by_the_reference(program: Program, seed: int = 1) -> Turns:
    numbers: Counter[int] = Counter()
    outcome = reference.run(program, seed, 0, seen=lambda source: numbers.update((source,)))
    assert numbers.total() == outcome.events
    return sum((Turns({owner(program, source): count}) for source, count in numbers.items()), Turns())


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
@given(programs())
def test_the_trace_tells_whose_turn_every_event_was(program: Program) -> None:
    try:
        outcome = kernel.run(program, 1, 0, trace=True)
    except OutlastError:
        return
    found = turns(program, outcome)
    assert found.total() == outcome.events
    assert found == seen_by_the_reference(program)


@pytest.mark.parametrize(
    ("name", "horizon"), [("quickstart", "1 y"), ("two-region-platform", "61 d"), ("hybrid", "31 d")]
)
def test_events_of_a_scenario_add_up_and_belong_to_its_components(name: str, horizon: str) -> None:
    scenario = outlast.load(SCENARIOS / f"{name}.yaml", {"horizon": horizon})
    program = scenario.program()
    outcome = kernel.run(program, 1, 0, trace=True)
    found = turns(program, outcome)
    assert found.total() == outcome.events
    assert found == seen_by_the_reference(program)
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


def test_a_program_without_units_has_windows_only() -> None:
    b = Builder(100.0, 10.0, 30.0)
    b.meter("nothing", ("group", b.group("nobody")))
    program = b.build()
    assert turns(program, kernel.run(program, 1, 0, trace=True)) == {("", WINDOW): 3}
