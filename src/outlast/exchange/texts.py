"""Exact quantities as a scenario writes them, and fragments of scenarios as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

_UNITS = (("d", 86_400.0), ("h", 3600.0), ("min", 60.0))


def share_text(share: float) -> str:
    """0.9995 as `99.95 %`."""
    return f"{round(share * 100.0, 10):.12g} %"


def duration_text(seconds: float) -> str:
    """7200.0 as `2 h`: the largest unit in which it is a whole number, without loss."""
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0.0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.12g} s"


def to_yaml(data: Mapping[str, Any]) -> str:
    """Sections as YAML, innermost mappings in one line."""
    return yaml.safe_dump(dict(data), sort_keys=False, default_flow_style=None, width=110, allow_unicode=True)
