"""`system`: all of / any of / at least k of other things, nested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Kind, Spec
from outlast.kinds.fields import Count, Name
from outlast.kinds.money import Prices
from outlast.kinds.platform import Path, Platform


class Structure(Spec):
    """Exactly one of `all_of`, `any_of`, or `at_least` with `of`; parts are names or structures."""

    all_of: Annotated[list[Name | Structure], Field(min_length=1)] | None = None
    any_of: Annotated[list[Name | Structure], Field(min_length=1)] | None = None
    at_least: Count | None = None
    of: Annotated[list[Name | Structure], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Structure:
        forms = [f for f in ("all_of", "any_of", "of") if getattr(self, f) is not None]
        if len(forms) != 1 or (self.of is None) != (self.at_least is None):
            raise FieldError(f"exactly one form is needed (got {' and '.join(forms) or 'none'})",
                             "write `all_of: [...]`, `any_of: [...]`, or `at_least: 2` with `of: [...]`")  # fmt: skip
        if self.of is not None and self.at_least is not None and self.at_least > len(self.of):
            raise FieldError(f"at_least is {self.at_least} but `of` has {len(self.of)} parts; it can never be up",
                             at=("at_least",))  # fmt: skip
        return self

    def form(self) -> tuple[str, list[str | Structure], int]:
        """(field, parts, how many must work)."""
        if self.all_of is not None:
            return "all_of", list(self.all_of), len(self.all_of)
        if self.any_of is not None:
            return "any_of", list(self.any_of), 1
        return "of", list(self.of or ()), self.at_least or 1

    def names(self, path: Path = ()) -> Iterator[tuple[Path, str]]:
        """Every name in the structure, with its path."""
        field, parts, _ = self.form()
        for i, part in enumerate(parts):
            if isinstance(part, Structure):
                yield from part.names((*path, field, i))
            else:
                yield (*path, field, i), part

    def parts(self, name: str, path: Path, platform: Platform) -> tuple[list[str], int]:
        """Conditions of the parts, and how many must hold."""
        field, parts, level = self.form()
        conditions = []
        for i, part in enumerate(parts):
            here = (*path, field, i)
            if isinstance(part, Structure):
                inner, least = part.parts(f"{name}/{i}", here, platform)
                conditions.append(platform.every(f"{name}/{i}", inner, at_least=least))
            else:
                conditions.append(platform.works(part, here))
        return conditions, level


class System(Structure, Kind):
    """Works while enough of its parts do; a part used twice is one part (shared dependencies count once)."""

    kind: Literal["system"]
    cost: Prices | None = None
    description: str = ""

    def lower(self, name: str, platform: Platform) -> None:
        """Nested gates over the conditions of the parts."""
        conditions, level = self.parts(name, ("components", name), platform)
        platform.publish(name, conditions, at_least=level)
        if self.cost is not None:
            platform.ledger.common(name, self.cost)

    def references(self) -> Iterator[tuple[Path, str]]:
        """Every part."""
        yield from self.names()
