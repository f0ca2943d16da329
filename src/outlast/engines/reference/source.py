"""What a value source is worth now."""

from __future__ import annotations

from outlast.engines.reference.world import World
from outlast.program.tables import (
    GROUP,
    POOL_FREE,
    POOL_QUEUED,
    PROFILE,
    SERVICE_FIELD,
    SITE_USE,
    STOCK_LEVEL,
)


def read(world: World, kind: int, number: int, field: int) -> float:
    """Value of a group, profile, pool, service field, site or stock at the current instant."""
    if kind == GROUP:
        return float(world.groups[number].count)
    if kind == PROFILE:
        return world.profiles[number].value
    if kind == POOL_FREE:
        return float(world.pools[number].free)
    if kind == POOL_QUEUED:
        return float(world.pools[number].queued())
    if kind == SERVICE_FIELD:
        return world.services[number].fields[field]
    if kind == SITE_USE:
        return world.sites[number].use
    if kind == STOCK_LEVEL:
        return world.stocks[number].at(world.now)
    raise ValueError(f"value source {kind}: unknown; allowed are 0 (group) to {STOCK_LEVEL} (stock)")
