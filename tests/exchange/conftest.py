"""One replication of a small platform with everything that exports look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.exchange.clock import Clock
from outlast.exchange.incident import Incident, of_failures, of_outages
from outlast.run.history import History, replay
from outlast.scenario import Scenario, load

OBJECTIVES = ("ranker", "features", "pretrain")
SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="session")
def platform() -> Scenario:
    """Two regions, an endpoint with a standby, a store, a cluster: 12 days."""
    objectives = [{"of": name, "measure": "availability", "at_least": "99 %"} for name in OBJECTIVES]
    changes = {"horizon": "12 d", "regions.dubai.outage.every": {"exponential": "8 d"}, "objectives": objectives}
    return load(SCENARIOS / "two-region-platform.yaml", changes)


@pytest.fixture(scope="session")
def history(platform: Scenario) -> History:
    return replay(platform.program(), 1, 3)


@pytest.fixture(scope="session")
def incidents(history: History, platform: Scenario) -> list[Incident]:
    return of_outages(history.outages, 3, {objective.of for objective in platform.spec.objectives})


@pytest.fixture(scope="session")
def failures(history: History) -> list[Incident]:
    return of_failures(history.failures, 3)


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock("2029-01-01")
