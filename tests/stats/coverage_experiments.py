"""Coverage experiments: how often nominal 95 % intervals hold the right answer, on systems where it is known.

`python tests/stats/coverage_experiments.py` prints the table of docs/statistics.md (about two minutes).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from outlast.program import Metric
from outlast.run.precision import LEAST, Look, Rule, Target
from outlast.stats import clustered, estimates
from outlast.stats.estimates import Estimate

SHARE = (0.0, 1.0)
YEAR_H = 8760.0
MEDIAN_H = 6.0

Experiment = Callable[[np.random.Generator], Estimate]


@dataclass(frozen=True)
class System:
    """words: what is estimated; truth: the right answer; draw: one experiment, from data to interval.
    discrete: whole-number data, whose intervals cannot be exact and may cover more."""

    words: str
    truth: float
    draw: Experiment
    discrete: bool = False


def covered(system: System, repetitions: int, seed: int) -> float:
    """Share of experiments whose interval holds the truth."""
    rng = np.random.default_rng(seed)
    found = (system.draw(rng) for _ in range(repetitions))
    return sum(e.ci_low <= system.truth <= e.ci_high for e in found) / repetitions


def zone_losses(rng: np.random.Generator, every_y: float, sigma: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Hours lost and number of losses in n years: a Poisson number, each lognormal with a median of 6 h."""
    counts = rng.poisson(1.0 / every_y, n)
    lengths = rng.lognormal(math.log(MEDIAN_H), sigma, counts.sum())
    return np.bincount(np.repeat(np.arange(n), counts), lengths, n), counts.astype(float)


def mean_loss(sigma: float) -> float:
    return MEDIAN_H * math.exp(0.5 * sigma**2)


def availability(every_y: float, sigma: float, n: int) -> System:
    def draw(rng: np.random.Generator) -> Estimate:
        return estimates.mean(1.0 - zone_losses(rng, every_y, sigma, n)[0] / YEAR_H, bounds=SHARE)

    words = (
        f"availability: zone lost every {every_y:g} y, lognormal sigma {sigma:g}; {n} years ({n / every_y:.0f} losses)"
    )
    return System(words, 1.0 - mean_loss(sigma) / every_y / YEAR_H, draw)


def mean_outage(every_y: float, sigma: float, n: int) -> System:
    def draw(rng: np.random.Generator) -> Estimate:
        return estimates.ratio(*zone_losses(rng, every_y, sigma, n), bounds=(0.0, None))

    return System(f"mean outage of the same: every {every_y:g} y, sigma {sigma:g}; {n} years", mean_loss(sigma), draw)


def shortened(every_y: float, sigma: float, n: int) -> System:
    """The same losses, a tenth of each saved by a variant: paired, all differences on one side."""

    def draw(rng: np.random.Generator) -> Estimate:
        lost, _ = zone_losses(rng, every_y, sigma, n)
        return estimates.paired(lost, 0.9 * lost)

    return System(f"paired difference of downtime, losses a tenth shorter: every {every_y:g} y, sigma {sigma:g}; {n} years",
                  -0.1 * mean_loss(sigma) / every_y, draw)  # fmt: skip


def moved(every_y: float, sigma: float, n: int) -> System:
    """Some losses are avoided, others are new: differences on both sides."""

    def draw(rng: np.random.Generator) -> Estimate:
        gone, new = (zone_losses(rng, each, sigma, n)[0] for each in (every_y, 2.0 * every_y))
        return estimates.paired(gone, new)

    return System(f"paired difference, losses every {every_y:g} y avoided, every {2 * every_y:g} y new: sigma {sigma:g}; {n} years",
                  -0.5 * mean_loss(sigma) / every_y, draw)  # fmt: skip


def clustered_share(p: float, n: int, windows: int) -> System:
    """Windows met; replications differ: p is beta distributed with an intra-replication correlation of 0.1."""

    def draw(rng: np.random.Generator) -> Estimate:
        each = rng.beta(9.0 * p, 9.0 * (1.0 - p), n)
        return clustered.proportion(rng.binomial(windows, each), np.full(n, windows))

    return System(f"share of months met, correlated: p = {p:g}, {n} years", p, draw)


