"""Small results for reports: one with everything, one in which nothing happens, one whose texts are hostile."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_samples import FULL, HOSTILE, QUIET

import outlast
from outlast.report.html.material import Material
from outlast.report.html.page import page
from outlast.run.results import Result
from outlast.study.together import studies


def made(text: str, n: int, variants: tuple[str, ...] = ()) -> Material:
    scenario = outlast.loads(text)
    result = outlast.run(scenario, n, 1, variants=variants)
    return Material(result, studies(result, scenario), scenario)


@pytest.fixture(scope="session")
def full() -> Material:
    return made(FULL, 12, ("quick",))


@pytest.fixture(scope="session")
def quiet() -> Material:
    return made(QUIET, 3)


@pytest.fixture(scope="session")
def hostile(full: Material) -> Material:
    """Every name, text and file of the result is hostile, as a folder from elsewhere may be."""
    result = full.result
    frames = {}
    for name in ("replications", "windows", "outages", "outage_parts", "records", "estimates", "sla", "sla_estimates",
                 "recovery"):  # fmt: skip
        table = getattr(result, name).copy()
        for column in set(table.columns) & {"component", "cause", "scope", "source", "part", "agreement", "method"}:
            table[column] = [text + HOSTILE if text else text for text in table[column]]
        frames[name] = table
    thresholds = [{**row, "component": row["component"] + HOSTILE, "note": HOSTILE} for row in result.thresholds]
    origin = type(result.origin)(**{**result.origin.__dict__, "scenario_name": HOSTILE, "scenario_text": HOSTILE})
    return Material(Result(origin, stored=frames, thresholds=thresholds), absent=HOSTILE)


@pytest.fixture(scope="session")
def pages(
    full: Material, quiet: Material, hostile: Material, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The pages of all three on disk."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, material in (("full", full), ("quiet", quiet), ("hostile", hostile)):
        found[name] = folder / f"{name}.html"
        found[name].write_text(page(material), encoding="utf-8")
    return found
