"""`outlast sweep`: a grid of values under the same luck, or a search along one parameter."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outlast.cli import messages, options, settings
from outlast.cli.folder import check_folder
from outlast.cli.studies import luck, repeated, solvable_options, watched
from outlast.errors import FieldError, UsageError

if TYPE_CHECKING:
    from outlast.cli.settings import Settings
    from outlast.scenario import Scenario
    from outlast.study.sweep import Sweep


@click.command(short_help="Run a grid of values, or search for the one that is enough.")
@options.scenario
@click.option("--vary", "varied", multiple=True, metavar="PATH=A,B,C",
              help="Values: 'components.db.count=2..5', '...=1 h..6 h step 1 h'. May be repeated.")  # fmt: skip
@click.option("--find", metavar="PATH=LOW..HIGH", help="Search along one path for the first value that is enough.")
@click.option("--until", metavar="MEASURE OP VALUE",
              help="What is enough: 'ranker.availability >= 99.9 %', 'db.rpo: p(95) < 1 min'.")  # fmt: skip
@click.option("--measure", "measures", multiple=True, metavar="COMPONENT.MEASURE",
              help="Print and plot this measure. May be repeated. [default: those that differ]")  # fmt: skip
@click.option("--plot", metavar="DIR", help="Draw a figure per measure into this folder.")
@click.option("--plot-format", type=click.Choice(["svg", "png", "pdf"]), default="svg", show_default=True,
              help="Kind of the figures.")  # fmt: skip
@options.changes
@options.variant
@solvable_options
@options.talk
@click.pass_context
def sweep(context: click.Context, /, file: str, varied: tuple[str, ...], find: str | None, until: str | None,
          measures: tuple[str, ...], plot: str | None, plot_format: str, changes: tuple[str, ...],
          variant: str | None, out: str | None, force: bool, as_json: bool, **asked: Any) -> None:  # fmt: skip
    """Simulate every combination of values under the same luck; print each measure with its interval, and its paired
    difference to the first combination.

    With --find and --until: bisect along one parameter, whose values are expected to get ever better (or worse), and
    print the first (or last) that is enough, with an interval. Ctrl-C keeps the cells that are finished.
    """
    session = options.session(context)
    if bool(varied) == bool(find) or bool(find) != bool(until):
        raise UsageError("either --vary, or --find and --until together, are needed",
                         _lacking(varied, find, until))  # fmt: skip
    options.check_chance(context)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    if out is not None:
        check_folder(Path(out), force)
    scenario = options.opened(file, options.parsed(changes), variant)
    if find is not None and until is not None:
        if out or plot or measures:
            raise UsageError("--out, --plot and --measure belong to --vary", "--json prints what a search found")
        _search(context, scenario, find, until, settled, as_json, session, asked)
        return
    found, how = _swept(context, scenario, varied, settled, session, asked)
    again = shlex.join(["outlast", "sweep", file, *(w for one in varied for w in ("--vary", one)),
                        *(w for one in changes for w in ("--set", one)),
                        *(("--variant", variant) if variant else ()),
                        *how])  # fmt: skip
    _show(found, measures, as_json, again, session)
    if plot is not None:
        _plot(found, measures, Path(plot), plot_format)
    if out is not None:
        found.save(out)
    if found.interrupted:
        messages.note(f"interrupted: {len(found.names)} cells are finished")
        context.exit(messages.INTERRUPTED)


def _lacking(varied: tuple[str, ...], find: str | None, until: str | None) -> str:
    if varied or not (find or until):
        return "write --vary 'components.db.count=2..5'"
    return "add --until 'ranker.availability >= 99.9 %'" if find else "add --find 'components.db.count=2..5'"


def _swept(context: click.Context, scenario: Scenario, varied: tuple[str, ...], settled: Settings,
           session: messages.Session, asked: dict[str, Any]) -> tuple[Sweep, list[str]]:  # fmt: skip
    """The sweep, and the words that repeat its luck."""
    from outlast.study.sweep import grid  # imported here: it brings pandas and numba
    from outlast.study.sweep import sweep as swept
    from outlast.study.values import assignment

    paths: dict[str, Any] = {}
    for text in varied:
        path, values = assignment(text, "--vary")
        if path in paths:
            raise UsageError(f"{path} is varied twice", "name all its values in one --vary")
        paths[path] = values
    how = luck(scenario, settled, **asked)
    with watched(how, len(grid(paths)), session) as watching:
        found = swept(scenario, paths, watching)
    return found, repeated(how, found.result.n)


def _search(context: click.Context, scenario: Scenario, find: str, until: str, settled: Settings, as_json: bool,
            session: messages.Session, asked: dict[str, Any]) -> None:  # fmt: skip
    from outlast.report.sweeps import print_found
    from outlast.study.search import search
    from outlast.study.values import STEPS, assignment

    path, values = assignment(find, "--find", steps=STEPS)
    name, text = _bound(until)
    try:
        threshold = scenario.catalogue.threshold(name, text)
    except FieldError as error:
        raise UsageError(f"--until {until}: {error.message}", error.hint) from None
    how = luck(scenario, settled, **asked)
    with watched(how, 1, session) as watching:
        found = search(scenario, path, values, threshold, watching)
    if as_json:
        messages.data(found.to_json())
    else:
        messages.page(lambda page: print_found(found, threshold.unit, page))
    if found.interrupted:
        context.exit(messages.INTERRUPTED)


def _bound(until: str) -> tuple[str, str]:
    """`db.availability >= 99.9 %` and `db.availability: p(5) >= 99.9 %` as the measure and a threshold."""
    name, colon, text = until.partition(":")
    if colon:
        return name.strip(), text.strip()
    match = re.fullmatch(r"\s*([^<>=]+?)\s*([<>]=?.*)", until)
    return (match[1], f"mean {match[2]}") if match else (until.strip(), "")


def _show(found: Sweep, measures: tuple[str, ...], as_json: bool, again: str, session: messages.Session) -> None:
    from outlast.report import sweeps
    from outlast.report.terminal import heading

    sweeps.measures(found, measures)  # an unknown measure is an error in every form
    if as_json:
        messages.data(found.to_json())
    else:
        messages.say(f"{heading(found.result)}, {len(found.names)} cells")
        messages.page(lambda page: sweeps.print_sweep(found, page, measures))
    if not session.quiet:
        (messages.note if as_json else messages.say)(f"\nrepeat with: {again}")


def _plot(found: Sweep, wanted: tuple[str, ...], folder: Path, form: str) -> None:
    from outlast.report import study_figures
    from outlast.report.sweeps import measures

    for component, measure in measures(found, wanted):
        name = re.sub(r"[^\w.-]+", "-", f"{component}.{measure}")
        try:
            figure = study_figures.sweep(found, component, measure)
        except UsageError:  # no finite estimate of it in any cell
            continue
        study_figures.save(figure, folder / f"{name}.{form}")
