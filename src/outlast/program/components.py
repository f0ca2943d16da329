"""Which component a name of a program belongs to."""

from __future__ import annotations

from collections.abc import Collection

from outlast.program.program import Program


def component_names(program: Program) -> list[str]:
    """Everything that units, outages and measures are filed under, sorted."""
    measured = (metric.component for metric in program.metrics)
    return sorted({*program.names.components, *program.outage_names, *measured} - {""})


def home(name: str, components: Collection[str]) -> str:
    """The component of `store has replica` or `api@north.a ready`: the longest name that it begins with."""
    while name:
        for candidate in (name, name.partition("@")[0]):
            if candidate in components:
                return candidate
        name = name.rpartition(" ")[0]
    return ""
