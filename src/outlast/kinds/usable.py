"""Enough usable items: up, and where their place works."""

from __future__ import annotations

from collections.abc import Sequence

from outlast.kinds.platform import Place, Platform
from outlast.program import Site, Source, Term, count_of, rate_of, value_of


def usable(
    platform: Platform, name: str, places: Sequence[Place], counts: Sequence[int], needed: int
) -> tuple[str, str]:
    """(condition that at least `needed` items of group `name up` are usable, condition that their one place works).

    Items in one place are usable while the place works, so the place is a part of its own.  Over several places the
    items are added up by a service whose members serve one request per second each where the place works.
    """
    b = platform.builder
    if len(places) <= 1:
        return b.condition(f"{name} enough", number(name, places), needed), places[0].ok if places else ""
    for place in places:
        b.group(f"{name} up@{place.name}")
    terms = tuple(Term(f"{name} up@{p.name}", capacity=1.0, live=p.ok, listed=p.ok) for p in places)
    total = b.profile(f"{name} items", 1.0, [(0.0, float(sum(counts)))])
    b.service(f"{name} usable", value_of(total), [Site("all", terms)], metered=False)
    return b.condition(f"{name} enough", number(name, places), needed), ""


def number(name: str, places: Sequence[Place]) -> Source:
    """How many are usable, once `usable` has been called."""
    return count_of(f"{name} up") if len(places) <= 1 else rate_of(f"{name} usable", "served")
