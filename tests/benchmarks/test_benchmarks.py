"""The benchmarks check their answers before they time anything; here also that their ratios are not absurd."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPT = FOLDER / "machine_repair.py"
LEAST_RATIO = 10.0  # a quarter of the target: this machine may be busy


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `machine_repair.py --quick` writes."""
    out = tmp_path_factory.mktemp("benchmark") / "machine_repair.json"
    command = [sys.executable, str(SCRIPT), "--quick", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "ratio" in done.stdout
    return dict(json.loads(out.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("machine_repair", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_both_models_give_the_exact_answer(quick: dict[str, Any]) -> None:
    exact = quick["exact_mean_down"]
    for answer in quick["answers"].values():
        assert abs(answer["mean"] - exact) <= 4 * answer["standard_error"]


def test_kernel_is_much_faster_than_plain_simpy(quick: dict[str, Any]) -> None:
    assert quick["ratio"] > LEAST_RATIO


def test_exact_answer_with_a_crew_for_every_machine(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, so every machine is down for the share repair / (life + repair) of the time."""
    monkeypatch.setattr(benchmark, "CREWS", benchmark.MACHINES)
    repair, life = benchmark.REPAIR_S, benchmark.LIFE_S
    expected = benchmark.MACHINES * repair / (life + repair)
    assert benchmark.exact_mean_down() == pytest.approx(expected, rel=1e-12)


def test_stored_figures_are_from_a_full_run_with_right_answers() -> None:
    stored = json.loads((FOLDER / "results" / "machine_repair.json").read_text(encoding="utf-8"))
    assert not stored["quick"]
    assert all(abs(answer["standard_errors_off"]) <= 4 for answer in stored["answers"].values())
    assert stored["versions"]["simpy"] and stored["machine"]["processor"]
