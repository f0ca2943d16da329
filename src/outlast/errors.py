"""The errors a user can meet, and how a located problem is printed.

Every class here rebuilds from `type(e)(*e.args)`, so that it survives pickling and SimPy's re-raising.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SOURCE_WIDTH = 100  # columns of a source line that are printed around the caret
_VALUE_WIDTH = 60
_NAME_WIDTH = 64  # longer names are not compared: the comparison is quadratic
_NAMES_SHOWN = 20


class OutlastError(Exception):
    """Base of every error that is the user's to solve: one clear message, no traceback."""


def printable(text: str) -> str:
    """The text with every control character replaced, so that a file cannot drive the terminal."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" else c for c in text)


def shown(value: object) -> str:
    """A value as it is quoted in a message: strings in quotes, cut when long, containers by their size."""
    if isinstance(value, dict):
        text = f"a mapping of {len(value)}" if value else "an empty mapping"
    elif isinstance(value, list | tuple):
        text = f"a list of {len(value)}" if value else "an empty list"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = "nothing"
    elif isinstance(value, int) and abs(value) >= 2**63:  # Python refuses to print very long integers
        text = "a huge number"
    else:
        text = repr(value[: _VALUE_WIDTH + 1] if isinstance(value, str) else value)
        if len(text) > _VALUE_WIDTH:
            text = text[: _VALUE_WIDTH - 4] + "..." + (text[0] if isinstance(value, str) else "")
    return printable(text)


def dotted(path: Sequence[str | int]) -> str:
    """`("components", "a.b", 0)` as `components."a.b".0`: what `--set` and `variants:` accept."""
    return ".".join(_segment(part) for part in path)


def _segment(part: str | int) -> str:
    if isinstance(part, str) and (part == "" or any(c in part for c in '."= ')):
        return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return printable(str(part))


def did_you_mean(name: str) -> str:
    """The hint that names what was probably meant."""
    return f"did you mean `{name}`?"


def nearest_hint(name: str, known: Iterable[str], what: str = "names") -> str:
    """A hint for a name that is not known: the nearest known one, else what there is."""
    names = sorted(str(k) for k in known)
    close = difflib.get_close_matches(name, names, n=1) if len(name) <= _NAME_WIDTH else []
    if close:
        return did_you_mean(close[0])
    if not names:
        return f"there are no {what}"
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"known {what}: {', '.join(name[:_NAME_WIDTH] for name in names[:_NAMES_SHOWN])}{more}"


class FieldError(ValueError):
    """What is wrong with one field, raised inside a validator; a reader adds the place.

    message: what is wrong (got X); what is allowed. hint: what to write instead.
    at: path of the culprit below the field that is being validated, e.g. `("weibull", "mean")`.
    """

    def __init__(self, message: str, hint: str = "", at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message, hint, at)
        self.message = message
        self.hint = hint
        self.at = at

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in the input, and where. line and column count from 1; 0 is unknown."""

    path: str
    message: str
    hint: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    source: str = ""

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where += f":{self.line}:{self.column}" if self.column else f":{self.line}"
        parts = [": ".join(printable(part) for part in (where, self.path, self.message) if part)]
        if self.source.strip() and self.line:
            parts += _pointed(self.source, self.column)
        if self.hint:
            parts.append(f"  hint: {printable(self.hint)}")
        return "\n".join(parts)


def _pointed(source: str, column: int) -> list[str]:
    """The source line and a caret below the column; a long line is cut to a window around it."""
    text = printable(source.replace("\t", " ").rstrip("\r\n"))
    at = max(column - 1, 0)
    start = max(0, at - _SOURCE_WIDTH // 2) if len(text) > _SOURCE_WIDTH else 0
    window = text[start : start + _SOURCE_WIDTH].rstrip()
    lines = ["    " + window]
    if column:
        lines.append("    " + " " * _columns(text[start:at]) + "^")
    return lines


def _columns(text: str) -> int:
    """Terminal columns of a text: wide characters take two, combining marks none."""
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    return len(text) + wide - sum(1 for c in text if unicodedata.combining(c))


class ScenarioError(OutlastError):
    """Everything that is wrong with a scenario, all at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ProgramError(OutlastError):
    """An ill-formed program; each problem names its unit and row."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems)
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


class LivelockError(OutlastError):
    """Units that go round in a loop of zero delays, so that simulated time stands still at time_s."""

    def __init__(self, units: Sequence[str], time_s: float) -> None:
        super().__init__(units, time_s)
        self.units = list(units)
        self.time_s = time_s

    def __str__(self) -> str:
        names = ", ".join(self.units) if self.units else "the program"
        return (
            f"simulated time stands still at {self.time_s:g} s: a loop of zero delays through {names}\n"
            "  hint: give one of the delays on that loop a duration above zero"
        )


class RunError(OutlastError):
    """A run that could not be finished, for a reason outside the scenario."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(OutlastError):
    """A command or call that asks for something impossible."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class NotMarkovError(OutlastError):
    """A program that the exact engine cannot solve: every row or object that has no Markov meaning."""

    def __init__(self, problems: Sequence[str], hint: str = "") -> None:
        super().__init__(problems, hint)
        self.problems = list(problems)
        self.hint = hint

    def __str__(self) -> str:
        lines = [f"the exact engine cannot solve this: {self.problems[0]}"]
        if len(self.problems) > 1:
            lines = ["the exact engine cannot solve this:", *(f"  {problem}" for problem in self.problems)]
        return "\n".join(lines + ([f"  hint: {self.hint}"] if self.hint else []))


class TooManyStatesError(OutlastError):
    """A program with more states than the exact engine was allowed; contributors: (cohort, local patterns)."""

    def __init__(self, limit: int, contributors: Sequence[tuple[str, int]]) -> None:
        super().__init__(limit, contributors)
        self.limit = limit
        self.contributors = list(contributors)

    def __str__(self) -> str:
        largest = ", ".join(f"{name} ({patterns:,} patterns)" for name, patterns in self.contributors)
        return (
            f"more than {self.limit:,} states; the largest contributors are {largest}\n"
            "  hint: allow more with --state-limit, model fewer items, or simulate with the kernel"
        )
