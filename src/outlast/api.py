"""The Python interface: run a scenario, get a result with frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
) -> Result:
    """Run a scenario (and, under the same luck, some of its variants).

    replications, seed: the scenario's own where not given.  threads: workers (default: one per processor); executor:
    any `concurrent.futures.Executor` instead.  progress(done, total) is called as replications finish.  Ctrl-C keeps
    the finished ones (`result.interrupted`).  The same seed gives the same result on any number of threads.
    """
    from outlast.run.objectives import judged
    from outlast.run.replications import run_program
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario, load

    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    n = base.spec.replications if replications is None else replications
    luck = base.spec.seed if seed is None else seed
    runs = [("base", base), *((name, base.variant(name)) for name in dict.fromkeys(variants))]
    results: list[Result] = []
    for i, (name, chosen) in enumerate(runs):
        program = chosen.program()
        report = None if progress is None else _shifted(progress, i * n, len(runs) * n)
        done = run_program(program, n, luck, threads, executor, engine, report)
        text = chosen.text or repr(chosen.document.data)
        result = Result.of(program, done, seed=luck, scenario_name=base.name, scenario_text=text, engine=engine,
                           variant=name)  # fmt: skip
        results.append(judged(result, chosen.spec.objectives))
        if done.interrupted:
            break
    return results[0] if len(results) == 1 else Result.joined(results)


def _shifted(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _total: progress(before + done, total)
