"""What the exact engine says of a program, as a result: values instead of estimates, frames of events empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from outlast.engines.exact import STATE_LIMIT, Solution, solve
from outlast.errors import RunError
from outlast.program.components import with_outages
from outlast.run import columns, frames
from outlast.run.objectives import verdict_row
from outlast.run.results import Origin, Result, versions
from outlast.run.thresholds import MEAN_OF, NO_VALUE, REPLICATIONS
from outlast.stats.estimates import Estimate

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.program.program import Program
    from outlast.run.replications import Progress
    from outlast.scenario.scenario import Scenario
    from outlast.scenario.thresholds import Threshold

METHOD = "exact"  # of a value; where there is none the method says why
CERTAIN = 1.0  # level of an interval that is a single point


@dataclass(frozen=True)
class Solved:
    """A scenario under the name it has in results, and its solution."""

    variant: str
    scenario: Scenario
    solution: Solution

    @property
    def program(self) -> Program:
        """What was solved."""
        return self.solution.program

    def value(self, metric: Metric) -> tuple[float, str]:
        """(value over the measured time, method): NaN, and why, where there is none."""
        reason = self.solution.reason(metric)
        if reason:
            return nan, f"{NO_VALUE}: {reason}"
        try:
            return self.solution.value(metric, self.solution.span(self.program.warm_up, self.program.horizon)), METHOD
        except RunError as problem:
            return nan, f"{NO_VALUE}: {problem.message.partition(chr(10))[0]}"

    def estimated(self, threshold: Threshold, _level: float = CERTAIN) -> Estimate:
        """What a threshold is about, a single point at any level; NaN, and why, where there is no exact value of it."""
        measure = MEAN_OF.get(threshold.measure, threshold.measure)
        value, method = self.value(self.solution.metric(threshold.component, measure))
        if threshold.quantile is not None:
            value, method = nan, f"{NO_VALUE}: quantiles are no means over time"
        elif threshold.scope:
            value, method = nan, f"{NO_VALUE}: causes are not followed"
        return Estimate(value, 0.0, value, value, CERTAIN, 0, method)

    def result(self, name: str) -> Result:
        """As a result. name: of the scenario without its variant."""
        origin = Origin(
            scenario_name=name,
            scenario_text=self.scenario.text or repr(self.scenario.document.data),
            file=self.scenario.file,
            scenario_hash=self.scenario.hash,
            seed=0,
            n=0,
            requested=0,
            interrupted=False,
            engine="exact",
            versions=versions(),
        )
        stored = {frame: frames.frame(frame, {}) for frame in columns.COLUMNS}
        stored["estimates"] = frames.frame("estimates", self._estimates())
        thresholds = [self._judged(one) for one in self.scenario.thresholds()]
        return Result(origin, stored=stored, thresholds=thresholds, chains=[_chain(self.solution, self.variant)])

    def _estimates(self) -> dict[str, Any]:
        """The columns of the frame: every measure over the measured time."""
        rows = [self._row(metric) for metric in self.program.metrics]
        return {
            "variant": self.variant,
            "scope": "",
            **{column: [row[column] for row in rows] for column in (rows[0] if rows else ())},
        }

    def _row(self, metric: Metric) -> dict[str, Any]:
        value, method = self.value(metric)
        return {"component": metric.component, "measure": metric.measure, "mean": value, "std": nan, "ci_low": value,
                "ci_high": value, "level": CERTAIN, "n": 0, "method": method, "unit": metric.unit}  # fmt: skip

    def _judged(self, threshold: Threshold) -> dict[str, Any]:
        """The verdict on a threshold; uncertain where there is no exact value of it."""
        found = self.estimated(threshold)
        if isnan(found.mean):
            return verdict_row(self.variant, threshold, REPLICATIONS, None, 0, found.method)
        return verdict_row(self.variant, threshold, REPLICATIONS, found, 0, "")


def solve_one(variant: str, scenario: Scenario, limit: int = STATE_LIMIT) -> Solved:
    """Solve a scenario, of at most so many states.  Raises NotMarkovError and TooManyStatesError."""
    return Solved(variant, scenario, solve(scenario.program(), limit))


def solve_in_turn(scenarios: Iterable[tuple[str, Scenario]], count: int, progress: Progress | None = None,
                  limit: int = STATE_LIMIT) -> Iterator[Solved]:  # fmt: skip
    """Solve (name, scenario) after (name, scenario), `count` in all."""
    for place, (name, scenario) in enumerate(scenarios):
        yield solve_one(name, scenario, limit)
        if progress is not None:
            progress(place + 1, count)


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
            for component in with_outages(solution.program)
        ],
    }  # fmt: skip
