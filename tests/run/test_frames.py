"""The tidy frames of the two replications of conftest.py, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from outlast.program import Program
from outlast.run import columns, frames
from outlast.run.batch import Batch
from outlast.run.replications import Replications
from outlast.run.results import Result


@pytest.mark.parametrize("name", columns.COLUMNS)
def test_columns_and_types_are_those_documented_with_and_without_rows(batch: Batch, name: str) -> None:
    for batches in ([batch], [Batch(batch.program, [])], []):
        table = frames.build(name, batches)
        expected = pd.DataFrame({c: pd.Series([], dtype=d) for c, d in columns.COLUMNS[name].items()})
        pd.testing.assert_series_equal(table.dtypes, expected.dtypes)
        assert isinstance(table.index, pd.RangeIndex)


def test_outages_carry_cause_scope_rto_and_rpo(batch: Batch) -> None:
    rows = frames.build("outages", [batch])
    assert rows.to_dict("list") == {
        "variant": ["base", "base"],
        "replication": [0, 1],
        "outage_id": [0, 0],
        "component": ["store", "store"],
        "cause": ["zone-a", "drill of zone-a"],
        "scope": ["zone", "zone"],
        "source": ["zone-a", "zone-a"],
        "start_s": [200.0, 900.0],
        "duration_s": [100.0, 200.0],
        "rto_s": [100.0, pytest.approx(np.nan, nan_ok=True)],
        "rpo_s": [5.0, pytest.approx(np.nan, nan_ok=True)],  # recorded at the instant the outage ends
        "drill": [False, True],
        "censored": [False, True],
    }


def test_parts_are_cut_to_the_outage(batch: Batch) -> None:
    """detect 190-230 and decide 230-320 in an outage from 200 to 300."""
    rows = frames.build("outage_parts", [batch])
    assert rows[["replication", "outage_id", "part", "duration_s"]].to_numpy().tolist() == [
        [0, 0, "decide", 70.0],
        [0, 0, "detect", 30.0],
    ]


def test_records_leave_out_the_warm_up_and_include_losses(batch: Batch) -> None:
    rows = frames.build("records", [batch])
    assert rows["time_s"].tolist() == [250.0, 260.0, 300.0, 400.0]
    assert rows["label"].tolist() == ["rpo", "loss", "rpo", "rpo"]
    assert rows["value"].tolist()[:3] == [3.0, 42.0, 5.0]
    assert rows["unit"].tolist() == ["s", "", "s", "s"]
    assert rows["component"].tolist() == ["store"] * 4
    assert rows["cause"].tolist() == ["zone-a", "zone-a", "zone-a", ""]


def test_windows_and_replications_are_long(batch: Batch) -> None:
    windows = frames.build("windows", [batch])
    up = windows[windows["measure"] == "availability"]
    assert up["window"].tolist() == [0, 1, 0, 1]
    assert up["value"].tolist() == [0.8, 1.0, 1.0, 0.6]
    replications = frames.build("replications", [batch])
    assert len(replications) == 2 * len(batch.program.metrics)


def test_variants_of_one_run_are_told_apart(program: Program, result: Result, batch: Batch) -> None:
    other = Result.of(program, Replications(batch.outcomes, 2), seed=1, variant="no-standby")
    joined = Result.joined([result, other])
    assert list(dict.fromkeys(joined.estimates["variant"])) == ["base", "no-standby"]
    assert len(joined.outages) == 4
    assert joined.n == 2
    assert joined.estimates.attrs["seed"] == 1


def test_frames_are_stamped(result: Result) -> None:
    stamp = {"seed": 1, "version": result.version, "scenario_hash": result.scenario_hash}
    assert result.outages.attrs == result.estimates.attrs == stamp
    assert len(result.scenario_hash) == 16
