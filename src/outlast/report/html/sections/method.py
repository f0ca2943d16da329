"""How the numbers were made, and how to make them again."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.report.html.blocks import Block, Code, Table, Text
from outlast.report.html.material import Material
from outlast.units import format_duration

TITLE = "Method"
PLACE = 900


def blocks(material: Material) -> Iterator[Block]:
    """What was done in words, the command, and what it was done with."""
    result = material.result
    if result.chains:
        yield Text("The scenario became a Markov chain, which was solved; nothing was drawn at random.")
    else:
        yield Text(_words(material))
    if material.command:
        yield Text("The same numbers again, on any number of threads:")
        yield Code(material.command)
    asked = f" of {result.origin.requested:,}" if result.interrupted else ""
    rows = [["scenario", result.scenario_name], ["hash of its values", result.scenario_hash],
            ["seed", str(result.seed)], ["replications", f"{result.n:,}" + asked],
            ["engine", result.engine], *([name, text] for name, text in result.origin.versions.items())]  # fmt: skip
    yield Table(("made with", ""), rows)


def _words(material: Material) -> str:
    spec = None if material.scenario is None else material.scenario.spec
    time = f" over {format_duration(spec.horizon)}" if spec is not None else ""
    warm = f" The first {format_duration(spec.warm_up)} are left out." if spec is not None and spec.warm_up else ""
    several = " All variants had the same luck." if len(material.variants) > 1 else ""
    return (f"The platform was simulated {material.result.n:,} times{time}, event by event, each time with other "
            f"luck, which depends on the seed and on the names in the scenario only.{several}{warm} An estimate stands "
            "with an interval that covers the true value of the model as often as it says; the method of each is named "
            "with it.")  # fmt: skip
