"""What the machine refuses, and numbers that make no sense: one clear message, and what is finished is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from outlast.run import cost as costs
from outlast.run import replications
from outlast.run.results import Result as Kept

Cli = Callable[..., Result]
Mount = Callable[[str], Path]

FULL = "the result could not be written (No space left on device)\n"
HINT = "  hint: the result is what was printed; nothing half-written is left there\n"


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mounts a small file system of its own with some options; skips where only root may do that."""
    made: list[Path] = []

    def mounted(options: str) -> Path:
        place = tmp_path / "disk"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("file systems cannot be mounted here")
        made.append(place)
        return place

    yield mounted
    for place in made:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_costs_the_files_only(cli: Cli, mount: Mount) -> None:
    disk = mount("size=16k")
    printed = cli("run random.yaml").stdout
    result = cli(f"run random.yaml --out {disk}/kept")
    assert result.exit_code == 2
    assert result.stdout == printed
    assert result.stderr == f"error: {disk}/kept: {FULL}{HINT}"
    assert list(disk.iterdir()) == []


def test_a_full_disk_keeps_the_earlier_result(cli: Cli, mount: Mount) -> None:
    disk = mount("size=100k")
    assert cli(f"run random.yaml --out {disk}/kept").exit_code == 0
    with pytest.raises(OSError, match="No space"):
        (disk / "other").write_bytes(bytes(200_000))
    result = cli(f"run random.yaml --out {disk}/kept --force")
    assert (result.exit_code, result.stderr) == (2, f"error: {disk}/kept: {FULL}{HINT}")
    assert Kept.load(disk / "kept").n == 6
    assert {path.name for path in disk.iterdir()} == {"kept", "other"}


def test_a_read_only_file_system_is_told_before_the_run(cli: Cli, mount: Mount) -> None:
    disk = mount("size=1m,ro")
    result = cli(f"run random.yaml --out {disk}/kept")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: --out {disk}/kept: the folder {disk} cannot be written\n"


def test_a_mount_point_cannot_be_the_folder_of_a_result(cli: Cli, mount: Mount) -> None:
    disk = mount("size=1m")
    result = cli(f"run random.yaml --out {disk}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: --out {disk}: this is a mount point\n  hint: name a folder in it: --out {disk}/result\n"
    )


