"""Materials of reports, and their pages on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_samples import FULL, QUIET, made, spoilt

from outlast.report.html.material import Material
from outlast.report.html.page import page


@pytest.fixture(scope="session")
def full() -> Material:
    return made(FULL, 12, ("quick",))


@pytest.fixture(scope="session")
def quiet() -> Material:
    return made(QUIET, 3)


@pytest.fixture(scope="session")
def hostile(full: Material) -> Material:
    return spoilt(full)


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
