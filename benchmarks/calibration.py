"""A kernel that does as little as a simulation can: a calendar of exponential clocks, nothing else.

What any machine and any numba need for one event; times of other kernels are given as multiples of it. It shares no
source with outlast, so that it stays the same while outlast changes.
"""

from __future__ import annotations

import math

import numba
import numpy as np

CLOCKS = 1000


@numba.njit(nogil=True, error_model="numpy")
def ring(times: np.ndarray, random: np.ndarray, events: int) -> None:
    """`events` times: take the least of the binary heap `times`, draw its next time, let it sink.

    random: uint64 [1], the state of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
    """
    state = random[0]
    n = len(times)
    for _ in range(events):
        state += np.uint64(0x9E3779B97F4A7C15)
        z = state
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        now = times[0] - math.log((float(z >> np.uint64(11)) + 0.5) * 2.0**-53)
        at = 0
        while True:
            child = 2 * at + 1
            if child >= n:
                break
            if child + 1 < n and times[child + 1] < times[child]:
                child += 1
            if times[child] >= now:
                break
            times[at] = times[child]
            at = child
        times[at] = now
    random[0] = state


def calendar_only(events: int) -> int:
    """Run it from the start; the events, as they are timed."""
    ring(np.zeros(CLOCKS), np.ones(1, np.uint64), events)
    return events


def rate(events: int) -> float:
    """Events per unit of simulated time and clock once it runs: 1 for exponential clocks of mean 1."""
    times, random = np.zeros(CLOCKS), np.ones(1, np.uint64)
    ring(times, random, 100 * CLOCKS)
    start = times[0]
    ring(times, random, events)
    return events / ((times[0] - start) * CLOCKS)
