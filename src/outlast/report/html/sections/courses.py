"""The course of a typical and of the worst replication: demand, capacity, and what there was."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.report.course import Replayed, courses, replayed, worst_window
from outlast.report.course_figure import course
from outlast.report.html.blocks import Block, Chart, Table, Text
from outlast.report.html.material import Material
from outlast.report.readable import readable
from outlast.units import format_duration, format_number

TITLE = "Typical and worst replication"
PLACE = 80
MOST = 3  # components


def blocks(material: Material) -> Iterator[Block]:
    """Of components with objectives, else of the first; simulated again, which the exact engine cannot."""
    if material.result.chains or not material.result.n:
        return
    if material.scenario is None:
        yield Text(f"Not drawn: the scenario is not at hand, because {material.absent}. {material.advice}", "quiet")
        return
    known, asked = courses(material.scenario), {row["component"] for row in material.result.thresholds}
    wanted = [one for one in known if one[0] in asked][:MOST] or known[:1]
    found: dict[str, list[Replayed]] = {}
    for one in replayed(material.result, material.scenario, wanted):
        found.setdefault(one.component, []).append(one)
    for component, replications in found.items():
        yield Chart(course(replications), f"{component}: {replications[0].course.title} over time",
                    _words(replications, material), _table(replications))  # fmt: skip


def _words(found: list[Replayed], material: Material) -> str:
    by = found[0].course.judged_by
    chosen = f"The replications whose {by} is nearest to the median, and lowest"
    if len(found) == 1:
        chosen = f"No replication has a lower {by} than the typical one"
    about = f", of {material.base}" if len(material.variants) > 1 else ""
    return (f"{chosen}{about}. Left the whole time (mean, and band from least to most), right the worst moment; shaded "
            "is what was wanted and not there.")  # fmt: skip


def _table(found: list[Replayed]) -> Table:
    lines = [line.words for line in found[0].course.lines]
    by = found[0].course.judged_by
    titles = ("replication", f"{by}>", "worst moment>", *(f"{words}, mean>" for words in lines),
              *(f"{words} then>" for words in lines))  # fmt: skip
    return Table(titles, [_cells(one) for one in found], fold="Numbers of this figure")


def _cells(one: Replayed) -> list[str]:
    worst = worst_window(one)
    means = [format_number(float(values.mean())) for values in one.values]
    then = [format_number(float(values[worst])) for values in one.values]
    return [f"{one.which} ({one.replication})", readable(one.judged, "share"), format_duration(float(one.edges[worst])),
            *means, *then]  # fmt: skip
