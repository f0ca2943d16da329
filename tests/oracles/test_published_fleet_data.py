"""pb-05, pb-06: published failure rates of large training fleets."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from verification import YEAR_H, Case, mean_of, measured, simulate, std_of

Cases = Callable[[str], Case]

R_F = 6.50e-3  # failures per node and day
JOB = """
scenario: gang-job
horizon: {horizon}
components:
  job:
    kind: training_cluster
    hosts: {{count: {nodes}, time_to_failure: {{exponential: {mean} d}}}}
    repair: {{lasts: 0 s}}
    checkpoint: {{every: {every}, restart: 5 min}}
"""

NODES, DAYS = 2048, 54
ON_HOSTS = ("GPU", "SRAM", "HBM3", "NIC", "SSD", "Power", "Server", "IO", "CPU", "System Memory", "Silent")


@pytest.mark.parametrize(("gpus", "horizon"), [(16_384, "200 h"), (131_072, "25 h")])
def test_time_to_failure_of_a_gang_falls_with_its_size(case: Cases, gpus: int, horizon: str) -> None:
    text = JOB.format(horizon=horizon, nodes=gpus // 8, mean=1 / R_F, every="60 min")
    result = simulate(text, 150)
    case("pb-05").check(f"mttf_{gpus}_gpus", *measured(result, "job", "mean_time_to_interrupt").times(1 / 3600))


@pytest.mark.parametrize("minutes", [60, 5])
def test_first_order_formula_of_effective_training_time(case: Cases, minutes: int) -> None:
    """The formula as a formula; a simulated job is above it, by less than the second order."""
    lost = 2000 * R_F * (5 + minutes / 2) / (24 * 60)
    case("pb-05").check_exact(f"ettr_formula_16000_gpus_dt{minutes}", 1 - lost, "formula")
    result = simulate(JOB.format(horizon="1000 h", nodes=2000, mean=1 / R_F, every=f"{minutes} min"), 200)
    ettr = measured(result, "job", "effective_training_time")
    assert 4 * ettr.se < ettr.value - (1 - lost) < lost**2


def pretraining(table: list[dict[str, object]]) -> str:
    """Hardware causes are failures of hosts, the others interruptions of the job as a whole."""
    hosts, job = [], []
    for row in table:
        name, count = str(row["component"]), int(str(row["count"]))
        on_host = any(word in name for word in ON_HOSTS)
        every = DAYS / count * (NODES if on_host else 1)
        line = f"{slug(name)}: {{every: {{exponential: {every!r} d}}}}"
        (hosts if on_host else job).append(line)
    lines = ["scenario: pretraining", f"horizon: {DAYS} d", "components:", "  job:", "    kind: training_cluster",
             "    repair: {lasts: 0 s}", "    checkpoint: {every: 30 min, restart: 0 s}", "    hosts:",
             f"      count: {NODES}", "      failures:", *(f"        {line}" for line in hosts), "    interruptions:",
             *(f"      {line}" for line in job)]  # fmt: skip
    return "\n".join(lines)


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def test_interruptions_of_a_pretraining_run_by_cause(case: Cases) -> None:
    pb = case("pb-06")
    result = simulate(pretraining(pb.record["parameters"]["table"]), 1000)
    table = result.replications.pivot(index="replication", columns="measure", values="value") * (DAYS * 24 / YEAR_H)
    interruptions, hbm3 = table["interruptions"].to_numpy(), table["failures_by_gpu-hbm3-memory"].to_numpy()
    pb.check("mtbf", *measured(result, "job", "mean_time_to_interrupt").times(1 / 3600))
    pb.check("expected_interruptions", *mean_of(interruptions))
    pb.check("std_interruptions", *std_of(interruptions))
    share = hbm3.sum() / interruptions.sum()
    pb.check("share_gpu_hbm3", float(share), mean_of(hbm3 - share * interruptions).se / interruptions.mean())
    pb.check("rate_per_node_day", *mean_of(interruptions).times(1 / (DAYS * NODES)))
