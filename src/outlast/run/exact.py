"""What the exact engine says of a program, as a result: values instead of estimates, frames of events empty."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

from outlast.engines.exact import Solution, solve
from outlast.errors import RunError
from outlast.run import frames
from outlast.run.objectives import verdict_row
from outlast.run.results import Origin, Result, versions
from outlast.run.thresholds import REPLICATIONS
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.scenario.scenario import Scenario
    from outlast.scenario.thresholds import Threshold

METHOD = "exact"  # of a value; where there is none the method says why
CERTAIN = 1.0  # level of an interval that is a single point


def solved(scenario: Scenario, name: str, variant: str, limit: int) -> Result:
    """Solve a scenario. name: of the scenario without its variant; limit: states, at most.

    Raises NotMarkovError and TooManyStatesError.
    """
    solution = solve(scenario.program(), limit)
    origin = Origin(
        scenario_name=name,
        scenario_text=scenario.text or repr(scenario.document.data),
        scenario_hash=scenario.hash,
        seed=0,
        n=0,
        requested=0,
        interrupted=False,
        engine="exact",
        versions=versions(),
    )
    stored = {frame: frames.frame(frame, {}) for frame in frames.COLUMNS}
    stored["estimates"] = frames.frame("estimates", _estimates(solution, variant))
    thresholds = [_judged(solution, one, variant) for one in scenario.thresholds()]
    return Result(origin, stored=stored, thresholds=thresholds, chains=[_chain(solution, variant)])


def _estimates(solution: Solution, variant: str) -> dict[str, Any]:
    """The columns of the frame: every measure over the measured time."""
    rows = [_row(solution, metric) for metric in solution.program.metrics]
    return {
        "variant": variant,
        "scope": "",
        **{column: [row[column] for row in rows] for column in (rows[0] if rows else ())},
    }


def _row(solution: Solution, metric: Metric) -> dict[str, Any]:
    value, method = _over_horizon(solution, metric)
    return {"component": metric.component, "measure": metric.measure, "mean": value, "std": nan, "ci_low": value,
            "ci_high": value, "level": CERTAIN, "n": 0, "method": method, "unit": metric.unit}  # fmt: skip


def _over_horizon(solution: Solution, metric: Metric) -> tuple[float, str]:
    """(value, method)."""
    reason = solution.reason(metric)
    if reason:
        return nan, f"no exact value: {reason}"
    program = solution.program
    try:
        return solution.value(metric, solution.span(program.warm_up, program.horizon)), METHOD
    except RunError as problem:
        return nan, f"no exact value: {problem.message.partition(chr(10))[0]}"


def _judged(solution: Solution, threshold: Threshold, variant: str) -> dict[str, Any]:
    """The verdict on a threshold; uncertain where there is no exact value of it."""
    metric = solution.metric(threshold.component, threshold.measure)
    value, note = _over_horizon(solution, metric)
    if threshold.quantile is not None:
        value, note = nan, "no exact value: quantiles are no means over time"
    elif threshold.scope:
        value, note = nan, "no exact value: causes are not followed"
    found = None if isnan(value) else Estimate(value, 0.0, value, value, CERTAIN, 0, METHOD)
    return verdict_row(variant, threshold, REPLICATIONS, found, 0, note if found is None else "")


def _chain(solution: Solution, variant: str) -> dict[str, Any]:
    """Size of the chain, every measure in the long run, and mean times to the first outage from the start."""
    return {
        "variant": variant,
        "states": solution.size,
        "long_run": [
            {"component": metric.component, "measure": metric.measure,
             "value": solution.value(metric, solution.steady_span), "unit": metric.unit}
            for metric in solution.program.metrics if metric.kind != "amount"
        ],
        "first_outage": [
            {"component": component, "mean_s": solution.mttf(component)}
            for component in dict.fromkeys(solution.program.outage_names)
        ],
    }  # fmt: skip
