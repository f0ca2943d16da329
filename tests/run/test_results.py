"""One JSON document per result, and folders that are whole or absent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from outlast.errors import RunError, UsageError
from outlast.program import Program
from outlast.run import columns, frames
from outlast.run.batch import Batch
from outlast.run.replications import Replications
from outlast.run.results import Result


def test_json_is_one_document_without_nan(result: Result) -> None:
    document = json.loads(result.to_json(), parse_constant=pytest.fail)
    assert (document["scenario"], document["seed"], document["replications"]) == ("by-hand", 1, 2)
    availability = document["estimates"][0]
    assert availability["component"] == "store"
    assert availability["mean"] == pytest.approx(0.85)
    assert {"measure", "mean", "ci_low", "ci_high", "n", "unit", "method"} <= set(availability)
    assert document["thresholds"] == []


def test_json_of_a_measure_without_events_is_null(program: Program) -> None:
    empty = Result.of(program, Replications([], requested=2, interrupted=True), seed=1)
    assert json.loads(empty.to_json())["estimates"] == []
    result = Result(empty.origin, thresholds=[{"of": "store", "value": float("nan"), "bound": float("inf")}])
    assert json.loads(result.to_json())["thresholds"] == [{"of": "store", "value": None, "bound": None}]


def test_rows_are_those_of_the_frames_whichever_is_asked_for_first(result: Result, batch: Batch) -> None:
    for name in columns.COLUMNS:
        built = frames.build(name, [batch])
        pd.testing.assert_frame_equal(frames.of_rows(name, result.rows(name)), built)
        pd.testing.assert_frame_equal(getattr(result, name), built)
        assert repr(Result(result.origin, stored={name: built}).rows(name)) == repr(result.rows(name))


def test_a_stored_result_is_the_same_result(result: Result, tmp_path: Path) -> None:
    result.thresholds = [{"of": "store", "ok": True}]
    result.save(tmp_path / "out")
    loaded = Result.load(tmp_path / "out")
    for name in columns.COLUMNS:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(result, name))
        assert getattr(loaded, name).attrs == getattr(result, name).attrs
    assert loaded.to_json() == result.to_json()
    assert loaded.origin == result.origin
    assert loaded.scenario_text == "scenario: by-hand\n"


def test_an_earlier_result_is_replaced_and_nothing_is_left_beside(result: Result, tmp_path: Path) -> None:
    result.save(tmp_path / "out")
    result.save(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_no_result_is_never_touched(result: Result, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RunError, match="exists and is not a result"):
        result.save(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_crash_while_writing_keeps_the_earlier_result(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result.save(tmp_path / "out")

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", crash)  # the manifest, after the frames
    with pytest.raises(KeyboardInterrupt):
        result.save(tmp_path / "out")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert Result.load(tmp_path / "out").n == 2


def test_a_full_disk_is_one_message_and_loses_nothing(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(RunError, match=r"out: the result could not be written \(No space left on device\)"):
        result.save(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    assert '"by-hand"' in result.to_json()


def test_a_folder_below_a_file_is_one_message(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not be written"):
        result.save(tmp_path / "file" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_message(result: Result, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="could not be written"):
        result.save(tmp_path / "out")


def test_missing_frames_are_named_at_once(result: Result, tmp_path: Path) -> None:
    result.save(tmp_path / "out")
    for name in ("outages", "records"):
        (tmp_path / "out" / f"{name}.parquet").unlink()
    with pytest.raises(RunError, match=r"incomplete: outages\.parquet, records\.parquet missing"):
        Result.load(tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 99}', r"format 99 of a newer version of outlast; this one reads \d+\n  hint: install"),
        ('{"format": 1}', r"format 1 of an older version of outlast; this one reads \d+\n  hint: .*run it again"),
        ('{"format": "two"}', "damaged: it names no format"),
        ('{"kind": "baseline", "format": 1}', "not the manifest of a result"),
        ("[]", "not the manifest of a result"),
        ("{", "not JSON"),
        ('{"format": 2, "scenario": 3}', "damaged: scenario"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_damaged_manifest_is_one_message(result: Result, tmp_path: Path, text: str, message: str) -> None:
    result.save(tmp_path / "out")
    (tmp_path / "out" / "manifest.json").write_text(text)
    with pytest.raises(RunError, match=message):
        Result.load(tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"PAR1 no parquet PAR1"])
def test_a_damaged_frame_is_one_message(result: Result, tmp_path: Path, content: bytes) -> None:
    result.save(tmp_path / "out")
    (tmp_path / "out" / "outages.parquet").write_bytes(content)
    with pytest.raises(RunError, match="could not be read"):
        Result.load(tmp_path / "out")


def test_a_frame_with_other_columns_is_damaged(result: Result, tmp_path: Path) -> None:
    result.save(tmp_path / "out")
    result.records.rename(columns={"value": "level"}).to_parquet(tmp_path / "out" / "records.parquet")
    with pytest.raises(RunError, match=r"records\.parquet: damaged"):
        Result.load(tmp_path / "out")


def test_a_folder_without_a_manifest_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"it has no manifest\.json"):
        Result.load(tmp_path)


def test_results_of_different_seeds_are_not_joined(program: Program, result: Result, batch: Batch) -> None:
    other = Result.of(program, Replications(batch.outcomes, 2), seed=2)
    with pytest.raises(UsageError, match="different seeds"):
        Result.joined([result, other])


def test_the_html_of_a_notebook_escapes_names(program: Program) -> None:
    result = Result.of(program, Replications([], 1, True), seed=1, scenario_name="<script>")
    assert "<script>" not in result._repr_html_()
    assert "0 of 1, interrupted replications" in result._repr_html_()
