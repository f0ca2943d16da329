"""The Python interface: run a scenario, get a result with frames; measure what a run costs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outlast.run.cost import Cost
    from outlast.run.replications import Replications
    from outlast.run.results import Result
    from outlast.run.variants import Luck
    from outlast.scenario.scenario import Scenario
    from outlast.study.compare import Comparison


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
    progress: Callable[[int, int], None] | None = None,
    rare: bool = False,
) -> Result:
    """Run a scenario (and, under the same luck, some of its variants).

    replications, seed: the scenario's own where not given.  threads: workers (default: one per processor); executor:
    any `concurrent.futures.Executor` instead.  progress(done, total) is called as replications finish.  Ctrl-C keeps
    the finished ones (`result.interrupted`).  The same seed gives the same result on any number of threads.
    rare: estimate outages that hardly ever happen by failure biasing too (docs/rare-events.md), and use these estimates
    wherever they are more precise.

    engine "exact" solves the Markov chain instead, of at most `state_limit` states: nothing is drawn, so replications,
    seed, threads and executor play no part.
    """
    from outlast.run.objectives import judged
    from outlast.run.rare import add_rare
    from outlast.run.replications import run_program
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario, load

    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    n = base.spec.replications if replications is None else replications
    luck = base.spec.seed if seed is None else seed
    runs = [("base", base), *((name, base.variant(name)) for name in dict.fromkeys(variants))]
    if engine == "exact":
        return _solved(runs, state_limit, progress)
    done: list[tuple[str, Scenario, Replications]] = []
    for i, (name, chosen) in enumerate(runs):
        report = None if progress is None else _shifted(progress, i * n, len(runs) * n)
        finished = run_program(chosen.program(), n, luck, threads, executor, engine, report)
        done.append((name, chosen, finished))
        if finished.interrupted:
            break
    results = []
    for name, chosen, finished in _paired(done):
        result = Result.of(
            chosen.program(), finished, seed=luck, scenario_name=base.name, engine=engine, variant=name,
            scenario_text=chosen.text or repr(chosen.document.data),
            scenario_hash=chosen.hash,
        )  # fmt: skip
        for batch in result.batches if rare else ():
            add_rare(batch, luck)
        results.append(judged(result, chosen.thresholds()))
    return results[0] if len(results) == 1 else Result.joined(results)


def _solved(
    runs: Sequence[tuple[str, Scenario]], limit: int | None, progress: Callable[[int, int], None] | None
) -> Result:
    """Every variant by the exact engine."""
    from outlast.engines.exact import STATE_LIMIT
    from outlast.run.exact import solved
    from outlast.run.results import Result

    results = []
    for i, (variant, chosen) in enumerate(runs):
        results.append(solved(chosen, runs[0][1].name, variant, STATE_LIMIT if limit is None else limit))
        if progress is not None:
            progress(i + 1, len(runs))
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


def _paired(done: list[tuple[str, Scenario, Replications]]) -> list[tuple[str, Scenario, Replications]]:
    """After an interruption: the replications that all variants have; a variant that has none is left out."""
    if not any(finished.interrupted for _, _, finished in done):
        return done
    begun = [item for item in done if item[2].outcomes] or done[:1]
    n = min(len(finished.outcomes) for _, _, finished in begun)
    return [(name, chosen, replace(f, outcomes=f.outcomes[:n], interrupted=True)) for name, chosen, f in begun]


def _shifted(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _total: progress(before + done, total)


def compare(
    base: Scenario | str | os.PathLike[str],
    *others: Scenario | str | os.PathLike[str],
    variants: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    engine: str = "kernel",
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Run a scenario, others and variants of it under the same luck; `.differences` says what differs and how surely.

    Others are called by their `scenario:` names (numbered where these repeat), variants by theirs.  The rest is as in
    `run`.
    """
    from outlast.study.compare import compare as compared

    first = _scenario(base)
    named: dict[str, Scenario] = {}
    for other in map(_scenario, others):
        taken = sum(name.partition("#")[0] == other.name for name in ("base", *named))
        named[f"{other.name}#{taken + 1}" if taken else other.name] = other
    named |= {name: first.variant(name) for name in dict.fromkeys(variants)}
    return compared(first, named, _luck(first, replications, seed, threads, executor, engine, progress))


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
    progress: Callable[[int, int], None] | None,
) -> Luck:
    from outlast.run.variants import Luck

    n = scenario.spec.replications if replications is None else replications
    return Luck(n, scenario.spec.seed if seed is None else seed, threads, executor, engine, progress)
