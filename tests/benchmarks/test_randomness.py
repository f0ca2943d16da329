"""The stored evidence for the draws is of the mixer in use, complete, and what the page shows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "randomness"


@pytest.fixture(scope="module", autouse=True)
def _found() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield


@pytest.fixture
def battery(_found: None) -> ModuleType:
    return importlib.import_module("battery")


@pytest.fixture
def page(_found: None) -> ModuleType:
    return importlib.import_module("page")


def test_stored_results_are_of_the_mixer_in_use(battery: ModuleType, page: ModuleType) -> None:
    assert page.stored()["fingerprint"] == battery.fingerprint()


def test_every_stream_was_tested_and_none_failed(battery: ModuleType, page: ModuleType) -> None:
    jobs = page.stored()["jobs"]
    assert {job.name for job in battery.jobs(battery.TOOLS, None)} <= jobs.keys()
    assert not [name for name, job in jobs.items() if page.failed(job)]


def test_the_page_shows_the_stored_results(page: ModuleType) -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.written(text, page.stored()) == text


def test_direct_tests_pass_the_draws_and_notice_a_plain_counter(battery: ModuleType, page: ModuleType) -> None:
    good = dict(battery.direct.of_stream(battery.STREAMS["units"], 1, 1 << 18))
    bad = dict(battery.direct.of_stream(battery.BAD, 1, 1 << 18))
    assert not any(page.weak(p) for p in good.values())
    assert bad["pairs, 256^2 cells"] < page.HOPELESS


def test_a_biased_avalanche_is_noticed(battery: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def lazy(given: np.ndarray, part: int, changed: np.ndarray) -> None:
        """One output bit that does not change often enough."""
        changed[:] = len(given) // 2
        changed[5, 9] = len(given) // 2 - 6 * len(given) ** 0.5 / 2

    monkeypatch.setattr(battery.direct, "_flips", lazy)
    found = dict(battery.direct.of_avalanche(1, flips=1 << 12))
    assert all(p < 1e-4 for name, p in found.items() if name.startswith("worst"))


@pytest.mark.parametrize(("p", "again", "verdict"), [
    (0.5, None, False), (0.0005, [0.3, 0.6], False), (0.9999, [0.3, 0.6], False), (0.0005, [0.3, 0.0001], True),
    (1e-12, [0.3, 0.6], True), (0.0, [0.0, 0.0], True),
])  # fmt: skip
def test_a_stream_fails_if_luck_does_not_explain_it(page: ModuleType, p: float, again: list[float] | None,
                                                    verdict: bool) -> None:  # fmt: skip
    job = {"tool": "small", "stream": "units", "p": {"Gap": p}, "again": {"Gap": again} if again else {}}
    assert page.failed(job) is verdict
