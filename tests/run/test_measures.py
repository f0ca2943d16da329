"""Every kind of metric against numbers worked out by hand from the two replications of conftest.py."""

from __future__ import annotations

import math

import numpy as np
import pytest

from outlast.engines.outcome import Outcome
from outlast.program import Metric, Program
from outlast.program import tables as T
from outlast.run import measures
from outlast.run.batch import Batch
from outlast.stats.estimates import Estimate

PER_YEAR = 365 * 86_400 / 1000.0  # one event in 1000 measured seconds


def estimate(batch: Batch, measure: str, scope: str = "") -> Estimate:
    metric = next(m for m in batch.program.metrics if m.measure == measure)
    return dict(measures.estimated(batch, metric))[scope]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("availability", 0.85),  # (900 + 800) / 2000
        ("unavailability", 0.15),
        ("falls", PER_YEAR),  # one in each replication
        ("peak", 5.0),  # mean of max(3, 2) and max(1, 7)
        ("offered", 10.0),
        ("dropped", 0.05),  # 1 - 19000 / 20000
        ("outages", PER_YEAR),
        ("mean_outage", 300.0),  # 100 + 200 s down, one outage ended
        ("longest_outage", 150.0),
        ("rpo", 4.0),  # 3 and 5; the record without a value does not count
    ],
)
def test_estimates_are_those_worked_by_hand(batch: Batch, measure: str, value: float) -> None:
    assert estimate(batch, measure).mean == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("measure", "first", "second"),
    [
        ("availability", 0.9, 0.8),
        ("falls", PER_YEAR, PER_YEAR),
        ("peak", 3.0, 7.0),
        ("dropped", 0.05, 0.05),
        ("mean_outage", 100.0, math.nan),  # the only one of replication 1 did not end
        ("longest_outage", 100.0, 200.0),
        ("rpo", 4.0, math.nan),
    ],
)
def test_values_of_a_replication_cover_its_windows(batch: Batch, measure: str, first: float, second: float) -> None:
    metric = next(m for m in batch.program.metrics if m.measure == measure)
    values = measures.values(metric, *measures.tally(batch, metric).totals())
    np.testing.assert_allclose(values, [first, second], rtol=1e-14)


def test_an_outage_belongs_to_the_window_in_which_it_began(batch: Batch) -> None:
    metric = next(m for m in batch.program.metrics if m.measure == "outages")
    np.testing.assert_array_equal(measures.tally(batch, metric).over, [[1, 0], [0, 1]])


def test_events_are_estimated_per_scope_of_their_cause(batch: Batch) -> None:
    assert estimate(batch, "rpo", "zone").mean == 4.0
    metric = next(m for m in batch.program.metrics if m.measure == "availability")
    assert [scope for scope, _ in measures.estimated(batch, metric)] == [""]


def test_interval_of_a_complement_is_mirrored(batch: Batch) -> None:
    up, down = estimate(batch, "availability"), estimate(batch, "unavailability")
    assert (down.ci_low, down.ci_high) == pytest.approx((1 - up.ci_high, 1 - up.ci_low))
    assert 0.0 <= up.ci_low < up.mean < up.ci_high <= 1.0


def test_interval_of_a_share_is_students_t(batch: Batch) -> None:
    """Values 0.9 and 0.8: half width 12.706 * 0.0707 / sqrt(2) = 0.635, cut at 1."""
    up = estimate(batch, "availability")
    assert up.ci_low == pytest.approx(0.85 - 12.7062047 * 0.05)
    assert up.ci_high == 1.0


def quiet(program: Program, replications: int) -> Batch:
    """Replications in which nothing ever happens; sums over windows carry round-off."""
    sums = np.zeros((3, len(program.meters)))
    sums[1:, program.meters.index("up")] = 500.0 * (1 - 1e-16 * 2)
    return Batch(program, [Outcome(1, i, sums, np.empty(0, T.LOG), 0) for i in range(replications)])


def test_no_event_seen_gives_a_bound_and_never_an_interval_of_width_zero(program: Program) -> None:
    batch = quiet(program, 10)
    up = estimate(batch, "availability")
    assert up.mean == 1.0
    assert up.ci_high == 1.0
    assert up.ci_low == pytest.approx(0.05 ** (1 / 10))
    outages = estimate(batch, "outages")
    assert outages.mean == 0.0
    assert outages.ci_high == pytest.approx(-math.log(0.05) / 10 * PER_YEAR)
    assert math.isnan(estimate(batch, "mean_outage").mean)
    assert math.isnan(estimate(batch, "rpo").ci_high)
    assert 0.0 < estimate(batch, "longest_outage").ci_high <= 1000.0


def test_a_rate_of_an_integral_is_no_count_of_events(batch: Batch) -> None:
    metric = Metric("store", "cost", "USD/y", "cost per year", "rate", over=((1.0, "offered"),))
    ((_, cost),) = measures.estimated(batch, metric)
    assert cost.mean == pytest.approx(10_000 * PER_YEAR)
    assert "Poisson" not in cost.method


def test_an_unknown_kind_of_metric_is_an_error(batch: Batch) -> None:
    metric = Metric("store", "x", "", "", "median")
    with pytest.raises(ValueError, match=r"store\.x: unknown kind of metric \(got 'median'\)"):
        measures.tally(batch, metric)
