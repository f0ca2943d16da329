"""What every component kind is: a specification that lowers itself into a program and publishes measures.

A kind is one file in this package with a subclass of `Kind` whose `kind` field is a Literal; it is found by looking.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from abc import abstractmethod
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict

from outlast.kinds.outline import Outline, Zones

if TYPE_CHECKING:
    from outlast.kinds.platform import Platform
    from outlast.kinds.reports import Report


def _described(schema: dict[str, Any], spec: type[BaseModel]) -> None:
    """Give the fields in a JSON schema their meanings, for hover text in editors."""
    for field, text in meanings(spec).items():
        if field in schema.get("properties", {}):
            schema["properties"][field]["description"] = text


class Spec(BaseModel):
    """A part of a scenario: unknown fields are errors, values do not change.

    The docstring of a specification says what it is, and then of each field, `name: meaning.` or `one, other: meaning.`
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, json_schema_extra=_described)


class Kind(Spec):
    """A component of a scenario."""

    #: False for kinds that stand in sections of their own (regions, teams, ...).
    in_components: ClassVar[bool] = True

    @abstractmethod
    def lower(self, name: str, platform: Platform) -> None:
        """Add the component to the program, and publish what it measures."""

    def references(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """(path below the component, name) of every other thing this one needs to be up."""
        yield from ()

    def reports(self) -> Iterator[Report]:
        """What reports draw of it besides what every component has."""
        yield from ()

    def uses(self) -> Iterator[tuple[str, str]]:
        """(field, name) of everything that its work depends on: what it needs, and what more there is."""
        for path, name in self.references():
            yield str(path[0]), name

    def outline(self, zones: Zones) -> Outline:
        """Where its parts run, for diagrams; nowhere in particular unless told otherwise."""
        return Outline()


_ENTRY = re.compile(r"(?:^|(?<=[.;:]) |(?<=\s) )([a-z_]+(?:,\s+[a-z_]+)*):\s")
_EVERYWHERE = {"kind": "What it is.", "description": "Free text."}


def meanings(spec: type[BaseModel]) -> dict[str, str]:
    """Field -> what it means, as the docstrings of the specification and of those it extends say."""
    found = dict(_EVERYWHERE)
    for one in reversed(spec.__mro__):
        text = re.sub(r"\n\s*", "\n ", inspect.cleandoc(one.__doc__ or ""))
        parts = _ENTRY.split(text)
        for names, meaning in zip(parts[1::2], parts[2::2], strict=True):
            found |= dict.fromkeys(re.split(r",\s+", names), _sentence(meaning))
    return {field: found[field] for field in spec.model_fields if field in found}


def _sentence(text: str) -> str:
    """On one line, with a full stop."""
    return " ".join(text.split()).rstrip(".;") + "."


def summary(spec: type[BaseModel]) -> str:
    """What a specification is, as its docstring says before it comes to the fields."""
    text = re.sub(r"\n\s*", "\n ", inspect.cleandoc(spec.__doc__ or ""))
    return " ".join(_ENTRY.split(text)[0].split())


@cache
def component_kinds() -> dict[str, type[Kind]]:
    """Name -> class of every component kind in this package."""
    import outlast.kinds as package

    found: dict[str, type[Kind]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        for item in vars(importlib.import_module(f"{package.__name__}.{module}")).values():
            if isinstance(item, type) and issubclass(item, Kind) and "kind" in item.model_fields and item.in_components:
                found[str(get_args(item.model_fields["kind"].annotation)[0])] = item
    return found
