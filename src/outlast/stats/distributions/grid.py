"""Fixed instants k * period + phase: calendars, probes, scheduled jobs (rule R4).

Native parameters: a = period, s; b = phase, s, or -1 where the phase is drawn once from U(0, period); c
unused. A grid has no delay of its own: the next instant depends on the present time, so it is never drawn by
quantile.
"""

from __future__ import annotations

import math

from outlast.compiled import kernel

LARGEST_COUNT = 2.0**52  # beyond, neighbouring instants are the same number


@kernel
def grid_next(now: float, period: float, phase: float) -> float:
    """Least k * period + phase strictly after `now`, k any integer, s; NaN if finer than the clock.

    The quotient may round across an integer either way, so the neighbours of its floor are checked as
    computed.
    """
    if not period > 0.0:
        return math.nan
    count = (now - phase) / period
    if not abs(count) < LARGEST_COUNT:
        return math.nan
    k = float(math.floor(count)) - 1.0
    for _ in range(4):
        instant = k * period + phase
        if instant > now:
            return instant
        k += 1.0
    return math.nan


def grid_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(distance of neighbouring instants in s, 0)."""
    return a, 0.0
