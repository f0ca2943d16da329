"""Everything a scenario file can say as Markdown: each field with its type, default and meaning, from the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from outlast.kinds.base import Spec, component_kinds, meanings, summary
from outlast.scenario.model import scenario_model

Node = Mapping[str, Any]

TITLES = "| field | type | default | meaning |\n| --- | --- | --- | --- |"
TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
INTRODUCTION = """\
# Reference: fields of a scenario

Every section is a mapping; fields that have no default are required. A *delay* is a fixed duration or a law
(`{exponential: 20 y}`, `{weibull: {mean: 90 d, shape: 0.8}}`, `{lognormal: {median: 4 h, sigma: 1.0}}`, ...). Any
quantity of the platform may be given as what is known of it, `{failures: 37, in: 1,200 host-days}` or
`{between: [1 h, 4 h]}`: see [sensitivity.md](../sensitivity.md).
`outlast schema --format markdown` prints this page.
"""


def reference() -> str:
    """The page: the file as a whole, then the component kinds, then their parts in order of appearance."""
    model = scenario_model()
    schema = model.model_json_schema()
    specs = _specs(Spec)
    kinds = [kind.__name__ for kind in component_kinds().values()]
    order = [*kinds, *(name for name in _mentioned(schema, schema["$defs"]) if name not in kinds)]
    sections = [INTRODUCTION, "\n".join(_table("The file", "", schema, meanings(model)))]
    for name in order:
        one = schema["$defs"][name]
        sections.append("\n".join(_table(name, _about(specs[name], one), one, meanings(specs[name]))))
    return "\n\n".join(sections) + "\n"


def _specs(base: type[Spec]) -> dict[str, type[Spec]]:
    found = {base.__name__: base}
    for one in base.__subclasses__():
        found |= _specs(one)
    return found


def _mentioned(node: Any, definitions: Node, seen: dict[str, None] | None = None) -> list[str]:
    """Names of definitions in the order in which a reader meets them."""
    seen = {} if seen is None else seen
    if isinstance(node, Mapping):
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen[name] = None
            _mentioned(definitions[name], definitions, seen)
        for key, value in node.items():
            if key not in ("$defs", "default"):
                _mentioned(value, definitions, seen)
    elif isinstance(node, list):
        for value in node:
            _mentioned(value, definitions, seen)
    return list(seen)


def _about(spec: type[Spec], node: Node) -> str:
    kind = node["properties"].get("kind", {}).get("const")
    return f"`kind: {kind}`. {summary(spec)}".strip() if kind else summary(spec)


def _table(title: str, about: str, node: Node, words: Mapping[str, str]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    if about:
        yield about
        yield ""
    yield TITLES
    required = set(node.get("required", ()))
    for field, value in node["properties"].items():
        default = "required" if field in required else _default(value)
        cells = (f"`{field}`", _type(value), default, words[field])
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _default(node: Node) -> str:
    value = node.get("default")
    if value is None or value == "":
        return "-"
    if isinstance(value, dict):
        return "its fields' defaults"
    return f"`{f'{value:g}' if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)}`"


def _type(node: Node) -> str:
    """In words: `duration`, `list of name`, a link to a section."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "title" in node and ("examples" in node or "pattern" in node):
        return _named(node["title"], node.get("examples", ()))
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        return " or ".join(f"`{one}`" for one in node["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            words = [_type(one) for one in node[choice] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(words))
    if node.get("type") == "array":
        return f"list of {_type(node['items'])}" if node.get("items") else "list"
    if node.get("type") == "object":
        values = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
        return f"mapping of names to {_type(values[0])}" if isinstance(values[0], dict) and values[0] else "mapping"
    return TYPES.get(str(node.get("type")), "anything")


def _named(title: str, examples: Sequence[Any]) -> str:
    """`duration (`5 min`)`."""
    example = next((f" (`{json.dumps(one) if isinstance(one, dict) else one}`)" for one in examples), "")
    return title[0].lower() + title[1:] + example


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
