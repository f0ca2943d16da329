"""Studies with the exact engine: differences without noise, against closed forms."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from known import DAY, clockwork, interval_availability, unit

import outlast
from outlast.errors import NotMarkovError, UsageError
from outlast.run.variants import Luck
from outlast.study.compare import Comparison
from outlast.study.search import search

EXACTLY = Luck(1, 0, engine="exact")
SLOWER = {"slower": {"components.db.repair.lasts": {"exponential": "2 d"}}}


def right(repair_d: float) -> float:
    return interval_availability(10 * DAY, repair_d * DAY, 100 * DAY)


def test_comparison_is_the_difference_of_the_closed_forms(tmp_path: Path) -> None:
    found = outlast.compare(unit(variants=SLOWER), variants=["slower"], engine="exact")
    rows = found.differences.set_index("measure")
    row = rows.loc["availability"]
    assert row["mean"] == row["ci_low"] == row["ci_high"] == pytest.approx(right(2) - right(1), rel=1e-9)
    assert (row["verdict"], row["level"], row["n_pairs"], row["method"]) == ("worse", 1.0, 0, "exact")
    assert math.isnan(row["p_better"])
    assert rows.loc["longest_outage", "verdict"] == "no exact value"
    assert list(found.result.estimates["variant"].unique()) == ["base", "slower"]
    found.save(tmp_path / "kept")
    assert Comparison.load(tmp_path / "kept").differences.equals(found.differences)


def test_what_differs_only_by_rounding_is_exactly_equal() -> None:
    """Lives of a gamma law of shape 1 are exponential, but another program; 36 h are a day and a half."""
    same = {"same": {"components.db.time_to_failure": {"gamma": {"mean": "240 h", "cv": 1}},
                     "components.db.repair.lasts": {"exponential": "36 h"}}}  # fmt: skip
    found = outlast.compare(unit("1.5 d", variants=same), variants=["same"], engine="exact").differences
    known = found[found["verdict"] != "no exact value"]
    assert len(known) > 5
    assert (known["verdict"] == "exactly equal").all()
    assert (known["mean"] == 0.0).all()


def test_sweep_has_every_cell_and_its_difference_to_the_first() -> None:
    found = outlast.sweep(unit(), {"components.db.repair.lasts.exponential": ["1 d", "2 d", "3 d"]}, engine="exact")
    rows = found.frame[found.frame["measure"] == "availability"]
    assert list(rows["mean"]) == pytest.approx([right(1), right(2), right(3)], rel=1e-9)
    assert list(rows["difference"]) == pytest.approx([0.0, right(2) - right(1), right(3) - right(1)], rel=1e-9)
    assert list(rows["verdict"]) == ["exactly equal", "worse", "worse"]
    assert (found.result.engine, found.interrupted) == ("exact", False)


def test_search_finds_the_value_at_which_the_closed_form_meets_the_threshold() -> None:
    values = [f"{hours} h" for hours in range(12, 100)]
    enough = [value for value, hours in zip(values, range(12, 100), strict=True) if right(hours / 24) >= 0.9]
    base = unit()
    threshold = base.catalogue.threshold("db.availability", "mean >= 90 %")
    found = search(base, "components.db.repair.lasts.exponential", values, threshold, EXACTLY)
    assert (found.answer, found.low, found.high) == (enough[-1], enough[-1], enough[-1])
    assert found.monotone
    with pytest.raises(UsageError, match="no exact value: quantiles"):
        search(base, "components.db.count", [1, 2], base.catalogue.threshold("db.rto", "p(95) < 1 d"), EXACTLY)


def test_gate_decides_everything_that_has_an_exact_value(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    base, slower = unit(variants=SLOWER), unit("2 d")
    from outlast.study import baseline

    baseline.write(kept, base, outlast.run(base, engine="exact"))
    bounds = {"db.availability": [f"mean > {right(2) - 1e-6}", f"mean < {right(2) + 1e-6}"], "db.rto": "p(95) < 9 d"}
    found = outlast.gate(slower, bounds, baseline=kept, engine="exact")
    by_kind = found.checks.set_index("kind")
    thresholds, regressions = by_kind.loc["threshold"], by_kind.loc["regression"].set_index("measure")
    assert list(thresholds["verdict"]) == ["passed", "passed", "inconclusive"]
    assert regressions.loc["availability", "verdict"] == "failed"
    assert regressions.loc["availability", "change"] == pytest.approx(right(1) - right(2), rel=1e-9)
    assert found.notes == ["without an exact value, so not compared: db.longest_outage"]
    assert json.loads(found.to_json())["verdict"] == "failed"
    assert outlast.gate(base, baseline=kept, engine="exact").verdict == "passed"
    within = {"db.availability": 0.5, "db.longest_outage": "1 d"}
    tolerated = outlast.gate(slower, baseline=kept, engine="exact", tolerances=within).checks.set_index("measure")
    assert tolerated.loc["availability", "verdict"] == "passed"
    assert tolerated.loc["longest_outage", "verdict"] == "inconclusive"
    with pytest.raises(UsageError, match="time limit"):
        outlast.gate(base, baseline=kept, engine="exact", time_limit=1.0)


def test_baseline_of_an_exact_gate_serves_a_simulated_one(tmp_path: Path) -> None:
    from outlast.study import baseline

    baseline.write(tmp_path / "kept", unit(), outlast.run(unit(), engine="exact"))
    found = outlast.gate(unit(), baseline=tmp_path / "kept")
    assert (found.verdict, found.result.n, found.result.seed) == ("passed", 50, 1)


def test_what_is_not_exponential_is_refused() -> None:
    other = {"other": {"components.db.repair.lasts": "2 d"}}
    for study in (lambda: outlast.compare(clockwork(variants=other), variants=["other"], engine="exact"),
                  lambda: outlast.sweep(clockwork(), {"components.db.count": [1, 2]}, engine="exact"),
                  lambda: outlast.gate(clockwork(), {"db.availability": "mean > 1 %"}, engine="exact")):  # fmt: skip
        with pytest.raises(NotMarkovError, match="a fixed delay"):
            study()
