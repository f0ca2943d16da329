"""How a replication is laid out: plain objects made from the tables of a program."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from math import inf
from types import SimpleNamespace
from typing import Any

import numpy as np

from outlast.engines.reference.calendar import Calendar
from outlast.engines.reference.leaves import base_key, uniform, unit_key
from outlast.engines.reference.luck import Keyed
from outlast.engines.reference.plan import Plan, Source, State, make_plan, rows
from outlast.engines.reference.record import Meter, Record, Windows
from outlast.engines.reference.world import (
    Cohort,
    Condition,
    Controller,
    Group,
    Membership,
    Node,
    Pool,
    Profile,
    Service,
    Site,
    Stock,
    Term,
    Unit,
    Watch,
    World,
)
from outlast.program import tables as t
from outlast.program.program import Program
from outlast.stats.draws import PHASE

Tables = Mapping[str, np.ndarray]


def build_world(program: Program, seed: int, replication: int, trace: bool, turn: Callable[[int], None]) -> World:
    """A world before R16: objects and their links, no values yet. `turn(number)` handles an event."""
    tables: Tables = program.tables
    (head,) = rows(tables["head"])
    plan = plan_of(program)
    meters = [Meter(row.reduction) for row in rows(tables["meters"])]
    cohorts = make_cohorts(tables, plan, head.first_unit, seed, replication)
    groups = make_groups(tables, cohorts, meters)
    conditions = make_conditions(tables, groups, meters)
    stocks = make_stocks(tables, head.first_stock, meters)
    sites = make_sites(tables, groups, conditions)
    services = make_services(tables, sites, conditions, meters)
    controllers = make_controllers(tables, head.first_controller, groups, conditions, meters, seed, replication)
    units = [unit for cohort in cohorts for unit in cohort.units]
    nodes = make_nodes(tables, conditions, stocks, services, controllers)
    return World(
        plan=plan,
        points=tables["points"],
        horizon=head.horizon,
        limit=head.livelock,
        first_profile=head.first_profile,
        first_stock=head.first_stock,
        first_unit=head.first_unit,
        first_controller=head.first_controller,
        names=[program.unit_name(unit.number) for unit in units],
        record=Record(meters, Windows(head.horizon, head.warm_up, head.window), trace),
        calendar=Calendar(turn),
        luck=Keyed(),
        cohorts=cohorts,
        units=units,
        groups=groups,
        conditions=conditions,
        pools=make_pools(tables, meters),
        stocks=stocks,
        profiles=make_profiles(tables, head.first_profile),
        services=services,
        controllers=controllers,
        sites=sites,
        nodes=nodes,
        node_of={node.number: place for place, node in enumerate(nodes) if isinstance(node, Service)},
    )


def plan_of(program: Program) -> Plan:
    """The lifecycles of a program, made once."""
    plan = program.cache.get("reference")
    if not isinstance(plan, Plan):
        plan = program.cache["reference"] = make_plan(program.tables)
    return plan


def make_cohorts(tables: Tables, plan: Plan, first_unit: int, seed: int, replication: int) -> list[Cohort]:
    """Cohorts with their units, keyed by (seed, replication) (R15)."""
    slots = [(row.base, row.stride) for row in rows(tables["slots"])]
    memberships = [Membership(row.group, row.stride, row.tag) for row in rows(tables["members"])]
    base = np.uint64(base_key(np.uint64(seed), np.uint64(replication), np.uint64(0)))
    cohorts = []
    for number, row in enumerate(rows(tables["cohorts"])):
        cohort = Cohort(
            number=number,
            first=row.first,
            hash=np.uint64(row.hash),
            states=plan.states[row.state0 : row.state1],
            slots=slots[row.slot0 :],
            memberships=memberships[row.m0 : row.m1],
            drives=row.drives,
            stride=row.stride,
        )
        cohort.units = make_units(cohort, row, base, plan.states[row.initial], first_unit)
        cohorts.append(cohort)
    return cohorts


def first_memory(states: tuple[State, ...], size: int) -> list[float]:
    """-1 (nothing remembered), but age 0 where an `aged` row keeps its age."""
    memory = [-1.0] * size
    for state in states:
        for row in state.timed:
            if row.policy == t.AGED:
                memory[row.memory] = 0.0
    return memory


def make_units(cohort: Cohort, row: SimpleNamespace, base: np.uint64, initial: State, first_unit: int) -> list[Unit]:
    """Units of a cohort, in their initial state, with idle clocks."""
    memory = first_memory(cohort.states, row.nmem)
    return [
        Unit(
            number=cohort.first + index,
            source=first_unit + cohort.first + index,
            cohort=cohort,
            index=index,
            key=np.uint64(unit_key(base, cohort.hash, np.uint64(index))),
            state=initial,
            clocks=[inf] * row.nclk,
            memory=list(memory),
            started=[0.0] * row.nmem,
            draws=[0] * row.ndraw,
        )
        for index in range(row.count)
    ]


def make_groups(tables: Tables, cohorts: list[Cohort], meters: list[Meter]) -> list[Group]:
    """Groups and gates, with no members counted yet."""
    rosters = [cohorts[row.cohort] for row in rows(tables["rosters"])]
    dependents = nodes_of(tables)
    return [
        Group(
            number=number,
            roster=rosters[row.r0 : row.r1],
            meters=meters[row.meter0 : row.meter1] if row.meter0 >= 0 else [],
            dependents=dependents[row.d0 : row.d1],
        )
        for number, row in enumerate(rows(tables["groups"]))
    ]


def make_conditions(tables: Tables, groups: list[Group], meters: list[Meter]) -> list[Condition]:
    """Conditions, all false until evaluated."""
    listens = [(row.unit, row.rise, row.fall) for row in rows(tables["listens"])]
    subscriptions = [(row.cohort, row.base, row.stride) for row in rows(tables["subscriptions"])]
    parents = [(groups[row.group], bool(row.want)) for row in rows(tables["parents"])]
    dependents = nodes_of(tables)
    return [
        Condition(
            number=number,
            source=Source(row.kind, row.object, row.field),
            level=row.level,
            listens=listens[row.l0 : row.l1],
            subscriptions=subscriptions[row.q0 : row.q1],
            parents=parents[row.p0 : row.p1],
            dependents=dependents[row.d0 : row.d1],
            meter=optional(meters, row.meter),
            measured=row.measured,
        )
        for number, row in enumerate(rows(tables["conditions"]))
    ]


def make_pools(tables: Tables, meters: list[Meter]) -> list[Pool]:
    """Pools, all free."""
    dependents = nodes_of(tables)
    return [
        Pool(
            number=number,
            capacity=row.capacity,
            free=row.capacity,
            dependents=dependents[row.d0 : row.d1],
            held_meter=optional(meters, row.held_meter),
            queue_meter=optional(meters, row.queue_meter),
        )
        for number, row in enumerate(rows(tables["pools"]))
    ]


def make_profiles(tables: Tables, first: int) -> list[Profile]:
    """Profiles at their first step."""
    steps = [(row.at, row.value) for row in rows(tables["steps"])]
    fed = [row.pool for row in rows(tables["fed"])]
    dependents = nodes_of(tables)
    return [
        Profile(
            number=number,
            turn=first + number,
            period=row.period,
            steps=steps[row.s0 : row.s1],
            dependents=dependents[row.d0 : row.d1],
            pools=fed[row.pool0 : row.pool1],
            value=steps[row.s0][1],
        )
        for number, row in enumerate(rows(tables["profiles"]))
    ]


def make_stocks(tables: Tables, first: int, meters: list[Meter]) -> list[Stock]:
    """Stocks at their initial level, with nothing committed."""
    watches = [Watch(row.level, bool(row.up), row.unit, row.signal) for row in rows(tables["watches"])]
    return [
        Stock(
            number=number,
            turn=first + number,
            owner=row.owner,
            source=source_of(row),
            watches=watches[row.w0 : row.w1],
            low=row.low,
            high=row.high,
            initial=row.initial,
            meter=optional(meters, row.meter),
            tiers=[deque(maxlen=row.keep) for _ in range(t.TIERS)],
            level=row.initial,
            stage=row.initial,
        )
        for number, row in enumerate(rows(tables["stocks"]))
    ]


def make_sites(tables: Tables, groups: list[Group], conditions: list[Condition]) -> list[Site]:
    """Sites with their terms."""
    terms = [
        Term(
            group=groups[row.group],
            live=optional(conditions, row.live),
            listed=optional(conditions, row.listed),
            weight=row.weight,
            capacity=row.capacity,
            good=row.good,
        )
        for row in rows(tables["terms"])
    ]
    return [Site(terms[row.t0 : row.t1], optional(conditions, row.reach)) for row in rows(tables["sites"])]


def make_services(tables: Tables, sites: list[Site], conditions: list[Condition], meters: list[Meter]) -> list[Service]:
    """Services on route 0."""
    needs = [(conditions[row.condition], row.factor) for row in rows(tables["needs"])]
    weights = [row.share for row in rows(tables["weights"])]
    dependents = nodes_of(tables)
    return [
        Service(
            number=number,
            source=source_of(row),
            scale=row.scale,
            retry=row.retry,
            sites=sites[row.s0 : row.s1],
            needs=needs[row.n0 : row.n1],
            routes=routes_of(weights, row),
            dependents=dependents[row.d0 : row.d1],
            meters=meters[row.meter0 : row.meter0 + t.METERED] if row.meter0 >= 0 else [],
        )
        for number, row in enumerate(rows(tables["services"]))
    ]


def routes_of(weights: list[float], row: SimpleNamespace) -> list[list[float]]:
    """One list of shares per route, in site order."""
    width = row.s1 - row.s0
    starts = [row.w0 + route * width for route in range(row.routes)]
    return [weights[start : start + width] for start in starts]


def make_controllers(tables: Tables, first: int, groups: list[Group], conditions: list[Condition],
                     meters: list[Meter], seed: int, replication: int) -> list[Controller]:  # fmt: skip
    """Controllers before their first evaluation; a drawn phase is drawn (R15)."""
    base = np.uint64(base_key(np.uint64(seed), np.uint64(replication), np.uint64(0)))
    return [
        Controller(
            number=number,
            turn=first + number,
            total=bool(row.total),
            source=Source(row.kind, row.object, row.field),
            listed=optional(conditions, row.listed),
            ready=optional(groups, row.ready),
            missing=optional(groups, row.missing),
            group=groups[row.group],
            up=(row.up, row.up_signal),
            down=(row.down, row.down_signal),
            bounds=(row.least, row.most),
            target=row.target,
            tolerance=row.tolerance,
            period=row.period,
            phase=row.phase if row.phase >= 0.0 else drawn_phase(base, row),
            lag=row.lag,
            grow=(row.grow, row.grow_share),
            shrink=(row.shrink, row.shrink_share),
            up_meter=optional(meters, row.up_meter),
            down_meter=optional(meters, row.down_meter),
            samples=deque(maxlen=row.lag + 1),
            advice=deque(maxlen=row.depth + 1),
        )
        for number, row in enumerate(rows(tables["controllers"]))
    ]


def drawn_phase(base: np.uint64, row: SimpleNamespace) -> float:
    """R15: uniform below the period, keyed by the controller's name."""
    key = np.uint64(unit_key(base, np.uint64(row.hash), np.uint64(0)))
    return float(uniform(key, PHASE, np.uint64(0))) * float(row.period)


def make_nodes(tables: Tables, conditions: list[Condition], stocks: list[Stock], services: list[Service],
               controllers: list[Controller]) -> list[Node]:  # fmt: skip
    """Flow nodes in topological order."""
    homes: dict[int, Sequence[Node]] = {
        t.CONDITION: conditions, t.STOCK: stocks, t.SERVICE: services, t.CONTROLLER: controllers}  # fmt: skip
    return [homes[row.kind][row.object] for row in rows(tables["nodes"])]


def source_of(row: SimpleNamespace) -> Source | None:
    """Value source of a stock or service, if it has one."""
    return None if row.kind == t.NONE else Source(row.kind, row.object, row.field)


def optional(objects: list[Any], number: int) -> Any:
    """Object of that number, None for NONE."""
    return None if number == t.NONE else objects[number]


def nodes_of(tables: Tables) -> list[int]:
    """Flow nodes of the table of dependents."""
    return [row.node for row in rows(tables["dependents"])]
