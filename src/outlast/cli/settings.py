"""`[tool.outlast]` in the pyproject.toml of the working folder: values that neither a flag, an OUTLAST_*
variable nor the scenario gives.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outlast.errors import UsageError, nearest_hint, shown

if TYPE_CHECKING:
    from outlast.scenario import Scenario

FILE = "pyproject.toml"
CACHE_VARIABLE = "OUTLAST_CACHE_DIR"


@dataclass(frozen=True)
class Settings:
    """None: not given. cache: folder of compiled code, relative to the working folder. tolerances: of `outlast gate`,
    by `component.measure`."""

    seed: int | None = None
    threads: int | None = None
    replications: int | None = None
    cache: str | None = None
    tolerances: dict[str, str | float] = field(default_factory=dict)


LEAST = {"seed": 0, "threads": 1, "replications": 1}


def read(folder: Path) -> Settings:
    """The settings of a working folder. Raises UsageError for anything that is not understood."""
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise UsageError(f"{FILE}: cannot be read ({error})") from None
    tool = content.get("tool", {})
    table = tool.get("outlast", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{FILE}: tool.outlast must be a table (got {shown(table)})")
    for name, value in table.items():
        _check(name, value)
    return Settings(**table)


def _check(name: str, value: Any) -> None:
    known = [one.name for one in fields(Settings)]
    where = f"{FILE}: tool.outlast.{name}"
    if name not in known:
        raise UsageError(f"{where}: unknown setting", nearest_hint(name, known, "settings"))
    if name == "cache":
        if not isinstance(value, str) or not value:
            raise UsageError(f"{where}: must be the name of a folder (got {shown(value)})")
    elif name == "tolerances":
        if not isinstance(value, dict) or not all(isinstance(one, str | int | float) for one in value.values()):
            raise UsageError(f"{where}: must be a table of measures and sizes (got {shown(value)})")
    elif not isinstance(value, int) or isinstance(value, bool) or value < LEAST[name]:
        raise UsageError(f"{where}: must be a whole number, at least {LEAST[name]} (got {shown(value)})")


def use_cache(settings: Settings, folder: Path) -> None:
    """Name the folder of compiled code, before anything that compiles is imported; the environment wins."""
    if settings.cache is not None:
        os.environ.setdefault(CACHE_VARIABLE, str(folder / settings.cache))


def seed_of(flag: int | None, scenario: Scenario, settings: Settings) -> int:
    """Flag or environment, else the scenario's, else pyproject.toml's, else the default."""
    return _first(flag, scenario, "seed", settings.seed)


def replications_of(flag: int | None, scenario: Scenario, settings: Settings) -> int:
    """Flag or environment, else the scenario's, else pyproject.toml's, else the default."""
    return _first(flag, scenario, "replications", settings.replications)


def _first(flag: int | None, scenario: Scenario, name: str, setting: int | None) -> int:
    if flag is not None:
        return flag
    if name not in scenario.spec.model_fields_set and setting is not None:
        return setting
    return int(getattr(scenario.spec, name))
