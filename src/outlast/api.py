"""The Python interface: run a scenario, get a result with frames; measure what a run costs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from outlast.errors import UsageError
from outlast.report.progress import with_bar

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.cost import Cost
    from outlast.run.history import History
    from outlast.run.precision import Look, Widths
    from outlast.run.results import Result
    from outlast.run.variants import Luck
    from outlast.scenario.scenario import Scenario
    from outlast.study.calibration import Calibration
    from outlast.study.causes import Causes
    from outlast.study.compare import Comparison
    from outlast.study.gate import Gate
    from outlast.study.pareto import Topologies
    from outlast.study.sensitivity import Sensitivity
    from outlast.study.sweep import Sweep

#: Told (done, total) as replications finish; True shows a bar, in notebooks and on terminals.
Progress: TypeAlias = Callable[[int, int], None] | bool | None


@with_bar
def run(
    scenario: Scenario | str | os.PathLike[str],
    replications: int | None = None,
    seed: int | None = None,
    *,
    variants: Sequence[str] = (),
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    state_limit: int | None = None,
    progress: Progress = None,
    precision: Widths | None = None,
    most: int | None = None,
    watch: Callable[[Sequence[Look]], None] | None = None,
    rare: str = "auto",
    watch_rare: Callable[[str, int, int], None] | None = None,
) -> Result:
    """Run a scenario (and, under the same luck, some of its variants).

    replications, seed: the scenario's own where not given.  threads: workers (default: one per processor); executor:
    any `concurrent.futures.Executor` instead.  progress(done, total) is called as replications finish; True shows a
    bar, in notebooks and on terminals.  Ctrl-C keeps the finished ones (`result.interrupted`).  The same seed gives the
    same result on any number of threads.
    rare: components with few outages in the replications are estimated by a method for rare outages as well
    (docs/rare-events.md): "auto"; "always" tries all components, "never" none.  watch_rare(component, done, total)
    tells of that work.  Ctrl-C in the middle of it leaves the estimates of the replications.

    engine "exact" solves the Markov chain instead, of at most `state_limit` states: nothing is drawn, so replications,
    seed, threads and executor play no part.
    precision: half-widths to reach, `{"ranker.availability": 1e-5, "ranker.outages": "rel 5 %"}`; replications are then
    added until they are, `replications` at least and `most` (default 10,000) at most; `result.precision` says how it
    went, watch(looks) is told after every batch.  The result is that of as many replications without it.
    """
    from outlast.run.objectives import judged
    from outlast.run.precision import LEAST, MOST, Rule, targets
    from outlast.run.rare import Chooser
    from outlast.run.results import Result
    from outlast.run.rounds import Rounds
    from outlast.scenario.scenario import Scenario, load

    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    luck = base.spec.seed if seed is None else seed
    chooser = Chooser(rare, luck, threads, watch_rare)
    chosen = {"base": base, **{name: base.variant(name) for name in variants}}
    if engine == "exact":
        if precision is not None:
            raise UsageError("the exact engine has no intervals to narrow", "leave out the precision")
        return _solved(list(chosen.items()), state_limit, _told(progress))
    runs = Rounds(chosen, luck, threads, executor, engine, _told(progress), chooser.improve)
    if precision is None:
        runs.extend(base.spec.replications if replications is None else replications)
    else:
        least = LEAST if replications is None else replications
        runs.until(Rule(targets(precision, base.program()), least, MOST if most is None else most), watch)
    results: list[Result] = []
    for name, finished in runs.paired().items():
        results.append(Result.of(
            chosen[name].program(), finished, seed=luck, scenario_name=base.name, engine=engine, variant=name,
            scenario_text=chosen[name].text or repr(chosen[name].document.data),
            scenario_hash=chosen[name].hash, agreements=chosen[name].spec.agreements,
            starts=chosen[name].spec.starts, file=base.file,
        ))  # fmt: skip
    chooser.improve_all(results)
    results = [judged(one, chosen[one.batches[0].variant].thresholds()) for one in results]
    result = results[0] if len(results) == 1 else Result.joined(results)
    if precision is not None:
        result.precision = [look.row() for look in runs.looks]
    return result


def _solved(
    runs: Sequence[tuple[str, Scenario]], limit: int | None, progress: Callable[[int, int], None] | None
) -> Result:
    """Every variant by the exact engine."""
    from outlast.engines.exact import STATE_LIMIT
    from outlast.run.exact import solve_in_turn
    from outlast.run.results import Result

    found = solve_in_turn(runs, len(runs), progress, STATE_LIMIT if limit is None else limit)
    results = [one.result(runs[0][1].name) for one in found]
    return results[0] if len(results) == 1 else Result.joined(results)


def bench(
    scenario: Scenario | str | os.PathLike[str],
    replications: int = 10,
    seed: int | None = None,
    *,
    threads: int | None = None,
    cold: bool = False,
) -> Cost:
    """What a run of a scenario costs on this machine: events by component, time per event, memory, compilation.

    See `outlast.run.cost` for the parts of the answer and for the options.
    """
    from outlast.run.cost import cost
    from outlast.scenario.scenario import Scenario, load

    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    luck = base.spec.seed if seed is None else seed
    return cost(base.program(), replications, luck, threads=threads, cold=cold, scenario=base.name)


def history(scenario: Scenario | str | os.PathLike[str], replication: int = 0, seed: int | None = None) -> History:
    """Run one replication and keep what happened: outages, failures, stays, series; see `outlast.run.history`."""
    from outlast.run.history import replay

    base = _scenario(scenario)
    return replay(base.program(), base.spec.seed if seed is None else seed, replication)


@with_bar
def compare(
    base: Scenario | str | os.PathLike[str],
    *others: Scenario | str | os.PathLike[str],
    variants: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress = None,
) -> Comparison:
    """Run a scenario, others and variants of it under the same luck; `.differences` says what differs and how surely.

    Others are called by their `scenario:` names (numbered where these repeat), variants by theirs.  The rest is as in
    `run`.
    """
    from outlast.study.compare import compare as compared

    first = _scenario(base)
    return compared(
        first, _named(first, others, variants), _luck(first, replications, seed, threads, executor, engine, progress)
    )


@with_bar
def pareto(
    base: Scenario | str | os.PathLike[str],
    *others: Scenario | str | os.PathLike[str],
    variants: Sequence[str] | None = None,
    of: str = "",
    by: Sequence[str] = (),
    agreement: str = "",
    replications: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress = None,
) -> Topologies:
    """Weigh topologies under the same luck: `.table` has cost, availability, recovery and who dominates whom.

    variants: of the base, all of them if neither they nor others are named.  of: the component whose service counts,
    by default that of the first objective or agreement.  by: criteria, see `outlast.study.pareto`.  agreement: whose
    windows are to be met, by default the first that customers have about `of`.  The rest is as in `compare`.
    """
    from outlast.study.pareto import pareto as weighed

    first = _scenario(base)
    if variants is None:
        variants = () if others else list(first.spec.variants)
    named = _named(first, others, variants)
    luck = _luck(first, replications, seed, threads, executor, engine, progress)
    return weighed(first, named, luck, of, by, agreement=agreement)


def _named(first: Scenario, others: Sequence[Scenario | str | os.PathLike[str]],
           variants: Sequence[str]) -> dict[str, Scenario]:  # fmt: skip
    """Others by their `scenario:` names, numbered where these repeat, then variants by theirs."""
    named: dict[str, Scenario] = {}
    for other in map(_scenario, others):
        taken = sum(name.partition("#")[0] == other.name for name in ("base", *named))
        named[f"{other.name}#{taken + 1}" if taken else other.name] = other
    return named | {name: first.variant(name) for name in dict.fromkeys(variants)}


@with_bar
def sweep(
    scenario: Scenario | str | os.PathLike[str],
    vary: Mapping[str, str | Sequence[Any]],
    replications: int | None = None,
    seed: int | None = None,
    *,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress = None,
) -> Sweep:
    """Run every combination of `{"components.db.count": [2, 3], "components.db.repair.lasts": "1 h..3 h step 1 h"}`
    under the same luck; `.frame` has every estimate with its difference to the first.  The rest is as in `run`.
    """
    from outlast.study.sweep import sweep as swept
    from outlast.study.values import assignment

    chosen = _scenario(scenario)
    varied = {path: assignment(f"{path}={values}", "vary")[1] if isinstance(values, str) else values
              for path, values in vary.items()}  # fmt: skip
    return swept(chosen, varied, _luck(chosen, replications, seed, threads, executor, engine, progress))


@with_bar
def gate(
    scenario: Scenario | str | os.PathLike[str],
    thresholds: Mapping[str, str | Sequence[str]] | None = None,
    *,
    baseline: str | os.PathLike[str] | None = None,
    tolerances: Mapping[str, str | float] | None = None,
    time_limit: str | float | None = None,
    replications: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress = None,
) -> Gate:
    """Judge thresholds (those of the scenario, and `{"ranker.availability": ["mean > 99.9 %"]}`), and that nothing is
    worse than in a baseline folder by more than `{"ranker.availability": "0.01 %"}`.

    The result has `.verdict` ("passed", "failed", "inconclusive"), `.checks` and `.differences`.  time_limit: a
    duration.  The seed is that of the baseline where none is given.  The rest is as in `run`.
    """
    from outlast.errors import FieldError, UsageError
    from outlast.study.baseline import read
    from outlast.study.gate import gate as judged
    from outlast.units import parse

    chosen = _scenario(scenario)
    pairs = [(name, text) for name, texts in (thresholds or {}).items()
             for text in ([texts] if isinstance(texts, str) else texts)]  # fmt: skip
    try:
        wanted = [chosen.catalogue.threshold(*pair) for pair in pairs]
        allowed = dict(chosen.catalogue.tolerance(*pair) for pair in (tolerances or {}).items())
    except FieldError as error:
        raise UsageError(error.message, error.hint) from None
    limit = parse(time_limit, "duration") if isinstance(time_limit, str) else time_limit
    kept = None if baseline is None else read(os.fspath(baseline))
    luck = _luck(chosen, replications, kept.seed if seed is None and kept is not None else seed, threads, executor,
                 engine, progress)  # fmt: skip
    return judged(chosen, luck, wanted, kept, allowed, limit)


@with_bar
def causes(
    scenario: Scenario | Result | str | os.PathLike[str],
    without: Sequence[str] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    *,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress = None,
) -> Causes:
    """Where the downtime of a scenario comes from: `.causes`, `.cause_parts`, `.worst()`, and `.without`.

    without: scopes (`zone`), components or places, or both (`host pretrain`): the scenario is rerun under the same luck
    as if each of these never failed; by default for every scope that caused an outage, `()` for none.  A result is
    attributed as it is: nothing is run, so the other arguments play no part.  The rest is as in `run`.
    """
    from outlast.run.results import Result
    from outlast.study.causes import Causes
    from outlast.study.without import causes as attributed

    if isinstance(scenario, Result):
        return Causes.of(scenario)
    base = _scenario(scenario)
    return attributed(base, _luck(base, replications, seed, threads, executor, engine, progress), without)


@with_bar
def sensitivity(
    scenario: Scenario | str | os.PathLike[str],
    replications: int | None = None,
    seed: int | None = None,
    *,
    of: Sequence[str] = (),
    vary: Sequence[str] = (),
    by: float = 0.2,
    draws: int = 100,
    sobol: int = 0,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Progress = None,
) -> Sensitivity:
    """Which parameters the measures `of` hang on, and how uncertain they are because the parameters are.

    The parameters are those of `vary` (`"components.db.count=2..4"`, or a path alone: by the share `by` around its
    value), else those that the scenario gives as data or intervals, else every duration.  `draws` sets of parameters
    are drawn for `.uncertainty`; a design of `sobol` rows (of as many points as there are parameters, and two) gives
    `.sobol`.  engine "exact" leaves no noise of the simulation.  The rest is as in `run`.
    """
    from outlast.study.sensitivity import Design
    from outlast.study.sensitivity import sensitivity as studied

    base = _scenario(scenario)
    luck = _luck(base, replications, seed, threads, executor, engine, progress)
    return studied(base, Design(of, vary, by, draws, sobol), luck)


def calibrate(
    incidents: pd.DataFrame | str | os.PathLike[str],
    *,
    units: int | Mapping[str, int] | None = None,
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    exposure: str | Mapping[str, str] | None = None,
    age: str = "mixed",
    failure_law: str = "",
    repair_law: str = "",
    level: float = 0.95,
    timezone: str = "",
    **reading: Any,
) -> Calibration:
    """Fit laws of failure and repair to incidents: a file of a ticket system, or a frame (component, unit, start, end).

    units: how many were watched from `since` to `until` (`2026-03-04`), of all components or by name; or exposure, time
    in operation of all of them (`"1200 host-days"`).  Open incidents are cut off at `until`.  age: of units at `since`,
    `mixed`, `new` or `unknown`.  failure_law, repair_law: by AIC unless told.  timezone: of times that name none.
    reading: how to read a file, see `outlast.exchange.incidents.read`.  The result has `.parameters` with intervals,
    `.laws`, `.checks`, `.warnings`, and `.fragment()`, a piece of a scenario.
    """
    import pandas

    from outlast.exchange.incidents import read
    from outlast.exchange.observed import moment, time_operated
    from outlast.study.calibration import calibrated
    from outlast.study.renewals import Observed

    frame = incidents if isinstance(incidents, pandas.DataFrame) else read(incidents, timezone=timezone, **reading)
    watched = {name: None if time is None else moment(time, name, timezone)
               for name, time in (("since", since), ("until", until))}  # fmt: skip
    operated = {name: time_operated(time) for name, time in exposure.items()} if isinstance(exposure, Mapping) else (
        None if exposure is None else time_operated(exposure))  # fmt: skip
    observed = Observed(watched["since"], watched["until"], units, operated, age)
    return calibrated(frame, observed, level, failure_law, repair_law)


def _scenario(given: Scenario | str | os.PathLike[str]) -> Scenario:
    from outlast.scenario.scenario import Scenario, load

    return given if isinstance(given, Scenario) else load(given)


def _luck(
    scenario: Scenario,
    replications: int | None,
    seed: int | None,
    threads: int | None,
    executor: Executor | None,
    engine: str,
    progress: Progress,
) -> Luck:
    from outlast.run.variants import Luck

    n = scenario.spec.replications if replications is None else replications
    return Luck(n, scenario.spec.seed if seed is None else seed, threads, executor, engine, _told(progress))


def _told(progress: Progress) -> Callable[[int, int], None] | None:
    return progress if callable(progress) else None
