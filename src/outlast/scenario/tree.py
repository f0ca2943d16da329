"""YAML text to a tree of nodes, built from the parser's events under limits.

The events are read one by one, so that nothing is ever deeper or larger than allowed: PyYAML's own composers
recurse, resolve YAML 1.1 booleans, keep the last of two equal keys and follow alias bombs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from outlast.errors import Problem, ScenarioError, printable, shown
from outlast.scenario.document import Place

MAX_DEPTH = 40
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
MAX_NODES = 100_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(eq=False)
class Node:
    """One value of the file. items: of a list; pairs: of a mapping; otherwise text (plain: not quoted).

    size counts the node and everything below it, aliases expanded; height the levels of lists and mappings.
    """

    kind: str
    place: Place
    text: str = ""
    plain: bool = False
    items: list[Node] = field(default_factory=list)
    pairs: dict[str, tuple[Place, Node]] = field(default_factory=dict)
    size: int = 1
    height: int = 1
    open: bool = True


@dataclass
class _Frame:
    """A list or mapping that is being read; key is the one whose value comes next."""

    node: Node
    key: tuple[str, Place] | None = None


class TreeReader:
    """Builds the tree of one text; every refusal is a ScenarioError with one located problem."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self._text = text
        self._anchors: dict[str, Node] = {}
        self._frames: list[_Frame] = []
        self._count = 0
        self._root: Node | None = None

    def read(self) -> Node | None:
        """The root node; None where the text holds no value at all."""
        self._refuse_unprintable()
        documents = 0
        for event in self._events():
            place = _place(event.start_mark)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.refuse(place, "a second document starts here", "keep one scenario per file")
            elif isinstance(event, yaml.NodeEvent):
                self._node(event, place)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
        return self._root

    def refuse(self, place: Place, message: str, hint: str = "") -> ScenarioError:
        """The error for something that is not accepted at a place of the text."""
        source = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        return ScenarioError([Problem("", message, hint, self.file, place.line, place.column, source)])

    def _refuse_unprintable(self) -> None:
        found = _UNPRINTABLE.search(self._text)
        if found:
            place = place_after(self._text[: found.start()])
            raise self.refuse(place, _control(found), "remove it")

    def _events(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.YAMLError as error:
            raise self._syntax(error) from None

    def _syntax(self, error: yaml.YAMLError) -> ScenarioError:
        """One located problem for whatever the YAML parser says."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = _place(mark) if mark else Place()
        if place.line > len(self.lines) > 0:  # the end of the text: show its last line
            place = Place(len(self.lines), len(self.lines[-1]) + 1)
        said = printable(str(getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"))
        if "nesting depth" in said:  # the parser has a limit of its own and reads ahead
            return self.refuse(place, TOO_DEEP, "flatten the scenario")
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        if "\t" in line[: place.column] and not line[: place.column - 1].strip():
            return self.refuse(place, "a tab is used for indentation", "indent with spaces")
        suffix = _context(error, place)
        return self.refuse(place, f"not valid YAML: {said}{suffix}", _syntax_hint(said))

    def _node(self, event: Any, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._add(self._alias(event, place), place)
            return
        if event.tag is not None:
            raise self.refuse(place, f"tags are not allowed (got {shown(event.tag)})", "remove the tag")
        node = _fresh(event, place)
        if event.anchor is not None:
            if event.anchor in self._anchors:
                message = f"anchor {shown(event.anchor)} is defined twice"
                raise self.refuse(place, message, "rename one of them")
            self._anchors[event.anchor] = node
        if node.kind == "scalar":
            self._unprintable_scalar(node)
            self._add(node, place)
            return
        self._grow(place, 1, len(self._frames) + 1)
        self._frames.append(_Frame(node))

    def _unprintable_scalar(self, node: Node) -> None:
        found = None if node.plain else _UNPRINTABLE.search(node.text)
        if found:
            raise self.refuse(node.place, _control(found), "remove the escape")

    def _alias(self, event: Any, place: Place) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            hint = "quote text that starts with `*`"
            raise self.refuse(place, f"no anchor named {shown(event.anchor)} above this line", hint)
        if node.open:
            raise self.refuse(place, f"anchor {shown(event.anchor)} contains itself", "write the value out")
        return node

    def _grow(self, place: Place, nodes: int, depth: int) -> None:
        self._count += nodes
        if depth > MAX_DEPTH:
            raise self.refuse(place, TOO_DEEP, "flatten the scenario")
        if self._count > MAX_NODES:
            message = f"more than {MAX_NODES:,} values (aliases count every time they are used)"
            raise self.refuse(place, message, "split the scenario, or use counts instead of repeated entries")

    def _add(self, node: Node, place: Place) -> None:
        """Puts a finished scalar or an aliased node into the collection that is open."""
        self._grow(place, node.size, len(self._frames) + node.height)
        node.open = False
        self._attach(node, place)

    def _close(self) -> None:
        node = self._frames.pop().node
        node.open = False
        self._attach(node, node.place)

    def _attach(self, node: Node, place: Place) -> None:
        if not self._frames:
            self._root = node
            return
        frame = self._frames[-1]
        parent = frame.node
        if parent.kind == "list":
            parent.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node, place, parent)
        else:
            name, where = frame.key
            parent.pairs[name] = (where, node)
            frame.key = None
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)

    def _key(self, node: Node, place: Place, parent: Node) -> tuple[str, Place]:
        if node.kind != "scalar":
            raise self.refuse(place, f"a key must be a name (got a {node.kind})", "quote it if it is text")
        if node.text == "":
            raise self.refuse(place, "a key is empty", "write `name: value`")
        if node.plain and node.text == "<<":
            hint = "write the fields out, or use `variants:`"
            raise self.refuse(place, "merge keys are not allowed (got '<<')", hint)
        if node.text in parent.pairs:
            first = parent.pairs[node.text][0].line
            message = f"key {shown(node.text)} is given twice; first on line {first}"
            raise self.refuse(place, message, "remove or rename one of them")
        return node.text, place


def _control(found: re.Match[str]) -> str:
    return f"a control character (U+{ord(found[0]):04X}) is not allowed"


def place_after(before: str) -> Place:
    """The place of the character that follows a text."""
    lines = (before + "x").splitlines()
    return Place(len(lines), len(lines[-1]))


def _fresh(event: Any, place: Place) -> Node:
    if isinstance(event, yaml.ScalarEvent):
        return Node("scalar", place, event.value, plain=event.implicit[0], height=0)
    return Node("list" if isinstance(event, yaml.SequenceStartEvent) else "mapping", place)


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _context(error: yaml.YAMLError, place: Place) -> str:
    """What the parser was reading when it stopped, and where that began when it is another line."""
    context = getattr(error, "context", None)
    if not context:
        return ""
    mark = getattr(error, "context_mark", None)
    started = f" that starts on line {mark.line + 1}" if mark and mark.line + 1 != place.line else ""
    return f" ({printable(str(context))}{started})"


def _syntax_hint(said: str) -> str:
    if "mapping values are not allowed" in said:
        return "quote text that contains `: `, or check the indentation"
    if "could not find expected ':'" in said:
        return "every entry is written `name: value`"
    if "cannot start any token" in said:
        return "quote text that starts with a special character"
    if "expected" in said:
        return "check brackets, commas and indentation"
    return ""
