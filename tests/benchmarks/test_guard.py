"""The guard against regressions: counts are compared here too, times are not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import guard
import pytest

SCRIPT = Path(guard.__file__)


def called(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True, timeout=600)


def test_programs_have_the_stored_numbers_of_events() -> None:
    done = called("--counts")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(guard.PROGRAMS)


def test_a_count_that_differs_fails() -> None:
    assert guard.wrong_counts({"a": 1, "b": 2}, {"a": 1, "b": 2}) == []
    assert guard.wrong_counts({"a": 1, "b": 3, "new": 5}, {"a": 1, "b": 2, "gone": 4}) == [
        "b: 3 events, stored are 2",
        "new: 5 events, stored are none",
        "gone: no events, stored are 4",
    ]


def entries(*ratios: float) -> list[dict[str, Any]]:
    return [{"ratios": {"a": ratio}} for ratio in ratios]


def test_only_a_ratio_far_above_the_median_of_the_history_fails() -> None:
    history = entries(3.0, 1.0, 1.1)
    assert guard.too_slow({"a": 2.2}, history) == []
    assert guard.too_slow({"a": 2.3}, history) == ["a: 2.30 calendars an event; the median of 3 is 1.10"]
    assert guard.too_slow({"b": 99.0}, history) == []  # no history yet
    assert guard.too_slow({"a": 99.0}, []) == []


def test_recording_adds_to_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two of the programs and one round."""
    few = {name: guard.PROGRAMS[name] for name in ("1,000 clocks", "machine repair")}
    monkeypatch.setattr(guard, "PROGRAMS", few)
    monkeypatch.setattr(guard, "ROUNDS", 1)
    file = tmp_path / "history.json"
    for times in (1, 2):
        monkeypatch.setattr(sys, "argv", ["guard.py", "--record", "--history", str(file)])
        guard.main()
        stored = json.loads(file.read_text(encoding="utf-8"))
        assert len(stored["history"]) == times
        assert set(stored["events"]) == set(stored["history"][-1]["ratios"]) == set(few)
    stored["events"]["machine repair"] += 1
    file.write_text(json.dumps(stored), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["guard.py", "--counts", "--history", str(file)])
    with pytest.raises(SystemExit, match=r"machine repair: .* events, stored are"):
        guard.main()
