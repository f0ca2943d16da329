"""`outlast export chrome-trace`: a replication as a trace that Perfetto and Chromium open."""

from __future__ import annotations

import click

from outlast.cli import replication as replications


@click.command(name="chrome-trace", short_help="Write a replication as a trace for Perfetto.")
@replications.one
def chrome_trace(
    file: str,
    replication: int,
    seed: int | None,
    changes: tuple[str, ...],
    variant: str | None,
    start: str | None,
    output: str | None,
) -> None:
    """Write one replication of SCENARIO as Chrome trace JSON: open it at https://ui.perfetto.dev.

    One lane per component with its outages, one per failed item with its states until it was back, and counters of
    demand, capacity, served and successful requests of every endpoint.
    """
    from outlast.exchange.chrome_trace import document

    chosen = replications.replayed(replications.opened(file, changes, variant, start), replication, seed)
    about = {
        "scenario": chosen.scenario.name,
        "seed": chosen.seed,
        "replication": chosen.number,
        "time_0": chosen.clock.iso(0.0),
    }
    replications.deliver(document(chosen.history, about), output)
