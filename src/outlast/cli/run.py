"""`outlast run`: simulate a scenario, print what came out, keep it if asked."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from outlast.cli import messages, options, progress, settings
from outlast.cli.folder import check_folder
from outlast.cli.interrupts import KEEPING, stoppable
from outlast.errors import RunError, UsageError

if TYPE_CHECKING:
    from outlast.run.precision import Look
    from outlast.run.results import Result
    from outlast.scenario import Scenario

# what only a simulation needs
CHANCE = {"replications": "-n", "seed": "--seed", "threads": "--threads", "rare": "--rare"}
FORMATS = ("table", "json", "csv", "md")
MOST_STATES = 100_000_000


@dataclass(frozen=True)
class Request:
    """What to simulate, everything settled."""

    replications: int | None
    seed: int
    variants: tuple[str, ...]
    threads: int | None
    engine: str
    precision: dict[str, str] | None = None
    most: int | None = None
    rare: str = "auto"
    state_limit: int | None = None


@click.command(short_help="Simulate a scenario and print what came out.")
@options.scenario
@click.option(
    "-n",
    "--replications",
    type=options.Whole(1, options.MOST_REPLICATIONS),
    metavar="N",
    envvar="OUTLAST_REPLICATIONS",
    help="How many times to simulate. [default: the scenario's, else 100]",
)
@click.option(
    "--precision",
    "widths",
    multiple=True,
    metavar="'MEASURE: WIDTH'",
    help="Add replications (-n is then the least number) until the intervals are so narrow: "
    "'ranker.availability: 1e-5; ranker.mean_outage: rel 5 %'. Half of their widths. May be repeated.",
)
@click.option(
    "--most",
    type=options.Whole(1, options.MOST_REPLICATIONS),
    metavar="N",
    help="With --precision: at most so many replications. [default: 10,000]",
)
@options.seed
@options.changes
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="Simulate a variant too, under the same luck. May be repeated.",
)
@click.option("--horizon", metavar="DURATION", help="Short for --set horizon=DURATION.")
@click.option(
    "--threads",
    type=options.Whole(1, options.MOST_THREADS),
    metavar="N",
    envvar="OUTLAST_THREADS",
    help="Threads; the result does not depend on them. [default: one per processor]",
)
@click.option(
    "--rare",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    envvar="OUTLAST_RARE",
    help="Estimate outages that the replications hardly ever see by a method of their own: where they saw few, of all "
    "components, or never. See docs/rare-events.md. [default: auto]",
)
@options.any_engine
@click.option(
    "--state-limit",
    type=options.Whole(1, MOST_STATES),
    metavar="N",
    help="With --engine exact: how many states at most. [default: 200000]",
)
@click.option("--out", metavar="DIR", help="Keep the result in this folder: Parquet files and a manifest.")
@click.option("--force", is_flag=True, help="Let --out replace an earlier result.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to print it. [default: table]")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@options.talk
@click.pass_context
def run(
    context: click.Context,
    file: str,
    replications: int | None,
    widths: tuple[str, ...],
    most: int | None,
    seed: int | None,
    changes: tuple[str, ...],
    variants: tuple[str, ...],
    horizon: str | None,
    threads: int | None,
    engine: str,
    rare: str,
    state_limit: int | None,
    out: str | None,
    force: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Simulate SCENARIO many times and print every measure with its interval and its number of replications.

    Objectives are judged and printed; a failed one is no error. The same scenario and seed give the same
    numbers on any number of threads. Ctrl-C (or SIGTERM) keeps the replications that are finished and exits
    with 130.
    """
    session = options.session(context)
    form = _format(form, as_json)
    _check_engine(context, engine, state_limit)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    threads = threads if threads is not None else settled.threads
    options.check_threads(threads, session.quiet)
    if out is not None:
        check_folder(Path(out), force)
    precision = _precision(widths, most)
    scenario = options.opened(file, options.parsed(changes, horizon))
    request = Request(
        replications=replications if precision else settings.replications_of(replications, scenario, settled),
        seed=settings.seed_of(seed, scenario, settled),
        variants=tuple(dict.fromkeys(variants)),
        threads=threads,
        engine=engine,
        precision=precision,
        most=most,
        rare=rare,
        state_limit=state_limit,
    )
    began = time.perf_counter()
    result = simulated(scenario, request, session)
    if session.verbose:
        messages.note(f"simulated in {time.perf_counter() - began:.1f} s")
    if result.n == 0 and engine != "exact":
        messages.note("interrupted before the first replication was finished; there is nothing to show")
        context.exit(messages.INTERRUPTED)
    again = _again(file, result, request, changes, horizon)
    with stoppable(KEEPING, raises=False) as asked:
        try:
            _print(result, scenario, form, again, session)
        finally:  # also where nobody reads any more (`| head`), or the disk that stdout goes to is full
            if out is not None:
                _save(result, out, session)
    if result.interrupted:
        which = "all" if result.n == result.origin.requested else "the first"
        messages.note(f"interrupted: the result is that of {which} {result.n} replications alone")
    if result.interrupted or asked.is_set():
        context.exit(messages.INTERRUPTED)


