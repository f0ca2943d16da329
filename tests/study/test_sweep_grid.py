"""Values of a parameter, grids, and the search for the value that is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from known import clockwork, unit

import outlast
from outlast.errors import ScenarioError, UsageError
from outlast.report import study_figures
from outlast.report.sweeps import measures
from outlast.run.variants import Luck
from outlast.study.search import Found, search
from outlast.study.sweep import Sweep
from outlast.study.values import assignment, label

REPAIR = "components.db.repair.lasts"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1, 2,3", [1, 2, 3]),
        ("2..5", [2, 3, 4, 5]),
        ("2..8 step 3", [2, 5, 8]),
        ("0.1..0.3 step 0.1", [0.1, 0.2, 0.3]),
        ("1 h..2 h step 30 min", ["60 min", "90 min", "120 min"]),
        ("1..3 h step 1 h", ["1 h", "2 h", "3 h"]),
        ("99 %..99.9 % step 0.3 %", ["99 %", "99.3 %", "99.6 %", "99.9 %"]),
        ("90 s, {exponential: 2 h}, [a, b]", ["90 s", {"exponential": "2 h"}, ["a", "b"]]),
        ("1, 4..5, null", [1, 4, 5, None]),
    ],
)
def test_values_are_yaml_and_ranges(text: str, values: list[Any]) -> None:
    assert assignment(f"a.b={text}", "--vary") == ("a.b", values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.b", "needs PATH=VALUES"),
        ("a.b=", "needs PATH=VALUES"),
        ("a..b=1", "not a path"),
        ("a=[1", "not a list of values"),
        ("a=1 h..2 h", "needs a step"),
        ("a=2..1", "goes upwards"),
        ("a=1..2 step 0", "goes upwards"),
        ("a=1 h..2 MB step 1 h", "belong together"),
        ("a=1..5000", "5,000 values"),
        ("a=1,1", "named twice"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        assignment(text, "--vary")


def test_a_search_divides_a_range_into_round_steps() -> None:
    _, values = assignment("a=1 h..100 h", "--find", steps=64)
    assert values[:3] == ["1 h", "3 h", "5 h"] and values[-2:] == ["99 h", "100 h"]


def test_labels_read_like_yaml() -> None:
    assert label({"a": [1, None, True], "b": "1 h"}) == "{a: [1, null, true], b: 1 h}"


@pytest.fixture(scope="module")
def grid() -> Sweep:
    return outlast.sweep(clockwork(), {"components.db.time_to_failure": ["9 d", "19 d"], REPAIR: "1 d..2 d step 1 d"})


def test_every_cell_has_its_estimate_and_its_difference_to_the_first(grid: Sweep) -> None:
    """Of 100 d: 10, 18, 5 and 8 d down (20 + 1: days 19-20, ..., 99-100; 19 + 2: days 19-21, ..., 82-84)."""
    rows = grid.frame.query("measure == 'availability' and scope == ''")
    assert list(rows[REPAIR]) == ["1 d", "2 d", "1 d", "2 d"]
    assert list(rows["mean"]) == pytest.approx([0.90, 0.82, 0.95, 0.92])
    assert list(rows["difference"]) == pytest.approx([0.0, -0.08, 0.05, 0.02])
    assert list(rows["verdict"]) == ["exactly equal", "worse", "better", "better"]


def test_a_saved_sweep_comes_back(grid: Sweep, tmp_path: Path) -> None:
    grid.save(tmp_path / "kept")
    again = Sweep.load(tmp_path / "kept")
    pd.testing.assert_frame_equal(again.frame, grid.frame)
    assert again.names == grid.names and not again.interrupted


def test_a_figure_has_a_line_per_combination_of_the_other_paths(grid: Sweep) -> None:
    (axes,) = study_figures.sweep(grid, "db", "availability").axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1 d", "2 d"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "time_to_failure=9 d",
        "time_to_failure=19 d",
    ]


def test_measures_that_do_not_differ_are_left_out_unless_asked_for(grid: Sweep) -> None:
    assert ("db", "availability") in measures(grid)
    assert measures(grid, ["db.failures"]) == [("db", "failures")]
    with pytest.raises(UsageError, match=r"does not measure 'db.fail'"):
        measures(grid, ["db.fail"])


def test_a_cell_is_the_run_of_the_changed_scenario() -> None:
    swept = outlast.sweep(unit(), {REPAIR: ["1 d", "2 d"]}, 10, 3)
    alone = outlast.run(unit().changed({REPAIR: "2 d"}), 10, 3).estimates
    mine = swept.estimates.query("variant == 'lasts=2 d'").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine.drop(columns="variant"), alone.drop(columns="variant"), check_like=True)


@pytest.mark.parametrize(
    ("varied", "error", "message"),
    [
        ({"components.db.cuont": [1]}, ScenarioError, "cuont"),
        ({"components.db.a.b": [1]}, ScenarioError, "cell b=1.*nothing is called 'a'"),
        ({"components.db.count": [1, "many"]}, ScenarioError, "cell count=many"),
        (
            {"components.db.count": list(range(1, 40)), REPAIR: [f"{h} h" for h in range(1, 40)]},
            UsageError,
            "1,521 cells",
        ),
        ({"horizon": ["1 d", "2 d"]}, UsageError, "different times"),
        ({}, UsageError, "nothing to vary"),
        ({REPAIR: []}, UsageError, "has no values"),
        ({REPAIR: ["1 d", "1 d"]}, UsageError, "two cells have the same values"),
    ],
)
def test_an_impossible_grid_names_what_is_wrong(varied: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        outlast.sweep(unit(), varied)


def test_an_interrupted_sweep_keeps_its_finished_cells() -> None:
    def stop_in_the_third(done: int, total: int) -> None:
        if done > 40:
            raise KeyboardInterrupt

    found = outlast.sweep(unit(), {REPAIR: [f"{h} h" for h in range(1, 6)]}, 20, progress=stop_in_the_third, threads=1)
    assert found.interrupted
    assert found.names in (["lasts=1 h", "lasts=2 h"], ["lasts=1 h", "lasts=2 h", "lasts=3 h"])  # as fast as it stops
    assert set(found.estimates["n"]) == {20}


def found(path: str, values: list[Any], text: str, n: int = 20) -> Found:
    scenario = unit(count=2) if "count" in path else clockwork()
    return search(scenario, path, values, scenario.catalogue.threshold("db.availability", text), Luck(n, 1))


def test_the_first_value_that_is_enough_is_found() -> None:
    """Two of m exponential units: unavailability about (1/11)^m, so three are needed for 99.9 %."""
    answer = found("components.db.count", list(range(1, 9)), "mean >= 99.9 %", 200)
    assert (answer.answer, answer.which, answer.monotone) == (3, "first", True)
    assert answer.low <= 3 <= answer.high
    assert len(answer.trials) < 8


def test_from_the_other_end_the_last_value_that_is_enough_is_found() -> None:
    """Without luck: repairs of 1, 2, ... d; 18 d of 100 are down with 2 d, 24 with 3 d."""
    answer = found(REPAIR, [f"{d} d" for d in range(1, 9)], "mean >= 80 %")
    assert (answer.low, answer.answer, answer.high, answer.which) == ("2 d", "2 d", "2 d", "last")
    assert "is the last that meets db.availability mean >= 80 %; interval 2 d to 2 d" in answer.sentence()


def test_what_no_value_reaches_is_said() -> None:
    answer = found(REPAIR, ["1 d", "2 d", "3 d"], "mean >= 99.9 %")
    assert answer.answer is None and answer.sentence().startswith("not reached")


def test_values_that_contradict_each_other_are_said_to() -> None:
    answer = found(REPAIR, ["3 d", "1 d", "9 d", "2 d", "1 h"], "mean >= 81 %")
    assert not answer.monotone and "not monotone" in answer.sentence()


def test_a_search_needs_two_values() -> None:
    with pytest.raises(UsageError, match="at least two values"):
        found(REPAIR, ["1 d"], "mean >= 80 %")
