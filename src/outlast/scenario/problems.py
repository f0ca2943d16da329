"""Pydantic's validation errors as located Problems in plain words.

Pydantic reports a location that also names union branches; the path in the file is found by walking the model
(and, where the model is not known, the data) beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from outlast.errors import Problem, did_you_mean, nearest_hint, shown
from outlast.scenario.document import Document, Path
from outlast.scenario.model_walk import Walk, walk

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
    "dataclass": "a mapping",
}
_TEMPLATES = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "int_from_float": "must be a whole number",
    "too_short": "needs at least {min_length} entries",
    "too_long": "may have at most {max_length} entries",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "may have at most {max_length} characters",
    "string_pattern_mismatch": "must have the form {pattern}",
    "none_required": "must be left empty",
}


@dataclass(frozen=True)
class _Finding:
    """One pydantic error in our words. got: the value to quote, "" for none; allowed: what would be right."""

    walk: Walk
    path: Path
    what: str
    got: str = ""
    allowed: str = ""
    hint: str = ""
    key: bool = False

    def message(self) -> str:
        got = f" (got {self.got})" if self.got else ""
        return self.what + got + (f"; {self.allowed}" if self.allowed else "")


def translate(error: ValidationError, document: Document, model: Any = None, prefix: Path = ()) -> list[Problem]:
    """Every mistake in `error` as a Problem with its place, in the order of the file.

    model: what was validated (a model class or any annotation), for hints with the nearest field name.
    prefix: path of the validated value in the document. Raises nothing.
    """
    findings = []
    for raw in error.errors(include_url=False):
        found = walk(tuple(raw["loc"]), model, document, prefix, whole=raw["type"] in _NAMES_A_FIELD)
        findings.append(_finding(raw, found))
    problems = [document.problem(f.path, f.message(), f.hint, key=f.key) for f in _once(_without_union_noise(findings))]
    return in_order(problems)


def _once(findings: Sequence[_Finding]) -> list[_Finding]:
    """A misspelt field is unknown, and the field that was meant is missing: one mistake."""
    meant = {(f.path[:-1], f.hint) for f in findings if f.key and f.path}
    return [f for f in findings if not (f.what == REQUIRED and f.path
                                        and (f.path[:-1], did_you_mean(str(f.path[-1]))) in meant)]  # fmt: skip


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by line and column, those without a place last, each only once."""
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda p: (p.line == 0, p.line, p.column))


REQUIRED = "field required"
_NAMES_A_FIELD = ("missing", "extra_forbidden")


def _finding(raw: Mapping[str, Any], found: Walk) -> _Finding:
    kind, context, value = raw["type"], raw.get("ctx", {}), raw.get("input")
    path = found.path
    if kind == "missing":
        return _Finding(found, path, REQUIRED, hint=_example(found, path))
    if kind == "extra_forbidden":
        known = found.fields
        hint = nearest_hint(str(path[-1]), known, "fields") if known and path else ""
        return _Finding(found, path, "unknown field", hint=hint, key=True)
    if kind in ("value_error", "assertion_error"):
        return _raised(context.get("error"), raw["msg"], found)
    if kind in ("literal_error", "enum"):
        allowed = str(context.get("expected", "")).replace(" or ", ", ")
        return _choice(found, path, "unknown value", value, allowed)
    if kind == "union_tag_invalid":
        field = _tag_field(context)
        what = f"unknown {field[0]}" if field else "unknown value"
        return _choice(found, path + field, what, context["tag"], context["expected_tags"])
    if kind == "union_tag_not_found":
        hint = f"one of {', '.join(sorted(found.tags))}" if found.tags else ""
        return _Finding(found, path + _tag_field(context), REQUIRED, hint=hint)
    return _plain(found, kind, context, value, raw["msg"])


def _example(found: Walk, path: Path) -> str:
    """The first example that the missing field's type carries in its schema, as a hint."""
    examples = found.examples.get(str(path[-1]), ()) if path else ()
    return f"for example `{path[-1]}: {examples[0]}`" if examples else ""


def _tag_field(context: Mapping[str, Any]) -> Path:
    name = str(context.get("discriminator", "")).strip("'")
    return (name,) if name.isidentifier() else ()


def _raised(error: object, text: str, found: Walk) -> _Finding:
    """An error raised by a validator of ours: it may carry a hint and the path of the culprit."""
    message = getattr(error, "message", None) or (str(error) if error is not None else text)
    at = tuple(getattr(error, "at", ()))
    return _Finding(found, found.path + at, message, hint=getattr(error, "hint", ""))


def _choice(found: Walk, path: Path, what: str, value: object, allowed: str) -> _Finding:
    names = [name.strip().strip("'") for name in allowed.split(",")]
    hint = nearest_hint(str(value), names) if isinstance(value, str) else ""
    hint = hint if hint.startswith("did you mean") else ""
    return _Finding(found, path, what, shown(value), f"allowed: {', '.join(names)}", hint)


def _plain(found: Walk, kind: str, context: Mapping[str, Any], value: object, text: str) -> _Finding:
    family = kind.removesuffix("_size").removesuffix("_attributes_type")
    family = family.removesuffix("_type").removesuffix("_parsing")
    if kind in _TEMPLATES:
        what = _TEMPLATES[kind].format(**context)
    elif family in _TYPES:
        what = f"must be {_TYPES[family]}"
    else:
        what = text.replace("Input should be", "must be").replace("Input should", "must")
        what = what[:1].lower() + what[1:]
    return _Finding(found, found.path, what, shown(value), hint=_type_hint(family, value))


def _type_hint(family: str, value: object) -> str:
    if family == "string" and isinstance(value, bool | int | float):
        return "put text in quotes"
    if _TYPES.get(family) == "a list" and isinstance(value, str):
        return f"write `[{value[:40]}]`"
    if _TYPES.get(family) == "a mapping":
        return "write `name: value` pairs, in braces or indented on lines of their own"
    return ""


def _without_union_noise(findings: Sequence[_Finding]) -> list[_Finding]:
    """A value that fits no branch of a union is one mistake, not one for each branch."""
    kept: list[_Finding] = []
    unions: dict[Path, list[_Finding]] = {}
    for finding in findings:
        if finding.walk.union is None:
            kept.append(finding)
        else:
            unions.setdefault(finding.walk.union, []).append(finding)
    for path, group in unions.items():
        kept += _one_branch(path, group)
    return kept


def _one_branch(path: Path, group: list[_Finding]) -> list[_Finding]:
    """The branch that accepted the form of the value; where none did, one finding with all allowed forms."""
    branches: dict[str, list[_Finding]] = {}
    for finding in group:
        branches.setdefault(finding.walk.branch, []).append(finding)
    inside = [b for b in branches.values() if all(len(f.path) > len(path) for f in b)]
    if inside:
        return min(inside, key=len)
    spoken = [f for f in group if f.walk.union == f.path]
    raised = [f for f in spoken if f.hint and not f.got]  # by a validator of ours
    if len(branches) == 1 or not spoken:
        return group
    if raised:
        return raised[:1]
    what = " or ".join(dict.fromkeys(f.what for f in spoken)).replace(" or must be ", " or ")
    return [_Finding(spoken[0].walk, path, what, next((f.got for f in spoken if f.got), ""))]
