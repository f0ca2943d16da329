"""How a replication goes: start (R16), one turn after the other (R2), the end (R13)."""

from __future__ import annotations

from collections.abc import Callable

from outlast.engines.outcome import Outcome
from outlast.engines.reference import controller, lifecycle, profile, stock
from outlast.engines.reference.build import build_world
from outlast.engines.reference.group import holds, log_outage
from outlast.engines.reference.luck import age_at_start
from outlast.engines.reference.service import recompute
from outlast.engines.reference.settle import settle
from outlast.engines.reference.world import Condition, Pool, Service, World
from outlast.program.program import Program
from outlast.program.tables import LEVEL, NONE

WINDOW = 0  # source number of the window boundary


def run(
    program: Program, seed: int, replication: int, trace: bool = False, seen: Callable[[int], None] | None = None
) -> Outcome:
    """One replication of a program. seen: told the number of every source whose turn it is (R2).

    Raises LivelockError if time stands still, RunError for a delay that is negative or not finite.
    """

    def turn(number: int) -> None:
        if seen is not None:
            seen(number)
        take_turn(world, number)

    world = build_world(program, seed, replication, trace, turn)
    start(world)
    world.calendar.run_to(world.horizon)
    finish(world)
    record = world.record
    return Outcome(seed, replication, record.sums_array(), record.log_array(), world.events)


# --- start (R16) -----------------------------------------------------------------------------------------
def start(world: World) -> None:
    """R16: values at t = 0, then clocks in order of units and rows, then the world settles."""
    for each in world.profiles:
        profile.arm(world, each)
        for number in each.pools:
            set_capacity(world.pools[number], int(each.value))
    count_units(world)
    evaluate_nodes(world)
    for level in world.stocks:
        stock.rebase(world, level)
    set_ages(world)
    begin_meters(world)
    world.calendar.arm(WINDOW, world.record.windows.end(0))
    for unit in world.units:
        for row in unit.state.timed:
            lifecycle.adjust_clock(world, unit, row)
        lifecycle.publish(world, unit)
    for autoscaler in world.controllers:
        controller.arm(world, autoscaler)
    settle(world)


def set_capacity(pool: Pool, capacity: int) -> None:
    """A pool with a profile starts with that capacity."""
    pool.capacity = pool.free = capacity


def count_units(world: World) -> None:
    """Counts of groups of units."""
    for unit in world.units:
        for each in unit.cohort.memberships:
            if unit.state.tags & each.tags:
                world.groups[each.group + each.stride * unit.index].count += 1


def evaluate_nodes(world: World) -> None:
    """R16: flow nodes in ascending order, without signals; an outage may begin at 0 without a cause."""
    for node in world.nodes:
        if isinstance(node, Condition):
            node.above = holds(world, node)
            for gate, want in node.parents:
                gate.count += 1 if node.above == want else 0
        elif isinstance(node, Service):
            recompute(world, node)


def set_ages(world: World) -> None:
    """R16: ages are set, in order of units and states."""
    for cohort in world.cohorts:
        for unit in cohort.units:
            for state in cohort.states:
                for row in state.timed:
                    if row.age is not None:
                        unit.memory[row.memory] = age_at_start(world, unit, row, row.age)


def begin_meters(world: World) -> None:
    """Meters start at t = 0 with the initial values."""
    for group in world.groups:
        for meter in group.meters:
            meter.begin(float(group.count))
    for condition in world.conditions:
        if condition.meter is not None:
            condition.meter.begin(0.0 if condition.above else 1.0)
    for pool in world.pools:
        if pool.held_meter is not None:
            pool.held_meter.begin(float(pool.capacity - pool.free))
        if pool.queue_meter is not None:
            pool.queue_meter.begin(float(pool.queued()))
    for each in world.stocks:
        if each.meter is not None:
            each.meter.begin(each.lost)
    for service in world.services:
        for meter, value in zip(service.meters, service.fields, strict=False):
            meter.begin(value)


# --- turns (R2) ------------------------------------------------------------------------------------------
def take_turn(world: World, number: int) -> None:
    """One event: the source fires, then the world settles."""
    now = world.calendar.now
    if now != world.now:
        world.now, world.firings = now, 0
    world.events += 1
    world.cause = NONE  # R14: profiles, windows and watches have none
    if number >= world.first_controller:
        controller.turn(world, world.controllers[number - world.first_controller])
    elif number >= world.first_unit:
        lifecycle.turn(world, world.units[number - world.first_unit])
    elif number >= world.first_stock:
        stock.turn(world, world.stocks[number - world.first_stock])
    elif number >= world.first_profile:
        profile.turn(world, world.profiles[number - world.first_profile])
    else:
        close_window(world)
    settle(world)


def close_window(world: World) -> None:
    """R13: a boundary closes all meters; the next one is armed."""
    record = world.record
    record.close(world.now)
    world.calendar.arm(WINDOW, record.windows.end(record.window))


# --- end (R13) -------------------------------------------------------------------------------------------
def finish(world: World) -> None:
    """R13: the last window, open outages in order of their measure, open stays in order of units, levels."""
    horizon, record = world.horizon, world.record
    world.now = horizon
    record.close(horizon)
    still_open = [each for each in world.conditions if each.measured != NONE and not each.above]
    for condition in sorted(still_open, key=lambda each: each.measured):
        log_outage(world, condition, horizon, censored=True)
    for unit in world.units:
        lifecycle.log_stay(world, unit, horizon)
    for each in world.stocks:
        record.log(horizon, LEVEL, each.number, 0, NONE, each.at(horizon), each.lost)
