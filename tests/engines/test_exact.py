"""The exact engine: hand-solved chains, generated programs lumped and unlumped, simulation, and what it refuses."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from generate import program
from memoryless import memoryless

from outlast.engines import kernel
from outlast.engines.exact import Solution, occupation, solve
from outlast.engines.exact.explore import Explorer, enumerated
from outlast.errors import LivelockError, NotMarkovError, RunError, TooManyStatesError
from outlast.program import Builder, Case, Metric, Program, count_of, release, request, scatter
from outlast.program.tables import MAXIMUM, OUTAGE
from outlast.stats.distributions import (
    Law,
    deterministic,
    exponential,
    gamma,
    hyperexponential,
    lognormal,
    weibull,
)

SMALL = [18, 21, 24, 34]  # seeds of generated programs with at most a few hundred states
Z = 4.0


def machines(count: int, crews: int, up: Law, repair: Law, *, needed: int = 1) -> Program:
    """Machines that fail and queue for crews; `plant` is up while enough of them are."""
    b = Builder(1000.0)
    b.pool("crew", crews)
    b.group("up")
    life = b.lifecycle("machine").state("up", tags=["up"]).state("wait").state("repair")
    life.after(up, "up", "wait", [request("crew")]).on("granted", "wait", "repair")
    life.after(repair, "repair", "up", [release("crew")])
    b.cohort("machines", life, count, member={"up": ["up"]})
    b.condition("enough", count_of("up"), needed, measured="plant", meter="down")
    b.metric(Metric("plant", "up", "1", "", "time_mean", ((1.0, b.meter("ups", ("group", "up"))),)))
    b.metric(Metric("plant", "queue", "1", "", "time_mean", ((1.0, b.meter("queue", ("queue", "crew"))),)))
    b.metric(Metric("plant", "busy", "1", "", "time_mean", ((1.0, b.meter("busy", ("busy", "crew"))),)))
    b.metric(Metric("plant", "down", "share", "", "share", ((1.0, "down"),)))
    b.metric(Metric("plant", "longest", "s", "", "longest_outage"))
    return b.build()


def repairmen(count: int, crews: int, fail: float, mend: float) -> np.ndarray:
    """Distribution of the number of failed machines, M/M/c//N. Source: any queueing text, product form."""
    weights = [1.0]
    for k in range(count):
        weights.append(weights[-1] * (count - k) * fail / (min(k + 1, crews) * mend))
    return np.array(weights) / sum(weights)


# -- closed forms ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("count", "crews"), [(1, 1), (5, 1), (12, 3), (40, 4)])
def test_machine_repair_is_the_closed_form(count: int, crews: int) -> None:
    solution = solve(machines(count, crews, exponential(50.0), exponential(4.0)))
    p = repairmen(count, crews, 1 / 50, 1 / 4)
    failed = np.arange(count + 1)
    assert solution.size == count + 1
    assert solution.steady("plant", "up") == pytest.approx(count - p @ failed, rel=1e-12)
    assert solution.steady("plant", "queue") == pytest.approx(p @ np.maximum(failed - crews, 0), rel=1e-12)
    assert solution.steady("plant", "busy") == pytest.approx(p @ np.minimum(failed, crews), rel=1e-12)
    assert solution.steady("plant", "down") == pytest.approx(p[-1], rel=1e-12)


