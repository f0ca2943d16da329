"""`outlast schema`: the JSON Schema of scenarios, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from outlast.cli import options
from outlast.cli.messages import data, note
from outlast.errors import printable


@click.command(short_help="Print the JSON Schema of scenarios.")
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), default="json", show_default=True,
              help="JSON Schema, or a page for people: every field, its type, default and meaning.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write it to FILE instead of stdout.")
@options.talk
@click.pass_context
def schema(context: click.Context, form: str, output: str | None) -> None:
    """Print the JSON Schema of scenarios: editors complete and check with it."""
    text = _text(form)
    if output is None:
        data(text)
        return
    Path(output).write_text(text, encoding="utf-8")
    if options.session(context).quiet:
        return
    note(f"wrote {printable(output)}")
    if form == "json":
        note(f"  hint: begin a scenario with `# yaml-language-server: $schema={printable(output)}`")


def _text(form: str) -> str:
    from outlast.report.reference import reference  # imported here: they bring the kinds, and with them numba
    from outlast.scenario import json_schema

    return reference() if form == "markdown" else json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
