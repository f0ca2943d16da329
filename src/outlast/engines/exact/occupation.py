"""How long a chain stays in each state before it leaves for good, without cancellation.

One question answers them all: with rates R between states, rates `leak` out of all of them and arrivals b, the expected
times y solve y (diag(out) - R) = b, out = row sums of R + leak.  Means to absorption are sums of y; the long-run
distribution is y for the arrivals and leaks at a state of reference.

Small chains are eliminated state by state without a single subtraction, so that the smallest probability is as exact as
the largest.  Source: Grassmann, Taksar, Heyman 1985, doi:10.1287/opre.33.5.1107.  Of larger ones one state is
eliminated, the first that was found and as a rule the likeliest; the rest is swept over (Gauss-Seidel: sums of products
of numbers that are not negative) until every component stands still.  Where that is slow, a factorisation is refined
with residuals in extended precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array, tril, triu
from scipy.sparse.linalg import splu

from outlast.engines.exact.chain import Floats
from outlast.errors import RunError

DENSE = 600  # states up to which elimination is fast
MOST_SWEEPS = 3000
MOST_REFINEMENTS = 30
TINY = 1e-290  # probabilities below are nothing
SMALL = 1e-6  # from here on changes shrink by a steady ratio
STILL = 1e-13  # relative change of every component


@dataclass
class Leaving:
    """States that are left for good sooner or later: rates between them and out of all of them, per s."""

    rates: csr_array
    leak: Floats

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.leak)

    @property
    def out(self) -> Floats:
        """Rate at which every state is left."""
        return np.asarray(self.rates.sum(axis=1)).ravel() + self.leak

    def times(self, arrivals: Floats) -> Floats:
        """Expected time in every state, s, for arrivals with these probabilities."""
        if self.size == 0 or not arrivals.any():
            return np.zeros(self.size)
        return self._eliminated(arrivals) if self.size <= DENSE else self._around_first(arrivals)

    def _eliminated(self, arrivals: Floats) -> Floats:
        """State by state, the last first: its flow goes on to the others and out."""
        rates, leak, b = self.rates.toarray(), self.leak.copy(), arrivals.copy()
        out = np.zeros(self.size)
        for k in range(self.size - 1, -1, -1):
            out[k] = rates[k, :k].sum() + leak[k]
            if out[k] <= 0.0:
                raise RunError("the exact engine met a state that is never left where all should be")
            onward = rates[k, :k] / out[k]
            rates[:k, :k] += np.outer(rates[:k, k], onward)
            leak[:k] += rates[:k, k] * (leak[k] / out[k])
            b[:k] += b[k] * onward
        times = np.zeros(self.size)
        for k in range(self.size):
            times[k] = (b[k] + times[:k] @ rates[:k, k]) / out[k]
        return times

    def _around_first(self, arrivals: Floats) -> Floats:
        """The first state is where cycles begin and end: what happens on one of them, and how many there are."""
        back = self.rates[1:, [0]].toarray().ravel()
        cycle = self._rest.solve(self.rates[[0], 1:].toarray()[0])
        before = self._rest.solve(arrivals[1:])
        escaping = self.leak[0] + cycle @ self.leak[1:]
        if escaping <= 0.0:
            raise RunError("the exact engine met a state that is never left where all should be")
        first = (arrivals[0] + before @ back) / escaping
        return np.concatenate(([first], before + first * cycle))

    @cached_property
    def _rest(self) -> Sweeps:
        back = self.rates[1:, [0]].toarray().ravel()
        return Sweeps(csr_array(self.rates[1:, 1:]), self.leak[1:] + back)


class Sweeps:
    """The same question for a large chain: rates, leak and times as above."""

    def __init__(self, rates: csr_array, leak: Floats) -> None:
        self.rates = rates
        self.out: Floats = np.asarray(rates.sum(axis=1)).ravel() + leak
        self.leak = leak

    def solve(self, arrivals: Floats) -> Floats:
        """Expected times for these arrivals."""
        if not arrivals.any():
            return np.zeros(len(arrivals))
        times = self._swept(arrivals)
        return self._refined(arrivals) if times is None else times

    @cached_property
    def _halves(self) -> tuple[Any, csr_array, Any, csr_array]:
        """Factors of the upper and lower triangle of the equations, each with what it leaves out."""
        flow, out = self.rates.T, diags_array(self.out)
        above, below = csr_array(triu(flow, 1)), csr_array(tril(flow, -1))
        return _triangle(out - above), below, _triangle(out - below), above

    def _swept(self, arrivals: Floats) -> Floats | None:
        """Sweep there and back until no component moves; None if that takes too long."""
        last_first, below, first_last, above = self._halves
        times = np.zeros(len(arrivals))
        before = np.inf
        for _ in range(MOST_SWEEPS):
            half = last_first.solve(arrivals + below @ times)
            fresh: Floats = first_last.solve(arrivals + above @ half)
            change = float((np.abs(fresh - times) / np.maximum(fresh, TINY)).max())
            times, ratio, before = fresh, change / before, change
            if change == 0.0 or (change < SMALL and ratio < 1.0 and change * ratio / (1.0 - ratio) < STILL):
                return times
        return None

    def _refined(self, arrivals: Floats) -> Floats:
        factors = _triangle(diags_array(self.out) - self.rates.T, "MMD_AT_PLUS_A")
        rates, wide = self.rates.astype(np.longdouble), arrivals.astype(np.longdouble)
        out = np.asarray(rates.sum(axis=1)).ravel() + self.leak
        times: Any = factors.solve(arrivals).astype(np.longdouble)
        for _ in range(MOST_REFINEMENTS):
            residual = wide + rates.T @ times - times * out
            change = factors.solve(residual.astype("f8"))
            times = times + change
            if (np.abs(change) <= STILL * np.abs(times)).all() and (times >= 0.0).all():
                return np.asarray(times, dtype="f8")
        raise RunError(
            "the equations of the exact engine are too ill-conditioned to be solved to 1e-13\n"
            "  hint: rates that differ by more than about 1e12 do this; simulate with the kernel"
        )


def _triangle(matrix: csr_array, order: str = "NATURAL") -> Any:
    """Factors with diagonal pivots; in the natural order a triangle fills nothing in."""
    return splu(matrix.tocsc(), permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})
