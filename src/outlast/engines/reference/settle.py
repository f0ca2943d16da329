"""What follows from an event at the same instant: signals, sweeps, rechecks (R5)."""

from __future__ import annotations

from heapq import heappop

from outlast.engines.reference.group import sweep_condition
from outlast.engines.reference.lifecycle import receive, recheck
from outlast.engines.reference.pool import deliverable
from outlast.engines.reference.service import sweep_service
from outlast.engines.reference.stock import rebase
from outlast.engines.reference.world import Condition, Service, Stock, World


def settle(world: World) -> None:
    """R5: until nothing is left, deliver signals, sweep the dirty flow nodes, recheck guards."""
    while world.signals or world.dirty:
        deliver(world)
        for condition in sweep(world):
            recheck_subscribers(world, condition)


def deliver(world: World) -> None:
    """R5(a): first in first out, until the queue is empty."""
    while world.signals:
        unit, signal, claim = world.signals.popleft()
        if deliverable(claim):
            receive(world, world.units[unit], signal)


def sweep(world: World) -> list[Condition]:
    """R5(b): dirty flow nodes in ascending number; the conditions that flipped, in that order."""
    flipped: list[Condition] = []
    while world.dirty:
        number = heappop(world.dirty)
        world.marked.discard(number)
        node = world.nodes[number]
        if isinstance(node, Condition):
            if sweep_condition(world, node):
                flipped.append(node)
        elif isinstance(node, Service):
            sweep_service(world, node)
        elif isinstance(node, Stock):
            rebase(world, node)  # controllers look at their next evaluation
    return flipped


def recheck_subscribers(world: World, condition: Condition) -> None:
    """R5(c): every cohort subscribed to a flipped condition; of a paired one only the paired unit."""
    for number, base, stride in condition.subscriptions:
        units = world.cohorts[number].units
        if stride == 0:
            for unit in units:
                recheck(world, unit)
            continue
        index = (condition.number - base) // stride
        if 0 <= index < len(units):
            recheck(world, units[index])
