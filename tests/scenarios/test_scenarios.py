"""The scenarios of the product: they load, run, agree between the engines, and say where their numbers are from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import outlast
from outlast.engines import kernel, reference
from outlast.scenario import Scenario

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
SHORT = {"hybrid": "31 d", "two-region-platform": "61 d", "llama3-54-days": "6 d"}  # for the reference's sake
EXPECTED = {"quickstart", "two-region-platform", "hybrid", "llama3-54-days"}


def name_of(file: Path) -> str:
    return file.stem


def short(file: Path) -> Scenario:
    """The scenario over fewer days."""
    return outlast.load(file, {"horizon": SHORT.get(file.stem, "1 y")})


def test_every_scenario_is_looked_at() -> None:
    assert {file.stem for file in FILES} == EXPECTED


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_scenario_and_its_variants_run_and_judge_their_objectives(file: Path) -> None:
    scenario = short(file)
    assert scenario.name == file.stem
    variants = list(scenario.spec.variants)
    result = outlast.run(scenario, replications=3, variants=variants)
    estimates = result.estimates
    assert set(estimates["variant"]) == {"base", *variants}
    assert set(scenario.components()) <= set(estimates["component"])
    shares = estimates[estimates["unit"] == "share"].dropna(subset="mean")
    assert shares["mean"].between(0.0, 1.0).all()
    judged = {row["variant"] for row in result.thresholds}
    assert scenario.spec.objectives and judged == {"base", *variants}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_kernel_and_reference_agree_bit_for_bit(file: Path) -> None:
    program = short(file).program()
    fast, slow = (engine.run(program, 1, 0, trace=True) for engine in (kernel, reference))
    assert fast.events == slow.events > 1000
    assert fast.sums.tobytes() == slow.sums.tobytes()
    assert fast.log.tobytes() == slow.log.tobytes()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_number_says_where_it_is_from(file: Path) -> None:
    assert unexplained(file.read_text(encoding="utf-8").splitlines()) == []


def test_a_number_without_a_comment_is_noticed() -> None:
    assert unexplained(["a: 1  # assumed", "b: 2", "# a source", "c: 3", "d: x"]) == ["2: b: 2"]
    assert unexplained(["t: >-  # derived", "  of 1", "u: >-", "  of 2"]) == ["4: of 2"]


def unexplained(lines: list[str]) -> list[str]:
    """Lines of data that contain a digit and no comment, neither behind them nor in the line above.

    Folded text is explained by the comment behind the `>-` that opens it.
    """
    found, folded, explained = [], -1, False
    for number, line in enumerate(lines, 1):
        data, mark, _ = line.partition(" #") if not line.lstrip().startswith("#") else ("", "#", "")
        indent = len(line) - len(line.lstrip())
        if folded >= 0 and indent <= folded:
            folded = -1
        above = lines[number - 2].lstrip().startswith("#") if number > 1 else False
        if folded < 0:
            explained = bool(mark) or above
        if re.search(r"\d", data) and not explained:
            found.append(f"{number}: {line.strip()}")
        if data.rstrip().endswith(">-"):
            folded = indent
    return found


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_data_files_are_named_with_their_licence(file: Path) -> None:
    text, notes = file.read_text(encoding="utf-8"), (FOLDER / "data" / "README.md").read_text(encoding="utf-8")
    for used in re.findall(r"file: data/(\S+)", text):
        row = next(line for line in notes.splitlines() if line.startswith(f"| `{used}`"))
        assert "| MIT |" in row or "| CC-BY-4.0 |" in row


def serving_only(**changes: object) -> Scenario:
    """The two-region platform without its training cluster, which takes half of the time."""
    without = {"components.pretrain": None, "objectives": []}
    return outlast.load(FOLDER / "two-region-platform.yaml", {**without, **changes})


def test_common_luck_shows_what_the_standby_is_worth() -> None:
    """With a standby the endpoint is down until it is shifted, without one until Dubai is back."""
    result = outlast.run(serving_only(), replications=40, variants=["no-standby"])
    outages = result.outages[result.outages["component"] == "ranker"]
    outages = outages[outages["scope"].isin(["region", "provider"])]
    longest = outages.groupby("variant")["duration_s"].max()
    assert longest["no-standby"] > 2 * longest["base"]


def test_rare_backups_lose_more_when_they_are_needed() -> None:
    """Followers that take a week to rebuild make restores frequent enough to be seen."""
    scenario = serving_only(**{"components.features.rebuild": "7 d"})
    result = outlast.run(scenario, replications=30, variants=["three-month-backups"])
    losses = result.records[(result.records["component"] == "features") & (result.records["label"] == "rpo")]
    restores = losses[losses["value"] > 600.0]  # what a failover loses is a matter of seconds
    mean = restores.groupby("variant")["value"].mean()
    assert restores.groupby("variant").size().min() > 5
    assert mean["three-month-backups"] > 20 * mean["base"]
