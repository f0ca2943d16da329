"""Tables that other programs export as CSV: any usual encoding and separator, each cell with the line it stands in."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from outlast.errors import Problem, ScenarioError, UsageError, shown

MOST_BYTES = 200_000_000
MOST_ROWS = 1_000_000
MOST_PROBLEMS = 20
MOST_CELL = 1_000_000  # characters; descriptions can be long
SEPARATORS = ",;\t|"
FALLBACK = "cp1252"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass
class Table:
    """header and rows as text, the line of each row. notes: what was found out about the file."""

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    notes: list[str] = field(default_factory=list)


class Problems:
    """What is wrong with a file, collected to be said at once; beyond MOST_PROBLEMS only counted."""

    def __init__(self, file: str) -> None:
        self.file, self.found, self.beyond = file, list[Problem](), 0

    def add(self, message: str, hint: str = "", *, line: int = 0, column: str = "") -> None:
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(column, message, hint, self.file, line))
        else:
            self.beyond += 1

    def settle(self) -> None:
        """Raises ScenarioError if anything was found."""
        if self.beyond:
            self.found.append(Problem("", f"and {self.beyond} more problems like these", "", self.file))
        if self.found:
            raise ScenarioError(self.found)


def read_table(path: str | os.PathLike[str], encoding: str = "") -> Table:
    """The table in a CSV file (`.gz` too). encoding: detected if not given. Raises ScenarioError, UsageError."""
    file = os.fspath(path)
    text, notes = _decoded(_content(file), encoding, file)
    problems = Problems(file)
    table = Table(file, [], [], [], notes)
    for line, cells in _cells(text, problems):
        if not table.header:
            table.header = [cell.strip() for cell in cells]
        elif len(cells) != len(table.header):
            got = f"{len(cells)} cells where the header has {len(table.header)}"
            problems.add(f"the row is incomplete (got {got})", "quote cells that contain the separator", line=line)
        else:
            table.rows.append(cells)
            table.lines.append(line)
    if not table.header:
        problems.add("the file is empty", "export the incidents as CSV, with a header row")
    elif not table.rows and not problems.found:
        problems.add("there is a header, but no incident below it")
    problems.settle()
    return table


def _content(file: str) -> bytes:
    try:
        with gzip.open(file) if file.endswith(".gz") else open(file, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except (EOFError, zlib.error):
        raise UsageError(f"{file}: the compressed file is damaged") from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"{file}: the file is too large; at most {MOST_BYTES // 1_000_000} MB can be read")
    return content


def _decoded(content: bytes, encoding: str, file: str) -> tuple[str, list[str]]:
    """The text, and a note where its encoding was guessed."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    name = encoding or marked or _utf16(content) or "utf-8"
    try:
        text = content.decode(name)
    except LookupError:
        raise UsageError(f"unknown encoding (got {shown(encoding)})", "utf-8, utf-16, cp1252, ...") from None
    except UnicodeError:
        if encoding or marked:
            raise UsageError(f"{file}: the file is not {name} text", "name another one with --encoding") from None
        name = FALLBACK
        text = content.decode(name, errors="replace")
    if "\0" in text:
        raise UsageError(f"{file}: not a text file", "export the incidents as CSV")
    guessed = name == FALLBACK and not encoding
    return text, ([f"{file} is not UTF-8: read as Windows-1252 (--encoding names another)"] if guessed else [])


def _utf16(content: bytes) -> str:
    """UTF-16 without a mark shows in the zero byte of every letter of the header."""
    start = content[:200]
    for name, zeros, letters in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if zeros and 2 * zeros.count(0) > len(zeros) and 0 not in letters:
            return name
    return ""


def _cells(text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not blank; lines before the header that begin with `#` are comments."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    separator = max(SEPARATORS, key=first.count)
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begun, line = False, 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(f"not CSV: {error}", "quotes must be closed, and doubled within quotes", line=line)
            return
        comment = not begun and cells and cells[0].startswith("#")
        if any(cell.strip() for cell in cells) and not comment:
            begun = True
            yield line, cells
        line = reader.line_num + 1
        if line > MOST_ROWS:
            problems.add(f"more than {MOST_ROWS:,} lines", "export a shorter time")
            return
