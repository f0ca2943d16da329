"""`outlast export openmetrics`: a replication as a history of metrics."""

from __future__ import annotations

import click

from outlast.cli import replication as replications
from outlast.errors import UsageError

STEP, MOST = "1 h", 1_000_000


@click.command(short_help="Write a replication as metrics for Prometheus.")
@click.option("--step", default=STEP, show_default=True, metavar="DURATION", help="Between samples.")
@click.option("--from", "since", default="0 s", metavar="DURATION", help="Samples from this time on only.")
@click.option("--until", metavar="DURATION", help="Samples before this time only: --until '30 d'.")
@replications.one
def openmetrics(
    file: str,
    replication: int,
    seed: int | None,
    changes: tuple[str, ...],
    variant: str | None,
    start: str | None,
    output: str | None,
    step: str,
    since: str,
    until: str | None,
) -> None:
    """Write one replication of SCENARIO as OpenMetrics text with timestamps.

    `promtool tsdb create-blocks-from openmetrics FILE DIR` makes it a history that Prometheus serves. It has whether
    each component is up, its downtime and outages so far, requests of endpoints, and units by group. Prometheus joins
    samples that are at most 5 min apart: --step '5 min' --until '30 d'.
    """
    from outlast.exchange.openmetrics import document
    from outlast.units import format_duration
    from outlast.version import __version__

    scenario = replications.opened(file, changes, variant, start)
    horizon = scenario.program().horizon
    width, first = replications.duration("--step", step), replications.duration("--from", since, zero=True)
    last = horizon if until is None else min(horizon, replications.duration("--until", until))
    if first >= last:
        raise UsageError(f"--from {since} leaves nothing", f"times are below {until or format_duration(horizon)}")
    if (last - first) / width > MOST:
        raise UsageError(f"--step {step}: more than {MOST:,} samples of every value", "make it longer, or use --until")
    one = replications.replayed(scenario, replication, seed)
    about = {"scenario": scenario.name, "seed": str(one.seed), "replication": str(replication), "version": __version__}
    replications.deliver(document(one.history, one.clock, width, first, last, about), output)
