"""Rare outages: which method estimates them, and when its estimates are shown instead of those of plain replications
(docs/rare-events.md)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from outlast.run.failure_biasing import biased
from outlast.run.measures import estimate
from outlast.run.rare_estimates import WANTED, Question, Rare, half
from outlast.run.splitting import split

if TYPE_CHECKING:
    from outlast.program.program import Program
    from outlast.run.batch import Batch

METHODS: Mapping[str, Callable[[Question], Rare]] = {"failure biasing": biased, "splitting": split}  # in the order in which they are tried
ENOUGH = 30  # outages in plain replications, from which on their interval is believed
DISAGREE = 4.0  # standard errors


def rare(program: Program, seed: int, component: str, *, wanted: float = WANTED, jit: bool = True) -> Rare:
    """Estimates for a component with a measured condition, by the first method that applies; the reasons of all where
    none does.  wanted: see `Question`.  Raises StopIteration for a component without a measured condition.
    """
    ask, reasons = Question(program, seed, component, wanted, jit=jit), list[str]()
    for name, method in METHODS.items():
        found = method(ask)
        if not found.reason:
            return found
        reasons.append(f"{name} does not apply: {found.reason}")
    return Rare(component, {}, "; ".join(reasons))


def add_rare(batch: Batch, seed: int) -> None:
    """Estimate every component with measured outages by a method for rare outages; keep what is more precise than plain
    replications in `batch.rare`, and for others why not in `batch.remarks`."""
    for component in dict.fromkeys(batch.program.outage_names):
        found = rare(batch.program, seed, component)
        if found.reason:
            batch.remarks[component] = found.reason
            continue
        remark = _compared(batch, found)
        if remark is None:
            continue
        for measure, one in found.estimates.items():
            batch.rare[component, measure] = replace(one, method=one.method + remark)


def _compared(batch: Batch, found: Rare) -> str | None:
    """None where plain replications are more precise; a remark, mostly empty, for the method otherwise."""
    if int((batch.outages.component == found.component).sum()) < ENOUGH:
        return ""
    metrics = [m for m in batch.program.metrics if (m.component, m.measure) == (found.component, "availability")]
    if not metrics or len(batch) < 2:
        return ""
    plain, ours = estimate(batch, metrics[0]), found.estimates["availability"]
    if half(plain) <= half(ours):
        return None
    z = (plain.mean - ours.mean) / math.hypot(plain.std / math.sqrt(plain.n), ours.std / math.sqrt(ours.n))
    return f" (plain replications differ: z = {z:.1f})" if abs(z) > DISAGREE else ""
