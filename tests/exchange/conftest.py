"""A scenario with everything that OpenSLO and Prometheus can say, and some things that they cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import outlast
from outlast.cli.main import main
from outlast.scenario import Scenario

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
