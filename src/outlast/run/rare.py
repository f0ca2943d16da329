"""Rare outages: estimates from excursions with biased failures (docs/rare-events.md), beside plain replications.

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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from outlast.run.measures import YEAR_S, estimate
from outlast.stats import estimates
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.engines.kernel.biasing import Excursions
    from outlast.program.program import Program
    from outlast.run.batch import Batch, Floats

LEVEL = 0.95
WANTED = 0.05  # half-width of the interval over the estimate
FIRST, MOST = 4_096, 1 << 20  # excursions before the first look, and at most
MOST_EVENTS = 20_000_000
PLAIN = 8_192  # plain excursions
FEW = 3.0  # failures expected within the horizon, below which missions are run
SHOWN = 0.5  # an interval wider than this, relative to the estimate, is not reported
ENOUGH = 30  # outages in plain replications, from which on their interval is believed
DISAGREE = 4.0  # standard errors


@dataclass(frozen=True)
class Rare:
    """Estimates by measure (`outlast.run.frames.RARE_UNITS`), or why there are none.  events: simulated for them."""

    component: str
    estimates: dict[str, Estimate]
    reason: str = ""
    events: int = 0


def rare(program: Program, seed: int, component: str, *, wanted: float = WANTED, jit: bool = True) -> Rare:
    """Failure biasing for a component with a measured condition.

    wanted: half-width of the 95 % interval of unavailability and unreliability over the estimate, where excursions
    stop; at most MOST of them.  Raises StopIteration for a component without a measured condition.
    """
    from outlast.engines.kernel.biasing import Excursions, NotRegenerativeError  # imported here: they compile

    measured = next(i for i, name in enumerate(program.outage_names) if name == component)
    condition = int(program.tables["outages"][measured]["condition"])
    try:
        source = Excursions(program, seed, condition, jit=jit)
        few = program.warm_up == 0.0 and source.total * program.horizon < FEW
        try:
            scale, found = _cycles(source, program.horizon, wanted)
        except NotRegenerativeError:
            if not few:
                raise
            scale, found = program.horizon, {}
        if few:
            found |= _missions(source, program.horizon, min(scale, program.horizon), wanted)
    except NotRegenerativeError as problem:
        return Rare(component, {}, str(problem))
    reason = "" if _good(found) else "too few outages even with biased failures"
    return Rare(component, {} if reason else found, reason, source.events)


def _good(found: dict[str, Estimate]) -> bool:
    rates = found["unavailability"]
    return rates.mean > 0.0 and (rates.ci_high - rates.ci_low) / 2 <= SHOWN * rates.mean


def _cycles(source: Excursions, horizon: float, wanted: float) -> tuple[float, dict[str, Estimate]]:
    """Median length of an excursion, and the estimates of the long run."""
    plain = source.run(PLAIN)
    away = plain["away"]
    scale = float(np.median(away)) or 1.0 / source.total
    wait = 1.0 / source.total
    cycle, until = wait + away, wait + np.where(plain["failed"] == 1, plain["until"], away)

    def look(found: np.ndarray) -> dict[str, Estimate]:
        weight, name = found["weight"], f"failure biasing, {len(found):,} excursions"
        down, outages, failed = weight * found["down"], weight * found["outages"], weight * found["failed"]
        mttff = _inverse(_quotient(failed, until, name))
        return {
            **_downtime(_quotient(down, cycle, name)),
            "outages": _times(_quotient(outages, cycle, name), YEAR_S),
            "mean_outage": _mean_outage(down, outages, name),
            "mttff": mttff,
            "unreliability": _within(mttff, horizon),
        }

    return scale, _until_good(lambda n: source.run(n, scale=scale), look, source, wanted)


def _missions(source: Excursions, horizon: float, scale: float, wanted: float) -> dict[str, Estimate]:
    begins = -math.expm1(-source.total * horizon)

    def look(found: np.ndarray) -> dict[str, Estimate]:
        weight, name = found["weight"] * begins, f"failure biasing, {len(found):,} missions"
        one = np.ones(1)
        down, outages = weight * found["down"], weight * found["outages"]
        return {
            **_downtime(_quotient(down, one * horizon, name)),
            "outages": _times(_quotient(outages, one * horizon, name), YEAR_S),
            "mean_outage": _mean_outage(down, outages, name),
            "unreliability": _bounded(_quotient(weight * found["failed"], one, name), 1.0),
        }

    return _until_good(lambda n: source.run(n, scale=scale, horizon=horizon), look, source, wanted)


def _until_good(
    run: Callable[[int], np.ndarray],
    look: Callable[[np.ndarray], dict[str, Estimate]],
    source: Excursions,
    wanted: float,
) -> dict[str, Estimate]:
    """Twice as many excursions until both shares are as precise as wanted."""
    found, before = run(FIRST), source.events
    while True:
        seen = look(found)
        shares = [seen[measure] for measure in ("unavailability", "unreliability")]
        wide = max(_half(share) / (share.mean or math.inf) for share in shares)
        precise = wide <= wanted and all(share.mean > 0.0 for share in shares)
        if precise or 2 * len(found) > MOST or 2 * (source.events - before) > MOST_EVENTS:
            return seen
        found = np.concatenate([found, run(len(found))])


def _half(found: Estimate) -> float:
    return (found.ci_high - found.ci_low) / 2


def _quotient(numerators: Floats, denominators: Floats, method: str) -> Estimate:
    """Ratio of the means of two independent samples (delta method); n, and so std, of the numerators."""
    y, x, n = float(numerators.mean()), float(denominators.mean()), len(numerators)
    variance = float(numerators.var(ddof=1)) / n
    if len(denominators) > 1:
        variance += (y / x) ** 2 * float(denominators.var(ddof=1)) / len(denominators)
    found = Estimate(y / x, math.sqrt(variance * n) / x, 0.0, 0.0, LEVEL, n, method)
    return estimates.at_level(found, LEVEL, (0.0, None))


def _bounded(found: Estimate, most: float) -> Estimate:
    return replace(found, ci_high=min(found.ci_high, most))


def _times(found: Estimate, factor: float) -> Estimate:
    return replace(found, mean=found.mean * factor, std=found.std * factor, ci_low=found.ci_low * factor,
                   ci_high=found.ci_high * factor)  # fmt: skip


def _downtime(unavailability: Estimate) -> dict[str, Estimate]:
    u = _bounded(unavailability, 1.0)
    up = replace(u, mean=1.0 - u.mean, ci_low=1.0 - u.ci_high, ci_high=1.0 - u.ci_low)
    return {"availability": up, "downtime": _times(u, YEAR_S), "unavailability": u}


def _mean_outage(down: Floats, outages: Floats, method: str) -> Estimate:
    found = estimates.ratio(down, outages, LEVEL, (0.0, None))
    return replace(found, method=f"{method}, ratio linearised")


def _inverse(rate: Estimate) -> Estimate:
    """1 / a rate: the ends of its interval change places."""
    if rate.mean == 0.0:
        return replace(rate, mean=math.inf, std=0.0, ci_low=0.0, ci_high=math.inf)
    std = rate.std / rate.mean**2
    high = 1.0 / rate.ci_low if rate.ci_low > 0.0 else math.inf
    return replace(rate, mean=1.0 / rate.mean, std=std, ci_low=1.0 / rate.ci_high, ci_high=high)


def _within(mttff: Estimate, horizon: float) -> Estimate:
    """Probability that an exponential time with this mean is over at the horizon."""
    mean, low, high = (-math.expm1(-horizon / x) for x in (mttff.mean, mttff.ci_high, mttff.ci_low or 1e-300))
    if math.isinf(mttff.mean):
        return replace(mttff, mean=0.0, std=0.0, ci_low=0.0, ci_high=1.0)
    std = mttff.std * horizon / mttff.mean**2 * (1.0 - mean)
    return replace(mttff, mean=mean, std=std, ci_low=low, ci_high=high)


def add_rare(batch: Batch, seed: int) -> None:
    """Estimate every component with measured outages by failure biasing; keep what is more precise than plain
    replications in `batch.rare`, and for others why not in `batch.remarks`."""
    for component in dict.fromkeys(batch.program.outage_names):
        found = rare(batch.program, seed, component)
        if found.reason:
            batch.remarks[component] = f"failure biasing does not apply: {found.reason}"
            continue
        remark = _compared(batch, found)
        if remark is None:
            continue
        for measure, one in found.estimates.items():
            batch.rare[component, measure] = replace(one, method=one.method + remark)


def _compared(batch: Batch, found: Rare) -> str | None:
    """None where plain replications are more precise; a remark, mostly empty, for the method otherwise."""
    if int((batch.outages.component == found.component).sum()) < ENOUGH:
        return ""
    metrics = [m for m in batch.program.metrics if (m.component, m.measure) == (found.component, "availability")]
    if not metrics or len(batch) < 2:
        return ""
    plain, ours = estimate(batch, metrics[0]), found.estimates["availability"]
    if _half(plain) <= _half(ours):
        return None
    z = (plain.mean - ours.mean) / math.hypot(plain.std / math.sqrt(plain.n), ours.std / math.sqrt(ours.n))
    return f" (plain replications differ: z = {z:.1f})" if abs(z) > DISAGREE else ""
