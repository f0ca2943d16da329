"""Ctrl-C and SIGTERM: finished replications are printed and kept, the exit code is 130."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from outlast.cli.interrupts import stoppable
from outlast.run.results import Result

ENOUGH_S = 120.0
MANY = "500000"  # replications that nobody waits for


def with_signals() -> None:
    """A test run in the background of a script has SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def progressed(terminal: int) -> None:
    """Wait until the progress bar counts a finished replication."""
    seen, deadline = b"", time.monotonic() + ENOUGH_S
    while time.monotonic() < deadline:
        seen += os.read(terminal, 4096)
        if any(f" {digit}".encode() in seen.rpartition(b"simulating")[2] for digit in range(1, 10)):
            return
    raise AssertionError(f"no progress: {seen!r}")


def drained(terminal: int) -> str:
    """Everything else that is written to a terminal until its last writer ends."""
    text = b""
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other end is closed
            return text.decode()
        if not chunk:
            return text.decode()
        text += chunk


def ended(process: subprocess.Popen[str], terminal: int) -> tuple[str, str]:
    """(stderr, stdout) until the process ends, read side by side: either may fill its pipe."""
    with ThreadPoolExecutor(1) as reader:
        printed = reader.submit(process.stdout.read)
        return drained(terminal), printed.result()


@pytest.fixture
def long_run(spawn):
    """A run far too long to finish, with a terminal for stderr, once its first replications are finished."""
    terminal, writer = pty.openpty()
    process = spawn(
        "run", "random.yaml", "--horizon", "3 y", "-n", MANY, "--threads", "2", "--out", "kept", "--json",
        stderr=writer, preexec_fn=with_signals, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )  # fmt: skip
    os.close(writer)
    progressed(terminal)
    yield process, terminal
    os.close(terminal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_is_finished(long_run, folder: Path, number: signal.Signals, cli) -> None:
    process, terminal = long_run
    process.send_signal(number)
    said, printed = ended(process, terminal)
    document = json.loads(printed)
    assert process.wait(ENOUGH_S) == 130
    n = document["replications"]
    assert document["interrupted"] is True
    assert 0 < n < int(MANY)
    assert f"interrupted: the result is that of the first {n} replications" in said
    assert f"-n {n} --seed 7 --horizon '3 y'" in said
    kept = Result.load(folder / "kept")
    assert (kept.n, kept.interrupted) == (n, True)
    again = json.loads(cli("run", "random.yaml", "--horizon", "3 y", "-n", str(n), "--json").stdout)
    assert again["estimates"] == document["estimates"]


STUDIES = {
    "compare random.yaml --set horizon='3 y' --variant slow": "interrupted before anything could be compared",
    "sweep random.yaml --set horizon='3 y' --vary components.db.count=3..100": "cells are finished",
    "gate random.yaml --set horizon='3 y' --threshold 'db.availability: mean > 1 %'": "judged by the first",
}


@pytest.mark.parametrize("words", STUDIES)
def test_a_signal_keeps_what_a_study_has_finished(spawn, folder: Path, words: str) -> None:
    (folder / "random.yaml").write_text(
        (folder / "random.yaml").read_text() + "variants: {slow: {components.db.count: 4}}\n"
    )
    terminal, writer = pty.openpty()
    n = "40" if "sweep" in words else MANY
    process = spawn(*shlex.split(words), "-n", n, "--json", stderr=writer, preexec_fn=with_signals)
    os.close(writer)
    progressed(terminal)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    said, printed = ended(process, terminal)
    os.close(terminal)
    assert process.wait(ENOUGH_S) == 130
    assert STUDIES[words] in said
    if "compare" in words:  # its first run alone has nothing to be compared with
        assert printed == ""
    else:
        assert json.loads(printed)["estimates"] and json.loads(printed)["interrupted"]


def test_the_second_signal_ends_the_process_at_once(spawn) -> None:
    """A single replication that takes minutes cannot be stopped half-way; the second Ctrl-C does not wait."""
    terminal, writer = pty.openpty()
    arguments = ("--set", "horizon=30000 y", "-n", "2", "--threads", "2")
    process = spawn("run", "random.yaml", *arguments, stderr=writer, preexec_fn=with_signals)
    os.close(writer)
    try:
        seen = b""
        while b"simulating" not in seen:
            seen += os.read(terminal, 4096)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        while b"interrupt again" not in seen:
            seen += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stdout.read() == ""
    finally:
        os.close(terminal)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stoppable():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_no_bar_where_ci_is_set(spawn) -> None:
    terminal, writer = pty.openpty()
    process = spawn(
        "run", "clockwork.yaml", "-n", "2", stderr=writer, stdout=subprocess.DEVNULL,
        env={**os.environ, "CI": "true"},
    )  # fmt: skip
    os.close(writer)
    assert process.wait(ENOUGH_S) == 0
    assert drained(terminal) == ""
    os.close(terminal)


def test_the_bar_shows_the_half_width_and_a_signal_keeps_what_is_finished(spawn, cli) -> None:
    terminal, writer = pty.openpty()
    process = spawn(
        "run", "random.yaml", "--precision", "db.availability: 1e-9", "--most", "9000", "--horizon", "1 y", "--threads", "2", "--json",
        stderr=writer, preexec_fn=with_signals, env={**os.environ, "TERM": "xterm", "COLUMNS": "160"},
    )  # fmt: skip
    os.close(writer)
    seen, deadline = b"", time.monotonic() + ENOUGH_S
    while b"wanted" not in seen and time.monotonic() < deadline:
        seen += os.read(terminal, 4096)
    assert "simulating, db.availability ± 0.0" in seen.decode()
    process.send_signal(signal.SIGINT)
    drained(terminal)
    document = json.loads(process.stdout.read())
    assert process.wait(ENOUGH_S) == 130
    os.close(terminal)
    n = document["replications"]
    assert (document["interrupted"], document["precision"][0]["n"]) == (True, n)
    again = json.loads(cli("run", "random.yaml", "--horizon", "1 y", "-n", str(n), "--json").stdout)
    assert again["estimates"] == document["estimates"]
