"""Plugin of pytest: collect the tests once, then run them against every mutant, each in a fork of this process.

The kernel must be plain Python (NUMBA_DISABLE_JIT=1): then one function's code is replaced in the fork, no file is
touched, and neither Python nor the tests start anew for each mutant.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pytest
from mutants import KERNEL, Mutant
from mutation_page import Checked

ROOT = Path(__file__).resolve().parents[2]
HANG_S = 8.0  # of processor time, a test; the longest takes one or two
PATIENCE = 10  # times the processor time of the unchanged kernel, all tests together
MEMORY = 6 << 30  # bytes of address space: a mutant may ask for more and more room

np.seterr(all="ignore")  # 64-bit keys wrap around on purpose


class HangError(Exception):
    """A test took too much processor time."""


def _stop(*_: Any) -> None:
    raise HangError(f"no end after {HANG_S:g} s of processor time")


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
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_S)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)


class Failure:
    """The first test that failed in this process."""

    def __init__(self) -> None:
        self.test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid + (" (does not end)" if "HangError" in str(report.longrepr) else "")


def pytest_runtestloop(session: pytest.Session) -> bool:
    """The unchanged kernel, which must pass; then every mutant of the file named in the environment."""
    given = json.loads(Path(os.environ["OUTLAST_MUTATION"]).read_text(encoding="utf-8"))
    test, seconds = _forked(session, None, resource.RLIM_INFINITY)
    if test or session.testsfailed or not session.items:
        raise pytest.UsageError(f"the unchanged kernel fails: {test or 'no tests'}")
    limit = int(PATIENCE * seconds) + 10
    print(f"unchanged kernel: {len(session.items)} tests pass in {seconds:.0f} s; {len(given['mutants'])} mutants")
    for number, fields in enumerate(given["mutants"], 1):
        mutant = Mutant(**fields)
        test, seconds = _forked(session, mutant, limit)
        row = {"kernel": given["kernel"], **asdict(Checked(mutant, test, round(seconds, 1)))}
        with Path(given["results"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{number}/{len(given['mutants'])} {seconds:5.1f} s  {test or 'SURVIVED'}  {mutant.line} {mutant.name}",
              flush=True)  # fmt: skip
    return True


def _forked(session: pytest.Session, mutant: Mutant | None, limit: int) -> tuple[str, float]:
    """First test that fails ("": none) and seconds of processor time, found out in a fork."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    if (child := os.fork()) == 0:
        os.close(reading)
        try:
            os.write(writing, _first_failure(session, mutant, limit).encode())
        finally:
            os._exit(0)  # nothing of the parent may be cleaned up twice
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return answer.removeprefix("done") if answer else "time limit", seconds


def _first_failure(session: pytest.Session, mutant: Mutant | None, limit: int) -> str:
    """In the fork: "done", then the first test that fails.  Nothing at all if the process is killed."""
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGVTALRM, _stop)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if mutant is not None:
        _apply(mutant)
    failure = Failure()
    session.config.pluginmanager.register(failure)
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failure.test:
            break
    return "done" + failure.test


def _apply(mutant: Mutant) -> None:
    """Give the function of a mutant its changed code; whoever has imported the function has the change."""
    module = importlib.import_module(f"outlast.engines.kernel.{Path(mutant.file).stem}")
    path = ROOT / KERNEL / mutant.file
    changed = compile(mutant.applied(path.read_text(encoding="utf-8")), str(path), "exec", dont_inherit=True)
    codes = [c for c in changed.co_consts if isinstance(c, CodeType) and c.co_name == mutant.function]
    (getattr(module, mutant.function).__code__,) = codes
