"""Which component a name of a program belongs to."""

from __future__ import annotations

from collections.abc import Collection

from outlast.program.metrics import RECOVERED
from outlast.program.program import Program


def component_names(program: Program) -> list[str]:
    """Everything that units, outages and measures are filed under, sorted."""
    measured = (metric.component for metric in program.metrics)
    return sorted({*program.names.components, *with_outages(program), *measured} - {""})


def with_outages(program: Program) -> list[str]:
    """Components that have outages, in order."""
    return [name for name in dict.fromkeys(program.outage_names) if not name.endswith(RECOVERED)]


def home(name: str, components: Collection[str]) -> str:
    """The component of `store has replica` or `api@north.a ready`: the longest name that it begins with."""
    while name:
        for candidate in (name, name.partition("@")[0]):
            if candidate in components:
                return candidate
        name = name.rpartition(" ")[0]
    return ""
