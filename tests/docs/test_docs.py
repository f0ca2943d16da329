"""Examples in the documentation work as printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

import outlast
from outlast.cli.gate import gate

ROOT = Path(__file__).resolve().parents[2]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


@pytest.mark.parametrize("text", blocks("docs/scenarios.md", "yaml"))
def test_a_scenario_in_the_documentation_runs_with_its_variants(text: str) -> None:
    scenario = outlast.loads(text)
    result = outlast.run(scenario, replications=5, variants=list(scenario.spec.variants))
    assert set(result.estimates["variant"]) == {"base", *scenario.spec.variants}


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = blocks("README.md", "python")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    exec(text.replace("replications=200", "replications=4"), {})
    assert (tmp_path / "availability.svg").stat().st_size > 1000


def test_the_pipeline_file_in_the_documentation_calls_the_gate_as_it_is() -> None:
    (text,) = blocks("docs/ci.md", "yaml")
    steps = yaml.safe_load(text)["jobs"]["gate"]["steps"]
    (command,) = (shlex.split(step["run"]) for step in steps if "outlast gate" in step.get("run", ""))
    assert gate.make_context("gate", command[2:]).params["baseline"] == "baseline"
