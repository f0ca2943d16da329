"""Delays as phases: what an exponential clock shows instead of a time.

While the exact engine works time stands still at 0.  A clock that rings now shows 0; a running exponential one shows
the *code* of its present phase, a whole number from 1 on, which `carry` and `resume` keep like any other time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from outlast.engines.reference.plan import Law
from outlast.stats.distributions import DETERMINISTIC, EXPONENTIAL, GAMMA, MIXTURE, WEIBULL


@dataclass(frozen=True, slots=True)
class Phase:
    """With this probability the delay is a sum of `stages` exponential ones of this mean, s; 0 s: at once."""

    p: float
    mean: float
    stages: int = 1


def phases(law: Law, points: np.ndarray) -> list[Phase]:
    """The law as a choice of phases; none if it has no Markov meaning."""
    if law.kind != MIXTURE:
        return _simple(1.0, law.kind, law.a, law.b)
    found: list[Phase] = []
    reached = 0.0
    for row in points[law.p0 : law.p1]:
        part = _simple(float(row["p"]) - reached, int(row["kind"]), float(row["a"]), float(row["b"]))
        if not part:
            return []
        found += part
        reached = float(row["p"])
    return found


def _simple(p: float, kind: int, a: float, b: float) -> list[Phase]:
    if kind == EXPONENTIAL or (kind == WEIBULL and b == 1.0):
        return [Phase(p, a)]
    if kind == GAMMA and a == int(a):
        return [Phase(p, b, int(a))]
    if kind == DETERMINISTIC and a == 0.0:
        return [Phase(p, 0.0)]
    return []


@dataclass
class Codes:
    """Numbers of the phases met so far: rates per s and stages still to go."""

    numbers: dict[tuple[float, int], float] = field(default_factory=dict)
    rates: list[float] = field(default_factory=lambda: [0.0])
    left: list[tuple[float, int]] = field(default_factory=lambda: [(0.0, 0)])

    def of(self, mean: float, stages: int) -> float:
        """What a clock with so many stages to go shows."""
        if mean == 0.0:
            return 0.0
        code = self.numbers.get((mean, stages))
        if code is None:
            code = self.numbers[mean, stages] = float(len(self.rates))
            self.rates.append(1.0 / mean)
            self.left.append((mean, stages))
        return code

    def next(self, code: float) -> float:
        """The phase after this one; 0 if this was the last."""
        mean, stages = self.left[int(code)]
        return self.of(mean, stages - 1) if stages > 1 else 0.0
