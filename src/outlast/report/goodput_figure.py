"""Where the time of something goes: measures that add up to a whole, in the manner of `outlast.report.figures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outlast.errors import UsageError
from outlast.kinds.reports import Whole
from outlast.report.readable import EVERYWHERE
from outlast.report.stacks import stacked
from outlast.units import format_share

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario


def wholes(scenario: Scenario) -> list[tuple[str, Whole]]:
    """(component, whole) of everything that has one."""
    components = scenario.spec.components.items()
    return [(name, one) for name, kind in components for one in kind.reports() if isinstance(one, Whole)]


def goodput(result: Result, component: str, whole: Whole) -> Figure:
    """The parts of a whole, a bar per variant. Raises UsageError if the result does not have them."""
    words = dict(whole.parts)
    table = result.estimates
    mine = table["component"].eq(component) & table["measure"].isin(list(words)) & table["scope"].eq(EVERYWHERE)
    rows = table[mine]
    if rows.empty:
        raise UsageError(f"the result has none of {', '.join(words)} of {component}")
    bars: dict[str, dict[str, float]] = {}
    for variant, measure, mean in zip(rows["variant"], rows["measure"], rows["mean"], strict=True):
        bars.setdefault(str(variant), {})[words[measure]] = float(mean)
    return stacked(bars, f"share of the time of {component}", format_share, most=1.0, order=tuple(words.values()))
