"""Which parameters a measure hangs on, and how uncertain it is because they are.

Three questions, under the same luck throughout: each parameter alone at its low and high value (tornado), all drawn
from what is believed of them (uncertainty), and how much of the variance each is to blame for (Sobol indices).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from outlast.errors import FieldError, UsageError
from outlast.run import storage
from outlast.run.frames import frame
from outlast.run.results import Result, as_json
from outlast.run.variants import EXACT, Luck
from outlast.stats import variance
from outlast.stats.estimates import IDENTICAL, NO_EVENT
from outlast.study.differences import LEVEL, SAME_PROGRAM
from outlast.study.evaluate import Answer, Key, answers
from outlast.study.parameters import Setting, changed, chosen, crossed, drawn

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.scenario.scenario import Scenario
    from outlast.scenario.uncertain import Uncertain

STUDIES = ("parameters", "tornado", "uncertainty", "sobol")
MOST_POINTS = 100_000
LEAST_ROWS = 8  # of a Sobol design
JACKKNIFE = "independent draws, jackknife"
SALTELLI = "Saltelli 2010, bootstrap and jackknife"
NO_EFFECT = "no effect of the parameters"


class Sensitivity:
    """parameters, tornado, uncertainty, sobol: frames, described in `outlast.run.columns`; the last two are empty where
    they were not asked for.  result: the point estimates.  interrupted: not everything asked for is there."""

    def __init__(self, result: Result, tables: dict[str, pd.DataFrame], interrupted: bool = False) -> None:
        self.result, self.interrupted = result, interrupted
        self.parameters, self.tornado = tables["parameters"], tables["tornado"]
        self.uncertainty, self.sobol = tables["uncertainty"], tables["sobol"]
        for table in tables.values():
            table.attrs = {"seed": result.seed, "version": result.version}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {name: getattr(self, name) for name in STUDIES}

    @classmethod
    def load(cls, directory: str | Path) -> Sensitivity:
        """A study written by `save`. Raises RunError if the folder holds none."""
        manifest, tables = storage.read(Path(directory), STUDIES)
        return cls(Result.load(directory), {name: tables[name] for name in STUDIES}, manifest.interrupted)

    def save(self, directory: str | Path) -> None:
        """The result of the point estimates as `Result.save`, with the frames beside it. Raises RunError."""
        self.result.save(directory, self.tables)

    def to_json(self) -> str:
        """The document of the result with the frames; same seed, same bytes."""
        rows = {name: table.to_dict("records") for name, table in self.tables.items()}
        return as_json({**self.result.document(), "interrupted": self.interrupted, **rows})

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.result.scenario_name!r} to {len(self.parameters)} parameters>"

    def _repr_html_(self) -> str:
        table: str = self.tornado.drop(columns=["level", "n_pairs"]).to_html(index=False, float_format="{:.6g}".format)
        return table


@dataclass(frozen=True)
class Design:
    """What is asked. of: names of measures, `component.measure`; none: those of the objectives, else every
    availability.  vary, by: see `parameters.chosen`.  draws: sets of parameters that are drawn, 0 for none.  sobol:
    rows of a Sobol design (rounded up to a power of two), 0 for none."""

    of: Sequence[str] = ()
    vary: Sequence[str] = ()
    by: float = 0.2
    draws: int = 100
    sobol: int = 0


class Plan:
    """The points of a design in order: the scenario itself, both ends of each parameter, draws, Sobol rows."""

    def __init__(self, scenario: Scenario, design: Design, seed: int) -> None:
        self.scenario, self.design = scenario, design
        self.parameters, believed = chosen(scenario, design.vary, design.by)
        self.metrics = measured(scenario, design.of)
        if not believed and design.sobol:
            raise UsageError("no parameter is uncertain, so there is no variance to share out",
                             "give intervals in the scenario, or by --vary PATH=LOW..HIGH")  # fmt: skip
        self.draws = design.draws if believed else 0
        self.rows = 1 << max(design.sobol - 1, LEAST_ROWS - 1).bit_length() if design.sobol else 0
        if 0 < self.draws < variance.LEAST:
            raise UsageError(f"at least {variance.LEAST} draws are needed (got {self.draws})", "0 draws nothing")
        ends = [{one.name: one.written(end)} for one in self.parameters for end in one.ends]
        self.kept = 1 + len(ends)
        if (count := self.kept + self.draws + self.rows * self.width) > MOST_POINTS:
            raise UsageError(f"{count:,} points; at most {MOST_POINTS:,} are possible", "ask for fewer draws or rows")
        self.points: list[Setting] = [{}, *ends]
        self.points += drawn(self.parameters, self.draws, seed) if self.draws else []
        self.points += crossed(self.parameters, self.rows, seed) if self.rows else []

    @property
    def width(self) -> int:
        """Points of one row of the Sobol design."""
        return len(self.parameters) + 2

    @property
    def keys(self) -> list[Key]:
        return [(metric.component, metric.measure) for metric in self.metrics]

    def check(self) -> None:
        """Raises UsageError for the first point that is not possible."""
        for setting in self.points:
            changed(self.scenario, setting)

    def scenarios(self) -> Iterator[tuple[str, Scenario]]:
        for setting in self.points:
            name = ", ".join(f"{path}={value}" for path, value in setting.items()) or "base"
            yield name, changed(self.scenario, setting)


def measured(scenario: Scenario, of: Sequence[str]) -> list[Metric]:
    """The measures that are meant. Raises UsageError for one that the scenario does not publish."""
    catalogue = scenario.catalogue
    names = list(of) or [f"{one.of}.{one.measure}" for one in scenario.spec.objectives]
    names = names or [name for name, metric in catalogue.metrics.items() if metric.measure == "availability"]
    try:
        found = [catalogue.find(name) for name in dict.fromkeys(names)]
    except FieldError as error:
        raise UsageError(error.message, error.hint) from None
    if not found or any(one.scope for one in found):
        raise UsageError("name measures without a scope", "--of COMPONENT.MEASURE; `outlast explain` lists them")
    return [one.metric for one in found]


def sensitivity(scenario: Scenario, design: Design, luck: Luck) -> Sensitivity:
    """Run every point under the same luck.  Ctrl-C keeps what is complete.  Raises UsageError, before anything is run,
    for a point that is not possible."""
    plan = Plan(scenario, design, luck.seed)
    if luck.engine != EXACT and luck.replications < variance.LEAST and (plan.draws or plan.rows):
        raise UsageError(f"at least {variance.LEAST} replications are needed (got {luck.replications})")
    plan.check()
    found: list[Answer] = []
    result: Result | None = None
    for answer, first in answers(plan.scenarios(), plan.keys, luck, len(plan.points), plan.kept):
        result = result or first
        found.append(answer)
    if result is None:
        raise KeyboardInterrupt
    incomplete = len(found) < len(plan.points)
    if incomplete:
        result.origin = replace(result.origin, interrupted=True)
    drawn_from = found[plan.kept : plan.kept + plan.draws]
    tables = {
        "parameters": _parameters(plan.parameters),
        "tornado": _tornado(plan, found[: plan.kept]),
        "uncertainty": _uncertainty(plan, drawn_from),
        "sobol": _sobol(plan, found[plan.kept + plan.draws :], luck.seed),
    }
    return Sensitivity(result, tables, incomplete)


def _table(name: str, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return frame(name, {column: [row[column] for row in rows] for column in frame(name, {}).columns})


def _parameters(parameters: Sequence[Uncertain]) -> pd.DataFrame:
    return _table("parameters", [
        {"path": one.name, "point": one.used, "known": one.words, "belief": one.belief,
         "low": one.label(one.low), "high": one.label(one.high)}
        for one in parameters
    ])  # fmt: skip


def _tornado(plan: Plan, found: Sequence[Answer]) -> pd.DataFrame:
    """The widest bar of each measure first."""
    rows = []
    base, ends = found[0], found[1:]
    for metric, key in zip(plan.metrics, plan.keys, strict=True):
        bars = [_bar(metric, key, one, base, *pair) for one, pair in
                zip(plan.parameters, zip(ends[::2], ends[1::2], strict=False), strict=False)]  # fmt: skip
        rows += sorted(bars, key=_width, reverse=True)
    return _table("tornado", rows)


def _bar(metric: Metric, key: Key, one: Uncertain, base: Answer, low: Answer, high: Answer) -> dict[str, Any]:
    differences = {"low": low.minus(base, key), "high": high.minus(base, key), "swing": high.minus(low, key)}
    methods = [found.method for found in differences.values() if found.method not in (IDENTICAL, SAME_PROGRAM)]
    swing = differences["swing"]
    return {
        "component": metric.component, "measure": metric.measure, "path": one.name,
        "low": one.label(one.low), "high": one.label(one.high),
        "base_mean": base.mean(key), "low_mean": low.mean(key), "high_mean": high.mean(key),
        **{f"{name}_difference": found.mean for name, found in differences.items()},
        **{f"{name}_ci_low": found.ci_low for name, found in differences.items()},
        **{f"{name}_ci_high": found.ci_high for name, found in differences.items()},
        "level": swing.level, "n_pairs": swing.n, "method": methods[-1] if methods else swing.method,
        "unit": metric.unit,
    }  # fmt: skip


def _width(bar: dict[str, Any]) -> float:
    sizes = [abs(bar[f"{name}_difference"]) for name in ("low", "high", "swing")]
    return max((size for size in sizes if not math.isnan(size)), default=-1.0)


def _uncertainty(plan: Plan, found: Sequence[Answer]) -> pd.DataFrame:
    if len(found) < variance.LEAST:
        return frame("uncertainty", {})
    return _table("uncertainty", [_spread(metric, key, found) for metric, key in
                                  zip(plan.metrics, plan.keys, strict=True)])  # fmt: skip


def _spread(metric: Metric, key: Key, found: Sequence[Answer]) -> dict[str, Any]:
    design = np.stack([answer.values[key] for answer in found])
    about = {"component": metric.component, "measure": metric.measure, "unit": metric.unit, "method": JACKKNIFE,
             "predicted": variance.PREDICTED, "level": LEVEL, "draws": len(found), "n": design.shape[1]}  # fmt: skip
    numbers = ("mean", "simulation_half_width", "draw_half_width", "low", "high", "parameter_std",
               "parameter_std_low", "parameter_std_high", "luck_std")  # fmt: skip
    if (bad := int(np.isnan(design).any(axis=1).sum())) > 0:
        return {**about, **dict.fromkeys(numbers, math.nan), "method": f"{NO_EVENT} in {bad} of the draws"}
    parts = variance.decomposed(design)
    mean, ends = parts.mean, parts.parameters.ends(LEVEL)
    low, high = (math.sqrt(max(end, 0.0)) for end in ends)
    values = (mean.value, mean.ends(LEVEL)[1] - mean.value, variance.Number(0.0, parts.draw_error).ends(LEVEL)[1],
              parts.low, parts.high, math.sqrt(max(parts.parameters.value, 0.0)), low, high,
              math.sqrt(parts.luck))  # fmt: skip
    return {**about, **dict(zip(numbers, values, strict=True))}


def _sobol(plan: Plan, found: Sequence[Answer], seed: int) -> pd.DataFrame:
    """Of the complete rows."""
    rows = len(found) // plan.width
    if rows < LEAST_ROWS:
        return frame("sobol", {})
    return _table("sobol", [
        line for metric, key in zip(plan.metrics, plan.keys, strict=True)
        for line in _shares(plan, metric, [answer.values[key] for answer in found[: rows * plan.width]], seed)
    ])  # fmt: skip


def _shares(plan: Plan, metric: Metric, values: Sequence[Any], seed: int) -> Iterator[dict[str, Any]]:
    design = np.stack(values).reshape(-1, plan.width, len(values[0])).swapaxes(0, 1)
    seen = not np.isnan(design).any()
    indices = variance.sobol(design[0], design[1], design[2:], seed) if seen else None
    method = SALTELLI if indices else NO_EFFECT if seen else NO_EVENT
    nothing = variance.Number(math.nan, math.nan)
    for place, one in enumerate(plan.parameters):
        first, total = (indices.first[place], indices.total[place]) if indices else (nothing, nothing)
        (first_low, first_high), (total_low, total_high) = first.ends(LEVEL), total.ends(LEVEL)
        yield {"component": metric.component, "measure": metric.measure, "path": one.name, "first": first.value,
               "first_low": first_low, "first_high": first_high, "total": total.value, "total_low": total_low,
               "total_high": total_high, "rows": design.shape[1], "n": design.shape[2], "level": LEVEL,
               "method": method}  # fmt: skip
