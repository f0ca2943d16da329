"""What the platform looks like: failure domains, what runs where, who needs whom."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.report.html.blocks import Block, Drawing, Text
from outlast.report.html.material import Material
from outlast.report.topology_diagram import topology_svg

TITLE = "Topology"
PLACE = 20


def blocks(material: Material) -> Iterator[Block]:
    """The diagram of the first variant."""
    if material.scenario is None:
        yield Text(f"No diagram: the scenario is not at hand, because {material.absent}. {material.advice}", "quiet")
        return
    about = f" ({material.base})" if len(material.variants) > 1 else ""
    yield Drawing(topology_svg(material.scenario), f"Failure domains and what runs in them{about}",
                  "Columns are failure domains, rows what runs in them.")  # fmt: skip
