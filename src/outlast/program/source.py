"""Values that conditions compare, stocks flow with and delays are scaled by."""

from __future__ import annotations

from dataclasses import dataclass

from outlast.program import tables as T


@dataclass(frozen=True)
class Source:
    """A value: ("group" | "profile" | "pool free" | "pool queued" | "service" | "site use" | "stock", name, field)."""

    kind: int
    name: str
    field: int = 0


def count_of(group: str) -> Source:
    """How many units carry the group's tags, or how many conditions a gate counts."""
    return Source(T.GROUP, group)


def value_of(profile: str) -> Source:
    """Current value of a profile."""
    return Source(T.PROFILE, profile)


def free_in(pool: str) -> Source:
    """Free amount of a pool (negative while over-committed)."""
    return Source(T.POOL_FREE, pool)


def queued_at(pool: str) -> Source:
    """Number of queued claims of a pool."""
    return Source(T.POOL_QUEUED, pool)


def rate_of(service: str, what: str) -> Source:
    """A field of a service: offered, served, good, bad, dropped, headroom (per second), or "good share"."""
    return Source(T.SERVICE_FIELD, service, T.FIELDS.index(what))


def use_of(site: str) -> Source:
    """Use of a site: hit rate over capacity.  Sites are named `service.site`."""
    return Source(T.SITE_USE, site)


def level_of(stock: str) -> Source:
    """Level of a stock (for scaling delays)."""
    return Source(T.STOCK_LEVEL, stock)