def clustered_quantile(q: float, n: int) -> System:
    """Lengths of outages: as many as a Poisson number in a replication, sharing a factor by chance."""
    sigma, shared = 1.0, 0.6
    z = {0.5: 0.0, 0.95: 1.6448536269514722}[q]

    def draw(rng: np.random.Generator) -> Estimate:
        row = np.repeat(np.arange(n), rng.poisson(4.0, n))
        factor = rng.normal(0.0, shared, n)[row]
        return clustered.quantile(np.exp(factor + rng.normal(0.0, math.sqrt(sigma**2 - shared**2), row.size)), row, q)

    return System(f"{q:.0%} quantile of outages, correlated, about 4 in each of {n} years", math.exp(z * sigma), draw)


def sequential(system_words: str, truth: float, wanted: float, sample: Callable[[np.random.Generator, int], np.ndarray],
               most: int = 10_000) -> System:  # fmt: skip
    """Stopped by the rule of `--precision`."""
    metric = Metric("system", "value", "1", "", "amount")
    rule = Rule([Target(metric, wanted, relative=False)], LEAST, most)

    def draw(rng: np.random.Generator) -> Estimate:
        drawn, looks = np.empty(0), list[Look]()
        for n in rule.rounds(lambda: looks):
            drawn = np.concatenate([drawn, sample(rng, n - drawn.size)])
            found = estimates.mean(drawn, bounds=(0.0, None))
            half = max(found.ci_high - found.mean, found.mean - found.ci_low)
            looks[:] = [Look(rule.wanted[0], "base", half, n)]
        return found

    return System(f"stopped by the rule: {system_words}", truth, draw)


def systems() -> Iterator[System]:
    yield System("mean of a normal; 100 replications", 2.0, lambda rng: estimates.mean(rng.normal(2.0, 3.0, 100)))
    yield System("mean of an exponential; 100 replications", 2.0,
                 lambda rng: estimates.mean(rng.exponential(2.0, 100), bounds=(0.0, None)))  # fmt: skip
    yield availability(3.0, 1.3, 200)
    yield availability(10.0, 1.3, 200)
    yield availability(20.0, 1.0, 200)
    yield availability(20.0, 1.3, 1000)
    yield mean_outage(3.0, 1.0, 200)
    yield mean_outage(3.0, 1.3, 200)
    yield System("rate of 20 events in all", 0.2, lambda rng: estimates.rate(rng.poisson(0.2, 100), 1.0), discrete=True)
    yield System("share of 30 %; 200 trials", 0.3, lambda rng: estimates.proportion(int(rng.binomial(200, 0.3)), 200))
    yield clustered_share(0.9, 100, 12)
    yield clustered_share(0.5, 50, 12)
    yield System("median of an exponential; 200 values", math.log(2.0),
                 lambda rng: estimates.quantile(rng.exponential(1.0, 200), 0.5))  # fmt: skip
    yield System("95 % quantile of an exponential; 400 values", math.log(20.0),
                 lambda rng: estimates.quantile(rng.exponential(1.0, 400), 0.95))  # fmt: skip
    yield clustered_quantile(0.5, 100)
    yield clustered_quantile(0.95, 200)
    yield System("paired difference of normals; 50 replications", 0.5,
                 lambda rng: estimates.paired(np.zeros(50), rng.normal(0.5, 1.0, 50)))  # fmt: skip
    yield shortened(3.0, 1.3, 200)
    yield moved(3.0, 1.3, 200)
    yield sequential("mean of a normal, to 2 %", 5.0, 0.1, lambda rng, n: rng.normal(5.0, 1.0, n))
    yield sequential("mean of an exponential, to 10 %", 1.0, 0.1, lambda rng, n: rng.exponential(1.0, n))
    yield sequential("downtime, zone lost every 3 y, sigma 1, to 30 %", mean_loss(1.0) / 3.0, 0.1 * mean_loss(1.0),
                     lambda rng, n: zone_losses(rng, 3.0, 1.0, n)[0])  # fmt: skip
    yield sequential("downtime, zone lost every 3 y, sigma 1.3, to 30 %", mean_loss(1.3) / 3.0, 0.1 * mean_loss(1.3),
                     lambda rng, n: zone_losses(rng, 3.0, 1.3, n)[0])  # fmt: skip


if __name__ == "__main__":
    print("| Estimated | covered |\n|---|--:|")
    for number, system in enumerate(systems()):
        print(f"| {system.words} | {100.0 * covered(system, 2000, number):.1f} % |", flush=True)
