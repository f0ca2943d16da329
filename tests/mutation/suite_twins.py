"""Generated programs for the mutation check: the kernel as plain Python against the reference, bit for bit.

The same generator and the same comparison as tests/engines/test_twin.py, without the search for a smaller example.
Not collected by plain pytest; OUTLAST_MUTATION_PROGRAMS says how many programs.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest
from difference import Result, first_difference
from generate import CHOICES, program
from test_twin import interpreted, result, simpy

from outlast.engines.kernel import Run
from outlast.engines.outcome import Outcome
from outlast.program import Program
from outlast.program.tables import FIRED, OK

PROGRAMS = int(os.environ.get("OUTLAST_MUTATION_PROGRAMS", "60"))
EVERY = 5  # the same program also stopped and copied, and without a trace


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_kernel_and_reference_agree(number: int) -> None:
    generated = program(random.Random(number).randbytes(CHOICES))
    ours = result(interpreted, generated, number)
    assert not first_difference(generated, ours, result(simpy, generated, number))
    if number % EVERY == 0 and isinstance(ours, Outcome):
        assert not first_difference(generated, ours, stopped_and_copied(generated, number))
        kept = replace(ours, log=ours.log[ours.log["kind"] < FIRED])
        assert not first_difference(generated, kept, stopped_and_copied(generated, number, trace=False))


def stopped_and_copied(program: Program, seed: int, *, trace: bool = True) -> Result:
    """The outcome of a copy made halfway, in a world that was used before."""
    run = Run(program, seed, seed % 3, trace=trace, jit=False)
    run.advance(program.horizon / 4)
    run.restart(seed % 3)
    run.advance(program.horizon / 2)
    copy = run.clone()
    assert copy.advance(program.horizon, finish=True) == OK
    return copy.outcome()
