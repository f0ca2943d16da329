"""`outlast report`: a kept result as one page of HTML."""

from __future__ import annotations

from pathlib import Path

import click

from outlast.cli import messages, options
from outlast.errors import UsageError


@click.command(short_help="Write a kept result as one page of HTML.")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", "file", metavar="FILE", default="report.html", show_default=True,
              help="The page; an existing one is replaced.")  # fmt: skip
@click.option("--scenario", "source", metavar="FILE",
              help="The scenario file the result came from. [default: its text in DIR, without data files]")  # fmt: skip
@options.changes
@options.talk
@click.pass_context
def report(context: click.Context, folder: str, file: str, source: str | None, changes: tuple[str, ...]) -> None:
    """Write the result that `--out DIR` kept as a page that needs nothing else: no network, no other file.

    It says whether the objectives are met, how surely and why not, where the downtime comes from, what was assumed, and
    how to get the same numbers again. What the folder lacks (the course of single replications) is simulated again.
    """
    from outlast.report.html.page import check_target, write
    from outlast.report.html.reading import read

    check_target(file)
    if changes and source is None:
        raise UsageError("--set needs --scenario", "name the file the result came from")
    scenario = None if source is None else options.opened(source, options.parsed(changes))
    material = read(Path(folder), scenario)
    write(material, file)
    if not options.session(context).quiet:
        messages.note(f"written: {file}")
