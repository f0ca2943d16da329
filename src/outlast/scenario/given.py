"""Values given in Python instead of a file: brought to the same form, under the same limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outlast.errors import Problem, ScenarioError, dotted, shown
from outlast.scenario.document import Path
from outlast.scenario.tree import MAX_DEPTH


def plain(value: object, path: Path = ()) -> Any:
    """The value with text as keys, and lists for tuples; anything else is left as it is.

    Raises ScenarioError for something nested too deep (or within itself), for two keys of one name, and where the
    whole is not a mapping.
    """
    if len(path) > MAX_DEPTH:
        raise _refused(path, f"nested more than {MAX_DEPTH} levels deep", "flatten the scenario")
    if isinstance(value, Mapping):
        entries = {str(key): plain(item, (*path, str(key))) for key, item in value.items()}
        if len(entries) < len(value):
            raise _refused(path, "two keys have the same name", "remove or rename one of them")
        return entries
    if path and (isinstance(value, list) or type(value) is tuple):  # a NamedTuple is a value of its own
        return [plain(item, (*path, i)) for i, item in enumerate(value)]
    if not path:
        raise _refused(path, f"a scenario is a mapping of names to values (got {shown(value)})", "")
    return value


def _refused(path: Path, message: str, hint: str) -> ScenarioError:
    return ScenarioError([Problem(dotted(path), message, hint)])
