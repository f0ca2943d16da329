"""A scenario file as plain values, with the place of every key and value.

Paths are tuples of keys and list positions: `("components", "ranker", "needs", 0)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from outlast.errors import Problem, ScenarioError, dotted

Path: TypeAlias = tuple[str | int, ...]


class Place(NamedTuple):
    """Line and column, both counted from 1; (0, 0) is unknown."""

    line: int = 0
    column: int = 0


class Mark(NamedTuple):
    """Where a value starts, and where its key starts (for a list item: the value itself)."""

    value: Place
    key: Place


@dataclass(frozen=True)
class Document:
    """Values read from one file (or given in Python, then without marks).

    data: mappings, lists, str, int, float, bool, None. marks: one Mark per path. lines: the source text.
    labels: for values that came from outside the file, what to call their origin: `--set horizon=2 y`.
    """

    data: Any
    marks: Mapping[Path, Mark] = field(default_factory=dict)
    lines: Sequence[str] = ()
    file: str = ""
    labels: Mapping[Path, str] = field(default_factory=dict)

    def locate(self, path: Path, *, key: bool = False) -> Place:
        """Place of the value at `path`, or of its key; of the nearest parent where the path is absent.

        A value that starts below its key (a block mapping or list) is shown at its key.
        """
        for length in range(len(path), -1, -1):
            mark = self.marks.get(path[:length])
            if mark is not None:
                at_key = key or length < len(path) or mark.value.line != mark.key.line
                return mark.key if at_key else mark.value
        return Place()

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A Problem at `path`. key=True points at the key instead of the value."""
        label = self._label(path)
        if label:
            return Problem(dotted(path), message, hint, label)
        line, column = self.locate(path, key=key)
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Problem(dotted(path), message, hint, self.file, line, column, source)

    def error(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> ScenarioError:
        """A ScenarioError with the one problem at `path`."""
        return ScenarioError([self.problem(path, message, hint, key=key)])

    def _label(self, path: Path) -> str:
        for length in range(len(path), 0, -1):
            if path[:length] in self.labels:
                return self.labels[path[:length]]
            if path[:length] in self.marks:
                return ""
        return ""

    def get(self, path: Path) -> Any:
        """The value at `path`. Raises KeyError, IndexError or TypeError where there is none."""
        value = self.data
        for part in path:
            value = value[part]
        return value