def test_larger_chains_are_swept_to_the_same_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the repair of the many rarely fails to keep up, and for the time until all are down."""
    chosen = machines(40, 4, exponential(500.0), exponential(4.0))
    small = solve(chosen)
    monkeypatch.setattr(occupation, "DENSE", 10)
    large = solve(chosen)
    p = repairmen(40, 4, 1 / 500, 1 / 4)
    assert p.min() < 1e-40
    np.testing.assert_allclose(large.long_run.distribution, p, rtol=1e-11)
    assert large.mttf("plant") == pytest.approx(small.mttf("plant"), rel=1e-11)


def test_where_sweeps_take_too_long_factors_are_refined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupation, "DENSE", 10)
    monkeypatch.setattr(occupation, "MOST_SWEEPS", 1)
    solution = solve(machines(40, 4, exponential(500.0), exponential(4.0)))
    np.testing.assert_allclose(solution.long_run.distribution, repairmen(40, 4, 1 / 500, 1 / 4), rtol=1e-11)


def test_two_state_unit_at_an_instant_and_over_a_span() -> None:
    solution = solve(machines(1, 1, exponential(10.0), exponential(5.0)))
    rate, share = 1 / 10 + 1 / 5, 1 / 3
    for t in (0.0, 0.1, 3.0, 100.0):
        assert solution.at("plant", "down", t) == pytest.approx(-share * math.expm1(-rate * t), rel=1e-11)
    mean = share * (1.0 + math.expm1(-rate * 4.0) / (rate * 4.0))
    assert solution.between("plant", "down", 0.0, 4.0) == pytest.approx(mean, rel=1e-11)
    assert solution.mttf("plant") == pytest.approx(10.0, rel=1e-12)
    assert solution.reliability("plant", 7.0) == pytest.approx(math.exp(-0.7), rel=1e-12)
    assert solution.frequency("plant") == pytest.approx(1 / 15, rel=1e-12)
    assert solution.mean_outage("plant") == pytest.approx(5.0, rel=1e-12)


def test_urgent_work_sees_no_other_work() -> None:
    """Preemptive priority: the urgent class is an M/M/1//N of its own."""
    b = Builder(100.0)
    b.pool("crew", 1)
    for name, priority in (("urgent", 0), ("other", 1)):
        b.group(name)
        life = b.lifecycle(name).state("up").state("wait", tags=["down"]).state("repair", tags=["down"])
        ask = request("crew", priority, preempt=priority == 0, revoked="revoked")
        life.after(exponential(20.0), "up", "wait", [ask]).on("granted", "wait", "repair")
        life.on("revoked", "repair", "wait", [ask]).on("revoked", "wait", "wait", [ask])
        life.after(exponential(3.0), "repair", "up", [release("crew")], policy="resume")
        b.cohort(f"{name} machines", life, 4, member={name: ["down"]})
        b.metric(Metric(name, "down", "1", "", "time_mean", ((1.0, b.meter(f"{name} down", ("group", name))),)))
    solution = solve(b.build())
    alone, both = repairmen(4, 1, 1 / 20, 1 / 3), repairmen(8, 1, 1 / 20, 1 / 3)
    assert solution.steady("urgent", "down") == pytest.approx(alone @ np.arange(5), rel=1e-12)
    total = solution.steady("urgent", "down") + solution.steady("other", "down")
    assert total == pytest.approx(both @ np.arange(9), rel=1e-12)


def test_shock_hits_each_with_its_probability() -> None:
    b = Builder(100.0)
    b.group("up")
    life = b.lifecycle("item").state("up", tags=["up"]).state("down")
    life.on("hit", "up", "down").after(exponential(1.0), "down", "up")
    b.cohort("items", life, 6, member={"up": ["up"]})
    shock = b.lifecycle("shock").state("armed")
    shock.after(exponential(2.0), "armed", do=[scatter("up", "hit", ["up"], order="each", p=0.3)])
    b.cohort("shock", shock)
    b.metric(Metric("items", "up", "1", "", "time_mean", ((1.0, b.meter("ups", ("group", "up"))),)))
    solution = solve(b.build())
    assert solution.size == 7
    assert solution.steady("items", "up") == pytest.approx(6 * 1.0 / (1.0 + 0.5 * 0.3), rel=1e-12)


@pytest.mark.parametrize(
    ("law", "mean", "states"),
    [
        (weibull(scale=10.0, shape=1.0), 10.0, 2),
        (gamma(mean=10.0, shape=1.0), 10.0, 2),
        (gamma(mean=10.0, shape=3.0), 10.0, 4),
        (hyperexponential([(0.25, 4.0), (0.75, 12.0)]), 10.0, 3),
    ],
)
def test_what_is_exponential_in_disguise_keeps_its_mean(law: Law, mean: float, states: int) -> None:
    solution = solve(machines(1, 1, law, exponential(5.0)))
    assert solution.size == states
    assert solution.steady("plant", "down") == pytest.approx(5.0 / (mean + 5.0), rel=1e-12)
    assert solution.mttf("plant") == pytest.approx(mean, rel=1e-12)


