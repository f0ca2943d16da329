"""Horizontal scaling (R12): how many replicas are recommended, how far one evaluation may go, and when it comes.

After the horizontal pod autoscaler of Kubernetes (autoscaling/v2), as its documentation describes it.
"""

from __future__ import annotations

import math

from outlast.compiled import kernel

ROUND_OFF = 1e-9  # relative: a quotient that is whole but for rounding is whole
MOST = 1e9  # no recommendation is above


@kernel
def _up(x: float) -> int:
    """Least whole number that is at least x, but for rounding."""
    return math.ceil(min(x * (1.0 - ROUND_OFF), MOST))


@kernel
def hpa_recommend(total: bool, value: float, ready: int, missing: int, present: int, target: float,
                  tolerance: float) -> int:  # fmt: skip
    """Replicas that would meet the target; `present` (no change) within the tolerance or without a ready one.

    value: the mean over `ready` replicas, or the total, to be divided by the target.  Of a mean, replicas that are
    not ready count as idle where the ready ones are above the target; where they are below it, those whose metric is
    missing count as meeting it.  If that turns the direction, nothing changes.
    """
    if total:
        if present > 0 and abs(value / (target * present) - 1.0) <= tolerance + ROUND_OFF:
            return present
        return _up(value / target)
    if ready <= 0:
        return present
    ratio = value / target
    if abs(ratio - 1.0) <= tolerance + ROUND_OFF:
        return present
    load, counted = ratio * ready, max(present, ready)
    if ratio < 1.0:
        load, counted = load + missing, ready + missing
    share = load / counted
    if abs(share - 1.0) <= tolerance + ROUND_OFF or (share > 1.0) != (ratio > 1.0):
        return present
    return max(_up(load), present) if ratio > 1.0 else min(_up(load), present)


@kernel
def hpa_decide(advice: int, highest: int, present: int, least: int, most: int, grow: int, grow_share: float,
               shrink: int, shrink_share: float) -> int:  # fmt: skip
    """Replicas there shall be: up at once, down to the highest recent recommendation, not too far, within bounds."""
    wanted = advice if advice > present else min(highest, present)
    if wanted > present:
        wanted = min(wanted, present + max(grow, _up(present * grow_share)))
    else:
        wanted = max(wanted, present - max(shrink, _up(present * shrink_share)))
    return min(max(wanted, least), most)


@kernel
def grid_index(now: float, period: float, phase: float, after: bool) -> int:
    """Least k >= 0 with k * period + phase at or after `now` (strictly after it, if `after`).

    The quotient may round across an integer either way, so its neighbours are checked as computed.
    """
    k = max(0, math.floor((now - phase) / period) - 1)
    while k * period + phase < now or (after and k * period + phase == now):
        k += 1
    return k
