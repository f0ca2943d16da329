"""`outlast causes`: where the downtime comes from, and what would be left without a cause."""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from outlast.cli import messages, options, settings
from outlast.cli.folder import check_folder
from outlast.cli.studies import luck, study_options, watched
from outlast.errors import UsageError, nearest_hint, shown

if TYPE_CHECKING:
    from outlast.study.causes import Causes

MOST_SHOWN = 10_000
RUNNING = {"replications": "-n", "seed": "--seed", "changes": "--set", "threads": "--threads", "engine": "--engine",
           "names": "--without", "no_reruns": "--no-reruns", "out": "--out"}  # fmt: skip


@click.command(short_help="Show where the downtime comes from.")
@click.argument("target", metavar="SCENARIO|RESULT_DIR")
@click.argument("component", required=False)
@options.variant
@options.changes
@click.option("--without", "names", multiple=True, metavar="SCOPE|NAME",
              help="Rerun without the failures of a scope (zone), a component or place, or both ('host pretrain'). May "
              "be repeated. [default: every scope that caused an outage]")  # fmt: skip
@click.option("--no-reruns", is_flag=True, help="Only attribute the downtime.")
@click.option("--worst", type=options.Whole(0, MOST_SHOWN), default=5, show_default=True, metavar="N",
              help="How many of the longest outages to list.")  # fmt: skip
@study_options
@click.option("--figure", metavar="FILE", help="Draw the downtime by cause: .svg, .png or .pdf.")
@options.talk
@click.pass_context
def causes(context: click.Context, /, target: str, component: str | None, variant: str | None,
           changes: tuple[str, ...], worst: int, figure: str | None, as_json: bool, **asked: Any) -> None:  # fmt: skip
    """Attribute every outage to its first cause and its time to the parts of the recovery, list the longest ones, and
    rerun the scenario under the same luck without each kind of cause.

    A result folder of `outlast run --out` is attributed as it is, without reruns.
    """
    session = options.session(context)
    if Path(target).is_dir():
        given = [flag for name, flag in RUNNING.items()
                 if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]  # fmt: skip
        if given:
            raise UsageError(f"{', '.join(given)}: no part in a kept result", "name the scenario file to run it again")
        found, words = _kept(target), [variant] if variant else []
    else:
        found = _run(target, variant, changes, session, **asked)
        words = [word for change in changes for word in ("--set", change)]
        words = [*(["--variant", variant] if variant else []), *words]
    if found.result.n == 0:
        messages.note("interrupted before the first replication was finished; there is nothing to show")
        context.exit(messages.INTERRUPTED)
    shown_causes = _narrowed(found, component, variant)
    _show(shown_causes, target, words, worst, as_json, session)
    if figure is not None:
        from outlast.report import figures, study_figures

        study_figures.save(figures.causes(shown_causes), figure)
    if asked["out"] is not None:
        found.save(asked["out"])
    if found.result.interrupted and not Path(target).is_dir():
        messages.note(f"interrupted: causes of the first {found.result.n} replications")
        context.exit(messages.INTERRUPTED)


def _kept(folder: str) -> Causes:
    from outlast.run.results import Result
    from outlast.study.causes import Causes

    result = Result.load(folder)
    if result.chains:
        raise UsageError(f"{folder}: the exact engine does not follow causes", "keep a result of another engine")
    return Causes.of(result)


def _run(file: str, variant: str | None, changes: tuple[str, ...], session: messages.Session, *,
         names: tuple[str, ...], no_reruns: bool, out: str | None, force: bool, **asked: Any) -> Causes:  # fmt: skip
    if names and no_reruns:
        raise UsageError("--without and --no-reruns contradict each other", "keep one of the two")
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    if out is not None:
        check_folder(Path(out), force)
    scenario = options.opened(file, options.parsed(changes), variant)

    from outlast.study import without  # imported here: it brings pandas and numba

    wanted = () if no_reruns else names or None
    runs = without.most_runs(scenario, wanted)
    with watched(luck(scenario, settled, **asked), runs, session) as watching:
        return without.causes(scenario, watching, wanted, variant or "base")


def _narrowed(found: Causes, component: str | None, variant: str | None) -> Causes:
    """Raises UsageError for an unknown name."""
    measured = found.result.replications
    options.check_component(component, sorted(set(measured["component"])))
    known = sorted(set(measured["variant"]))
    if variant is not None and variant not in known:
        raise UsageError(f"the result has no variant {shown(variant)}", nearest_hint(variant, known, "variants"))
    return found.narrowed(component or "", variant or "")


def _show(found: Causes, target: str, words: list[str], worst: int, as_json: bool, session: messages.Session) -> None:
    result = found.result
    again = shlex.join(["outlast", "causes", target, *words, "-n", str(result.n), "--seed", str(result.seed)])
    if as_json:
        messages.data(found.to_json(worst))
        return
    from outlast.report.causes import print_causes, replay
    from outlast.report.differences import print_differences
    from outlast.report.terminal import heading

    page = sys.stdout if sys.stdout.isatty() else io.StringIO()
    messages.say(heading(result))
    if found.causes.empty:
        messages.say(f"no outage in {result.n} replications, so nothing to attribute")
    print_causes(found, page, worst=worst, everything=session.verbose)
    if session.verbose and found.comparison is not None:
        print_differences(found.comparison.differences, page)
    if isinstance(page, io.StringIO):
        messages.data("\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n")
    kept = Path(target).is_dir()
    for row in found.worst(min(worst, 1)).itertuples() if not session.quiet else ():
        more = [] if kept and row.variant == "base" else ["--variant", str(row.variant)] if kept else words
        command = replay(row, "SCENARIO" if kept else target, result.seed, more)
        messages.say(f"\nthe worst one, event by event: {command}")
    if not session.quiet and not kept:
        messages.say(f"\nrepeat with: {again}")
