"""`outlast compare`: scenarios and variants under the same luck, and what the differences show."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outlast.cli import messages, options, settings
from outlast.cli.folder import check_folder
from outlast.cli.report import check_target, written
from outlast.cli.studies import FORMATS, document_form, luck, repeated, solvable_options, watched
from outlast.errors import UsageError, printable

if TYPE_CHECKING:
    from outlast.scenario import Scenario
    from outlast.study.compare import Comparison


@click.command(short_help="Compare scenarios and variants under the same luck.")
@click.argument("base")
@click.argument("others", nargs=-1, metavar="[OTHER]...")
@click.option("--variant", "variants", multiple=True, metavar="NAME",
              help="Compare with a variant of BASE. May be repeated.")  # fmt: skip
@options.changes
@solvable_options
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to print it. [default: table]")
@click.option("--figure", metavar="FILE", help="Draw the differences: .svg, .png or .pdf.")
@click.option("--report", "page", metavar="FILE", help="Write a report, one page of HTML; see `outlast report`.")
@options.talk
@click.pass_context
def compare(context: click.Context, /, base: str, others: tuple[str, ...], variants: tuple[str, ...],
            changes: tuple[str, ...], form: str | None, figure: str | None, page: str | None, out: str | None,
            force: bool, as_json: bool, **asked: Any) -> None:  # fmt: skip
    """Simulate BASE, every OTHER scenario and the variants under the same luck, and print per measure both values,
    their paired difference with its interval, the share of replications in which the other is better, and a verdict.

    A change that does not matter for a measure gives a difference of exactly zero. --set applies to all. The
    replications and the seed are those of BASE.
    """
    session = options.session(context)
    form = document_form(form, as_json)
    options.check_chance(context)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    if out is not None:
        check_folder(Path(out), force)
    if page is not None:
        check_target(page)
    scenarios = named(base, others, variants, options.parsed(changes))
    (name, first), *rest = scenarios.items()

    from outlast.study.compare import compare as compared  # imported here: it brings pandas and numba

    how = luck(first, settled, **asked)
    with watched(how, len(scenarios), session) as watching:
        comparison = compared(first, dict(rest), watching, name)
    result = comparison.result
    if (result.n == 0 and not result.chains) or comparison.differences.empty:
        messages.note("interrupted before anything could be compared")
        context.exit(messages.INTERRUPTED)
    words = ["outlast", "compare", base, *others, *flags("--variant", variants), *flags("--set", changes)]
    again = result.command = shlex.join([*words, *repeated(how, result.n)])
    show(comparison, form, again, session)
    if figure is not None:
        from outlast.report.study_figures import differences, save

        save(differences(comparison), figure)
    if out is not None:
        comparison.save(out)
    if page is not None:
        written(result, {"differences": comparison.differences}, first, page, session)
    if result.interrupted:
        messages.note(f"interrupted: compared by the first {result.n} replications")
        context.exit(messages.INTERRUPTED)


def flags(name: str, values: Sequence[str]) -> Iterator[str]:
    """`--name value` of every value."""
    for value in values:
        yield from (name, value)


def named(base: str, others: Sequence[str], variants: Sequence[str], changes: dict[str, Any]) -> dict[str, Scenario]:
    """Scenarios by the names that results give them: the stems of files where several are compared, else `base`;
    variants by their names."""
    files = [base, *others]
    stems = [Path(file).stem for file in files]
    names = [stem if stems.count(stem) == 1 else file for stem, file in zip(stems, files, strict=True)]
    if not others:
        names = ["base"]
    found: dict[str, Scenario] = {}
    for name, file, variant in [
        *((name, file, None) for name, file in zip(names, files, strict=True)),
        *((variant, base, variant) for variant in dict.fromkeys(variants)),
    ]:
        if name in found:
            raise UsageError(f"two of the scenarios are called {name!r}", "name each file and each variant once")
        found[name] = options.opened(file, changes, variant)
    if len(found) == 1:
        known = ", ".join(found[names[0]].spec.variants)
        hint = f"its variants are {known}: `--variant NAME`" if known else "name another, or state `variants:` in it"
        raise UsageError("there is nothing to compare with", hint)
    return found


def show(comparison: Comparison, form: str, again: str, session: messages.Session) -> None:
    """On stdout in one of the formats."""
    table = comparison.differences
    if form != "table":
        messages.data(_document(comparison, form))
        if not session.quiet:
            seed = "" if comparison.result.chains else f"seed {comparison.result.seed}; "
            messages.note(f"{seed}repeat with: {again}")
        return
    from outlast.report.differences import print_differences
    from outlast.report.terminal import heading

    messages.say(heading(comparison.result))
    messages.page(lambda page: print_differences(table, page, everything=session.verbose))
    for line in unmatched_lines(comparison.unmatched):
        messages.say(line)
    if not session.quiet:
        if not session.verbose:
            messages.say("\n-v shows every component, and events by the scope of their cause (zone, region, ...)")
        messages.say(f"\nrepeat with: {again}")


def unmatched_lines(unmatched: Sequence[dict[str, str]]) -> Iterator[str]:
    """`new in base -> other: web.availability, web.outages`."""
    for side, word in (("new", "new in"), ("vanished", "vanished from")):
        for pair in dict.fromkeys(row["pair"] for row in unmatched):
            names = [f"{row['component']}.{row['measure']}" for row in unmatched
                     if row["pair"] == pair and row["side"] == side]  # fmt: skip
            if names:
                yield f"\n{word} {printable(pair)}: {printable(', '.join(names))}"


def _document(comparison: Comparison, form: str) -> str:
    if form == "json":
        return comparison.to_json()
    if form == "csv":
        return str(comparison.differences.to_csv(index=False, lineterminator="\n"))
    from outlast.report.markdown import differences_table

    return "\n".join(differences_table(comparison.differences)) + "\n"
