"""`outlast export FORMAT`: one module a format, found by looking."""

from __future__ import annotations

import click

from outlast.cli.formats import Exports


@click.group(cls=Exports, name="export", short_help="Write files that other tools read.")
def exports() -> None:
    """Write a scenario, or one of its replications, as a file that other tools read."""
