"""`outlast init`: an annotated scenario to start from."""

from __future__ import annotations

import os
import shlex
from importlib import resources

import click

from outlast.cli import options
from outlast.cli.messages import note
from outlast.errors import UsageError, printable

TEMPLATES = ("quickstart", "two-region", "training")


def template(name: str) -> str:
    """The text of a starter scenario."""
    return (resources.files("outlast.cli") / "templates" / f"{name}.yaml").read_text(encoding="utf-8")


@click.command(short_help="Write an annotated scenario to start from.")
@click.argument("file", default="scenario.yaml")
@click.option("--template", "name", type=click.Choice(TEMPLATES), default="quickstart", show_default=True)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@options.talk
@click.pass_context
def init(context: click.Context, file: str, name: str, force: bool) -> None:
    """Write a scenario with comments on every value to FILE (scenario.yaml if not told)."""
    try:
        with open(file, "w" if force else "x", encoding="utf-8") as stream:
            stream.write(template(name))
    except FileExistsError:
        hint = "name another file, or use --force"
        raise UsageError(f"{file}: exists; nothing was written", hint) from None
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no folder {os.path.dirname(file)}") from None
    if not options.session(context).quiet:
        note(f"wrote {printable(file)}")
        note(f"next: outlast run {printable(shlex.quote(file))}")
