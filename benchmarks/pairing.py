"""Variance of a difference under the same luck against that of independent runs: repairs that take 5 % longer.

    python benchmarks/pairing.py             about a minute; writes benchmarks/results/pairing.json
    python benchmarks/pairing.py --quick     some seconds; writes nothing unless --out FILE is given

Ten independent machines with exponential lives (mean 30 d) and repairs (mean 1 d, then 1.05 d), one simulated year.  The
difference of their mean availability is known exactly; the paired and the independent estimate must both be within 4
standard errors of it, or the benchmark fails.  The ratio of variances says how many times fewer replications pairing
needs for the same interval.  A change that does not matter (another component) must give exactly zero.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import outlast
from outlast.scenario.scenario import Scenario

MACHINES, LIFE_D, REPAIR_D, LONGER, HORIZON_D = 10, 30.0, 1.0, 1.05, 365.0
REPLICATIONS, QUICK = 4000, 300
SE_ALLOWED = 4.0
MEASURE = ("machine", "up_items")
RESULTS = Path(__file__).parent / "results" / "pairing.json"


def scenario(repair_d: float, **more: Any) -> Scenario:
    """The machines, their repairs with this mean."""
    machine = {
        "kind": "component", "count": MACHINES, "needs_up": 1,
        "time_to_failure": {"exponential": f"{LIFE_D} d"}, "repair": {"lasts": {"exponential": f"{repair_d} d"}},
    }  # fmt: skip
    return outlast.from_dict(
        {"scenario": "pairing", "horizon": f"{HORIZON_D} d", "components": {"machine": machine, **more}}
    )


def exact_up(repair_d: float) -> float:
    """Mean number up over the year of machines that start up: Barlow and Proschan, section 3.2."""
    rate, steady = 1 / LIFE_D + 1 / repair_d, LIFE_D / (LIFE_D + repair_d)
    return MACHINES * (steady + (1 - steady) * -math.expm1(-rate * HORIZON_D) / (rate * HORIZON_D))


def values(comparison: Any, variant: str) -> np.ndarray:
    """Mean number up in each replication."""
    frame = comparison.result.replications
    mine = (frame["variant"] == variant) & (frame["component"] == MEASURE[0]) & (frame["measure"] == MEASURE[1])
    return np.asarray(frame.loc[mine, "value"])


def measured(replications: int) -> dict[str, Any]:
    """Answers, checked, and the ratio."""
    began = time.perf_counter()
    base, other = scenario(REPAIR_D), scenario(REPAIR_D * LONGER)
    paired = outlast.compare(base, other, replications=replications, seed=1)
    a, b = values(paired, "base"), values(paired, other.name)
    elsewhere = outlast.run(other, replications, 2).replications
    mine = (elsewhere["component"] == MEASURE[0]) & (elsewhere["measure"] == MEASURE[1])
    c = np.asarray(elsewhere.loc[mine, "value"])
    exact = exact_up(REPAIR_D * LONGER) - exact_up(REPAIR_D)
    estimates = {}
    for name, difference, variance in (
        ("paired", float((b - a).mean()), float((b - a).var(ddof=1))),
        ("independent", float(c.mean() - a.mean()), float(a.var(ddof=1) + c.var(ddof=1))),
    ):
        error = math.sqrt(variance / replications)
        if abs(difference - exact) > SE_ALLOWED * error:
            raise SystemExit(f"{name}: {difference} is not within {SE_ALLOWED} x {error} of {exact}")
        estimates[name] = {"difference": difference, "standard_error": error}
    row = paired.differences.query("component == 'machine' and measure == 'up_items'").iloc[0]
    if not math.isclose(row["mean"], estimates["paired"]["difference"], rel_tol=1e-9):
        raise SystemExit(f"compare says {row['mean']}, its replications {estimates['paired']['difference']}")
    nothing = outlast.compare(base, scenario(REPAIR_D, web={"kind": "component", "time_to_failure": "9 d"}),
                              replications=min(replications, 100), seed=1).differences  # fmt: skip
    if nothing.loc[nothing["component"] == "machine", "mean"].any():
        raise SystemExit("a change that does not matter makes a difference")
    ratio = (estimates["independent"]["standard_error"] / estimates["paired"]["standard_error"]) ** 2
    return {"exact": exact, "estimates": estimates, "variance_ratio": ratio, "replications": replications,
            "seconds": round(time.perf_counter() - began, 1)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer replications")
    parser.add_argument("--out", type=Path, help="write the figures here")
    args = parser.parse_args()
    found = measured(QUICK if args.quick else REPLICATIONS)
    found |= {"machine": platform.processor() or platform.machine(), "python": platform.python_version(),
              "numba": version("numba"), "numpy": version("numpy"), "outlast": outlast.__version__}  # fmt: skip
    print(
        f"variance ratio {found['variance_ratio']:.1f}: {found['replications']} replications, exact {found['exact']:.6f}"
    )
    for name, one in found["estimates"].items():
        print(f"  {name:<12} {one['difference']:.6f} +- {one['standard_error']:.6f}")
    out = args.out or (None if args.quick else RESULTS)
    if out is not None:
        out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
