"""From declarations to tables: names become indices, each table in the order the rules need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from outlast.errors import ProgramError
from outlast.program import tables as T
from outlast.program.build_lifecycle import Lifecycles
from outlast.program.check import check
from outlast.program.model import Cohort, Each, Meter
from outlast.program.order import Node, flow_order
from outlast.program.program import Names, Program
from outlast.program.source import Source
from outlast.stats.draws import name_hash

if TYPE_CHECKING:
    from outlast.program.builder import Builder


def assemble(b: Builder) -> Program:
    """Check everything that can be checked by name, then build; ProgramError carries all problems at once."""
    problems = check(b)
    order, readers = flow_order(b)
    problems += [p for p in b.problems if p not in problems]
    if problems:
        raise ProgramError(problems)
    return _Assembly(b, order, readers).program()


class _Assembly:
    """Rows of every table, filled class by class."""

    def __init__(self, b: Builder, order: list[Node], readers: dict[Node, list[Node]]) -> None:
        self.b, self.order, self.readers = b, order, readers
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in T.PROGRAM}
        self.node = {node: i for i, node in enumerate(order)}
        self.index = {
            "profile": _places(b.profiles), "pool": _places(b.pools), "group": _places(b.groups),
            "condition": _places(b.conditions), "stock": _places(b.stocks), "service": _places(b.services),
            "controller": _places(b.controllers),
            "label": {},
        }  # fmt: skip
        self.sites = _places(f"{s.name}.{site.name}" for s in b.services.values() for site in s.sites)
        self.index["site"] = self.sites
        self.first_unit: dict[str, int] = {}
        units = 0
        for cohort in b.cohorts.values():
            self.first_unit[cohort.name] = units
            units += cohort.count
        self.units = units
        self.lifecycles = Lifecycles(self.rows, self.index["label"])
        self.meters: list[str] = []
        self.reductions: list[int] = []

    def program(self) -> Program:
        self._pool_meters()
        self._profiles()
        self._cohorts()
        self._groups()
        self._conditions()
        self._stocks()
        self._services()
        self._controllers()
        self._pools()
        for kind, name in self.order:
            self.rows["nodes"].append((kind, self._object(T.NODES[kind], name)))
        self.rows["meters"] = [(r,) for r in self.reductions]
        self._head()
        tables = {name: np.array(self.rows[name], dtype=dtype) for name, dtype in T.PROGRAM.items()}
        for table in tables.values():
            table.flags.writeable = False
        b, life = self.b, self.lifecycles
        names = Names(tuple(b.cohorts), tuple(c.component for c in b.cohorts.values()),
                      tuple(c.scope for c in b.cohorts.values()), tuple(life.state_names), tuple(life.row_names),
                      tuple(life.signals), tuple(b.conditions), tuple(b.groups), tuple(b.pools), tuple(b.stocks),
                      tuple(b.profiles), tuple(b.services), tuple(life.tags), tuple(life.laws),
                      tuple(b.controllers))  # fmt: skip
        measured = tuple(c.measured for c in b.conditions.values() if c.measured)
        return Program(tables, names, tuple(self.meters), tuple(b.metrics), measured, tuple(self.index["label"]),
                       tuple(stock.loss for stock in b.stocks.values()))  # fmt: skip

    # -- helpers -------------------------------------------------------------------------------------------
    def _object(self, kind: str, name: str) -> int:
        return self.index[kind][name]

    def _dependents(self, nodes: Iterable[Node]) -> tuple[int, int]:
        first = len(self.rows["dependents"])
        self.rows["dependents"] += [(self.node[n],) for n in nodes if n in self.node]
        return first, len(self.rows["dependents"])

    def _source(self, source: Source | None) -> tuple[int, int, int]:
        """(kind, object, field) columns of a value source."""
        if source is None:
            return T.NONE, T.NONE, 0
        if source.kind == T.SITE_USE:
            return source.kind, self.sites[source.name], 0
        kind = {T.GROUP: "group", T.PROFILE: "profile", T.POOL_FREE: "pool", T.POOL_QUEUED: "pool",
                T.SERVICE_FIELD: "service", T.STOCK_LEVEL: "stock"}[source.kind]  # fmt: skip
        return source.kind, self._object(kind, source.name), source.field

    @cached_property
    def _reading(self) -> dict[tuple[int, str], list[Node]]:
        """(kind, name) of a group, profile or pool -> nodes that read it directly, in declaration order."""
        found: dict[tuple[int, str], list[Node]] = defaultdict(list)
        for c in self.b.conditions.values():
            found[_home(c.source)].append((T.CONDITION, c.name))
        for s in self.b.stocks.values():
            if s.source is not None:
                found[_home(s.source)].append((T.STOCK, s.name))
        for service in self.b.services.values():
            groups = [(T.GROUP, t.group) for site in service.sites for t in site.terms]
            for home in dict.fromkeys([_home(service.source), *groups]):
                found[home].append((T.SERVICE, service.name))
        for controller in self.b.controllers.values():
            groups = [(T.GROUP, g) for g in (controller.group, controller.ready, controller.missing) if g]
            for home in dict.fromkeys([_home(controller.metric), *groups]):
                found[home].append((T.CONTROLLER, controller.name))
        return found

    @cached_property
    def _rosters(self) -> dict[int, list[int]]:
        """Group -> cohorts that are members, in declaration order."""
        found: dict[int, list[int]] = defaultdict(list)
        for i, cohort in enumerate(self.b.cohorts.values()):
            for group in dict.fromkeys(self._first_of("group", g) for g, _ in cohort.member):
                found[group].append(i)
        return found

    @cached_property
    def _parents(self) -> dict[str, list[tuple[int, int]]]:
        """Condition -> (gate, want) of every gate that counts it, in declaration order."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for gate in self.b.groups.values():
            for counted, want in gate.counts:
                found[counted].append((self._object("group", gate.name), want))
        return found

    @cached_property
    def _meters_of(self) -> dict[tuple[str, str], list[Meter]]:
        found: dict[tuple[str, str], list[Meter]] = defaultdict(list)
        for meter in self.b.meters.values():
            found[meter.of].append(meter)
        return found

    def _meter(self, name: str, reduction: int) -> int:
        self.meters.append(name)
        self.reductions.append(reduction)
        return len(self.meters) - 1

    def _metered(self, what: str, name: str) -> list[int]:
        return [self._meter(m.name, m.reduction) for m in self._meters_of.get((what, name), ())]

    # -- tables --------------------------------------------------------------------------------------------
    def _head(self) -> None:
        b, n = self.b, self.rows
        first_profile = 1
        first_stock = first_profile + len(b.profiles)
        first_unit = first_stock + len(b.stocks)
        first_controller = first_unit + self.units
        livelock = 10_000 + 20 * self.units
        signals = 256 + 2 * self.units + len(n["listens"]) + len(n["watches"])
        self.rows["head"] = [(b.horizon, b.warm_up, b.window, first_profile, first_stock, first_unit,
                              first_controller, first_controller + len(b.controllers), self.units, len(self.meters),
                              len(n["outages"]), livelock, signals, 1)]  # fmt: skip

    def _profiles(self) -> None:
        for p in self.b.profiles.values():
            s0, f0 = len(self.rows["steps"]), len(self.rows["fed"])
            self.rows["steps"] += list(p.steps)
            self.rows["fed"] += [(i,) for i, q in enumerate(self.b.pools.values()) if q.profile == p.name]
            d0, d1 = self._dependents(self._reading.get((T.PROFILE, p.name), ()))
            self.rows["profiles"].append((p.period, s0, len(self.rows["steps"]), d0, d1, f0, len(self.rows["fed"])))

    def _pool_meters(self) -> None:
        self.pool_meters = {
            name: ((self._metered("busy", name) or [T.NONE])[0], (self._metered("queue", name) or [T.NONE])[0])
            for name in self.b.pools
        }

    def _pools(self) -> None:
        for pool in self.b.pools.values():
            d0, d1 = self._dependents(self._reading.get((T.POOL_FREE, pool.name), ()))
            self.rows["pools"].append((pool.capacity, d0, d1, *self.pool_meters[pool.name]))

    def _groups(self) -> None:
        for gate in self.b.groups.values():
            r0 = len(self.rows["rosters"])
            self.rows["rosters"] += [(i,) for i in self._rosters.get(self._object("group", gate.name), ())]
            d0, d1 = self._dependents(self._reading.get((T.GROUP, gate.name), ()))
            m0 = len(self.meters)
            self._metered("group", gate.name)
            self.rows["groups"].append((r0, len(self.rows["rosters"]), d0, d1, m0, len(self.meters)))

    def _conditions(self) -> None:
        subscribed = self._subscriptions()
        for c in self.b.conditions.values():
            me = (T.CONDITION, c.name)
            l0, q0, p0 = (len(self.rows[t]) for t in ("listens", "subscriptions", "parents"))
            for cohort, i, rise, fall in c.listens:
                unit = self.first_unit[cohort] + i
                self.rows["listens"].append((unit, self.lifecycles.signal(rise), self.lifecycles.signal(fall)))
            self.rows["subscriptions"] += subscribed.get(self._object("condition", c.name), [])
            gates: list[Node] = []
            self.rows["parents"] += self._parents.get(c.name, ())
            gates = [n for n in self.readers[me] if not self._through_gate(n, c.name)]
            d0, d1 = self._dependents(gates)
            meter = (self._metered("false", c.name) or [T.NONE])[0]
            measured = T.NONE
            if c.measured:
                measured = len(self.rows["outages"])
                self.rows["outages"].append((self._object("condition", c.name),))
            kind, item, field = self._source(c.source)
            self.rows["conditions"].append((kind, item, field, c.level, l0, len(self.rows["listens"]), q0,
                                            len(self.rows["subscriptions"]), p0, len(self.rows["parents"]), d0, d1,
                                            meter, measured))  # fmt: skip

    def _through_gate(self, node: Node, condition: str) -> bool:
        """True if the node reads the condition only through a gate (the gate marks it)."""
        if node[0] == T.CONTROLLER:
            return condition != self.b.controllers[node[1]].listed
        if node[0] != T.SERVICE:
            return True
        service = self.b.services[node[1]]
        direct = {c for c, _ in service.needs} | {s.reach for s in service.sites}
        direct |= {c for s in service.sites for t in s.terms for c in (t.live, t.listed)}
        return condition not in direct

    def _stocks(self) -> None:
        owners = self._owners()
        for stock in self.b.stocks.values():
            w0 = len(self.rows["watches"])
            for w in stock.watches:
                unit = self.first_unit[w.cohort] + w.index
                self.rows["watches"].append((w.level, int(w.up), unit, self.lifecycles.signal(w.signal)))
            place = self._object("stock", stock.name)
            node = self.node.get((T.STOCK, stock.name), T.NONE)
            self.rows["stocks"].append((owners.get(place, T.NONE), *self._source(stock.source), w0,
                                        len(self.rows["watches"]), node, stock.keep,
                                        (self._metered("lost", stock.name) or [T.NONE])[0], stock.initial,
                                        stock.low, stock.high))  # fmt: skip

    def _services(self) -> None:
        for service in self.b.services.values():
            me = (T.SERVICE, service.name)
            s0, n0, w0 = (len(self.rows[t]) for t in ("sites", "needs", "weights"))
            for site in service.sites:
                t0 = len(self.rows["terms"])
                for t in site.terms:
                    self.rows["terms"].append((self._object("group", t.group), self._maybe(t.live),
                                               self._maybe(t.listed), t.weight, t.capacity, t.good))  # fmt: skip
                self.rows["sites"].append((t0, len(self.rows["terms"]), self._maybe(site.reach)))
            self.rows["needs"] += [(self._object("condition", c), factor) for c, factor in service.needs]
            self.rows["weights"] += [(share,) for row in service.routes for share in row]
            self_node, _ = self._dependents([me])
            d0, d1 = self._dependents(self.readers[me])
            meter0 = len(self.meters) if service.metered else T.NONE
            if service.metered:
                for field in T.FIELDS[: T.METERED]:
                    self._meter(f"{service.name}.{field}", T.INTEGRAL)
            kind, item, field_ = self._source(service.source)
            self.rows["services"].append((kind, item, field_, service.scale, service.retry, s0,
                                          len(self.rows["sites"]), n0, len(self.rows["needs"]), w0,
                                          len(service.routes), self_node, d0, d1, meter0))  # fmt: skip

    def _controllers(self) -> None:
        sample = advice = 0
        for c in self.b.controllers.values():
            kind, item, field = self._source(c.metric)
            (up, start), (down, stop) = c.up, c.down
            groups = (self._object("group", g) if g else T.NONE for g in (c.ready, c.missing, c.group))
            ups, downs = ((self._metered(what, c.name) or [T.NONE])[0] for what in ("ups", "downs"))
            self.rows["controllers"].append((
                int(c.total), kind, item, field, self._maybe(c.listed), *groups,
                self.lifecycles.mask(up), self.lifecycles.mask(down), self.lifecycles.signal(start),
                self.lifecycles.signal(stop), c.least, c.most, c.target, c.tolerance, c.period,
                T.NONE if c.phase is None else c.phase, c.lag, c.depth, *c.grow, *c.shrink, sample, advice, ups, downs,
                name_hash(c.name)))  # fmt: skip
            sample += c.lag
            advice += c.depth + 1

    def _maybe(self, condition: str) -> int:
        return self._object("condition", condition) if condition else T.NONE

    # -- cohorts -------------------------------------------------------------------------------------------
    def _first_of(self, kind: str, bound: str | Each) -> int:
        name = bound.name if isinstance(bound, Each) else bound
        return self.first_unit[name] if kind == "unit" else self.index[kind][name]

    def _cohorts(self) -> None:
        clock = memory = draw = claim = 0
        for i, cohort in enumerate(self.b.cohorts.values()):
            life = self.lifecycles.lower(cohort.lifecycle)
            slot0, m0 = len(self.rows["slots"]), len(self.rows["members"])
            for slot, kind in life.slots.items():
                bound = cohort.bind.get(slot, slot)
                self.rows["slots"].append((self._first_of(kind, bound), int(isinstance(bound, Each))))
            for group, tags in cohort.member:
                self.rows["members"].append((self._first_of("group", group), int(isinstance(group, Each)),
                                             self.lifecycles.mask(tags)))  # fmt: skip
            drives = T.NONE if cohort.drives is None else self._first_of("stock", cohort.drives)
            first = self.first_unit[cohort.name]
            self.rows["owners"] += [(i,)] * cohort.count
            self.rows["cohorts"].append((
                first, cohort.count, life.states[cohort.initial], life.state0, life.state1, slot0, m0,
                len(self.rows["members"]), clock, life.clocks, memory, life.memories, draw, life.draws, claim,
                life.claims, drives, int(isinstance(cohort.drives, Each)), name_hash(cohort.name)))  # fmt: skip
            clock += life.clocks * cohort.count
            memory += life.memories * cohort.count
            draw += life.draws * cohort.count
            claim += life.claims * cohort.count

    def _owners(self) -> dict[int, int]:
        """Stock -> the unit that drives it."""
        found: dict[int, int] = {}
        for cohort in self.b.cohorts.values():
            if cohort.drives is not None:
                first = self._first_of("stock", cohort.drives)
                paired = isinstance(cohort.drives, Each)
                for i in range(cohort.count if paired else 1):
                    found[first + i] = self.first_unit[cohort.name] + i
        return found

    def _subscriptions(self) -> dict[int, list[tuple[int, int, int]]]:
        """Condition -> (cohort, base, stride) of every cohort whose timed rows have it as a guard."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        for i, cohort in enumerate(self.b.cohorts.values()):
            for slot in _guard_slots(cohort):
                bound = cohort.bind.get(slot, slot)
                base, stride = self._first_of("condition", bound), int(isinstance(bound, Each))
                for k in range(cohort.count if stride else 1):
                    entry = (i, base, stride)
                    listed = found.setdefault(base + k, [])
                    if entry not in listed:
                        listed.append(entry)
        return found


def _guard_slots(cohort: Cohort) -> list[str]:
    names = [g.removeprefix("!") for row in cohort.lifecycle.rows if row.timed for g in row.when]
    return list(dict.fromkeys(names))


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


def _home(source: Source) -> tuple[int, str]:
    """What a source belongs to; both numbers of a pool belong to the pool."""
    return (T.POOL_FREE if source.kind == T.POOL_QUEUED else source.kind, source.name)
