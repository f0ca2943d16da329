"""`outlast export openslo`: objectives and agreements as OpenSLO v1."""

from __future__ import annotations

import click

from outlast.cli import files, options
from outlast.errors import UsageError


@click.command(short_help="Write objectives and agreements as OpenSLO v1.")
@options.scenario
@files.metrics
@options.changes
@options.variant
@click.option("--strict", is_flag=True, help="Exit with 2 if anything cannot be said.")
@files.output
@options.talk
@click.pass_context
def openslo(
    context: click.Context,
    file: str,
    errors: str,
    total: str,
    up: str,
    changes: tuple[str, ...],
    variant: str | None,
    strict: bool,
    output: str | None,
) -> None:
    """Write the objectives and agreements of SCENARIO about shares of time or requests as OpenSLO v1.

    What OpenSLO cannot say is named on stderr.
    """
    from outlast.exchange.metrics import Metrics  # imported here: it brings the kinds, and with them numba
    from outlast.exchange.openslo_write import to_documents, write_openslo

    scenario = options.opened(file, options.parsed(changes), variant)
    objects, left_out = write_openslo(scenario, Metrics(errors, total, up))
    files.left_out(context, left_out, strict=strict)
    if not objects:
        raise UsageError("the scenario has no objective or agreement about a share of time or requests",
                         "add `objectives: [{of: NAME, measure: availability, at_least: 99.9 %}]`")  # fmt: skip
    files.write(context, to_documents(objects), output)
