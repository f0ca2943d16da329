"""What has no Markov meaning, found in the tables before anything is enumerated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from outlast.engines.exact.phases import phases
from outlast.engines.reference.build import plan_of
from outlast.engines.reference.plan import rows
from outlast.errors import NotMarkovError
from outlast.program import tables as t
from outlast.program.program import Program
from outlast.stats.distributions import DETERMINISTIC, GRID

HINT = (
    "exponential delays (and sums and mixtures of them) have a Markov meaning; simulate the rest with `--engine kernel`"
)


def check(program: Program) -> None:
    """Raises NotMarkovError that names everything that cannot be solved."""
    problems = [*_rows(program), *_profiles(program), *_stocks(program), *_controllers(program)]
    if problems:
        raise NotMarkovError(problems, HINT)


def _rows(program: Program) -> Iterator[str]:
    """Rows that a unit can come to whose delay is refused, once per cohort."""
    transitions, states = rows(program.tables["transitions"]), rows(program.tables["states"])
    for number, cohort in enumerate(rows(program.tables["cohorts"])):
        for state in sorted(_reachable(program, cohort.initial)) if cohort.count else ():
            for place in range(states[state].t0, states[state].t1):
                reason = _reason(program, transitions[place])
                if reason:
                    law = program.names.laws[transitions[place].dist]
                    yield f"{program.names.cohorts[number]}: row {program.names.rows[place]!r}: {law}: {reason}"


def _reachable(program: Program, initial: int) -> set[int]:
    """States of a lifecycle that some sequence of its rows leads to."""
    transitions, states = program.tables["transitions"], program.tables["states"]
    found, waiting = {initial}, [initial]
    while waiting:
        state = states[waiting.pop()]
        for place in _span(state["t0"], state["t1"], state["s0"], state["s1"]):
            cases = program.tables["cases"][transitions[place]["c0"] : transitions[place]["c1"]]
            new = {int(target) for target in cases["target"] if target != t.NONE} - found
            found |= new
            waiting += new
    return found


def _span(t0: int, t1: int, s0: int, s1: int) -> Iterable[int]:
    return (*range(int(t0), int(t1)), *range(int(s0), int(s1)))


def _reason(program: Program, row: SimpleNamespace) -> str:
    """Why the delay of a timed row has no Markov meaning; "" if it has one."""
    law = plan_of(program).laws[row.dist]
    possible = phases(law, program.tables["points"])
    if law.source == t.STOCK_LEVEL:
        return "it depends on a level that flows with time"
    if law.kind == GRID:
        return "the instants of a grid are fixed times"
    if not possible:
        return "a fixed delay" if law.kind == DETERMINISTIC else "a delay that is not exponential"
    timed = [phase for phase in possible if phase.mean > 0.0]
    if row.policy == t.REPEAT and timed:
        return "the policy `repeat` keeps the sample"
    if row.policy == t.AGED and (len(possible) > 1 or any(phase.stages > 1 for phase in possible)):
        return "the policy `aged` keeps an age, which matters for this delay"
    return ""


def _profiles(program: Program) -> Iterator[str]:
    for name, row in zip(program.names.profiles, program.tables["profiles"], strict=True):
        if row["s1"] - row["s0"] > 1:
            yield f"profile {name}: it changes at fixed times"


def _stocks(program: Program) -> Iterator[str]:
    """Levels that something waits for or depends on; other stocks change nothing but their records."""
    for name, row in zip(program.names.stocks, program.tables["stocks"], strict=True):
        if row["w1"] > row["w0"]:
            yield f"stock {name}: units wait until it reaches a level"
    for name, row in zip(program.names.services, program.tables["services"], strict=True):
        if row["kind"] == t.STOCK_LEVEL:
            yield f"service {name}: its load is a level that flows with time"


def _controllers(program: Program) -> Iterator[str]:
    if len(program.tables.get("controllers", ())):
        yield "controllers act at fixed times"
