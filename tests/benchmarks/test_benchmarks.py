"""The benchmarks check their answers before they time anything; here also that their ratios are not absurd."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import calibration
import growth
import machine_repair
import measuring
import platform_year
import pytest
from measuring import Answer

from outlast.program import Builder, Program, value_of
from outlast.run.replications import processors

FOLDER = Path(__file__).parents[2] / "benchmarks"
LEAST_RATIO = 10.0  # a quarter of the target: this machine may be busy


def quick(name: str, folder: Path) -> dict[str, Any]:
    """What `NAME.py --quick` writes."""
    out = folder / f"{name}.json"
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--quick", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["quick"] and found["versions"]["numba"] and found["machine"]["processors"]
    return dict(found)


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return quick("machine_repair", tmp_path_factory.mktemp("benchmark"))


def test_both_models_give_the_exact_answer(repaired: dict[str, Any]) -> None:
    exact = repaired["exact_mean_down"]
    for answer in repaired["answers"].values():
        assert abs(answer["mean"] - exact) <= 4 * answer["standard_error"]


def test_kernel_is_much_faster_than_plain_simpy(repaired: dict[str, Any]) -> None:
    assert repaired["ratio"] > LEAST_RATIO


def test_every_step_from_the_bare_calendar_to_the_model_is_timed(repaired: dict[str, Any]) -> None:
    assert tuple(repaired["ns_per_event"]) == machine_repair.STEPS


def test_exact_answer_with_a_crew_for_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, so every machine is down for the share repair / (life + repair) of the time."""
    monkeypatch.setattr(machine_repair, "CREWS", machine_repair.MACHINES)
    repair, life = machine_repair.REPAIR_S, machine_repair.LIFE_S
    expected = machine_repair.MACHINES * repair / (life + repair)
    assert machine_repair.exact_mean_down() == pytest.approx(expected, rel=1e-12)


def test_growth_is_close_to_proportional(tmp_path: Path) -> None:
    found = quick("growth", tmp_path)
    assert abs(found["answer"]["standard_errors_off"]) <= 4
    assert found["slopes"]["events per simulated year"] == pytest.approx(1.0, abs=0.03)
    assert 0.8 < found["slopes"]["bytes of a replication without its log"] <= 1.0
    largest = found["sizes"][-1]
    assert largest["world_bytes"] / largest["units"] < found["targets"]["megabytes"] * 1e6 / found["targets"]["units"]


def test_slope_is_the_power_that_values_grow_with() -> None:
    sizes = (1, 10, 100, 1000)
    assert growth.slope(sizes, [3.0 * n**1.5 for n in sizes]) == pytest.approx(1.5, abs=1e-12)


def test_engines_agree_on_the_platform_and_its_events_add_up(tmp_path: Path) -> None:
    for platform in quick("platform_year", tmp_path)["platforms"].values():
        assert sum(platform["events_of_replication_0"].values()) == platform["reference"]["events"]
        assert platform["ratio"] > LEAST_RATIO


def test_a_program_with_controllers_is_timed_sleeping_and_ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constant demand for a day: asleep, the controller looks a few times; ticking, every minute."""

    def day(quick: bool) -> Program:
        b = Builder(86_400.0)
        b.profile("demand", 86_400.0, [(0.0, 3.0), (43_200.0, 5.0)])
        life = b.lifecycle("member").state("on", ["on"]).state("off", ["off"])
        life.on("start", "off", "on").on("stop", "on", "off")
        b.cohort("member", life, 9, member={b.group("on"): ["on"]})
        b.controller("scaler", value_of("demand"), "on", up=(["off"], "start"), down=(["on"], "stop"), least=1, most=9,
                     target=1.0, total=True, period=60.0)  # fmt: skip
        return b.build()

    monkeypatch.setattr(platform_year, "PLATFORMS", {"day": day})
    found = platform_year.measure(True)["platforms"]
    asleep, awake = (p["evaluations_of_replication_0"] for p in (found["day"], found["day, ticking"]))
    assert (asleep < 100, awake) == (True, 1440)
    assert found["day"]["events_of_replication_0"] == found["day, ticking"]["events_of_replication_0"]


def test_two_threads_give_the_same_bits_and_cost_little(tmp_path: Path) -> None:
    if processors() == 1:
        pytest.skip("there is one processor")
    for threads in quick("threads", tmp_path)["programs"].values():
        assert threads["processor_time"] < 2.0


def test_pairing_needs_many_times_fewer_replications(tmp_path: Path) -> None:
    ratios = quick("pairing", tmp_path)["variance_ratios"]
    assert min(ratios.values()) > 10.0


def test_a_sweep_costs_little_more_than_its_runs(tmp_path: Path) -> None:
    found = quick("sweep", tmp_path)
    assert found["cells"] == 8 and found["ratio"] < 5.0


@pytest.mark.slow
def test_commands_answer_alike_each_time(tmp_path: Path) -> None:
    found = quick("startup", tmp_path)
    assert found["seconds"]["--help"]["median"] < found["seconds"]["run, first output"]["median"]


def test_calibration_rings_each_clock_once_per_unit_of_time() -> None:
    events = 200_000
    assert calibration.rate(events) == pytest.approx(1.0, abs=4 / math.sqrt(events))


@pytest.mark.parametrize("mean", [10.5, 9.5, math.nan])
def test_a_wrong_answer_ends_a_benchmark(mean: float) -> None:
    right = Answer(10.3, 0.1, 100)
    measuring.check({"ours": right}, 10.0)
    with pytest.raises(SystemExit, match=r"wrong answer, so no times.*theirs"):
        measuring.check({"ours": right, "theirs": Answer(mean, 0.1, 100)}, 10.0)


STORED = [
    file for file in sorted((FOLDER / "results").glob("*.json")) if file.stem != "randomness"
]  # no times in that one


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_stored_figures_are_from_a_full_run_with_right_answers(file: Path) -> None:
    stored = json.loads(file.read_text(encoding="utf-8"))
    entries = stored["history"] if file.stem == "history" else [stored]
    for entry in entries:
        assert not entry.get("quick", False)
        assert entry["versions"]["simpy"] and entry["machine"]["processor"]
        answers = [*entry.get("answers", {}).values(), *filter(None, [entry.get("answer")])]
        assert all(abs(answer["standard_errors_off"]) <= 4 for answer in answers)
