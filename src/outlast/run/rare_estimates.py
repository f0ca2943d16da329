"""What a method for rare outages is asked and what it answers, and the quantities that all of them estimate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from outlast.run.measures import YEAR_S
from outlast.stats import estimates
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.program.program import Program
    from outlast.run.batch import Floats

LEVEL = 0.95
TWO_SIDED = 1.96  # standard errors in half an interval at this level
WANTED = 0.05  # half-width of the interval over the estimate
MOST_EVENTS = 20_000_000
SHOWN = 0.5  # an interval wider than this, relative to the estimate, is not reported


@dataclass(frozen=True)
class Question:
    """component: one with a measured condition.  wanted: half-width of the 95 % interval of unavailability (and of
    unreliability) over the estimate, which a method tries to reach with about most_events.  threads: the answer does
    not depend on them.  progress(done, total): in units of the method, called in the calling thread.
    """

    program: Program
    seed: int
    component: str
    wanted: float = WANTED
    most_events: int = MOST_EVENTS
    jit: bool = True
    threads: int = 1
    progress: Callable[[int, int], None] | None = None

    @property
    def condition(self) -> int:
        """The measured condition, by its place in the tables.  Raises StopIteration without one."""
        measured = next(i for i, name in enumerate(self.program.outage_names) if name == self.component)
        return int(self.program.tables["outages"][measured]["condition"])


@dataclass(frozen=True)
class Rare:
    """Estimates by measure (`outlast.run.frames.RARE_UNITS`: at least the unavailability), or why there are none.

    events: simulated for them.
    """

    component: str
    estimates: dict[str, Estimate]
    reason: str = ""
    events: int = 0


def good(found: dict[str, Estimate]) -> bool:
    """Whether the interval of the unavailability is narrow enough to be shown."""
    rates = found["unavailability"]
    return rates.mean > 0.0 and half(rates) <= SHOWN * rates.mean


def half(found: Estimate) -> float:
    """Half-width of the interval."""
    return (found.ci_high - found.ci_low) / 2


def mean_weight(values: Floats) -> Estimate:
    """Mean of weighted values >= 0. Where all weigh the same, one that was not seen may weigh nothing, or twice as
    much: the interval reaches as far as that, with the probability `share_without_event`, would move the mean."""
    most = 2.0 * float(values[0]) if values[0] > 0.0 and bool((values == values[0]).all()) else None
    return estimates.mean(values, LEVEL, (0.0, most))


def quotient(numerators: Floats, denominators: Floats, method: str) -> Estimate:
    """Ratio of the means of two independent samples (delta method); n, and so std, of the numerators.

    The sides of the interval are those of the numerators' mean (skewed: see `outlast.stats.skewed`), made longer by the
    error of the denominators.
    """
    y, x = mean_weight(numerators), float(denominators.mean())
    ratio, n, error = y.mean / x, y.n, 0.0
    if len(denominators) > 1:
        error = ratio * float(denominators.std(ddof=1)) / x / math.sqrt(len(denominators))
    std = math.hypot(y.std / x, error * math.sqrt(n))
    below, above = (math.hypot(side / x, TWO_SIDED * error) for side in (y.mean - y.ci_low, y.ci_high - y.mean))
    return Estimate(ratio, std, max(0.0, ratio - below), ratio + above, LEVEL, n, method)


def bounded(found: Estimate, most: float) -> Estimate:
    """With an interval that ends at `most`."""
    return replace(found, ci_high=min(found.ci_high, most))


def times(found: Estimate, factor: float) -> Estimate:
    """In another unit."""
    return replace(found, mean=found.mean * factor, std=found.std * factor, ci_low=found.ci_low * factor,
                   ci_high=found.ci_high * factor)  # fmt: skip


def downtime(unavailability: Estimate) -> dict[str, Estimate]:
    """Availability, downtime and unavailability."""
    u = bounded(unavailability, 1.0)
    up = replace(u, mean=1.0 - u.mean, ci_low=1.0 - u.ci_high, ci_high=1.0 - u.ci_low)
    return {"availability": up, "downtime": times(u, YEAR_S), "unavailability": u}


def mean_outage(down: Floats, outages: Floats, method: str) -> Estimate:
    """Seconds down over outages, both weighted, a value per sample."""
    found = estimates.ratio(down, outages, LEVEL, (0.0, None))
    return replace(found, method=f"{method}, ratio linearised")


def inverse(rate: Estimate) -> Estimate:
    """1 / a rate: the ends of its interval change places."""
    if rate.mean == 0.0:
        return replace(rate, mean=math.inf, std=0.0, ci_low=0.0, ci_high=math.inf)
    std = rate.std / rate.mean**2
    high = 1.0 / rate.ci_low if rate.ci_low > 0.0 else math.inf
    return replace(rate, mean=1.0 / rate.mean, std=std, ci_low=1.0 / rate.ci_high, ci_high=high)


def within(mttff: Estimate, horizon: float) -> Estimate:
    """Probability that an exponential time with this mean is over at the horizon."""
    mean, low, high = (-math.expm1(-horizon / x) for x in (mttff.mean, mttff.ci_high, mttff.ci_low or 1e-300))
    if math.isinf(mttff.mean):
        return replace(mttff, mean=0.0, std=0.0, ci_low=0.0, ci_high=1.0)
    std = mttff.std * horizon / mttff.mean**2 * (1.0 - mean)
    return replace(mttff, mean=mean, std=std, ci_low=low, ci_high=high)
