"""A scenario with everything that OpenSLO and Prometheus can say, and some things that they cannot; one replication of
another, with everything that exports of histories look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import outlast
from outlast.cli.main import main
from outlast.exchange.clock import Clock
from outlast.exchange.incident import Incident, of_failures, of_outages
from outlast.run.history import History, replay
from outlast.scenario import Scenario, load

OBJECTIVES = ("ranker", "features", "pretrain")
SCENARIOS = Path(__file__).parents[2] / "scenarios"
PLATFORM = """\
scenario: platform
horizon: 1 y
window: 1 d
regions: {north: {zones: [a, b]}}
components:
  db_1: {kind: component, time_to_failure: {exponential: 30 d}, repair: {lasts: {exponential: 20 min}}}
  api:
    kind: serving_endpoint
    regions: {north: active}
    demand: {constant: 300 req/s}
    replica: {count: 4, capacity: 100 req/s, time_to_failure: {exponential: 60 d}, restart: 90 s}
"""


@pytest.fixture
def platform() -> Callable[..., Scenario]:
    """The platform with more sections below it."""
    return lambda more="": outlast.loads(PLATFORM + more)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command line in a folder with `platform.yaml`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "platform.yaml").write_text(PLATFORM)
    return lambda *words, **more: CliRunner().invoke(main, [str(word) for word in words], **more)


@pytest.fixture(scope="session")
def twelve_days() -> Scenario:
    """Two regions, an endpoint with a standby, a store, a cluster: 12 days."""
    objectives = [{"of": name, "measure": "availability", "at_least": "99 %"} for name in OBJECTIVES]
    changes = {"horizon": "12 d", "regions.dubai.outage.every": {"exponential": "8 d"}, "objectives": objectives,
               "agreements": {}}  # fmt: skip
    return load(SCENARIOS / "two-region-platform.yaml", changes)


@pytest.fixture(scope="session")
def history(twelve_days: Scenario) -> History:
    return replay(twelve_days.program(), 1, 3)


@pytest.fixture(scope="session")
def incidents(history: History, twelve_days: Scenario) -> list[Incident]:
    return of_outages(history.outages, 3, {objective.of for objective in twelve_days.spec.objectives})


@pytest.fixture(scope="session")
def failures(history: History) -> list[Incident]:
    return of_failures(history.failures, 3)


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock("2029-01-01")
