"""Sweeps: every combination of some parameters' values under the same luck, and where along one a bound is met."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from outlast.errors import Problem, ScenarioError, UsageError
from outlast.run import frames, storage
from outlast.run.frames import frame
from outlast.run.objectives import judged
from outlast.run.results import Result, as_json
from outlast.run.variants import EXACT, Luck, Ran, run_in_turn
from outlast.study.compare import check_times
from outlast.study.differences import Pair, differences
from outlast.study.values import label

if TYPE_CHECKING:
    from outlast.scenario.scenario import Scenario

MOST_CELLS = 1000
STUDIES = ("differences", "cells")
KEYS = ["component", "measure", "scope"]


@dataclass(frozen=True)
class Cell:
    """One combination of values, by path. name: what results call it, `components.db.count=3`."""

    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        last = [path.rpartition(".")[2] for path in self.values]
        short = len(set(last)) == len(last)
        names = last if short else list(self.values)
        return ", ".join(f"{n}={label(value)}" for n, value in zip(names, self.values.values(), strict=True))


class Sweep:
    """Results of the cells of a grid.

    frame: one row per cell, component, measure (and scope): a column per varied path, the estimate with its interval,
    and the paired difference to the first cell (difference, difference_low, difference_high, p_better, verdict).
    estimates, differences, cells: frames as described in `outlast.run.columns`; the variant of an estimate is its cell.
    result: the first cell.  interrupted: not all cells are there.
    """

    def __init__(self, result: Result, estimates: pd.DataFrame, differences: pd.DataFrame, cells: pd.DataFrame,
                 interrupted: bool = False) -> None:  # fmt: skip
        self.result, self.interrupted = result, interrupted
        self.estimates, self.differences, self.cells = estimates, differences, cells
        self.frame = _wide(estimates, differences, cells)

    @classmethod
    def load(cls, directory: str | Path) -> Sweep:
        """A sweep written by `save`. Raises RunError if the folder holds none."""
        manifest, tables = storage.read(Path(directory), STUDIES)
        return cls(Result.load(directory), tables["estimates"], tables["differences"], tables["cells"],
                   manifest.interrupted)  # fmt: skip

    def save(self, directory: str | Path) -> None:
        """A result folder: `estimates` of all cells, the other frames of the first. Raises RunError."""
        studies = {"estimates": self.estimates, "differences": self.differences, "cells": self.cells}
        self.result.save(directory, studies)

    def to_json(self) -> str:
        """The document of the first cell with the estimates of all, `cells` and `differences`."""
        document = {**self.result.document(), "interrupted": self.interrupted}
        tables = {"estimates": self.estimates, "cells": self.cells, "differences": self.differences}
        return as_json({**document, **{name: table.to_dict("records") for name, table in tables.items()}})

    @property
    def names(self) -> list[str]:
        """Names of the finished cells, in order of the grid."""
        return [str(name) for name in self.cells["cell"].unique()]

    @property
    def paths(self) -> list[str]:
        """What was varied."""
        return [str(path) for path in self.cells["path"].unique()]

    def __repr__(self) -> str:
        return f"<Sweep of {', '.join(self.paths)}: {len(self.names)} cells, {self.result.n} replications>"

    def _repr_html_(self) -> str:
        table: str = self.frame.drop(columns=["std", "level"]).to_html(index=False, float_format="{:.6g}".format)
        return table


def grid(varied: Mapping[str, Sequence[Any]]) -> list[Cell]:
    """Every combination, the last path fastest. Raises UsageError for none or too many."""
    if not varied:
        raise UsageError("there is nothing to vary", "name a path and its values")
    for path, values in varied.items():
        if not values:
            raise UsageError(f"{path} has no values", "name at least one")
    if (count := math.prod(len(values) for values in varied.values())) > MOST_CELLS:
        raise UsageError(f"{count:,} cells; at most {MOST_CELLS:,} are possible",
                         "vary fewer values, or make steps larger")  # fmt: skip
    cells = [Cell(dict(zip(varied, values, strict=True))) for values in itertools.product(*varied.values())]
    if len({cell.name for cell in cells}) < len(cells):
        raise UsageError("two cells have the same values", "name each value of a path once")
    return cells


def changed(scenario: Scenario, cell: Cell) -> Scenario:
    """The scenario of a cell, checked. Raises ScenarioError that names the cell."""
    try:
        found = scenario.changed(cell.values, label=f"cell {cell.name}")
        found.program()
    except ScenarioError as error:
        raise ScenarioError([_named(problem, cell) for problem in error.problems]) from None
    return found


def sweep(scenario: Scenario, varied: Mapping[str, Sequence[Any]], luck: Luck) -> Sweep:
    """Run every cell under the same luck.  Ctrl-C keeps the finished cells.

    Raises ScenarioError, before anything is run, for a path that leads nowhere or a value that is not possible.
    """
    cells = grid(varied)
    scenarios = {cell.name: changed(scenario, cell) for cell in cells}
    check_times(scenarios)
    parts: list[Part] = []
    try:
        for part in (_solved if luck.engine == EXACT else _simulated)(scenarios, luck):
            parts.append(part)
    except KeyboardInterrupt:  # while the last cell was counted, or solved
        pass
    if not parts:
        raise KeyboardInterrupt
    result = parts[0].result
    assert result is not None  # of the first cell
    incomplete = len(parts) < len(cells) or result.interrupted
    if incomplete:
        result.origin = replace(result.origin, interrupted=True)
    estimates = pd.concat([part.estimates for part in parts], ignore_index=True)
    paired = pd.concat([part.differences for part in parts], ignore_index=True)
    return Sweep(result, estimates, paired, _cells(cells[: len(parts)]), incomplete)


@dataclass(frozen=True)
class Part:
    """What a cell gave. result: of the first cell only."""

    estimates: pd.DataFrame
    differences: pd.DataFrame
    result: Result | None


def _simulated(scenarios: Mapping[str, Scenario], luck: Luck) -> Iterator[Part]:
    first: Ran | None = None
    for ran in run_in_turn(scenarios.items(), luck, len(scenarios)):
        if ran.finished.interrupted and (first is not None or not ran.finished.outcomes):
            return
        result = None if first is not None else judged(ran.result(), ran.scenario.thresholds())
        first = first or ran
        yield Part(frames.build("estimates", [ran.batch]), differences(Pair(first.batch, ran.batch)), result)


def _solved(scenarios: Mapping[str, Scenario], luck: Luck) -> Iterator[Part]:
    from outlast.run.exact import Solved, solve_in_turn  # imported here: only this engine needs it
    from outlast.study.exact import SolvedSides

    first: Solved | None = None
    for one in solve_in_turn(scenarios.items(), len(scenarios), luck.progress):
        result = one.result(one.scenario.name)
        yield Part(result.estimates, differences(SolvedSides(first or one, one)), None if first else result)
        first = first or one


def _named(problem: Problem, cell: Cell) -> Problem:
    """The problem, with the cell in front where its place does not say it."""
    label = f"cell {cell.name}"
    return problem if problem.file == label else replace(problem, message=f"{label}: {problem.message}")


def _cells(cells: Sequence[Cell]) -> pd.DataFrame:
    rows = [(cell.name, path, label(value)) for cell in cells for path, value in cell.values.items()]
    names, paths, values = zip(*rows, strict=True)
    return frame("cells", {"cell": list(names), "path": list(paths), "value": list(values)})


def _wide(estimates: pd.DataFrame, paired: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Estimates with the varied values before and the differences behind."""
    at = cells.pivot(index="cell", columns="path", values="value")[list(cells["path"].unique())]
    table = estimates.rename(columns={"variant": "cell"}).merge(at, left_on="cell", right_index=True, how="left")
    found = paired.assign(cell=paired["pair"].map(dict(_others(paired["pair"].unique()))))
    found = found.rename(columns={"mean": "difference", "ci_low": "difference_low", "ci_high": "difference_high"})
    found = found[["cell", *KEYS, "difference", "difference_low", "difference_high", "p_better", "verdict"]]
    table = table.merge(found, on=["cell", *KEYS], how="left")
    return table[["cell", *at.columns, *(column for column in table.columns if column not in ("cell", *at.columns))]]


def _others(pairs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(pair, name of its other side)."""
    return ((pair, pair.partition(" -> ")[2]) for pair in pairs)
