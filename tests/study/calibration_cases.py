"""Coverage experiments of calibration: known laws, simulated, exported, read and fitted; how often are intervals right?

`python tests/study/calibration_cases.py [REPETITIONS]` prints the table of docs/calibration.md.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import outlast
from outlast.exchange.incidents import read
from outlast.stats.censored import count_interval, fitted, interval
from outlast.stats.lifetimes import FAMILIES, LOGNORMAL, OPEN, SEEN, WEIBULL, Sample
from outlast.study.calibration import Calibration
from outlast.study.renewals import Observed, history, lives, repairs

BEGIN = pd.Timestamp("2029-01-01", tz="UTC")
DAY_S = 86_400.0
MIXED = {"units": 10, "warm_up": 300, "days": 200, "age": "mixed"}
NEW = {"units": 8, "warm_up": 0, "days": 150, "age": "new"}
WEIBULL_LIFE = {"weibull": {"mean": "30 d", "shape": 1.5}}
REPAIR = {"lognormal": {"median": "6 h", "sigma": 1.0}}
TRUE = {"mean": 30 * DAY_S, "shape": 1.5, "median": 6 * 3600.0, "sigma": 1.0}


def platform(case: dict[str, Any], life: dict[str, Any]) -> Any:
    """Units are components of one item each."""
    host = {"kind": "component", "time_to_failure": life, "repair": {"lasts": REPAIR}}
    return outlast.from_dict({
        "scenario": "known", "horizon": f"{case['days']} d", "warm_up": f"{case['warm_up']} d",
        "components": {f"host-{i}": host for i in range(case["units"])},
    })  # fmt: skip


def histories(case: dict[str, Any], life: dict[str, Any], count: int) -> list[pd.DataFrame]:
    """The outages of each replication."""
    outages = outlast.run(platform(case, life), replications=count, seed=3).outages
    return [rows for _, rows in outages.groupby("replication", sort=True)]


def exported(outages: pd.DataFrame, file: Path) -> Path:
    """As a service desk would: times to the second, open incidents without an end."""
    starts = BEGIN + pd.to_timedelta(outages["start_s"].round(), unit="s")
    ends = BEGIN + pd.to_timedelta((outages["start_s"] + outages["duration_s"]).round(), unit="s")
    pd.DataFrame({
        "number": [f"INC{i:07}" for i in range(len(outages))],
        "opened_at": starts.dt.strftime("%Y-%m-%d %H:%M:%S"),
        "resolved_at": ends.dt.strftime("%Y-%m-%d %H:%M:%S").where(~outages["censored"], ""),
        "cmdb_ci": outages["component"],
        "state": np.where(outages["censored"], "In Progress", "Resolved"),
    }).to_csv(file, index=False)  # fmt: skip
    return file


def window(case: dict[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
    since = BEGIN + pd.Timedelta(days=case["warm_up"])
    return since, since + pd.Timedelta(days=case["days"])


def calibrate(case: dict[str, Any], file: Path, **how: Any) -> Calibration:
    since, until = window(case)
    return outlast.calibrate(file, components=["host"], units=case["units"], since=since.to_pydatetime(),
                             until=until.to_pydatetime(), age=case["age"], **how)  # fmt: skip


def samples(case: dict[str, Any], file: Path) -> tuple[Sample, Sample]:
    """What `calibrate` fits: lives and repairs."""
    found = history("host", read(file, components=["host"]), Observed(*window(case), case["units"], age=case["age"]))
    repaired = repairs(found)
    assert repaired is not None
    return lives(found, case["units"], case["age"]), repaired


def covered(case: dict[str, Any], life: dict[str, Any], folder: Path, ends: Callable[[Sample, Sample], dict[str, Any]],
            true: dict[str, float], count: int) -> dict[str, float]:  # fmt: skip
    """How often the intervals of each parameter hold the true one."""
    hits = dict.fromkeys(true, 0)
    for outages in histories(case, life, count):
        found = ends(*samples(case, exported(outages, folder / "tickets.csv")))
        for name, value in true.items():
            hits[name] += found[name][0] <= value <= found[name][1]
    return {name: hit / count for name, hit in hits.items()}


def by_profile(lived: Sample, repaired: Sample) -> dict[str, Any]:
    fits = (fitted(WEIBULL, lived), fitted(LOGNORMAL, repaired))
    return {name: interval(fit, name, 0.95) for fit in fits for name in fit.values}


def by_count(lived: Sample, repaired: Sample) -> dict[str, Any]:
    return {"mean": count_interval(lived.events, lived.total, 0.95)}


def small(law: str, parameters: tuple[float, ...], size: int, latest: float, count: int) -> dict[str, float]:
    """Of durations drawn as they are, cut off at a uniform time up to `latest` means (0: never)."""
    family, theta, random = FAMILIES[law], np.log(np.array(parameters)), np.random.default_rng(5)
    hits = np.zeros(len(parameters))
    for _ in range(count):
        full = family.draw(theta, random, (size,))
        limit = random.uniform(0.0, latest * parameters[0], size) if latest else np.full(size, math.inf)
        fit = fitted(family, Sample(np.minimum(full, limit), np.where(full <= limit, SEEN, OPEN), limit))
        ends = [interval(fit, name, 0.95) for name in family.parameters]
        hits += [low <= true <= high for (low, high), true in zip(ends, parameters, strict=True)]
    return dict(zip(family.parameters, hits / count, strict=True))


def main(count: int) -> None:
    def say(what: str, found: dict[str, float]) -> None:
        print(
            f"| {what} | " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in found.items()) + " |",
            flush=True,
        )

    print(f"{count} repetitions\n| Simulated | covered |\n|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder, mean = Path(name), {"mean": TRUE["mean"]}
        say(
            "10 hosts long in operation, 200 d, Weibull and lognormal",
            covered(MIXED, WEIBULL_LIFE, folder, by_profile, TRUE, count),
        )
        say("8 new hosts, 150 d, Weibull and lognormal", covered(NEW, WEIBULL_LIFE, folder, by_profile, TRUE, count))
        say("8 new hosts, 150 d, exponential", covered(NEW, {"exponential": "30 d"}, folder, by_count, mean, count))
    for law, parameters in (("weibull", (1.0, 1.4)), ("lognormal", (1.0, 1.0)), ("gamma", (1.0, 2.0))):
        for size, latest in ((8, 0.0), (30, 2.5)):
            cut = ", cut off at random" if latest else ""
            say(f"{size} durations, {law}{cut}", small(law, parameters, size, latest, count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
