"""`outlast bench`: what a run of a scenario costs on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outlast.cli import interrupts, messages, options, settings
from outlast.errors import printable

if TYPE_CHECKING:
    from outlast.run.cost import Cost

REPLICATIONS = 10
LABEL = 10  # width of the first column
STOPPING = "stopping: nothing is kept of a measurement"


@click.command(short_help="Measure what a run of a scenario costs.")
@options.scenario
@click.option(
    "-n",
    "--replications",
    type=options.Whole(1, options.MOST_REPLICATIONS),
    metavar="N",
    default=REPLICATIONS,
    show_default=True,
    help="How many replications to measure.",
)
@options.seed
@options.changes
@options.variant
@click.option(
    "--threads",
    type=options.Whole(1, options.MOST_THREADS),
    metavar="N",
    help="Compare this many threads with one; 1 compares nothing. [default: 2, where there are two processors]",
)
@click.option("--cold", is_flag=True, help="Also compile the engine anew, with an empty cache: about a minute.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.talk
@click.pass_context
def bench(
    context: click.Context,
    file: str,
    replications: int,
    seed: int | None,
    changes: tuple[str, ...],
    variant: str | None,
    threads: int | None,
    cold: bool,
    as_json: bool,
) -> None:
    """Measure what a run of SCENARIO costs on this machine: events and whose they are, time, memory, compilation.

    Events are counted in traced replications and depend on the seed alone; times are those of untraced ones.
    """
    session = options.session(context)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    options.check_threads(threads, session.quiet)
    scenario = options.opened(file, options.parsed(changes), variant)
    chosen = settings.seed_of(seed, scenario, settled)
    from outlast.run.cost import cost as measured  # imported before a signal may come in the middle of it

    with interrupts.stoppable(STOPPING):
        if cold and not session.quiet:
            messages.note("compiling with an empty cache comes last and takes about a minute")
        cost = measured(scenario.program(), replications, chosen, threads=threads, cold=cold, scenario=scenario.name)
    if as_json:
        messages.data(json.dumps(cost.document(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        messages.say("\n".join([*_heading(cost), "", *_events(cost), "", *_figures(cost)]))


def _heading(cost: Cost) -> Iterator[str]:
    from outlast.run.cost import YEAR_S
    from outlast.units import format_duration

    horizon = format_duration(cost.years * YEAR_S)
    yield f"{printable(cost.scenario)}: {cost.replications} replications of {horizon}, seed {cost.seed}"


def _events(cost: Cost) -> Iterator[str]:
    """A table of events by component and class of source."""
    rows = [("component", "source", "events/replication", "events/year", "share")]
    for row in cost.events.itertuples(index=False):
        names = (printable(str(row.component)) or "-", str(row.source))
        rows.append((*names, f"{row.events:,.1f}", f"{row.events_per_year:,.1f}", f"{row.share:.1%}"))
    rows.append(("all", "", f"{cost.events_per_replication:,.1f}", f"{cost.events_per_year:,.1f}", ""))
    width = max(len(row[0]) for row in rows)
    for component, source, events, per_year, share in rows:
        yield f"{component:<{width}}  {source:<7}  {events:>18}  {per_year:>14}  {share:>6}".rstrip()


def _figures(cost: Cost) -> Iterator[str]:
    from outlast.units import format_bytes

    time, start, memory = cost.ns_per_event, cost.start_ms, cost.memory
    spread = f"{time.least:.0f} to {time.most:.0f} over {time.rounds} rounds, one thread"
    yield _line("time", f"{time.median:.0f} ns/event ({spread}), {cost.ms_per_year:.3g} ms per simulated year")
    yield _line("", f"of a replication, {start.median:.3g} ms are its start")
    yield _line("profiles", f"{cost.profile_steps_per_year:,.0f} steps per simulated year")
    if cost.evaluations:
        per_year = cost.evaluations / cost.years
        yield _line("scalers", f"{per_year:,.0f} evaluations of controllers per simulated year")
    log = ", ".join(f"{name} {rows:,.1f}" for name, rows in cost.log_rows.items() if rows) or "none"
    yield _line("log", f"{sum(cost.log_rows.values()):,.1f} rows per replication: {log}")
    each = f", {memory.per_unit:,.0f} B per unit (units: {memory.units:,})" if memory.units else ""
    yield _line("memory", f"{format_bytes(memory.world)} per replication: {format_bytes(memory.log)} for its log{each}")
    yield _line("", f"{format_bytes(memory.program)} for the program, shared")
    yield _line("compile", f"from the cache: {_process(cost.warm)}")
    yield _line("", f"with an empty cache: {_process(cost.cold) if cost.cold else 'not measured (--cold does)'}")
    yield from _threads(cost)


def _line(label: str, text: str) -> str:
    return f"{label:<{LABEL}}{text}"


def _process(seconds: dict[str, float]) -> str:
    return f"{seconds['first_s']:.2f} s, after {seconds['import_s']:.2f} s of imports, in a new process"


def _threads(cost: Cost) -> Iterator[str]:
    found = cost.threads
    if found is None:
        yield _line("threads", "not compared")
        return
    seconds = f"{found.many_s.median:.3g} s against {found.one_s.median:.3g} s for {found.replications} replications"
    yield _line("threads", f"{found.threads} are {found.speed_up:.2f} times as fast as one ({seconds}, same results)")
    yield _line("", f"and use {found.processor_time:.2f} times its processor time")
