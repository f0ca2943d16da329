"""Refuse an ill-formed program, naming the unit and the row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from outlast.program import tables as T
from outlast.program.build_lifecycle import slot_kinds
from outlast.program.check_claims import check_claims
from outlast.program.check_controllers import check_controllers
from outlast.program.model import Cohort, Each, Lifecycle, Row
from outlast.program.source import Source
from outlast.stats.distributions import GRID, Law

if TYPE_CHECKING:
    from outlast.program.builder import Builder

MAX_TAGS = 64
MAX_UNITS = 2_000_000  # some hundred bytes each
MAX_WINDOWS = 100_000
MAX_HORIZON_S = 1e12  # beyond, float64 seconds are coarser than a tenth of a millisecond
TOLERANCE = 1e-9  # of sums of probabilities


def check(b: Builder) -> list[str]:
    """Every problem of a builder's declarations, in the order of declaration."""
    found = list(b.problems)
    found += _check_run(b)
    found += _check_parts(b)
    starts: dict[int, tuple[Lifecycle, list[str]]] = {}
    for cohort in b.cohorts.values():
        starts.setdefault(id(cohort.lifecycle), (cohort.lifecycle, []))[1].append(cohort.initial)
    for lifecycle, initial in starts.values():
        found += _check_lifecycle(lifecycle, initial)
    for cohort in b.cohorts.values():
        found += _check_cohort(b, cohort)
    found += _check_drivers(b)
    tags = {t for c in b.cohorts.values() for s in c.lifecycle.states.values() for t in s.tags}
    if len(tags) > MAX_TAGS:
        found.append(f"{len(tags)} different tags; at most {MAX_TAGS} are possible")
    return found


def _check_run(b: Builder) -> Iterable[str]:
    if not 0 < b.horizon <= MAX_HORIZON_S:
        yield f"horizon must be a positive number of seconds, at most {MAX_HORIZON_S:g} (got {b.horizon})"
    if not 0 <= b.warm_up < b.horizon:
        yield f"warm_up must be at least 0 and below the horizon {b.horizon} (got {b.warm_up})"
    if not (b.window >= 0 and math.isfinite(b.window)):
        yield f"window must be at least 0 (got {b.window})"
    elif b.window > 0 and b.horizon / b.window > MAX_WINDOWS:
        yield f"window {b.window} makes more than {MAX_WINDOWS:,} windows"
    if (units := sum(c.count for c in b.cohorts.values())) > MAX_UNITS:
        yield f"{units:,} units; at most {MAX_UNITS:,} are possible"


def _known(b: Builder, source: Source, who: str) -> Iterable[str]:
    homes: dict[int, Mapping[str, object]] = {
        T.GROUP: b.groups, T.PROFILE: b.profiles, T.POOL_FREE: b.pools, T.POOL_QUEUED: b.pools,
        T.SERVICE_FIELD: b.services, T.STOCK_LEVEL: b.stocks}  # fmt: skip
    if source.kind == T.SITE_USE:
        known = {f"{s.name}.{site.name}" for s in b.services.values() for site in s.sites}
        if source.name not in known:
            yield f"{who}: there is no site {source.name!r}"
    elif source.name not in homes[source.kind]:
        yield f"{who}: there is no {T.SOURCES[source.kind]} {source.name!r}"


