"""Keyed uniforms (rule R15): a draw is a function of names and counts, never of the order of events.

u = uniform(unit_key(base, cohort, index), row, n), where base comes from (seed, replication, branch),
cohort and row are hashes of names, index is the unit's place in its cohort and n counts its draws for that row.
So adding, removing or reordering components leaves every other component's luck untouched.

The mixer is the finaliser "mix13" of David Stafford (2011), the one SplitMix64 uses
(Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195), applied once per key part.
"""

from __future__ import annotations

import hashlib

import numpy as np

from outlast.compiled import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: consecutive indices land far apart
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S27, S30, S31, S12 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(12)
HALF, ULP = 0.5, 2.0**-52
PHASE, AGE = np.uint64(0x5048415345), np.uint64(0x414745)  # row marks of a drawn grid phase and of an age at the start


def name_hash(name: str) -> int:
    """64-bit hash of a name; the same in every process and version of Python."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@kernel
def mix(z: np.uint64) -> np.uint64:
    """A bijection of 64-bit words whose output bits each depend on all input bits."""
    z = (z ^ (z >> S30)) * M1
    z = (z ^ (z >> S27)) * M2
    return z ^ (z >> S31)


@kernel
def base_key(seed: np.uint64, replication: np.uint64, branch: np.uint64) -> np.uint64:
    """Key of one replication of one seed (and of one branch of a split run)."""
    return mix(mix(mix(seed + GOLDEN) + replication * GOLDEN) + branch * GOLDEN)


@kernel
def unit_key(base: np.uint64, cohort: np.uint64, index: np.uint64) -> np.uint64:
    """Key of unit `index` of a cohort: growing the cohort leaves the keys of the others alone."""
    return mix(base + cohort + index * GOLDEN)


@kernel
def bits(key: np.uint64, row: np.uint64, n: np.uint64) -> np.uint64:
    """The n-th 64-bit word of a unit for a row."""
    return mix(mix(key ^ row) + (n + np.uint64(1)) * GOLDEN)


@kernel
def uniform(key: np.uint64, row: np.uint64, n: np.uint64) -> float:
    """The n-th uniform of a unit for a row, strictly inside (0, 1), on the grid (i + 1/2) / 2^52."""
    return (np.float64(bits(key, row, n) >> S12) + HALF) * ULP
