"""The numbers of R12: recommendations, limits, instants of evaluations."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from outlast.compiled import interpreted
from outlast.stats.scaling import grid_index, hpa_decide, hpa_recommend

MANY = (1000, 0.0)


def recommend(value: float, ready: int, missing: int = 0, present: int = 0, target: float = 0.5) -> int:
    return int(hpa_recommend(False, value, ready, missing, present or ready, target, 0.1))


def decide(advice: int, present: int, highest: int = 0, least: int = 1, most: int = 100,
           grow: tuple[int, float] = (4, 1.0), shrink: tuple[int, float] = (0, 1.0)) -> int:  # fmt: skip
    return int(hpa_decide(advice, max(highest, advice), present, least, most, *grow, *shrink))


def test_growth_with_the_defaults_of_kubernetes_takes_six_evaluations_from_1_to_100() -> None:
    counts = [1]
    while counts[-1] < 100:
        counts.append(decide(100, counts[-1]))
    assert counts == [1, 5, 10, 20, 40, 80, 100]


@pytest.mark.parametrize(
    ("use", "ready", "missing", "present", "wanted"),
    [
        (0.55, 10, 0, 10, 10),  # 1.1 is within the tolerance
        (0.56, 10, 0, 10, 12),  # 11.2 rounded up
        (0.44, 10, 0, 10, 9),  # 8.8
        (0.8, 10, 0, 14, 16),  # 16 for 14, of which four are idle
        (0.8, 10, 0, 15, 15),  # 16 / 15 is within the tolerance
        (0.8, 10, 0, 20, 20),  # 16 / 20 would turn the direction
        (0.25, 10, 5, 15, 10),  # five without a metric are taken to meet the target: 5 + 5
        (0.25, 10, 200, 210, 210),  # 205 / 210 is within the tolerance
        (0.25, 10, 0, 15, 5),
        (0.9, 0, 0, 5, 5),  # nobody tells anything
    ],
)
def test_a_mean_over_ready_replicas(use: float, ready: int, missing: int, present: int, wanted: int) -> None:
    assert recommend(use, ready, missing, present) == wanted


def test_total_is_shared_among_all_replicas() -> None:
    values = [int(hpa_recommend(True, value, 0, 0, 10, 30.0, 0.1)) for value in (0.0, 269.0, 270.0, 330.0, 331.0)]
    assert values == [0, 9, 10, 10, 12]
    assert hpa_recommend(True, 1.0, 0, 0, 0, 30.0, 0.1) == 1


def test_recommendation_beyond_all_reason_is_cut_off() -> None:
    assert hpa_recommend(True, 1e300, 0, 0, 1, 1e-9, 0.1) == 10**9


def test_reduction_reaches_down_to_the_highest_recent_recommendation() -> None:
    assert decide(2, 10, highest=7) == 7
    assert decide(2, 10, highest=20) == 10
    assert decide(12, 10, highest=20) == 12
    assert decide(2, 10, shrink=(1, 0.25)) == 7  # a quarter of 10, rounded up
    assert decide(2, 10, shrink=(0, 0.0)) == 10


def test_bounds_come_last() -> None:
    assert decide(50, 10, most=12, grow=MANY) == 12
    assert decide(1, 2, least=9, grow=(1, 0.0)) == 9  # below the minimum no limit holds
    assert decide(20, 20, most=12, shrink=(0, 0.0)) == 12


@pytest.mark.parametrize("after", [False, True])
def test_grid_index_is_the_first_instant_as_computed(after: bool) -> None:
    rng = np.random.default_rng(4)
    plain = interpreted(grid_index)
    for case in range(2000):
        period = float(rng.choice([0.1, 0.7, 15.0, 1 / 3, rng.uniform(0.01, 100.0)]))
        phase = float(rng.choice([0.0, rng.uniform(0.0, period)]))
        now = float(rng.uniform(0.0, 1e8))
        if case % 2:
            now = int(rng.integers(0, 10**8)) * period + phase
        k = int(grid_index(now, period, phase, after))
        assert plain(now, period, phase, after) == k
        first = math.floor((Fraction(now) - Fraction(phase)) / Fraction(period))
        passing = [j for j in range(max(0, first - 3), first + 4)
                   if j * period + phase > now or (not after and j * period + phase == now)]  # fmt: skip
        assert k == passing[0]


def test_grid_index_before_the_first_evaluation_is_zero() -> None:
    assert grid_index(0.0, 15.0, 7.0, False) == 0
    assert grid_index(7.0, 15.0, 7.0, True) == 1