def _check_parts(b: Builder) -> Iterable[str]:
    for profile in b.profiles.values():
        times = [at for at, _ in profile.steps]
        if not profile.period > 0:
            yield f"profile {profile.name!r}: period must be > 0 (got {profile.period})"
        if not times or times[0] != 0 or times != sorted(set(times)) or times[-1] >= profile.period:
            yield f"profile {profile.name!r}: steps must start at 0, ascend and stay below the period"
        if not all(math.isfinite(v) for _, v in profile.steps):
            yield f"profile {profile.name!r}: every value must be finite"
    for pool in b.pools.values():
        if pool.capacity < 0:
            yield f"pool {pool.name!r}: capacity must be at least 0 (got {pool.capacity})"
        if pool.profile and pool.capacity:
            yield f"pool {pool.name!r}: has a capacity and a profile {pool.profile!r}; give one of them"
        if pool.profile and pool.profile not in b.profiles:
            yield f"pool {pool.name!r}: there is no profile {pool.profile!r}"
        elif pool.profile and not all(v >= 0 and v == int(v) for _, v in b.profiles[pool.profile].steps):
            yield f"pool {pool.name!r}: profile {pool.profile!r} must have whole numbers, at least 0"
    for gate in b.groups.values():
        for name, _ in gate.counts:
            if name not in b.conditions:
                yield f"gate {gate.name!r}: there is no condition {name!r}"
    for condition in b.conditions.values():
        yield from _known(b, condition.source, f"condition {condition.name!r}")
        if condition.source.kind == T.STOCK_LEVEL:
            yield f"condition {condition.name!r}: the level of a stock is watched, not compared"
        for cohort, index, _, _ in condition.listens:
            yield from _unit(b, cohort, index, f"condition {condition.name!r}")
    yield from _check_stocks(b)
    yield from _check_services(b)
    for controller in b.controllers.values():
        yield from _known(b, controller.metric, f"controller {controller.name!r}")
    yield from check_controllers(b)
    single = [m.of for m in b.meters.values() if m.of[0] != "group"]
    for of in dict.fromkeys(of for of in single if single.count(of) > 1):
        yield f"{of[1]!r} has two meters of {of[0]!r}; one is enough"
    for meter in b.meters.values():
        homes: dict[str, Mapping[str, object]] = {"group": b.groups, "busy": b.pools, "queue": b.pools,
                                                  "false": b.conditions, "lost": b.stocks,
                                                  "ups": b.controllers, "downs": b.controllers}  # fmt: skip
        home = homes.get(meter.of[0], {})
        if meter.of[1] not in home:
            yield f"meter {meter.name!r}: there is no {meter.of[0]} {meter.of[1]!r}"


def _unit(b: Builder, cohort: str, index: int, who: str) -> Iterable[str]:
    if cohort not in b.cohorts:
        yield f"{who}: there is no cohort {cohort!r}"
    elif not 0 <= index < b.cohorts[cohort].count:
        yield f"{who}: {cohort} has no unit {index}"


def _check_stocks(b: Builder) -> Iterable[str]:
    for stock in b.stocks.values():
        who = f"stock {stock.name!r}"
        if not stock.low <= stock.initial <= stock.high:
            yield f"{who}: initial level {stock.initial} is outside [{stock.low}, {stock.high}]"
        if not 1 <= stock.keep <= T.RING:
            yield f"{who}: keep must be 1 to {T.RING} committed points (got {stock.keep})"
        if stock.source is not None:
            yield from _known(b, stock.source, who)
            if stock.source.kind == T.STOCK_LEVEL:
                yield f"{who}: a stock cannot flow at the level of another"
        for watch in stock.watches:
            if not stock.low <= watch.level <= stock.high:
                yield f"{who}: watch at {watch.level} is outside [{stock.low}, {stock.high}]"
            yield from _unit(b, watch.cohort, watch.index, who)


def _check_services(b: Builder) -> Iterable[str]:
    for service in b.services.values():
        who = f"service {service.name!r}"
        yield from _known(b, service.source, who)
        if not 0 <= service.retry <= 1:
            yield f"{who}: retry must be between 0 and 1 (got {service.retry})"
        for row in service.routes:
            if len(row) != len(service.sites) or not all(0 <= x <= 1 for x in row) or sum(row) > 1 + TOLERANCE:
                yield f"{who}: route {row} must give each of {len(service.sites)} sites a share, together at most 1"
        conditions = [c for c, _ in service.needs] + [s.reach for s in service.sites if s.reach]
        for site in service.sites:
            for term in site.terms:
                conditions += [c for c in (term.live, term.listed) if c]
                if term.group not in b.groups:
                    yield f"{who}: there is no group {term.group!r}"
                if min(term.weight, term.capacity, term.good) < 0 or term.good > 1:
                    yield f"{who}: site {site.name!r} has a negative weight or capacity, or good above 1"
        for name in conditions:
            if name not in b.conditions:
                yield f"{who}: there is no condition {name!r}"


