"""Every refusal of a controller: one message that names it and the value."""

from __future__ import annotations

from typing import Any

import pytest

from outlast.errors import ProgramError
from outlast.program import Builder, Each, Lifecycle, Source, count_of, level_of, value_of
from outlast.program.tables import CONDITION, CONTROLLER


def scaled(**options: Any) -> Builder:
    """A sound program with one controller, but for the options."""
    b = Builder(10.0)
    b.profile("load", 10.0, [(0.0, 1.0)])
    b.stock("tank")
    for group in ("ups", "empty", "pair0", "pair1"):
        b.group(group)
    b.condition("ok", count_of("ups"), 1)
    life = Lifecycle("node").state("up", ["up"]).state("idle", ["idle"])
    life.on("go", "idle", "up").on("halt", "up", "idle")
    b.cohort("node", life, 2, member=[("ups", ["up"]), (Each("pair0"), ["up"])])
    metric: Source = options.pop("metric", value_of("load"))
    usual: dict[str, Any] = {"group": "ups", "up": (["idle"], "go"), "down": (["up"], "halt"), "least": 1, "most": 2,
                             "target": 1.0, "total": True}  # fmt: skip
    b.controller("scaler", metric, **{**usual, **options})
    return b


def problems(**options: Any) -> list[str]:
    with pytest.raises(ProgramError) as caught:
        scaled(**options).build()
    return list(caught.value.problems)


def test_a_sound_controller_is_the_last_flow_node() -> None:
    program = scaled(listed="ok").build()
    assert program.tables["nodes"]["kind"].tolist() == [CONDITION, CONTROLLER]
    head = program.tables["head"][0]
    assert head["first_controller"] == head["first_unit"] + program.units == head["sources"] - 1


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"least": 0}, "least must be at least 1 (got 0)"),
        ({"least": 3}, "most must be at least least, 3 (got 2)"),
        ({"target": 0.0}, "target must be above 0 (got 0.0)"),
        ({"tolerance": -0.1}, "tolerance must be at least 0 (got -0.1)"),
        ({"period": 0.0}, "period must be above 0 (got 0.0)"),
        ({"phase": -1.0}, "phase must be at least 0 (got -1.0)"),
        ({"lag": -1}, "lag must be 0 to 1,000 evaluations (got -1)"),
        ({"window": -1.0}, "window must be 0 to 10,000 periods of 15.0 s (got -1.0)"),
        ({"window": 1e6}, "window must be 0 to 10,000 periods of 15.0 s (got 1000000.0)"),
        ({"grow": (-1, 0.0)}, "grow must be at least 0 members and a share of at least 0 (got -1, 0.0)"),
        ({"shrink": (0, -0.5)}, "shrink must be at least 0 members and a share of at least 0 (got 0, -0.5)"),
        ({"group": "nobody"}, "there is no group 'nobody'"),
        ({"missing": "nobody"}, "there is no group 'nobody'"),
        ({"group": "empty"}, "group 'empty' has no members that could be started or stopped"),
        ({"group": "pair1"}, "cannot scale group 'pair1': its members are paired"),
        ({"listed": "nothing"}, "there is no condition 'nothing'"),
        ({"total": False}, "a mean needs the group of members that are ready"),
        ({"up": (["off"], "go")}, "no member of group 'ups' has a state with tag 'off'"),
        ({"down": (["up"], "")}, "down needs a signal"),
        ({"metric": value_of("nothing")}, "there is no profile 'nothing'"),
        ({"metric": level_of("tank")}, "the level of a stock changes without an event; it cannot be a metric"),
    ],
)
def test_a_controller_that_cannot_work_is_refused(options: dict[str, Any], problem: str) -> None:
    assert f"controller 'scaler': {problem}" in problems(**options)


def test_meter_of_a_controller_that_is_not_there_is_refused() -> None:
    b = scaled()
    b.meter("m", ("ups", "other"))
    with pytest.raises(ProgramError, match="meter 'm': there is no ups 'other'"):
        b.build()
