"""`outlast export prometheus`: burn-rate alerts from the objectives."""

from __future__ import annotations

import click

from outlast.cli import files, options
from outlast.errors import UsageError


@click.command(short_help="Write burn-rate alerting rules from the objectives.")
@options.scenario
@files.metrics
@options.changes
@options.variant
@click.option("--strict", is_flag=True, help="Exit with 2 if anything cannot be said.")
@files.output
@options.talk
@click.pass_context
def prometheus(
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
    """Write Prometheus rules: the error ratio of every objective and agreement of SCENARIO about a share of time or
    requests, and alerts when its error budget burns too fast.

    For 30 days: 14.4 times as fast over 1 h or 6 times over 6 h pages, 3 times over 1 d or as fast over 3 d makes a
    ticket.  Other windows scale with the objective's.
    """
    from outlast.exchange.metrics import Metrics  # imported here: it brings the kinds, and with them numba
    from outlast.exchange.prometheus import to_text, write_rules

    scenario = options.opened(file, options.parsed(changes), variant)
    rules, left_out = write_rules(scenario, Metrics(errors, total, up))
    files.left_out(context, left_out, strict=strict)
    if not rules["groups"]:
        raise UsageError("the scenario has no objective or agreement to watch",
                         "add `objectives: [{of: NAME, measure: availability, at_least: 99.9 %}]`")  # fmt: skip
    files.write(context, to_text(rules), output)
