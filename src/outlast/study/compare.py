"""Paired what-ifs: several scenarios or variants under the same luck, and what the differences show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from outlast.errors import UsageError
from outlast.run import storage
from outlast.run.frames import frame
from outlast.run.objectives import judged
from outlast.run.results import Result, as_json
from outlast.run.variants import EXACT, Luck, Ran, common, run_in_turn
from outlast.study.differences import LEVEL, Pair, differences
from outlast.units import format_duration

if TYPE_CHECKING:
    from outlast.scenario.scenario import Scenario

STUDY = ("differences",)


class Comparison:
    """Runs of a base and of others under the same luck.

    result: all of them as variants of one result.  differences: a frame, described in `outlast.run.columns`.
    unmatched: measures that only one side of a pair publishes, as rows (pair, component, measure, side "new" or
    "vanished").
    """

    def __init__(self, result: Result, differences: pd.DataFrame, unmatched: Sequence[Mapping[str, str]] = ()) -> None:
        self.result, self.differences, self.unmatched = result, differences, [dict(row) for row in unmatched]
        self.differences.attrs = {"seed": result.seed, "version": result.version}

    @classmethod
    def of(cls, runs: Sequence[Ran], level: float = LEVEL) -> Comparison:
        """The first run is the base of every pair."""
        runs = common(runs)
        pairs = [Pair(runs[0].batch, run.batch) for run in runs[1:]]
        results = [judged(run.result(), run.scenario.thresholds()) for run in runs]
        result = Result.joined(results) if len(results) > 1 else results[0]
        unmatched = [row for pair in pairs for row in pair.unmatched()]
        rows = [differences(pair, level) for pair in pairs]
        return cls(result, pd.concat(rows, ignore_index=True) if rows else frame("differences", {}), unmatched)

    @classmethod
    def load(cls, directory: str | Path) -> Comparison:
        """A comparison written by `save`. Raises RunError if the folder holds none. `unmatched` is not kept: it
        follows from the measures that `result` has."""
        _, tables = storage.read(Path(directory), STUDY)
        return cls(Result.load(directory), tables["differences"])

    def save(self, directory: str | Path) -> None:
        """The result as `Result.save`, with the differences beside it. Raises RunError."""
        self.result.save(directory, {"differences": self.differences})

    def to_json(self) -> str:
        """The document of the result with `differences` and `unmatched`; same seed, same bytes."""
        rows = self.differences.to_dict("records")
        return as_json({**self.result.document(), "differences": rows, "unmatched": self.unmatched})

    @cached_property
    def pairs(self) -> list[str]:
        """Names of the pairs, `base -> other`."""
        return list(dict.fromkeys(self.differences["pair"]))

    def __repr__(self) -> str:
        return f"<Comparison {', '.join(self.pairs)}: {self.result.n} replications, seed {self.result.seed}>"

    def _repr_html_(self) -> str:
        table: str = self.differences.drop(columns=["level"]).to_html(index=False, float_format="{:.6g}".format)
        return table


def compare(base: Scenario, others: Mapping[str, Scenario], luck: Luck, name: str = "base") -> Comparison:
    """Run a base (called `name`) and others under the same luck.  Ctrl-C keeps the replications that all have.

    Raises UsageError if there is nothing to compare, or if the measured times differ.
    """
    if not others:
        raise UsageError("there is nothing to compare with", "name another scenario or a variant")
    scenarios = {name: base, **others}
    if len(scenarios) <= len(others):
        raise UsageError(f"two of the scenarios are called {name!r}", "give them different names")
    check_times(scenarios)
    if luck.engine == EXACT:
        return _solved(scenarios, luck)
    return Comparison.of(list(run_in_turn(scenarios.items(), luck, len(scenarios))))


def _solved(scenarios: Mapping[str, Scenario], luck: Luck) -> Comparison:
    from outlast.run.exact import solve_in_turn  # imported here: only this engine needs it
    from outlast.study.exact import SolvedSides

    first, *rest = solve_in_turn(scenarios.items(), len(scenarios), luck.progress)
    pairs = [SolvedSides(first, one) for one in rest]
    result = Result.joined([one.result(first.scenario.name) for one in (first, *rest)])
    unmatched = [row for pair in pairs for row in pair.unmatched()]
    return Comparison(result, pd.concat(list(map(differences, pairs)), ignore_index=True), unmatched)


def check_times(scenarios: Mapping[str, Scenario]) -> None:
    """Raises UsageError unless all measure the same time: the same luck would mean little otherwise."""
    (first, base), *others = scenarios.items()
    wanted = _times(base)
    for name, scenario in others:
        if _times(scenario) != wanted:
            told = " and ".join(
                f"{each} simulates {format_duration(h)} after {format_duration(w)} of warm-up"
                for each, (h, w) in ((first, wanted), (name, _times(scenario)))
            )
            raise UsageError(f"different times cannot be compared: {told}", "set one: `--set horizon='1 y'`")


def _times(scenario: Scenario) -> tuple[float, float]:
    return scenario.spec.horizon, scenario.spec.warm_up
