"""The page of a report as a document: complete, self-contained, escaped, the same every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_samples import HOSTILE

from outlast.report.html.material import Material
from outlast.report.html.page import page

pytestmark = pytest.mark.slow

VOID = {"meta", "link", "img", "br", "hr"}


class Document(HTMLParser):
    """Elements of a page; raises where one is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style",):
            self.words.append(data)


def read(pages: dict[str, Path], name: str) -> str:
    return pages[name].read_text(encoding="utf-8")


def sections(text: str) -> list[str]:
    return re.findall(r'<section id="([^"]*)">', text)


def test_every_section_is_found_and_stands_in_its_place(pages: dict[str, Path]) -> None:
    assert sections(read(pages, "full")) == ["verdict", "diagram", "availability", "agreements", "recovery", "causes", "goodput", "courses",
                     "variants", "cost", "assumptions", "estimates", "method"]  # fmt: skip


def test_a_result_in_which_nothing_happens_says_so_and_has_no_empty_section(pages: dict[str, Path]) -> None:
    assert sections(read(pages, "quiet")) == ["verdict", "diagram", "availability", "courses", "assumptions",
                                              "estimates", "method"]  # fmt: skip
    assert "No verdict: the scenario states no objectives" in read(pages, "quiet")


@pytest.mark.parametrize("name", ["full", "quiet", "hostile"])
def test_elements_are_closed_and_ids_are_unique(pages: dict[str, Path], name: str) -> None:
    document = Document(read(pages, name))
    ids = [attrs["id"] for _, attrs in document.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = {str(attrs["href"])[1:] for _, attrs in document.elements if str(attrs.get("href", "")).startswith("#")}
    named = {one for _, attrs in document.elements for one in str(attrs.get("aria-labelledby") or "").split()}
    assert wanted | named <= set(ids)


@pytest.mark.parametrize("name", ["full", "quiet", "hostile"])
def test_nothing_is_loaded_and_nothing_runs(pages: dict[str, Path], name: str) -> None:
    for tag, attrs in Document(read(pages, name)).elements:
        assert tag not in ("script", "iframe", "object", "embed", "img", "form")
        assert not any(key.startswith("on") for key in attrs)
        for key in ("src", "href", "xlink:href"):
            assert str(attrs.get(key, "#")).startswith(("#", "data:"))
    if name != "hostile":
        assert "http" not in read(pages, name).replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
            "http-equiv", ""
        )


def test_hostile_texts_are_shown_as_they_are(pages: dict[str, Path]) -> None:
    words = "".join(Document(read(pages, "hostile")).words)
    assert words.count(HOSTILE) > 20
    assert "…" in words  # cut in charts
    assert words.count("frac{1}{2}$") > words.count(HOSTILE)  # also in charts, where $ means no formula


def test_every_chart_has_a_text_alternative(pages: dict[str, Path]) -> None:
    drawings = re.findall(r"<svg .*?</svg>", read(pages, "full"), flags=re.DOTALL)
    assert len(drawings) > 10
    for drawing in drawings:
        root = ElementTree.fromstring(drawing.replace(' xmlns="http://www.w3.org/2000/svg"', ""))
        assert root.get("role") == "img"
        assert root.findtext("title"), drawing[:200]
        assert root.findtext("desc"), drawing[:200]


def test_rows_of_tables_are_as_long_as_their_titles(pages: dict[str, Path]) -> None:
    tables = re.findall(r"<table>.*?</table>", read(pages, "full"), flags=re.DOTALL)
    assert len(tables) > 10
    for table in tables:
        titles, cells = table.count("<th "), [row.count("<td") for row in table.split("<tr>")[2:]]
        assert set(cells) == {titles}, table[:300]


def test_the_same_result_gives_the_same_bytes(quiet: Material, pages: dict[str, Path]) -> None:
    assert page(quiet) == read(pages, "quiet")


def test_the_page_is_small(pages: dict[str, Path]) -> None:
    assert len(pages["full"].read_bytes()) < 1_000_000
