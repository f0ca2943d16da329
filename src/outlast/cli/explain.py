"""`outlast explain`: what a scenario became, as text or as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from outlast.cli import options
from outlast.cli.messages import data, say
from outlast.errors import printable

if TYPE_CHECKING:
    from outlast.program.program import Program
    from outlast.scenario import Scenario

TITLES = ("component", "measure", "unit", "weighted by", "better", "what it is")


@click.command(short_help="Show what a scenario became.")
@options.scenario
@click.argument("component", required=False)
@click.option("--mermaid", is_flag=True, help="Print a Mermaid state diagram.")
@options.changes
@options.variant
@options.talk
def explain(file: str, component: str | None, mermaid: bool, changes: tuple[str, ...], variant: str | None) -> None:
    """Show the lifecycles that SCENARIO became, what it measures, and which of its values are assumed.

    With COMPONENT, the part of that component only.
    """
    from outlast.program.components import component_names  # imported here: it brings the program, and numba
    from outlast.program.describe import describe
    from outlast.program.describe import mermaid as diagram

    scenario = options.opened(file, options.parsed(changes), variant)
    program = scenario.program()
    known = sorted({*component_names(program), *scenario.components()})
    options.check_component(component, known)
    chosen = component or ""
    if mermaid:
        data(diagram(program, chosen) + "\n")
        return
    sections = [heading(scenario, program), describe(program, chosen), measures(program, chosen)]
    if not chosen:
        sections += [uncertain(scenario), assumptions(scenario)]
    say("\n\n".join(section for section in sections if section))


def heading(scenario: Scenario, program: Program) -> str:
    """`two-region: 1 y, warm-up 30 d, 12 windows of 30 d`, and the description."""
    from outlast.units import format_duration

    text = f"{printable(scenario.name)}: {format_duration(program.horizon)} simulated"
    if program.warm_up > 0:
        text += f", of which {format_duration(program.warm_up)} warm-up"
    if program.window > 0:
        count = len(program.windows) - (1 if program.warm_up > 0 else 0)
        text += f", {count} windows of {format_duration(program.window)}"
    return "\n".join([text, *(printable(line) for line in scenario.description.strip().splitlines())])


def measures(program: Program, component: str) -> str:
    """What each component publishes, its unit, its weights, which way is better, its formula in words."""
    rows = [
        (metric.component, metric.measure, metric.unit, metric.weighting, metric.better, metric.words)
        for metric in program.metrics
        if component in ("", metric.component)
    ]
    if not rows:
        return "publishes no measures"
    return "\n".join(["measures", *_aligned([TITLES, *rows])])


def assumptions(scenario: Scenario) -> str:
    """Values whose comment in the file says where they come from, or that they are assumed."""
    rows = scenario.assumptions()
    return "\n".join(["comments on values", *_aligned(rows)]) if rows else ""


def uncertain(scenario: Scenario) -> str:
    """Values that are estimated from data or given as intervals, and the point estimates that runs use."""
    rows = [("value", "runs use", "what is known", "belief")]
    rows += [(one.name, one.used, one.words, one.belief) for one in scenario.uncertain]
    return "\n".join(["uncertain values", *_aligned(rows)]) if scenario.uncertain else ""


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns of equal width, the last one free."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [printable(cell).ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield ("  " + "  ".join([*cells, printable(row[-1])])).rstrip()
