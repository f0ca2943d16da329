"""What a unit does next: clocks (R4), guards (R8), firing (R3), signals (R6)."""

from __future__ import annotations

from math import inf

from outlast.engines.reference.group import change
from outlast.engines.reference.luck import next_grid_time
from outlast.engines.reference.plan import Case, Row, State
from outlast.engines.reference.stock import rebase
from outlast.engines.reference.verbs import perform
from outlast.engines.reference.world import Unit, World
from outlast.errors import LivelockError
from outlast.program.tables import AGED, CARRY, FIRED, NONE, REPEAT, RESUME, STAY
from outlast.stats.distributions import GRID

NOTHING = -1.0  # an empty memory


def guards_hold(world: World, unit: Unit, row: Row) -> bool:
    """R8: a conjunction over conditions, as of the last sweep."""
    return all(world.conditions[unit.reach(guard.slot)].above == guard.want for guard in row.guards)


# --- clocks (R4) -----------------------------------------------------------------------------------------
def start_clock(world: World, unit: Unit, row: Row) -> None:
    """R4: the clock of a timed row starts now."""
    unit.clocks[row.clock] = ringing_time(world, unit, row)


def ringing_time(world: World, unit: Unit, row: Row) -> float:
    """R4: when a clock that starts now rings, s, in the order of precedence."""
    now, law = world.now, row.law
    assert law is not None
    if row.policy == RESUME and unit.memory[row.memory] >= 0.0:
        remaining = unit.memory[row.memory]
        unit.memory[row.memory] = NOTHING
        return now + remaining
    if row.policy == REPEAT and unit.memory[row.memory] >= 0.0:
        return now + unit.memory[row.memory]
    if law.kind == GRID:
        return next_grid_time(world, unit, row, law)
    seconds = world.luck.delay(world, unit, row, law)
    if row.policy == AGED:
        unit.started[row.memory] = now
    elif row.policy == REPEAT:
        unit.memory[row.memory] = seconds
    return now + seconds


def stop_clock(world: World, unit: Unit, row: Row) -> None:
    """R4: `resume` keeps the remaining time, `aged` the age, the others forget; an idle clock stays idle."""
    time = unit.clocks[row.clock]
    if time == inf:
        return
    if row.policy == RESUME:
        unit.memory[row.memory] = time - world.now
    elif row.policy == AGED:
        grow_older(world, unit, row)
    unit.clocks[row.clock] = inf


def grow_older(world: World, unit: Unit, row: Row) -> None:
    """The age of an `aged` clock grows by now - start."""
    unit.memory[row.memory] += world.now - unit.started[row.memory]


def consume_clock(world: World, unit: Unit, row: Row) -> None:
    """R3.4: the clock is idle, its memory cleared; under `aged` the age grows instead."""
    unit.clocks[row.clock] = inf
    if row.policy == AGED:
        grow_older(world, unit, row)
    elif row.memory != NONE:
        unit.memory[row.memory] = NOTHING


def adjust_clock(world: World, unit: Unit, row: Row) -> None:
    """R3.9: start if the guards hold and the clock is idle, stop if they do not hold and it runs."""
    if guards_hold(world, unit, row):
        if unit.clocks[row.clock] == inf:
            start_clock(world, unit, row)
    else:
        stop_clock(world, unit, row)


def publish(world: World, unit: Unit) -> None:
    """R3.10: the unit's next time is the least of its clocks."""
    time = min((unit.clocks[row.clock] for row in unit.state.timed), default=inf)
    world.calendar.arm(unit.source, time)


def recheck(world: World, unit: Unit) -> None:
    """R5(c): timed rows with guards start or stop, in table order."""
    guarded = [row for row in unit.state.timed if row.guards]
    for row in guarded:
        adjust_clock(world, unit, row)
    if guarded:
        publish(world, unit)


# --- firing (R3) -----------------------------------------------------------------------------------------
def turn(world: World, unit: Unit) -> None:
    """The event of a unit: the row of its least clock fires, the first in table order among equals (R2)."""
    fire(world, unit, min(unit.state.timed, key=lambda row: unit.clocks[row.clock]))


def receive(world: World, unit: Unit, signal: int) -> None:
    """R6: the first signalled row with that signal and true guards fires; else the signal vanishes."""
    for row in unit.state.signalled:
        if row.signal == signal and guards_hold(world, unit, row):
            fire(world, unit, row)
            return


def fire(world: World, unit: Unit, row: Row) -> None:
    """R3: one firing, in the order of its numbered steps."""
    timed = row.signal == NONE
    count_firing(world, unit)
    set_cause(world, unit, row, timed)  # 1
    case = world.luck.case(unit, row)  # 2
    if world.record.trace:
        world.record.log(world.now, FIRED, unit.number, case.number, world.cause)  # 3
    if timed:
        consume_clock(world, unit, row)  # 4
    if case.target == NONE:
        stay(world, unit, row, case, timed)
    else:
        move(world, unit, case)


def count_firing(world: World, unit: Unit) -> None:
    """R5: more than LIMIT firings at one instant is a livelock."""
    world.firings += 1
    if world.firings > world.limit:
        raise LivelockError([world.names[unit.number]], world.now)


def set_cause(world: World, unit: Unit, row: Row, timed: bool) -> None:
    """R14: only a timed firing sets the cause of the event; the firing unit stores it."""
    if timed:
        world.cause = unit.number if row.origin or unit.cause == NONE else unit.cause
    unit.cause = world.cause


def stay(world: World, unit: Unit, row: Row, case: Case, timed: bool) -> None:
    """R3, target stay: effects, then a timed row starts its own clock again if its guards hold."""
    perform(world, unit, case.effects)
    if timed and guards_hold(world, unit, row):
        start_clock(world, unit, row)
    publish(world, unit)


def move(world: World, unit: Unit, case: Case) -> None:
    """R3.5 - R3.10: into the target state."""
    new = world.plan.states[case.target]
    for row in unit.state.timed:  # 5
        if not (row.policy == CARRY and row.clock in new.clocks):
            stop_clock(world, unit, row)
    perform(world, unit, case.effects)  # 6
    log_stay(world, unit, world.now)  # 7
    enter(world, unit, new)
    rebase_driven(world, unit)  # 8
    for row in new.timed:  # 9
        adjust_clock(world, unit, row)
    publish(world, unit)  # 10


def log_stay(world: World, unit: Unit, now: float) -> None:
    """R3.7: the stay is logged if the state is a part and the stay has length > 0."""
    if unit.state.part != NONE and now > unit.since:
        world.record.log(now, STAY, unit.number, unit.state.part, unit.cause, unit.since, now - unit.since)


def enter(world: World, unit: Unit, new: State) -> None:
    """R3.7: the state changes, then the counts of every membership whose tag test changes."""
    old, unit.state, unit.since = unit.state, new, world.now
    for each in unit.cohort.memberships:
        before, after = bool(old.tags & each.tags), bool(new.tags & each.tags)
        if before != after:
            change(world, world.groups[each.group + each.stride * unit.index], 1 if after else -1)


def rebase_driven(world: World, unit: Unit) -> None:
    """R3.8: the stock the unit drives is re-based."""
    cohort = unit.cohort
    if cohort.drives != NONE:
        rebase(world, world.stocks[cohort.drives + cohort.stride * unit.index])
