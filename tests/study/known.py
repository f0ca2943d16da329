"""Small scenarios with known answers."""

from __future__ import annotations

import math
from typing import Any

import outlast
from outlast.scenario.scenario import Scenario

DAY = 86_400.0


def unit(repair: str = "1 d", count: int = 1, horizon: str = "100 d", **extra: Any) -> Scenario:
    """One component `db` whose lives have mean 10 d."""
    db = {"kind": "component", "time_to_failure": {"exponential": "10 d"}, "repair": {"lasts": {"exponential": repair}}}
    if count > 1:
        db |= {"count": count, "needs_up": 1}
    return outlast.from_dict({"scenario": "unit", "horizon": horizon, "replications": 50, "components": {"db": db},
                              **extra})  # fmt: skip


def interval_availability(mttf: float, mttr: float, horizon: float) -> float:
    """Mean availability over [0, horizon] of a unit that starts up: Barlow and Proschan, Mathematical Theory of
    Reliability, section 3.2."""
    rate = 1 / mttf + 1 / mttr
    steady = mttf / (mttf + mttr)
    return steady + (1 - steady) * (1 - math.exp(-rate * horizon)) / (rate * horizon)


def clockwork(repair: str = "1 d", **extra: Any) -> Scenario:
    """Nothing is drawn: up 9 d, then down."""
    db = {"kind": "component", "time_to_failure": "9 d", "repair": {"lasts": repair}}
    return outlast.from_dict({"scenario": "clockwork", "horizon": "100 d", "replications": 3, "components": {"db": db},
                              **extra})  # fmt: skip
