"""Rare outages by failure biasing: estimates from excursions with biased failures (docs/rare-events.md).

Long run, from excursions (a cycle is the wait for the first failure, 1 / total rate, and the excursion):

    unavailability   E[time down] / E[cycle]         numerators from biased excursions, the denominator from plain
    outages          E[outages] / E[cycle]           ones, so that its error hardly counts
    mean_outage      E[time down] / E[outages]
    mttff            E[time until the condition fails or the cycle ends] / P(it fails in the cycle)
    unreliability    1 - exp(-horizon / mttff)

Where the horizon is so short that few failures are expected in it, all but `mttff` come from missions instead: biased
replications over the horizon, which begin with everything working.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from outlast.run.measures import YEAR_S
from outlast.run.rare_estimates import (
    SHOWN,
    TWO_SIDED,
    Question,
    Rare,
    bounded,
    downtime,
    good,
    inverse,
    mean_outage,
    quotient,
    times,
    within,
)
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.engines.kernel.biasing import Excursions

PILOT, MOST = 4_096, 1 << 20  # excursions that tell how many it takes, and at most
MARGIN = 1.2  # more of them than the pilot says, which may have come out narrow
PLAIN = 8_192  # plain excursions
LONG = 0.05  # share of the unavailability that the end of the horizon cuts off, from which on that is said
FEW = 3.0  # failures expected within the horizon, below which missions are run


def biased(ask: Question) -> Rare:
    """Estimates where everything that the component depends on is as new again and again."""
    from outlast.engines.kernel.biasing import Excursions, NotRegenerativeError  # imported here: they compile

    program, horizon = ask.program, ask.program.horizon
    try:
        source = Excursions(program, ask.seed, ask.condition, jit=ask.jit, threads=ask.threads, progress=ask.progress)
        few = program.warm_up == 0.0 and source.total * horizon < FEW
        try:
            scale, found = _cycles(source, ask)
        except NotRegenerativeError:
            if not few:
                raise
            scale, found = horizon, {}
        if few:
            found |= _missions(source, ask, min(scale, horizon))
    except NotRegenerativeError as problem:
        return Rare(ask.component, {}, str(problem))
    reason = "" if good(found) else "too few outages even with biased failures"
    return Rare(ask.component, {} if reason else found, reason, source.events)


def _cycles(source: Excursions, ask: Question) -> tuple[float, dict[str, Estimate]]:
    """Median length of an excursion, and the estimates of the long run."""
    plain, horizon = source.run(PLAIN), ask.program.horizon
    away = plain["away"]
    scale = float(np.median(away)) or 1.0 / source.total
    wait = 1.0 / source.total
    cycle, until = wait + away, wait + np.where(plain["failed"] == 1, plain["until"], away)

    def look(found: np.ndarray) -> dict[str, Estimate]:
        weight, name = found["weight"], f"failure biasing, {len(found):,} excursions"
        down, outages, failed = weight * found["down"], weight * found["outages"], weight * found["failed"]
        cut = float((down * (found["until"] + found["down"] / 2)).sum()) / (horizon * (float(down.sum()) or 1.0))
        less = f"; in the long run: over the horizon about {100 * cut:.0f} % less"
        long = name + less if cut > LONG and ask.program.warm_up == 0.0 else name
        mttff = inverse(quotient(failed, until, name))
        return {
            **downtime(quotient(down, cycle, long)),
            "outages": times(quotient(outages, cycle, name), YEAR_S),
            "mean_outage": mean_outage(down, outages, name),
            "mttff": mttff,
            "unreliability": within(mttff, horizon),
        }

    return scale, _sampled(lambda n: source.run(n, scale=scale), look, source, ask)


def _missions(source: Excursions, ask: Question, scale: float) -> dict[str, Estimate]:
    horizon = ask.program.horizon
    begins = -math.expm1(-source.total * horizon)

    def look(found: np.ndarray) -> dict[str, Estimate]:
        weight, name = found["weight"] * begins, f"failure biasing, {len(found):,} missions"
        one = np.ones(1)
        down, outages = weight * found["down"], weight * found["outages"]
        return {
            **downtime(quotient(down, one * horizon, name)),
            "outages": times(quotient(outages, one * horizon, name), YEAR_S),
            "mean_outage": mean_outage(down, outages, name),
            "unreliability": bounded(quotient(weight * found["failed"], one, name), 1.0),
        }

    return _sampled(lambda n: source.run(n, scale=scale, horizon=horizon), look, source, ask)


def _sampled(
    run: Callable[[int], np.ndarray],
    look: Callable[[np.ndarray], dict[str, Estimate]],
    source: Excursions,
    ask: Question,
) -> dict[str, Estimate]:
    """From as many excursions as both shares need to be as precise as wanted.

    A pilot tells how many; the estimate is that of a fresh sample: samples that came out low look precise too early.
    """
    before, pilot = source.events, run(PILOT)
    while True:
        each = max(1.0, (source.events - before) / len(pilot))
        most = max(PILOT, min(MOST, int(ask.most_events / each)))
        wide = _width(look(pilot))
        if wide <= SHOWN or 2 * len(pilot) > most:
            break
        pilot = np.concatenate([pilot, run(len(pilot))])
    needed = MARGIN * len(pilot) * (wide / ask.wanted) ** 2
    return look(run(int(min(max(PILOT, needed), most))))


def _width(found: dict[str, Estimate]) -> float:
    """Half-width of a normal interval, relative, the wider of both; infinite where nothing was seen."""
    shares = [found[measure] for measure in ("unavailability", "unreliability")]
    return max(TWO_SIDED * s.std / math.sqrt(s.n) / s.mean if s.mean > 0.0 else math.inf for s in shares)
