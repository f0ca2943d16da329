"""Nominal 95 % intervals hold the right answer in 93 to 97 % of 2,000 experiments each."""

from __future__ import annotations

import pytest
from coverage_experiments import System, covered, systems

SYSTEMS = list(enumerate(systems()))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "system"), SYSTEMS, ids=[system.words for _, system in SYSTEMS])
def test_intervals_cover_what_they_promise(number: int, system: System) -> None:
    assert 0.93 <= covered(system, 2000, number) <= 0.97


def test_the_experiments_tell_right_from_wrong() -> None:
    system = SYSTEMS[0][1]
    assert covered(system, 200, 1) > 0.9
    assert covered(System(system.words, system.truth + 1.0, system.draw), 200, 1) < 0.2
