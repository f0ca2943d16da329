"""Scenarios: read, checked, overlaid and lowered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outlast.scenario.scenario import Scenario, from_dict, json_schema, load, loads

__all__ = ["Scenario", "from_dict", "json_schema", "load", "loads"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from outlast.scenario import scenario

        return getattr(scenario, name)
    raise AttributeError(name)