def test_without_repair_the_first_outage_comes_but_no_other() -> None:
    b = Builder(10.0)
    b.group("up")
    life = b.lifecycle("item").state("up", tags=["up"]).state("down").state("spared", tags=["up"])
    life.after(exponential(4.0), "up", cases=[Case(0.75, "down"), Case(0.25, "spared")])
    b.cohort("item", life, member={"up": ["up"]})
    b.condition("works", count_of("up"), 1, measured="item", meter="down")
    b.metric(Metric("item", "outages", "1/y", "", "outages"))
    b.metric(Metric("item", "down", "share", "", "share", ((1.0, "down"),)))
    solution = solve(b.build())
    assert solution.mttf("item") == math.inf
    assert solution.steady("item", "down") == pytest.approx(0.75, rel=1e-12)
    assert solution.steady("item", "outages") == 0.0
    assert solution.unreliability("item", 8.0) == pytest.approx(-0.75 * math.expm1(-2.0), rel=1e-12)


# -- generated programs -----------------------------------------------------------------------------------------------
def generated(seed: int) -> Program:
    return memoryless(program(random.Random(seed).randbytes(1500)))


def everything(solution: Solution) -> np.ndarray:
    """Every meter and outage over a span and in the long run."""
    measured = range(len(solution.program.outage_names))
    start = solution.program.warm_up
    found = []
    for span in (solution.span(start, start + 37.0), solution.steady_span):
        found += [span.meter(n) for n in range(len(solution.program.meters))]
        found += [x for n in measured for x in (span.outages(n), *span.outage_times(n))]
    return np.array([*found, *(solution.mttf(name) for name in solution.program.outage_names)])


@pytest.mark.parametrize("seed", SMALL)
def test_lumped_states_give_what_all_states_give(seed: int) -> None:
    chosen = generated(seed)
    lumped = Solution(enumerated(chosen, 1000))
    every = Solution(Explorer(chosen, 3000, set(range(len(chosen.tables["cohorts"])))).chain())
    assert lumped.size <= every.size
    np.testing.assert_allclose(everything(lumped), everything(every), rtol=1e-9, atol=1e-13)


def test_some_generated_programs_are_lumped() -> None:
    chosen = generated(SMALL[1])
    every = Explorer(chosen, 3000, set(range(len(chosen.tables["cohorts"])))).chain()
    assert 4 * enumerated(chosen, 1000).size < every.size


@pytest.mark.slow
def test_lumped_states_give_what_all_states_give_on_many_programs() -> None:
    compared = 0
    for seed in range(120):
        chosen = memoryless(program(bytes(2) + random.Random(seed).randbytes(1500)))
        if len(chosen.tables["controllers"]):
            continue  # they act at fixed times: `solve` refuses them
        try:
            lumped = Solution(enumerated(chosen, 400, 60))
            every = Solution(Explorer(chosen, 3000, set(range(len(chosen.tables["cohorts"]))), 60).chain())
        except (TooManyStatesError, NotMarkovError, LivelockError, RunError):
            continue
        np.testing.assert_allclose(everything(lumped), everything(every), rtol=1e-8, atol=1e-12)
        compared += lumped.size < every.size
    assert compared >= 20


@pytest.mark.parametrize("seed", SMALL)
def test_simulations_agree_with_the_exact_values(seed: int) -> None:
    chosen, n = generated(seed), 400
    solution = solve(chosen)
    span = solution.span(chosen.warm_up, chosen.horizon)
    outcomes = list(kernel.run_many(chosen, 5, 0, n))
    skipped = 1 if chosen.warm_up > 0 else 0
    sums = np.array([outcome.sums[skipped:].sum(axis=0) for outcome in outcomes])
    means = [m for m, kind in enumerate(chosen.tables["meters"]["reduction"]) if kind != MAXIMUM]
    expected = np.array([span.meter(m) for m in means])
    known = np.isfinite(expected)
    agree(sums[:, means][:, known], expected[known])
    outages = [[begun(outcome.log, k, chosen.warm_up) for k in range(len(chosen.outage_names))] for outcome in outcomes]
    agree(np.array(outages), np.array([span.outages(k) for k in range(len(chosen.outage_names))]))


