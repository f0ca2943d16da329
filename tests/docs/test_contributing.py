"""The worked example of CONTRIBUTING.md: a kind in one file is found, checked, simulated, explained."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_docs import blocks

import outlast
import outlast.kinds
from outlast.errors import ScenarioError
from outlast.kinds.base import component_kinds
from outlast.report.reference import reference


@pytest.fixture(autouse=True)
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file of the example, where kinds are looked for."""
    (tmp_path / "certificate.py").write_text(blocks("CONTRIBUTING.md", "python")[0], encoding="utf-8")
    monkeypatch.setattr(outlast.kinds, "__path__", [*outlast.kinds.__path__, str(tmp_path)])
    component_kinds.cache_clear()
    yield
    component_kinds.cache_clear()
    sys.modules.pop("outlast.kinds.certificate", None)


def test_the_example_gives_its_closed_form() -> None:
    result = outlast.run(outlast.loads(blocks("CONTRIBUTING.md", "yaml")[0]), replications=400)
    found = result.estimates.set_index("measure").loc[["availability", "expiries"]]
    down = 0.05 * 4.0 / (90.0 * 24.0 + 0.05 * 4.0)  # of a cycle of 90 d and, one time in twenty, 4 h
    (available, expiries), errors = found["mean"], found["std"] / found["n"] ** 0.5
    assert abs(available - (1.0 - down)) < 4.0 * errors["availability"]
    assert abs(expiries - 0.05 * 40 / 10) < 4.0 * errors["expiries"]  # the 41st renewal is after the horizon
    assert set(result.outages["scope"]) == {"certificate"}


def test_the_example_is_in_the_reference_and_its_mistakes_have_places() -> None:
    assert "| `forgotten` | share (`99.95 %`) | required | the share of renewals that do not happen. |" in reference()
    text = blocks("CONTRIBUTING.md", "yaml")[0]
    with pytest.raises(ScenarioError, match=r":8:16: components\.tls\.forgotten"):
        outlast.loads(text.replace("5 %", "500 %"))
