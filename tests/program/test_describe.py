"""A small program as text and as a Mermaid diagram: stored output."""

from __future__ import annotations

import pytest

from outlast.program import Builder, Case, Lifecycle, Program, count_of, queued_at, record, release, request
from outlast.program.describe import describe, law_text, mermaid
from outlast.stats.distributions import deterministic, exponential, grid


@pytest.fixture
def program() -> Program:
    b = Builder(10.0)
    b.pool("crew", 2)
    b.group("ups")
    b.condition("service", count_of("ups"), 2, measured="service")
    b.condition("queue", queued_at("crew"), 1)
    node = Lifecycle("node").state("up", ["up", "counted"]).state("waiting").state('repair: "now"')
    failed = Case(0.75, "waiting", (request("crew"), record("failed")))
    node.after(exponential(86400.0), "up", cases=[failed, Case(0.25, "")], policy="resume", name="fail")
    node.on("granted", "waiting", 'repair: "now"')
    node.after(deterministic(3600.0), 'repair: "now"', "up", [release("crew")])
    b.cohort("node", node, 3, member={"ups": ["up"]})
    b.cohort("spare", Lifecycle("spare").state("idle").on("go", "idle"), component="reserve")
    b.controller("scaler", queued_at("crew"), "ups", up=(["counted"], "go"), down=(["up"], "stop"), least=1, most=3,
                 target=2, total=True)  # fmt: skip
    return b.build()


WHOLE = """\
4 units in 2 cohorts, 4 states, 4 rows, 3 effects, 3 flow nodes
pool crew: capacity 2
condition service: group ups >= 2 (measured)
condition queue: pool queued crew >= 1
cohort node: 3 x, starts up
  up [up, counted]
    after {life}, resume: 0.75 -> waiting (request, record); 0.25 stay
  waiting
    on granted: -> repair: "now"
  repair: "now"
    after {work}: -> up (release)
cohort spare: 1 x, starts idle
  idle
    on go: stay
controller scaler: every 15 s, 1 to 3 in group ups by total of pool queued crew / 2"""

SPARE = """\
cohort spare: 1 x, starts idle
  idle
    on go: stay"""

DIAGRAM = """\
stateDiagram-v2
    state "node" as c0 {{
        [*] --> s0
        state "up" as s0
        s0 --> s1 : after {life}, resume (0.75)
        s0 --> s0 : after {life}, resume (0.25)
        state "waiting" as s1
        s1 --> s2 : on granted
        state "repair  'now'" as s2
        s2 --> s0 : after {work}
    }}
    state "spare" as c1 {{
        [*] --> s3
        state "idle" as s3
        s3 --> s3 : on go
    }}"""


def test_a_program_as_text(program: Program) -> None:
    assert describe(program) == WHOLE.format(life="exponential(mean 1 d)", work="1 h")


def test_one_component_as_text(program: Program) -> None:
    assert describe(program, "reserve") == SPARE
    lines = describe(program).splitlines()
    assert describe(program, "node") == "\n".join([*lines[4:11], lines[-1]])


def test_lifecycles_as_a_diagram(program: Program) -> None:
    assert mermaid(program) == DIAGRAM.format(life="exponential(mean 1 d)", work="1 h")


def test_one_component_as_a_diagram(program: Program) -> None:
    lines = mermaid(program).splitlines()
    assert mermaid(program, "reserve").splitlines() == [lines[0], *lines[11:]]


def test_a_lifecycle_shared_by_cohorts_is_drawn_once() -> None:
    b, life = Builder(1.0), Lifecycle("node").state("on")
    b.cohort("a", life)
    b.cohort("b", life)
    assert mermaid(b.build()).count('state "on"') == 1


def test_a_delay_is_described_as_a_person_writes_it() -> None:
    b = Builder(1.0)
    life = Lifecycle("node").state("on")
    laws = [exponential(86400.0), deterministic(3600.0), grid(600.0, None)]
    for i, law in enumerate(laws):
        life.after(law, "on", name=f"row {i}")
    b.cohort("node", life)
    assert [law_text(b.build(), i) for i in range(3)] == [law.label for law in laws]
