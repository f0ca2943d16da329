"""R15: draws are keyed by names and counts, so a change elsewhere moves no other unit's history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from outlast.engines.outcome import Outcome
from outlast.program import Builder, Case, Program, record, scatter, set_level
from outlast.program import tables as T
from outlast.stats.distributions import deterministic as fixed
from outlast.stats.distributions import exponential, grid, uniform
from outlast.stats.draws import AGE, PHASE, name_hash

Trace = Callable[..., list[str]]
Run = Callable[..., Outcome]
Luck = Callable[..., float]
HORIZON = 400.0


def platform(cohorts: Sequence[tuple[str, int]], *, talkative: bool = False) -> Program:
    """Nodes that fail, are repaired in one of two ways, and break their neighbours now and then."""
    b = Builder(HORIZON, window=37.0 if talkative else 0.0)
    for name, count in cohorts:
        b.group(f"{name} ups")
        say = [record("failed")] if talkative else []
        life = b.lifecycle(name).state("up", ["up"]).state("minor").state("major")
        hit = scatter("ups", "shake", ["up"], order="each", p=0.3)
        life.after(exponential(40.0), "up", cases=[Case(0.7, "minor", (*say,)), Case(0.3, "major", (hit, *say))])
        life.after(uniform(1.0, 5.0), "minor", "up").after(exponential(20.0), "major", "up")
        life.on("shake", "up", "minor")
        b.cohort(name, life, count, bind={"ups": f"{name} ups"}, member={f"{name} ups": ["up"]})
        if talkative:
            b.meter(f"{name} up", ("group", f"{name} ups"))
    return b.build()


def histories(program: Program, outcome: Outcome) -> dict[str, list[tuple[float, str]]]:
    """Firings of every unit: time and the row's lifecycle state, without the numbers of other units."""
    found: dict[str, list[tuple[float, str]]] = {program.unit_name(u): [] for u in range(program.units)}
    for row in outcome.log[outcome.log["kind"] == T.FIRED]:
        target = int(program.tables["cases"][row["b"]]["target"])
        found[program.unit_name(int(row["a"]))].append((float(row["time"]), program.names.states[target]))
    return found


BASE = [("a", 3), ("b", 2), ("c", 4)]


@pytest.mark.parametrize(
    "other",
    [
        [("a", 3), ("b", 2)],
        [("b", 2), ("a", 3), ("c", 4)],
        [("c", 4), ("new", 5), ("b", 2), ("more", 1), ("a", 3)],
        [("b", 2)],
    ],
    ids=["removed", "reordered", "added", "alone"],
)
def test_adding_removing_and_reordering_cohorts_moves_no_history(run: Run, other: list[tuple[str, int]]) -> None:
    before, after = platform(BASE), platform(other)
    first, second = histories(before, run(before)), histories(after, run(after))
    common = set(first) & set(second)
    assert len(common) >= 2
    assert {unit: first[unit] for unit in common} == {unit: second[unit] for unit in common}
    assert sum(len(first[unit]) for unit in common) > 10


def quiet(count: int) -> Program:
    """Units that do not touch each other."""
    b = Builder(HORIZON)
    life = b.lifecycle("node").state("up").state("down")
    life.after(exponential(40.0), "up", "down").after(uniform(1.0, 5.0), "down", "up")
    b.cohort("node", life, count)
    b.cohort("late", life)
    return b.build()


def test_growing_a_cohort_keeps_its_earlier_units(run: Run) -> None:
    small, large = quiet(2), quiet(5)
    before, after = histories(small, run(small)), histories(large, run(large))
    assert all(after[unit] == history for unit, history in before.items())


def test_measuring_and_recording_draw_nothing(run: Run) -> None:
    plain, talkative = platform(BASE), platform(BASE, talkative=True)
    assert histories(plain, run(plain)) == histories(talkative, run(talkative))


def test_the_same_seed_gives_the_same_log_and_any_other_key_another(run: Run) -> None:
    program = platform(BASE)
    log = run(program, 7, 3).log
    assert run(program, 7, 3).log.tobytes() == log.tobytes()
    for seed, replication in ((7, 2), (8, 3), (3, 7)):
        assert run(program, seed, replication).log.tobytes() != log.tobytes()


def test_units_of_a_cohort_and_equal_cohorts_differ(run: Run) -> None:
    program = platform([("a", 2), ("b", 2)])
    found = [str([time for time, _ in history]) for history in histories(program, run(program)).values()]
    assert len(set(found)) == 4


def test_the_order_of_rows_in_a_lifecycle_changes_no_draw(run: Run) -> None:
    programs = []
    for turned in (False, True):
        b = Builder(HORIZON)
        life = b.lifecycle("node").state("up").state("down")
        for state, to in (("down", "up"), ("up", "down")) if turned else (("up", "down"), ("down", "up")):
            life.after(exponential(30.0), state, to)
        b.cohort("node", life)
        programs.append(b.build())
    first, second = (histories(p, run(p)) for p in programs)
    assert first == second


