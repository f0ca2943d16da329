"""Where a platform runs: failure domains, components with their roles, who needs whom, as SVG or Mermaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outlast.report import topology_mermaid as _mermaid
from outlast.report import topology_svg as _svg
from outlast.report.topology import topology

if TYPE_CHECKING:
    from outlast.scenario import Scenario


def topology_svg(scenario: Scenario) -> str:
    """A self-contained `<svg>`: readable in dark and light, with a text alternative; the same bytes every time."""
    return _svg.draw(topology(scenario))


def topology_mermaid(scenario: Scenario) -> str:
    """A Mermaid flowchart with a subgraph for each failure domain."""
    return _mermaid.draw(topology(scenario))
