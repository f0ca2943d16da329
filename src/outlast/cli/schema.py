"""`outlast schema`: the JSON Schema of scenarios, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from outlast.cli import options
from outlast.cli.messages import data, note
from outlast.errors import printable


@click.command(short_help="Print the JSON Schema of scenarios.")
@click.option("-o", "--output", metavar="FILE", help="Write it to FILE instead of stdout.")
@options.talk
@click.pass_context
def schema(context: click.Context, output: str | None) -> None:
    """Print the JSON Schema of scenarios: editors complete and check with it."""
    from outlast.scenario import json_schema  # imported here: it brings the kinds, and with them numba

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        data(text)
        return
    Path(output).write_text(text, encoding="utf-8")
    if not options.session(context).quiet:
        note(f"wrote {printable(output)}")
        note(f"  hint: begin a scenario with `# yaml-language-server: $schema={printable(output)}`")
