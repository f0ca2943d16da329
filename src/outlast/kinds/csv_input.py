"""Columns of a CSV file beside the scenario: untrusted input, so bounded and confined to the folder."""

from __future__ import annotations

import csv
import gzip
import math
import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from outlast.errors import FieldError, nearest_hint, shown

MAX_CSV_BYTES = 20_000_000
MAX_CSV_ROWS = 1_000_000
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Column:
    """The cells of one column as text, and the file line (counted from 1) of each."""

    name: str
    cells: list[str]
    lines: list[int]

    def numbers(self) -> list[float]:
        """The cells as finite numbers >= 0. Raises FieldError naming the row of the first that is not."""
        return [self._number(cell, line) for cell, line in zip(self.cells, self.lines, strict=True)]

    def _number(self, cell: str, line: int) -> float:
        text = cell.strip()
        if text == "":
            raise self.wrong(line, "is empty", "a gap is not filled in: remove or complete the row")
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            raise self.wrong(line, f"is not a finite number (got {shown(text)})")
        if value < 0:
            raise self.wrong(line, f"is negative (got {shown(text)})")
        return value

    def wrong(self, line: int, what: str, hint: str = "") -> FieldError:
        """The error for the cell in a row of the file."""
        return FieldError(f"row {line}, column {shown(self.name)} {what}", hint, ("file",))


def read_column(folder: Path | None, file: object, names: tuple[object, ...]) -> list[Column]:
    """The named columns of the CSV `file` below `folder`; a name of None takes the only column there is.

    Raises FieldError for a path outside the folder, an unreadable or oversized file, a missing column,
    a row of the wrong length.
    """
    rows = _rows(_text(_inside(folder, file)))
    header = [name.strip() for _, row in [next(rows, (0, []))] for name in row]
    if not header:
        raise FieldError(f"{shown(file)} has no header row", "the first row names the columns", ("file",))
    if len(set(header)) < len(header):
        raise FieldError(f"{shown(file)} has two columns of one name", "rename one of them", ("file",))
    where = [_index(header, name) for name in names]
    columns = [Column(header[i], [], []) for i in where]
    for line, row in _complete(rows, len(header)):
        for column, i in zip(columns, where, strict=True):
            column.cells.append(row[i])
            column.lines.append(line)
    if not columns[0].cells:
        raise FieldError(f"{shown(file)} has no rows below its header", "", ("file",))
    return columns


def _index(header: list[str], name: object) -> int:
    if name is None and len(header) == 1:
        return 0
    if name is None:
        raise FieldError("field required", nearest_hint("", header, "columns"), ("column",))
    if not isinstance(name, str) or name not in header:
        hint = nearest_hint(str(name), header, "columns")
        raise FieldError(f"no such column in the file (got {shown(name)})", hint, ("column",))
    return header.index(name)


def _inside(folder: Path | None, file: object) -> Path:
    """The real path of a file that must lie below the scenario's folder, links followed."""
    hint = "write a path relative to the scenario's folder, such as `data/rates.csv`"
    if not isinstance(file, str) or not file:
        raise FieldError(f"the name of a CSV file is needed (got {shown(file)})", hint, ("file",))
    if folder is None:
        raise FieldError(f"a scenario without a folder cannot read a file (got {shown(file)})", "", ("file",))
    pure = PurePosixPath(file)
    if pure.is_absolute() or ".." in pure.parts or "\\" in file or not file.isprintable():
        message = f"the path must stay below the scenario's folder (got {shown(file)})"
        raise FieldError(message, hint, ("file",))
    try:
        root = folder.resolve()
        path = (root / pure).resolve(strict=True)
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise FieldError(f"no such file (got {shown(file)})", hint, ("file",)) from None
    except (OSError, RuntimeError, ValueError):  # RuntimeError: a loop of links
        raise FieldError(f"the file cannot be read (got {shown(file)})", "", ("file",)) from None
    if not path.is_relative_to(root):
        raise FieldError(f"the path leads out of the scenario's folder (got {shown(file)})", hint, ("file",))
    if not stat.S_ISREG(mode):
        raise FieldError(f"not a regular file (got {shown(file)})", hint, ("file",))
    return path


def _text(path: Path) -> str:
    """The content as text; gzip is unpacked up to the size limit."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as stream:
            content = stream.read(MAX_CSV_BYTES + 1)
        if len(content) > MAX_CSV_BYTES:
            limit = f"{MAX_CSV_BYTES // 1_000_000} MB"
            raise FieldError(f"the file is too large; a CSV file has at most {limit}", "", ("file",))
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FieldError("the file is not UTF-8 text", "save it as UTF-8", ("file",)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise FieldError(f"the file cannot be read: {error.__class__.__name__}", "", ("file",)) from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(file line, cells) of every row; comment lines (`# ...`) at the top are skipped."""
    lines = text.splitlines()
    skipped = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MAX_CSV_ROWS:
        raise FieldError(f"the file has more than {MAX_CSV_ROWS:,} rows", "", ("file",))
    reader = csv.reader(lines[skipped:], strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FieldError(f"row {skipped + reader.line_num} is not CSV: {error}", "", ("file",)) from None
        yield skipped + reader.line_num, row


def _complete(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows:
        if len(row) != width:
            got = f"{len(row)} cells where the header has {width}" if row else "an empty row"
            raise FieldError(f"row {line} is incomplete (got {got})", "complete or remove the row", ("file",))
        yield line, row
