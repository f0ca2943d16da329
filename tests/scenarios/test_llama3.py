"""llama3-54-days.yaml against the published counts (case pb-06) and against what theory says of its recovery."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import outlast
from outlast.kinds.training_cluster import TrainingCluster
from outlast.run.results import Result

FILE = Path(__file__).parents[2] / "scenarios" / "llama3-54-days.yaml"
DAY_S, YEAR_D = 86_400.0, 365
DAYS, TOTAL = 54, 419
HOST_CAUSES = {
    "faulty_gpu": 148, "gpu_hbm3": 72, "host_maintenance": 32, "gpu_sram": 19, "gpu_system_processor": 17, "nic": 7,
    "silent_data_corruption": 6, "gpu_thermal": 6, "ssd": 3, "power_supply": 3, "chassis": 2, "io_board": 2, "cpu": 2,
    "system_memory": 2,
}  # fmt: skip
JOB_CAUSES = {"software_bug": 54, "network": 35, "nccl_watchdog": 7, "dependency": 2}
INSTANT_RUNS, REAL_RUNS = 400, 200
Z = 4.0


@pytest.fixture(scope="module")
def cluster() -> TrainingCluster:
    found = outlast.load(FILE).spec.components["pretrain"]
    assert isinstance(found, TrainingCluster)
    return found


@pytest.fixture(scope="module")
def instant() -> pd.DataFrame:
    """Events in 54 days: a row per replication, a column per measure."""
    result = outlast.run(outlast.load(FILE).variant("instant-recovery"), replications=INSTANT_RUNS)
    table = result.replications.pivot(index="replication", columns="measure", values="value")
    return table * DAYS / YEAR_D


@pytest.fixture(scope="module")
def real() -> Result:
    return outlast.run(FILE, replications=REAL_RUNS)


def recovery_rate(cluster: TrainingCluster) -> float:
    """Interruptions per second while the job has all its hosts."""
    per_host = math.fsum(1 / failure.every.mean() for failure in cluster.hosts.causes().values())
    return cluster.hosts.required * per_host + math.fsum(1 / i.every.mean() for i in cluster.interruptions.values())


def test_file_has_the_published_counts(cluster: TrainingCluster) -> None:
    span = DAYS * DAY_S
    hosts = {name: cluster.hosts.required * span / f.every.mean() for name, f in cluster.hosts.causes().items()}
    job = {name: span / i.every.mean() for name, i in cluster.interruptions.items()}
    assert hosts == pytest.approx(HOST_CAUSES, rel=1e-8)
    assert job == pytest.approx(JOB_CAUSES, rel=1e-8)
    assert sum(HOST_CAUSES.values()) + sum(JOB_CAUSES.values()) == TOTAL
    assert cluster.hosts.required * 8 == 16_384


def test_instant_recovery_has_the_published_time_to_interrupt(instant: pd.DataFrame) -> None:
    """pb-06: 3.093078758950 h, 419 interruptions, standard deviation 20.46948949046."""
    counts = instant["interruptions"].to_numpy()
    se = math.sqrt(TOTAL / INSTANT_RUNS)
    assert abs(counts.mean() - TOTAL) < Z * se
    # the mean time between is 54 d / count: relative errors are equal to first order
    assert abs(DAYS * 24 / counts.mean() - 3.093078758950) < Z * 3.093078758950 * se / TOTAL
    # of a Poisson count this large, nearly normal: SE(s) = s / sqrt(2 (n - 1))
    assert abs(counts.std(ddof=1) - 20.46948949046) < Z * 20.46948949046 / math.sqrt(2 * (INSTANT_RUNS - 1))


def test_instant_recovery_has_the_published_share_of_hbm3(instant: pd.DataFrame) -> None:
    """pb-06: 72/419 = 0.1718377088, a share of N = 419 x runs independent interruptions."""
    share = instant["failures_by_gpu_hbm3"].sum() / instant["interruptions"].sum()
    exact = 72 / TOTAL
    assert abs(share - exact) < Z * math.sqrt(exact * (1 - exact) / (TOTAL * INSTANT_RUNS))


def test_instant_recovery_has_the_published_count_of_every_cause(instant: pd.DataFrame) -> None:
    expected = {f"failures_by_{name}": count for name, count in HOST_CAUSES.items()}
    expected |= {f"interruptions_by_{name}": count for name, count in JOB_CAUSES.items()}
    for measure, count in expected.items():
        assert abs(instant[measure].mean() - count) < Z * math.sqrt(count / INSTANT_RUNS), measure
    assert np.allclose(instant[list(expected)].sum(axis=1), instant["interruptions"], rtol=0, atol=1e-6)


def closed_form(cluster: TrainingCluster) -> float:
    """1 - N r_f (u0 + dt/2) of Kokolis et al.: checkpoints cost nothing, first order in the rate."""
    overhead = cluster.detection.mean() + cluster.checkpoint.restart.mean()
    return 1 - recovery_rate(cluster) * (overhead + cluster.checkpoint.every / 2)


def to_all_orders(cluster: TrainingCluster) -> tuple[float, float]:
    """(effective training time ratio, mean recovery in seconds) of an unlimited job.

    Interruptions are Poisson with rate L.  A productive stretch lasts 1/L and keeps dt for every checkpoint it reaches:
    sum over k of dt exp(-L k dt) = dt / (exp(L dt) - 1).  A recovery is detection d, then a restart R; with probability
    1 - phi, phi = E[exp(-L R)], it is interrupted and begins anew, after (1 - phi) / L on average with the finished
    ones.  So a recovery takes (d + (1 - phi) / L) / phi, and kept / (stretch + recovery) is the first value below.
    """
    rate, every, detection = recovery_rate(cluster), cluster.checkpoint.every, cluster.detection.mean()
    restart = cluster.checkpoint.restart
    middles = (np.arange(20_000) + 0.5) / 20_000
    phi = float(np.mean([math.exp(-rate * restart.quantile(u)) for u in middles]))
    recovery = (detection + (1 - phi) / rate) / phi
    return (every / math.expm1(rate * every)) / (1 / rate + recovery), recovery


def test_real_recovery_agrees_with_theory_to_all_orders(cluster: TrainingCluster, real: Result) -> None:
    """Within 4 standard errors and the edges: a run begins productive and ends anywhere, which is worth at most one
    recovery and one checkpoint interval per run."""
    mean, se = ettr(real)
    exact, recovery = to_all_orders(cluster)
    edges = (recovery + cluster.checkpoint.every) / (DAYS * DAY_S)
    assert abs(mean - exact) < Z * se + edges


def test_real_recovery_is_above_the_closed_form_by_the_second_order(cluster: TrainingCluster, real: Result) -> None:
    """The ratio to all orders is a product of three convex functions of the rate L that fall from 1 with slopes dt/2,
    E[R] and d, so it lies above its tangent 1 - x, x = L (d + E[R] + dt/2).  To second order it lies below it plus
    x^2 / 2 + L^2 (d^2 + Var[R]) / 2, which is less than x^2 as d^2 + Var[R] is less than (d + E[R] + dt/2)^2."""
    mean, se = ettr(real)
    first_order = closed_form(cluster)
    second_order = (1 - first_order) ** 2
    assert math.isclose(first_order, 0.9084, abs_tol=5e-5)  # as the file says
    assert math.isclose(to_all_orders(cluster)[0], 0.9127, abs_tol=5e-5)  # as the file says
    assert Z * se < mean - first_order < second_order


def ettr(result: Result) -> tuple[float, float]:
    """(mean, standard error) of the effective training time ratio."""
    rows = result.estimates
    row = rows[(rows["component"] == "pretrain") & (rows["measure"] == "effective_training_time")].iloc[0]
    return float(row["mean"]), float(row["std"]) / math.sqrt(REAL_RUNS)
