"""`outlast import openslo`: SLOs as agreements or objectives of a scenario."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from outlast.cli import files, options
from outlast.errors import UsageError, shown


@click.command(short_help="Read OpenSLO v1 as agreements or objectives.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--scenario", metavar="SCENARIO", help="Check names and values against this scenario.")
@click.option("--map", "pairs", multiple=True, metavar="SERVICE=COMPONENT", help="Where names differ. May be repeated.")
@click.option(
    "--as",
    "section",
    type=click.Choice(["agreements", "objectives"]),
    default="agreements",
    show_default=True,
    help="Count every window, or bound the mean over the horizon.",
)
@click.option("--strict", is_flag=True, help="Exit with 2 if anything was left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@files.output
@options.talk
@click.pass_context
def openslo(
    context: click.Context,
    paths: tuple[str, ...],
    scenario: str | None,
    pairs: tuple[str, ...],
    section: str,
    strict: bool,
    as_json: bool,
    output: str | None,
) -> None:
    """Read the SLOs of FILE... (`-` is standard input) as a piece of a scenario.

    A service is the component of the same name.  Every part that is not read is named on stderr.
    """
    from outlast.exchange.openslo_read import read_openslo  # imported here: it brings the kinds, and with them numba
    from outlast.exchange.texts import to_yaml

    checked = options.opened(scenario, {}) if scenario is not None else None
    fragment = read_openslo(paths, checked, _names(pairs), section)
    files.left_out(context, fragment.left_out, strict=strict)
    data = fragment.data()
    if as_json:
        document = {**data, "left_out": [asdict(problem) for problem in fragment.left_out]}
        files.write(context, json.dumps(document, indent=2, ensure_ascii=False) + "\n", output)
    elif data:
        files.write(context, to_yaml(data), output)
    else:
        raise UsageError("no SLO could be read", "every SLO has `kind: SLO`")


def _names(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        service, equals, component = pair.partition("=")
        if not (service and equals and component):
            raise UsageError(f"--map takes SERVICE=COMPONENT (got {shown(pair)})")
        if service in found:
            raise UsageError(f"--map: {shown(service)} is given twice", "keep one of the two")
        found[service] = component
    return found
