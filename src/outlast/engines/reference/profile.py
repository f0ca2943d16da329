"""What the calendar says now: periodic step functions and the pools they feed."""

from __future__ import annotations

from math import inf

from outlast.engines.reference import pool as pools
from outlast.engines.reference.world import Profile, World
from outlast.program.tables import STEP


def arm(world: World, profile: Profile) -> None:
    """Publish the time of the next step: cycle * period + at, by multiplication; one step never fires."""
    time = inf
    if len(profile.steps) > 1:
        step, cycle = following(profile)
        time = float(cycle) * profile.period + profile.steps[step][0]
    world.calendar.arm(profile.turn, time)


def following(profile: Profile) -> tuple[int, int]:
    """Step and cycle after the present ones."""
    last = profile.step + 1 == len(profile.steps)
    return (0, profile.cycle + 1) if last else (profile.step + 1, profile.cycle)


def turn(world: World, profile: Profile) -> None:
    """The event of a profile: its next step."""
    profile.step, profile.cycle = following(profile)
    before, profile.value = profile.value, profile.steps[profile.step][1]
    if world.record.trace:
        world.record.log(world.now, STEP, profile.number, 0, world.cause, profile.value)
    world.mark(profile.dependents)
    for number in profile.pools:
        pools.resize(world, world.pools[number], int(profile.value) - int(before))  # R9: by the difference
    arm(world, profile)
