"""Topology diagrams: everything is shown once, in its place, nothing overlaps, nothing can break out of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from outlast.report.topology import topology
from outlast.report.topology_diagram import topology_mermaid, topology_svg
from outlast.scenario import Scenario, load, loads

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
SVG = "{http://www.w3.org/2000/svg}"
TITLE_OF_BOX = re.compile(r"^(?P<item>\S+)( in (?P<place>\S+))?: (?P<text>.*)$")

EVERYTHING = """\
scenario: everything
description: "<script>alert('x')</script> & more"
horizon: 1 y
providers: {near: {outage: {every: 10 y, lasts: 1 h}}, far: {}}
regions:
  north: {provider: near, jurisdiction: "<b>AE</b>", zones: [a, b], zone_outage: {every: 5 y, lasts: 1 h}}
  south: {provider: far}
  east: {outage: {every: 5 y, lasts: 1 h}}
links: {line: {between: [north, south], capacity: 1 Gbit/s}}
components:
  api:
    kind: serving_endpoint
    regions: {north: active, south: standby}
    demand: {constant: 10 req/s}
    replica: {count: {north: 3, south: 2}, capacity: 10 req/s}
    needs: [store]
    degraded_by: {both: 50 %}
  both: {kind: system, any_of: [one, two]}
  one: {kind: component, at: near, time_to_failure: 90 d, repair: {lasts: 1 h}}
  two: {kind: component, count: 4, needs_up: 2, at: north.*, needs: [east], time_to_failure: 90 d}
  loose: {kind: component, time_to_failure: 90 d, needs: [two]}
  store:
    kind: feature_store
    primary: north.a
    local_replicas: 1
    replicas: [south, north, south]
    replication: {link: line, writes: 1 MB/s}
  job:
    kind: training_cluster
    at: east
    hosts: {count: 9, needs: 8, time_to_failure: 90 d}
    checkpoint: {every: 1 h, restart: 5 min}
