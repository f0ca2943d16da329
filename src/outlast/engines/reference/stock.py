"""How much there is: levels that drain or fill, watches, committed points (R10)."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from outlast.engines.reference.source import read
from outlast.engines.reference.world import Stock, Unit, World
from outlast.program.tables import LOSS, NONE, WATCH


def rebase(world: World, stock: Stock, verb: Callable[[], None] | None = None) -> None:
    """R10: level at now, a reached watch rings, the verb changes the level, rate and watch anew."""
    now = world.now
    stock.level = stock.at(now)
    stock.since = now
    if stock.pending is not None and (now >= stock.due or passed(stock)):
        ring(world, stock)
    if verb is not None:
        verb()
    stock.rate = rate(world, stock)
    seek(world, stock)


def passed(stock: Stock) -> bool:
    """Whether the level has reached or passed the pending watch."""
    watch = stock.pending
    assert watch is not None
    return stock.level >= watch.level if watch.up else stock.level <= watch.level


def rate(world: World, stock: Stock) -> float:
    """R10: state.rate + state.gain * source value of the owner's state, per s; rate alone where gain = 0."""
    if stock.owner == NONE:
        return 0.0
    state, source = world.units[stock.owner].state, stock.source
    if state.gain == 0.0 or source is None:
        return state.rate
    return state.rate + state.gain * read(world, source.kind, source.object, source.field)


def seek(world: World, stock: Stock) -> None:
    """R10: the pending watch is the nearest level strictly ahead; when it will be reached."""
    stock.pending, stock.due = None, inf
    if stock.rate > 0.0:
        ahead = [watch for watch in stock.watches if watch.up and watch.level > stock.level]
        stock.pending = min(ahead, key=lambda watch: watch.level, default=None)
    elif stock.rate < 0.0:
        ahead = [watch for watch in stock.watches if not watch.up and watch.level < stock.level]
        stock.pending = max(ahead, key=lambda watch: watch.level, default=None)
    if stock.pending is not None:
        stock.due = world.now + (stock.pending.level - stock.level) / stock.rate
    world.calendar.arm(stock.turn, stock.due)


def ring(world: World, stock: Stock) -> None:
    """R10: the level is exactly the watch's; all watches with that level and direction send signals."""
    reached = stock.pending
    assert reached is not None
    stock.level, stock.since = reached.level, world.now
    if world.record.trace:
        world.record.log(world.now, WATCH, stock.number, 0, world.cause, stock.level)
    for watch in stock.watches:
        if watch.level == reached.level and watch.up == reached.up:
            world.send(watch.unit, watch.signal)


def turn(world: World, stock: Stock) -> None:
    """The event of a stock: its pending watch is reached."""
    ring(world, stock)
    seek(world, stock)


def commit(world: World, stock: Stock, tier: int) -> None:
    """The stage becomes a committed point; the tier keeps its newest."""
    stock.tiers[tier].append(stock.stage)


def rollback(world: World, stock: Stock, unit: Unit, tier: int, clean: bool) -> None:
    """R10: back to the newest committed point of that tier or above; the loss is added up and logged."""
    rebase(world, stock, lambda: go_back(world, stock, unit, tier, clean))


def go_back(world: World, stock: Stock, unit: Unit, tier: int, clean: bool) -> None:
    """The verb of a rollback, once the level at now is found."""
    points = [value for kept in stock.tiers[tier:] for value in kept]
    if clean:
        points = [value for value in points if value <= stock.taint]
    level = max(points, default=stock.initial)
    for kept in stock.tiers:
        remaining = [value for value in kept if value <= level]
        kept.clear()
        kept.extend(remaining)
    if stock.taint >= level:
        stock.taint = inf
    loss = stock.level - level
    stock.level = level
    stock.lost += loss
    if stock.meter is not None:
        stock.meter.follow(stock.lost, world.now)
    world.record.log(world.now, LOSS, stock.number, unit.number, world.cause, loss, level)
