"""What `compare`, `sweep` and `gate` share: how to run, and a progress bar over everything that is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from outlast.cli import messages, options, progress, settings
from outlast.cli.interrupts import stoppable
from outlast.errors import UsageError

if TYPE_CHECKING:
    from outlast.run.variants import Luck
    from outlast.scenario import Scenario

Command = TypeVar("Command", bound=Callable[..., Any])
FORMATS = ("table", "json", "csv", "md")

replications = click.option(
    "-n", "--replications", type=options.Whole(1, options.MOST_REPLICATIONS), metavar="N",
    envvar="OUTLAST_REPLICATIONS", help="How many times to simulate. [default: the scenario's, else 100]",
)  # fmt: skip
threads = click.option(
    "--threads", type=options.Whole(1, options.MOST_THREADS), metavar="N", envvar="OUTLAST_THREADS",
    help="Threads; the result does not depend on them. [default: one per processor]",
)  # fmt: skip
out = click.option("--out", metavar="DIR", help="Keep the result in this folder: Parquet files and a manifest.")
force = click.option("--force", is_flag=True, help="Let --out replace an earlier result.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def study_options(command: Command) -> Command:
    """Add -n, --seed, --threads, --engine, --out, --force and --json."""
    return run_options(force(out(command)))


def run_options(command: Command) -> Command:
    """Add -n, --seed, --threads, --engine and --json."""
    for option in (as_json, options.engine, threads, options.seed, replications):
        command = option(command)
    return command


def document_form(form: str | None, as_json: bool) -> str:
    """What `--format` and `--json` say together."""
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other", "keep one of the two")
    return "json" if as_json else form or "table"


def luck(scenario: Scenario, settled: settings.Settings, *, replications: int | None, seed: int | None,
         threads: int | None, engine: str) -> Luck:  # fmt: skip
    """How to run: flags, else the scenario's values, else the settings."""
    from outlast.run.variants import Luck  # imported here: it brings pandas and numba

    return Luck(
        settings.replications_of(replications, scenario, settled), settings.seed_of(seed, scenario, settled),
        threads if threads is not None else settled.threads, None, engine,
    )  # fmt: skip


@contextmanager
def watched(how: Luck, runs: int, session: messages.Session) -> Iterator[Luck]:
    """The luck with a progress bar over all runs where somebody watches; Ctrl-C ends a run early within."""
    with ExitStack() as stack:
        if progress.wanted(session.quiet):
            bar, _, _ = stack.enter_context(progress.shown(runs * how.replications, compiles=how.engine == "kernel"))
            how = replace(how, progress=bar)
        stack.enter_context(stoppable())
        yield how
