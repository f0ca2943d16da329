"""What stands where: failure domains as a tree, the parts of every component in them, and who depends on whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from outlast.kinds.outline import NOWHERE, Outline
from outlast.kinds.outline import Part as Part  # of an outline, and so of a topology
from outlast.kinds.region import Region
from outlast.kinds.zone import Zone
from outlast.scenario import Scenario
from outlast.scenario.model import ScenarioSpec
from outlast.units import format_bytes, format_share

LEVELS = ("provider", "region", "zone")
SOFT = ("degraded_by", "replication")  # fields whose names are not needed to work
FOLLOWERS = {"primary": "replica", "active": "standby"}  # role -> what takes over from it


@dataclass(frozen=True)
class Domain:
    """A provider, region or zone.  fails: whether it has outages as a whole; note: where its data lawfully is."""

    name: str
    title: str
    scope: str
    fails: bool
    inner: tuple[Domain, ...] = ()
    note: str = ""

    def leaves(self) -> tuple[str, ...]:
        """The smallest domains in it, or itself."""
        return tuple(leaf for one in self.inner for leaf in one.leaves()) or (self.name,)

    def all(self) -> Iterator[Domain]:
        """Itself and everything in it."""
        yield self
        for one in self.inner:
            yield from one.all()


@dataclass(frozen=True)
class Item:
    """A component, link or shock.  uses: (field, name) of what it depends on; strikes: what a shock hits."""

    name: str
    kind: str
    parts: tuple[Part, ...] = ()
    note: str = ""
    uses: tuple[tuple[str, str], ...] = ()
    strikes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topology:
    """A scenario for drawing.  components: those that depend on others come before them."""

    name: str
    description: str
    domains: tuple[Domain, ...]
    components: tuple[Item, ...]
    links: tuple[Item, ...] = ()
    shocks: tuple[Item, ...] = ()
    users: dict[str, list[str]] = field(default_factory=dict)

    def all_domains(self) -> Iterator[Domain]:
        """Every failure domain, outer ones first."""
        for domain in self.domains:
            yield from domain.all()


def topology(scenario: Scenario) -> Topology:
    """The topology of a scenario."""
    spec = scenario.spec
    zones = {name: [f"{name}.{zone}" for zone in (region or Region()).zones] for name, region in spec.regions.items()}
    items = {name: _component(name, kind, kind.outline(zones)) for name, kind in spec.components.items()}
    users: dict[str, list[str]] = {}
    for item in items.values():
        for name in dict.fromkeys(name for _, name in item.uses):
            users.setdefault(name, []).append(item.name)
    return Topology(
        scenario.name, scenario.description.strip(), tuple(_domains(spec)), tuple(_users_first(items)),
        tuple(_links(spec)), tuple(_shocks(spec)), users,
    )  # fmt: skip


def _component(name: str, kind: Any, outline: Outline) -> Item:
    return Item(name, kind.kind, outline.parts, outline.note, tuple(dict.fromkeys(kind.uses())))


def _domains(spec: ScenarioSpec) -> Iterator[Domain]:
    """Providers with their regions, then regions of nobody."""
    regions = {name: region or Region() for name, region in spec.regions.items()}
    for name, provider in spec.providers.items():
        own = tuple(_region(r, region) for r, region in regions.items() if region.provider == name)
        yield Domain(name, name, "provider", provider is not None and provider.outage is not None, own)
    yield from (_region(name, region) for name, region in regions.items() if region.provider is None)


def _region(name: str, region: Region) -> Domain:
    zones = region.zones if isinstance(region.zones, dict) else dict.fromkeys(region.zones)
    inner = tuple(
        Domain(f"{name}.{zone}", zone, "zone", ((own or Zone()).outage or region.zone_outage) is not None)
        for zone, own in zones.items()
    )
    return Domain(name, name, "region", region.outage is not None, inner, region.jurisdiction)


def _links(spec: ScenarioSpec) -> Iterator[Item]:
    for name, link in spec.links.items():
        note = "" if link.capacity is None else f"{format_bytes(link.capacity)}/s"
        yield Item(name, "link", tuple(Part(end) for end in link.between), note)


def _shocks(spec: ScenarioSpec) -> Iterator[Item]:
    """Struck places are parts, struck components are named."""
    for name, shock in spec.shocks.items():
        strikes = [(one, one in spec.components) for one in shock.strikes]
        share = format_share(shock.each)
        parts = tuple(Part(one, "struck", share) for one, component in strikes if not component)
        components = tuple(one for one, component in strikes if component)
        yield Item(name, "shock", parts, f"{share} each", strikes=components)


def _users_first(items: dict[str, Item]) -> Iterable[Item]:
    """By depth, as declared where that leaves a choice."""
    sorter = TopologicalSorter({name: [] for name in items})
    for item in items.values():
        for _, needed in item.uses:
            if needed in items:
                sorter.add(needed, item.name)
    places = {name: place for place, name in enumerate(items)}
    sorter.prepare()
    while sorter.is_active():
        for name in sorted(sorter.get_ready(), key=places.__getitem__):
            sorter.done(name)
            yield items[name]


__all__ = ["FOLLOWERS", "NOWHERE", "SOFT", "Domain", "Item", "Part", "Topology", "topology"]
