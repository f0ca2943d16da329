"""Reports in a real browser: nothing is logged, nothing is asked for, nothing needs scrolling sideways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, started

pytestmark = pytest.mark.slow

BACKGROUND = "return getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as one:
        yield one


@pytest.mark.parametrize("name", ["full", "quiet", "hostile"])
@pytest.mark.parametrize("width", [1200, 390])
def test_no_message_no_request_no_scrolling_sideways(browser: Browser, pages: dict[str, Path], name: str,
                                                     width: int) -> None:  # fmt: skip
    browser.open(pages[name], width)
    assert browser.errors() == []
    assert {url.partition(":")[0] for url in browser.requests()} <= {"file", "data"}
    assert sum(url.startswith("file:") for url in browser.requests() or ["file:"]) <= 1
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert "outlast its failures" in browser.run("return document.querySelector('h1').textContent")


def test_the_page_follows_the_scheme_of_its_reader(browser: Browser, pages: dict[str, Path]) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        browser.open(pages["full"], scheme=scheme)
        text = browser.run("return getComputedStyle(document.querySelector('.chart svg text')).fill")
        seen[scheme] = [_lightness(browser.run(BACKGROUND)), _lightness(text)]
    assert seen["light"][0] > 200 > 100 > seen["light"][1]
    assert seen["dark"][0] < 60 < 150 < seen["dark"][1]


def test_texts_of_charts_stay_within_them(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["full"])
    outside = browser.run("""
        return [...document.querySelectorAll('.chart svg')].flatMap(svg => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(text => {
            const box = text.getBoundingClientRect();
            return box.left < frame.left - 2 || box.right > frame.right + 2;
          }).map(text => text.textContent);
        });""")
    assert outside == []


def test_folded_tables_open_without_a_script(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["full"])
    height = "return document.querySelector('details table').getBoundingClientRect().height"
    browser.run("document.querySelector('details').open = true")
    assert browser.run(height) > 20


def test_it_prints_light_and_whole(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["full"], scheme="dark", media="print")
    text = browser.run("return getComputedStyle(document.querySelector('.chart svg text')).fill")
    assert _lightness(text) < 100
    assert browser.run("return getComputedStyle(document.querySelector('nav')).display") == "none"
    printed = browser.printed()
    assert printed.startswith(b"%PDF")
    assert 3 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") + printed.count(b"/Type /Page/") <= 25


def _lightness(color: str) -> float:
    """Mean of the channels of `rgb(1, 2, 3)`."""
    numbers = [float(part) for part in color.partition("(")[2].rstrip(")").split(",")[:3]]
    return sum(numbers) / 3
