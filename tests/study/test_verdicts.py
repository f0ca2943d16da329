"""The gate: verdicts from bounds only, several checks together, baselines that are run again."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from known import clockwork, unit

import outlast
from outlast.errors import RunError, ScenarioError, UsageError
from outlast.run.thresholds import FAILED, INCONCLUSIVE, PASSED, further, side
from outlast.stats.estimates import Estimate
from outlast.study import baseline
from outlast.study.gate import Check, Gate, holm


def estimate(mean: float, half: float, method: str = "t interval") -> Estimate:
    return Estimate(mean, 1.0, mean - half, mean + half, 0.95, 100, method)


@pytest.mark.parametrize(
    ("mean", "op", "verdict"),
    [(5.0, ">", PASSED), (3.0, ">", FAILED), (4.5, ">", INCONCLUSIVE), (5.0, "<", FAILED), (3.0, "<", PASSED),
     (4.9, ">=", INCONCLUSIVE)],
)  # fmt: skip
def test_only_the_bound_of_the_interval_decides(mean: float, op: str, verdict: str) -> None:
    assert side(estimate(mean, 0.95), op, 4.0) == verdict


def test_equality_counts_unless_the_threshold_is_strict() -> None:
    exact = estimate(4.0, 0.0)
    assert [side(exact, op, 4.0) for op in (">=", "<=", ">", "<")] == [PASSED, PASSED, FAILED, FAILED]


def test_further_replications_follow_from_the_half_width() -> None:
    assert further(estimate(5.0, 2.0), 4.0, 100) == 300  # half the width takes four times as many
    assert further(estimate(1.0, 0.03, "no event seen: bound"), 0.99, 100) == 200  # a bound shrinks with 1 / n
    assert further(estimate(4.0, 1.0), 4.0, 100) is None
    unbounded = Estimate(5.0, 1.0, -math.inf, 6.0, 0.95, 20, "order statistics")
    assert further(unbounded, 4.0, 20, 0.05) == 72 - 20  # 0.95^72 is the first power below 2.5 %


def p_value_check(p: float, kind: str = "threshold") -> Check:
    """Decided at every level up to 1 - p."""

    def look(level: float) -> dict[str, Any]:
        return {"verdict": FAILED if p <= 1.0 - level else INCONCLUSIVE, "level": level}

    return Check({"kind": kind, "value": 1.0}, look)


@pytest.mark.parametrize(
    ("p_values", "failed"),
    [([0.04], 1), ([0.04, 0.04], 0), ([0.02, 0.04], 2), ([0.02, 0.06], 1), ([0.016, 0.024, 0.9], 2), ([0.02, 0.02, 0.02], 0)],
)  # fmt: skip
def test_several_checks_are_judged_by_holms_rule(p_values: list[float], failed: int) -> None:
    rows = [row for _, row in holm([p_value_check(p) for p in p_values])]
    assert sum(row["verdict"] == FAILED for row in rows) == failed


def test_false_alarms_of_many_true_thresholds_stay_below_five_percent() -> None:
    """Twenty uniform p-values: alone one in twenty fails, together at most one family in twenty."""
    import numpy as np

    rng = np.random.default_rng(4)
    alarms = sum(any(row["verdict"] == FAILED for _, row in holm([p_value_check(p) for p in rng.uniform(size=20)]))
                 for _ in range(1000))  # fmt: skip
    assert alarms / 1000 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 1000)


def test_thresholds_and_objectives_of_a_scenario_are_one_list() -> None:
    """Availability is 90 % exactly; nine outages of 1 d ended, the tenth was cut by nothing."""
    scenario = clockwork(
        objectives=[{"of": "db", "measure": "availability", "at_least": "95 %"}],
        thresholds={"db.availability": ["mean > 80%", "p(5) >= 85 % @ 99 %"], "db.mean_outage": "p(95) < 2 d"},
    )
    found = outlast.gate(scenario)
    assert [(row["aggregate"], row["over"], row["verdict"]) for row in found.rows] == [
        ("mean", "replications", "failed"),
        ("mean", "replications", "passed"),
        ("p(5)", "replications", "inconclusive"),
        ("p(95)", "outages", "inconclusive"),
    ]
    assert found.verdict == "failed"
    assert found.rows[0]["mean"] == pytest.approx(0.9)
    run = outlast.run(scenario)
    assert [row["verdict"] for row in run.thresholds] == ["not met", "met", "uncertain", "uncertain"]


def test_quantiles_over_enough_replications_are_decided() -> None:
    found = outlast.gate(clockwork(), {"db.availability": "p(5) > 85 %", "db.rto": "median <= 1 d"}, replications=100)
    assert [row["verdict"] for row in found.rows] == ["passed", "passed"]


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ({"db.availabilty": "mean > 1 %"}, "nothing is measured as 'db.availabilty'"),
        ({"db.availability": "avg > 1 %"}, "not a threshold"),
        ({"db.availability": "mean > 90 s"}, "share is needed"),
        ({"db.availability": "p(100) > 90 %"}, "the quantile must be between 0 and 100"),
        ({"db.availability": "mean > 90 % @ 0 %"}, "the confidence must be between 0 and 100"),
        ({"db.availability[zone]": "mean > 90 %"}, "is not counted by scope"),
        ({"db.outages[zon]": "mean < 9"}, "nothing has the scope 'zon'"),
        ({"db.availability": ["mean > 99 %", "mean < 98 %"]}, "nothing can be both"),
    ],
)
def test_impossible_thresholds_are_errors_in_python_and_in_a_scenario(thresholds: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        outlast.gate(clockwork(), thresholds)
    with pytest.raises(ScenarioError, match=message.replace("(", r"\(")):
        clockwork(thresholds=thresholds)


def test_the_hint_names_the_nearest_measure() -> None:
    with pytest.raises(UsageError, match=r"did you mean `db\.availability`"):
        outlast.gate(clockwork(), {"db.availabilty": "mean > 1 %"})


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(UsageError, match="nothing to judge"):
        outlast.gate(clockwork())


def test_two_thresholds_that_meet_are_no_contradiction() -> None:
    assert outlast.gate(clockwork(thresholds={"db.availability": ["mean >= 90 %", "mean <= 90 %"]})).rows
    with pytest.raises(ScenarioError, match="nothing can be both"):
        clockwork(thresholds={"db.availability": ["mean > 90 %", "mean <= 90 %"]})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A baseline of `unit()`."""
    folder = tmp_path_factory.mktemp("baseline") / "kept"
    baseline.write(folder, unit(), outlast.run(unit(), 20, 5))
    return folder


