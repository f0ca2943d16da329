"""`outlast export prism`: the Markov chain of a small exponential scenario, for PRISM and Storm."""

from __future__ import annotations

import click

from outlast.cli import files, options
from outlast.cli import replication as replications

MOST_STATES = 20_000


@click.command(short_help="Write the Markov chain for PRISM and Storm.")
@options.scenario
@options.changes
@options.variant
@files.output
@click.option("--properties", metavar="FILE", help="Write properties to FILE, each below our value of it.")
@click.option(
    "--state-limit",
    type=options.Whole(1),
    default=MOST_STATES,
    show_default=True,
    metavar="N",
    help="Refuse more states than that.",
)
@options.talk
def prism(
    file: str,
    changes: tuple[str, ...],
    variant: str | None,
    output: str | None,
    properties: str | None,
    state_limit: int,
) -> None:
    """Write the Markov chain of SCENARIO in the PRISM language, so that others can check our values.

    All delays must be exponential, as for `--engine exact`. Labels say where each component is down, reward structures
    how each measure grows. `prism MODEL PROPERTIES` and `storm -pc --prism MODEL --prop PROPERTIES` then compute what
    `--properties` says that we have.
    """
    from outlast.engines.exact import solve
    from outlast.exchange import prism as written

    scenario = replications.opened(file, changes, variant)
    chain = written.Model(solve(scenario.program(), state_limit), scenario.name)
    if properties is not None:
        replications.deliver(written.properties(chain), properties)
    replications.deliver(written.model(chain), output)
