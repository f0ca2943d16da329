"""`outlast sensitivity`: which parameters matter, and how uncertain the answer is because they are."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outlast.cli import messages, options, settings, studies
from outlast.cli.folder import check_folder
from outlast.cli.studies import luck, watched
from outlast.errors import UsageError

if TYPE_CHECKING:
    from outlast.study.sensitivity import Sensitivity

MOST = 10_000


@click.command(short_help="Which parameters matter, and how uncertain they make the answer.")
@options.scenario
@click.option("--of", "of", multiple=True, metavar="COMPONENT.MEASURE",
              help="A measure. May be repeated. [default: those of objectives, else every availability]")  # fmt: skip
@click.option("--vary", multiple=True, metavar="PATH[=LOW..HIGH]",
              help="A parameter. May be repeated. [default: those that SCENARIO gives as data or as intervals, else "
              "every duration]")  # fmt: skip
@click.option("--by", default="20 %", show_default=True, metavar="SHARE",
              help="How far a parameter without a range is varied, up and down.")  # fmt: skip
@click.option("--draws", type=options.Whole(0, MOST), default=100, show_default=True, metavar="N",
              help="Sets of parameters that are drawn from what is believed of them; 0 for none.")  # fmt: skip
@click.option("--sobol", type=options.Whole(0, MOST), default=0, show_default=True, metavar="N",
              help="Rows of a design for Sobol indices, at the next power of two; each row runs as many points as "
              "there are parameters, and two.")  # fmt: skip
@click.option("--plot", metavar="DIR", help="Draw figures per measure into this folder.")
@click.option("--plot-format", type=click.Choice(["svg", "png", "pdf"]), default="svg", show_default=True,
              help="Kind of the figures.")  # fmt: skip
@options.changes
@options.variant
@studies.replications
@options.seed
@studies.threads
@options.any_engine
@studies.out
@studies.force
@studies.as_json
@options.talk
@click.pass_context
def sensitivity(context: click.Context, /, file: str, of: tuple[str, ...], vary: tuple[str, ...], by: str, draws: int,
                sobol: int, plot: str | None, plot_format: str, changes: tuple[str, ...], variant: str | None,
                out: str | None, force: bool, as_json: bool, **asked: Any) -> None:  # fmt: skip
    """Vary the parameters of SCENARIO under the same luck.

    Prints per measure: each parameter alone at its low and its high value (a tornado); where parameters are given as
    data ({failures: 37, in: 1200 d}), as intervals ({between: [60 d, 120 d]}) or by --vary, how uncertain the measure
    is because of them, apart from the noise of the simulation; with --sobol, how much of that variance each causes.
    """
    session = options.session(context)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    if out is not None:
        check_folder(Path(out), force)
    scenario = options.opened(file, options.parsed(changes), variant)

    from outlast.study.sensitivity import Design, Plan  # imported here: it brings pandas and numba
    from outlast.study.sensitivity import sensitivity as studied

    design = Design(of, vary, _share(by), draws, sobol)
    how = luck(scenario, settled, **asked)
    points = len(Plan(scenario, design, how.seed).points)
    with watched(how, points, session) as watching:
        study = studied(scenario, design, watching)
    _show(study, as_json, _again(context, how.seed, how.replications), session)
    if plot is not None:
        _plot(study, Path(plot), plot_format)
    if out is not None:
        study.save(out)
    if study.interrupted:
        messages.note("interrupted: what is shown is of the points that were finished")
        context.exit(messages.INTERRUPTED)


def _share(text: str) -> float:
    from outlast.units import UnitError, parse

    try:
        return parse(text, "share")
    except UnitError as error:
        raise UsageError(f"--by: {error.message}", error.hint) from None


REPEATED = {"of": "--of", "vary": "--vary", "by": "--by", "draws": "--draws", "sobol": "--sobol", "changes": "--set",
            "variant": "--variant", "engine": "--engine"}  # fmt: skip


def _again(context: click.Context, seed: int, replications: int) -> str:
    """The command that gives these numbers again."""
    words = ["outlast", "sensitivity", context.params["file"]]
    for name, flag in REPEATED.items():
        if context.get_parameter_source(name) is not click.core.ParameterSource.COMMANDLINE:
            continue
        values = context.params[name]
        words += [word for value in (values if isinstance(values, tuple) else [values]) for word in (flag, str(value))]
    if context.params["engine"] != "exact":
        words += ["-n", str(replications)]
    return shlex.join([*words, "--seed", str(seed)])


def _show(study: Sensitivity, as_json: bool, again: str, session: messages.Session) -> None:
    from outlast.report.sensitivity import print_sensitivity
    from outlast.report.terminal import heading

    if as_json:
        messages.data(study.to_json())
    else:
        page = sys.stdout if sys.stdout.isatty() else io.StringIO()
        messages.say(heading(study.result))
        print_sensitivity(study, page)
        if isinstance(page, io.StringIO):
            messages.data("\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n")
    if not session.quiet:
        (messages.note if as_json else messages.say)(f"\nrepeat with: {again}")


def _plot(study: Sensitivity, folder: Path, form: str) -> None:
    from outlast.report import sensitivity as figures
    from outlast.report.study_figures import save

    for component, measure in figures.measures(study):
        name = re.sub(r"[^\w.-]+", "-", f"{component}.{measure}")
        for draw in (figures.tornado, figures.sobol):
            try:
                figure = draw(study, component, measure)
            except UsageError:  # nothing to draw: not asked for, or no value was seen
                continue
            save(figure, folder / f"{draw.__name__}.{name}.{form}")
