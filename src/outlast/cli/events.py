"""The log of a traced replication with names instead of numbers. Kinds of events:

transition  a unit went from one state to another (`up -> waiting`) or stayed; cause as in R14
condition   a condition became true or false; where measured, an outage began or ended
outage      an outage ended (or the horizon cut it off); value: seconds it lasted
record      a value was recorded under a label; no value where only the fact was
loss        a stock was rolled back; value: how much was lost
watch       a stock reached a level; value: the level
profile     a profile stepped; value: its new value
scale       a controller starts or stops replicas; value: how many there shall be
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from outlast.program import tables as T
from outlast.program.components import component_names, home
from outlast.units import format_duration, format_number

if TYPE_CHECKING:
    from outlast.engines.outcome import Outcome
    from outlast.program.program import Program


@dataclass(frozen=True)
class Event:
    """One row of a trace. unit: the unit, condition, stock or profile; component: "" where it has none."""

    time_s: float
    kind: str
    unit: str
    component: str
    transition: str
    cause: str
    value: float | None = None


COLUMNS = ("time_s", "kind", "unit", "component", "transition", "cause", "value")


def events(program: Program, outcome: Outcome) -> Iterator[Event]:
    """The events of a replication that was run with `trace=True`, in the order they happened."""
    names = _Names(program)
    for row in outcome.log:
        reader = names.readers.get(int(row["kind"]))
        if reader is not None:
            yield reader(row)


class _Names:
    """Reads rows of the log of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.readers: dict[int, Callable[[Any], Event]] = {
            T.FIRED: self._fired,
            T.FLIP: self._flip,
            T.OUTAGE: self._outage,
            T.RECORDED: self._recorded,
            T.LOSS: self._loss,
            T.WATCH: self._watch,
            T.STEP: self._step,
            T.SCALE: self._scale,
        }

    @cached_property
    def _first_cases(self) -> list[int]:
        """First case of every transition; cases are numbered through in order of transitions."""
        return [int(first) for first in self.program.tables["transitions"]["c0"]]

    @cached_property
    def _measured(self) -> list[int]:
        return [int(measured) for measured in self.program.tables["conditions"]["measured"]]

    def _fired(self, row: Any) -> Event:
        case = int(row["b"])
        transition = bisect_right(self._first_cases, case) - 1
        source = self._state(int(self.program.tables["transitions"][transition]["state"]))
        target = int(self.program.tables["cases"][case]["target"])
        change = f"{source} -> {self._state(target)}" if target >= 0 else f"{source}, stays"
        return self._of_unit(row, "transition", int(row["a"]), change + self._trigger(transition), None)

    def _trigger(self, transition: int) -> str:
        """The signal, if it was one; else a delay of the unit's own had passed."""
        row = self.program.tables["transitions"][transition]
        if row["signal"] >= 0:
            return f" (on {self.program.names.signals[row['signal']]})"
        return ""

    def _flip(self, row: Any) -> Event:
        condition, above = int(row["a"]), bool(row["b"])
        component = self._component_down(condition)
        change = "false -> true" if above else "true -> false"
        if component:
            change += f", outage of {component} {'ends' if above else 'begins'}"
        name = self.program.names.conditions[condition]
        return self._event(row, "condition", name, component or home(name, self._components), change)

    def _outage(self, row: Any) -> Event:
        component = self.program.outage_names[int(row["a"])]
        lasted = float(row["y"])
        change = f"down for {format_duration(lasted)}" + (", cut off by the horizon" if row["b"] else "")
        return self._event(row, "outage", component, component, change, lasted)

    def _recorded(self, row: Any) -> Event:
        value = None if math.isnan(row["x"]) else float(row["x"])
        text = self.program.labels[int(row["a"])] + ("" if value is None else f" = {format_number(value)}")
        return self._of_unit(row, "record", int(row["b"]), text, value)

    def _loss(self, row: Any) -> Event:
        lost, stock = float(row["x"]), self.program.names.stocks[int(row["a"])]
        text = f"{stock} loses {format_number(lost)}, back to {format_number(float(row['y']))}"
        return self._of_unit(row, "loss", int(row["b"]), text, lost)

    def _watch(self, row: Any) -> Event:
        stock, level = int(row["a"]), float(row["x"])
        name = self.program.names.stocks[stock]
        return self._event(row, "watch", name, self._owner(stock), f"reaches {format_number(level)}", level)

    def _step(self, row: Any) -> Event:
        name, value = self.program.names.profiles[int(row["a"])], float(row["x"])
        component = home(name, self._components)
        return self._event(row, "profile", name, component, f"becomes {format_number(value)}", value)

    def _scale(self, row: Any) -> Event:
        name, before, wanted = self.program.names.controllers[int(row["a"])], int(row["x"]), int(row["y"])
        component = home(name, self._components)
        return self._event(row, "scale", name, component, f"{before} -> {wanted} replicas", float(wanted))

    def _of_unit(self, row: Any, kind: str, unit: int, text: str, value: float | None) -> Event:
        program = self.program
        return self._event(row, kind, program.unit_name(unit), program.unit_component(unit), text, value)

    def _event(self, row: Any, kind: str, unit: str, component: str, text: str, value: float | None = None) -> Event:
        cause = self.program.cause_name(int(row["cause"]))
        return Event(float(row["time"]), kind, unit, component, text, cause, value)

    def _state(self, state: int) -> str:
        return self.program.names.states[state].rpartition(".")[2]

    def _component_down(self, condition: int) -> str:
        measured = self._measured[condition]
        return self.program.outage_names[measured] if measured >= 0 else ""

    def _owner(self, stock: int) -> str:
        owner = int(self.program.tables["stocks"][stock]["owner"])
        return self.program.unit_component(owner) if owner >= 0 else ""

    @cached_property
    def _components(self) -> frozenset[str]:
        return frozenset(component_names(self.program))
