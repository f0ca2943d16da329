"""`outlast import incidents`: laws of failure and repair from an export of tickets."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from outlast.cli import messages, options
from outlast.errors import UsageError, printable, shown

if TYPE_CHECKING:
    from outlast.study.calibration import Calibration

T = TypeVar("T")

LAWS = ("exponential", "weibull", "lognormal", "gamma")


@click.command(short_help="Fit laws of failure and repair to an export of incidents.")
@click.argument("file", metavar="FILE.csv")
@click.option("--columns", "columns", multiple=True, metavar="ROLE=NAME,...",
              help="By role: start, end, component, unit, key, state, priority. [default: by the header]")  # fmt: skip
@click.option("--component", "components", multiple=True, metavar="NAME[=PATTERN]",
              help="All incidents are of this component (or those whose component matches: 'gpu=gpu-*'); what the "
              "column names are its units. May be repeated. [default: one component per name]")  # fmt: skip
@click.option("--where", multiple=True, metavar="COLUMN=VALUE",
              help="Count these incidents only: --where 'Priority=1*'. May be repeated.")  # fmt: skip
@click.option("--units", multiple=True, metavar="[NAME=]N", help="How many units were watched. May be repeated.")
@click.option("--from", "since", metavar="DATE", help="When watching began.")
@click.option("--until", metavar="DATE", help="When it ended (the export): open incidents are cut off there.")
@click.option("--exposure", multiple=True, metavar="[NAME=]TIME",
              help="Instead of units and dates, time of all units in operation: '1,200 host-days'.")  # fmt: skip
@click.option("--age", type=click.Choice(["mixed", "new", "unknown"]), default="mixed", show_default=True,
              help="Of units when watching began: as in a fleet long in operation; new; or nothing is known, then the "
              "time to the first failure of each is left out.")  # fmt: skip
@click.option("--failure-law", type=click.Choice(LAWS), help="Law of the time to failure. [default: by AIC]")
@click.option("--repair-law", type=click.Choice(LAWS), help="Law of the repair. [default: by AIC]")
@click.option("--level", default="95 %", show_default=True, metavar="SHARE", help="Of the intervals.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]),
              help="How 03/04/2026 is meant, where the file does not show it.")  # fmt: skip
@click.option("--timezone", default="", metavar="ZONE", help="Of times that name none: Asia/Dubai. [default: UTC]")
@click.option("--encoding", default="", metavar="NAME", help="Of the file. [default: found from its content]")
@click.option("--plot", metavar="FILE", help="Draw the fits (.svg, .png, .pdf).")
@click.option("-o", "--output", metavar="FILE", help="Write the piece of a scenario here. [default: stdout]")
@click.option("--all", "everything", is_flag=True, help="Print all components, not only the first eight.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.talk
@click.pass_context
def incidents(context: click.Context, /, file: str, columns: tuple[str, ...], components: tuple[str, ...],
              where: tuple[str, ...], units: tuple[str, ...], since: str | None, until: str | None,
              exposure: tuple[str, ...], age: str, failure_law: str | None, repair_law: str | None, level: str,
              dates: str | None, timezone: str, encoding: str, plot: str | None, output: str | None, everything: bool,
              as_json: bool) -> None:  # fmt: skip
    """Fit the time to failure and the repair of components to incidents.

    FILE.csv is an export of ServiceNow or of Jira, or any CSV with columns for start and end. Prints the laws with
    intervals, how well they fit, and whether incidents come singly; and writes a piece of a scenario in which the
    parameters are as uncertain as the incidents leave them. Times to failure need --units, --from and --until, or
    --exposure. The time of a ticket is not always that of the outage.
    """
    session = options.session(context)
    from outlast.api import calibrate  # imported here: it brings pandas and scipy

    found = calibrate(
        file, columns=_columns(columns), components=components, where=where, units=_by_name("--units", units, _count),
        since=since, until=until, exposure=_by_name("--exposure", exposure, str), age=age,
        failure_law=failure_law or "", repair_law=repair_law or "", level=_share(level), dates=dates or "",
        timezone=timezone, encoding=encoding,
    )  # fmt: skip
    if plot is not None:
        from outlast.report.calibration import figure
        from outlast.report.study_figures import save

        save(figure(found), plot)
    if output is not None:
        _write(output, found.fragment())
    _show(found, as_json, output is None, everything, session)


def _columns(texts: tuple[str, ...]) -> dict[str, str]:
    """Roles to names; a name may hold a comma if it has an option of its own."""
    found: dict[str, str] = {}
    for text in texts:
        for part in text.split(",") if text.count("=") > 1 else [text]:
            role, equals, name = (piece.strip() for piece in part.partition("="))
            if not equals or not name:
                raise UsageError(f"--columns is ROLE=NAME,... (got {shown(text)})", "start=opened_at,end=closed_at")
            if role in found:
                raise UsageError(f"--columns: {shown(role)} is given twice", "keep one of the two")
            found[role] = name
    return found


def _by_name(option: str, texts: tuple[str, ...], convert: Callable[[str], T]) -> T | dict[str, T] | None:
    """One value for all components, or a value by name."""
    found: dict[str, T] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if name in found or (found and bool(equals) != ("" not in found)):
            raise UsageError(f"{option} is one value, or one value for each component (got {shown(text)})")
        found[name] = convert(value)
    return found.get("", found) if found else None


def _count(text: str) -> int:
    return options.Whole(1).convert(text.replace(",", ""), None, None)


def _share(text: str) -> float:
    from outlast.units import UnitError, parse

    try:
        return parse(text, "share")
    except UnitError as error:
        raise UsageError(f"--level: {error.message}", error.hint) from None


def _write(output: str, text: str) -> None:
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror})") from None


def _show(found: Calibration, as_json: bool, with_fragment: bool, everything: bool, session: messages.Session) -> None:
    """JSON or the piece of a scenario on stdout, what is for people on stderr; where the piece goes into a file, the
    tables are on stdout."""
    from outlast.report.calibration import print_calibration

    if as_json:
        messages.data(found.to_json())
    elif not (with_fragment and session.quiet):
        stream = sys.stderr if with_fragment else sys.stdout
        page = stream if stream.isatty() else io.StringIO()
        print_calibration(found, page, everything)
        if isinstance(page, io.StringIO):
            text = "\n".join(line.rstrip() for line in page.getvalue().splitlines())
            (messages.note if with_fragment else messages.say)(text)
    if not session.quiet:
        for text in found.notes:
            messages.note(f"note: {printable(text)}")
    for text in found.warnings:
        messages.warning(printable(text))
    if with_fragment and not as_json:
        messages.data(found.fragment())