def test_a_read_only_folder_is_told_before_the_run(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As somebody who is not root sees it."""
    monkeypatch.setattr(os, "access", lambda path, mode, **how: Path(path) != folder)
    result = cli("run random.yaml --out kept")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: --out kept: the folder {folder} cannot be written\n"


def test_a_reader_that_goes_away_does_not_cost_the_files(spawn, folder: Path) -> None:
    reader, writer = os.pipe()
    process = spawn("run", "random.yaml", "-q", "--out", "kept", stdout=writer)
    os.close(reader)
    os.close(writer)
    assert process.wait(120) == 0
    assert Kept.load(folder / "kept").n == 6


def test_a_full_disk_behind_stdout_does_not_cost_the_files(spawn, folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        process = spawn("run", "random.yaml", "-q", "--out", "kept", stdout=full)
        said = process.communicate()[1]
    assert (process.returncode, said) == (2, "error: standard output: No space left on device\n")
    assert Kept.load(folder / "kept").n == 6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_result_is_written_lets_it_be_kept(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    save = Kept.save

    def interrupted(self: Kept, directory: str, studies: object) -> None:
        os.kill(os.getpid(), number)
        save(self, directory, studies)

    monkeypatch.setattr(Kept, "save", interrupted)
    result = cli("run random.yaml --json --out kept")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (130, "kept in kept")
    assert json.loads(result.stdout)["interrupted"] is False
    kept = Kept.load(folder / "kept")
    assert (kept.n, kept.interrupted) == (6, False)


def test_a_partial_result_says_so_wherever_it_goes(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(futures: list[Any], total: int, progress: object) -> None:
        for future in futures[:4]:
            future.result()
        raise KeyboardInterrupt

    monkeypatch.setattr(replications, "_wait", wait)
    result = cli("run random.yaml -n 300 --set horizon=30y --threads 1 --out kept")
    kept = Kept.load(folder / "kept")
    assert (result.exit_code, kept.interrupted, kept.origin.requested) == (130, True, 300)
    assert 4 <= kept.n < 300
    assert result.stdout.startswith(f"random: {kept.n} of 300 (interrupted) replications")
    assert f"interrupted: the result is that of the first {kept.n} replications" in result.stderr
    assert f"{kept.n} of 300, interrupted" in kept._repr_html_()
    assert len(kept.replications["replication"].unique()) == kept.n


@pytest.mark.parametrize("verb", ["run", "bench"])
def test_more_threads_than_processors_run_with_a_warning(cli: Cli, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(replications, "processors", lambda: 2)
    monkeypatch.setattr(costs, "COMPARED_S", 0.0)
    result = cli(f"{verb} clockwork.yaml -n 2 --threads 3")
    said = "warning: 3 threads share 2 processors: more threads than that make no run faster\n"
    assert (result.exit_code, result.stderr) == (0, said)
    assert cli(f"{verb} clockwork.yaml -n 2 --threads 2").stderr == ""


def test_more_threads_than_processors_change_no_byte(cli: Cli) -> None:
    many, one = (cli(f"run random.yaml --json --threads {n}") for n in (64, 1))
    assert many.stdout == one.stdout
    assert many.stderr.count("warning:") == 1
    assert cli("run random.yaml --json --threads 64 -q").stderr == ""


@pytest.mark.parametrize("threads", ["0", "-1", "1.5", "two", "1025", ""])
def test_impossible_threads_are_a_usage_error(cli: Cli, threads: str) -> None:
    result = cli("run", "clockwork.yaml", "--threads", threads)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"a whole number is needed, 1 to 1024 (got {threads!r})" in result.stderr


CSV_DEMAND = "demand: {csv: {file: d.csv, column: rate, STEP}}"
SCENARIO = """\
scenario: zero
horizon: 10 d
HEAD
regions:
  north: {zones: [a]}
components:
  store:
    kind: feature_store
    primary: north.a
    time_to_failure: {exponential: 30 d}
    backup: {every: BACKUP, restore: 1 h}
  api:
    kind: serving_endpoint
    regions: {north: active}
    DEMAND
    replica: {count: 2, capacity: 250 req/s, time_to_failure: {exponential: 30 d}, restart: 90 s}
  job:
    kind: training_cluster
    at: north.a
    hosts: {count: 2, needs: 2, time_to_failure: {exponential: 30 d}}
    repair: {lasts: 1 h}
    checkpoint: {every: CHECKPOINT, restart: 12 min}
"""
SOUND = {"HEAD": "", "BACKUP": "6 h", "CHECKPOINT": "30 min", "DEMAND": "demand: {constant: 5 req/s}"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"BACKUP": "0 h"}, "components.store.backup.every"),
        ({"CHECKPOINT": "0 min"}, "components.job.checkpoint.every"),
        ({"HEAD": "window: 0 d"}, "window"),
        ({"DEMAND": CSV_DEMAND.replace("STEP", "step: 0 s")}, "components.api.demand.csv.step"),
        ({"DEMAND": CSV_DEMAND.replace("STEP", "step: 1 h, period: 0 h")}, "components.api.demand.csv.period"),
    ],
)
@pytest.mark.parametrize("verb", ["run", "bench"])
def test_a_period_of_zero_is_one_located_message(
    cli: Cli, folder: Path, verb: str, change: dict[str, str], where: str
) -> None:
    text = SCENARIO
    for name, value in {**SOUND, **change}.items():
        text = text.replace(name, value)
    (folder / "zero.yaml").write_text(text, encoding="utf-8")
    (folder / "d.csv").write_text("rate\n1\n2\n", encoding="utf-8")
    result = cli(f"{verb} zero.yaml -n 2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("error:") == 1
    assert f": {where}: " in result.stderr and "(got '0 " in result.stderr


def test_the_sound_scenario_runs(cli: Cli, folder: Path) -> None:
    text = SCENARIO
    for name, value in SOUND.items():
        text = text.replace(name, value)
    (folder / "zero.yaml").write_text(text, encoding="utf-8")
    assert cli("run zero.yaml -n 2").exit_code == 0
