"""Every refusal of an ill-formed program: what it says, and that it names the unit and the row."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from outlast.errors import ProgramError
from outlast.program import (
    Builder,
    Case,
    Each,
    Lifecycle,
    Site,
    Term,
    commit,
    count_of,
    forget,
    free_in,
    level_of,
    rate_of,
    record,
    release,
    request,
    rollback,
    scatter,
    stage,
    use_of,
    value_of,
)
from outlast.program.verbs import Effect
from outlast.stats.distributions import deterministic as fixed
from outlast.stats.distributions import exponential, grid
from outlast.stats.distributions.law import Law
from outlast.stats.distributions.table import GRID

Declare = Callable[[Builder], object]


def sound() -> Builder:
    """A program with one of everything, which is accepted."""
    b = Builder(10.0)
    b.profile("load", 10.0, [(0.0, 1.0), (5.0, 2.0)])
    b.pool("crew", 1)
    b.group("ups")
    b.condition("ok", count_of("ups"), 1)
    b.stock("tank", initial=1.0, high=10.0)
    b.service("web", value_of("load"), [Site("east", (Term("ups", capacity=1.0),))])
    b.cohort("node", life(), 2, member={"ups": ["up"]})
    return b


def life(*do: Effect) -> Lifecycle:
    return Lifecycle("node").state("up", ["up"]).state("down").after(fixed(1.0), "up", "down", do, name="fail")


def problems(declare: Declare) -> list[str]:
    b = sound()
    declare(b)
    with pytest.raises(ProgramError) as caught:
        b.build()
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_the_sound_program_is_accepted() -> None:
    assert sound().build().units == 2


RUNS = [
    (0.0, 0.0, 0.0, "horizon must be a positive number of seconds, at most 1e+12 (got 0.0)"),
    (math.inf, 0.0, 0.0, "horizon must be a positive number of seconds, at most 1e+12 (got inf)"),
    (1.1e12, 0.0, 0.0, "horizon must be a positive number of seconds, at most 1e+12 (got 1100000000000.0)"),
    (math.nan, 0.0, 0.0, "horizon must be a positive number of seconds, at most 1e+12 (got nan)"),
    (10.0, 10.0, 0.0, "warm_up must be at least 0 and below the horizon 10.0 (got 10.0)"),
    (10.0, -1.0, 0.0, "warm_up must be at least 0 and below the horizon 10.0 (got -1.0)"),
    (10.0, 0.0, -1.0, "window must be at least 0 (got -1.0)"),
    (10.0, 0.0, 9e-5, "window 9e-05 makes more than 100,000 windows"),
    (10.0, 0.0, math.inf, "window must be at least 0 (got inf)"),
]


@pytest.mark.parametrize(("horizon", "warm_up", "window", "message"), RUNS)
def test_impossible_lengths_of_a_run(horizon: float, warm_up: float, window: float, message: str) -> None:
    def declare(b: Builder) -> None:
        b.horizon, b.warm_up, b.window = horizon, warm_up, window

    assert message in problems(declare)


STEPS = "steps must start at 0, ascend and stay below the period"
EAST = Site("east", (Term("ups", capacity=1.0),))
PARTS: list[tuple[Declare, str]] = [
    (lambda b: b.pool("node"), "pool 'node': there is already a cohort of that name"),
    (lambda b: b.group("web.east"), "group 'web.east': there is already a site of that name"),
    (lambda b: b.profile("p", 0.0, [(0.0, 1.0)]), "profile 'p': period must be > 0 (got 0.0)"),
    (lambda b: b.profile("p", 5.0, []), f"profile 'p': {STEPS}"),
    (lambda b: b.profile("p", 5.0, [(1.0, 1.0)]), f"profile 'p': {STEPS}"),
    (lambda b: b.profile("p", 5.0, [(0.0, 1.0), (5.0, 2.0)]), f"profile 'p': {STEPS}"),
    (lambda b: b.profile("p", 5.0, [(0.0, 1.0), (3.0, 2.0), (2.0, 1.0)]), f"profile 'p': {STEPS}"),
    (lambda b: b.profile("p", 5.0, [(0.0, math.nan)]), "profile 'p': every value must be finite"),
    (lambda b: b.pool("p", -1), "pool 'p': capacity must be at least 0 (got -1)"),
    (lambda b: b.pool("p", profile="x"), "pool 'p': there is no profile 'x'"),
    (lambda b: b.gate("g", ["!x"]), "gate 'g': there is no condition 'x'"),
    (lambda b: b.condition("c", count_of("x"), 1), "condition 'c': there is no group 'x'"),
    (lambda b: b.condition("c", value_of("x"), 1), "condition 'c': there is no profile 'x'"),
    (lambda b: b.condition("c", free_in("x"), 1), "condition 'c': there is no pool free 'x'"),
    (lambda b: b.condition("c", rate_of("x", "good"), 1), "condition 'c': there is no service 'x'"),
    (lambda b: b.condition("c", use_of("web.west"), 1), "condition 'c': there is no site 'web.west'"),
    (
        lambda b: b.condition("c", level_of("tank"), 1),
        "condition 'c': the level of a stock is watched, not compared",
    ),
    (lambda b: b.listen("ok", "x"), "condition 'ok': there is no cohort 'x'"),
    (lambda b: b.listen("ok", "node", index=2), "condition 'ok': node has no unit 2"),
    (lambda b: b.stock("s", 5.0, 0.0, 4.0), "stock 's': initial level 5.0 is outside [0.0, 4.0]"),
    (lambda b: b.stock("s", keep=0), "stock 's': keep must be 1 to 8 committed points (got 0)"),
    (lambda b: b.stock("s", keep=9), "stock 's': keep must be 1 to 8 committed points (got 9)"),
    (lambda b: b.stock("s", source=value_of("x")), "stock 's': there is no profile 'x'"),
    (lambda b: b.stock("s", source=level_of("tank")), "stock 's': a stock cannot flow at the level of another"),
    (lambda b: b.watch("tank", 11.0, "node", "full"), "stock 'tank': watch at 11.0 is outside [0.0, 10.0]"),
    (lambda b: b.watch("tank", 5.0, "x", "full"), "stock 'tank': there is no cohort 'x'"),
    (lambda b: b.watch("tank", 5.0, "node", "full", index=-1), "stock 'tank': node has no unit -1"),
    (lambda b: b.service("s", value_of("x"), [EAST]), "service 's': there is no profile 'x'"),
    (
        lambda b: b.service("s", value_of("load"), [EAST], retry=1.5),
        "service 's': retry must be between 0 and 1 (got 1.5)",
    ),
    (
        lambda b: b.service("s", value_of("load"), [EAST], routes=[[0.5, 0.5]]),
        "service 's': route (0.5, 0.5) must give each of 1 sites a share, together at most 1",
    ),
    (
        lambda b: b.service("s", value_of("load"), [EAST], routes=[[1.5]]),
        "service 's': route (1.5,) must give each of 1 sites a share, together at most 1",
    ),
    (
        lambda b: b.service("s", value_of("load"), [Site("x", (Term("x"),))]),
        "service 's': there is no group 'x'",
    ),
    (
        lambda b: b.service("s", value_of("load"), [Site("x", (Term("ups", good=1.5),))]),
        "service 's': site 'x' has a negative weight or capacity, or good above 1",
    ),
    (
        lambda b: b.service("s", value_of("load"), [Site("x", (Term("ups", live="a", listed="b"),), "c")],
                            needs={"d": 0.5}),
        "service 's': there is no condition 'a'",
    ),
    (lambda b: b.service("s", value_of("load"), [EAST], needs={"d": 0.5}), "service 's': there is no condition 'd'"),
    (lambda b: b.meter("m", ("group", "x")), "meter 'm': there is no group 'x'"),
    (lambda b: b.meter("m", ("lost", "x")), "meter 'm': there is no lost 'x'"),
    (lambda b: b.meter("m", ("speed", "crew")), "meter 'm': there is no speed 'crew'"),
    (
        lambda b: (b.meter("m", ("busy", "crew")), b.meter("n", ("busy", "crew"), "maximum")),
        "'crew' has two meters of 'busy'; one is enough",
    ),
    (
        lambda b: (b.condition("c", count_of("ups"), 1, meter="m"), b.meter("n", ("false", "c"))),
        "'c' has two meters of 'false'; one is enough",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("declare", "message"), PARTS, ids=[message for _, message in PARTS])
def test_impossible_parts(declare: Declare, message: str) -> None:
    assert message in problems(declare)


def with_life(change: Callable[[Lifecycle], object], *do: Effect) -> Declare:
    def declare(b: Builder) -> None:
        new = life(*do)
        change(new)
        b.cohort("other", new)

    return declare


ROW = "node, row 'fail': "
ROWS: list[tuple[Declare, str]] = [
    (with_life(lambda x: x.state("up")), "node: state 'up' is declared twice"),
    (with_life(lambda x: x.after(fixed(1.0), "up", "x")), "node, row 'up -> x': there is no state 'x'"),
    (with_life(lambda x: x.on("go", "x", "up")), "node, row 'x on go -> up': there is no state 'x'"),
    (
        with_life(lambda x: x.after(fixed(2.0), "down", name="fail")),
        "node: two rows are called 'fail'; they would share random numbers: give one a name",
    ),
    (
        with_life(lambda x: x.after(fixed(1.0), "up", name="n", cases=[Case(0.5, "up"), Case(0.4, "down")])),
        "node, row 'n': the probabilities of its cases sum to 0.9, not 1",
    ),
    (
        with_life(lambda x: x.after(fixed(1.0), "up", name="n", cases=[Case(1.5, "up"), Case(-0.5, "down")])),
        "node, row 'n': the probabilities of its cases sum to 1.0, not 1",
    ),
    (
        with_life(lambda x: x.after(grid(5.0, 0.0), "up", name="n", policy="resume")),
        "node, row 'n': a grid delay cannot be 'resume'",
    ),
    (
        with_life(lambda x: x.after(grid(5.0, 0.0), "up", name="n", scale=value_of("load"))),
        "node, row 'n': a grid delay needs a period > 0 and has no scale",
    ),
    (
        with_life(lambda x: x.after(Law(GRID, 0.0), "up", name="n")),
        "node, row 'n': a grid delay needs a period > 0 and has no scale",
    ),
    (
        with_life(lambda x: x.after(fixed(1.0), "up", name="n", policy="aged", scale=value_of("load"))),
        "node, row 'n': an aged delay cannot be scaled",
    ),
    (
        with_life(lambda x: x.after(fixed(1.0), "up", name="n", age=fixed(1.0))),
        "node, row 'n': only an aged row can start with an age (it is 'resample')",
    ),
    (
        with_life(lambda x: None, request("crew", 3)),
        ROW + "request needs a priority 0 to 2 and an amount of at least 1",
    ),
    (
        with_life(lambda x: None, request("crew", amount=0)),
        ROW + "request needs a priority 0 to 2 and an amount of at least 1",
    ),
    (with_life(lambda x: None, commit("tank", 3)), ROW + "commit needs a tier 0 to 2 (got 3)"),
    (with_life(lambda x: None, rollback("tank", -1)), ROW + "rollback needs a tier 0 to 2 (got -1)"),
    (
        with_life(lambda x: None, scatter("ups", "hit", order="each", p=1.5)),
        ROW + "scatter needs a probability between 0 and 1 (got 1.5)",
    ),
    (with_life(lambda x: None, forget("work")), ROW + "forget: no row 'work' remembers anything"),
    (with_life(lambda x: None, forget("fail")), ROW + "forget: no row 'fail' remembers anything"),
    (
        with_life(lambda x: x.after(fixed(1.0), "up", name="work", policy="aged"), forget("work", 2.0)),
        ROW + "forget keeps a share between 0 and 1 (got 2.0)",
    ),
    (
        with_life(lambda x: x.after(fixed(1.0), "up", name="n", when=["crew"]), request("crew")),
        "node, row 'n': slot 'crew' is used as a condition and as a pool",
    ),
    (lambda b: b.cohort("other", Lifecycle("empty")), "empty: a lifecycle needs at least one state"),
]


@pytest.mark.parametrize(("declare", "message"), ROWS, ids=[message for _, message in ROWS])
def test_impossible_rows(declare: Declare, message: str) -> None:
    assert message in problems(declare)


def paired(b: Builder) -> None:
    for rack in ("rack 0", "rack 1"):
        b.group(rack)
    b.cohort("paired", Lifecycle("paired").state("up", ["up"]), 2, member=[(Each("rack 0"), ["up"])])
    b.cohort("caller", life(scatter("rack", "hit")), bind={"rack": "rack 1"})


COHORTS: list[tuple[Declare, str]] = [
    (lambda b: b.cohort("c", life(), 0), "cohort 'c': needs at least one unit (got 0)"),
    (lambda b: b.cohort("c", life(), start="x"), "cohort 'c': lifecycle 'node' has no state 'x' to start in"),
    (lambda b: b.cohort("c", life(stage("s"))), "cohort 'c', slot 's': there is no stock 's'"),
    (
        lambda b: b.cohort("c", life(stage("s")), bind={"s": "crew"}),
        "cohort 'c', slot 's': there is no stock 'crew'",
    ),
    (lambda b: b.cohort("c", life(), bind={"s": "tank"}), "cohort 'c': its lifecycle has no slot 's'"),
    (lambda b: b.cohort("c", life(), member={"x": ["up"]}), "cohort 'c', member: there is no group 'x'"),
    (
        lambda b: b.cohort("c", life(), member=[("ups", ["up"]), ("ups", ["down"])]),
        "cohort 'c': is a member of the same group twice; name several tags instead",
    ),
    (lambda b: b.cohort("c", life(), drives="x"), "cohort 'c', drives: there is no stock 'x'"),
    (
        lambda b: b.cohort("c", life(stage("s")), 2, bind={"s": Each("tank")}),
        "cohort 'c', slot 's': 2 units are paired with 1 objects from 'tank' on",
    ),
    (
        lambda b: b.cohort("c", life(), 3, drives=Each("tank")),
        "cohort 'c', drives: 3 units are paired with 1 objects from 'tank' on",
    ),
    (paired, "cohort 'caller', slot 'rack': cannot scatter over 'rack 1': its members are paired"),
]


@pytest.mark.parametrize(("declare", "message"), COHORTS, ids=[message for _, message in COHORTS])
def test_impossible_cohorts(declare: Declare, message: str) -> None:
    assert message in problems(declare)


def test_no_more_than_two_million_units() -> None:
    assert "2,000,002 units; at most 2,000,000 are possible" in problems(lambda b: b.cohort("c", life(), 2_000_000))


def test_no_more_than_64_tags() -> None:
    def declare(b: Builder) -> None:
        b.cohort("c", Lifecycle("c").state("s", [f"tag {i}" for i in range(64)]))

    assert "65 different tags; at most 64 are possible" in problems(declare)


CLAIMS: list[tuple[Callable[[Lifecycle], object], str]] = [
    (
        lambda x: x.on("go", "down", do=[release("crew")]),
        "node: claim 'crew' is released but never requested",
    ),
    (
        lambda x: x.after(fixed(1.0), "down", "wait", [request("crew", then="got it")]).state("wait"),
        "node, state 'wait': a grant of 'crew' may arrive but no row listens for 'got it'",
    ),
    (
        lambda x: x.after(fixed(1.0), "down", "up", [request("crew")]).on("granted", "up"),
        "node, state 'up': paths disagree whether claim 'crew' is live there",
    ),
    (
        lambda x: x.state("wait").state("work").after(fixed(1.0), "down", "wait", [request("crew", revoked="lost")])
        .on("granted", "wait", "work").on("lost", "wait", "down"),
        "node, state 'work': claim 'crew' may be revoked but no row listens for 'lost'",
    ),
    (
        lambda x: x.state("wait").state("work").after(fixed(1.0), "down", "wait", [request("crew", revoked="lost")])
        .on("granted", "wait", "work").on("lost", "work", "down"),
        "node, state 'wait': claim 'crew' may be revoked but no row listens for 'lost'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CLAIMS, ids=[message for _, message in CLAIMS])
def test_claims_that_would_go_astray(change: Callable[[Lifecycle], object], message: str) -> None:
    assert message in problems(with_life(change))


def test_a_sound_life_of_a_claim_is_accepted() -> None:
    """Asked for, granted or withdrawn, revoked and asked for again, given back."""
    b = sound()
    x = Lifecycle("job").state("idle").state("wait").state("work")
    ask = request("crew", revoked="lost", preempt=True)
    x.after(exponential(5.0), "idle", "wait", [ask]).on("granted", "wait", "work")
    x.on("lost", "wait", do=[ask], name="lost early").on("lost", "work", "wait", [ask], name="lost late")
    x.on("cancel", "wait", "idle", [release("crew")]).after(fixed(1.0), "work", "idle", [release("crew")])
    b.cohort("job", x)
    assert b.build().units == 3


def test_all_problems_are_found_at_once_in_order_of_declaration() -> None:
    def declare(b: Builder) -> None:
        b.horizon = -1.0
        b.pool("p", -1)
        b.cohort("c", life(stage("s"), record("r", "t")), 0)

    assert problems(declare) == [
        "horizon must be a positive number of seconds, at most 1e+12 (got -1.0)",
        "warm_up must be at least 0 and below the horizon -1.0 (got 0.0)",
        "pool 'p': capacity must be at least 0 (got -1)",
        "cohort 'c': needs at least one unit (got 0)",
        "cohort 'c', slot 's': there is no stock 's'",
        "cohort 'c', slot 't': there is no stock 't'",
    ]


def test_a_shared_lifecycle_is_blamed_once() -> None:
    def declare(b: Builder) -> None:
        shared = life(commit("tank", 7))
        b.cohort("c", shared)
        b.cohort("d", shared)

    assert problems(declare) == [ROW + "commit needs a tier 0 to 2 (got 7)"]


def test_flows_that_depend_on_each_other_in_a_circle() -> None:
    def declare(b: Builder) -> None:
        b.gate("alarms", ["hot"])
        b.condition("hot", rate_of("loop", "bad"), 1)
        b.condition("calm", count_of("ups"), 1)
        b.service("loop", count_of("alarms"), [Site("s", (Term("ups", capacity=1.0),))])

    assert problems(declare) == ["these depend on each other in a circle: condition 'hot', service 'loop'"]
