"""Tables as Markdown, for summaries of pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from outlast.errors import printable
from outlast.report.differences import cells

if TYPE_CHECKING:
    import pandas as pd


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table; control characters and bars in cells are defused."""
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(_cell(text) for text in row)} |"


def differences_table(differences: pd.DataFrame) -> Iterator[str]:
    """The frame `differences`, and its methods as a list."""
    rows: list[Any] = list(differences.itertuples(index=False))
    methods = list(dict.fromkeys(row.method for row in rows))
    titles = ("pair", "component", "measure", "scope", "base", "other", "difference", "interval", "P(better)",
              "method", "verdict")  # fmt: skip
    yield from table(titles, ((row.pair, row.component, row.measure, row.scope or "all", *cells(row, methods))
                              for row in rows))  # fmt: skip
    yield ""
    for number, method in enumerate(methods, start=1):
        yield f"{number}. {_cell(method)}"


def _cell(text: str) -> str:
    return printable(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
