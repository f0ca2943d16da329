"""JSON Schema of parameters that are not known exactly: allowed wherever a quantity of the platform is."""

from __future__ import annotations

from typing import Any

from outlast.scenario.uncertain import COUNTED, SPREADS

_ENDS = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": ["string", "number"]}}
_COUNT = {"type": "integer", "minimum": 0}
_FORMS: list[dict[str, Any]] = [
    {"properties": {"between": _ENDS, "value": {"type": ["string", "number"]}, "spread": {"enum": list(SPREADS)}},
     "required": ["between"]},
    {"properties": {"successes": _COUNT, "of": _COUNT}, "required": ["successes", "of"]},
    *({"properties": {word: _COUNT, "in": {"type": "string"}}, "required": [word, "in"]} for word in COUNTED),
]  # fmt: skip
BELIEF: dict[str, Any] = {
    "title": "What is known of an uncertain value",
    "description": "An interval with an optional best value, or counts: successes of trials, events in an exposure.",
    "anyOf": [{"type": "object", "additionalProperties": False, **form} for form in _FORMS],
}
NAME = "Belief"
KNOWN = ("Objective",)  # definitions whose quantities must be known


def with_beliefs(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a scenario in which quantities of its definitions may be beliefs too."""
    definitions = {n: one if n in KNOWN else _allowed(one) for n, one in schema.get("$defs", {}).items()}
    return {**schema, "$defs": {**definitions, NAME: BELIEF}}


def _allowed(node: Any) -> Any:
    if isinstance(node, list):
        return [_allowed(item) for item in node]
    if not isinstance(node, dict):
        return node
    if _quantity(node):
        about = {key: node[key] for key in ("title", "description", "default", "examples") if key in node}
        bare = {key: value for key, value in node.items() if key not in about}
        return {**about, "anyOf": [bare, {"$ref": f"#/$defs/{NAME}"}]}
    return {key: _allowed(value) for key, value in node.items()}


def _quantity(node: dict[str, Any]) -> bool:
    """A number, or a text with a unit: the patterns of those allow blanks."""
    return node.get("type") in ("integer", "number") or r"\s*" in str(node.get("pattern", ""))
