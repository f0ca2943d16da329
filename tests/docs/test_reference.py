"""The reference is what the specifications, measures, frames and help texts say today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from reference_pages import COLUMN, FOLDER, pages

from outlast.kinds.base import Spec, meanings, summary
from outlast.run.columns import COLUMNS, STUDIES
from outlast.scenario import json_schema

PAGES = pages()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_a_page_is_up_to_date(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == PAGES[file], "run `python tests/docs/reference_pages.py`"


def test_links_of_the_reference_lead_to_its_sections() -> None:
    text = PAGES[FOLDER / "scenario.md"]
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    assert set(re.findall(r"\(#([^)]*)\)", text)) <= sections


def test_every_column_that_is_explained_exists() -> None:
    assert set(COLUMN) <= {column for columns in (*COLUMNS.values(), *STUDIES.values()) for column in columns}


def test_editors_are_told_what_fields_mean() -> None:
    fields = [(name, field, node) for name, one in json_schema()["$defs"].items() if name != "Belief"
              for field, node in one["properties"].items()]  # fmt: skip
    assert [f"{name}.{field}" for name, field, node in fields if not node.get("description")] == []


def test_meanings_are_read_from_docstrings_and_inherited() -> None:
    class Pump(Spec):
        """A pump (or `two`): both of a pair.

        flow, head: what it does.  power: what it takes: a lot;
        of the mains.
        """

        flow: float
        head: float
        power: float

    class Sump(Pump):
        """head: higher."""

        depth: float

    assert summary(Pump) == "A pump (or `two`): both of a pair."
    assert meanings(Pump) == {"flow": "what it does.", "head": "what it does.",
                              "power": "what it takes: a lot; of the mains."}  # fmt: skip
    assert meanings(Sump) == {**meanings(Pump), "head": "higher."}
