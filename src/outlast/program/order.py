"""Topological order of flow nodes: conditions, stocks, services and controllers; a cycle is a build error."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from outlast.program import tables as T
from outlast.program.source import Source

if TYPE_CHECKING:
    from outlast.program.builder import Builder

Node = tuple[int, str]  # (kind, name)


def _before(b: Builder, source: Source | None) -> list[Node]:
    """Nodes that must be swept before a reader of this source."""
    if source is None:
        return []
    if source.kind == T.GROUP and source.name in b.groups:
        return [(T.CONDITION, c) for c, _ in b.groups[source.name].counts]
    if source.kind == T.SERVICE_FIELD:
        return [(T.SERVICE, source.name)]
    if source.kind == T.SITE_USE:
        return [(T.SERVICE, source.name.rpartition(".")[0])]
    return []


def _needs(b: Builder, node: Node) -> list[Node]:
    kind, name = node
    if kind == T.CONDITION:
        return _before(b, b.conditions[name].source)
    if kind == T.STOCK:
        return _before(b, b.stocks[name].source)
    if kind == T.CONTROLLER:
        return _controller_needs(b, name)
    service = b.services[name]
    conditions = [c for c, _ in service.needs]
    found = _before(b, service.source)
    for site in service.sites:
        conditions.append(site.reach)
        for term in site.terms:
            conditions += [term.live, term.listed]
            found += _before(b, Source(T.GROUP, term.group))
    return found + [(T.CONDITION, c) for c in conditions if c]


def _controller_needs(b: Builder, name: str) -> list[Node]:
    controller = b.controllers[name]
    found = _before(b, controller.metric) + ([(T.CONDITION, controller.listed)] if controller.listed else [])
    for group in (controller.group, controller.ready, controller.missing):
        found += _before(b, Source(T.GROUP, group))
    return found


def flow_order(b: Builder) -> tuple[list[Node], dict[Node, list[Node]]]:
    """All nodes in topological order (ties in the order of declaration), and the readers of every node.

    On a cycle the problem is added to the builder and the rest is left in the order of declaration.
    """
    nodes = [(T.CONDITION, n) for n in b.conditions]
    nodes += [(T.STOCK, n) for n, s in b.stocks.items() if s.source is not None]
    nodes += [(T.SERVICE, n) for n in b.services]
    nodes += [(T.CONTROLLER, n) for n in b.controllers]
    rank = {node: i for i, node in enumerate(nodes)}
    readers: dict[Node, list[Node]] = {node: [] for node in nodes}
    missing = dict.fromkeys(nodes, 0)
    for node in nodes:
        for before in dict.fromkeys(_needs(b, node)):
            if before in rank:
                readers[before].append(node)
                missing[node] += 1
    ready = [rank[n] for n in nodes if missing[n] == 0]
    heapq.heapify(ready)
    order: list[Node] = []
    while ready:
        node = nodes[heapq.heappop(ready)]
        order.append(node)
        for reader in readers[node]:
            missing[reader] -= 1
            if missing[reader] == 0:
                heapq.heappush(ready, rank[reader])
    if len(order) < len(nodes):
        stuck = [n for n in nodes if missing[n] > 0]
        names = ", ".join(f"{T.NODES[kind]} {name!r}" for kind, name in stuck)
        b.problems.append(f"these depend on each other in a circle: {names}")
        order += stuck
    return order, readers
