"""Reading a scenario file: untrusted text in, values with their places out, or one clear error.

The file may hold no code, no tags and no merge keys; its size, depth and number of values are bounded.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from outlast.errors import Problem, ScenarioError, shown
from outlast.scenario.document import Document, Mark, Path, Place
from outlast.scenario.scalars import resolve
from outlast.scenario.tree import MAX_DEPTH, MAX_NODES, Node, TreeReader, place_after

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "OTHERS",
    "content",
    "parse_document",
    "parse_documents",
    "parse_value",
    "read_document",
]

MAX_BYTES = 1_048_576


class Limits(NamedTuple):
    """Of a file. hint: what to do about a larger one."""

    size: int = MAX_BYTES
    nodes: int = MAX_NODES
    hint: str = "keep data in CSV files beside the scenario"


SCENARIO = Limits()
OTHERS = Limits(16 * MAX_BYTES, 10 * MAX_NODES, "read it in parts")  # what a cluster prints about itself is long


def read_document(path: str | os.PathLike[str]) -> Document:
    """The scenario file at `path`. Raises ScenarioError, whatever the file holds."""
    file = os.fspath(path)
    return parse_document(content(file), file)


def parse_document(text: str | bytes, file: str = "") -> Document:
    """The scenario in a text; `file` is what problems call it. Raises ScenarioError."""
    reader = TreeReader(_decoded(text, file), file)
    root = reader.read()
    if root is None or (root.kind == "scalar" and root.plain and _scalar(root, reader) is None):
        raise _refused(file, "the file is empty", "start with `scenario: a-name`, or run `outlast init`")
    if root.kind != "mapping":
        got = "a list" if root.kind == "list" else shown(root.text)
        raise reader.refuse(root.place, f"a scenario is a mapping of names to values (got {got})", _TOP_HINT)
    marks: dict[Path, Mark] = {}
    data = _value(root, (), root.place, marks, reader)
    return Document(data, marks, reader.lines, file)


def parse_documents(text: str | bytes, file: str = "") -> list[Document]:
    """Every document of a YAML text of another tool, whatever each holds. Raises ScenarioError."""
    reader = TreeReader(_decoded(text, file, OTHERS), file, OTHERS.nodes)
    found = []
    for root in reader.read_all():
        marks: dict[Path, Mark] = {}
        data = _value(root, (), root.place, marks, reader)
        found.append(Document(data, marks, reader.lines, file))
    return found


def parse_value(text: str, label: str = "") -> Any:
    """One value written in YAML, such as `5 min` or `{exponential: 20 y}`. Raises ScenarioError."""
    reader = TreeReader(_decoded(text, label), label)
    root = reader.read()
    return None if root is None else _value(root, (), root.place, {}, reader)


_TOP_HINT = "start with `scenario: a-name`"


def _refused(file: str, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Problem("", message, hint, file)])


def content(file: str, limits: Limits = SCENARIO) -> bytes:
    """The bytes of a regular file of bounded size; the size is asked before anything is read."""
    try:
        status = os.stat(file)
        if stat.S_ISDIR(status.st_mode):
            raise _refused(file, "this is a folder, not a file", _in_folder(file))
        if not stat.S_ISREG(status.st_mode):
            raise _refused(file, "this is not a regular file")
        if status.st_size <= limits.size:
            with open(file, "rb") as stream:
                return stream.read(limits.size + 1)
    except FileNotFoundError:
        raise _refused(file, "no such file", _in_folder(os.path.dirname(file) or ".")) from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(file, f"the file cannot be read: {reason}") from None
    raise _too_large(file, status.st_size, limits)


def _too_large(file: str, size: int, limits: Limits) -> ScenarioError:
    message = f"the file is too large (got {size / 1e6:.1f} MB); at most {limits.size // 2**20} MiB are read"
    return _refused(file, message, limits.hint)


def _in_folder(folder: str) -> str:
    """A hint that names a few scenarios that are there."""
    try:
        names = sorted(p.name for p in FilePath(folder).glob("*.y*ml"))[:3]
    except OSError:
        return ""
    return f"scenarios in that folder: {', '.join(names)}" if names else ""


def _decoded(text: str | bytes, file: str, limits: Limits = SCENARIO) -> str:
    if len(text) > limits.size:
        raise _too_large(file, len(text), limits)
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = place_after(text[: error.start].decode("utf-8", "replace"))
        message = f"not UTF-8 text (got byte 0x{text[error.start]:02X})"
        hint = "save the file as UTF-8"
        raise ScenarioError([Problem("", message, hint, file, line, column)]) from None


def _scalar(node: Node, reader: TreeReader) -> str | int | float | bool | None:
    """The value of a scalar node; quoted text stays text."""
    if not node.plain:
        return node.text
    try:
        return resolve(node.text)
    except ValueError as error:
        raise reader.refuse(node.place, f"{error} (got {shown(node.text)})") from None


def _value(node: Node, path: Path, key: Place, marks: dict[Path, Mark], reader: TreeReader) -> Any:
    """The node as Python values; an aliased node is copied, so that no two places share a value.

    Recursion is safe: the tree reader bounds depth and size with aliases expanded.
    """
    marks[path] = Mark(node.place, key)
    if node.kind == "list":
        return [_value(n, (*path, i), n.place, marks, reader) for i, n in enumerate(node.items)]
    if node.kind == "mapping":
        pairs = node.pairs.items()
        return {name: _value(n, (*path, name), at, marks, reader) for name, (at, n) in pairs}
    return _scalar(node, reader)
