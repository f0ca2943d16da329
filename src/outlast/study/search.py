"""Break-even: the first value along one parameter at which a threshold is met, by bisection under the same luck.

The candidates are a list of values; the threshold is expected to stay met once it is met (from the other end, if the
first value meets it and the last does not). Three places are found: the first value whose estimate meets it, which is
the answer, the first that surely meets it, because its whole interval does, and the first that does not surely miss it:
between those two the answer lies, at the level of the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from outlast.errors import UsageError
from outlast.run.results import as_json
from outlast.run.thresholds import FAILED, INCONCLUSIVE, PASSED, estimated, published, side
from outlast.run.variants import Luck, Ran, run_one
from outlast.study.compare import check_times
from outlast.study.differences import WORSE, Pair, verdict
from outlast.study.sweep import Cell, changed
from outlast.study.values import label

if TYPE_CHECKING:
    from outlast.scenario.scenario import Scenario
    from outlast.scenario.thresholds import Threshold
    from outlast.stats.estimates import Estimate


@dataclass(frozen=True)
class Found:
    """What a search found. answer: the first (or, see `which`, the last) value whose estimate meets the threshold, None
    if neither end of the values does; low, high: the interval of the answer, in the order of the values, None at an end
    that no value surely meets; monotone: whether no value tried contradicts the order of the others; trials: a frame
    with a row per value tried (value, mean, ci_low, ci_high, level, n, verdict)."""

    path: str
    threshold: str
    answer: Any
    low: Any
    high: Any
    which: str
    monotone: bool
    interrupted: bool
    trials: pd.DataFrame

    def sentence(self) -> str:
        """The answer in words."""
        if self.interrupted:
            return "interrupted before the search was finished"
        if self.answer is None:
            text = f"not reached: neither end of {self.path} meets {self.threshold}"
        else:
            low, high = ("none surely enough" if end is None else label(end) for end in (self.low, self.high))
            text = f"{self.path} = {label(self.answer)} is the {self.which} that meets {self.threshold}"
            text += f"; interval {low} to {high}"
        return text if self.monotone else text + "; not monotone: the values tried contradict each other"

    def to_json(self) -> str:
        """The same as one document."""
        return as_json({**self.__dict__, "trials": self.trials.to_dict("records")})


class _Trials:
    """Runs values once, by their place."""

    def __init__(self, scenario: Scenario, path: str, values: Sequence[Any], threshold: Threshold, luck: Luck) -> None:
        self.scenario, self.path, self.values, self.threshold, self.luck = scenario, path, values, threshold, luck
        self.runs: dict[int, Ran] = {}
        self.found: dict[int, Estimate | None] = {}
        self.turned = False

    def turn(self) -> None:
        """Look from the other end."""
        last, self.turned = len(self.values) - 1, not self.turned
        self.values = list(reversed(self.values))
        self.runs = {last - place: ran for place, ran in self.runs.items()}
        self.found = {last - place: one for place, one in self.found.items()}

    def estimate(self, place: int) -> Estimate | None:
        """Raises KeyboardInterrupt if the run was interrupted."""
        if place not in self.found:
            cell = Cell({self.path: self.values[place]})
            ran = run_one(cell.name, changed(self.scenario, cell), self.luck)
            if ran.finished.interrupted:
                raise KeyboardInterrupt
            self.runs[place] = ran
            self.found[place] = estimated(ran.batch, self.threshold, self.threshold.level)
        return self.found[place]

    def meets(self, place: int) -> bool:
        """The estimate itself is on the right side."""
        one = self.estimate(place)
        return one is not None and side(replace(one, ci_low=one.mean, ci_high=one.mean), *self._bound) == PASSED

    def surely(self, place: int) -> bool:
        """The whole interval is."""
        return side(self.estimate(place), *self._bound) == PASSED

    def perhaps(self, place: int) -> bool:
        """The interval is not wholly on the wrong side."""
        return side(self.estimate(place), *self._bound) != FAILED

    @property
    def _bound(self) -> tuple[str, float]:
        return self.threshold.op, self.threshold.value

    def table(self) -> pd.DataFrame:
        """The trials in the order of the values as they were given."""
        rows = [self._row(place) for place in sorted(self.found, reverse=self.turned)]
        return pd.DataFrame(rows, columns=["value", "mean", "ci_low", "ci_high", "level", "n", "verdict"])

    def _row(self, place: int) -> dict[str, Any]:
        one, value = self.found[place], label(self.values[place])
        if one is None:
            return {"value": value, "level": self.threshold.level, "n": self.luck.replications,
                    "verdict": INCONCLUSIVE}  # fmt: skip
        return {"value": value, "mean": one.mean, "ci_low": one.ci_low, "ci_high": one.ci_high,
                "level": one.level, "n": one.n, "verdict": side(one, *self._bound)}  # fmt: skip

    def monotone(self) -> bool:
        """No value tried meets the threshold before one that does not, or is surely better than the next one."""
        places = sorted(self.found)
        met = [self.meets(place) for place in places]
        return met == sorted(met) and all(self._grows(*both) for both in pairwise(places))

    def _grows(self, before: int, after: int) -> bool:
        pair = Pair(self.runs[before].batch, self.runs[after].batch)
        mine = published(pair.base, self.threshold)
        wanted = "higher" if self.threshold.from_below else "lower"
        return all(
            verdict(pair.difference(metric, other, self.threshold.scope), wanted) != WORSE
            for metric, other in pair.metrics()
            if metric is mine
        )


def search(scenario: Scenario, path: str, values: Sequence[Any], threshold: Threshold, luck: Luck) -> Found:
    """The first of the values, in their order, that meets the threshold.  Raises UsageError for fewer than two values
    or values that change the simulated time, ScenarioError for a path that leads nowhere or an impossible value."""
    if len(values) < 2:
        raise UsageError(f"{path}: a search needs at least two values (got {len(values)})", "write `0..20`")
    last = len(values) - 1
    check_times({label(values[place]): changed(scenario, Cell({path: values[place]})) for place in (0, last)})
    trials = _Trials(scenario, path, values, threshold, luck)
    answer, low, high, interrupted = None, None, None, False
    try:
        if trials.meets(0) and not trials.meets(last):
            trials.turn()
        answer, low = _first(trials.meets, last), _first(trials.perhaps, last)
        sure = [place for place in trials.found if trials.surely(place)]
        high = _first(trials.surely, max(sure, default=last))
    except KeyboardInterrupt:
        interrupted = True
    answer, *ends = (None if place is None else trials.values[place] for place in (answer, low, high))
    low, high = reversed(ends) if trials.turned else ends
    return Found(path, str(threshold), answer, low, high, "last" if trials.turned else "first", trials.monotone(),
                 interrupted, trials.table())  # fmt: skip


def _first(true: Callable[[int], bool], last: int) -> int | None:
    """The least place at which a property holds that holds from there on; None if not even at the last."""
    if not true(last):
        return None
    low, high = -1, last  # false at low (before the first), true at high
    while high - low > 1:
        middle = 0 if low < 0 and high == last else (low + high) // 2  # the first value is always tried
        if true(middle):
            high = middle
        else:
            low = middle
    return high
