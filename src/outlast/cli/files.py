"""What commands that read or write files of other tools share: `-o FILE`, and naming what was left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from outlast.cli import messages, options
from outlast.errors import Problem, printable
from outlast.exchange.metrics import ERRORS, TOTAL, UP

Command = TypeVar("Command", bound=Callable[..., Any])

output = click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of stdout.")


def metrics(command: Command) -> Command:
    """Add the names of the metrics that objectives are computed from."""
    for name, default, what in (
        ("up", UP, "Gauge that is 1 while a component works"),
        ("total", TOTAL, "Counter of all requests"),
        ("errors", ERRORS, "Counter of failed requests"),
    ):
        command = click.option(f"--{name}-metric", name, metavar="METRIC", default=default, show_default=True,
                               help=f"{what}; {{component}} is its name.")(command)  # fmt: skip
    return command


def write(context: click.Context, text: str, file: str | None) -> None:
    """Write a document to a file or to stdout."""
    if file is None:
        messages.data(text)
        return
    Path(file).write_text(text, encoding="utf-8")
    if not options.session(context).quiet:
        messages.note(f"wrote {printable(file)}")


def left_out(context: click.Context, problems: Sequence[Problem], *, strict: bool) -> None:
    """Name everything that was there but could not be said; with `strict` that ends the command."""
    for problem in problems:
        if strict:
            messages.error(str(problem))
        elif not options.session(context).quiet:
            messages.warning(str(problem))
    if strict and problems:
        context.exit(messages.USAGE)
