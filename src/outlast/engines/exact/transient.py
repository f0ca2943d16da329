"""How the distribution of a chain changes with time, and how long it stays where.

Sums of products of numbers that are not negative only, so that the smallest probability is as exact as the largest:
either jumps of a uniformised chain are counted, or (small chains, long times) transition matrices are doubled.
Sources: Jensen 1953, doi:10.1080/03461238.1953.10419459; Fox and Glynn 1988, doi:10.1145/42404.42409.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, pdtrc

from outlast.engines.exact.chain import Floats
from outlast.engines.exact.longrun import LongRun
from outlast.engines.exact.occupation import DENSE, Leaving
from outlast.errors import RunError

CHEAP = 2e8  # products to be added up
MOST_JUMPS = 3e6
FORGOTTEN = 60.0  # e^-60: nothing is left of a deviation
SERIES = 30  # jumps within the first of the doubled steps
EMPTY = 1e-250


def advance(chain: Leaving, start: Floats, seconds: float, long_run: LongRun | None = None) -> tuple[Floats, Floats]:
    """(expected time in every state, s; distribution after that time) from a distribution on.

    long_run: of a chain that nothing leaves and that begins with `start`, if it is known.  Raises RunError where the
    time is too long for the size of the chain.
    """
    if seconds <= 0.0 or not start.any():
        return np.zeros(chain.size), start
    jumps = seconds * float(chain.out.max())
    if jumps * (chain.rates.nnz + 2000) < CHEAP:
        return _counted(chain, start, seconds, jumps)
    if chain.size <= DENSE:
        return _doubled(chain, start, seconds, jumps)
    if long_run is not None and long_run.excess is not None and long_run.slowest * seconds > FORGOTTEN:
        return long_run.distribution * seconds + long_run.excess, long_run.distribution
    if jumps <= MOST_JUMPS:
        return _counted(chain, start, seconds, jumps)
    raise RunError(
        f"the exact engine would have to follow {jumps:.2g} jumps of {chain.size:,} states\n"
        "  hint: the values in the long run do not need them; or take a shorter horizon"
    )


def _counted(chain: Leaving, start: Floats, seconds: float, jumps: float) -> tuple[Floats, Floats]:
    """Uniformisation: the number of jumps is Poisson."""
    if jumps == 0.0:
        return start * seconds, start
    top = float(chain.out.max())
    moves, stays = (chain.rates / top).T.tocsr(), 1.0 - chain.out / top
    last = int(jumps + 8.0 * np.sqrt(jumps) + 60.0)
    k = np.arange(last + 1)
    exactly = np.exp(k * np.log(jumps) - jumps - gammaln(k + 1.0))
    exactly /= exactly.sum()
    more = pdtrc(k, jumps)
    more *= jumps / more.sum()
    now, spent, end = start, np.zeros(chain.size), np.zeros(chain.size)
    for weight, later in zip(exactly, more, strict=True):
        spent += later * now
        end += weight * now
        now = moves @ now + stays * now
        if now.max(initial=0.0) < EMPTY:
            break
    return spent / top, end


def _doubled(chain: Leaving, start: Floats, seconds: float, jumps: float) -> tuple[Floats, Floats]:
    """Matrices of one short step, doubled until the time is reached; rows add up to what they must."""
    doublings = max(0, int(np.ceil(np.log2(jumps))))
    step = seconds / 2.0**doublings
    leaves = bool(chain.leak.any())
    size = chain.size
    rates = np.zeros((size + leaves, size + leaves))
    rates[:size, :size] = chain.rates.toarray()
    if leaves:
        rates[:size, size] = chain.leak
    top = rates.sum(axis=1).max()
    single = rates / top + np.diag(1.0 - rates.sum(axis=1) / top)
    k = np.arange(SERIES)
    exactly, more = np.exp(k * np.log(step * top) - step * top - gammaln(k + 1.0)), pdtrc(k, step * top)
    power = np.eye(len(single))
    end, spent = np.zeros_like(single), np.zeros_like(single)
    for weight, later in zip(exactly, more, strict=True):
        end += weight * power
        spent += later / top * power
        power = power @ single
    for _ in range(doublings):
        end /= end.sum(axis=1, keepdims=True)
        spent *= step / spent.sum(axis=1, keepdims=True)
        spent = spent + end @ spent
        end = end @ end
        step *= 2.0
    return start @ spent[:size, :size], start @ end[:size, :size]
