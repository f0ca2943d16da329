"""`outlast topologies`: what variants cost, how well they work, and which are worth their price."""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outlast.cli import messages, options, settings
from outlast.cli.compare import flags, named
from outlast.cli.studies import FORMATS, document_form, luck, run_options, watched

if TYPE_CHECKING:
    from outlast.study.pareto import Topologies


@click.command(short_help="Weigh what variants cost against how well they work.")
@click.argument("base")
@click.argument("others", nargs=-1, metavar="[OTHER]...")
@click.option("--variant", "variants", multiple=True, metavar="NAME",
              help="A variant of BASE. May be repeated. [default: all, unless an OTHER is named]")  # fmt: skip
@click.option("--of", metavar="COMPONENT", default="",
              help="Whose availability and recovery count. [default: that of the first objective]")  # fmt: skip
@click.option("--by", multiple=True, metavar="CRITERION",
              help="What decides: cost, availability, rto_p95 or p_met. May be repeated. [default: all]")  # fmt: skip
@options.changes
@run_options
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to print it. [default: table]")
@click.option("--figure", metavar="FILE", help="Draw cost against unavailability: .svg, .png or .pdf.")
@options.talk
@click.pass_context
def topologies(context: click.Context, /, base: str, others: tuple[str, ...], variants: tuple[str, ...], of: str,
               by: tuple[str, ...], changes: tuple[str, ...], form: str | None, figure: str | None, as_json: bool,
               **asked: Any) -> None:  # fmt: skip
    """Simulate BASE, every OTHER scenario and the variants under the same luck, and print what each costs, its
    availability, the 95th percentile of its recovery times, and which of them others dominate.

    Needs prices: `cost:` in components. A topology is called dominated only where paired intervals show it.
    """
    session = options.session(context)
    form = document_form(form, as_json)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    changed = options.parsed(changes)
    if not variants and not others:
        variants = tuple(options.opened(base, changed, None).spec.variants)
    scenarios = named(base, others, variants, changed)
    (name, first), *rest = scenarios.items()

    from outlast.study.pareto import pareto  # imported here: it brings pandas and numba

    how = luck(first, settled, **asked)
    with watched(how, len(scenarios), session) as watching:
        found = pareto(first, dict(rest), watching, of, by, name)
    if found.table.empty:
        messages.note("interrupted before anything could be weighed")
        context.exit(messages.INTERRUPTED)
    words = ["outlast", "topologies", base, *others, *flags("--variant", variants), *flags("--of", (of,) if of else ()),
             *flags("--by", by), *flags("--set", changes)]  # fmt: skip
    show(found, form, shlex.join([*words, "-n", str(found.about["n"]), "--seed", str(how.seed)]), session)
    if figure is not None:
        from outlast.report.study_figures import save
        from outlast.report.topology_figure import topologies as drawn

        save(drawn(found), figure)
    if found.about["interrupted"]:
        messages.note(f"interrupted: weighed by the first {found.about['n']} replications")
        context.exit(messages.INTERRUPTED)


def show(found: Topologies, form: str, again: str, session: messages.Session) -> None:
    """On stdout in one of the formats."""
    if form != "table":
        messages.data(_document(found, form))
        return
    from outlast.report.topologies import print_topologies

    page = sys.stdout if sys.stdout.isatty() else io.StringIO()
    messages.say(f"{found.about['scenario']}: {found.about['n']} replications of each, seed {found.about['seed']}\n")
    print_topologies(found, page)
    if isinstance(page, io.StringIO):
        messages.data("\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n")
    if not session.quiet:
        messages.say(f"\nrepeat with: {again}")


def _document(found: Topologies, form: str) -> str:
    if form == "json":
        return found.to_json()
    if form == "csv":
        return str(found.table.to_csv(index=False, lineterminator="\n"))
    from outlast.report.topologies import markdown

    return "\n".join(markdown(found)) + "\n"
