"""Replications of a scenario and its variants under the same luck: all at once, or in rounds until a precision is
reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outlast.run.batch import Batch
from outlast.run.precision import Look, Rule, looks
from outlast.run.replications import Progress, Replications, run_program, shifted

if TYPE_CHECKING:
    from outlast.engines.outcome import Outcome
    from outlast.scenario.scenario import Scenario

Watch = Callable[[Sequence[Look]], None]


@dataclass
class Rounds:
    """scenarios: every variant by name.  The other fields are those of `run_program`; progress is told of the
    replications of all variants.  improve: makes the estimates of a batch better before they are
    looked at.  looks: what was found last of the wanted precision."""

    scenarios: Mapping[str, Scenario]
    seed: int
    threads: int | None = None
    executor: Executor | None = None
    engine: str = "kernel"
    progress: Progress | None = None
    improve: Callable[[Batch], None] = lambda batch: None
    looks: Sequence[Look] = ()
    _outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    _requested: int = 0
    _interrupted: bool = False
    _stopped: bool = False

    def extend(self, n: int, expected: int = 0) -> None:
        """Have n replications of every variant.  expected: of each in the end, for the progress."""
        self._requested = n
        total = max(n, expected) * len(self.scenarios)
        for name, scenario in self.scenarios.items():
            mine = self._outcomes.setdefault(name, [])
            report, program = shifted(self.progress, self._finished(), total), scenario.program()
            more = run_program(
                program, n - len(mine), self.seed, self.threads, self.executor, self.engine, report, first=len(mine)
            )
            mine += more.outcomes
            if more.stopped:
                self._interrupted = self._finished() < n * len(self.scenarios)
                self._stopped = True
                return

    def until(self, rule: Rule, watch: Watch | None = None) -> None:
        """Extend until the rule is content, at its most, or interrupted."""
        for n in rule.rounds(lambda: self.looks):
            self.extend(n, rule.expected(self.looks))
            self._requested = rule.most
            try:
                self.looks = looks(rule.wanted, self._batches())
            except KeyboardInterrupt:
                self._stopped = True
                self.looks = looks(rule.wanted, self._plain())  # of what is kept, not of the round before
            if self._stopped:
                self._interrupted = True
                return
            if watch is not None:
                watch(self.looks)
        self._requested = n

    def paired(self) -> dict[str, Replications]:
        """After an interruption: the replications that all variants have; a variant that has none is left out."""
        begun = {name: outcomes for name, outcomes in self._outcomes.items() if outcomes or not self._interrupted}
        begun = begun or {name: [] for name in list(self.scenarios)[:1]}
        n = min(len(outcomes) for outcomes in begun.values())
        return {
            name: Replications(outcomes[:n], self._requested, self._interrupted) for name, outcomes in begun.items()
        }

    def _plain(self) -> list[Batch]:
        return [Batch.of(self.scenarios[name], part.outcomes, name) for name, part in self.paired().items()]

    def _batches(self) -> list[Batch]:
        batches = self._plain()
        for batch in batches:
            self.improve(batch)
        return batches

    def _finished(self) -> int:
        return sum(len(outcomes) for outcomes in self._outcomes.values())