def verdicts(found: Gate) -> dict[str, str]:
    return {row["measure"]: row["verdict"] for row in found.rows if row["kind"] == "regression"}


def test_an_unchanged_scenario_passes_and_differs_in_nothing(kept: Path) -> None:
    found = outlast.gate(unit(), baseline=kept)
    assert found.verdict == "passed" and found.result.seed == 5
    assert set(found.differences["verdict"]) == {"exactly equal"}
    assert set(verdicts(found)) >= {"availability", "downtime", "mean_outage", "failures"}


def test_a_small_change_for_the_worse_is_found_by_pairing(kept: Path) -> None:
    found = outlast.gate(unit("1.05 d"), baseline=kept, replications=100)
    assert found.verdict == "failed"
    assert verdicts(found)["availability"] == "failed"
    assert verdicts(outlast.gate(unit("0.9 d"), baseline=kept))["availability"] == "passed"


def test_a_tolerance_allows_as_much_and_asks_for_proof(kept: Path) -> None:
    """Repairs of 1.05 d cost 0.4 % of availability."""

    def verdict(tolerance: str) -> str:
        found = outlast.gate(unit("1.05 d"), baseline=kept, replications=100, tolerances={"db.availability": tolerance})
        return verdicts(found)["availability"]

    assert [verdict(size) for size in ("5 %", "0.4 %", "0.01 %")] == ["passed", "inconclusive", "failed"]
    own = unit("1.05 d", tolerances={"db.availability": "5 %"})
    assert verdicts(outlast.gate(own, baseline=kept, replications=100))["availability"] == "passed"