def _check_lifecycle(life: Lifecycle, starts: Sequence[str]) -> Iterable[str]:
    yield from life.problems
    if not life.states:
        yield f"{life.name}: a lifecycle needs at least one state"
    for row in life.rows:
        who = f"{life.name}, row {row.name!r}"
        yield from _check_row(life, row, who)
    yield from _mixed_slots(life)
    yield from _mixed_clocks(life)
    yield from check_claims(life, starts)


def _check_row(life: Lifecycle, row: Row, who: str) -> Iterable[str]:
    for state in [row.state, *(c.target for c in row.cases if c.target)]:
        if state not in life.states:
            yield f"{who}: there is no state {state!r}"
    total = sum(c.p for c in row.cases)
    if abs(total - 1.0) > TOLERANCE or any(c.p < 0 for c in row.cases):
        yield f"{who}: the probabilities of its cases sum to {total}, not 1"
    if row.law is not None:
        yield from _check_law(row, row.law, who)
    for case in row.cases:
        for effect in case.do:
            if effect.op == T.REQUEST and not (0 <= effect.j < T.PRIORITIES and effect.k >= 1):
                yield f"{who}: request needs a priority 0 to {T.PRIORITIES - 1} and an amount of at least 1"
            if effect.op in (T.COMMIT, T.ROLLBACK) and not 0 <= effect.i < T.TIERS:
                yield f"{who}: {effect.verb} needs a tier 0 to {T.TIERS - 1} (got {effect.i})"
            if effect.op == T.SCATTER and not 0 <= effect.x <= 1:
                yield f"{who}: scatter needs a probability between 0 and 1 (got {effect.x})"
            if effect.op == T.FORGET:
                if not any(effect.row in (r.name, r.clock) and r.policy >= T.RESUME for r in life.rows):
                    yield f"{who}: forget: no row {effect.row!r} remembers anything"
                if not 0 <= effect.x <= 1:
                    yield f"{who}: forget keeps a share between 0 and 1 (got {effect.x})"


def _check_law(row: Row, law: Law, who: str) -> Iterable[str]:
    policy = T.POLICIES[row.policy]
    if law.kind == GRID and row.policy != T.RESAMPLE:
        yield f"{who}: a grid delay cannot be {policy!r}"
    if law.kind == GRID and (row.scale is not None or not law.a > 0):
        yield f"{who}: a grid delay needs a period > 0 and has no scale"
    if row.policy == T.AGED and row.scale is not None:
        yield f"{who}: an aged delay cannot be scaled"
    if row.age is not None and row.policy != T.AGED:
        yield f"{who}: only an aged row can start with an age (it is {policy!r})"


def _mixed_clocks(life: Lifecycle) -> Iterable[str]:
    """An age and a remaining time cannot share a memory."""
    policies: dict[str, set[bool]] = {}
    for row in life.rows:
        if row.timed:
            policies.setdefault(row.clock or row.name, set()).add(row.policy == T.AGED)
    for clock, aged in policies.items():
        if len(aged) > 1:
            yield f"{life.name}: clock {clock!r} is 'aged' in one row and not in another"


def _mixed_slots(life: Lifecycle) -> Iterable[str]:
    """A slot name stands for one kind of object."""
    first = slot_kinds(life)
    for row in life.rows:
        single = Lifecycle(life.name, life.states, [row])
        for slot, kind in slot_kinds(single).items():
            if first[slot] != kind:
                yield f"{life.name}, row {row.name!r}: slot {slot!r} is used as a {kind} and as a {first[slot]}"