def _check_engine(context: click.Context, engine: str, state_limit: int | None) -> None:
    """What plays no part with this engine."""
    if engine != "exact":
        if state_limit is not None:
            raise UsageError("--state-limit has no effect without --engine exact", "leave it out")
        return
    given = [name for name in CHANCE if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        messages.note(f"without a part in the exact engine, which draws nothing: {', '.join(CHANCE[n] for n in given)}")


def _format(form: str | None, as_json: bool) -> str:
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other", "keep one of the two")
    return "json" if as_json else form or "table"


def _precision(widths: tuple[str, ...], most: int | None) -> dict[str, str] | None:
    if not widths:
        if most is not None:
            raise UsageError("--most has no meaning without --precision", "-n says how many replications to run")
        return None
    from outlast.run.precision import split

    return split(widths)


def simulated(scenario: Scenario, request: Request, session: messages.Session) -> Result:
    """Run it, with a progress bar where somebody watches; verdicts of the objectives are in `thresholds`."""
    from outlast import api  # imported here: it brings pandas and numba
    from outlast.run.precision import LEAST

    with ExitStack() as stack:
        advance = watch = watch_rare = None
        if progress.wanted(session.quiet):
            each = 1 if request.engine == "exact" else request.replications or LEAST
            expected = each * (1 + len(request.variants))
            advance, say, watch_rare = stack.enter_context(
                progress.shown(expected, compiles=request.engine == "kernel")
            )
            watch = _watching(say)
        stack.enter_context(stoppable())
        return api.run(
            scenario,
            request.replications,
            request.seed,
            variants=request.variants,
            threads=request.threads,
            engine=request.engine,
            state_limit=request.state_limit,
            progress=advance,
            precision=request.precision,
            most=request.most,
            watch=watch,
            rare=request.rare,
            watch_rare=watch_rare,
        )


def _watching(say: progress.Say) -> Callable[[Sequence[Look]], None]:
    """Say the half-width that is farthest from what is wanted."""
    from outlast.cli.summary import half_width

    def watch(looks: Sequence[Look]) -> None:
        say(half_width(max(looks, key=lambda look: look.needed).row()))

    return watch


def _save(result: Result, out: str, session: messages.Session) -> None:
    """Raises RunError where it cannot be kept."""
    try:
        result.save(out)
    except RunError as problem:
        hint = "the result is what was printed; nothing half-written is left there"
        raise RunError(f"{problem}\n  hint: {hint}") from problem
    if not session.quiet:
        messages.note(f"kept in {out}")


def _print(result: Result, scenario: Scenario, form: str, again: str, session: messages.Session) -> None:
    from outlast.cli import summary

    if form != "table":
        messages.data(summary.document(result, form))
        if not session.quiet:
            messages.note(f"repeat with: {again}" if result.chains else f"seed {result.seed}; repeat with: {again}")
        return
    if scenario.description and not session.quiet:
        messages.say(scenario.description.strip() + "\n")
    summary.print_table(result, scopes=session.verbose)
    summary.print_sections(result, everything=session.verbose)
    summary.print_objectives(result)
    summary.print_precision(result)
    if session.verbose:
        summary.print_causes(result)
    if not session.quiet:
        if not session.verbose and (result.estimates["scope"] != "").any():
            messages.say("\n-v also shows these by the scope of the cause (zone, region, ...)")
        summary.print_assumptions(scenario)
        messages.say(f"\nrepeat with: {again}")


def _again(file: str, result: Result, request: Request, changes: tuple[str, ...], horizon: str | None) -> str:
    """The command that gives these numbers again: of an interrupted run with the replications it finished."""
    words = ["outlast", "run", file]
    words += [] if result.chains else ["-n", str(result.n), "--seed", str(request.seed)]
    words += [word for change in changes for word in ("--set", change)]
    words += [word for name in request.variants for word in ("--variant", name)]
    words += ["--horizon", horizon] if horizon is not None else []
    words += ["--engine", request.engine] if request.engine != "kernel" else []
    rare = "never" if result.interrupted else request.rare
    words += ["--rare", rare] if rare != "auto" and not result.chains else []
    words += ["--state-limit", str(request.state_limit)] if request.state_limit is not None else []
    return shlex.join(words)
