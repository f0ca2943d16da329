"""What reports shall draw of a kind, said by the kind; a report lays it out. Measures have the names they are
published under."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Whole:
    """Measures that are shares of one whole and add up to it. parts: (measure, words)."""

    title: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """factor x measure x the measure `times`; "" stands for 1."""

    words: str
    measure: str = ""
    factor: float = 1.0
    times: str = ""


@dataclass(frozen=True)
class Course:
    """What goes up and down in one replication. lines: first what is wanted, last what there was; judged_by: the worst
    replication is the one in which this measure is lowest."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    judged_by: str


Report = Whole | Course
