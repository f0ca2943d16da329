"""The gate of a pipeline: does a scenario meet its thresholds, and is no measure worse than in the baseline?

A check fails or passes only if the bound of an interval says so; else it is inconclusive. Several checks are judged
together by Holm's rule, so that the chance of any wrong verdict stays below that of a single one (5 %): with k checks
undecided, each is judged at the level 1 - 0.05 / k; what that decides is taken out, and the rest is judged again.
Thresholds and regressions are two such families. Source: Holm (1979), A simple sequentially rejective multiple test
procedure, Scandinavian Journal of Statistics 6, 65-70.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from outlast.errors import UsageError, nearest_hint
from outlast.run.frames import frame
from outlast.run.results import as_json
from outlast.run.thresholds import FAILED, INCONCLUSIVE, PASSED, estimated, further, over, side
from outlast.run.variants import Luck, Ran, run_one, same_tables
from outlast.scenario.thresholds import contradictions
from outlast.stats.estimates import Estimate
from outlast.study.compare import check_times
from outlast.study.differences import LEVEL, Pair, differences

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.run.batch import Batch
    from outlast.scenario.document import Path
    from outlast.scenario.scenario import Scenario
    from outlast.scenario.thresholds import Threshold
    from outlast.study.baseline import Baseline

THRESHOLD, REGRESSION = "threshold", "regression"
BASELINE, NOW = "baseline", "now"


@dataclass(frozen=True)
class Check:
    """Something that is judged at any level of confidence. level: the one asked for; path: where the scenario asks
    for it, () if elsewhere; about: what it is, as it stands in results."""

    about: Mapping[str, Any]
    look: Callable[[float], dict[str, Any]]
    level: float = LEVEL
    path: Path = ()


class Gate:
    """Verdicts of a gate.

    checks: a frame with a row per check: kind ("threshold" or "regression"), component, measure, scope, aggregate,
    over, op, value (the bound or the tolerance), unit, base_mean and mean (the estimate now), for regressions also
    change (by how much it is worse), ci_low and ci_high (of the estimate, or of the change), level, n, method,
    verdict, further (about how many more replications would decide; NaN where that cannot be told).
    differences, unmatched: with the baseline, as in a comparison; empty without one.  notes: what else should be known.
    """

    def __init__(self, run: Ran, checks: Sequence[tuple[Check, dict[str, Any]]], pair: Pair | None,
                 notes: Sequence[str], interrupted: bool) -> None:  # fmt: skip
        self.scenario, self.result = run.scenario, run.result()
        self.rows = [row for _, row in checks]
        self.paths = [check.path for check, _ in checks]
        self.differences = frame("differences", {}) if pair is None else differences(pair)
        self.unmatched = [] if pair is None else pair.unmatched()
        self.notes, self.interrupted = list(notes), interrupted

    @property
    def verdict(self) -> str:
        """The worst of all: failed, else inconclusive, else passed."""
        found = {row["verdict"] for row in self.rows}
        return next((word for word in (FAILED, INCONCLUSIVE) if word in found), PASSED)

    @property
    def checks(self) -> pd.DataFrame:
        """One row per check."""
        return pd.DataFrame(self.rows)

    def count(self, verdict: str) -> int:
        """Number of checks with a verdict."""
        return sum(row["verdict"] == verdict for row in self.rows)

    def to_json(self) -> str:
        """One document; the same scenario, baseline and seed give the same bytes."""
        document = self.result.document()
        del document["thresholds"]
        return as_json({**document, "verdict": self.verdict, "checks": self.rows,
                        "differences": self.differences.to_dict("records"), "unmatched": self.unmatched,
                        "notes": self.notes})  # fmt: skip

    def __repr__(self) -> str:
        return f"<Gate {self.scenario.name!r}: {self.verdict}, {len(self.rows)} checks>"


@dataclass
class Deadline:
    """Ends a run as Ctrl-C does, once its time is over; asked whenever a block of replications is finished."""

    ends: float
    progress: Callable[[int, int], None] | None = None
    reached: bool = field(default=False, init=False)

    def __call__(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)
        if time.monotonic() >= self.ends and done < total:
            self.reached = True
            raise KeyboardInterrupt


def gate(scenario: Scenario, luck: Luck, thresholds: Sequence[Threshold] = (), baseline: Baseline | None = None,
         tolerances: Mapping[str, float] | None = None, time_limit: float | None = None,
         anything: bool = False) -> Gate:  # fmt: skip
    """Judge the thresholds (and objectives) of the scenario, those given here, and regressions against a baseline.

    tolerances: by `component.measure`, over those of the scenario.  time_limit: seconds for all runs; what is finished
    by then is judged.  Raises UsageError if there is nothing to judge, unless anything will do.
    """
    wanted = [*scenario.thresholds(), *thresholds]
    if not wanted and baseline is None and not anything:
        raise UsageError(f"{scenario.name}: there is nothing to judge",
                         "write `thresholds:` into the scenario, or name --threshold or --baseline")  # fmt: skip
    for later, earlier in contradictions(wanted):
        raise UsageError(f"nothing can be both {later} and {earlier}", "remove one of the two")
    if baseline is not None:
        _check_baseline(baseline.scenario, scenario)
    began, notes = time.monotonic(), list[str]()
    share = 1.0 if time_limit is None else time_limit / (1 if baseline is None else 2)
    watch = Deadline(began + share, luck.progress)
    limited = luck if time_limit is None else replace(luck, progress=watch)
    now = run_one(NOW, scenario, limited)
    judged = holm([_threshold(now.batch, one) for one in wanted])
    interrupted, pair = now.finished.interrupted and not watch.reached, None
    if baseline is not None and now.finished.outcomes and not interrupted:
        watch.ends = began + (time_limit or 0.0)
        base = _baseline_run(baseline.scenario, now, limited)
        interrupted = base.finished.interrupted and not watch.reached
        pair = Pair(base.batch, now.batch).common()
        if len(pair.base):
            judged += holm(_regressions(pair, {**scenario.tolerances(), **(tolerances or {})}))
    if watch.reached:
        n = len(now.finished.outcomes) if pair is None else len(pair.base)
        notes.append(f"the time limit ended the run after {n} of {luck.replications} replications")
    return Gate(now, judged, pair, notes, interrupted)


def holm(checks: Sequence[Check]) -> list[tuple[Check, dict[str, Any]]]:
    """Every check with its row, judged together."""
    rows: dict[int, dict[str, Any]] = {}
    decided: set[int] = set()
    while len(decided) < len(checks):
        left = [place for place in range(len(checks)) if place not in decided]
        for place in left:
            check = checks[place]
            rows[place] = {**check.about, **check.look(1.0 - (1.0 - check.level) / len(left))}
        found = {place for place in left if rows[place]["verdict"] != INCONCLUSIVE}
        if not found:
            break
        decided |= found
    return [(check, _lenient(rows[place])) for place, check in enumerate(checks)]


def _lenient(row: dict[str, Any]) -> dict[str, Any]:
    """A regression for which no tolerance was named only has to be not shown."""
    if row["kind"] == REGRESSION and row["value"] is None and row["verdict"] == INCONCLUSIVE:
        return {**row, "verdict": PASSED, "further": None}
    return row


def _threshold(batch: Batch, one: Threshold) -> Check:
    about = {"kind": THRESHOLD, "component": one.component, "measure": one.measure, "scope": one.scope,
             "aggregate": one.aggregate, "over": over(batch, one), "op": one.op, "value": one.value,
             "unit": one.unit, "base_mean": None, "change": None}  # fmt: skip

    def look(level: float) -> dict[str, Any]:
        found = estimated(batch, one, level)
        verdict = side(found, one.op, one.value)
        needs = further(found, one.value, len(batch), one.quantile) if verdict == INCONCLUSIVE else None
        return {"mean": None if found is None else found.mean, **_interval(found, level, len(batch)),
                "verdict": verdict, "further": needs}  # fmt: skip

    return Check(about, look, one.level, one.path)


def _regressions(pair: Pair, tolerances: Mapping[str, float]) -> list[Check]:
    return [_regression(pair, metric, other, tolerances.get(f"{metric.component}.{metric.measure}"))
            for metric, other in pair.metrics() if metric.better]  # fmt: skip


def _regression(pair: Pair, metric: Metric, other: Metric, tolerance: float | None) -> Check:
    base, now = pair.means(metric, other)
    about = {"kind": REGRESSION, "component": metric.component, "measure": metric.measure, "scope": "",
             "aggregate": "mean", "over": "pairs of replications", "op": "<=", "value": tolerance,
             "unit": metric.unit, "base_mean": base, "mean": now}  # fmt: skip

    def look(level: float) -> dict[str, Any]:
        found = pair.difference(metric, other, "", level)
        worse = _turned(found) if metric.better == "higher" else found
        seen = None if pd.isna(worse.mean) else worse
        verdict = side(seen, "<=", tolerance or 0.0)
        needs = further(seen, tolerance or 0.0, worse.n) if verdict == INCONCLUSIVE else None
        return {"change": None if seen is None else worse.mean, **_interval(seen, level, worse.n),
                "method": worse.method, "verdict": verdict, "further": needs}  # fmt: skip

    return Check(about, look)


def _turned(found: Estimate) -> Estimate:
    return replace(found, mean=-found.mean, ci_low=-found.ci_high, ci_high=-found.ci_low)


def _interval(found: Estimate | None, level: float, n: int) -> dict[str, Any]:
    if found is None:
        return {"ci_low": None, "ci_high": None, "level": level, "n": n, "method": "no event seen"}
    return {"ci_low": found.ci_low, "ci_high": found.ci_high, "level": level, "n": found.n, "method": found.method}


def _check_baseline(baseline: Scenario, now: Scenario) -> None:
    """Raises UsageError if the two cannot be compared."""
    check_times({BASELINE: baseline, NOW: now})
    if not baseline.catalogue.metrics.keys() & now.catalogue.metrics.keys():
        hint = nearest_hint("", baseline.catalogue.metrics, "in the baseline")
        raise UsageError("the baseline shares no measure with the scenario", hint)


def _baseline_run(scenario: Scenario, now: Ran, luck: Luck) -> Ran:
    """The baseline under the same luck; not run again where its program is the same."""
    if same_tables(scenario.program(), now.scenario.program()):
        return Ran(BASELINE, scenario, now.finished, luck)
    return run_one(BASELINE, scenario, replace(luck, replications=len(now.finished.outcomes)))
