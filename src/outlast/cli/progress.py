"""The progress bar of a run: on stderr, and only where somebody watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Progress = Callable[[int, int], None]
Say = Callable[[str], None]
Watch = Callable[[str, int, int], None]

ENTRY = "loop.simulate-*.nbi"  # numba's index of the kernel's entry function
COMPILING = "compiling the engine (once per version)"
SIMULATING = "simulating"


def wanted(quiet: bool) -> bool:
    """Whether somebody watches: a terminal, not a CI job, not -q."""
    watched = sys.stderr is not None and sys.stderr.isatty()
    return watched and not quiet and os.environ.get("CI", "").lower() in ("", "0", "false")


def cold() -> bool:
    """Whether the kernel must be compiled first."""
    from outlast.compiled import cache_directory  # imported here: it brings numba

    folder = os.environ.get("NUMBA_CACHE_DIR") or cache_directory()
    return next(Path(folder).rglob(ENTRY), None) is None


@contextmanager
def shown(expected: int, compiles: bool) -> Iterator[tuple[Progress, Say, Watch]]:
    """A bar while a run goes on, and ways to say what it has come to and how far the rare outages of a component are.

    expected: replications of all variants.  compiles: the kernel is used.
    """
    from rich.console import Console  # imported here: nobody watches most runs
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(COMPILING if compiles and cold() else SIMULATING, total=expected)

        said = [SIMULATING]

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=said[0])

        def say(text: str) -> None:
            said[0] = f"{SIMULATING}, {text}"

        def rare(component: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=f"rare outages of {component}")

        yield progress, say, rare
