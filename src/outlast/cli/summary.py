"""A result on stdout: the table and its objectives for people, or one document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from outlast.cli.messages import page, say
from outlast.errors import printable
from outlast.report import exact, verdicts
from outlast.report.readable import estimated, readable
from outlast.report.sections import print_agreements, print_recovery
from outlast.report.terminal import print_estimates

if TYPE_CHECKING:
    from outlast.run.results import Result
    from outlast.scenario import Scenario

RECOVERY = ("rto", "rpo")
VERDICT_COLORS = {"met": "green", "not met": "red", "uncertain": "yellow"}


def document(result: Result, form: str) -> str:
    """The result as json, csv or md; the same scenario and seed give the same bytes."""
    if form == "json":
        return result.to_json()
    if form == "csv":
        text = result.estimates.to_csv(index=False, lineterminator="\n")
        assert isinstance(text, str)
        return text
    return "\n".join(_markdown(result)) + "\n"


def print_table(result: Result, scopes: bool) -> None:
    """The estimates; scopes: also by scope of the cause.

    Written in one piece where nobody looks at a screen, so that `| head` stays silent.
    """
    page(partial(print_estimates, result, scopes=scopes))


def print_sections(result: Result, everything: bool) -> None:
    """Agreements; recovery where an objective asks for it, or all of it."""
    page(partial(print_agreements, result, everything))
    asked = {row["component"] for row in result.thresholds if row["measure"] in RECOVERY}
    page(partial(print_recovery, result, None if everything else asked))


def print_objectives(result: Result) -> None:
    """One line per objective: verdict, bound, estimate with interval and n."""
    if not result.thresholds:
        return
    say("\nobjectives")
    for line in objective_lines(result):
        say(line)


def print_precision(result: Result) -> None:
    """One line per half-width that was asked for."""
    if not result.precision:
        return
    say("\nprecision")
    for row in result.precision:
        verdict, color = ("reached", "green") if row["reached"] else ("not reached", "yellow")
        more = "" if row["reached"] else f" ({_narrower(row)})"
        about = f" (variant {row['variant']})" if len({one["variant"] for one in result.precision}) > 1 else ""
        text = f"{half_width(row, about)}, n={row['n']:,}{more}"
        say(f"  {click.style(f'{verdict:<11}', fg=color)}  {printable(text)}")


def _narrower(row: Mapping[str, Any]) -> str:
    if row.get("rare"):
        return "replications do not narrow an estimate of rare outages, see docs/rare-events.md"
    return f"about {row['needed']:,} replications are needed"


def half_width(row: Mapping[str, Any], about: str = "") -> str:
    """`ranker.availability: \u00b1 1.3e-05, wanted \u00b1 1e-05`."""
    had, wanted = (_width(row[key], row) for key in ("half_width", "wanted"))
    return f"{row['component']}.{row['measure']}{about} \u00b1 {had}, wanted \u00b1 {wanted}"


def _width(value: float, row: Mapping[str, Any]) -> str:
    """Shares as plain numbers, as they are asked for; relative ones in percent of the estimate."""
    if math.isinf(value):
        return "unbounded"
    if row["relative"]:
        return f"{100.0 * value:.3g} %"
    return f"{value:.3g}" if row["unit"] == "share" else readable(value, row["unit"])


def print_causes(result: Result) -> None:
    """The largest causes of the downtime of every component, where causes are known."""
    from outlast.report.causes import top_causes

    lines = [] if result.chains else list(top_causes(result))
    if lines:
        say("\ncauses of the downtime (first cause of each outage; `outlast causes` says more)")
    for line in lines:
        say(line)


def print_assumptions(scenario: Scenario) -> None:
    """Say so where values of the scenario are uncertain, or marked as assumed."""
    if scenario.uncertain:
        names = ", ".join(f"{printable(one.name)} = {one.used} ({printable(one.words)})" for one in scenario.uncertain)
        say(f"\npoint estimates of uncertain values: {names}; `outlast sensitivity` shows what they leave open")
    if any("assumed" in comment.lower() for _, comment in scenario.assumptions()):
        say("\nsome values are marked as assumed; `outlast explain` lists them")


def objective_lines(result: Result) -> Iterator[str]:
    """`  met        ranker.availability at least 99.95 %: 99.97 % [99.96 %, 99.98 %], n=100`."""
    several = len({row["variant"] for row in result.thresholds}) > 1
    for row in result.thresholds:
        verdict = str(row["verdict"])
        how_often = verdicts.kept(row)
        text = f"{verdicts.subject(row)}{_about(row, several)} {verdicts.asked(row)}: {verdicts.found(row)}"
        text += f"; {how_often}" if how_often else ""
        remark = f" ({verdicts.remark(row)})" if verdicts.remark(row) else ""
        color = VERDICT_COLORS.get(verdict)
        yield f"  {click.style(f'{verdict:<9}', fg=color)}  {printable(text + remark)}"
    yield from (f"  {advice}" for advice in verdicts.advice(result.thresholds))


def _about(row: Mapping[str, Any], several: bool) -> str:
    """Which variant where there are several, and which scope where one was asked for."""
    facts = [f"{name} {row[name]}" for name in ("scope", "variant") if row[name] and (several or name == "scope")]
    return f" ({', '.join(facts)})" if facts else ""


def _markdown(result: Result) -> Iterator[str]:
    """A heading, a table of the estimates, then the methods they were computed with."""
    from outlast.report.terminal import heading

    if result.chains:
        yield from _exact_markdown(result)
        return
    rows = result.rows("estimates")
    methods = list(dict.fromkeys(row.method for row in rows))
    yield f"**{_cell(heading(result))}**"
    yield ""
    yield from _table(rows, methods)
    yield ""
    for number, method in enumerate(methods, start=1):
        yield f"{number}. {_cell(method)}"
    yield from _verdicts(result)


def _exact_markdown(result: Result) -> Iterator[str]:
    """The same of an exact result: values over the horizon and in the long run."""
    yield f"**{_cell(exact.heading(result))}**"
    yield ""
    yield f"| {' | '.join(exact.TITLES)} |"
    yield "| --- | --- | --- | ---: | ---: |"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in exact.cells(result))
    yield ""
    yield from (f"- {_cell(reason)}" for reason in exact.reasons(result))
    yield from _verdicts(result)


def _verdicts(result: Result) -> Iterator[str]:
    if result.thresholds:
        yield ""
        yield from (f"- {_cell(' '.join(click.unstyle(line).split()))}" for line in objective_lines(result))


def _table(rows: Sequence[Any], methods: Sequence[str]) -> Iterator[str]:
    yield "| variant | component | measure | scope | estimate | interval | n | method |"
    yield "| --- | --- | --- | --- | ---: | --- | ---: | ---: |"
    for row in rows:
        width = row.ci_high - row.ci_low
        low, high = readable(row.ci_low, row.unit, width), readable(row.ci_high, row.unit, width)
        names = (row.variant, row.component, row.measure, row.scope or "all")
        ends = f"{low} to {high} ({row.level:.0%})"
        numbers = (estimated(row.mean, row.ci_low, row.ci_high, row.unit), ends, f"{row.n:,}")
        cells = (*names, *numbers, str(methods.index(row.method) + 1))
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|")
