"""A Markov chain with what is measured in its states and on its way from one to the next."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from outlast.engines.exact.gauges import Gauges
from outlast.program.program import Program

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Chain:
    """States are numbers; rates are per second.

    rates: from state to state, nothing on the diagonal.  initial: probability of every state at t = 0.
    levels: value of every meter, [states, meters].  steps: upward steps of every counting meter per s,
    [states, meters]; first_steps: those at t = 0, by meter.  down: whether a measured condition is false,
    [states, measured]; begins, ends: its outages that begin and end per s; again: rates at which one ends and the next
    one begins at the same instant.
    """

    program: Program
    rates: csr_array
    initial: Floats
    levels: Floats
    steps: Floats
    first_steps: Floats
    down: Flags
    begins: Floats
    ends: Floats
    again: tuple[csr_array, ...]

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.initial)


class Cells:
    """Sums by (row, column), collected one by one."""

    def __init__(self) -> None:
        self.row, self.column, self.value = array("q"), array("q"), array("d")

    def add(self, row: int, column: int, value: float) -> None:
        """Add to a cell."""
        self.row.append(row)
        self.column.append(column)
        self.value.append(value)

    def matrix(self, height: int, width: int) -> csr_array:
        """What was added up."""
        cells = (np.array(self.value), (np.array(self.row, "i8"), np.array(self.column, "i8")))
        return coo_array(cells, shape=(height, width)).tocsr()


class Links:
    """A chain while its states are being found."""

    def __init__(self) -> None:
        self.rates, self.steps, self.begins, self.ends, self.initial = (Cells() for _ in range(5))
        self.first = Cells()
        self.again: dict[int, Cells] = {}
        self.levels: list[list[float]] = []
        self.down: list[list[bool]] = []

    def state(self, gauges: Gauges) -> None:
        """A new state: its number is how many there were."""
        self.levels.append(gauges.levels())
        self.down.append(gauges.down())

    def start(self, state: int, p: float, gauges: Gauges) -> None:
        """The world begins in this state with probability p."""
        self.initial.add(0, state, p)
        for meter, height in gauges.steps():
            self.first.add(0, meter, p * height)

    def add(self, state: int, to: int, rate: float, gauges: Gauges) -> None:
        """From a state to another, per s, with what was counted on the way."""
        if to != state:
            self.rates.add(state, to, rate)
        for meter, height in gauges.steps():
            self.steps.add(state, meter, rate * height)
        begins, ends = gauges.begins(), gauges.ends()
        for n in begins:
            self.begins.add(state, n, rate)
        for n in ends:
            self.ends.add(state, n, rate)
        for n in set(begins) & set(ends):
            self.again.setdefault(n, Cells()).add(state, to, rate)

    def chain(self, program: Program) -> Chain:
        """All states are found."""
        n, meters, measured = len(self.levels), len(program.meters), len(program.outage_names)
        return Chain(
            program,
            self.rates.matrix(n, n),
            self.initial.matrix(1, n).toarray()[0],
            np.array(self.levels, dtype="f8").reshape(n, meters),
            self.steps.matrix(n, meters).toarray(),
            self.first.matrix(1, meters).toarray()[0],
            np.array(self.down, dtype=bool).reshape(n, measured),
            self.begins.matrix(n, measured).toarray(),
            self.ends.matrix(n, measured).toarray(),
            tuple(self.again.get(k, Cells()).matrix(n, n) for k in range(measured)),
        )
