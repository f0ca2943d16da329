"""What an effect does: the thirteen verbs."""

from __future__ import annotations

from math import nan

from outlast.engines.reference import pool as pools
from outlast.engines.reference import service as services
from outlast.engines.reference import stock as stocks
from outlast.engines.reference.group import members
from outlast.engines.reference.luck import next_sample
from outlast.engines.reference.plan import Effect
from outlast.engines.reference.world import Stock, Unit, World, clamp
from outlast.program import tables as t


def perform(world: World, unit: Unit, effects: tuple[Effect, ...]) -> None:
    """R3.6: effects in row order."""
    for effect in effects:
        VERBS[effect.op](world, unit, effect)


def stock_of(world: World, unit: Unit, effect: Effect) -> Stock:
    """The stock behind the effect's slot."""
    return world.stocks[unit.reach(effect.slot)]


def request(world: World, unit: Unit, effect: Effect) -> None:
    pool = world.pools[unit.reach(effect.slot)]
    pools.request(
        world, unit, effect.i, pool,
        priority=effect.j, amount=effect.k, grant=effect.signal, revoked=effect.dist,
        preempts=effect.x == 1.0,
    )  # fmt: skip


def release(world: World, unit: Unit, effect: Effect) -> None:
    pools.release(world, unit, effect.i)


def resize(world: World, unit: Unit, effect: Effect) -> None:
    pools.resize(world, world.pools[unit.reach(effect.slot)], effect.i)


def emit(world: World, unit: Unit, effect: Effect) -> None:
    world.send(unit.reach(effect.slot), effect.signal)


def scatter(world: World, unit: Unit, effect: Effect) -> None:
    group = world.groups[unit.reach(effect.slot)]
    tagged = [each for each in members(world, group) if effect.tag == 0 or each.state.tags & effect.tag]
    for each in world.luck.members(unit, effect, tagged):
        world.send(each.number, effect.signal)


def stage(world: World, unit: Unit, effect: Effect) -> None:
    stock = stock_of(world, unit, effect)
    stock.stage = stock.at(world.now)


def commit(world: World, unit: Unit, effect: Effect) -> None:
    stocks.commit(world, stock_of(world, unit, effect), effect.i)


def rollback(world: World, unit: Unit, effect: Effect) -> None:
    stocks.rollback(world, stock_of(world, unit, effect), unit, effect.i, bool(effect.j))


def taint(world: World, unit: Unit, effect: Effect) -> None:
    stock = stock_of(world, unit, effect)
    stock.taint = min(stock.taint, stock.at(world.now))


def set_level(world: World, unit: Unit, effect: Effect) -> None:
    stock = stock_of(world, unit, effect)
    law = world.plan.laws[effect.dist]

    def verb() -> None:
        value = next_sample(world, unit, law, effect.hash, effect.draw)
        stock.level = clamp(value, stock.low, stock.high)

    stocks.rebase(world, stock, verb)


def route(world: World, unit: Unit, effect: Effect) -> None:
    services.route(world, world.services[unit.reach(effect.slot)], effect.i)


def record(world: World, unit: Unit, effect: Effect) -> None:
    level = nan if effect.slot == t.NONE else stock_of(world, unit, effect).at(world.now)
    world.record.log(world.now, t.RECORDED, effect.i, unit.number, world.cause, level)


def forget(world: World, unit: Unit, effect: Effect) -> None:
    if effect.k == 1:
        unit.memory[effect.i] *= effect.x
    else:
        unit.memory[effect.i] = -1.0


VERBS = {
    t.REQUEST: request,
    t.RELEASE: release,
    t.RESIZE: resize,
    t.EMIT: emit,
    t.SCATTER: scatter,
    t.STAGE: stage,
    t.COMMIT: commit,
    t.ROLLBACK: rollback,
    t.TAINT: taint,
    t.SET: set_level,
    t.ROUTE: route,
    t.RECORD: record,
    t.FORGET: forget,
}
