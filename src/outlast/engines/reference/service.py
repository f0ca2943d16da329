"""Who is served: load, route, sites, and what comes out (R11)."""

from __future__ import annotations

from outlast.engines.reference.source import read
from outlast.engines.reference.world import Service, Site, World


def load(world: World, service: Service) -> float:
    """R11: source value * scale, requests per s."""
    source = service.source
    if source is None:
        return service.scale
    return read(world, source.kind, source.object, source.field) * service.scale


def recompute(world: World, service: Service) -> bool:
    """R11: every field from the state of now; whether a field or a site's use changed."""
    offered = load(world, service)
    served = good = capacity = 0.0
    used = False
    for site, share in zip(service.sites, service.routes[service.route], strict=True):
        at_site, good_at_site, at_most, use = serve(site, offered * share, service.retry)
        served += at_site
        good += good_at_site
        capacity += at_most
        used = used or use != site.use
        site.use = use
    for condition, factor in service.needs:
        if not condition.above:
            good *= factor
    good_share = good / offered if offered != 0.0 else 1.0
    fields = [offered, served, good, served - good, offered - served, capacity - offered, good_share]
    changed = used or fields != service.fields
    service.fields = fields
    return changed


def serve(site: Site, off: float, retry: float) -> tuple[float, float, float, float]:
    """R11 at one site: (served, good, capacity, use) of the load `off`."""
    listed, live, capacity, quality = sums(site)
    miss = off * (listed - live) / listed if listed != 0.0 else off
    hit = off - miss + retry * miss if live != 0.0 else 0.0
    served = min(hit, capacity)
    good = served * quality / live if live != 0.0 else 0.0
    use = hit / capacity if capacity != 0.0 else 0.0
    return served, good, capacity, use


def sums(site: Site) -> tuple[float, float, float, float]:
    """L, V, C, Q of R11: listed weight, live weight, live capacity, weight of good answers."""
    listed = live = capacity = quality = 0.0
    reachable = site.reach is None or site.reach.above
    for term in site.terms:
        if term.listed is not None and not term.listed.above:
            continue
        n = float(term.group.count)
        a = n * term.weight
        listed += a
        if (term.live is None or term.live.above) and term.capacity > 0.0 and reachable:
            live += a
            capacity += n * term.capacity
            quality += a * term.good
    return listed, live, capacity, quality


def sweep_service(world: World, service: Service) -> None:
    """Recompute in a sweep: meters follow each field, dependents become dirty iff something changed."""
    changed = recompute(world, service)
    for meter, value in zip(service.meters, service.fields, strict=False):
        meter.follow(value, world.now)
    if changed:
        world.mark(service.dependents)


def route(world: World, service: Service, row: int) -> None:
    """Use that row of weights; the service becomes dirty."""
    service.route = row
    world.mark([world.node_of[service.number]])
