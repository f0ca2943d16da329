"""Refuse controllers that could not work: bounds, times and names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from outlast.program import tables as T
from outlast.program.model import Controller, Each

if TYPE_CHECKING:
    from outlast.program.builder import Builder

MAX_LAG = 1_000  # evaluations
MAX_WINDOW = 10_000  # evaluations


def check_controllers(b: Builder) -> Iterable[str]:
    """Problems of every controller; what its metric reads is checked with all other sources."""
    for controller in b.controllers.values():
        who = f"controller {controller.name!r}"
        for problem in (*_numbers(controller), *_times(controller), *_names(b, controller), *_members(b, controller)):
            yield f"{who}: {problem}"


def _numbers(c: Controller) -> Iterable[str]:
    if c.least < 1:
        yield f"least must be at least 1 (got {c.least})"
    if c.most < c.least:
        yield f"most must be at least least, {c.least} (got {c.most})"
    if not (c.target > 0 and math.isfinite(c.target)):
        yield f"target must be above 0 (got {c.target})"
    if not (c.tolerance >= 0 and math.isfinite(c.tolerance)):
        yield f"tolerance must be at least 0 (got {c.tolerance})"
    for name, (members, share) in (("grow", c.grow), ("shrink", c.shrink)):
        if members < 0 or not (share >= 0 and math.isfinite(share)):
            yield f"{name} must be at least 0 members and a share of at least 0 (got {members}, {share})"


def _times(c: Controller) -> Iterable[str]:
    if not (c.period > 0 and math.isfinite(c.period)):
        yield f"period must be above 0 (got {c.period})"
        return
    if c.phase is not None and not (c.phase >= 0 and math.isfinite(c.phase)):
        yield f"phase must be at least 0 (got {c.phase})"
    if not 0 <= c.lag <= MAX_LAG:
        yield f"lag must be 0 to {MAX_LAG:,} evaluations (got {c.lag})"
    if not 0 <= c.window <= MAX_WINDOW * c.period:
        yield f"window must be 0 to {MAX_WINDOW:,} periods of {c.period} s (got {c.window})"


def _names(b: Builder, c: Controller) -> Iterable[str]:
    for group in (c.group, c.ready, c.missing):
        if group and group not in b.groups:
            yield f"there is no group {group!r}"
    if c.listed and c.listed not in b.conditions:
        yield f"there is no condition {c.listed!r}"
    if not c.total and not c.ready:
        yield "a mean needs the group of members that are ready"
    if c.metric.kind == T.STOCK_LEVEL:
        yield "the level of a stock changes without an event; it cannot be a metric"


def _members(b: Builder, c: Controller) -> Iterable[str]:
    """Those that are started and stopped: tags that exist, members that are not paired."""
    cohorts = [cohort for cohort in b.cohorts.values() for group, _ in cohort.member if group == c.group]
    if c.group in b.groups and not cohorts:
        yield f"group {c.group!r} has no members that could be started or stopped"
    known = {tag for cohort in cohorts for state in cohort.lifecycle.states.values() for tag in state.tags}
    for what, (tags, signal) in (("up", c.up), ("down", c.down)):
        if not signal:
            yield f"{what} needs a signal"
        for tag in tags if cohorts else ():
            if tag not in known:
                yield f"no member of group {c.group!r} has a state with tag {tag!r}"
    names = list(b.groups)
    first = {g.name: cohort.count for cohort in b.cohorts.values() for g, _ in cohort.member if isinstance(g, Each)}
    if any(0 <= names.index(c.group) - names.index(g) < n for g, n in first.items() if c.group in names and g in names):
        yield f"cannot scale group {c.group!r}: its members are paired"
