"""`outlast import FORMAT`: one module a format, found by looking."""

from __future__ import annotations

import click

from outlast.cli.formats import Imports


@click.group(cls=Imports, name="import", short_help="Read files of other tools into a scenario.")
def imports() -> None:
    """Read what other tools know into a piece of a scenario."""
