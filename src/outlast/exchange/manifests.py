"""YAML files of other tools made of objects: `apiVersion`, `kind`, `metadata.name`, `spec`; several in a file, in a
list, or under the `items` of a `kind: List`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from outlast.errors import Problem, ScenarioError, printable, shown
from outlast.scenario.document import Document, Path
from outlast.scenario.marks import OTHERS, content, parse_documents
from outlast.scenario.problems import in_order, translate

Part = TypeVar("Part", bound=BaseModel)
STDIN = "-"


@dataclass(frozen=True)
class Manifest:
    """One object. path: where it stands in its document."""

    document: Document
    path: Path
    value: dict[str, Any]

    @property
    def api(self) -> str:
        """Its `apiVersion`."""
        return str(self.value.get("apiVersion", ""))

    @property
    def kind(self) -> str:
        """Its `kind`."""
        return str(self.value.get("kind", ""))

    @property
    def name(self) -> str:
        """Its `metadata.name`."""
        metadata = self.value.get("metadata")
        return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""

    def __str__(self) -> str:
        return printable(f"{self.kind} {self.name}".strip())

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """Something at a path of the object, called `SLO checkout: spec.objectives.0`."""
        place = self.document.problem((*self.path, *path), message, hint, key=key)
        inner = ".".join(str(part) for part in path)
        return Problem(f"{self}: {inner}" if inner else str(self), message, hint, place.file, place.line, place.column,
                       place.source)  # fmt: skip

    def read(self, model: type[Part], path: Path = ()) -> Part:
        """The value at a path as a model.  Raises ScenarioError with every mistake at its place."""
        value: Any = self.value
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        try:
            return model.model_validate(value)
        except ValidationError as error:
            found = translate(error, self.document, model, (*self.path, *path))
            raise ScenarioError([_named(self, problem) for problem in found]) from None


def _named(manifest: Manifest, problem: Problem) -> Problem:
    """A problem of an object, by the name of the object."""
    above = ".".join(str(part) for part in manifest.path)
    inner = problem.path.removeprefix(above).removeprefix(".")
    return Problem(f"{manifest}: {inner}" if inner else str(manifest), problem.message, problem.hint, problem.file,
                   problem.line, problem.column, problem.source)  # fmt: skip


def read_manifests(files: Iterable[str]) -> list[Manifest]:
    """The objects of all files; `-` is standard input.  Raises ScenarioError with what is wrong with each file."""
    found: list[Manifest] = []
    problems: list[Problem] = []
    for file in files:
        try:
            for document in parse_documents(_bytes(file), "standard input" if file == STDIN else file):
                found += _objects(document, (), document.data)
        except ScenarioError as error:
            problems += [_rendered(problem) for problem in error.problems]
    if problems:
        raise ScenarioError(problems)
    return found


def _rendered(problem: Problem) -> Problem:
    """A template is no YAML: say what makes it some."""
    return replace(problem, hint="render templates first: `helm template`") if "{{" in problem.source else problem


def _bytes(file: str) -> bytes:
    return sys.stdin.buffer.read(OTHERS.size + 1) if file == STDIN else content(file, OTHERS)


def _objects(document: Document, path: Path, value: Any) -> Iterator[Manifest]:
    if value is None:  # a document of comments only
        return
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _objects(document, (*path, i), item)
        return
    if not isinstance(value, dict) or "kind" not in value or "apiVersion" not in value:
        got = f"got {shown(value)}" if not isinstance(value, dict) else "`apiVersion` or `kind` is missing"
        raise document.error(path, f"an object with `apiVersion` and `kind` is expected here ({got})")
    if str(value["kind"]).endswith("List") and isinstance(value.get("items"), list):
        for i, item in enumerate(value["items"]):
            yield from _objects(document, (*path, "items", i), item)
        return
    yield Manifest(document, path, value)


class Findings:
    """What is wrong (problems) and what is there but not read (left_out), each at its place."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.left_out: list[Problem] = []

    def refuse(self) -> None:
        """Raises ScenarioError if anything is wrong."""
        if self.problems:
            raise ScenarioError(in_order(self.problems))
