"""Sleeping equals ticking (R12): the kernel whose controllers sleep, the same kernel ticking always, the reference.

OUTLAST_TWIN_PROGRAMS=N compares N more programs, different every time.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

import hypothesis
import pytest
from difference import first_difference
from hypothesis import HealthCheck, Phase, given, settings
from scalers import scaled_programs

from outlast.engines import kernel, reference
from outlast.engines.kernel.driver import Run
from outlast.engines.outcome import Outcome
from outlast.program import Program
from outlast.program.tables import SCALE

LONGER = int(os.environ.get("OUTLAST_TWIN_PROGRAMS", "0"))


def ticking(program: Program) -> Program:
    """The same program whose controllers never sleep."""
    head = program.tables["head"].copy()
    head["sleep"] = 0
    head.flags.writeable = False
    return replace(program, tables={**program.tables, "head": head}, cache={})


def traced(program: Program, seed: int, evaluations: Counter[str], name: str) -> Outcome:
    """The outcome in the kernel; counts the evaluations that took place."""
    run = Run(program, seed, 0, trace=True)
    assert run.advance(program.horizon, finish=True) == 0
    evaluations[name] += int(run.world.controllers["ticks"].sum())
    return run.outcome()


def compare(examples: int, seed: int | None) -> Counter[str]:
    """Compare that many generated programs; what happened in them."""
    seen: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])  # fmt: skip
    @given(scaled_programs())
    def compare_one(program: Program) -> None:
        seen["programs"] += 1
        asleep = traced(program, seen["programs"], seen, "asleep")
        awake = traced(ticking(program), seen["programs"], seen, "ticking")
        twin = reference.run(program, seen["programs"], 0, trace=True)
        for name, other in (("ticking kernel", awake), ("reference", twin)):
            difference = first_difference(program, asleep, other)
            assert not difference, (
                f"sleeping kernel (first) and {name} (second), seed {seen['programs']}:\n{difference}"
            )
        acted = asleep.log[asleep.log["kind"] == SCALE]
        seen["actions"] += len(acted)
        seen["ups"] += int((acted["y"] > acted["x"]).sum())

    (compare_one if seed is None else hypothesis.seed(seed)(compare_one))()
    return seen


def test_sleeping_controllers_leave_the_log_of_ticking_ones() -> None:
    seen = compare(200, seed=0)
    assert seen["actions"] > 40 * seen["programs"] // 4
    assert min(seen["ups"], seen["actions"] - seen["ups"]) > seen["actions"] // 4
    assert seen["asleep"] < 0.85 * seen["ticking"]


@pytest.mark.slow
def test_sleeping_equals_ticking_on_many_programs() -> None:
    assert compare(1500, seed=1)["actions"] > 10_000


@pytest.mark.skipif(LONGER == 0, reason="on demand: set OUTLAST_TWIN_PROGRAMS")
def test_sleeping_equals_ticking_on_many_more_programs() -> None:
    compare(LONGER, seed=None)


def test_interpreted_kernel_sleeps_alike() -> None:
    @settings(max_examples=5, deadline=None, database=None, phases=[Phase.generate])
    @hypothesis.seed(2)
    @given(scaled_programs())
    def compare_one(program: Program) -> None:
        a = kernel.run(program, 1, 0, trace=True)
        assert not first_difference(program, a, kernel.run(program, 1, 0, trace=True, jit=False))

    compare_one()
