"""Rare outages by splitting: estimates over the horizon from trees of replications (docs/rare-events.md).

A pilot finds the levels, the number of trials at each, and how many trees the wanted precision takes; the estimates
come from fresh trees, so the pilot leaves no mark on them.  A tree is one sample:

    unavailability   mean of weighted time down / measured time
    outages          mean of the weights of outages
    mean_outage      weighted time down in outages / weights of outages
    unreliability    mean of the weights of first outages
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from outlast.run.measures import YEAR_S
from outlast.run.rare_estimates import Question, Rare, bounded, downtime, good, mean_outage, mean_weight, times

if TYPE_CHECKING:
    from outlast.engines.kernel.splitting import Grown, Level, Trees
    from outlast.run.batch import Floats
    from outlast.stats.estimates import Estimate

Z = 1.96
FEWEST, MOST = 100, 1 << 18  # trees of an estimate
EVENTS = 0.5  # share of the events allowed: an event of a clone costs more than others
CHEAP = 0.05  # share of the events for which there are up to ten times the fewest trees
ROUNDS, PILOT = 4, 256  # rounds of the pilot, and most trees of each
PILOT_SHARE = 0.01  # of the events, for one round
AT_START = 4  # trials from the start: rare failures come in some of them
START_FACTOR, MOST_TRIALS = 4, 24
SEEN = 5  # trials that went on, from which on their share is believed
RARE_STEP = 0.5  # a level is worth having where this share of those who enter it, or fewer, come nearer
MOST_LEVELS = 16
EFFORT = 8.0  # the first level has at most so many times the trials that keep a tree from dying out


def split(ask: Question) -> Rare:
    """Estimates over the horizon for any system with something to lose."""
    from outlast.engines.kernel.splitting import NotSplitError, Trees  # imported here: they compile

    try:
        source = Trees(ask.program, ask.seed, ask.condition, jit=ask.jit, threads=ask.threads, progress=ask.progress)
        plan = _pilot(source, ask)
        found = source.run(plan.used, plan.trees, plan.levels).results
    except NotSplitError as problem:
        return Rare(ask.component, {}, str(problem))
    answer = _estimates(ask, found)
    reason = "" if good(answer) else "too few outages even so"
    return Rare(ask.component, {} if reason else answer, reason, source.events)


def _estimates(ask: Question, found: np.ndarray) -> dict[str, Estimate]:
    name, measured = f"splitting, {len(found):,} trees", ask.program.horizon - ask.program.warm_up

    def mean(values: Floats) -> Estimate:
        return replace(mean_weight(values), method=name)

    return {
        **downtime(mean(found["down"] / measured)),
        "outages": times(mean(found["outages"]), YEAR_S / measured),
        "mean_outage": mean_outage(found["lasted"], found["outages"], name),
        "unreliability": bounded(mean(found["failed"]), 1.0),
    }


@dataclass(frozen=True)
class _Plan:
    """used: trees that the pilot has grown; trees: how many to grow."""

    levels: list[Level]
    used: int
    trees: int


def _pilot(source: Trees, ask: Question) -> _Plan:
    from outlast.engines.kernel.splitting import Level, NotSplitError, windows

    horizon, home = ask.program.horizon, max(source.distance, 1)
    start = Level(home, AT_START, (horizon,))
    budget = EVENTS * ask.most_events
    grown, used = _round(source, budget, 0, [start])
    bounds = _bounds(grown.entered, home)
    levels = [start] + [Level(most, START_FACTOR, windows(horizon * 4.0**-10, horizon)) for most in bounds]
    for _ in range(ROUNDS if bounds else 0):
        grown, used = _round(source, budget, used, levels)
        levels = _tuned(levels, grown)
    if bounds:
        grown, used = _round(source, budget, used, levels)
    results = grown.results
    if not results["down"].any():
        raise NotSplitError("no outage was seen even so")
    wide = max(_spread(results["down"]), _spread(results["failed"]))
    wanted = (Z * wide / ask.wanted) ** 2
    within = max(budget - source.events, 0) / max(float(results["steps"].mean()), 1.0)
    fewest = max(FEWEST, min(10 * FEWEST, CHEAP * within))
    return _Plan(levels, used, int(min(max(wanted, fewest), max(within, FEWEST / 4), MOST)))


def _spread(values: Floats) -> float:
    """Coefficient of variation."""
    return float(values.std(ddof=1) / values.mean()) if values.any() else 0.0


def _round(source: Trees, budget: float, first: int, levels: list[Level]) -> tuple[Grown, int]:
    """Trees for the pilot from number `first` on, fewer where they are large; and the number of the next tree."""
    from outlast.engines.kernel.splitting import NotSplitError

    trial = source.run(first, 4, levels)
    size = max(float(trial.results["steps"].mean()), 1.0)
    if size * FEWEST / 4 > budget:
        raise NotSplitError(f"one tree of replications has {size:,.0f} events")
    count = int(min(max(PILOT_SHARE * budget / size, 4), PILOT))
    return source.run(first + 4, count, levels), first + 4 + count


def _bounds(entered: np.ndarray, home: int) -> list[int]:
    """Losses from an outage at which a level begins, from far to near: where it is rare to come nearer."""
    found = [k for k in range(home - 1, 0, -1) if entered[k - 1] <= RARE_STEP * entered[k]]
    if len(found) > MOST_LEVELS:
        return [found[i * len(found) // MOST_LEVELS] for i in range(MOST_LEVELS)]
    return found


def _tuned(levels: list[Level], grown: Grown) -> list[Level]:
    """As many trials at each level as on average one of which comes to the next; more at the first, if growing to there
    is most of the effort.  Windows as long as stays there are."""
    from outlast.engines.kernel.splitting import windows

    found = [levels[0]]
    for level, seen in zip(levels[1:], grown.levels[1:], strict=True):
        if seen["ups"] >= SEEN:
            factor = round(float(seen["trials"]) / float(seen["ups"]))
        else:
            factor = 2 * level.factor if seen["trials"] else level.factor
        if len(found) == 1:
            effort = float(grown.levels["steps"][0]) / max(float(grown.levels["steps"][1:].sum()), 1.0)
            factor = max(factor, round(level.factor * min(effort, EFFORT)))
        lengths = level.windows
        if seen["stays"] >= SEEN:
            usual = math.exp(float(seen["logs"]) / float(seen["stays"]))
            lengths = windows(usual, 2.0 * float(seen["longest"]))
        found.append(replace(level, factor=min(max(factor, 2), MOST_TRIALS), windows=lengths))
    return found
