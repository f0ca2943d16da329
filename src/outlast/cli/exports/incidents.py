"""`outlast export incidents`: the incidents of a replication as a service desk would export them."""

from __future__ import annotations

import click

from outlast.cli import incidents as shared
from outlast.cli import replication as replications


@click.command(short_help="Write incidents of a replication as CSV.")
@shared.chosen
def incidents(found: shared.Incidents, output: str | None) -> None:
    """Write the outages of one replication as CSV, with the column names of ServiceNow.

    Those that were not over at the end of the simulation have no `resolved_at` and the state "In Progress". The
    priority is 1 for components with an objective, 2 for others, 3 for single items.
    """
    from outlast.exchange.incidents_csv import document

    replications.deliver(document(found.found, found.clock), output)
