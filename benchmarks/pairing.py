"""What the same luck is worth: the variance of a difference in paired and in independent runs.

    python benchmarks/pairing.py             some seconds; writes benchmarks/results/pairing.json
    python benchmarks/pairing.py --quick     less precise; writes nothing unless --out FILE is given

Ten independent machines of which nine must be up, with exponential lives (mean 30 d) and repairs that take 5 % longer
(mean 1 d, then 1.05 d), one simulated year. The exact differences of the mean number up and of the availability are
known; the paired and the independent estimates must both be within 4 standard errors of them, or the benchmark fails.
The ratio of variances says how many times fewer replications pairing needs for the same interval. A change that does
not matter (another component) must give exactly zero.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from measuring import Answer, Found, check, main, require

import outlast
from outlast.run.results import Result
from outlast.scenario.scenario import Scenario

WHAT = "differences under the same luck and in independent runs: repairs that take 5 % longer"
MACHINES, NEEDED, LIFE_D, REPAIR_D, LONGER, HORIZON_D = 10, 9, 30.0, 1.0, 1.05, 365.0
REPLICATIONS, QUICK = 4000, 300
GRID = 200_000  # points of a numerical integral over the year


def scenario(repair_d: float, **more: Any) -> Scenario:
    """The machines, their repairs with this mean, and other components."""
    machine = {
        "kind": "component", "count": MACHINES, "needs_up": NEEDED,
        "time_to_failure": {"exponential": f"{LIFE_D} d"}, "repair": {"lasts": {"exponential": f"{repair_d} d"}},
    }  # fmt: skip
    components = {"machine": machine, **more}
    return outlast.from_dict({"scenario": "pairing", "horizon": f"{HORIZON_D} d", "components": components})


def exact(repair_d: float) -> dict[str, float]:
    """Means over the year of machines that start up: each is up at t with probability A + (1 - A) exp(-(l + m) t)
    (Barlow and Proschan, Mathematical Theory of Reliability, section 3.2), independently of the others."""
    rate, steady = 1 / LIFE_D + 1 / repair_d, LIFE_D / (LIFE_D + repair_d)
    t = (np.arange(GRID) + 0.5) / GRID * HORIZON_D
    p = steady + (1 - steady) * np.exp(-rate * t)
    enough = sum(math.comb(MACHINES, k) * p**k * (1 - p) ** (MACHINES - k) for k in range(NEEDED, MACHINES + 1))
    return {"up_items": float(MACHINES * p.mean()), "availability": float(np.mean(enough))}


def values(result: Result, variant: str, measure: str) -> np.ndarray:
    """The measure in each replication."""
    frame = result.replications
    mine = (frame["variant"] == variant) & (frame["component"] == "machine") & (frame["measure"] == measure)
    return frame.loc[mine, "value"].to_numpy()


def measure(quick: bool) -> Found:
    n = QUICK if quick else REPLICATIONS
    base, other = scenario(REPAIR_D), scenario(REPAIR_D * LONGER)
    compared, elsewhere = outlast.compare(base, other, replications=n, seed=1), outlast.run(other, n, 2)
    answers, ratios = {}, {}
    for name in ("up_items", "availability"):
        wanted = exact(REPAIR_D * LONGER)[name] - exact(REPAIR_D)[name]
        first = values(compared.result, "base", name)
        found = {
            "paired": Answer.of(list(values(compared.result, other.name, name) - first)),
            "independent": Answer.of(list(values(elsewhere, "base", name) - first)),
        }
        check(found, wanted)
        row = compared.differences.query("component == 'machine' and measure == @name and scope == ''").iloc[0]
        require(math.isclose(row["mean"], found["paired"].mean, rel_tol=1e-6), f"compare says {row['mean']} for {name}")
        ratios[name] = (found["independent"].standard_error / found["paired"].standard_error) ** 2
        answers |= {f"{name}, {how}": {**asdict(one), "exact": wanted, "standard_errors_off": one.off(wanted)}
                    for how, one in found.items()}  # fmt: skip
    web = {"kind": "component", "time_to_failure": {"exponential": "9 d"}}
    nothing = outlast.compare(base, scenario(REPAIR_D, web=web), replications=50, seed=1).differences
    require(not nothing.loc[nothing["component"] == "machine", "mean"].any(), "an irrelevant change makes a difference")
    return {"answers": answers, "variance_ratios": ratios, "replications": n}


def report(found: Found) -> str:
    lines = []
    for name, a in found["answers"].items():
        lines.append(f"{name:<26} {a['mean']:+.6f} +- {a['standard_error']:.6f}, exact {a['exact']:+.6f}, "
                     f"{a['standard_errors_off']:+.2f} standard errors off")  # fmt: skip
    for name, ratio in found["variance_ratios"].items():
        lines.append(f"variance of the difference in {name}: {ratio:.1f} times smaller with the same luck")
    return "\n".join(lines)


if __name__ == "__main__":
    main("pairing", WHAT, measure, report)
