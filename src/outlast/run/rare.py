"""Rare outages: which method estimates them, and when its estimates are shown instead of those of plain replications
(docs/rare-events.md)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from outlast.errors import UsageError, shown
from outlast.program.components import with_outages
from outlast.run.failure_biasing import biased
from outlast.run.measures import estimate
from outlast.run.rare_estimates import MOST_EVENTS, WANTED, Question, Rare, half
from outlast.run.replications import processors
from outlast.run.splitting import split

if TYPE_CHECKING:
    from outlast.program.program import Program
    from outlast.run.batch import Batch
    from outlast.run.results import Result

METHODS: Mapping[str, Callable[[Question], Rare]] = {"failure biasing": biased, "splitting": split}  # tried in order
AUTO, ALWAYS, NEVER = CHOICES = ("auto", "always", "never")
ENOUGH = 30  # outages in plain replications, from which on their interval is believed
SELDOM = 0.3  # outages per replication, above which more replications are the remedy
AUTO_WANTED, AUTO_EVENTS = 0.1, 1_000_000  # half-width over the estimate, and events for a component
DISAGREE = 4.0  # standard errors

Watch = Callable[[str, int, int], None]


def rare(program: Program, seed: int, component: str, *, wanted: float = WANTED, jit: bool = True) -> Rare:
    """Estimates for a component with a measured condition, by the first method that applies; the reasons of all where
    none does.  wanted: see `Question`.  Raises StopIteration for a component without a measured condition.
    """
    return answer(Question(program, seed, component, wanted, jit=jit))


def answer(ask: Question) -> Rare:
    """By the first method that applies."""
    reasons = list[str]()
    for name, method in METHODS.items():
        found = method(ask)
        if not found.reason:
            return found
        reasons.append(f"{name} does not apply: {found.reason}")
    return Rare(ask.component, {}, "; ".join(reasons))


@dataclass
class Chooser:
    """Estimates rare outages of the variants of a run, each component once, and shows what is better.

    choice: "auto": of components with few outages; "always": of all; "never".  watch(component, done, total): of the
    work of a method.  Raises UsageError for another choice.
    """

    choice: str
    seed: int
    threads: int | None = None
    watch: Watch | None = None
    _known: dict[tuple[str, str], Rare] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.choice not in CHOICES:
            raise UsageError(f"rare: unknown choice (got {shown(self.choice)}); allowed: {', '.join(CHOICES)}")

    def improve(self, batch: Batch) -> None:
        """Put better estimates into `batch.rare`; where there are none, why not into `batch.remarks`."""
        batch.rare, batch.remarks = {}, {}
        if self.choice == NEVER or not len(batch):
            return
        components = [c for c in with_outages(batch.program) if self.choice == ALWAYS or _few(batch, c)]
        for component in components:
            found = self._estimated(batch, component)
            remark, better = _compared(batch, found)
            if better:
                batch.rare.update({(component, measure): one for measure, one in found.estimates.items()})
            elif remark and (self.choice == ALWAYS or not found.reason or not _seen(batch, component)):
                batch.remarks[component] = remark

    def improve_all(self, results: Sequence[Result]) -> None:
        """The same of every batch of a run.  Nothing is improved in an interrupted one, also where Ctrl-C comes now."""
        batches = [batch for result in results for batch in result.batches]
        stopped = any(result.interrupted for result in results)
        try:
            for batch in batches if not stopped else ():
                self.improve(batch)
        except KeyboardInterrupt:
            stopped = True
        if stopped:
            for batch in batches:
                batch.rare, batch.remarks = {}, {}
            for result in results:
                result.origin = replace(result.origin, interrupted=True)

    def _estimated(self, batch: Batch, component: str) -> Rare:
        key = (batch.variant, component)
        if key not in self._known:
            wanted, events = (WANTED, MOST_EVENTS) if self.choice == ALWAYS else (AUTO_WANTED, AUTO_EVENTS)
            watch = self.watch
            report = None if watch is None else lambda done, total: watch(component, done, total)
            self._known[key] = answer(Question(batch.program, self.seed, component, wanted, events,
                                               threads=self.threads or processors(), progress=report))  # fmt: skip
        return self._known[key]


def _seen(batch: Batch, component: str) -> int:
    return len(batch.outages_of(component))


def _few(batch: Batch, component: str) -> bool:
    return _seen(batch, component) < min(ENOUGH, SELDOM * len(batch))


def _compared(batch: Batch, found: Rare) -> tuple[str, bool]:
    """A remark, mostly empty, and whether the estimates are better than those of the plain replications.

    Where both differ by more than DISAGREE standard errors the plain ones stand.
    """
    if found.reason:
        return found.reason, False
    wider, z = _against_availability(batch, found) if _seen(batch, found.component) >= ENOUGH else (True, 0.0)
    z = max(abs(z), _against_share(batch, found))
    if z > DISAGREE:
        method, u = found.estimates["unavailability"].method, found.estimates["unavailability"].mean
        return f"not shown: {method}, whose unavailability of {u:.3g} differs (z = {z:.1f})", False
    return "", wider


def _against_availability(batch: Batch, found: Rare) -> tuple[bool, float]:
    """Whether the plain estimate is wider, and standard errors between both."""
    metrics = [m for m in batch.program.metrics if (m.component, m.measure) == (found.component, "availability")]
    if not metrics or len(batch) < 2:
        return True, 0.0
    plain, ours = estimate(batch, metrics[0]), found.estimates["availability"]
    error = math.hypot(plain.std / math.sqrt(plain.n), ours.std / math.sqrt(ours.n))
    return half(plain) > half(ours), (plain.mean - ours.mean) / error if error > 0.0 else 0.0


def _against_share(batch: Batch, found: Rare) -> float:
    """Of the number of replications with an outage, which is binomial, standard errors (of the same probability under a
    normal law) beyond what the interval of the unreliability allows."""
    from scipy.special import bdtr, bdtrc, ndtri

    n, one = len(batch), found.estimates["unreliability"]
    seen = len(np.unique(batch.outages_of(found.component).row))
    part = 1.0 - batch.program.warm_up / batch.program.horizon
    low, high = (-math.expm1(part * math.log1p(-min(p, 1.0 - 1e-15))) for p in (one.ci_low, one.ci_high))
    tails = [bdtr(seen, n, low), bdtrc(seen - 1, n, high) if seen else 1.0]
    return float(max(0.0, -ndtri(max(min(tails), 1e-300))))
