"""`outlast report`: a kept result as one page of HTML. Other verbs write the same page with `--report`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outlast.cli import messages, options, settings
from outlast.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.results import Result
    from outlast.scenario import Scenario

SUFFIXES = (".html", ".htm")


@click.command(short_help="Write a kept result as one page of HTML.")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", "file", metavar="FILE", default="report.html", show_default=True,
              help="The page; an existing one is replaced.")  # fmt: skip
@click.option("--scenario", "source", metavar="FILE",
              help="The scenario file the result came from. [default: its text, kept in DIR]")  # fmt: skip
@options.changes
@options.talk
@click.pass_context
def report(context: click.Context, folder: str, file: str, source: str | None, changes: tuple[str, ...]) -> None:
    """Write the result that `--out DIR` kept as a page that needs nothing else: no network, no other file.

    It says whether the objectives are met, how surely and why not, where the downtime comes from, what was assumed, and
    how to get the same numbers again. What the folder lacks (the course of single replications) is simulated again.
    """
    check_target(file)
    if changes and source is None:
        raise UsageError("--set needs --scenario", "name the file the result came from")
    settings.use_cache(settings.read(Path()), Path())
    from outlast.report.html.page import write  # imported here: it brings pandas and matplotlib
    from outlast.report.html.reading import read

    scenario = None if source is None else options.opened(source, options.parsed(changes))
    write(read(Path(folder), scenario), file)
    _said(file, options.session(context))


def written(result: Result, studies: Mapping[str, pd.DataFrame], scenario: Scenario, file: str,
            session: messages.Session) -> None:  # fmt: skip
    """Write the page of a result that was just run."""
    from outlast.report.html.material import Material
    from outlast.report.html.page import write

    write(Material(result, studies, scenario), file)
    _said(file, session)


def _said(file: str, session: messages.Session) -> None:
    if not session.quiet:
        messages.note(f"report in {file}")


def check_target(file: str) -> None:
    """Raises UsageError where no page can be written, before anything is computed; an existing page is replaced."""
    path, folder = Path(file), Path(file).absolute().parent
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{file}: a report is a page of HTML", "name a file that ends in .html")
    if path.is_dir():
        raise UsageError(f"{file}: this is a folder", f"name a file in it: {path / 'report.html'}")
    if not folder.is_dir():
        raise UsageError(f"{file}: there is no folder {path.parent}", f"make it first: mkdir -p {path.parent}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{file}: the folder {path.parent} cannot be written")