shocks: {quake: {every: 3 y, strikes: [north.a, two], each: 30 %}}
"""


def many_components(n: int) -> Scenario:
    """A chain with shortcuts, in two regions of three zones."""
    places = ["west.*", "[west.a, east.b]", "east", "east.c"]
    lines = ["scenario: many", "horizon: 1 y", "regions:", "  west: {zones: [a, b, c]}", "  east: {zones: [a, b, c]}",
             "components:"]  # fmt: skip
    for i in range(n):
        needs = ", ".join(f"part-number-{j}" for j in {i - 1, i // 2, i - 7} if 0 <= j < i)
        lines.append(f"  part-number-{i}: {{kind: component, count: 6, at: {places[i % 4]}, needs: [{needs}], "
                     "time_to_failure: 90 d}")  # fmt: skip
    return loads("\n".join(lines))


@pytest.fixture(scope="module", params=[*SCENARIOS, "everything", "many"], ids=lambda p: getattr(p, "stem", p))
def scenario(request: pytest.FixtureRequest) -> Scenario:
    if isinstance(request.param, Path):
        return load(request.param)
    return loads(EVERYTHING) if request.param == "everything" else many_components(30)


def boxes(root: ElementTree.Element) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """(title, (left, top, right, bottom)) of every rectangle."""
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        yield rect.findtext(f"{SVG}title", ""), (x, y, x + w, y + h)


def parts_and_domains(scenario: Scenario) -> tuple[dict[str, list[tuple[float, ...]]], dict[str, tuple[float, ...]]]:
    parts: dict[str, list[tuple[float, ...]]] = {}
    domains: dict[str, tuple[float, ...]] = {}
    scopes = ("provider ", "region ", "zone ")
    for title, box in boxes(ElementTree.fromstring(topology_svg(scenario))):
        if title.startswith(scopes):
            domains[title.split()[1].removesuffix(":")] = box
        else:
            found = TITLE_OF_BOX.match(title)
            assert found is not None, title
            parts.setdefault(found["place"] or "", []).append(box)
    return parts, domains


def inside(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_every_part_is_drawn_inside_its_failure_domain(scenario: Scenario) -> None:
    parts, domains = parts_and_domains(scenario)
    drawn = topology(scenario)
    wanted = [part.place for item in (*drawn.components, *drawn.shocks) for part in item.parts]
    assert sorted(place for place, found in parts.items() for _ in found) == sorted(wanted)
    assert all(inside(box, domains[place]) for place, found in parts.items() if place for box in found)


def test_parts_overlap_neither_each_other_nor_domains_that_they_are_not_in(scenario: Scenario) -> None:
    parts, domains = parts_and_domains(scenario)
    everything = [(place, box) for place, found in parts.items() for box in found]
    assert all(apart(one, other) for (_, one), (_, other) in combinations(everything, 2))
    nested = {name: {d.name for d in domain.all()} for domain in topology(scenario).all_domains()
              for name in [domain.name]}  # fmt: skip
    for place, box in everything:
        for name, domain in domains.items():
            related = place and (name in nested[place] or place in nested[name])
            assert related or apart(box, domain), (place, name)


def test_failure_domains_are_nested_as_they_fail_together(scenario: Scenario) -> None:
    _, boxes_of = parts_and_domains(scenario)
    for domain in topology(scenario).all_domains():
        assert all(inside(boxes_of[inner.name], boxes_of[domain.name]) for inner in domain.inner)
        pairs = combinations([boxes_of[inner.name] for inner in domain.inner], 2)
        assert all(apart(one, other) for one, other in pairs)


def test_everything_drawn_lies_within_the_picture(scenario: Scenario) -> None:
    root = ElementTree.fromstring(topology_svg(scenario))
    page = (0.0, 0.0, float(root.attrib["width"]), float(root.attrib["height"]))
    assert all(inside(box, page) for _, box in boxes(root))
    texts = [(float(t.attrib["x"]), float(t.attrib["y"])) for t in root.iter(f"{SVG}text")]
    assert all(0 < x < page[2] and 0 < y < page[3] for x, y in texts)


def test_the_text_alternative_names_everything(scenario: Scenario) -> None:
    root = ElementTree.fromstring(topology_svg(scenario))
    assert root.attrib["role"] == "img"
    words = root.findtext(f"{SVG}desc", "")
    assert root.findtext(f"{SVG}title") == f"Topology of {scenario.name}"
    drawn = topology(scenario)
    for name in [d.name for d in drawn.all_domains()] + [i.name for i in (*drawn.components, *drawn.links)]:
        assert name in words


def test_a_line_of_dependencies_ends_at_every_component_that_is_needed(scenario: Scenario) -> None:
    root = ElementTree.fromstring(topology_svg(scenario))
    drawn = topology(scenario)
    rows = {item.name for item in (*drawn.components, *drawn.links)}
    joints = sum(len({name for _, name in item.uses} & rows) for item in drawn.components)
    assert len(list(root.iter(f"{SVG}circle"))) == joints


def test_those_that_need_others_stand_above_them(scenario: Scenario) -> None:
    names = [item.name for item in topology(scenario).components]
    for item in topology(scenario).components:
        assert all(names.index(item.name) < names.index(used) for _, used in item.uses if used in names)


def test_the_same_scenario_gives_the_same_bytes(scenario: Scenario) -> None:
    again = loads(scenario.text, folder=str(scenario.folder) if scenario.folder else None)
    assert topology_svg(scenario) == topology_svg(again)
    assert topology_mermaid(scenario) == topology_mermaid(again)


def test_a_page_needs_nothing_from_elsewhere(scenario: Scenario) -> None:
    svg = topology_svg(scenario)
    assert svg.replace("http://www.w3.org/2000/svg", "").count("http") == 0
    assert "url(" not in svg and "href" not in svg and " id=" not in svg  # two of them can stand in one page


def test_markup_in_a_scenario_stays_text() -> None:
    scenario = loads(EVERYTHING)
    svg, mermaid = topology_svg(scenario), topology_mermaid(scenario)
    assert "<script>alert('x')" in ElementTree.fromstring(svg).findtext(f"{SVG}desc", "")
    assert "<script" not in svg and "<b>" not in svg
    assert "#lt;b#gt;AE#lt;/b#gt;" in mermaid and "<b>" not in mermaid


def test_roles_and_counts_are_those_of_the_scenario() -> None:
    titles = [title for title, _ in boxes(ElementTree.fromstring(topology_svg(loads(EVERYTHING))))]
    for expected in ("api in north.a: active ×2", "api in north.b: active", "api in south: standby ×2",
                     "store in north.a: primary", "store in north.a: replica", "store in south: replica ×2",
                     "store in north: replica", "one in near: ×1", "two in north.a: ×2", "job in east: ×9",
                     "quake in north.a: struck, 30 %", "loose: ×1", "zone north.a: fails as a whole",
                     "region south", "provider near: fails as a whole"):  # fmt: skip
        assert titles.count(expected) == 1, expected


def test_a_flowchart_has_a_subgraph_per_domain_and_names_only_nodes_that_it_declares(scenario: Scenario) -> None:
    chart = topology_mermaid(scenario)
    lines = [line.strip() for line in chart.splitlines()]
    assert lines[0] == "flowchart TB"
    subgraphs = [line for line in lines if line.startswith("subgraph ")]
    assert len(subgraphs) == len(list(topology(scenario).all_domains())) == lines.count("end")
    declared = {m for line in lines for m in re.findall(r'^(?:subgraph )?(\w+)(?:\[|\(\[|\{\{|>)"', line)}
    edge = re.compile(r"^\w+( (---|-->|<-->|-\. [a-z ]+ \.->) \w+)+$")
    edges = [line for line in lines if edge.match(line)]
    used = {name for line in edges for name in re.split(r" (?:---|-->|<-->|-\. [a-z ]+ \.->) ", line)}
    assert used <= declared
    known = (*subgraphs, *edges)
    others = [line for line in lines[1:] if line not in known and line != "end"]
    node = re.compile(r'^\w+(\["[^"]*"\]|\(\["[^"]*"\]\)|\{\{"[^"]*"\}\}|>"[^"]*"\])(:::\w+)?$|^class(Def)? ')
    assert all(node.match(line) for line in others), [line for line in others if not node.match(line)]


def test_a_flowchart_says_who_needs_whom() -> None:
    chart = topology_mermaid(loads(EVERYTHING))
    ids = dict(re.findall(r'(c\d+)(?:\["|\(\[")(\w+)<br>', chart))
    names = {name: key for key, name in ids.items()}
    assert f"{names['api']} --> {names['store']}" in chart
    assert f"{names['api']} -. degraded by .-> {names['both']}" in chart
    assert f"{names['both']} --> {names['one']}" in chart
    assert f"{names['store']} -. replication .-> l1" in chart