def test_new_and_vanished_measures_are_listed(kept: Path) -> None:
    now = unit().changed({"components.web": {"kind": "component", "time_to_failure": "2 d"}})
    found = outlast.gate(now, baseline=kept)
    assert {(row["component"], row["side"]) for row in found.unmatched} == {("web", "new")}


def test_a_baseline_carries_its_data_files_and_runs_without_the_original(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "repairs.csv").write_text("minutes\n30\n90\n")
    data = json.loads(json.dumps(unit().document.data))
    data["components"]["db"]["repair"]["lasts"] = {
        "empirical": {"file": "data/repairs.csv", "column": "minutes", "unit": "min"}
    }
    scenario = outlast.from_dict(data, str(tmp_path))
    baseline.write(tmp_path / "kept", scenario, outlast.run(scenario, 3))
    shutil.rmtree(tmp_path / "data")
    assert baseline.read(tmp_path / "kept").scenario.hash == scenario.hash


def test_a_result_folder_serves_as_a_baseline(tmp_path: Path) -> None:
    text = (
        "scenario: a\nhorizon: 30 d\ncomponents:\n  db: {kind: component, time_to_failure: 9 d, repair: {lasts: 1 d}}\n"
    )
    outlast.run(outlast.loads(text), 3, 2).save(tmp_path / "kept")
    assert outlast.gate(outlast.loads(text), baseline=tmp_path / "kept").verdict == "passed"
    changed = outlast.loads(text).changed({"horizon": "31 d"})
    outlast.run(changed, 3, 2).save(tmp_path / "other")
    with pytest.raises(RunError, match="not the one its numbers came from"):
        outlast.gate(outlast.loads(text), baseline=tmp_path / "other")


def test_what_is_no_baseline_is_refused(kept: Path, tmp_path: Path) -> None:
    def broken(text: str) -> Path:
        folder = tmp_path / f"broken{len(list(tmp_path.iterdir()))}"
        shutil.copytree(kept, folder)
        (folder / "manifest.json").write_text(text)
        return folder

    manifest = json.loads((kept / "manifest.json").read_text())
    for text, message in (
        ("{", "damaged"),
        ("[]", "not the manifest of a baseline"),
        (json.dumps({**manifest, "format": 99}), "format 99 of another version"),
        (json.dumps({**manifest, "seed": "x"}), "damaged: seed"),
        (json.dumps({**manifest, "scenario_hash": "0"}), "not the one its numbers came from"),
    ):
        with pytest.raises(RunError, match=message):
            outlast.gate(unit(), baseline=broken(text))
    with pytest.raises(UsageError, match="no such folder"):
        outlast.gate(unit(), baseline=tmp_path / "nowhere")
    with pytest.raises(RunError, match="has no manifest"):
        outlast.gate(unit(), baseline=tmp_path)
    other = unit().changed({"components": {"web": {"kind": "component", "time_to_failure": "9 d"}}})
    with pytest.raises(UsageError, match="shares no measure"):
        outlast.gate(other, baseline=kept)


def test_writing_a_baseline_replaces_only_a_baseline(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(RunError, match="not a result of outlast"):
        baseline.write(tmp_path, unit(), outlast.run(unit(), 2))
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_a_time_limit_judges_what_is_finished() -> None:
    found = outlast.gate(
        unit(thresholds={"db.availability": "mean > 50 %"}), replications=5000, time_limit=0.0, threads=1
    )
    assert 0 < found.result.n < 5000
    assert found.notes == [f"the time limit ended the run after {found.result.n} of 5000 replications"]
    assert not found.interrupted


def test_json_has_the_same_bytes_on_any_number_of_threads(kept: Path) -> None:
    one, three = (outlast.gate(unit("1.1 d"), baseline=kept, threads=threads).to_json() for threads in (1, 3))
    assert one == three
    document = json.loads(one)
    assert {"checks", "differences", "unmatched", "verdict"} <= set(document)
