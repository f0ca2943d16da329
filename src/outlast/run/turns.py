"""Whose turns the events of a replication were (R2), by component and class of source.

A profile's turn leaves a STEP in the trace, a unit's a FIRED row of a timed transition, a stock's a WATCH, a
controller's that acts a SCALE (others are no events, R12). The turns of windows leave nothing and are counted from the
program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from outlast.engines.outcome import Outcome
from outlast.program import tables as T
from outlast.program.components import component_names, home
from outlast.program.program import Program

WINDOW, PROFILE, STOCK, UNIT, CONTROLLER = ("window", "profile", "stock", "unit", "controller")

Turns = Counter[tuple[str, str]]  # (component, class of source) -> events
Flags = npt.NDArray[np.bool_]


def turns(program: Program, outcome: Outcome) -> Turns:
    """Events of a replication that was traced; they add up to `outcome.events`. Component "": windows, and what
    belongs to no component."""
    log = outcome.log
    timed = _timed(program, log)
    found = Turns({("", WINDOW): len(program.windows) - 1})
    found += _named(program, PROFILE, program.names.profiles, _times(log["a"][log["kind"] == T.STEP]))
    found += _named(program, STOCK, program.names.stocks, _stock_turns(program, outcome, timed))
    found += _named(program, CONTROLLER, program.names.controllers, _times(log["a"][log["kind"] == T.SCALE]))
    for unit, count in _times(log["a"][timed]).items():
        found[program.unit_component(unit), UNIT] += count
    return found


def _timed(program: Program, log: np.ndarray) -> Flags:
    """Which rows are firings of timed transitions; cases are numbered through in order of transitions."""
    timed: Flags = log["kind"] == T.FIRED
    transitions = program.tables["transitions"]
    row = np.searchsorted(transitions["c0"], log["b"][timed], side="right") - 1
    timed[timed] = transitions["signal"][row] < 0
    return timed


def _times(numbers: npt.NDArray[np.int64]) -> dict[int, int]:
    """How often each number occurs."""
    distinct, counts = np.unique(numbers, return_counts=True)
    return dict(zip(distinct.tolist(), counts.tolist(), strict=True))


def _named(program: Program, source: str, names: Iterable[str], counts: Mapping[int, int]) -> Turns:
    known = frozenset(component_names(program))
    found = Turns()
    for number, name in enumerate(names):
        found[home(name, known), source] += counts.get(number, 0)
    return found


def _stock_turns(program: Program, outcome: Outcome, timed: Flags) -> Mapping[int, int]:
    """How often it was each stock's turn.

    A watch that rings while another source's event re-bases its stock (R10) is part of that event. It has the cause
    of a unit's or controller's event (R14); without a cause, and at the instant of a profile's or another stock's
    turn, only a run of the reference can tell.
    """
    log = outcome.log
    watches = (log["kind"] == T.WATCH) & (log["cause"] == T.NONE)
    roots = np.flatnonzero(watches | timed | (log["kind"] == T.STEP))
    times, rings = log["time"][roots], watches[roots]
    follows = np.zeros(len(roots), dtype=bool)
    follows[1:] = (times[1:] == times[:-1]) & ~timed[roots][:-1]
    if not (rings & follows).any():
        return _times(log["a"][watches])
    return _told_by_the_reference(program, outcome)


def _told_by_the_reference(program: Program, outcome: Outcome) -> Mapping[int, int]:
    from outlast.engines import reference  # imported here: seldom needed

    seen: Counter[int] = Counter()
    reference.run(program, outcome.seed, outcome.replication, seen=lambda source: seen.update((source,)))
    first = int(program.tables["head"][0]["first_stock"])
    return {stock: seen[first + stock] for stock in range(len(program.names.stocks))}
