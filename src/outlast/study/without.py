"""What a cause contributes: the scenario rerun under the same luck, as if such failures never happened.

The change of the downtime is paired, replication by replication.  Changes of several causes do not add up to the whole
where failures overlap or need each other: two hosts of a pair that must both be down would each get all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from outlast.program import Program
from outlast.program.without import chosen, origins, without
from outlast.run.objectives import judged
from outlast.run.results import Result
from outlast.run.variants import Luck, Ran, common, run_in_turn
from outlast.scenario.scenario import Scenario
from outlast.stats import estimates
from outlast.stats.estimates import Paired
from outlast.study.causes import Causes, by_replication, numbers_of, study_frame
from outlast.study.compare import Comparison
from outlast.study.differences import LEVEL

ROUND_OFF = 1e-9  # of the downtime of a replication
NOTHING_LEFT = "no downtime left: bound"


class Without(Scenario):
    """A scenario in which what `outlast.program.without.chosen` finds under a name never fails."""

    def __init__(self, base: Scenario, name: str) -> None:
        super().__init__(base.document, base.folder)
        self._changed = without(base.program(), name)

    def program(self) -> Program:
        return self._changed


def causes(scenario: Scenario, luck: Luck, names: Sequence[str] | None = None, base: str = "base",
           level: float = LEVEL) -> Causes:  # fmt: skip
    """Run a scenario (called `base` in the result), attribute its downtime, and rerun it without some failures.

    names: scopes, components or places, each rerun without its own failures; None: every scope that caused an outage.
    Ctrl-C keeps the replications that all have.  Raises UsageError for a name under which nothing fails.
    """
    for name in names or ():
        chosen(origins(scenario.program()), name)
    runs: list[Ran] = []

    def turns() -> Iterator[tuple[str, Scenario]]:
        yield base, scenario
        seen = set(runs[0].result().outages["scope"])  # the base has been run when the next is asked for
        for name in [scope for scope in _scopes(scenario) if scope in seen] if names is None else dict.fromkeys(names):
            yield f"without {name}", Without(scenario, name)

    for ran in run_in_turn(turns(), luck, most_runs(scenario, names)):
        runs.append(ran)
    first, *others = common(runs)
    result = judged(first.result(), scenario.thresholds())
    if not others:
        return Causes.of(result, level)
    rows = [_changes(result, other, level) for other in others]
    return Causes.of(result, level, pd.concat(rows, ignore_index=True), Comparison.of([first, *others], level))


def most_runs(scenario: Scenario, names: Sequence[str] | None = None) -> int:
    """How often `causes` runs a scenario at most: scopes that cause no outage are left out."""
    return 1 + len(_scopes(scenario) if names is None else dict.fromkeys(names))


def _scopes(scenario: Scenario) -> list[str]:
    """Those of everything that fails by itself."""
    return list(dict.fromkeys(scope for scope, _ in origins(scenario.program()) if scope))


def _changes(base: Result, other: Ran, level: float) -> pd.DataFrame:
    """The frame `without` of one rerun: the change of the downtime of every component that was ever down."""
    rows: list[dict[str, Any]] = []
    theirs = other.result().outages
    both = {name: table[~table["drill"]] for name, table in (("base", base.outages), ("other", theirs))}
    (variant,) = set(base.replications["variant"]) or {"base"}
    numbers = numbers_of(base, variant)
    order = dict.fromkeys(base.replications["component"])
    for component in [name for name in order if (both["base"]["component"] == name).any()]:
        before, after = (by_replication(t[t["component"] == component], numbers) for t in both.values())
        change = relative(before, after, level)
        rows.append({
            "variant": variant, "component": component, "without": other.name.removeprefix("without "),
            "downtime_s": float(before.sum()), "downtime_without_s": float(after.sum()), "change": change.mean,
            "ci_low": change.ci_low, "ci_high": change.ci_high, "level": level, "p_better": change.p_better,
            "n_pairs": change.n, "method": change.method,
        })  # fmt: skip
    return study_frame("without", rows)


def relative(before: np.ndarray, after: np.ndarray, level: float = LEVEL) -> Paired:
    """(sum of after - sum of before) / sum of before, over common replications; -1 if nothing is left.

    As the paired difference of after / before and before / before.  Where nothing is left the interval ends where a
    replication that did not happen to show any rest could still put it.
    """
    same = np.abs(after - before) <= ROUND_OFF * before  # an outage that moves may change in its last digits
    after = np.where(same, before, after)
    found = estimates.paired_ratio((before, before), (after, before), level, higher_is_better=False)
    if after.any() or not before.any():
        return replace(found, ci_low=max(found.ci_low, -1.0))
    rest = estimates.share_without_event(int(np.count_nonzero(before)), level)
    return replace(found, ci_low=-1.0, ci_high=-1.0 + rest, method=NOTHING_LEFT)
