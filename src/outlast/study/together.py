"""What variants that were run together say besides: their paired differences, and which are worth their price."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pandas as pd

from outlast.errors import UsageError
from outlast.kinds.money import TOTAL
from outlast.run.replications import Replications
from outlast.run.variants import Luck, Ran
from outlast.study.differences import LEVEL, Pair, catalogue, differences
from outlast.study.pareto import judged, weighed

if TYPE_CHECKING:
    from outlast.run.batch import Batch
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario


def studies(result: Result, scenario: Scenario) -> dict[str, pd.DataFrame]:
    """The frames `differences` and, where all have prices, `topologies` of a result that was just run; nothing for a
    single variant.  scenario: of the first."""
    if len(result.batches) < 2 or not result.n:
        return {}
    pairs = [differences(Pair(result.batches[0], other), LEVEL) for other in result.batches[1:]]
    found = {"differences": pd.concat(pairs, ignore_index=True)}
    if all((TOTAL, "cost") in catalogue(batch) for batch in result.batches):
        with suppress(UsageError):  # no objective says which component matters
            found["topologies"] = _weighed(result, scenario)
    return found


def _weighed(result: Result, scenario: Scenario) -> pd.DataFrame:
    of, agreement = judged(scenario, "")
    named = {batch.variant: scenario.variant(batch.variant) for batch in result.batches[1:]}
    ran = [_ran(result, batch, named.get(batch.variant, scenario)) for batch in result.batches]
    return weighed(ran, of, (), agreement).table


def _ran(result: Result, batch: Batch, scenario: Scenario) -> Ran:
    finished = Replications(batch.outcomes, result.origin.requested, result.interrupted)
    return Ran(batch.variant, scenario, finished, Luck(result.n, result.seed))
