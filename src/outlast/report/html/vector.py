"""A matplotlib figure as an <svg> that stands in a page: small, deterministic, in the colours of the page."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG

from outlast.report.style import VARIABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG: Any = {"svg.fonttype": "none", "svg.hashsalt": "outlast", "path.simplify": True}
_HEAD = re.compile(r"<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>")
_USED = re.compile(r"(?:url\(#|href=\"#)([^\")]+)")
_ID = re.compile(r" id=\"([^\"]*)\"")
_LONG = re.compile(r"(?<![#\w])-?\d+\.\d{3,}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_FONT = re.compile(r"(font-family:[^;\"]*;? ?|font: ([0-9.]+px)[^;\"]*)")
_STYLE = re.compile(r" style=\"([^\"]*)\"")
_PATH = re.compile(r" d=\"([^\"]*)\"")
_PART = re.compile(r"([MLCQSTz])([-0-9.e\s]*)")
_TAG = re.compile(r"<[^>]*>")


def drawn(figure: Figure, name: str, title: str, description: str) -> Markup:
    """name: unique in the page; title, description: what those hear who do not see it."""
    buffer = io.StringIO()
    with rc_context(SVG):
        _laid_out(figure).print_svg(buffer, metadata={"Date": None})
    text = buffer.getvalue()
    found = _HEAD.search(text)
    assert found is not None, "matplotlib writes an svg with a viewBox"
    body = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->", "", text[found.end() :],
                  flags=re.DOTALL)  # fmt: skip
    body = _TAG.sub(lambda tag: _tidy(tag.group()), _renamed(body, name))
    body = re.sub(r">\s+<", "><", body)
    box = " ".join(_short(number) for number in found[1].split())
    head = (f'<svg viewBox="{box}" role="img" aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(title)}'
            f'</title><desc id="{name}-d">{escape(description)}</desc>')  # fmt: skip
    return Markup(head + body.strip())  # matplotlib escapes texts


def _laid_out(figure: Figure) -> Any:
    """A canvas on which everything has its place and nothing a background: `savefig` would draw everything twice."""
    canvas = FigureCanvasSVG(figure)
    figure.set_dpi(72)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    return canvas


def _renamed(body: str, name: str) -> str:
    """Ids that are used get the name of the chart in front, the others go."""
    used = set(_USED.findall(body))
    body = _ID.sub(lambda one: f' id="{name}-{one[1]}"' if one[1] in used else "", body)
    return _USED.sub(lambda one: one.group().replace(f"#{one[1]}", f"#{name}-{one[1]}"), body)


def _tidy(tag: str) -> str:
    """Short numbers, colours and fonts of the page."""
    tag = _STYLE.sub(lambda style: f' style="{_COLOR.sub(_variable, _FONT.sub(_size, style[1])).strip()}"', tag)
    tag = tag.replace("xlink:href", "href").replace(' style=""', "")
    tag = _PATH.sub(lambda path: f' d="{_path(path[1])}"', tag)
    return _LONG.sub(lambda number: _short(number.group()), tag)


def _path(text: str) -> str:
    """A tenth of a point is exact enough; steps need one number each."""
    drawn, last = [], ("", "")
    for command, numbers in _PART.findall(text):
        points = [f"{float(number):.1f}".removesuffix(".0") for number in numbers.split()]
        if command == "L" and len(points) == 2 and points[1] == last[1]:
            drawn.append(f"H{points[0]}")
        elif command == "L" and len(points) == 2 and points[0] == last[0]:
            drawn.append(f"V{points[1]}")
        else:
            drawn.append(command + " ".join(points))
        last = (points[-2], points[-1]) if len(points) > 1 else ("", "")
    return "".join(drawn)


def _size(font: re.Match[str]) -> str:
    return f"font-size: {font[2]}" if font[2] else ""


def _variable(color: re.Match[str]) -> str:
    name = VARIABLES.get(color.group())
    return f"var(--{name})" if name else color.group()


def _short(number: str) -> str:
    return f"{float(number):.2f}".rstrip("0").rstrip(".")
