"""Keyed uniforms against a second implementation in Python integers, and simple checks of their quality."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from outlast.compiled import interpreted
from outlast.stats.draws import base_key, bits, mix, name_hash, uniform, unit_key

WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15
# first outputs of splitmix64.c (Vigna 2015, public domain, prng.di.unimi.it) from two seeds
SPLITMIX64 = {
    0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B],
    1234567: [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
}
STORED = [
    0.5361482237432188,
    0.667313998985151,
    0.15288910408474143,
]  # seed 1, replication 0, unit 0 of "nodes", row "fails"


def slow_mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % WORD
    return z ^ (z >> 31)


def unmix(z: int) -> int:
    """The word that mix turns into z."""
    z = undo_shift(z, 31) * pow(0x94D049BB133111EB, -1, WORD) % WORD
    z = undo_shift(z, 27) * pow(0xBF58476D1CE4E5B9, -1, WORD) % WORD
    return undo_shift(z, 30)


def undo_shift(z: int, by: int) -> int:
    """The x with x ^ (x >> by) = z, for by > 21."""
    return z ^ (z >> by) ^ (z >> 2 * by)


def slow_uniform(key: int, row: int, n: int) -> float:
    z = slow_mix((slow_mix(key ^ row) + (n + 1) * GOLDEN) % WORD)
    return ((z >> 12) + 0.5) / 2**52


def draw(key: int, row: int, n: int) -> float:
    return float(uniform(np.uint64(key), np.uint64(row), np.uint64(n)))


def base(seed: int, replication: int, branch: int = 0) -> int:
    return int(base_key(np.uint64(seed), np.uint64(replication), np.uint64(branch)))


def key_of(start: int, cohort: str, index: int) -> int:
    return int(unit_key(np.uint64(start), np.uint64(name_hash(cohort)), np.uint64(index)))


PARTS = ("seed", "replication", "branch", "cohort", "index", "row", "n")


def word(parts: dict[str, np.uint64]) -> int:
    """The word that a whole key stands for."""
    seed, replication, branch, cohort, index, row, n = (parts[name] for name in PARTS)
    start = np.uint64(base_key(seed, replication, branch))
    return int(bits(np.uint64(unit_key(start, cohort, index)), row, n))


def series(count: int = 20_000) -> np.ndarray:
    key, row = key_of(base(1, 0), "nodes", 0), name_hash("fails")
    return np.array([draw(key, row, n) for n in range(count)])


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Correlation times sqrt(n): about standard normal for independent series."""
    return float(np.corrcoef(x, y)[0, 1]) * math.sqrt(x.size)


def test_matches_python_integers():
    rng = np.random.default_rng(11)
    for key, row, n in rng.integers(0, WORD, size=(300, 3), dtype=np.uint64).tolist():
        assert int(mix(np.uint64(key))) == slow_mix(key)
        assert draw(key, row, n) == slow_uniform(key, row, n)


@pytest.mark.parametrize("seed", SPLITMIX64)
def test_words_of_a_unit_are_a_stream_of_splitmix64(seed: int) -> None:
    """Its state before the first word is mix(key ^ row)."""
    key, row = unmix(seed) ^ 0xABCDEF, 0xABCDEF
    words = [int(bits(np.uint64(key), np.uint64(row), np.uint64(n))) for n in range(5)]
    assert words == SPLITMIX64[seed]


def test_mixing_loses_nothing():
    """It has an inverse, so different keys stay different."""
    words = np.random.default_rng(12).integers(0, WORD, size=1000, dtype=np.uint64).tolist()
    assert all(unmix(slow_mix(z)) == z for z in (0, 1, WORD - 1, *words))


@pytest.mark.parametrize("part", ["seed", "replication", "branch", "cohort", "index", "row", "n"])
def test_each_bit_of_a_key_changes_half_of_the_bits_of_a_word(part: str) -> None:
    """Over 32 keys 1024 of 2048 bits, with a standard deviation of 22.6; 64 bits are tried."""
    luck = np.random.default_rng(13)
    keys = [dict(zip(PARTS, luck.integers(0, WORD, size=7, dtype=np.uint64), strict=True)) for _ in range(32)]
    for bit in range(64):
        turned = [{**key, part: key[part] ^ np.uint64(1 << bit)} for key in keys]
        changed = sum((word(a) ^ word(b)).bit_count() for a, b in zip(keys, turned, strict=True))
        assert abs(changed - 1024) < 4.5 * 22.6, bit


