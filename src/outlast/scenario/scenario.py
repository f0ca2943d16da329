"""A loaded scenario: its values, its variants, and the program it becomes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from outlast.errors import ScenarioError, UsageError, nearest_hint
from outlast.program import Program
from outlast.scenario.belief_schema import with_beliefs
from outlast.scenario.document import Document
from outlast.scenario.given import plain
from outlast.scenario.lower import lower
from outlast.scenario.marks import parse_document, read_document
from outlast.scenario.model import ScenarioSpec, scenario_model
from outlast.scenario.overlay import apply_changes
from outlast.scenario.problems import in_order, translate
from outlast.scenario.thresholds import Catalogue, Threshold, of_objectives, written
from outlast.scenario.uncertain import settled


class Scenario:
    """A validated scenario.  Changing one gives another; nothing is modified in place.

    uncertain: the parameters that are given as data or as intervals; `spec` holds their point estimates.
    """

    def __init__(self, document: Document, folder: FilePath | None = None) -> None:
        self.document, self.folder = document, folder
        model = scenario_model()
        values, self.uncertain, wrong = settled(document)
        problems = list(wrong.values())
        try:
            self.spec: ScenarioSpec = model.model_validate(values, context={"folder": folder})
        except ValidationError as error:
            problems += [one for one in translate(error, document, model) if not _within(one.path, wrong)]
        if problems:
            raise ScenarioError(in_order(problems))

    @property
    def name(self) -> str:
        """Its `scenario:` line."""
        return self.spec.scenario

    @property
    def description(self) -> str:
        """Its `description:`."""
        return self.spec.description

    @property
    def file(self) -> str:
        """Where it was read from; "" if from text."""
        return self.document.file

    @property
    def text(self) -> str:
        """The source text."""
        return "\n".join(self.document.lines)

    @cached_property
    def hash(self) -> str:
        """Hex digest of the values, whatever their layout and comments."""
        data = json.dumps(self.document.data, sort_keys=True, ensure_ascii=False, default=repr)
        return hashlib.blake2b(data.encode(), digest_size=16).hexdigest()

    def changed(self, changes: Mapping[str, Any], label: str = "change") -> Scenario:
        """A scenario in which dotted paths hold other values; None deletes.  label: what to call them in errors."""
        return Scenario(apply_changes(self.document, plain(changes), label=label), self.folder)

    def variant(self, name: str) -> Scenario:
        """The scenario with the overlay `name` of its `variants:`.  Raises UsageError for an unknown name."""
        if name not in self.spec.variants:
            raise UsageError(f"{self.name} has no variant {name!r}", nearest_hint(name, self.spec.variants, "variants"))
        changes = self.document.data["variants"][name]
        return Scenario(apply_changes(self.document, changes, origin=("variants", name)), self.folder)

    @cached_property
    def _program(self) -> Program:
        return lower(self.spec, self.document)

    def program(self) -> Program:
        """What the engines run.  Raises ScenarioError for unknown names and circles."""
        return self._program

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its measures, as thresholds and tolerances name them."""
        return Catalogue(self.program().metrics, self.program().names.scopes)

    def thresholds(self) -> list[Threshold]:
        """Its objectives and thresholds."""
        known = self.catalogue
        return [*of_objectives(self.spec, known.metrics), *(known.threshold(*one) for one in written(self.spec))]

    def tolerances(self) -> dict[str, float]:
        """How much worse measures may get before a gate fails, by `component.measure`, in their units."""
        return dict(self.catalogue.tolerance(name, value) for name, value in self.spec.tolerances.items())

    def components(self) -> list[str]:
        """Names under `components:`."""
        return list(self.spec.components)

    def assumptions(self) -> list[tuple[str, str]]:
        """(dotted path, comment) of every line of the file that ends in a comment: sources and assumptions."""
        found = []
        for path, mark in self.document.marks.items():
            line = mark.value.line
            text = self.document.lines[line - 1] if 0 < line <= len(self.document.lines) else ""
            if " # " in text and path:
                found.append((".".join(map(str, path[:3])), text.rpartition(" # ")[2].strip()))
        return list(dict.fromkeys(found))


def load(path: str | os.PathLike[str], changes: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario file and check everything about it.  Raises ScenarioError with all problems at once."""
    document = read_document(path)
    return _checked(Scenario(document, FilePath(path).resolve().parent), changes)


def loads(text: str | bytes, changes: Mapping[str, Any] | None = None, folder: str | None = None) -> Scenario:
    """The same from text; folder: where its data files are."""
    return _checked(Scenario(parse_document(text), FilePath(folder).resolve() if folder else None), changes)


def from_dict(data: Mapping[str, Any], folder: str | None = None) -> Scenario:
    """A scenario built in Python: the same fields as in a file, durations as text with units."""
    return _checked(Scenario(Document(plain(data)), FilePath(folder).resolve() if folder else None), None)


def _checked(scenario: Scenario, changes: Mapping[str, Any] | None) -> Scenario:
    if changes:
        scenario = scenario.changed(changes)
    scenario.program()
    problems = []
    for name in scenario.spec.variants:
        try:
            scenario.variant(name).program()
        except ScenarioError as error:
            problems += list(error.problems)
    if problems:
        raise ScenarioError(in_order(problems))
    return scenario


def _within(path: str, others: Iterable[str]) -> bool:
    """Whether a dotted path is one of the others, below or around one."""
    return any(f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.") for other in others)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = with_beliefs(scenario_model().model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "outlast scenario"}
