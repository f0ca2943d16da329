"""The measures of a study at many points: simulated under the same luck, or solved exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from outlast.errors import UsageError
from outlast.run import measures
from outlast.run.results import Result
from outlast.run.variants import Luck, Ran, run_in_turn
from outlast.stats.estimates import Paired
from outlast.study.differences import LEVEL, Pair, catalogue

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.run.batch import Batch, Floats
    from outlast.scenario.scenario import Scenario

EXACT = "exact"
Key: TypeAlias = tuple[str, str]  # component, measure


@dataclass(frozen=True)
class Answer:
    """What a scenario gives.  values: by measure one value per replication, whose mean is the estimate; a single one if
    it is exact.  batch: its replications, as long as they are needed."""

    values: dict[Key, Floats]
    batch: Batch | None

    def mean(self, key: Key) -> float:
        return float(self.values[key].mean())

    def minus(self, other: Answer, key: Key) -> Paired:
        """The paired difference of a measure."""
        if self.batch is None or other.batch is None:
            found = self.mean(key) - other.mean(key)
            return Paired(found, 0.0, found, found, 1.0, 0, EXACT, float("nan"), float("nan"))
        pair = Pair(other.batch, self.batch)
        return pair.difference(catalogue(other.batch)[key], catalogue(self.batch)[key], level=LEVEL)


def answers(
    points: Iterable[tuple[str, Scenario]], wanted: Sequence[Key], luck: Luck, count: int, kept: int
) -> Iterator[tuple[Answer, Result | None]]:
    """Answers of (name, scenario) points, `count` in all; the first comes with its result.  Ctrl-C ends them after the
    last that is complete.  kept: so many keep their replications."""
    if luck.engine == EXACT:
        yield from _solved(points, wanted, luck, count)
        return
    for place, ran in enumerate(run_in_turn(points, luck, count)):
        if len(ran.finished.outcomes) < luck.replications:
            return
        yield _simulated(ran, wanted, place < kept), ran.result() if place == 0 else None


def replicated(batch: Batch, metric: Metric) -> Floats:
    """One value per replication, whose mean is the estimate of a measure; pooled ratios are linearised around it. NaN
    where nothing was seen."""
    over, under = measures.tally(batch, metric).totals()
    if metric.kind not in measures.POOLED or under is None:
        return measures.values(metric, over, under)
    if under.sum() == 0.0:
        return np.full(len(batch), np.nan)
    over = over * metric.scale
    pooled = over.sum() / under.sum()
    found: Floats = pooled + (over - pooled * under) / under.mean()
    return 1.0 - found if metric.complement else found


def _simulated(ran: Ran, wanted: Sequence[Key], keep: bool) -> Answer:
    batch = ran.batch
    known = catalogue(batch)
    missing = [f"{component}.{measure}" for component, measure in wanted if (component, measure) not in known]
    if missing:
        raise UsageError(f"{missing[0]} is not measured where {ran.name}", "choose other measures or ranges")
    return Answer({key: replicated(batch, known[key]) for key in wanted}, batch if keep else None)


def _solved(points: Iterable[tuple[str, Scenario]], wanted: Sequence[Key], luck: Luck, count: int) -> Iterator[
    tuple[Answer, Result | None]
]:  # fmt: skip
    from outlast.engines.exact import STATE_LIMIT
    from outlast.run.exact import METHOD, solved

    try:
        for place, (name, scenario) in enumerate(points):
            result = solved(scenario, scenario.name, "base", STATE_LIMIT)
            rows = {(row.component, row.measure): row for row in result.estimates.itertuples(index=False)}
            values = {}
            for key in wanted:
                if key not in rows or rows[key].method != METHOD:
                    reason = rows[key].method if key in rows else "it is not measured"
                    raise UsageError(
                        f"{key[0]}.{key[1]} has no exact value where {name}: {reason!s}", "choose it by --of"
                    )
                values[key] = np.array([rows[key].mean], dtype=np.float64)
            yield Answer(values, None), result if place == 0 else None
            if luck.progress is not None:
                luck.progress(place + 1, count)
    except KeyboardInterrupt:
        return
