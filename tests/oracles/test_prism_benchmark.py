"""pb-01 to pb-04: models of the PRISM and QVBS collections whose answers have been published."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clusters import AT_ONCE, SWITCHES_FIRST, WORKSTATIONS_FIRST, Clusters
from embedded import FAILURES, embedded
from verification import (
    HOUR_S,
    YEAR_H,
    Case,
    failed_by,
    first_outages_of_fleet,
    mean_of,
    run_program,
    share_of,
    values,
)

Cases = Callable[[str], Case]

SIZES = pytest.mark.parametrize(("name", "n"), [("pb-01", 2), ("pb-02", 4)])
T, INSTANT_H = 2000.0, 20.0


@pytest.mark.slow
@SIZES
def test_cluster_with_inspections_in_the_long_run(case: Cases, name: str, n: int) -> None:
    clusters = Clusters(n, 100 * YEAR_H, 100.0, copies=10)
    clusters.quality("premium", n)
    result = run_program(clusters.build(), 50, f"{name} in the long run")
    case(name).check("premium_steady", *mean_of(values(result, "availability", "premium")))


@SIZES
def test_cluster_with_inspections_shortly_after_the_start(case: Cases, name: str, n: int) -> None:
    """The second after the instant stands for it: repairs take half an hour, so it has changed by less than 1e-5 of
    the standard error."""
    clusters = Clusters(n, INSTANT_H + 1 / 3600, INSTANT_H, copies=50)
    clusters.counts()
    result = run_program(clusters.build(), 1000, f"{name} after 20 hours")
    case(name).check("operational", *mean_of(values(result, "working")).times(100 / (2 * n)))


@pytest.mark.slow
@SIZES
def test_cluster_with_inspections_until_2000_hours(case: Cases, name: str, n: int) -> None:
    clusters = Clusters(n, T, copies=50)
    clusters.quality("minimum", int(0.75 * n))
    clusters.counts()
    result = run_program(clusters.build(), 4000, f"{name} for 2000 hours")
    pb, down = case(name), values(result, "downtime", "minimum") * (T / YEAR_H / 3600)
    pb.check("below_min", *mean_of(down))
    pb.check("qos1", *share_of(failed_by(result, T), len(down)))
    pb.check("repairs", *mean_of(values(result, "repairs")).times(T / YEAR_H))


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "order"), [("W", WORKSTATIONS_FIRST), ("S", SWITCHES_FIRST)])
def test_cluster_whose_repair_unit_has_an_order(case: Cases, policy: str, order: tuple[str, ...]) -> None:
    """Everything stops at the failure of the system."""
    clusters = Clusters(4, 2e8, order=order, start=AT_ONCE, frozen=True)
    clusters.quality("system", 1, linked=False, stops=True)
    result = run_program(clusters.build(), 300, f"pb-04 policy {policy}")
    lives = first_outages_of_fleet(result)
    assert len(lives) == result.n
    case("pb-04").check(f"mttf_policy_{policy}", *mean_of(lives))


@pytest.mark.slow
def test_embedded_control_system(case: Cases) -> None:
    pb, result = case("pb-03"), run_program(embedded(20_000 * HOUR_S), 2500, "pb-03")
    first = result.outages.groupby("replication").first()
    assert len(first) == result.n
    for failure in FAILURES:
        pb.check(f"p_first_{failure}", *share_of(int((first.component == failure).sum()), result.n))
    danger = values(result, "danger") / HOUR_S
    pb.check("danger_time", *mean_of(danger))
    pb.check("up_time", *mean_of(first.start_s.to_numpy() / HOUR_S - danger))
