"""The command line in-process (`cli`) and as a process of its own (`spawn`), in a folder with small scenarios."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import outlast
from outlast.cli.main import main

Cli = Callable[..., Result]
Spawn = Callable[..., "subprocess.Popen[str]"]

# Nothing is drawn: down from day 9 to 10, 19 to 20, ..., 89 to 90 of 95 days.
CLOCKWORK = """\
scenario: clockwork
description: Nothing is drawn, so every number is known.
horizon: 95 d
components:
  db:
    kind: component
    time_to_failure: 9 d   # assumed
    repair: {lasts: 1 d}   # measured in 2025
objectives:
  - {of: db, measure: availability, at_least: 95 %}
  - {of: db, measure: mean_outage, at_most: 2 d}
variants:
  slow: {components.db.repair.lasts: 3 d}
"""

RANDOM = """\
scenario: random
horizon: 30 d
replications: 6
seed: 7
components:
  db:
    kind: component
    count: 3
    needs_up: 2
    time_to_failure: {exponential: 3 d}
    repair: {lasts: {exponential: 8 h}}
"""

FIVE_MISTAKES = """\
scenario: bad
horizon: 30
regions:
  north: {zones: [a], outtage: {every: {exponential: 20 y}, lasts: 4 h}}
components:
  db:
    kind: component
    time_to_failure: {exponential: -10 d}
    repair: {lasts: 8 GB}
  web:
    kind: componnt
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with three scenarios; no setting of this machine counts."""
    for name in [name for name in os.environ if name.startswith("OUTLAST_") and name != "OUTLAST_CACHE_DIR"]:
        monkeypatch.delenv(name)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, text in (("clockwork", CLOCKWORK), ("random", RANDOM), ("bad", FIVE_MISTAKES)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(Path(outlast.__file__).parents[1]))  # for processes of their own
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(folder: Path) -> Cli:
    """Runs the arguments, words of one string or several; exit code, stdout and stderr in the result."""

    def run(*words: str, **options: Any) -> Result:
        args = words[0].split() if len(words) == 1 else list(words)
        return CliRunner().invoke(main, args, **options)

    return run


@pytest.fixture
def spawn(folder: Path) -> Iterator[Spawn]:
    """Starts `python -m outlast` with warnings as errors; what still runs in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-m", "outlast", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, **{**pipes, **options}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
