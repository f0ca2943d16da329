"""The Python interface: run a scenario, get a result with frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outlast.run.precision import Look, Widths
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario


def run(
    scenario: Scenario | str | os.PathLike[str],
    replications: int | None = None,
    seed: int | None = None,
    *,
    variants: Sequence[str] = (),
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Callable[[int, int], None] | None = None,
    precision: Widths | None = None,
    most: int | None = None,
    watch: Callable[[Sequence[Look]], None] | None = None,
) -> Result:
    """Run a scenario (and, under the same luck, some of its variants).

    replications, seed: the scenario's own where not given.  threads: workers (default: one per processor); executor:
    any `concurrent.futures.Executor` instead.  progress(done, total) is called as replications finish.  Ctrl-C keeps
    the finished ones (`result.interrupted`).  The same seed gives the same result on any number of threads.

    precision: half-widths to reach, `{"ranker.availability": 1e-5, "ranker.outages": "rel 5 %"}`; replications are then
    added until they are, `replications` at least and `most` (default 10,000) at most; `result.precision` says how it
    went, watch(looks) is told after every batch.  The result is that of as many replications without it.
    """
    from outlast.run.objectives import judged
    from outlast.run.precision import LEAST, MOST, Rule, targets
    from outlast.run.results import Result
    from outlast.run.rounds import Rounds
    from outlast.scenario.scenario import Scenario, load

    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    luck = base.spec.seed if seed is None else seed
    chosen = {"base": base, **{name: base.variant(name) for name in variants}}
    programs = {name: one.program() for name, one in chosen.items()}
    runs = Rounds(programs, luck, threads, executor, engine, progress)
    if precision is None:
        runs.extend(base.spec.replications if replications is None else replications)
    else:
        least = LEAST if replications is None else replications
        runs.until(Rule(targets(precision, base.program()), least, MOST if most is None else most), watch)
    results = [
        judged(
            Result.of(
                programs[name], finished, seed=luck, scenario_name=base.name, engine=engine, variant=name,
                scenario_text=chosen[name].text or repr(chosen[name].document.data),
                scenario_hash=chosen[name].hash, agreements=chosen[name].spec.agreements,
                starts=chosen[name].spec.starts,
            ),
            chosen[name].spec.objectives,
        )
        for name, finished in runs.paired().items()
    ]  # fmt: skip
    result = results[0] if len(results) == 1 else Result.joined(results)
    if precision is not None:
        result.precision = [look.row() for look in runs.looks]
    return result
