"""The Markov chain of a small exponential program for PRISM and Storm, with properties to check our values by.

Source: the PRISM language, https://www.prismmodelchecker.org/manual/ThePRISMLanguage.  States are numbers, time is in
seconds.  A reward structure holds, for every state, how fast a measure grows, so that its long-run value is the
measure's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from outlast.engines.exact import Solution
from outlast.engines.exact.chain import Flags, Floats
from outlast.engines.exact.solution import YEAR_S
from outlast.errors import RunError, printable
from outlast.program.metrics import Metric
from outlast.program.tables import COUNT

LINEAR = ("share", "time_mean", "rate", "outages")  # kinds of measures that are a mean over states


@dataclass(frozen=True)
class Model:
    """A chain that starts in one state.  labels: states in which a component is down; rewards: values by state."""

    solution: Solution
    scenario: str

    @cached_property
    def start(self) -> int:
        """The initial state.  Raises RunError where chance decides it."""
        (states,) = np.nonzero(self.solution.chain.initial)
        if len(states) != 1:
            raise RunError(f"the chain starts in one of {len(states)} states by chance; PRISM needs one")
        return int(states[0])

    @cached_property
    def names(self) -> dict[str, str]:
        """Component -> its label."""
        return _identifiers(self.solution.program.outage_names)

    @cached_property
    def labels(self) -> dict[str, Flags]:
        """Label -> whether it holds in each state."""
        down = self.solution.chain.down
        measured = self.solution.program.outage_names
        return {f"{label}_down": down[:, measured.index(name)] for name, label in self.names.items()}

    @cached_property
    def rewards(self) -> dict[str, Floats]:
        """Reward structure -> value by state."""
        return {name: self._growth(metric) for name, metric in self.metrics.items()}

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Reward structure -> the measure it stands for."""
        found = [m for m in self.solution.program.metrics if m.kind in LINEAR and not self.solution.reason(m)]
        names = _identifiers(f"{m.component} {m.measure}" for m in found)
        return dict(zip(names.values(), found, strict=True))

    def _growth(self, metric: Metric) -> Floats:
        chain, program = self.solution.chain, self.solution.program
        if metric.kind == "outages":
            measured = [n for n, name in enumerate(program.outage_names) if name == metric.component]
            return np.asarray(chain.begins[:, measured].sum(axis=1) * YEAR_S)
        over = np.full(chain.size, metric.constant)
        for coefficient, name in metric.over:
            meter = program.meters.index(name)
            counts = program.tables["meters"]["reduction"][meter] == COUNT
            over = over + coefficient * (chain.steps if counts else chain.levels)[:, meter]
        value = metric.scale * over * (YEAR_S if metric.kind == "rate" else 1.0)
        return 1.0 - value if metric.complement else value


def model(chain: Model) -> str:
    """The model in the PRISM language."""
    return "\n".join(_model(chain)) + "\n"


def _model(chain: Model) -> Iterator[str]:
    size = chain.solution.size
    yield f"// {printable(chain.scenario)}: {size} states, rates per second; made by outlast"
    yield "ctmc"
    yield ""
    yield "module platform"
    yield f"  s : [0..{max(1, size - 1)}] init {chain.start};"  # a range of one value is refused
    for state, leaving in _rows(chain):
        yield f"  [] s={state} -> " + " + ".join(f"{rate!r}:(s'={to})" for to, rate in leaving) + ";"
    yield "endmodule"
    for label, holds in chain.labels.items():
        yield ""
        yield f'label "{label}" = {_states(np.flatnonzero(holds).tolist())};'
    yield ""
    yield 'rewards "time"'
    yield "  true : 1;"
    yield "endrewards"
    for name, values in chain.rewards.items():
        yield ""
        yield f'rewards "{name}"'
        yield from (f"  s={state} : {float(values[state])!r};" for state in np.flatnonzero(values).tolist())
        yield "endrewards"


def properties(chain: Model) -> str:
    """Properties of the model, each below the value that the exact engine has for it."""
    return "\n".join(line for text, value in checks(chain) for line in (f"// outlast: {value!r}", text)) + "\n"


def checks(chain: Model) -> Iterator[tuple[str, float]]:
    """(property, its value by the exact engine)."""
    solution, horizon = chain.solution, chain.solution.program.horizon
    for name, metric in chain.metrics.items():
        yield f'R{{"{name}"}}=? [ S ]', solution.value(metric, solution.steady_span)
    for component, label in chain.names.items():
        yield f'P=? [ F<={horizon!r} "{label}_down" ]', solution.unreliability(component, horizon)
        yield f'R{{"time"}}=? [ F "{label}_down" ]', solution.mttf(component)


def _rows(chain: Model) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """(state, what it goes to at what rate) of every state that is ever left."""
    rates = chain.solution.chain.rates
    for state in range(chain.solution.size):
        span = slice(rates.indptr[state], rates.indptr[state + 1])
        leaving = sorted(zip(rates.indices[span].tolist(), rates.data[span].tolist(), strict=True))
        if leaving:
            yield state, leaving


def _states(states: list[int]) -> str:
    """`s=1|(s>=3&s<=7)`."""
    spans: list[list[int]] = []
    for state in states:
        if spans and spans[-1][1] == state - 1:
            spans[-1][1] = state
        else:
            spans.append([state, state])
    return "|".join(f"s={a}" if a == b else f"(s>={a}&s<={b})" for a, b in spans) or "false"


def _identifiers(names: Iterable[str]) -> dict[str, str]:
    """Name -> an identifier of its own: letters, digits and underscores, no digit first."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        plain, number = f"_{plain}" if plain[0].isdigit() else plain, 2
        unique = plain
        while unique in found.values():
            unique, number = f"{plain}_{number}", number + 1
        found[name] = unique
    return found
