"""`outlast export ecs`: the incidents of a replication as events of the Elastic Common Schema."""

from __future__ import annotations

import click

from outlast.cli import incidents as shared
from outlast.cli import replication as replications


@click.command(short_help="Write incidents of a replication as ECS events.")
@shared.chosen
def ecs(found: shared.Incidents, output: str | None) -> None:
    """Write the outages of one replication as ECS events, JSON lines, marked as simulated.

    One event per incident, with `tags` "simulated" and `labels.simulated` "true".
    """
    from outlast.exchange.ecs import document

    replications.deliver(document(found.found, found.clock, found.scenario), output)
