"""A sweep of 128 cells of the training scenario: its time, and what it adds to simulating the cells.

    python benchmarks/sweep.py             a minute or two; writes benchmarks/results/sweep.json
    python benchmarks/sweep.py --quick     8 cells; writes nothing unless --out FILE is given

Checkpoint intervals by hosts, 20 replications of 54 days of 2,080 hosts in every cell. Every cell must have the
estimates of a run of the changed scenario by itself (checked for the last one), bit for bit.
"""

from __future__ import annotations

import time
from typing import Any

from measuring import SCENARIOS, Found, main, require

import outlast

WHAT = "a sweep of 128 cells of the training scenario"
FILE = SCENARIOS / "llama3-54-days.yaml"
EVERY, COUNT = "components.pretrain.checkpoint.every", "components.pretrain.hosts.count"
REPLICATIONS, SEED, THREADS = 20, 1, 1


def measure(quick: bool) -> Found:
    varied: dict[str, list[Any]] = {
        EVERY: [f"{5 * k} min" for k in range(1, 5 if quick else 17)],
        COUNT: [2056 + 8 * k for k in range(2 if quick else 8)],
    }
    scenario = outlast.load(FILE)
    outlast.run(scenario, 1, SEED)  # compiles
    began = time.perf_counter()
    found = outlast.sweep(scenario, varied, REPLICATIONS, SEED, threads=THREADS)
    swept = time.perf_counter() - began
    last = scenario.changed({path: values[-1] for path, values in varied.items()})
    alone = outlast.run(last, REPLICATIONS, SEED, threads=THREADS, rare="never").estimates.drop(columns="variant")
    mine = found.estimates[found.estimates["variant"] == found.names[-1]].drop(columns="variant")
    require(mine.reset_index(drop=True).equals(alone), "the last cell differs from a run by itself")
    began = time.perf_counter()
    rounds = 3
    for _ in range(rounds):
        outlast.run(last, REPLICATIONS, SEED, threads=THREADS, rare="never")
    run = (time.perf_counter() - began) / rounds
    cells = len(found.names)
    return {"cells": cells, "replications": REPLICATIONS, "threads": THREADS, "seconds": swept,
            "seconds_a_cell": swept / cells, "seconds_a_run": run, "ratio": swept / cells / run}  # fmt: skip


def report(found: Found) -> str:
    return (
        f"{found['cells']} cells of {found['replications']} replications in {found['seconds']:.1f} s, one thread: "
        f"{1e3 * found['seconds_a_cell']:.0f} ms a cell, {found['ratio']:.2f} times a bare run"
    )


if __name__ == "__main__":
    main("sweep", WHAT, measure, report)
