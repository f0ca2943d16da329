"""What a section is made of. Texts are plain: the template escapes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GOOD, BAD, OPEN, NEUTRAL = "good", "bad", "open", ""  # tones: met, not met, uncertain, nothing to judge


@dataclass(frozen=True)
class Cell:
    """A cell of a table with a tone: good, bad, open (neither), quiet or none."""

    text: str
    tone: str = NEUTRAL


@dataclass(frozen=True)
class Text:
    """A paragraph; lines: a list below it."""

    block: ClassVar[str] = "text"
    text: str
    tone: str = NEUTRAL
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    block: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Table:
    """titles that end in `>` are of columns of numbers. fold: what to click to see it; "" shows it at once."""

    block: ClassVar[str] = "table"
    titles: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    caption: str = ""
    fold: str = ""


@dataclass(frozen=True)
class Chart:
    """A figure with its text alternative: description is read in its place, table has its numbers."""

    block: ClassVar[str] = "chart"
    figure: Figure
    title: str
    description: str
    table: Table | None = None


@dataclass(frozen=True)
class Drawing:
    """An <svg> that is ready to stand in a page, and safe."""

    block: ClassVar[str] = "drawing"
    svg: str
    title: str
    description: str
    table: Table | None = None


@dataclass(frozen=True)
class Code:
    """Commands or files to copy. fold: what to click to see it; "" shows it at once."""

    block: ClassVar[str] = "code"
    text: str
    fold: str = ""


Block: TypeAlias = Text | Heading | Table | Chart | Drawing | Code
