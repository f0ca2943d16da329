"""Several scenarios run one after another under the same luck: the same seed, the same replications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from outlast.run.batch import Batch
from outlast.run.replications import Replications, run_program
from outlast.run.results import Result

if TYPE_CHECKING:
    from outlast.program import Program
    from outlast.scenario.scenario import Scenario


@dataclass(frozen=True)
class Luck:
    """How to run: the same for everything that is compared. progress(done, total) counts replications of all."""

    replications: int
    seed: int
    threads: int | None = None
    executor: Executor | None = None
    engine: str = "kernel"
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class Ran:
    """A scenario under the name it has in results, and its finished replications."""

    name: str
    scenario: Scenario
    finished: Replications
    luck: Luck

    @cached_property
    def batch(self) -> Batch:
        """Its replications as arrays."""
        return Batch(self.scenario.program(), self.finished.outcomes, self.name)

    def result(self) -> Result:
        """Its frames."""
        return Result.of(
            self.scenario.program(), self.finished, seed=self.luck.seed, scenario_name=self.scenario.name,
            engine=self.luck.engine, variant=self.name,
            scenario_text=self.scenario.text or repr(self.scenario.document.data), scenario_hash=self.scenario.hash,
            agreements=self.scenario.spec.agreements, starts=self.scenario.spec.starts,
        )  # fmt: skip


def run_one(name: str, scenario: Scenario, luck: Luck) -> Ran:
    """Run a scenario; after Ctrl-C it may be incomplete."""
    finished = run_program(scenario.program(), luck.replications, luck.seed, luck.threads, luck.executor, luck.engine,
                           luck.progress)  # fmt: skip
    return Ran(name, scenario, finished, luck)


def run_in_turn(scenarios: Iterable[tuple[str, Scenario]], luck: Luck, count: int) -> Iterator[Ran]:
    """Run (name, scenario) after (name, scenario), `count` in all; the last one after Ctrl-C may be incomplete.

    A program that equals the first is not run again: it has its outcomes.
    """
    first: Ran | None = None
    for place, (name, scenario) in enumerate(scenarios):
        if first is not None and same_tables(scenario.program(), first.scenario.program()):
            ran = Ran(name, scenario, first.finished, luck)
        else:
            ran = run_one(name, scenario, replace(luck, progress=_shifted(luck, place, count)))
        first = first or ran
        yield ran
        if ran.finished.stopped:
            return


def common(runs: Sequence[Ran]) -> list[Ran]:
    """After an interruption: the replications that all runs have; a run that has none is left out."""
    if not any(run.finished.interrupted for run in runs):
        return list(runs)
    begun = [run for run in runs if run.finished.outcomes] or list(runs[:1])
    n = min(len(run.finished.outcomes) for run in begun)
    return [
        replace(run, finished=replace(run.finished, outcomes=run.finished.outcomes[:n], interrupted=True))
        for run in begun
    ]


def same_tables(one: Program, other: Program) -> bool:
    """Whether two programs have the same outcomes, because every table has the same bytes."""
    if one.tables.keys() != other.tables.keys():
        return False
    pairs = [(table, other.tables[name]) for name, table in one.tables.items()]
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


def _shifted(luck: Luck, place: int, count: int) -> Callable[[int, int], None] | None:
    if luck.progress is None:
        return None
    report, before, total = luck.progress, place * luck.replications, count * luck.replications
    return lambda done, _total: report(before + done, total)
