"""A small pen for SVG documents that stand alone or inside a page.

Ink is `currentColor`, so a diagram in a page takes the colour of its text, dark or light; a file of its own follows the
reader's setting.  A page may set `--diagram-accent` and `--diagram-alarm`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from outlast.errors import printable

ACCENT, ALARM = "#2f6fb7", "#b5482a"
LETTER = 0.6  # mean width of a letter, of its height
STYLE = f"""\
svg:root{{color:#1f2430;background:#ffffff}}
@media (prefers-color-scheme:dark){{svg:root{{color:#e6e8ee;background:#16181d}}}}
.outlast-diagram{{font-family:system-ui,"Segoe UI","DejaVu Sans",sans-serif}}
.outlast-diagram .accent{{fill:var(--diagram-accent,{ACCENT})}}
.outlast-diagram .accent-line{{stroke:var(--diagram-accent,{ACCENT})}}
.outlast-diagram .alarm{{fill:var(--diagram-alarm,{ALARM})}}"""


def text_width(text: str, size: float) -> float:
    """About how wide a text is."""
    return len(text) * size * LETTER


def cut(text: str, width: float, size: float) -> str:
    """The text, shortened where it does not fit."""
    most = max(1, int(width / (size * LETTER)))
    return text if len(text) <= most else text[: most - 1] + "…"


class Pen:
    """Draws into a list of elements."""

    def __init__(self) -> None:
        self.elements: list[str] = []

    def box(self, x: float, y: float, w: float, h: float, look: str, title: str = "", radius: float = 5) -> None:
        """A rectangle with round corners; look: its attributes."""
        end = f"><title>{clean(title)}</title></rect>" if title else "/>"
        self.elements.append(f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{radius:g}" {look}{end}')

    def path(self, d: str, look: str) -> None:
        """A line."""
        self.elements.append(f'<path d="{d}" fill="none" {look}/>')

    def arrowhead(self, x: float, y: float, way: str, look: str) -> None:
        """A filled triangle whose tip is at (x, y); way: up, left or right."""
        dx, dy = {"up": (4, 7), "left": (7, 4), "right": (-7, 4)}[way]
        corners = f"{x - dx:g},{y + dy:g} {x + dx:g},{y + dy:g}" if way == "up" else (
            f"{x + dx:g},{y - dy:g} {x + dx:g},{y + dy:g}")  # fmt: skip
        self.elements.append(f'<polygon points="{x:g},{y:g} {corners}" {look}/>')

    def dot(self, x: float, y: float) -> None:
        """Where lines join."""
        self.elements.append(f'<circle cx="{x:g}" cy="{y:g}" r="2.5" fill="currentColor"/>')

    def text(self, x: float, y: float, text: str, size: float = 12, look: str = 'fill="currentColor"',
             full: str = "") -> None:  # fmt: skip
        """A line of text from x on; full: what a pointer shows."""
        more = f"<title>{clean(full)}</title>" if full and full != text else ""
        self.elements.append(f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" {look}>{clean(text)}{more}</text>')

    def document(self, width: float, height: float, title: str, description: Iterable[str]) -> str:
        """The whole SVG; title and description are its text alternative."""
        words = clean("\n".join(description))
        size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" class="outlast-diagram" role="img" {size}'
        fit = 'style="max-width:100%;height:auto"'
        lines = [f'{head} aria-label="{clean(title)}" {fit}>', f"<title>{clean(title)}</title>",
                 f"<desc>{words}</desc>", f"<style>{STYLE}</style>", *self.elements, "</svg>"]  # fmt: skip
        return "\n".join(lines) + "\n"


def clean(text: str) -> str:
    """Escaped, without control characters other than line breaks."""
    return escape("\n".join(printable(line) for line in text.split("\n")), quote=True)
