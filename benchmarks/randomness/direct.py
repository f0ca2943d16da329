"""What the simulation itself relies on, as p-values: pairs and triples, neighbours, sums and minima, avalanche."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.special import chdtrc, gammaincc, ndtr
from streams import FAILS, NODES, ZERO, Stream

from outlast.compiled import kernel
from outlast.stats.draws import base_key, bits, uniform, unit_key

ULP = 2.0**-52
UNITS, REPLICATIONS = 1000, 1 << 14
GRID = (64, 64, 1024)  # units, counts, replications
AXES = ("unit", "count", "replication")
PARTS = ("seed", "replication", "branch", "unit", "cohort", "row", "count")
FLIPS = 1 << 17
WORDS = {"of_neighbours": math.prod(GRID), "of_sums": UNITS * REPLICATIONS, "of_avalanche": 7 * 65 * FLIPS}
Found = Iterator[tuple[str, float]]  # what was tested, p-value


def even(u: np.ndarray, cells: int) -> float:
    """p-value of points, one a row, spread evenly over cells^dimension cells: small if too uneven."""
    points = (np.atleast_2d(u.T).T * cells).astype(np.int64)
    place = points @ cells ** np.arange(points.shape[1])
    counts = np.bincount(place, minlength=cells ** points.shape[1])
    expected = len(points) / counts.size
    return float(chdtrc(counts.size - 1, float(((counts - expected) ** 2).sum()) / expected))


def unrelated(x: np.ndarray, y: np.ndarray, variance: float) -> float:
    """p-value of the correlation of two arrays of mean 0 and known variance."""
    return float(ndtr(float(np.dot(x.ravel(), y.ravel())) / (variance * math.sqrt(x.size))))


def of_stream(stream: Stream, seed: int, count: int) -> Found:
    """Single draws, pairs and triples spread evenly; no correlation at small distances and between units in turn."""
    u = ((stream.words(seed, 0, count) >> np.uint64(12)).astype(np.float64) + 0.5) * ULP
    for size, cells in ((1, 1 << 16), (2, 1 << 8), (3, 1 << 5)):
        name = ("singles", "pairs", "triples")[size - 1]
        yield f"{name}, {cells}^{size} cells", even(u[: count - count % size].reshape(-1, size), cells)
    for lag in (1, 2, 3, UNITS):
        yield f"correlation at distance {lag}", unrelated(u[:-lag] - 0.5, u[lag:] - 0.5, 1 / 12)


@kernel
def _uniforms(out, seed):
    """out[unit, count, replication] = that draw."""
    for i in range(out.shape[0]):
        for n in range(out.shape[1]):
            for r in range(out.shape[2]):
                key = unit_key(base_key(seed, np.uint64(r), ZERO), NODES, np.uint64(i))
                out[i, n, r] = uniform(key, FAILS, np.uint64(n))


def of_neighbours(seed: int) -> Found:
    """Each draw against that of the next unit, count, replication, and their combinations; values and squares."""
    u = np.empty(GRID)
    _uniforms(u, np.uint64(seed))
    u -= 0.5
    for step in range(1, 8):
        by = [step >> axis & 1 for axis in range(3)]
        x = u[tuple(slice(None, GRID[a] - by[a]) for a in range(3))]
        y = u[tuple(slice(by[a], None) for a in range(3))]
        name = "next " + " and ".join(axis for axis, there in zip(AXES, by, strict=True) if there)
        yield f"correlation with the {name}", unrelated(x, y, 1 / 12)
        yield f"correlation of squares, {name}", unrelated(x**2 - 1 / 12, y**2 - 1 / 12, 1 / 180)


def of_sums(seed: int) -> Found:
    """Over replications: total of 1,000 exponential lives (gamma), first and last failure, number of early ones."""
    u = np.empty((UNITS, 1, REPLICATIONS))
    _uniforms(u, np.uint64(seed))
    lives = u[:, 0, :]
    yield "sum of 1,000 exponential lives", even(gammaincc(UNITS, -np.log(lives).sum(axis=0)), 256)
    yield "first of 1,000 failures", even((1.0 - lives.min(axis=0)) ** UNITS, 256)
    yield "last of 1,000 failures", even(lives.max(axis=0) ** UNITS, 256)
    early = (lives < 0.01).sum(axis=0)
    chi2 = float(((early - UNITS * 0.01) ** 2).sum()) / (UNITS * 0.01 * 0.99)
    spread = math.sqrt(REPLICATIONS * (2.0 + (1.0 - 6.0 * 0.01 * 0.99) / (UNITS * 0.01 * 0.99)))
    yield "variance of the failures with u < 1 %", float(ndtr((chi2 - REPLICATIONS) / spread))


@kernel
def _flips(given, part, changed):
    """changed[i, j]: how often output bit j changes with input bit i of a part."""
    one = np.uint64(1)
    parts = np.empty(7, dtype=np.uint64)
    for sample in range(given.shape[0]):
        parts[:] = given[sample]
        before = bits(unit_key(base_key(parts[0], parts[1], parts[2]), parts[4], parts[3]), parts[5], parts[6])
        for i in range(64):
            parts[part] = given[sample, part] ^ (one << np.uint64(i))
            after = bits(unit_key(base_key(parts[0], parts[1], parts[2]), parts[4], parts[3]), parts[5], parts[6])
            for j in range(64):
                changed[i, j] += ((before ^ after) >> np.uint64(j)) & one


def of_avalanche(seed: int, flips: int = FLIPS) -> Found:
    """Each input bit of each part of a key changes each output bit in half of all cases."""
    luck = np.random.default_rng(seed)
    for number, part in enumerate(PARTS):
        given = luck.integers(0, 1 << 20, size=(flips, len(PARTS)), dtype=np.uint64)
        given[:, 4:6] = luck.integers(0, 1 << 64, size=(flips, 2), dtype=np.uint64)  # names are hashed
        changed = np.zeros((64, 64), dtype=np.int64)
        _flips(given, number, changed)
        z = (changed - flips / 2) / math.sqrt(flips / 4)
        yield f"avalanche of {part}", float(chdtrc(z.size, float((z**2).sum())))
        worst = float(np.abs(z).max())
        yield f"worst bit of {part}", -math.expm1(z.size * math.log1p(-2.0 * float(ndtr(-worst))))
