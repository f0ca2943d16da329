"""What a solved chain says: every published measure, in the long run and over time, and times to the first outage."""

from __future__ import annotations

from functools import cached_property
from math import inf, nan

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from outlast.engines.exact.chain import Chain, Flags, Floats
from outlast.engines.exact.longrun import LongRun
from outlast.engines.exact.occupation import Leaving
from outlast.engines.exact.spans import Span
from outlast.engines.exact.transient import advance
from outlast.errors import UsageError, nearest_hint
from outlast.program.metrics import Metric, Terms
from outlast.program.program import Program
from outlast.program.tables import MAXIMUM

YEAR_S = 365 * 86_400.0


class Solution:
    """The Markov chain of a program, solved.

    Measures are named as in results: `steady("nodes", "availability")`.  A measure that has no exact value is NaN;
    `reason` says why.  Outages are those that a simulation logs: of a length above zero.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._spans: dict[tuple[float, float], Span] = {}

    @property
    def program(self) -> Program:
        return self.chain.program

    @property
    def size(self) -> int:
        """Number of states."""
        return self.chain.size

    @cached_property
    def long_run(self) -> LongRun:
        return LongRun(self.chain.rates, self.chain.initial)

    # -- measures ---------------------------------------------------------------------------------------------
    def steady(self, component: str, measure: str) -> float:
        """A measure in the long run."""
        return self.value(self.metric(component, measure), self.steady_span)

    def between(self, component: str, measure: str, start: float, end: float) -> float:
        """A measure over the time from start to end, s: what a simulation with that warm-up and horizon estimates."""
        return self.value(self.metric(component, measure), self.span(start, end))

    def over_horizon(self, component: str, measure: str) -> float:
        """A measure over the time that the program measures, from the warm-up to the horizon."""
        return self.between(component, measure, self.program.warm_up, self.program.horizon)

    def at(self, component: str, measure: str, time: float) -> float:
        """Expected value of a share or a mean at one instant, s."""
        metric = self.metric(component, measure)
        if metric.kind not in ("share", "time_mean"):
            raise UsageError(f"{component}.{measure} has no value at an instant: it is counted over time")
        _, here = self._advanced(self.chain.initial, time)
        return self.value(metric, Span(self.chain, 1.0, here))

    def reason(self, metric: Metric) -> str:
        """Why a measure has no exact value; "" if it has one."""
        if metric.kind == "longest_outage":
            return "the longest of a random number of outages is no mean over time"
        if metric.kind == "records":
            return "recorded values depend on levels that flow with time"
        meters = [self._meter(name) for _, name in (*metric.over, *metric.under)]
        if any(self.program.tables["meters"]["reduction"][meter] == MAXIMUM for meter in meters):
            return "the maximum of a replication is no mean over time"
        if any(np.isnan(self.chain.levels[:, meter]).any() for meter in meters):
            return "what stocks lose depends on levels that flow with time"
        return ""

    def value(self, metric: Metric, span: Span) -> float:
        """Expected value of a measure over a span; ratios are those of expectations, as simulations pool them."""
        if self.reason(metric):
            return nan
        over, under = self._counted(metric, span)
        value = metric.scale * over / under if under > 0.0 else nan
        return 1.0 - value if metric.complement else value

    def _counted(self, metric: Metric, span: Span) -> tuple[float, float]:
        """Numerator and denominator."""
        if metric.kind == "outages":
            return sum(span.outages(n) for n in self._measured(metric.component)), span.seconds / YEAR_S
        if metric.kind == "mean_outage":
            parts = [span.outage_times(n) for n in self._measured(metric.component)]
            return sum(time for time, _ in parts), sum(ended for _, ended in parts)
        over = self._summed(metric.over, span) + metric.constant * span.seconds
        if metric.kind == "ratio":
            return over, self._summed(metric.under, span)
        return over, {"rate": span.seconds / YEAR_S, "amount": 1.0}.get(metric.kind, span.seconds)

    def _summed(self, terms: Terms, span: Span) -> float:
        return sum(coefficient * span.meter(self._meter(name)) for coefficient, name in terms)

    # -- spans of time ----------------------------------------------------------------------------------------
    @cached_property
    def steady_span(self) -> Span:
        """One second of the long run."""
        return Span(self.chain, 1.0, self.long_run.distribution)

    def span(self, start: float, end: float) -> Span:
        """The time from start to end, s."""
        if not 0.0 <= start < end:
            raise UsageError(f"from {start} s to {end} s: no span of time")
        if (start, end) not in self._spans:
            _, here = self._advanced(self.chain.initial, start)
            times, there = self._advanced(here, end - start)
            self._spans[start, end] = Span(self.chain, end - start, times, start == 0.0, here, there)
        return self._spans[start, end]

    def _advanced(self, start: Floats, seconds: float) -> tuple[Floats, Floats]:
        whole = Leaving(self.chain.rates, np.zeros(self.size))
        known = self.long_run if start is self.chain.initial else LongRun(self.chain.rates, start)
        return advance(whole, start, seconds, known)

    # -- the first outage -------------------------------------------------------------------------------------
    def mttf(self, component: str) -> float:
        """Mean time to the first outage of a component, s; infinite if it may never come."""
        up, start = self._up(component)
        reached = _reached(self.chain.rates, np.flatnonzero(start), within=up)
        leaving = self._until_down(reached, ~up)
        homeward = csr_array(leaving.rates.T)
        ends = _reached(homeward, np.flatnonzero(leaving.leak), within=np.ones(leaving.size, dtype=bool))
        if len(ends) < len(reached):
            return inf
        return float(leaving.times(start[reached]).sum())

    def unreliability(self, component: str, time: float) -> float:
        """Probability of an outage that begins in [0, time], s."""
        up, start = self._up(component)
        states = np.flatnonzero(up)
        leaving = self._until_down(states, ~up)
        spent, _ = advance(leaving, start[states], time)
        return float(spent @ leaving.leak) + float(self.chain.initial[~up].sum())

    def reliability(self, component: str, time: float) -> float:
        """Probability of no outage in [0, time], s."""
        return 1.0 - self.unreliability(component, time)

    def frequency(self, component: str) -> float:
        """Outages per s, in the long run."""
        return sum(self.steady_span.outages(n) for n in self._measured(component))

    def mean_outage(self, component: str) -> float:
        """Mean duration of an outage in the long run, s; NaN if there is none."""
        parts = [self.steady_span.outage_times(n) for n in self._measured(component)]
        number = sum(ended for _, ended in parts)
        return sum(time for time, _ in parts) / number if number > 0.0 else nan

    def _up(self, component: str) -> tuple[Flags, Floats]:
        """States in which a component is not down, and the probabilities to begin there."""
        up: Flags = np.logical_not(self.chain.down[:, self._measured(component)].any(axis=1))
        return up, np.where(up, self.chain.initial, 0.0)

    def _until_down(self, states: np.ndarray, down: Flags) -> Leaving:
        rates = self.chain.rates[states]
        return Leaving(rates[:, states], np.asarray(rates[:, np.flatnonzero(down)].sum(axis=1)).ravel())

    # -- names ------------------------------------------------------------------------------------------------
    def metric(self, component: str, measure: str) -> Metric:
        """The published measure of that name."""
        found = [m for m in self.program.metrics if (m.component, m.measure) == (component, measure)]
        if not found:
            name, known = f"{component}.{measure}", [f"{m.component}.{m.measure}" for m in self.program.metrics]
            raise UsageError(f"there is no measure {name}", nearest_hint(name, known, "measures"))
        return found[0]

    def _measured(self, component: str) -> list[int]:
        found = [n for n, name in enumerate(self.program.outage_names) if name == component]
        if not found:
            known = self.program.outage_names
            raise UsageError(f"no outages of {component!r} are measured", nearest_hint(component, known, "components"))
        return found

    def _meter(self, name: str) -> int:
        return self.program.meters.index(name)


def _reached(rates: csr_array, sources: np.ndarray, within: Flags) -> np.ndarray:
    """States of a set that can be reached from some of them without leaving it."""
    allowed = np.flatnonzero(within)
    size = len(allowed)
    place = np.full(len(within), -1)
    place[allowed] = np.arange(size)
    graph = csr_array((size + 1, size + 1), dtype="f8").tolil()
    graph[:size, :size] = rates[allowed][:, allowed]
    graph[size, place[sources]] = 1.0
    order = breadth_first_order(csr_array(graph), size, directed=True, return_predecessors=False)
    return np.sort(allowed[order[order < size]])
