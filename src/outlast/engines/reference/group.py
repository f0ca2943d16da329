"""How many, and is it enough: groups, gates and conditions (R7)."""

from __future__ import annotations

from outlast.engines.reference.source import read
from outlast.engines.reference.world import Condition, Group, Unit, World
from outlast.program.tables import FLIP, NONE, OUTAGE


def change(world: World, group: Group, by: int) -> None:
    """R3.7: a count changes at once; its meters follow, its dependents become dirty."""
    group.count += by
    for meter in group.meters:
        meter.follow(float(group.count), world.now)
    world.mark(group.dependents)


def holds(world: World, condition: Condition) -> bool:
    """Whether the value has reached the level now (`above` is the answer of the last sweep)."""
    source = condition.source
    return read(world, source.kind, source.object, source.field) >= condition.level


def sweep_condition(world: World, condition: Condition) -> bool:
    """Evaluate in a sweep; whether it flipped."""
    above = holds(world, condition)
    if above == condition.above:
        return False
    condition.above = above
    flip(world, condition)
    return True


def flip(world: World, condition: Condition) -> None:
    """R7, in its order; the recheck list is the sweep's."""
    above, now, record = condition.above, world.now, world.record
    if record.trace:
        record.log(now, FLIP, condition.number, int(above), world.cause)
    if condition.meter is not None:
        condition.meter.follow(0.0 if above else 1.0, now)
    if condition.measured != NONE:
        follow_outage(world, condition)
    for unit, rise, fall in condition.listens:
        world.send(unit, rise if above else fall)
    for gate, want in condition.parents:
        change(world, gate, 1 if above == want else -1)
    world.mark(condition.dependents)


def follow_outage(world: World, condition: Condition) -> None:
    """R7: an outage begins at a fall, with the current cause; at a rise it is logged if its length > 0."""
    if not condition.above:
        condition.start, condition.cause = world.now, world.cause
    elif world.now > condition.start:
        log_outage(world, condition, world.now, censored=False)


def log_outage(world: World, condition: Condition, end: float, *, censored: bool) -> None:
    """One outage with the cause of its fall (R14)."""
    start = condition.start
    world.record.log(end, OUTAGE, condition.measured, int(censored), condition.cause, start, end - start)


def members(world: World, group: Group) -> list[Unit]:
    """Units of a group in member order: index in the cohort first, then cohort as declared."""
    if group.members is None:
        longest = max((len(cohort.units) for cohort in group.roster), default=0)
        group.members = [
            cohort.units[index]
            for index in range(longest)
            for cohort in group.roster
            if index < len(cohort.units)
            and any(each.group + each.stride * index == group.number for each in cohort.memberships)
        ]
    return group.members
