"""outlast: will this AI/ML platform outlast its failures, how well, at what price?

    import outlast
    scenario = outlast.load("scenarios/quickstart.yaml")
    result = outlast.run(scenario, replications=200, seed=1)
    result.estimates

Everything is imported when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from outlast.version import __version__

if TYPE_CHECKING:
    from outlast.api import causes, compare, gate, pareto, sensitivity, sweep
    from outlast.run.cost import Cost
    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario, from_dict, load, loads

__all__ = [
    "Result", "Scenario", "__version__", "bench", "causes", "compare", "from_dict", "gate", "load",
    "loads", "pareto", "run", "sensitivity", "sweep",
]  # fmt: skip

_HOMES = {
    "Result": "outlast.run.results",
    "Scenario": "outlast.scenario.scenario",
    "causes": "outlast.api",
    "compare": "outlast.api",
    "from_dict": "outlast.scenario.scenario",
    "gate": "outlast.api",
    "load": "outlast.scenario.scenario",
    "loads": "outlast.scenario.scenario",
    "pareto": "outlast.api",
    "sensitivity": "outlast.api",
    "sweep": "outlast.api",
}

# The package `outlast.run` binds its name here when it is first imported; that must come before the function.
import_module("outlast.run")


def run(scenario: Any, replications: int | None = None, seed: int | None = None, **options: Any) -> Result:
    """Run a scenario, or the file at a path; see `outlast.api.run` for the options."""
    from outlast.api import run as run_scenario

    return run_scenario(scenario, replications, seed, **options)


def bench(scenario: Any, replications: int = 10, seed: int | None = None, **options: Any) -> Cost:
    """What a run of a scenario, or of the file at a path, costs; see `outlast.api.bench` for the options."""
    from outlast.api import bench as bench_scenario

    return bench_scenario(scenario, replications, seed, **options)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'outlast' has no attribute {name!r}")
