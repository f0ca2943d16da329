"""Options of commands that show one replication, the replication itself, and where its document goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from outlast.cli import files, options, settings
from outlast.errors import UsageError
from outlast.units import UnitError, parse

if TYPE_CHECKING:
    from outlast.exchange.clock import Clock
    from outlast.run.history import History
    from outlast.scenario import Scenario

Command = TypeVar("Command", bound=Callable[..., Any])

MOST = 2**31 - 1

start = click.option(
    "--start", metavar="DATE", help="Date of time 0, a Monday. [default: the scenario's `starts`, else 2018-01-01]"
)
number = click.option(
    "--replication",
    type=options.Whole(0, MOST),
    default=0,
    show_default=True,
    metavar="R",
    help="Which replication; they count from 0.",
)


def one(command: Command) -> Command:
    """Add what chooses a replication, and where its document goes."""
    for option in reversed(
        (options.scenario, number, options.seed, options.changes, options.variant, start, files.output)
    ):
        command = option(command)
    return options.talk(command)


@dataclass(frozen=True)
class Replication:
    """One replication of a scenario."""

    scenario: Scenario
    history: History
    clock: Clock
    seed: int
    number: int


def opened(file: str, changes: tuple[str, ...], variant: str | None, start: str | None = None) -> Scenario:
    """The scenario; start: another date of time 0."""
    settings.use_cache(settings.read(Path()), Path())
    scenario = options.opened(file, options.parsed(changes), variant)
    return scenario if start is None else scenario.changed({"starts": start}, label="--start")


def replayed(scenario: Scenario, replication: int, seed: int | None) -> Replication:
    """Run it."""
    from outlast.exchange.clock import Clock  # imported here: what runs replications compiles
    from outlast.run.history import replay

    chosen = settings.seed_of(seed, scenario, settings.read(Path()))
    history = replay(scenario.program(), chosen, replication)
    return Replication(scenario, history, Clock(scenario.spec.starts), chosen, replication)


def deliver(document: str, output: str | None) -> None:
    """Write a document to a file, or to stdout."""
    files.write(click.get_current_context(), document, output)


def duration(option: str, text: str, *, zero: bool = False) -> float:
    """Seconds. Raises UsageError that names the option."""
    try:
        return parse(text, "duration", zero=zero)
    except UnitError as error:
        raise UsageError(f"{option}: {error.message}", error.hint) from None
