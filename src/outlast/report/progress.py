"""A bar while something is simulated from Python: in a notebook, or on a terminal's stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

Progress = Callable[[int, int], None]
Given = ParamSpec("Given")
Found = TypeVar("Found")

INTERVAL_S = 0.2  # between two updates
SIMULATING = "simulating"


def with_bar(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """Let `progress=True` show a bar; it is gone in the end, however that comes."""

    @wraps(function)
    def inside(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        if kwargs.get("progress") is not True:
            return function(*args, **kwargs)
        with bar() as told:
            kwargs["progress"] = told
            return function(*args, **kwargs)

    return inside


@contextmanager
def bar() -> Iterator[Progress]:
    """What is told (done, total), and shows it."""
    kind = _in_notebook if notebook() else _on_terminal
    with kind() as told:
        yield told


def notebook() -> bool:
    """Whether this is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


@contextmanager
def _on_terminal() -> Iterator[Progress]:
    from rich.console import Console  # imported here: few runs show a bar
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn(SIMULATING), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(SIMULATING, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@contextmanager
def _in_notebook() -> Iterator[Progress]:
    """Without widgets, which not every notebook has."""
    ipython: Any = import_module("IPython.display")
    handle = ipython.display(ipython.HTML(_html(0, 0)), display_id=True)
    last = [0.0]

    def told(done: int, total: int) -> None:
        if time.monotonic() - last[0] >= INTERVAL_S:
            last[0] = time.monotonic()
            handle.update(ipython.HTML(_html(done, total)))

    try:
        yield told
    finally:
        handle.update(ipython.HTML(""))


def _html(done: int, total: int) -> str:
    value = f' value="{done}" max="{total}"' if total else ""
    count = f" {done:,} of {total:,}" if total else ""
    return f"<label>{SIMULATING} <progress{value}></progress>{count}</label>"
