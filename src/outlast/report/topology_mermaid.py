"""The topology as a Mermaid flowchart: failure domains are subgraphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from outlast.report.topology import FOLLOWERS, NOWHERE, SOFT, Domain, Item, Part, Topology

LEADING = tuple(FOLLOWERS)


def draw(topology: Topology) -> str:
    """The flowchart; a component with several parts is also a node of its own, which dependencies end at."""
    return "\n".join(_Chart(topology).lines()) + "\n"


class _Chart:
    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        numbers = count(1)
        self.ids = {item.name: f"c{next(numbers)}" for item in topology.components}
        self.ids |= {item.name: f"l{i}" for i, item in enumerate(topology.links, 1)}
        self.domains = {domain.name: f"d{i}" for i, domain in enumerate(topology.all_domains(), 1)}

    def lines(self) -> Iterator[str]:
        yield "flowchart TB"
        for domain in self.topology.domains:
            yield from self._domain(domain, "    ")
        for item in self.topology.components:
            yield from self._component(item)
        for i, link in enumerate(self.topology.links, 1):
            ends = [self.domains[part.place] for part in link.parts]
            yield f'    l{i}{{{{"{_label(link.name, "link", link.note)}"}}}}'
            yield f"    {ends[0]} <--> l{i} <--> {ends[1]}"
        for i, shock in enumerate(self.topology.shocks, 1):
            yield f'    s{i}>"{_label(shock.name, "shock", shock.note)}"]'
            struck = [self.domains[part.place] for part in shock.parts] + [self.ids[name] for name in shock.strikes]
            yield from (f"    s{i} -. strikes .-> {target}" for target in struck)
        yield "    classDef leading fill:#2f6fb7,stroke:#2f6fb7,color:#ffffff"
        yield "    classDef following stroke:#2f6fb7,stroke-dasharray:5 3"
        yield "    classDef steady stroke-dasharray:2 3"
        steady = [self.domains[d.name] for d in self.topology.all_domains() if not d.fails]
        if steady:
            yield f"    class {','.join(steady)} steady"

    def _domain(self, domain: Domain, indent: str) -> Iterator[str]:
        title = ", ".join(filter(None, (domain.title, domain.scope, domain.note)))  # Mermaid leaves room for one line
        yield f'{indent}subgraph {self.domains[domain.name]}["{_label(title)}"]'
        for inner in domain.inner:
            yield from self._domain(inner, indent + "    ")
        for item in self.topology.components:
            for i, part in enumerate(item.parts):
                if part.place == domain.name:
                    yield f"{indent}    {self._node(item, i, part)}"
        yield f"{indent}end"

    def _node(self, item: Item, i: int, part: Part) -> str:
        number = f"×{part.count}" if part.count != "1" else ""
        only = len(item.parts) == 1
        label = _label(item.name, *([item.kind.replace("_", " "), item.note] if only else []), part.role, number)
        look = ":::leading" if part.role in LEADING else ":::following" if part.role in FOLLOWERS.values() else ""
        return f'{self._part(item, i)}["{label}"]{look}'

    def _part(self, item: Item, i: int) -> str:
        """A component with one part is that part."""
        return self.ids[item.name] + ("" if len(item.parts) == 1 else f"p{i + 1}")

    def _component(self, item: Item) -> Iterator[str]:
        own = self.ids[item.name]
        if len(item.parts) != 1:
            yield f'    {own}(["{_label(item.name, item.kind.replace("_", " "), item.note)}"])'
            yield from (f"    {own} --- {self._part(item, i)}" for i in range(len(item.parts)))
        for i, part in enumerate(item.parts):
            if part.place == NOWHERE:
                yield f"    {self._node(item, i, part)}"
        yield from self._followers(item)
        for field, name in item.uses:
            target = self.ids.get(name) or self.domains[name]
            yield f"    {own} -. {field.replace('_', ' ')} .-> {target}" if field in SOFT else f"    {own} --> {target}"

    def _followers(self, item: Item) -> Iterator[str]:
        """From the first part that leads to each that may take over."""
        for lead, follower in FOLLOWERS.items():
            leaders = [i for i, part in enumerate(item.parts) if part.role == lead]
            for i, part in enumerate(item.parts):
                if leaders and part.role == follower:
                    yield f"    {self._part(item, leaders[0])} -. {follower} .-> {self._part(item, i)}"


def _label(*lines: str) -> str:
    """Lines of a label; quotes and what Mermaid or a browser would read as markup are entities."""
    return "<br>".join(_plain(line) for line in lines if line)


def _plain(text: str) -> str:
    special = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "&": "#amp;", "`": "#96;", "\n": " "}
    return "".join(special.get(letter, letter) for letter in text)
