"""Choices of the program generator: small whole numbers, picks and delays, read off one draw of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from outlast.stats import distributions as laws
from outlast.stats.distributions import Law

Item = TypeVar("Item")

TICKS = (1, 2, 3, 5)  # whole seconds: clocks of different units ring at the same instant
PERIODS = (2.0, 3.0, 4.0, 5.0)
PLAIN = ("exponential", "weibull", "lognormal", "uniform", "triangular", "gamma", "mixture", "empirical")
UNBOUNDED = ("exponential", "weibull", "lognormal", "gamma")


class Dice:
    """Choices read off a string of bytes, one byte each; every choice shrinks towards the plainer one.

    One draw of bytes, not one draw a choice: Hypothesis otherwise spends most of its examples on copies of a few
    choices over others, and the programs become alike.  After the last byte every choice is the plainest.
    """

    def __init__(self, source: bytes) -> None:
        self.source = iter(source)

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return low + (next(self.source, 0) * (high - low + 1) >> 8)

    def chance(self, percent: int) -> bool:
        """True with about this probability."""
        return self.whole(0, 99) >= 100 - percent

    def pick(self, options: Sequence[Item]) -> Item:
        """One of the options."""
        return options[self.whole(0, len(options) - 1)]

    def some(self, options: Sequence[Item], most: int) -> list[Item]:
        """Up to `most` different options, in the order given."""
        wanted = self.whole(0, min(most, len(options)))
        chosen = {self.whole(0, len(options) - 1) for _ in range(wanted)}
        return [options[i] for i in sorted(chosen)]

    def tick(self) -> Law:
        """A fixed delay of a few whole seconds."""
        return laws.deterministic(self.pick(TICKS))

    def delay(self, mean: float = 3.0, *, grid: bool = False, unbounded: bool = False) -> Law:
        """A delay above zero: often a whole number of seconds, else continuous with about this mean."""
        if unbounded:
            return self._law(self.pick(UNBOUNDED), mean)
        if self.chance(45):
            return self.tick()
        if grid and self.chance(35):
            period = self.pick(PERIODS)
            return laws.grid(period, self.pick((0.0, 1.0, None)))
        return self._law(self.pick(PLAIN), mean)

    def age(self) -> Law:
        """An age at the start."""
        return self.pick((laws.uniform(0.0, 6.0), laws.exponential(2.0), laws.deterministic(1.0)))

    def _law(self, kind: str, mean: float) -> Law:
        if kind == "exponential":
            return laws.exponential(mean)
        if kind == "weibull":
            return laws.weibull(mean=mean, shape=self.pick((0.7, 1.0, 1.5, 3.0)))
        if kind == "lognormal":
            return laws.lognormal(mean=mean, cv=self.pick((0.3, 1.0)))
        if kind == "uniform":
            return laws.uniform(0.5, 2.0 * mean)
        if kind == "triangular":
            return laws.triangular(0.5, mean, 2.0 * mean)
        if kind == "gamma":
            return laws.gamma(mean=mean, shape=self.pick((0.5, 2.0, 5.0)))
        if kind == "empirical":
            return laws.empirical(self.pick(((1.0, 2.0, 2.0, 5.0), (0.5, 3.0, 4.0))))
        if self.chance(50):
            return laws.hyperexponential([(0.75, 0.5 * mean), (0.25, 2.5 * mean)])
        return laws.mixture([(0.5, self.tick()), (0.5, laws.weibull(mean=mean, shape=2.0))])
