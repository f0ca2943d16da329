"""`outlast trace`: one replication, event by event, with names."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outlast.cli import options, settings
from outlast.cli.messages import data, note, say
from outlast.errors import UsageError, printable
from outlast.units import UnitError, parse

if TYPE_CHECKING:
    from outlast.cli.events import Event
    from outlast.engines.outcome import Outcome
    from outlast.program.program import Program
    from outlast.scenario import Scenario

FORMATS = ("text", "csv", "json")
CHUNK = 1000  # lines written at once: a reader that goes away (`| head`) is noticed soon
DAY_S = 86_400
MOST_REPLICATIONS = 2**31 - 1


@click.command(short_help="Show one replication, event by event.")
@options.scenario
@click.option(
    "--replication",
    type=options.Whole(0, MOST_REPLICATIONS),
    required=True,
    metavar="R",
    help="Which replication; they count from 0.",
)
@options.seed
@options.changes
@options.variant
@options.engine
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--limit", type=options.Whole(1), metavar="N", help="The first N events only.")
@click.option("--component", metavar="NAME", help="Events of one component only.")
@click.option("--from", "since", metavar="DURATION", help="Events from this time on only: --from '29 d'.")
@click.option("--until", metavar="DURATION", help="Events up to this time only: --until '30 d'.")
@options.talk
@click.pass_context
def trace(
    context: click.Context,
    file: str,
    replication: int,
    seed: int | None,
    changes: tuple[str, ...],
    variant: str | None,
    engine: str,
    form: str,
    limit: int | None,
    component: str | None,
    since: str | None,
    until: str | None,
) -> None:
    """Run one replication of SCENARIO and print every event of it.

    Time, the unit, what happened to it, and the unit that caused it; also conditions that flip, outages,
    recorded values, losses, watches and steps of profiles. Both engines print the same bytes.
    """
    start, end = _seconds("--from", since) or 0.0, _seconds("--until", until)
    if end is not None and start > end:
        raise UsageError(f"--from {since} is after --until {until}", "exchange them")
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    scenario = options.opened(file, options.parsed(changes), variant)
    chosen = settings.seed_of(seed, scenario, settled)
    program = scenario.program()
    keep = _filter(program, component, start, math.inf if end is None else end)
    outcome = _traced(program, chosen, replication, engine)
    if not options.session(context).quiet:
        about = f"replication {replication}, seed {chosen}, engine {engine}, {outcome.events} events"
        note(f"{printable(scenario.name)}: {about}")
    kept = islice(filter(keep, _events(program, outcome)), limit)
    if form == "json":
        data(_json(kept, scenario, chosen, replication))
    else:
        _stream(_csv(kept) if form == "csv" else _text(kept), raw=form == "csv")


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse(text, "duration", zero=True)
    except UnitError as error:
        raise UsageError(f"{option}: {error.message}", error.hint) from None


def _traced(program: Program, seed: int, replication: int, engine: str) -> Outcome:
    if engine == "kernel":
        from outlast.engines import kernel  # imported here: it compiles

        return kernel.run(program, seed, replication, trace=True)
    from outlast.engines import reference

    return reference.run(program, seed, replication, trace=True)


def _events(program: Program, outcome: Outcome) -> Iterator[Event]:
    from outlast.cli.events import events

    return events(program, outcome)


def _filter(program: Program, component: str | None, since: float, until: float) -> Callable[[Event], bool]:
    from outlast.program.components import component_names

    options.check_component(component, component_names(program))

    def keep(event: Event) -> bool:
        mine = component is None or event.component == component
        return mine and since <= event.time_s <= until

    return keep


def _json(events: Iterable[Event], scenario: Scenario, seed: int, replication: int) -> str:
    """Not the engine: both give the same bytes."""
    from outlast.cli.events import COLUMNS

    rows = [dict(zip(COLUMNS, astuple(event), strict=True)) for event in events]
    document = {"scenario": scenario.name, "seed": seed, "replication": replication, "events": rows}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(events: Iterable[Event]) -> Iterator[str]:
    from outlast.cli.events import COLUMNS

    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in _with_header(COLUMNS, map(astuple, events)):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _with_header(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    yield header
    yield from rows


def _text(events: Iterable[Event]) -> Iterator[str]:
    """Aligned as far as names of usual length go; long names are never cut."""
    yield f"{'time':>18}  {'unit':<24}  {'what happened':<48}  cause\n"
    for event in events:
        unit, text, cause = (printable(each) for each in (event.unit, event.transition, event.cause))
        yield f"{clock(event.time_s):>18}  {unit:<24}  {text:<48}  {cause}".rstrip() + "\n"


def clock(seconds: float) -> str:
    """`12 d 03:14:07.123`: days and time of day since the start, milliseconds cut off."""
    whole, milliseconds = divmod(int(seconds * 1000), 1000)
    days, rest = divmod(whole, DAY_S)
    return f"{days} d {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{milliseconds:03}"


def _stream(lines: Iterator[str], raw: bool) -> None:
    while chunk := "".join(islice(lines, CHUNK)):
        if raw:
            data(chunk)
        else:
            say(chunk.removesuffix("\n"))
