"""A log or a signal queue that is too small: the run is repeated with more room, and nothing else changes."""

from __future__ import annotations

import pytest
from difference import first_difference

from outlast.engines.kernel.driver import Run, _finish
from outlast.engines.reference import run as reference_run
from outlast.errors import RunError
from outlast.program import Builder, Each, Program, emit, scatter
from outlast.program.tables import LOG_FULL, OK, SIGNALS_FULL
from outlast.stats.distributions import deterministic as fixed

ASKED = 9
ROWS = 4 * (1 + ASKED + ASKED)  # at 5, 10, 15 and 20 s: the caller, those it asks, their echoes


@pytest.fixture(params=["kernel", "interpreted"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def calls() -> Program:
    """Every 5 s a caller signals nine units at once; each signals its echo, so nine signals are always queued."""
    b = Builder(21.0)
    b.group("all")
    caller = b.lifecycle("caller").state("on", ["on"])
    b.cohort("caller", caller.after(fixed(5.0), "on", "", [scatter("all", "call")]))
    asked = b.lifecycle("asked").state("on", ["on"]).on("call", "on", "", [emit("mine", "back")])
    b.cohort("asked", asked, ASKED, member={"all": ["on"]}, bind={"mine": Each("echo")})
    b.cohort("echo", b.lifecycle("echo").state("on", ["on"]).on("back", "on"), ASKED)
    return b.build()


def with_room(engine: str, log_rows: int = 0, signals: int = 0) -> Run:
    return Run(calls(), 1, 0, trace=True, jit=engine == "kernel", log_rows=log_rows, signals=signals)


@pytest.mark.parametrize(
    ("log_rows", "signals", "status"),
    [(ROWS, ASKED, OK), (ROWS - 1, ASKED, LOG_FULL), (ROWS, ASKED - 1, SIGNALS_FULL)],
)
def test_a_run_says_which_room_is_too_small(engine: str, log_rows: int, signals: int, status: int) -> None:
    assert with_room(engine, log_rows, signals).advance(21.0, finish=True) == status


@pytest.mark.parametrize(("log_rows", "signals"), [(ROWS, ASKED), (1, 0), (0, 1), (2, 2)])
def test_the_outcome_is_the_same_however_small_the_room_was(engine: str, log_rows: int, signals: int) -> None:
    outcome, _ = _finish(with_room(engine, log_rows, signals))
    assert len(outcome.log) == ROWS
    assert not first_difference(calls(), reference_run(calls(), 1, 0, trace=True), outcome)


def test_a_log_beyond_all_room_is_an_error(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outlast.engines.kernel.driver.MOST_LOG_ROWS", 8)
    with pytest.raises(RunError, match="replication 0 needs more than 8 rows of log or signals"):
        _finish(with_room(engine, log_rows=2))
