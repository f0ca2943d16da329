"""Streams of words as a simulation takes them, from the product's own compiled functions (outlast.stats.draws).

A stream is a function of (seed, k) -> word k.  What varies from one word to the next is what its name says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from outlast.compiled import kernel
from outlast.stats.draws import AGE, PHASE, base_key, bits, mix, name_hash, unit_key

Word = Callable[[np.uint64, np.uint64, np.ndarray], np.uint64]
Fill = Callable[[np.ndarray, np.uint64, np.uint64, np.ndarray], None]

NODES, FAILS = np.uint64(name_hash("nodes")), np.uint64(name_hash("fails"))
ZERO, TWO, THREE, THOUSAND = np.uint64(0), np.uint64(2), np.uint64(3), np.uint64(1000)
# 65,536 names that differ from their neighbours in one character or in a few
NEIGHBOURS = np.array([name_hash(f"row {i:04x}") for i in range(1 << 16)], dtype=np.uint64)
S16, LOW16 = np.uint64(16), np.uint64(0xFFFF)


@kernel
def _first(seed, replication, branch, unit, row):
    """The first word of a unit for a row."""
    return bits(unit_key(base_key(seed, replication, branch), NODES, unit), row, ZERO)


@kernel
def _counts(seed, k, names):
    return bits(unit_key(base_key(seed, ZERO, ZERO), NODES, ZERO), FAILS, k)


@kernel
def _every_other_count(seed, k, names):
    return bits(unit_key(base_key(seed, ZERO, ZERO), NODES, ZERO), FAILS, k * TWO)


@kernel
def _units(seed, k, names):
    return _first(seed, ZERO, ZERO, k, FAILS)


@kernel
def _units_in_turn(seed, k, names):
    return bits(unit_key(base_key(seed, ZERO, ZERO), NODES, k % THOUSAND), FAILS, k // THOUSAND)


@kernel
def _replications(seed, k, names):
    return _first(seed, k, ZERO, ZERO, FAILS)


@kernel
def _thousand_units_a_replication(seed, k, names):
    return _first(seed, k // THOUSAND, ZERO, k % THOUSAND, FAILS)


@kernel
def _seeds(seed, k, names):
    return _first((seed << np.uint64(40)) + k, ZERO, ZERO, ZERO, FAILS)


@kernel
def _branches(seed, k, names):
    return _first(seed, ZERO, k, ZERO, FAILS)


@kernel
def _rows(seed, k, names):
    return bits(unit_key(base_key(seed, ZERO, ZERO), NODES, ZERO), names[k & LOW16], k >> S16)


@kernel
def _cohorts(seed, k, names):
    return bits(unit_key(base_key(seed, ZERO, ZERO), names[k & LOW16], ZERO), FAILS, k >> S16)


@kernel
def _row_words(seed, k, names):
    return _first(seed, ZERO, ZERO, ZERO, k)


@kernel
def _marks(seed, k, names):
    which = k % THREE
    row = FAILS if which == ZERO else (FAILS ^ PHASE if which == np.uint64(1) else FAILS ^ AGE)
    return _first(seed, ZERO, ZERO, k // THREE, row)


@kernel
def _scatter(seed, k, names):
    base = base_key(seed, ZERO, ZERO)
    strike = bits(unit_key(base, names[ZERO], ZERO), FAILS, k // THOUSAND)
    return bits(strike, unit_key(base, NODES, k % THOUSAND), ZERO)


@kernel
def _counter(seed, k, names):
    """Deliberately bad: what the draws would be without mixing the count."""
    return mix(seed) + k * np.uint64(0x9E3779B97F4A7C15)


def _filler(word: Word) -> Fill:
    @kernel
    def fill(out, start, seed, names):
        for k in range(out.size):
            out[k] = word(seed, start + np.uint64(k), names)

    return fill


@dataclass(frozen=True)
class Stream:
    """words(seed, start, count): a stretch of the stream."""

    name: str
    varies: str
    fill: Fill

    def words(self, seed: int, start: int, count: int) -> np.ndarray:
        out = np.empty(count, dtype=np.uint64)
        self.fill(out, np.uint64(start), np.uint64(seed), NEIGHBOURS)
        return out


STREAMS = {name: Stream(name, varies, _filler(word)) for name, varies, word in (
    ("counts", "n = 0, 1, 2, ... of one unit and row", _counts),
    ("every other count", "n = 0, 2, 4, ... (delays that alternate with choices)", _every_other_count),
    ("units", "the first draw of units 0, 1, 2, ... of a cohort", _units),
    ("units in turn", "1,000 units in turn: their n = 0, then their n = 1, ...", _units_in_turn),
    ("replications", "the first draw of one unit in replications 0, 1, 2, ...", _replications),
    ("units, replications", "the first draws of 1,000 units, replication after replication",
     _thousand_units_a_replication),
    ("seeds", "the first draw of one unit for consecutive seeds", _seeds),
    ("branches", "the first draw of one unit in branches 0, 1, 2, ...", _branches),
    ("rows", "65,536 rows in turn whose names differ in a character", _rows),
    ("cohorts", "65,536 cohorts in turn whose names differ in a character", _cohorts),
    ("row words", "row hashes 0, 1, 2, ...: worse than any names", _row_words),
    ("marks", "per unit: first draw, drawn phase, age at the start", _marks),
    ("scatter", "who is struck: 1,000 members per firing, firing after firing", _scatter),
)}  # fmt: skip
BAD = Stream("bad", "a plain counter: the batteries must notice", _filler(_counter))


def halves(words: np.ndarray, part: str) -> np.ndarray:
    """The 32-bit words that a battery reads: `high` (bits 32-63), `low` (bits 0-31) or `both` in turn."""
    pairs = words.view("<u4")
    return pairs if part == "both" else np.ascontiguousarray(pairs[1::2] if part == "high" else pairs[::2])
