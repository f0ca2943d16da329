"""What is drawn: keyed uniforms (R15) and the laws of delays (R4)."""

from __future__ import annotations

from math import inf, isfinite, nan

import numpy as np

from outlast.engines.reference.leaves import bits, grid_next, quantile, residual, uniform
from outlast.engines.reference.plan import Case, Effect, Law, Row
from outlast.engines.reference.source import read
from outlast.engines.reference.world import Unit, World
from outlast.errors import RunError
from outlast.program.tables import AGED, EACH, FIRST, LAST, NONE
from outlast.stats.distributions import DETERMINISTIC, GRID
from outlast.stats.draws import AGE, PHASE

ONCE = np.uint64(0)  # the count of draws that happen once: phases and ages at the start
UNUSED = 0.5  # stands for the uniform of a fixed delay, which draws nothing


def advance(unit: Unit, draw: int) -> np.uint64:
    """How often the unit has drawn for this row so far; counts this draw."""
    n = unit.draws[draw]
    unit.draws[draw] = n + 1
    return np.uint64(n)


def draw(unit: Unit, name: np.uint64, counter: int) -> float:
    """R15: the next uniform of the unit for a row or effect."""
    return float(uniform(unit.key, name, advance(unit, counter)))


def firing_key(unit: Unit, name: np.uint64, counter: int) -> np.uint64:
    """R15: the key of one scatter."""
    return np.uint64(bits(unit.key, name, advance(unit, counter)))


def member_draw(key: np.uint64, member: Unit) -> float:
    """R15: the uniform of one member for one scatter."""
    return float(uniform(key, member.key, ONCE))


def sample(world: World, unit: Unit, law: Law, u: float) -> float:
    """One value of a law at the uniform u, times its scale."""
    value = float(quantile(law.kind, law.a, law.b, law.c, world.points, law.p0, law.p1, u))
    return scaled(world, unit, law, value)


def next_sample(world: World, unit: Unit, law: Law, name: np.uint64, counter: int) -> float:
    """One value of a law, with the unit's next uniform unless the law is fixed."""
    u = UNUSED if law.kind == DETERMINISTIC else draw(unit, name, counter)
    return sample(world, unit, law, u)


def scaled(world: World, unit: Unit, law: Law, value: float) -> float:
    """R4: times the scale source read now, or divided by it."""
    if law.source == NONE:
        return value
    scale = read(world, law.source, unit.reach(law.slot), law.field)
    return divide(value, scale) if law.inverted else value * scale


def divide(value: float, by: float) -> float:
    """IEEE division: by zero gives an infinity or NaN, never an exception."""
    if by != 0.0:
        return value / by
    return nan if value == 0.0 or value != value else inf if value > 0.0 else -inf


class Keyed:
    """R15: a uniform of the unit for the row or effect decides."""

    def case(self, unit: Unit, row: Row) -> Case:
        """R3.2: the first case with u < cumulative p; a single case draws nothing."""
        if len(row.cases) == 1:
            return row.cases[0]
        u = draw(unit, row.hash, row.draw)
        return next((case for case in row.cases if u < case.p), row.cases[-1])

    def delay(self, world: World, unit: Unit, row: Row, law: Law) -> float:
        """R4: seconds until a clock that starts now rings. Raises RunError if negative or not finite."""
        if row.policy == AGED:
            u = UNUSED if law.kind == DETERMINISTIC else draw(unit, row.hash, row.draw)
            age = unit.memory[row.memory]
            rest = float(residual(law.kind, law.a, law.b, law.c, world.points, law.p0, law.p1, age, u))
            return checked(world, unit, scaled(world, unit, law, rest))
        return checked(world, unit, next_sample(world, unit, law, row.hash, row.draw))

    def members(self, unit: Unit, effect: Effect, tagged: list[Unit]) -> list[Unit]:
        """The first or last n, each with probability p, or the n with the smallest draws."""
        if effect.k in (FIRST, LAST):
            return at_end(effect, tagged)
        key = firing_key(unit, effect.hash, effect.draw)
        if effect.k == EACH:
            return [each for each in tagged if member_draw(key, each) < effect.x]
        return sorted(tagged, key=lambda each: member_draw(key, each))[: wanted(effect, tagged)]


def wanted(effect: Effect, tagged: list[Unit]) -> int:
    """How many members a scatter asks for."""
    return len(tagged) if effect.i < 0 else effect.i


def at_end(effect: Effect, tagged: list[Unit]) -> list[Unit]:
    """The first n members, or the last n from the end on."""
    return (tagged if effect.k == FIRST else tagged[::-1])[: wanted(effect, tagged)]


def checked(world: World, unit: Unit, seconds: float) -> float:
    """The delay. Raises RunError if it is negative or not finite."""
    if not 0.0 <= seconds < inf:
        raise RunError(
            f"{world.names[unit.number]}: a delay of {seconds} s at {world.now} s; "
            "delays must be finite and not negative"
        )
    return seconds


def age_at_start(world: World, unit: Unit, row: Row, law: Law) -> float:
    """R15, R16: age, s, that the unit has at t = 0."""
    u = UNUSED if law.kind == DETERMINISTIC else float(uniform(unit.key, row.hash ^ AGE, ONCE))
    return sample(world, unit, law, u)


def next_grid_time(world: World, unit: Unit, row: Row, law: Law) -> float:
    """R4: the least k * period + phase strictly after now; b < 0: the phase is drawn once."""
    assert law.kind == GRID
    phase = law.b
    if phase < 0.0:
        phase = float(uniform(unit.key, row.hash ^ PHASE, ONCE)) * law.a
    time = float(grid_next(world.now, law.a, phase))
    if not isfinite(time):
        name = world.names[unit.number]
        raise RunError(f"{name}: no next instant of a grid of {law.a} s after {world.now} s")
    return time
