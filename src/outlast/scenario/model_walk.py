"""Follows a pydantic error location through a model, to the path in the file and the fields known there."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Discriminator, Tag
from pydantic.fields import FieldInfo

from outlast.scenario.document import Document, Path

_KEY_LABEL = "[key]"


@dataclass(frozen=True)
class Walk:
    """Where a location leads. fields: names known to the innermost model. union, branch: the outermost
    undiscriminated union that was passed (its path) and the label of the branch taken. examples: by field. tags: what
    the tag of a discriminated union may say, where the location ends at one."""

    path: Path
    fields: tuple[str, ...] = ()
    union: Path | None = None
    branch: str = ""
    examples: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


def walk(loc: Path, model: Any, document: Document, prefix: Path = (), *, whole: bool = False) -> Walk:
    """Path of `loc` in the document; whole=True says that the last part is a field's name."""
    path, owner, union, branch = prefix, None, None, ""
    kind: Any = _plain(model)
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            owner = kind
            path += (part,)
            kind = _field_kind(kind, part)
        elif part == _KEY_LABEL:
            break
        elif isinstance(kind, _Choice):
            if kind.tag is None and union is None:
                union, branch = path, str(part)
            kind = _branch(kind, str(part))
        elif kind is None:
            if (last and whole) or _holds(document, path, part):
                path += (part,)
            elif union is None:
                union, branch = path, str(part)
        else:
            path += (part,)
            kind = _plain(_item_kind(kind))
    return Walk(path, _names(owner), union, branch, _examples(owner), _tags(kind))


@dataclass(frozen=True)
class _Choice:
    """A union of two or more options; tag: its discriminator (field name or Discriminator), None without."""

    options: tuple[Any, ...]
    tag: Any = None


def _tags(kind: Any) -> tuple[str, ...]:
    if not isinstance(kind, _Choice) or not isinstance(kind.tag, str):
        return ()
    fields = [getattr(_plain(option), "model_fields", {}).get(kind.tag) for option in kind.options]
    return tuple(str(label) for one in fields if one is not None for label in get_args(one.annotation))


def _plain(kind: Any, tag: Any = None) -> Any:
    """An annotation without aliases, metadata and None: a class, a generic, a _Choice; None if unknown."""
    while True:
        if hasattr(kind, "__value__"):
            kind = kind.__value__
        elif get_origin(kind) is Annotated:
            tag = tag or _discriminator(get_args(kind)[1:])
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType):
            options = tuple(arg for arg in get_args(kind) if arg is not type(None))
            if len(options) > 1:
                return _Choice(options, tag)
            kind = options[0]
        else:
            return None if kind is Any else kind


def _discriminator(metadata: Sequence[Any]) -> Any:
    for extra in metadata:
        if isinstance(extra, Discriminator):
            return extra
        if isinstance(extra, FieldInfo) and extra.discriminator is not None:
            return extra.discriminator
    return None


def _field_kind(model: type[BaseModel], part: str | int) -> Any:
    for name, info in model.model_fields.items():
        if part in (name, info.alias, info.validation_alias):
            return _plain(info.annotation, info.discriminator or _discriminator(info.metadata))
    return None


def _item_kind(kind: Any) -> Any:
    args = [arg for arg in get_args(kind) if arg is not Ellipsis]
    return args[-1] if args else None


def _branch(choice: _Choice, label: str) -> Any:
    """The option that a label of pydantic names; None if it cannot be told."""
    tag = getattr(choice.tag, "discriminator", choice.tag)
    return next((_plain(option) for option in choice.options if _answers(option, label, tag)), None)


def _answers(option: Any, label: str, tag: Any) -> bool:
    if any(isinstance(extra, Tag) and extra.tag == label for extra in get_args(option)[1:]):
        return True
    bare = _plain(option)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        info = bare.model_fields.get(tag) if isinstance(tag, str) else None
        if info is not None and get_origin(info.annotation) is Literal:
            return label in get_args(info.annotation)
        return bare.__name__ == label
    origin = get_origin(bare)
    return origin is not None and label.startswith(f"{getattr(origin, '__name__', '?')}[")


def _holds(document: Document, path: Path, part: str | int) -> bool:
    """True where the data has something at `path` + `part`."""
    try:
        value = document.get(path)
    except (KeyError, IndexError, TypeError):
        return False
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _names(model: type[BaseModel] | None) -> tuple[str, ...]:
    if model is None:
        return ()
    return tuple(info.alias or name for name, info in model.model_fields.items())


def _examples(model: type[BaseModel] | None) -> dict[str, Sequence[Any]]:
    """Examples that the fields' own types carry (WithJsonSchema), by field name."""
    found: dict[str, Sequence[Any]] = {}
    for name, info in model.model_fields.items() if model else ():
        for extra in info.metadata:
            schema = getattr(extra, "json_schema", None)
            if isinstance(schema, Mapping) and schema.get("examples"):
                found[info.alias or name] = schema["examples"]
    return found
