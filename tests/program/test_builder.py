"""The builder: names, bindings, pairs, profiles, order of flow nodes, windows, pickling."""

from __future__ import annotations

import pickle

import pytest

from outlast.engines import kernel
from outlast.program import Builder, Each, Lifecycle, Program, Site, Term, count_of, rate_of, stage, value_of
from outlast.program import tables as T
from outlast.stats.distributions import deterministic as fixed
from outlast.stats.distributions import exponential


def still(name: str = "rock") -> Lifecycle:
    return Lifecycle(name).state("on", ["on"])


def clockwork() -> Builder:
    b = Builder(10.0)
    b.group("ons")
    b.condition("some on", count_of("ons"), 1, measured="service")
    life = Lifecycle("node").state("on", ["on"]).state("off").after(exponential(2.0), "on", "off")
    life.after(fixed(0.5), "off", "on")
    b.cohort("node", life, 2, member={"ons": ["on"]})
    return b


def test_a_unit_alone_has_the_name_of_its_cohort() -> None:
    b = Builder(1.0)
    b.cohort("pair", still(), 2)
    b.cohort("lone", still(), component="platform", scope="zone")
    program = b.build()
    assert [program.unit_name(i) for i in range(3)] == ["pair[0]", "pair[1]", "lone"]
    assert [program.unit_component(i) for i in range(3)] == ["pair", "pair", "platform"]
    assert (program.cause_name(1), program.cause_name(-1)) == ("pair[1]", "")
    assert (program.cause_scope(2), program.cause_scope(0), program.cause_scope(-1)) == ("zone", "", "")


def test_names_of_tables_are_in_order_of_declaration() -> None:
    names = clockwork().build().names
    assert (names.cohorts, names.groups, names.conditions) == (("node",), ("ons",), ("some on",))
    assert names.states == ("node.on", "node.off")
    assert names.rows == ("on -> off", "off -> on")


def test_measured_conditions_are_numbered_in_order_of_declaration() -> None:
    b = Builder(1.0)
    b.group("ons")
    b.cohort("rock", still(), member={"ons": ["on"]})
    for name, measured in (("a", "first"), ("b", ""), ("c", "second")):
        b.condition(name, count_of("ons"), 1, measured=measured)
    program = b.build()
    assert program.outage_names == ("first", "second")
    assert program.tables["conditions"]["measured"].tolist() == [0, -1, 1]


def slots(program: Program, cohort: int) -> list[tuple[int, int]]:
    row = program.tables["cohorts"][cohort]
    return [(int(s["base"]), int(s["stride"])) for s in program.tables["slots"][row["slot0"] :][:1]]


def test_a_slot_that_is_not_bound_is_looked_up_by_its_own_name() -> None:
    """One lifecycle; the first cohort uses the stock of the slot's name, the second another, the third pairs."""
    b = Builder(1.0)
    for stock in ("other", "tank", "t0", "t1"):
        b.stock(stock)
    life = Lifecycle("node").state("on").after(fixed(1.0), "on", do=[stage("tank")])
    b.cohort("plain", life)
    b.cohort("bound", life, bind={"tank": "other"})
    b.cohort("paired", life, 2, bind={"tank": Each("t0")})
    program = b.build()
    assert [slots(program, i) for i in range(3)] == [[(1, 0)], [(0, 0)], [(2, 1)]]
    assert len(program.tables["states"]) == 1  # shared, not copied


def test_each_pairs_units_with_the_stocks_they_drive() -> None:
    b = Builder(1.0)
    for stock in ("unused", "t0", "t1"):
        b.stock(stock)
    b.cohort("lone", still("lone"))
    b.cohort("shard", still("shard"), 2, drives=Each("t0"))
    assert b.build().tables["stocks"]["owner"].tolist() == [-1, 1, 2]


def test_equal_neighbouring_steps_are_merged() -> None:
    b = Builder(1.0)
    b.profile("load", 24.0, [(0, 1), (6, 1.0), (8, 2), (12, 2), (20, 1)])
    assert b.profiles["load"].steps == ((0.0, 1.0), (8.0, 2.0), (20.0, 1.0))


@pytest.mark.parametrize("warm", [False, True], ids=["new", "after a run"])
def test_a_program_survives_pickling(warm: bool) -> None:
    """The tables stay the same, and what an engine derived from them stays behind."""
    program = clockwork().build()
    first = kernel.run(program, 1, 0, jit=False)
    if not warm:
        program = clockwork().build()
    twin = pickle.loads(pickle.dumps(program))
    assert twin.cache == {}
    assert twin.names == program.names
    assert all((twin.tables[name] == table).all() for name, table in program.tables.items())
    assert kernel.run(twin, 1, 0, jit=False).log.tobytes() == first.log.tobytes()


