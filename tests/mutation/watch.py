"""Plugin of pytest for one mutant: plain Python kernel only, and no test may run for ever."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

SECONDS = 8.0  # of processor time, a test; the longest takes one or two
MEMORY = 6 << 30  # bytes of address space: a mutant may ask for more and more room

np.seterr(all="ignore")  # 64-bit keys wrap around on purpose


class HangError(Exception):
    """A test took too much processor time."""


def _stop(*_: Any) -> None:
    raise HangError(f"no end after {SECONDS:g} s of processor time")


def pytest_configure() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGVTALRM, _stop)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what runs the kernel, which is plain Python here: `interpreted` is the same, `reference` no mutant."""
    kept = [i for i in items if not hasattr(i, "callspec") or i.callspec.params.get("engine", "kernel") == "kernel"]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(kept, key=_cost)


def _cost(item: pytest.Item) -> int:
    """Rules first, of these the tests with many thousand events last."""
    return 2 if "suite_twins" in item.nodeid else int("livelock" in item.nodeid)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