def test_delays_and_cases_of_a_row_share_one_count(trace: Trace, luck: Luck) -> None:
    """Delay n = 0, case n = 1, next delay n = 2, next case n = 3."""
    law, b = uniform(1.0, 2.0), Builder(5.0)
    life = b.lifecycle("node").state("on").state("a").state("b")
    life.after(law, "on", name="choose", cases=[Case(0.5, "a"), Case(0.5, "b")])
    life.after(fixed(0.0), "a", "on").after(fixed(0.0), "b", "on")
    b.cohort("node", life)
    first = law.quantile(luck("node", "choose", 0))
    second = first + law.quantile(luck("node", "choose", 2))
    chosen = ["a" if luck("node", "choose", n) < 0.5 else "b" for n in (1, 3)]
    rows = [row for row in trace(b.build()) if "on ->" in row]
    assert rows[:2] == [f"{first} node on -> {chosen[0]}", f"{second} node on -> {chosen[1]}"]


def test_a_drawn_phase_is_drawn_once(trace: Trace, luck: Luck) -> None:
    b = Builder(35.0)
    b.cohort("probe", b.lifecycle("probe").state("on").after(grid(10.0, None), "on", name="tick"), 2)
    phases = [10.0 * luck("probe", name_hash("tick") ^ int(PHASE), 0, index) for index in range(2)]
    ticks = sorted((k * 10.0 + phase, i) for i, phase in enumerate(phases) for k in range(4))
    assert trace(b.build()) == [f"{time} probe[{i}] on stays" for time, i in ticks if time < 35.0]


def test_an_age_at_the_start_has_its_own_draw(trace: Trace, luck: Luck) -> None:
    age, b = uniform(0.0, 10.0), Builder(11.0)
    life = b.lifecycle("part").state("up").state("down")
    life.after(fixed(10.0), "up", "down", policy="aged", name="life", age=age)
    b.cohort("part", life)
    drawn = age.quantile(luck("part", name_hash("life") ^ int(AGE), 0))
    assert trace(b.build()) == [f"{10.0 - drawn} part up -> down"]


def effect_hash(program: Program, verb: str) -> int:
    (found,) = [int(row["hash"]) for row in program.tables["effects"] if T.VERBS[row["op"]] == verb]
    return found


def test_set_draws_by_unit_and_effect(trace: Trace, luck: Luck) -> None:
    """The second draw counts on; the row itself, with its fixed delay, draws nothing."""
    law, b = uniform(1.0, 9.0), Builder(8.0)
    b.stock("tank")
    b.cohort("setter", b.lifecycle("setter").state("on").after(fixed(3.0), "on", do=[set_level("tank", law)]))
    program = b.build()
    level = law.quantile(luck("setter", effect_hash(program, "set"), 1))
    assert trace(program)[-1] == f"8.0 level tank {level} lost 0.0"


def lightning(count: int, order: str, n: int = -1, p: float = 1.0) -> Program:
    """Strikes at 1 s and at 2 s; units that are hit stay where they are."""
    b = Builder(3.0)
    b.group("nodes")
    strike = scatter("nodes", "hit", n=n, order=order, p=p)
    b.cohort("storm", b.lifecycle("storm").state("on").after(fixed(1.0), "on", do=[strike]))
    b.cohort("node", b.lifecycle("node").state("up").on("hit", "up"), count, member={"nodes": []})
    return b.build()


def hits(rows: list[str]) -> list[list[int]]:
    """Indices hit, in order, at 1 s and at 2 s."""
    struck = [row.split() for row in rows if " node[" in row]
    return [[int(unit[5:-1]) for time, unit, *_ in struck if time == at] for at in ("1.0", "2.0")]


def test_each_member_is_hit_if_its_draw_is_below_p(trace: Trace, scatter_luck: Luck) -> None:
    program = lightning(12, "each", p=0.4)
    key = effect_hash(program, "scatter")
    expected = [[i for i in range(12) if scatter_luck("storm", key, n, "node", i) < 0.4] for n in (0, 1)]
    assert hits(trace(program)) == expected
    assert expected[0] != expected[1]


def test_any_takes_the_smallest_draws_in_ascending_order(trace: Trace, scatter_luck: Luck) -> None:
    program = lightning(12, "any", n=4)
    key = effect_hash(program, "scatter")
    drawn = [{scatter_luck("storm", key, n, "node", i): i for i in range(12)} for n in (0, 1)]
    assert hits(trace(program)) == [[by[u] for u in sorted(by)[:4]] for by in drawn]


def test_growing_a_group_does_not_change_whom_lightning_hits(trace: Trace) -> None:
    small, large = hits(trace(lightning(6, "each", p=0.4))), hits(trace(lightning(9, "each", p=0.4)))
    assert [[i for i in struck if i < 6] for struck in large] == small