def begun(log: np.ndarray, measured: int, warm_up: float) -> int:
    """Outages of a measured condition that began after the warm-up."""
    return int(((log["kind"] == OUTAGE) & (log["a"] == measured) & (log["x"] >= warm_up)).sum())


def agree(sample: np.ndarray, expected: np.ndarray) -> None:
    """Means of the columns are within their standard errors."""
    se = sample.std(axis=0, ddof=1) / math.sqrt(len(sample))
    off = np.abs(sample.mean(axis=0) - expected)
    assert (off <= Z * se + 1e-9 * np.abs(expected)).all(), (sample.mean(axis=0), expected, se)


# -- what it refuses ----------------------------------------------------------------------------------------------------
def test_every_refused_row_is_named_with_its_cohort_and_law() -> None:
    with pytest.raises(NotMarkovError) as caught:
        solve(machines(2, 1, lognormal(mean=3.0, cv=1.0), deterministic(2.0)))
    assert caught.value.problems == [
        "machines: row 'up -> wait': lognormal(mean 3 s, cv 1): a delay that is not exponential",
        "machines: row 'repair -> up': 2 s: a fixed delay",
    ]
    assert "hint: exponential delays" in str(caught.value)


def test_policies_that_keep_a_sample_or_an_age_are_refused() -> None:
    for policy, law, said in (
        ("repeat", exponential(3.0), "`repeat` keeps the sample"),
        ("aged", gamma(mean=3.0, shape=2.0), "`aged` keeps an age"),
    ):
        b = Builder(10.0)
        b.cohort("unit", b.lifecycle("unit").state("on").state("off").after(law, "on", "off", policy=policy))
        with pytest.raises(NotMarkovError, match=said):
            solve(b.build())


def test_row_that_no_unit_comes_to_is_not_refused() -> None:
    b = Builder(10.0)
    life = b.lifecycle("unit").state("on").state("off").state("never")
    life.after(exponential(1.0), "on", "off").after(exponential(1.0), "off", "on")
    life.after(deterministic(3.0), "never", "on")
    b.cohort("unit", life)
    assert solve(b.build()).size == 2


def test_profile_that_changes_is_refused() -> None:
    b = Builder(10.0)
    b.profile("load", 5.0, [(0.0, 1.0), (2.0, 3.0)])
    b.cohort("unit", b.lifecycle("unit").state("on").after(exponential(1.0), "on"))
    with pytest.raises(NotMarkovError, match="profile load: it changes at fixed times"):
        solve(b.build())


def test_controllers_are_refused() -> None:
    chosen = machines(1, 1, exponential(3.0), exponential(1.0))
    one = np.zeros(1, chosen.tables["controllers"].dtype)
    with pytest.raises(NotMarkovError, match="controllers act at fixed times"):
        solve(replace(chosen, tables={**chosen.tables, "controllers": one}, cache={}))


def test_too_many_states_name_the_largest_contributor() -> None:
    with pytest.raises(TooManyStatesError, match=r"more than 5 states; the largest contributors are machines \(5"):
        solve(machines(12, 1, exponential(3.0), exponential(1.0)), limit=5)


def test_measure_without_an_exact_value_says_why() -> None:
    solution = solve(machines(2, 1, exponential(3.0), exponential(1.0)))
    (longest,) = (metric for metric in solution.program.metrics if metric.measure == "longest")
    assert math.isnan(solution.steady("plant", "longest"))
    assert "longest of a random number" in solution.reason(longest)


def test_loop_of_chances_without_time_is_refused() -> None:
    b = Builder(10.0)
    life = b.lifecycle("unit").state("on").state("again").after(exponential(1.0), "on", "again")
    life.after(deterministic(0.0), "again", cases=[Case(0.5, "again"), Case(0.5, "on")])
    b.cohort("unit", life)
    with pytest.raises(NotMarkovError, match="without any time between them"):
        solve(b.build())
