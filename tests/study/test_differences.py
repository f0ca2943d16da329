"""Paired differences against closed forms, and their verdicts."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from known import DAY, clockwork, interval_availability, unit

import outlast
from outlast.errors import RunError, UsageError
from outlast.report import study_figures
from outlast.study.compare import Comparison

AVAILABILITY = interval_availability(10 * DAY, 1 * DAY, 100 * DAY)


def row(comparison: Comparison, measure: str, component: str = "db", scope: str = "") -> pd.Series:
    table = comparison.differences
    mine = (table["component"] == component) & (table["measure"] == measure) & (table["scope"] == scope)
    (found,) = table[mine].to_dict("records")
    return pd.Series(found)


@pytest.fixture(scope="module")
def slower() -> Comparison:
    return outlast.compare(unit(), unit("1.05 d"), replications=600, seed=1)


def test_a_paired_difference_covers_the_exact_one(slower: Comparison) -> None:
    exact = interval_availability(10 * DAY, 1.05 * DAY, 100 * DAY) - AVAILABILITY
    found = row(slower, "availability")
    half = (found["ci_high"] - found["ci_low"]) / 2
    assert abs(found["mean"] - exact) < 4 / 1.96 * half
    assert found["verdict"] == "worse" and found["p_better"] < 0.2
    assert found["mean"] == pytest.approx(found["other_mean"] - found["base_mean"], abs=1e-12)


def test_pairing_is_much_sharper_than_independent_runs(slower: Comparison) -> None:
    found = row(slower, "availability")
    base = slower.result.estimates.query("variant == 'base' and measure == 'availability'").iloc[0]
    independent = math.sqrt(2) * (base["ci_high"] - base["ci_low"])
    assert (found["ci_high"] - found["ci_low"]) ** 2 < independent**2 / 10


def test_a_pooled_ratio_is_compared_too(slower: Comparison) -> None:
    """The mean outage of exponential repairs grows by 0.05 d."""
    found = row(slower, "mean_outage")
    half = (found["ci_high"] - found["ci_low"]) / 2
    assert abs(found["mean"] - 0.05 * DAY) < 4 / 1.96 * half
    assert (found["verdict"], found["unit"]) == ("worse", "s")
    assert "ratios linearised" in found["method"]


def test_a_change_that_does_not_matter_gives_exactly_zero() -> None:
    other = unit().changed({"components.web": {"kind": "component", "time_to_failure": {"exponential": "2 d"}}})
    found = outlast.compare(unit(), other, replications=30)
    mine = found.differences[found.differences["component"] == "db"]
    assert (mine[["mean", "ci_low", "ci_high"]] == 0.0).all(axis=None)
    assert set(mine["verdict"]) == {"exactly equal"}
    assert {row["component"] for row in found.unmatched} == {"web"}
    assert {row["side"] for row in found.unmatched} == {"new"}


def test_equal_programs_share_their_replications() -> None:
    found = outlast.compare(unit(), unit(description="another text"), replications=5)
    base, other = found.result.batches
    assert all(one is two for one, two in zip(base.outcomes, other.outcomes, strict=True))
    assert set(found.differences["method"]) == {"the same program"}


def test_no_event_on_either_side_gives_a_bound_and_not_zero_width() -> None:
    """Six units in parallel are never down together here; the bound is that of both sides at 97.5 % each."""
    found = row(outlast.compare(unit(count=6), unit(count=7), replications=20), "availability")
    reach = 1 - 0.025 ** (1 / 20)
    assert (found["mean"], found["verdict"]) == (0.0, "no difference shown")
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((-reach, reach))


def test_no_outage_on_one_side_is_no_number() -> None:
    found = row(outlast.compare(unit(), unit(count=6), replications=20), "mean_outage")
    assert math.isnan(found["mean"]) and found["verdict"] == "no event seen"


def test_a_difference_without_luck_is_exact() -> None:
    """Down 10 of 100 d with a cycle of 9 + 1 d; 9 + 2 d: down from day 9 to 11, ..., 97 to 99: 18 d."""
    found = row(outlast.compare(clockwork(), clockwork("2 d")), "availability")
    assert found["mean"] == pytest.approx(-0.08)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((-0.08, -0.08))
    assert (found["verdict"], found["p_better"]) == ("worse", 0.0)


def test_a_measure_without_a_direction_is_different_but_not_better() -> None:
    base = unit().changed({"teams": {"crew": {"people": 1}}, "components.db.repair.team": "crew"})
    found = row(outlast.compare(base, base.changed({"components.db.repair.lasts": "3 d"}), replications=30),
                "busy_people", "team crew")  # fmt: skip
    assert found["verdict"] == "different" and math.isnan(found["p_better"])


def test_different_times_are_refused() -> None:
    with pytest.raises(UsageError, match=r"base simulates 100 d .* and unit simulates 200 d"):
        outlast.compare(unit(), unit(horizon="200 d"))


def test_a_saved_comparison_comes_back(slower: Comparison, tmp_path: Path) -> None:
    slower.save(tmp_path / "kept")
    again = Comparison.load(tmp_path / "kept")
    pd.testing.assert_frame_equal(again.differences, slower.differences)
    again.save(tmp_path / "kept")  # an earlier result may be replaced
    outlast.run(unit(), replications=2).save(tmp_path / "plain")
    with pytest.raises(RunError, match=r"differences\.parquet missing"):
        Comparison.load(tmp_path / "plain")


def test_the_figure_has_a_row_per_component(slower: Comparison, tmp_path: Path) -> None:
    figure = study_figures.differences(slower)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["db"]
    study_figures.save(figure, tmp_path / "a" / "differences.svg")
    assert (tmp_path / "a" / "differences.svg").read_text().startswith("<?xml")
    with pytest.raises(UsageError, match="no difference of a measure named nines"):
        study_figures.differences(slower, "nines")
    with pytest.raises(UsageError, match="unknown kind of figure"):
        study_figures.save(figure, "x.gif")


def test_scopes_are_compared_by_themselves() -> None:
    regions = {"north": {"outage": {"every": {"exponential": "20 d"}, "lasts": "1 h"}}}
    base = unit(regions=regions).changed({"components.db.at": "north"})
    found = outlast.compare(base, base.changed({"regions.north.outage.lasts": "2 h"}), replications=30)
    table = found.differences.query("component == 'db' and measure == 'mean_outage'").set_index("scope")
    assert set(table.index) == {"", "item", "region"}
    assert 1800.0 < table.loc["region", "mean"] < 5400.0
