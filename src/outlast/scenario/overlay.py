"""Changes to a document by dotted path: `variants:` and `--set PATH=VALUE`.

A value replaces what was there (nothing is merged), null deletes it. Every part of a path but the last must
exist; a part that holds a dot is quoted: `components."a.b".count`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from outlast.errors import FieldError, Problem, ScenarioError, UsageError, dotted, nearest_hint, shown
from outlast.scenario.document import Document, Mark, Path
from outlast.scenario.marks import MAX_DEPTH, parse_value

_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."\s=]+)')
_HINT = "write parts joined by dots, as in `components.ranker.regions`; quote a part that holds a dot"


def parse_path(text: str) -> tuple[str, ...]:
    """`components."a.b".0` as ("components", "a.b", "0"). Raises FieldError."""
    parts: list[str] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise FieldError(f"not a path (got {shown(text)})", _HINT)
        quoted = match[1]
        parts.append(match[2] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
        if at == len(text):
            return tuple(parts)
        if text[at] != ".":
            raise FieldError(f"not a path (got {shown(text)})", _HINT)
        at += 1


def parse_set(text: str) -> tuple[str, Any]:
    """`PATH=VALUE` of the command line as the path's text and the value read as YAML.

    Raises UsageError where there is no `=` or no value, ScenarioError where the value is not YAML.
    """
    path, equals, value = _split(text)
    hint = "write for example `--set components.ranker.replica.restart='90 s'`"
    if not equals or not path.strip():
        raise UsageError(f"--set needs PATH=VALUE (got {shown(text)})", hint)
    if not value.strip():
        raise UsageError(f"--set {path} has no value", "write `null` to delete what is there")
    return path.strip(), parse_value(value, f"--set {path.strip()}")


def _split(text: str) -> tuple[str, str, str]:
    """Path, `=`, value: divided at the first `=` outside quotes."""
    match = re.match(r'((?:[^"=]|"(?:[^"\\]|\\.)*")*)(=)(.*)', text, re.DOTALL)
    return (match[1], match[2], match[3]) if match else (text, "", "")


def apply_changes(
    document: Document, changes: Mapping[str, Any], origin: Path | None = None, label: str = ""
) -> Document:
    """A new document in which each dotted path of `changes` holds its value instead.

    origin: path in the document where the changes themselves are written (`("variants", "no-standby")`), so
    that later mistakes in a value are shown there. label: what to call changes from outside the file
    (`--set`, a Python call). Raises ScenarioError with every path that cannot be followed.
    """
    problems: list[Problem] = []
    targets: dict[Path, tuple[str, Any]] = {}
    for text, value in changes.items():
        try:
            path = follow(document.data, str(text), value)
            _apart(path, targets)
            targets[path] = (str(text), value)
        except FieldError as error:
            problems.append(_problem(document, str(text), error, origin, label))
    if problems:
        raise ScenarioError(problems)
    return _rebuilt(document, targets, origin, label)


def _problem(document: Document, text: str, error: FieldError, origin: Path | None, label: str) -> Problem:
    if origin is None:
        return Problem(text, error.message, error.hint, label)
    return document.problem((*origin, text), error.message, error.hint, key=True)


def follow(data: Any, text: str, value: Any) -> Path:
    """The path as keys and list positions. Raises FieldError at the first part that leads nowhere."""
    parts = parse_path(text)
    path: Path = ()
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        if isinstance(data, list):
            path += (_position(data, part, path),)
            if last and value is None:
                hint = "replace the whole list instead"
                raise FieldError(f"an entry of a list cannot be deleted (got {text})", hint)
            data = data[int(part)]
        elif not isinstance(data, Mapping):
            where = dotted(path) or "the document"
            raise FieldError(f"{where} holds {shown(data)}, so there is no {shown(part)} below it")
        elif part in data:
            path += (part,)
            data = data[part]
        elif last and value is not None:
            return (*path, part)
        else:
            message = f"nothing is called {shown(part)} in {dotted(path) or 'the scenario'}"
            raise FieldError(message, nearest_hint(part, map(str, data)))
    return path


def _position(items: list[Any], part: str, path: Path) -> int:
    if not part.isascii() or not part.isdigit() or len(part) > 9 or int(part) >= len(items):
        allowed = f"0 to {len(items) - 1}" if items else "none, the list is empty"
        message = f"{dotted(path)} is a list and has no position {shown(part)}; positions are {allowed}"
        raise FieldError(message)
    return int(part)


def _apart(path: Path, others: Iterable[Path]) -> None:
    """Refuses two changes of which one lies inside the other: their order would matter."""
    for other in others:
        shared = min(len(path), len(other))
        if path[:shared] == other[:shared]:
            first = dotted(other)
            raise FieldError(f"{dotted(path)} overlaps {first}, which is changed too", "keep one of the two")


def _rebuilt(document: Document, targets: Mapping[Path, tuple[str, Any]], origin: Path | None, label: str) -> Document:
    data = copy.deepcopy(document.data)
    inside = dict.fromkeys(targets)
    marks = {p: m for p, m in document.marks.items() if not _below(p, inside)}
    labels = {p: m for p, m in document.labels.items() if not _below(p, inside)}
    for path, (text, value) in targets.items():
        _put(data, path, copy.deepcopy(value))
        if value is None:
            continue
        if origin is None:
            labels[path] = label or "a change"
        else:
            marks.update(_moved(document.marks, (*origin, text), path))
    return Document(data, marks, document.lines, document.file, labels)


def _below(path: Path, targets: Mapping[Path, None]) -> bool:
    return any(path[:length] in targets for length in range(len(path) + 1))


def _moved(marks: Mapping[Path, Mark], source: Path, target: Path) -> dict[Path, Mark]:
    """The marks of everything below `source`, as they apply to the same values below `target`."""
    depth = len(source)
    return {(*target, *path[depth:]): mark for path, mark in marks.items() if path[:depth] == source}


def _put(data: Any, path: Path, value: Any) -> None:
    if len(path) > MAX_DEPTH:
        raise ScenarioError([Problem(dotted(path), f"nested more than {MAX_DEPTH} levels deep")])
    for part in path[:-1]:
        data = data[part]
    if value is None:
        del data[path[-1]]
    else:
        data[path[-1]] = value
