"""What was assumed, where it is from, and what is known only as an interval."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.report.html.blocks import OPEN, Block, Cell, Code, Table, Text
from outlast.report.html.material import Material

TITLE = "Assumptions and sources"
PLACE = 700
ASSUMED = "assumed"


def blocks(material: Material) -> Iterator[Block]:
    """Every comment of the scenario with the value it is about; uncertain values; the scenario itself."""
    scenario = material.scenario
    if scenario is None:
        yield Text(f"The scenario is not at hand as values, because {material.absent}; its text says where numbers are "
                   "from.", "quiet")  # fmt: skip
    else:
        known = scenario.assumptions()
        assumed = sum(ASSUMED in text.lower() for _, text in known)
        if known:
            yield Text(f"{assumed} of {len(known)} values with a remark are marked as assumed: the answer is as good "
                       "as they are.")  # fmt: skip
            rows: list[list[str | Cell]] = [[path, _marked(text)] for path, text in known]
            yield Table(("value", "remark in the scenario"), rows, fold=f"All {len(known)} remarks")
        if scenario.uncertain:
            yield Table(("uncertain value", "used", "known"),
                        [[one.name, str(one.used), one.words] for one in scenario.uncertain],
                        "Known as data or intervals; `outlast sensitivity` shows what they leave open")  # fmt: skip
    if material.result.scenario_text.strip():
        yield Code(material.result.scenario_text.strip(), fold="The scenario")


def _marked(text: str) -> Cell | str:
    return Cell(text, OPEN if text.lower().startswith(ASSUMED) else "")