def _check_cohort(b: Builder, cohort: Cohort) -> Iterable[str]:
    who = f"cohort {cohort.name!r}"
    if cohort.count < 1:
        yield f"{who}: needs at least one unit (got {cohort.count})"
    if cohort.initial not in cohort.lifecycle.states:
        yield f"{who}: lifecycle {cohort.lifecycle.name!r} has no state {cohort.initial!r} to start in"
    slots = slot_kinds(cohort.lifecycle)
    for slot, kind in slots.items():
        yield from _check_bound(b, kind, cohort.bind.get(slot, slot), cohort.count, f"{who}, slot {slot!r}")
    yield from _check_scatter(b, cohort)
    yield from _check_routes(b, cohort)
    for slot in cohort.bind:
        if slot not in slots:
            yield f"{who}: its lifecycle has no slot {slot!r}"
    for group, _ in cohort.member:
        yield from _check_bound(b, "group", group, cohort.count, f"{who}, member")
    groups = [g.name if isinstance(g, Each) else g for g, _ in cohort.member]
    if len(set(groups)) < len(groups):
        yield f"{who}: is a member of the same group twice; name several tags instead"
    if cohort.drives is not None:
        yield from _check_bound(b, "stock", cohort.drives, cohort.count, f"{who}, drives")


def _check_drivers(b: Builder) -> Iterable[str]:
    """A stock flows as one unit says."""
    drivers: dict[str, list[str]] = {}
    names = list(b.stocks)
    for cohort in b.cohorts.values():
        if isinstance(cohort.drives, str):
            drivers.setdefault(cohort.drives, []).extend([cohort.name] * cohort.count)
        elif cohort.drives is not None and cohort.drives.name in names:
            first = names.index(cohort.drives.name)
            for name in names[first : first + cohort.count]:
                drivers.setdefault(name, []).append(cohort.name)
    for stock, units in drivers.items():
        if len(units) > 1:
            who = ", ".join(dict.fromkeys(units))
            yield f"stock {stock!r}: {len(units)} units drive it ({who}); one is possible (pair them with Each)"


def _check_routes(b: Builder, cohort: Cohort) -> Iterable[str]:
    for row in cohort.lifecycle.rows:
        for effect in (e for c in row.cases for e in c.do if e.op == T.ROUTE):
            bound = cohort.bind.get(effect.slot, effect.slot)
            service = b.services.get(bound.name if isinstance(bound, Each) else bound)
            if service is not None and not 0 <= effect.i < len(service.routes):
                yield f"cohort {cohort.name!r}, row {row.name!r}: {service.name!r} has no route {effect.i}"


def _check_scatter(b: Builder, cohort: Cohort) -> Iterable[str]:
    """Members are found by cohort, so a group whose members are paired cannot be scattered over."""
    slots = [slot for slot, kind in slot_kinds(cohort.lifecycle).items() if kind == "group"]
    if not slots:
        return
    names = list(b.groups)
    paired = {names.index(g.name) + i for c in b.cohorts.values() for g, _ in c.member
              if isinstance(g, Each) and g.name in names for i in range(c.count)}  # fmt: skip
    for slot in slots:
        bound = cohort.bind.get(slot, slot)
        name = bound.name if isinstance(bound, Each) else bound
        if name in names and names.index(name) in paired:
            yield f"cohort {cohort.name!r}, slot {slot!r}: cannot scatter over {name!r}: its members are paired"


def _check_bound(b: Builder, kind: str, bound: str | Each, count: int, who: str) -> Iterable[str]:
    homes: dict[str, Mapping[str, object]] = {
        "pool": b.pools, "group": b.groups, "stock": b.stocks, "service": b.services,
        "condition": b.conditions, "profile": b.profiles, "unit": b.cohorts,
        "site": {f"{s.name}.{site.name}": site for s in b.services.values() for site in s.sites},
    }  # fmt: skip
    name = bound.name if isinstance(bound, Each) else bound
    if name not in homes[kind]:
        yield f"{who}: there is no {'cohort' if kind == 'unit' else kind} {name!r}"
    elif isinstance(bound, Each):
        names = list(homes[kind])
        room = b.cohorts[name].count if kind == "unit" else len(names) - names.index(name)
        if room < count:
            yield f"{who}: {count} units are paired with {room} objects from {name!r} on"
