"""`outlast diagram`: the topology, a lifecycle, or the incidents of one replication, as Mermaid or SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from outlast.cli import files, options, settings
from outlast.cli import replication as replications
from outlast.cli.messages import note
from outlast.errors import UsageError

if TYPE_CHECKING:
    from outlast.scenario import Scenario

WHAT, FORMATS = ("topology", "lifecycle", "timeline"), ("mermaid", "svg")
ENDINGS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "mermaid"}
TRIED = 20  # replications of which the worst is drawn
NAMES = {"since": "from"}  # of options, where the parameter has another one


@click.command(short_help="Draw the topology, a lifecycle, or incidents.")
@options.scenario
@click.argument("component", required=False)
@click.option("--what", type=click.Choice(WHAT), default="topology", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), help="[default: by the ending of -o, else mermaid]")
@files.output
@options.changes
@options.variant
@click.option(
    "--replication",
    type=options.Whole(0, replications.MOST),
    metavar="R",
    help=f"Of a timeline. [default: of the first {TRIED} the one with most time down]",
)
@options.seed
@click.option("--from", "since", metavar="DURATION", help="A timeline from this time on: --from '29 d'.")
@click.option("--until", metavar="DURATION", help="A timeline up to this time: --until '30 d'.")
@click.option("--longest", is_flag=True, help="A timeline around the longest outage.")
@replications.start
@options.talk
@click.pass_context
def diagram(
    context: click.Context,
    file: str,
    component: str | None,
    what: str,
    form: str | None,
    output: str | None,
    changes: tuple[str, ...],
    variant: str | None,
    replication: int | None,
    seed: int | None,
    since: str | None,
    until: str | None,
    longest: bool,
    start: str | None,
) -> None:
    """Draw SCENARIO: failure domains with what runs in them and who needs whom.

    --what lifecycle draws the states of a COMPONENT (of all without one), --what timeline the outages and failures of
    one replication. `-o FILE.svg` is a picture, `-o FILE.md` Markdown with a Mermaid block.
    """
    given = {"since": since, "until": until, "longest": longest or None, "replication": replication, "start": start}
    _check(what, component, given)
    form = form or _format_of(output)
    scenario = replications.opened(file, changes, variant, start)
    if what == "topology":
        from outlast.report import topology_diagram as drawings

        document = (drawings.topology_svg if form == "svg" else drawings.topology_mermaid)(scenario)
    elif what == "lifecycle":
        document = _lifecycle(scenario, component, form)
    else:
        quiet = options.session(context).quiet
        document = _timeline(scenario, component, form, replication, seed, _span(since, until, longest), quiet)
    replications.deliver(_fenced(document) if output is not None and output.endswith(".md") else document, output)


def _check(what: str, component: str | None, given: Mapping[str, object]) -> None:
    """Options of timelines are for timelines."""
    misplaced = [NAMES.get(name, name) for name, value in given.items() if value is not None]
    if what != "timeline" and misplaced:
        raise UsageError(f"--{misplaced[0]} is for timelines", "add `--what timeline`, or leave it out")
    if what == "topology" and component is not None:
        raise UsageError("a topology is of all components", "leave out the component, or add `--what lifecycle`")
    if given["longest"] and (given["since"] is not None or given["until"] is not None):
        raise UsageError("--longest excludes --from and --until", "leave one of them out")


def _format_of(output: str | None) -> str:
    if output is None:
        return "mermaid"
    found = [form for ending, form in ENDINGS.items() if output.lower().endswith(ending)]
    if not found:
        known = ", ".join(ENDINGS)
        raise UsageError(f"-o {output}: the ending says no format", f"use one of {known}, or add --format")
    return found[0]


def _lifecycle(scenario: Scenario, component: str | None, form: str) -> str:
    from outlast.program.components import component_names
    from outlast.program.describe import mermaid

    if form == "svg":
        raise UsageError("a lifecycle is drawn as Mermaid only", "leave out --format, or write to FILE.md")
    program = scenario.program()
    options.check_component(component, sorted({*component_names(program), *scenario.components()}))
    return mermaid(program, component or "") + "\n"


def _timeline(
    scenario: Scenario,
    component: str | None,
    form: str,
    replication: int | None,
    seed: int | None,
    span: Callable[[float], tuple[float, float] | None],
    quiet: bool,
) -> str:
    from outlast.program.components import component_names
    from outlast.report.timeline import around_longest, timeline, timeline_mermaid, timeline_svg

    options.check_component(component, component_names(scenario.program()))
    span(scenario.program().horizon)
    number = _worst(scenario, component or "", seed, quiet) if replication is None else replication
    one = replications.replayed(scenario, number, seed)
    title = f"{scenario.name}, replication {number}, seed {one.seed}"
    wanted = span(one.history.horizon)
    if wanted is None:  # whatever happened around the outage may have to do with it
        drawn = timeline(one.history, title, "", *around_longest(one.history, component or ""), busy=True)
    else:
        drawn = timeline(one.history, title, component or "", *wanted)
    return timeline_svg(drawn) if form == "svg" else timeline_mermaid(drawn, round(one.clock.unix(0.0) * 1000))


def _span(since: str | None, until: str | None, longest: bool) -> Callable[[float], tuple[float, float] | None]:
    """Horizon -> times to be drawn; None: around the longest outage."""

    def chosen(horizon: float) -> tuple[float, float] | None:
        if longest:
            return None
        first = 0.0 if since is None else replications.duration("--from", since, zero=True)
        last = horizon if until is None else min(horizon, replications.duration("--until", until))
        if first >= last:
            raise UsageError("nothing is left between --from and --until", "exchange them, or stay below the horizon")
        return first, last

    return chosen


def _worst(scenario: Scenario, component: str, seed: int | None, quiet: bool) -> int:
    """The replication with most time down."""
    from pathlib import Path

    from outlast.run.pick import by_downtime
    from outlast.run.replications import run_program

    chosen = settings.seed_of(seed, scenario, settings.read(Path()))
    program = scenario.program()
    number = by_downtime(program, run_program(program, TRIED, chosen).outcomes, component)[0]
    if not quiet:
        of = f" of {component}" if component else ""
        note(f"replication {number}: most time down{of} of the first {TRIED}")
    return number


def _fenced(text: str) -> str:
    return f"```mermaid\n{text}```\n"
