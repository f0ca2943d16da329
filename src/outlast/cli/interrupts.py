"""Ctrl-C and SIGTERM: the first lets the run keep what is finished, the second ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from outlast.cli.messages import INTERRUPTED

SIGNALS = (signal.SIGINT, signal.SIGTERM)
AGAIN = "interrupt again to leave at once"
STOPPING = f"stopping: replications under way are finished first; {AGAIN}"
KEEPING = f"stopping: the result is printed and kept first; {AGAIN}"


@contextmanager
def stoppable(stopping: str = STOPPING, *, raises: bool = True) -> Iterator[threading.Event]:
    """Within: the first signal says `stopping` on stderr, sets the event and (if it `raises`) raises
    KeyboardInterrupt in the main thread; the second ends the process.

    A signal that the caller ignores (a job in the background of a script, nohup) stays ignored.
    """
    asked, said = threading.Event(), f"\n{stopping}\n".encode()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            os._exit(INTERRUPTED)
        asked.set()
        os.write(2, said)  # a handler may interrupt a write to sys.stderr, which is not re-entrant
        if raises:
            raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = [number for number in SIGNALS if before[number] is not signal.SIG_IGN]
    for number in taken:
        signal.signal(number, stop)
    try:
        yield asked
    finally:
        for number in taken:
            signal.signal(number, before[number])
