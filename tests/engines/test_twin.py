"""Twins: the compiled kernel, the same source interpreted and the SimPy reference agree bit for bit.

On generated programs: the same log (row by row, traced), the same meter sums, the same number of events, or the same
error.  Every feature listed in `firing` must have fired often enough; a feature that never fires is not tested.

OUTLAST_TWIN_PROGRAMS=N compares N more, different every time (two tests of N / 2).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median

import hypothesis
import pytest
from difference import Result, first_difference
from firing import FEATURES, fired
from generate import programs
from hypothesis import HealthCheck, Phase, given, settings

from outlast.engines import kernel, reference
from outlast.engines.outcome import Outcome
from outlast.errors import LivelockError, RunError
from outlast.program import Program
from outlast.program.tables import FIRED

PARTS = 4  # of the slow set: 4 x 500 programs
PART = 500
SPARE = 15  # more are generated, since a livelock does not count
LEAST = 13  # programs of a part in which a feature fires: 4 x 13 > 50
EVENTS = 200  # median
INTERPRETED = 5  # every fifth program also runs on the interpreted kernel: a hundred times slower
LONGER = int(os.environ.get("OUTLAST_TWIN_PROGRAMS", "0"))
Engine = Callable[[Program, int, int], Outcome]


@dataclass
class Census:
    """What was compared: how often each feature fired, the events of every finished program, the errors."""

    fired: Counter[str] = field(default_factory=Counter)
    events: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seen: int = 0

    def rare(self, least: int) -> dict[str, int]:
        """Features that fired in fewer programs than this."""
        return {name: self.fired[name] for name in FEATURES if self.fired[name] < least}


def compiled(program: Program, seed: int, replication: int) -> Outcome:
    return kernel.run(program, seed, replication, trace=True)


def interpreted(program: Program, seed: int, replication: int) -> Outcome:
    return kernel.run(program, seed, replication, trace=True, jit=False)


def simpy(program: Program, seed: int, replication: int) -> Outcome:
    return reference.run(program, seed, replication, trace=True)


def result(engine: Engine, program: Program, seed: int) -> Result:
    """What an engine makes of a program; an error is a result too."""
    try:
        return engine(program, seed, seed % 3)
    except (LivelockError, RunError) as error:
        return error


def compare(census: Census, program: Program) -> None:
    """One program on the engines."""
    census.seen += 1
    ours = result(compiled, program, census.seen)
    twins: dict[str, Engine] = {"reference": simpy}
    if census.seen % INTERPRETED == 0 and isinstance(ours, Outcome):
        twins["interpreted kernel"] = interpreted
    for name, engine in twins.items():
        difference = first_difference(program, ours, result(engine, program, census.seen))
        assert not difference, f"compiled kernel (first) and {name} (second), seed {census.seen}:\n{difference}"
    if isinstance(ours, Outcome):
        assert_trace_only_adds(program, ours, kernel.run(program, census.seen, census.seen % 3))
        census.events.append(ours.events)
        census.fired.update(fired(program, ours))
    else:
        census.errors.append(f"{type(ours).__name__}: {ours}")


def assert_trace_only_adds(program: Program, traced: Outcome, plain: Outcome) -> None:
    """R15: without a trace the same rows are left, the sums are the same."""
    kept = replace(traced, log=traced.log[traced.log["kind"] < FIRED])
    difference = first_difference(program, kept, plain)
    assert not difference, f"traced (first) and not traced (second):\n{difference}"


def census_of(examples: int, seed: int | None) -> Census:
    """Compare that many generated programs; without a seed they are different every time."""
    census = Census()

    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])  # fmt: skip
    @given(programs())
    def compare_one(program: Program) -> None:
        compare(census, program)

    (compare_one if seed is None else hypothesis.seed(seed)(compare_one))()
    return census


def test_engines_agree_on_generated_programs() -> None:
    census = census_of(150, seed=0)
    assert not census.rare(1)
    assert median(census.events) >= EVENTS
    assert len(census.errors) <= 8, census.errors


@pytest.mark.slow
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_engines_agree_and_everything_fires(part: int) -> None:
    census = census_of(PART + SPARE, seed=part)
    assert len(census.events) >= PART, census.errors
    assert median(census.events) >= EVENTS
    assert not census.rare(LEAST)


@pytest.mark.skipif(LONGER == 0, reason="on demand: set OUTLAST_TWIN_PROGRAMS")
@pytest.mark.parametrize("half", range(2))
def test_engines_agree_on_many_more_programs(half: int) -> None:
    census_of((LONGER + half) // 2, seed=None)
