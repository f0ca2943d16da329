"""What a span of time comes to: expected values of meters, outages that begin and end in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlast.engines.exact.chain import Chain, Flags, Floats
from outlast.engines.exact.occupation import Leaving
from outlast.engines.exact.transient import advance
from outlast.program.tables import COUNT


@dataclass(frozen=True)
class Span:
    """A measured span of time, or one second of the long run.

    times: expected time in every state, s.  first: whether t = 0 belongs to it.  start, end: distribution at its ends;
    none in the long run.
    """

    chain: Chain
    seconds: float
    times: Floats
    first: bool = False
    start: Floats | None = None
    end: Floats | None = None

    def meter(self, number: int) -> float:
        """Expected reduction of a meter."""
        chain = self.chain
        if chain.program.tables["meters"]["reduction"][number] != COUNT:
            return float(self.times @ chain.levels[:, number])
        counted = float(self.times @ chain.steps[:, number])
        return counted + (float(chain.first_steps[number]) if self.first else 0.0)

    def outages(self, measured: int) -> float:
        """Expected number of outages that begin."""
        begun = float(self.times @ self.chain.begins[:, measured])
        if self.start is None or not self.first:
            return begun
        return begun + float(self.start @ self.chain.down[:, measured])

    def outage_times(self, measured: int) -> tuple[float, float]:
        """(expected time down in outages that begin in the span, expected number of those that end in it)."""
        down = self.chain.down[:, measured]
        time, ended = float(self.times @ down), self.outages(measured)
        if self.start is None or self.end is None:
            return time, ended
        older, still = (0.0, 0.0) if self.first else self._older(measured, down)
        return time - older, ended - (float(self.end @ down) - still)

    def _older(self, measured: int, down: Flags) -> tuple[float, float]:
        """(time down in outages that were under way when the span began, probability that one still is at its end)."""
        assert self.start is not None
        states = np.flatnonzero(down)
        within = self.chain.rates[states][:, states] - self.chain.again[measured][states][:, states]
        leaving = Leaving(within, self.chain.ends[states, measured])
        spent, left = advance(leaving, self.start[states], self.seconds)
        return float(spent.sum()), float(left.sum())
