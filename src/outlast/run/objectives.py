"""Objectives: an estimate, a bound, and what the interval says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from outlast.run import recovery

if TYPE_CHECKING:
    from outlast.run.results import Result
    from outlast.scenario.model import Objective

MEAN_OF = {"rto": "mean_outage"}  # where an objective names no quantile
MET, NOT_MET, UNCERTAIN = "met", "not met", "uncertain"


def judged(result: Result, objectives: Sequence[Objective]) -> Result:
    """The result with the verdict of every objective in `thresholds`."""
    result.thresholds += [row for o in objectives for row in verdicts(result, o)]
    return result


def verdicts(result: Result, objective: Objective) -> list[dict[str, Any]]:
    """One row per variant: met if the whole interval is on the right side of the bound, not met if none of it is."""
    frame = result.estimates
    measure = MEAN_OF.get(objective.measure, objective.measure)
    mine = frame[(frame["component"] == objective.of) & (frame["measure"] == measure)]
    rows = []
    for variant, estimates in mine.groupby("variant", sort=False):
        scoped = estimates[estimates["scope"] == objective.scope]
        bound = objective.bound(str(estimates["unit"].iloc[0]))
        more = recovery.within(result, objective, str(variant), bound) if recovery.about(objective) else {}
        if objective.quantile is not None and "mean" in more:
            scoped = scoped.head(1).assign(**{name: more[name] for name in ("mean", "ci_low", "ci_high", "n")})
        rows.append({"variant": variant, "component": objective.of, "measure": objective.measure,
                     "scope": objective.scope, **more, **_verdict(objective, estimates, scoped)})  # fmt: skip
    return rows


def _verdict(objective: Objective, estimates: pd.DataFrame, scoped: pd.DataFrame) -> dict[str, Any]:
    unit = str(estimates["unit"].iloc[0])
    bound, at_least = objective.bound(unit), objective.at_least is not None
    row: dict[str, Any] = {"bound": "at_least" if at_least else "at_most", "value": bound, "unit": unit}
    if scoped.empty:
        return {**row, "mean": None, "ci_low": None, "ci_high": None, "n": int(estimates["n"].iloc[0]),
                "verdict": UNCERTAIN, "note": f"no event of scope {objective.scope!r} was seen"}  # fmt: skip
    one = scoped.iloc[0]
    low, high = float(one["ci_low"]), float(one["ci_high"])
    met, missed = (low >= bound, high < bound) if at_least else (high <= bound, low > bound)
    verdict = MET if met else NOT_MET if missed else UNCERTAIN
    note = "the interval contains the bound: run more replications" if verdict == UNCERTAIN else ""
    return {**row, "mean": float(one["mean"]), "ci_low": low, "ci_high": high, "n": int(one["n"]),
            "verdict": verdict, "note": note}  # fmt: skip