def test_keys_match_python_integers():
    wanted = slow_mix((slow_mix((slow_mix((7 + GOLDEN) % WORD) + 3 * GOLDEN) % WORD) + 2 * GOLDEN) % WORD)
    assert base(7, 3, 2) == wanted
    assert key_of(wanted, "nodes", 9) == slow_mix((wanted + name_hash("nodes") + 9 * GOLDEN) % WORD)


def test_compiled_and_interpreted_agree():
    plain = interpreted(uniform)
    with np.errstate(over="ignore"):  # words wrap around on purpose
        for n in range(200):
            words = np.uint64(n * GOLDEN % WORD), np.uint64(n), np.uint64(n * n)
            assert plain(*words) == uniform(*words)


def test_stored_values_never_change():
    key = key_of(base(1, 0), "nodes", 0)
    assert [draw(key, name_hash("fails"), n) for n in range(3)] == STORED
    assert name_hash("fails") == int.from_bytes(hashlib.blake2b(b"fails", digest_size=8).digest(), "little")


def test_draws_lie_strictly_between_zero_and_one():
    x = series()
    assert x.min() > 0.0
    assert x.max() < 1.0
    # the extreme words: all bits 0 and all bits 1 after mixing
    assert 0.5 * 2.0**-52 == 2.0**-53 > 0.0
    assert ((WORD - 1 >> 12) + 0.5) * 2.0**-52 == 1.0 - 2.0**-53 < 1.0


def test_draws_are_uniform():
    x = series()
    for bins in (16, 256):
        counts, _ = np.histogram(x, bins, (0.0, 1.0))
        chi2 = float(((counts - x.size / bins) ** 2).sum()) * bins / x.size
        assert abs(chi2 - (bins - 1)) < 4.0 * math.sqrt(2.0 * (bins - 1)) + 4.0
    low_bits = (x * 2**52).astype(np.uint64) & np.uint64(255)
    counts = np.bincount(low_bits.astype(int), minlength=256)
    assert abs(float(((counts - x.size / 256) ** 2).sum()) * 256 / x.size - 255) < 4.0 * math.sqrt(510) + 4.0


@pytest.mark.parametrize("lag", [1, 2, 7])
def test_consecutive_draws_are_uncorrelated(lag):
    x = series()
    assert abs(correlation(x[:-lag], x[lag:])) < 4.0


def test_neighbouring_keys_are_uncorrelated():
    """Series over n, seeds, replications, units and rows, each against its neighbour."""
    row, count = name_hash("fails"), 5000
    units = np.array([draw(key_of(base(1, 0), "nodes", i), row, 0) for i in range(count)])
    replications = np.array([draw(key_of(base(1, r), "nodes", 0), row, 0) for r in range(count)])
    seeds = np.array([draw(key_of(base(s, 0), "nodes", 0), row, 0) for s in range(count)])
    branches = np.array([draw(key_of(base(1, 0, b), "nodes", 0), row, 0) for b in range(count)])
    rows = np.array([draw(key_of(base(1, 0), "nodes", 0), name_hash(f"row {i}"), 0) for i in range(count)])
    families = (units, replications, seeds, branches, rows)
    for x in families:
        assert abs(x.mean() - 0.5) < 4.0 * math.sqrt(1.0 / 12.0 / count)
        assert abs(correlation(x[:-1], x[1:])) < 4.0
    for i, x in enumerate(families):
        for y in families[i + 1 :]:
            assert abs(correlation(x[1:], y[1:])) < 4.5  # ten pairs


def test_another_unit_another_row_or_another_replication_draws_its_own_numbers():
    start, row = base(1, 0), name_hash("fails")
    keys = [key_of(base(s, r), c, i) for s in (1, 2) for r in (0, 1) for c in ("nodes", "disks") for i in range(50)]
    drawn = {draw(key, r, n) for key in keys for r in (row, name_hash("repaired")) for n in range(5)}
    assert len(drawn) == len(keys) * 2 * 5
    assert key_of(start, "nodes", 3) == key_of(start, "nodes", 3)


def test_name_hash_depends_on_every_character():
    names = ["", "a", "b", "ab", "ba", "nodes/0", "nodes/00", "Abu Dhabi", "أبوظبي"]
    assert len({name_hash(name) for name in names}) == len(names)
    assert all(0 <= name_hash(name) < WORD for name in names)
