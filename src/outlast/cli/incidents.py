"""What the exports of incidents share: which history they are from, and which incidents of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from outlast.cli import files, options
from outlast.cli import replication as replications
from outlast.errors import UsageError

if TYPE_CHECKING:
    from outlast.exchange.clock import Clock
    from outlast.exchange.incident import Incident

file = click.argument("file", metavar="[SCENARIO]", required=False)
stored = click.option("--from-results", metavar="DIR", help="Take a replication from results that `run --out` wrote.")
items = click.option("--items", is_flag=True, help="Failures of single items instead of outages of components.")


@dataclass(frozen=True)
class Incidents:
    """Incidents of one replication, and when time 0 was."""

    scenario: str
    clock: Clock
    found: list[Incident]


def chosen(command: Callable[[Incidents, str | None], None]) -> Callable[..., None]:
    """Add what chooses the incidents; the command takes a function that finds them, and where they go."""

    def wrapped(output: str | None, **given: Any) -> None:
        command(incidents(**given), output)

    wrapped.__doc__, wrapped.__name__ = command.__doc__, command.__name__
    function: Callable[..., None] = wrapped
    for option in reversed((file, stored, replications.number, items, options.seed, options.changes, options.variant,
                            replications.start, files.output)):  # fmt: skip
        function = option(function)
    return options.talk(function)


def incidents(
    file: str | None,
    from_results: str | None,
    replication: int,
    items: bool,
    seed: int | None,
    changes: tuple[str, ...],
    variant: str | None,
    start: str | None,
) -> Incidents:
    """Those of a replication that is run now, or of one of a folder."""
    if (file is None) == (from_results is None):
        raise UsageError("either SCENARIO or --from-results DIR is needed", "a folder holds the scenario that it is of")
    if file is None:
        assert from_results is not None
        if items or seed is not None or changes:
            raise UsageError("--items, --seed and --set need a scenario to run", "name the scenario in place of DIR")
        return _of_folder(from_results, replication, variant or "base", start)
    return _of_scenario(file, replication, items, seed, changes, variant, start)


def _of_scenario(
    file: str,
    replication: int,
    items: bool,
    seed: int | None,
    changes: tuple[str, ...],
    variant: str | None,
    start: str | None,
) -> Incidents:
    from outlast.exchange.incident import of_failures, of_outages

    scenario = replications.opened(file, changes, variant, start)
    one = replications.replayed(scenario, replication, seed)
    warm_up = one.history.program.warm_up
    if items:
        found = of_failures([each for each in one.history.failures if each.start >= warm_up], replication)
    else:
        outages = one.history.outages
        critical = {objective.of for objective in scenario.spec.objectives}
        found = of_outages(outages[outages["start_s"] >= warm_up], replication, critical)
    return Incidents(scenario.name, one.clock, found)


def _of_folder(folder: str, replication: int, variant: str, start: str | None) -> Incidents:
    """Raises UsageError for a replication or variant that the folder does not hold."""
    from outlast.errors import nearest_hint
    from outlast.exchange.clock import Clock
    from outlast.exchange.incident import of_outages
    from outlast.run.results import Result

    result = Result.load(folder)
    if not replication < result.n:
        last = f"0 to {result.n - 1}" if result.n else "none"
        raise UsageError(f"{folder} has no replication {replication}", f"it has replications {last}")
    variants = list(dict.fromkeys(result.estimates["variant"]))
    if variant not in variants:
        raise UsageError(f"{folder} has no variant {variant!r}", nearest_hint(variant, variants, "variants"))
    rows = result.outages
    rows = rows[(rows["replication"] == replication) & (rows["variant"] == variant)]
    critical = {str(row["component"]) for row in result.thresholds}
    return Incidents(result.origin.scenario_name, Clock.of(start), of_outages(rows, replication, critical))
