"""Lays sections out as one page, and writes it."""

from __future__ import annotations

import os
import pkgutil
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from outlast.errors import UsageError, printable
from outlast.report.html import sections as package
from outlast.report.html.blocks import Block, Chart
from outlast.report.html.material import Material
from outlast.report.html.vector import drawn
from outlast.report.terminal import heading

FOLDER = Path(__file__).parent
SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class Section:
    """name: its anchor."""

    name: str
    title: str
    blocks: Sequence[Block]


def page(material: Material) -> str:
    """The page; the same result gives the same bytes."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    template = environment.from_string((FOLDER / "template.html").read_text(encoding="utf-8"))
    result, scenario = material.result, material.scenario
    return template.render(
        title=f"Will {printable(result.scenario_name) or 'it'} outlast its failures?",
        description="" if scenario is None else printable(scenario.description.strip()),
        about=heading(result),
        sections=filled(material),
        version=result.version,
        css=Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        drawn=_drawn,
        safe=Markup,
    ) + "\n"  # fmt: skip


def filled(material: Material) -> list[Section]:
    """The sections that have something to say, in their order."""
    found = [import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    named = [(one.PLACE, one.__name__.rpartition(".")[2], one) for one in found]
    sections = [Section(name, one.TITLE, _blocks(one.blocks, material)) for _, name, one in sorted(named, key=_place)]
    return [section for section in sections if section.blocks]


def _place(named: tuple[int, str, object]) -> tuple[int, str]:
    return named[:2]


def _blocks(say: Callable[[Material], Iterable[Block]], material: Material) -> list[Block]:
    return list(say(material))


def _drawn(chart: Chart, section: str, number: int) -> Markup:
    return drawn(chart.figure, f"{section}-{number}", chart.title, chart.description)


def check_target(file: str | Path) -> Path:
    """Where a page may go; an existing page is replaced. Raises UsageError, before anything is computed."""
    path = Path(file)
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a report is a page of HTML", "name a file that ends in .html")
    if path.is_dir():
        raise UsageError(f"{path}: this is a folder", f"name a file in it: {path / 'report.html'}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}", f"make it first: mkdir -p {path.parent}")
    if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise UsageError(f"{path}: the folder {path.parent} cannot be written")
    return path


def write(material: Material, file: str | Path) -> None:
    """Write the page; nothing half-written is ever under its name. Raises UsageError if it cannot be written."""
    path = check_target(file)
    text = page(material)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
