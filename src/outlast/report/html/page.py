"""Lays sections out as one page, and writes it."""

from __future__ import annotations

import pkgutil
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from outlast.errors import UsageError, printable
from outlast.report.html import sections as package
from outlast.report.html.blocks import Block, Chart
from outlast.report.html.material import Material
from outlast.report.html.vector import drawn
from outlast.report.terminal import heading

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """name: its anchor."""

    name: str
    title: str
    blocks: Sequence[Block]


def page(material: Material) -> str:
    """The page; the same result gives the same bytes."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["coded"] = _coded
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


def _coded(text: str) -> Markup:
    """`x` as code; everything is escaped first."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _drawn(chart: Chart, section: str, number: int) -> Markup:
    return drawn(chart.figure, f"{section}-{number}", chart.title, chart.description)


def write(material: Material, file: str | Path) -> None:
    """Write the page; nothing half-written is ever under its name. Raises UsageError if it cannot be written."""
    path, text = Path(file), page(material)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
