"""`outlast export ocsf`: the incidents of a replication as OCSF events."""

from __future__ import annotations

import click

from outlast.cli import incidents as shared
from outlast.cli import replication as replications


@click.command(short_help="Write incidents of a replication as OCSF events.")
@shared.chosen
def ocsf(found: shared.Incidents, output: str | None) -> None:
    """Write the outages of one replication as OCSF 1.3.0 Incident Findings, JSON lines, marked as simulated.

    One event where an incident opens and one where it closes. `metadata.labels` has "simulated", and `unmapped` what
    OCSF has no field for.
    """
    from outlast.exchange.ocsf import document

    replications.deliver(document(found.found, found.clock, found.scenario), output)