def test_tables_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        clockwork().build().tables["head"]["horizon"] = 1.0


def test_a_builder_can_build_twice() -> None:
    b = clockwork()
    first, second = b.build(), b.build()
    assert all(first.tables[name].tobytes() == table.tobytes() for name, table in second.tables.items())


def nodes(program: Program) -> list[str]:
    homes = {T.CONDITION: program.names.conditions, T.STOCK: program.names.stocks, T.SERVICE: program.names.services}
    return [homes[int(row["kind"])][int(row["object"])] for row in program.tables["nodes"]]


def test_flow_nodes_come_after_what_they_read() -> None:
    """`pages ok` reads web, which reads `alarm`, which counts `b` and `a`; budget flows with web; free ones first."""
    b = Builder(1.0)
    b.condition("pages ok", rate_of("web", "good share"), 0.9)
    b.condition("alarm", count_of("troubles"), 1)
    b.gate("troubles", ["b", "!a"])
    b.group("ons")
    b.condition("b", count_of("ons"), 1)
    b.condition("a", count_of("ons"), 2)
    b.stock("budget", source=rate_of("web", "bad"))
    b.stock("still")
    b.profile("load", 10.0, [(0, 1)])
    b.service("web", value_of("load"), [Site("s", (Term("ons", capacity=1.0, live="alarm"),))])
    b.cohort("rock", still(), member={"ons": ["on"]})
    assert nodes(b.build()) == ["b", "a", "alarm", "web", "pages ok", "budget"]


def test_independent_nodes_keep_conditions_stocks_services_and_the_order_of_declaration() -> None:
    b = Builder(1.0)
    b.profile("load", 10.0, [(0, 1)])
    b.group("ons")
    b.service("s", value_of("load"), [Site("s", (Term("ons", capacity=1.0),))])
    b.stock("k", source=value_of("load"))
    b.condition("z", value_of("load"), 1)
    b.condition("y", value_of("load"), 1)
    b.cohort("rock", still(), member={"ons": ["on"]})
    assert nodes(b.build()) == ["z", "y", "k", "s"]


@pytest.mark.parametrize(
    ("horizon", "warm_up", "window", "expected"),
    [
        (10.0, 0.0, 0.0, [(0.0, 10.0)]),
        (10.0, 4.0, 0.0, [(0.0, 4.0), (4.0, 10.0)]),
        (10.0, 0.0, 5.0, [(0.0, 5.0), (5.0, 10.0)]),
        (10.0, 0.0, 4.0, [(0.0, 4.0), (4.0, 8.0), (8.0, 10.0)]),
        (10.0, 1.0, 4.0, [(0.0, 1.0), (1.0, 5.0), (5.0, 9.0), (9.0, 10.0)]),
        (10.0, 0.0, 99.0, [(0.0, 10.0)]),
        (0.3, 0.0, 0.1, [(0.0, 0.1), (0.1, 0.2), (0.2, 0.3)]),
        (0.7, 0.0, 0.1, [(0.0, 0.1), (0.1, 0.2), (0.2, 3 * 0.1), (3 * 0.1, 0.4), (0.4, 0.5), (0.5, 6 * 0.1),
                         (6 * 0.1, 0.7)]),
    ],
)  # fmt: skip
def test_windows(horizon: float, warm_up: float, window: float, expected: list[tuple[float, float]]) -> None:
    b = Builder(horizon, warm_up, window)
    b.group("ons")
    b.meter("ons", ("group", "ons"))
    b.cohort("rock", still(), member={"ons": ["on"]})
    program = b.build()
    assert (program.horizon, program.warm_up, program.window) == (horizon, warm_up, window)
    assert program.windows == expected
    assert len(kernel.run(program, 1, 0, jit=False).sums) == len(expected)


def test_meters_are_named_and_services_bring_their_own() -> None:
    b = Builder(1.0)
    b.profile("load", 10.0, [(0, 1)])
    b.group("ons")
    b.meter("ons", ("group", "ons"))
    b.cohort("rock", still(), member={"ons": ["on"]})
    for name, metered in (("web", True), ("silent", False)):
        b.service(name, value_of("load"), [Site("s", (Term("ons", capacity=1.0),))], metered=metered)
    fields = ("offered", "served", "good", "bad", "dropped", "headroom")
    assert b.build().meters == ("ons", *(f"web.{field}" for field in fields))
