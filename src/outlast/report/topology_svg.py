"""The topology as SVG: failure domains are nested columns, components are rows, what runs where is a box in both.

Nothing can overlap: every domain has a column and every component a row.  Who needs whom is drawn left of the names, as
in a circuit: one line for everything that is needed, a dot where somebody joins it, an arrow where it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from outlast.report.svg import Pen, cut, text_width
from outlast.report.topology import FOLLOWERS, LEVELS, NOWHERE, SOFT, Domain, Item, Part, Topology

MARGIN, GAP, HEAD = 12.0, 6.0, 32.0  # around all, between boxes, of the title of a domain
ROW, BOX, LANE = 52.0, 26.0, 12.0  # height of a row, of a box in it; between lines of dependencies
LABEL, LEAST, MOST = 270.0, 92.0, 190.0  # most width of names; least and most of a column
INK = 'fill="currentColor"'
FAINT = 'fill="currentColor" fill-opacity="0.7"'
LINE = 'stroke="currentColor" stroke-opacity="0.75" stroke-width="1.3"'
DASHED = f'{LINE} stroke-dasharray="4 3"'
LEADING = ("primary", "active")
ELSEWHERE = "no place of its own"


def draw(topology: Topology) -> str:
    """The SVG document."""
    return _Drawing(topology).document()


class _Drawing:
    def __init__(self, topology: Topology) -> None:
        self.topology, self.pen = topology, Pen()
        self.rows: tuple[Item, ...] = (*topology.components, *topology.links, *topology.shocks)
        self.levels = [scope for scope in LEVELS if any(d.scope == scope for d in topology.all_domains())]
        self.placeless = any(part.place == NOWHERE for item in topology.components for part in item.parts)
        self.lanes = _lanes(topology)
        names = max((text_width(item.name, 13) for item in self.rows), default=0.0)
        notes = max((text_width(self._note(item), 10.5) for item in self.rows), default=0.0)
        self.names_x = MARGIN + LANE * (1 + max(self.lanes.values(), default=-1)) + 14
        self.columns_x = self.names_x + min(LABEL, max(names, notes)) + 14
        self.top = MARGIN + HEAD * len(self.levels) + GAP
        self.inside = {d.name: {one.name for one in d.all()} - {d.name} for d in topology.all_domains()}
        heights = [ROW + (BOX + GAP) * max((self._line(item, part) for part in item.parts), default=0)
                   for item in self.rows]  # fmt: skip
        self.ys = list(accumulate(heights, initial=self.top + GAP))
        self.width = self._column_width()
        self.spans: dict[str, tuple[float, float]] = {}

    def document(self) -> str:
        right = self._columns()
        for place, item in enumerate(self.rows):
            self._row(place, item, right)
        self._dependencies()
        bottom = self._legend(self._y(len(self.rows)) + 22)
        title = f"Topology of {self.topology.name}"
        least = MARGIN + max(text_width(line, 10.5) for line in self._keys())
        return self.pen.document(max(right, least) + MARGIN, bottom, title, describe(self.topology))

    # -- columns ------------------------------------------------------------------------------------------------
    def _column_width(self) -> float:
        """Enough for titles, and for the boxes that stand side by side in one row."""
        most = max([LEAST, *(text_width(d.title, 12) + 14 for d in self.topology.all_domains() if not d.inner)])
        for item in self.rows:
            for place in {part.place for part in item.parts}:
                together = [text_width(_box_text(part), 11.5) + 14 for part in item.parts if part.place == place]
                most = max(most, len(together) * max(together))
        return min(MOST, most)

    def _columns(self) -> float:
        """Draw the failure domains; returns where the last one ends."""
        x = self.columns_x
        for domain in self.topology.domains:
            x = self._domain(domain, x) + GAP
        if self.placeless:
            width = max(self.width, text_width(ELSEWHERE, 11.5) + 8) if self.levels else self.width
            self.spans[NOWHERE] = (x, x + width)
            if self.levels:
                self.pen.text(x + 2, MARGIN + 14, ELSEWHERE, 11.5, FAINT)
            x += width + GAP
        return x - GAP

    def _domain(self, domain: Domain, x: float) -> float:
        depth = self.levels.index(domain.scope)
        left, bottom_pad = x, GAP * (len(self.levels) - depth - 1)
        if domain.inner:
            x += GAP
            for inner in domain.inner:
                x = self._domain(inner, x) + GAP
        else:
            x += self.width + 2 * GAP
        self.spans[domain.name] = (left, x)
        y = MARGIN + HEAD * depth
        look = 'fill="currentColor" fill-opacity="0.035" stroke="currentColor" stroke-opacity="0.55"'
        look += "" if domain.fails else ' stroke-dasharray="2 3"'
        about = f"{domain.scope} {domain.name}" + (": fails as a whole" if domain.fails else "")
        self.pen.box(left, y, x - left, self._y(len(self.rows)) + bottom_pad - y, look, about)
        room = x - left - 12
        self.pen.text(left + 7, y + 14, cut(domain.title, room, 12), 12, f'{INK} font-weight="600"', domain.name)
        note = f"{domain.scope}, {domain.note}" if domain.note else domain.scope
        self.pen.text(left + 7, y + 26, cut(note, room, 10), 10, FAINT, note)
        return x

    # -- rows ---------------------------------------------------------------------------------------------------
    def _y(self, row: int) -> float:
        return self.ys[row]

    def _line(self, item: Item, part: Part) -> int:
        """On which line of its row a part stands: below those that are in places within its own."""
        inner = [one for one in item.parts if one.place in self.inside.get(part.place, ())]
        return max((self._line(item, one) + 1 for one in inner), default=0)

    def _base(self, item: Item, part: Part, y: float) -> float:
        """Where a part ends."""
        return y + 9 + BOX + (BOX + GAP) * self._line(item, part)

    def _row(self, place: int, item: Item, right: float) -> None:
        y, room = self._y(place), self.columns_x - self.names_x - 10
        self.pen.path(f"M{self.names_x:g} {y:g}H{right:g}", 'stroke="currentColor" stroke-opacity="0.16"')
        self.pen.text(self.names_x, y + 21, cut(item.name, room, 13), 13, f'{INK} font-weight="600"', item.name)
        note = self._note(item)
        self.pen.text(self.names_x, y + 36, cut(note, room, 10.5), 10.5, FAINT, note)
        if item.kind == "link":
            self._link(item, y + ROW / 2)
            return
        self._followers(item, y)
        for spot, part in self._spots(item):
            self._box(item, part, spot, y)

    def _note(self, item: Item) -> str:
        outside = {d.name for d in self.topology.all_domains()}
        needs = [name for _, name in item.uses if name in outside]
        notes = [item.kind.replace("_", " "), item.note, f"needs {', '.join(needs)}" if needs else "",
                 f"strikes {', '.join(item.strikes)}" if item.strikes else ""]  # fmt: skip
        return ", ".join(note for note in notes if note)

    def _spots(self, item: Item) -> Iterator[tuple[tuple[float, float], Part]]:
        """(left, right) of every box: parts in the same place stand side by side."""
        for part in item.parts:
            together = [one for one in item.parts if one.place == part.place]
            left, right = self.spans[part.place]
            inset = GAP if part.place != NOWHERE else 0.0
            each = (right - left - 2 * inset) / len(together)
            at = left + inset + each * next(i for i, one in enumerate(together) if one is part)
            yield (at, at + each - (2 if len(together) > 1 else 0)), part

    def _box(self, item: Item, part: Part, spot: tuple[float, float], y: float) -> None:
        left, right = spot
        text, room = _box_text(part), right - left - 8
        where = f" in {part.place}" if part.place else ""
        if part.role in LEADING:
            look, ink = 'class="accent" fill="#2f6fb7"', 'fill="#ffffff"'
        elif part.role == "struck":
            look, ink = 'class="alarm" fill="#b5482a"', 'fill="#ffffff"'
        else:
            look = 'class="accent-line" fill="currentColor" fill-opacity="0.08" stroke="#2f6fb7" stroke-width="1.3"'
            ink = INK
            look += ' stroke-dasharray="5 3"' if part.role in FOLLOWERS.values() else ""
        base = self._base(item, part, y)
        self.pen.box(left, base - BOX, right - left, BOX, look, f"{item.name}{where}: {text}")
        self.pen.text((left + right) / 2, base - 9, cut(text, room, 11.5), 11.5, f'{ink} text-anchor="middle"')

    def _followers(self, item: Item, y: float) -> None:
        """An arrow below the boxes from what leads to what may take over."""
        spots = list(self._spots(item))
        for lead, follower in FOLLOWERS.items():
            feet = {role: [((a + b) / 2, self._base(item, part, y)) for (a, b), part in spots if part.role == role]
                    for role in (lead, follower)}  # fmt: skip
            if not all(feet.values()):
                continue
            everyone = [*feet[lead], *feet[follower]]
            under = max(base for _, base in everyone) + 10
            self.pen.path(f"M{min(everyone)[0]:g} {under:g}H{max(everyone)[0]:g}", DASHED)
            for x, base in feet[lead]:
                self.pen.path(f"M{x:g} {base:g}V{under:g}", LINE)
            for x, base in feet[follower]:
                self.pen.path(f"M{x:g} {under:g}V{base + 6:g}", LINE)
                self.pen.arrowhead(x, base + 1, "up", INK)

    def _link(self, item: Item, y: float) -> None:
        a, b = sorted(sum(self.spans[part.place]) / 2 for part in item.parts)
        self.pen.path(f"M{a + 6:g} {y:g}H{b - 6:g}", 'stroke="currentColor" stroke-width="2"')
        self.pen.arrowhead(a, y, "left", INK)
        self.pen.arrowhead(b, y, "right", INK)

    # -- dependencies -------------------------------------------------------------------------------------------
    def _dependencies(self) -> None:
        """One line for each thing that is needed."""
        rows = {item.name: i for i, item in enumerate(self.rows)}
        start = self.names_x - 6
        for target, lane in self.lanes.items():
            x, y = self.names_x - 14 - LANE * lane, self._y(rows[target]) + 12
            tops = []
            for item in self.topology.components:
                fields = [field for field, name in item.uses if name == target]
                if fields:
                    at = self._y(rows[item.name]) + self._joint(item, target)
                    look = DASHED if all(field in SOFT for field in fields) else LINE
                    self.pen.path(f"M{start:g} {at:g}H{x:g}", look)
                    self.pen.dot(x, at)
                    tops.append(at)
            self.pen.path(f"M{x:g} {min(tops):g}V{y:g}H{start - 5:g}", LINE)
            self.pen.arrowhead(start, y, "right", INK)

    def _joint(self, item: Item, target: str) -> float:
        """How far below the top of its row a component joins the line of what it needs."""
        targets = sorted({name for _, name in item.uses if name in self.lanes}, key=lambda name: self.lanes[name])
        return 20 + min(5.0, 28 / len(targets)) * targets.index(target)

    # -- legend -------------------------------------------------------------------------------------------------
    def _legend(self, y: float) -> float:
        for line in self._keys():
            self.pen.text(MARGIN, y + GAP * 2, line, 10.5, FAINT)
            y += 15
        return y + GAP + MARGIN

    def _keys(self) -> list[str]:
        """What the lines mean, as far as there are any."""
        fields = {field for item in self.topology.components for field, _ in item.uses}
        keys = []
        if self.levels:
            keys.append("Boxes around columns: failure domains; dotted ones never fail as a whole.")
        if fields - set(SOFT):
            keys.append("Left of the names: who needs whom (dot to arrow)" + ("; dashed: works without."
                        if fields & set(SOFT) else "."))  # fmt: skip
        if any(part.role in FOLLOWERS.values() for item in self.rows for part in item.parts):
            keys.append("Below the boxes, dashed: what takes over from the filled ones.")
        return keys or ["Every row is a component."]


def _lanes(topology: Topology) -> dict[str, int]:
    """Target -> lane of its line, the nearest to the names that is free from its first user to itself."""
    rows = {item.name: i for i, item in enumerate((*topology.components, *topology.links))}
    taken: list[list[tuple[int, int]]] = []
    lanes: dict[str, int] = {}
    for target in sorted((name for name in topology.users if name in rows), key=lambda name: rows[name]):
        span = (min(rows[user] for user in topology.users[target]), rows[target])
        free = [all(b < span[0] or a > span[1] for a, b in lane) for lane in taken]
        lanes[target] = free.index(True) if True in free else len(taken)
        if lanes[target] == len(taken):
            taken.append([])
        taken[lanes[target]].append(span)
    return lanes


def _box_text(part: Part) -> str:
    """`active ×4`."""
    if part.role == "struck":
        return f"struck, {part.count}"
    count = f"×{part.count}" if part.count != "1" or not part.role else ""
    return f"{part.role} {count}".strip()


def describe(topology: Topology) -> Iterator[str]:
    """The diagram in sentences."""
    if topology.description:
        yield topology.description
    for domain in topology.all_domains():
        inside = f" with {', '.join(inner.title for inner in domain.inner)}" if domain.inner else ""
        fails = "fails as a whole" if domain.fails else "never fails as a whole"
        yield f"{domain.scope} {domain.name}{inside}: {fails}."
    for item in (*topology.components, *topology.links, *topology.shocks):
        parts = [f"{_box_text(part)} in {part.place}" for part in item.parts if part.place]
        uses = [f"{field.replace('_', ' ')} {name}" for field, name in item.uses]
        facts = [item.note, *parts, *uses, *(f"strikes {name}" for name in item.strikes)]
        yield f"{item.kind.replace('_', ' ')} {item.name}: {'; '.join(fact for fact in facts if fact) or 'as it is'}."
