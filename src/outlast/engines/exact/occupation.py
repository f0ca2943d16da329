"""How long a chain stays in each state before it leaves for good, without cancellation.

One question answers them all: with rates R between states, rates `leak` out of all of them and arrivals b, the expected
times y solve y (diag(out) - R) = b, out = row sums of R + leak.  Means to absorption are sums of y; the long-run
distribution is y for the arrivals and leaks at a state of reference.

Small chains are eliminated state by state without a single subtraction, so that the smallest probability is as exact as
the largest.  Source: Grassmann, Taksar, Heyman 1985, doi:10.1287/opre.33.5.1107.  Larger ones are factorised and
refined with residuals in extended precision until every component stands still.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import MatrixRankWarning, splu

from outlast.engines.exact.chain import Floats
from outlast.errors import RunError

DENSE = 600  # states up to which elimination is fast
MOST_REFINEMENTS = 30
STILL = 1e-13  # relative change of every component


@dataclass
class Leaving:
    """States that are left for good sooner or later: rates between them and out of all of them, per s."""

    rates: csr_array
    leak: Floats
    _factors: Any = field(default=None, init=False, repr=False)

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
        return self._eliminated(arrivals) if self.size <= DENSE else self._refined(arrivals)

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

    def _refined(self, arrivals: Floats) -> Floats:
        rates, wide = self.rates.astype(np.longdouble), arrivals.astype(np.longdouble)
        out = np.asarray(rates.sum(axis=1)).ravel() + self.leak
        times: Any = self._solved(arrivals).astype(np.longdouble)
        for _ in range(MOST_REFINEMENTS):
            residual = wide + rates.T @ times - times * out
            change = self._solved(residual.astype("f8"))
            times = times + change
            if (np.abs(change) <= STILL * np.abs(times)).all() and (times >= 0.0).all():
                return np.asarray(times, dtype="f8")
        raise RunError(
            "the equations of the exact engine are too ill-conditioned to be solved to 1e-13\n"
            "  hint: rates that differ by more than about 1e12 do this; simulate with the kernel"
        )

    def _solved(self, arrivals: Floats) -> Floats:
        if self._factors is None:
            matrix = (diags_array(self.out) - self.rates).T.tocsc()
            with warnings.catch_warnings():
                warnings.simplefilter("error", MatrixRankWarning)
                self._factors = splu(
                    matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
                )
        return np.asarray(self._factors.solve(arrivals))
