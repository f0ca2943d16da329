"""Splitting: what is drawn anew, trees that are right on average, and estimates against exact values."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import outlast
from outlast.engines.exact import solve
from outlast.engines.kernel.driver import Run
from outlast.engines.kernel.redraw import AGED_CLOCK, ENTERED, MEMORYLESS, STAYS
from outlast.engines.kernel.splitting import Level, Trees, windows
from outlast.program import Builder, Program
from outlast.program.influence import rows_of
from outlast.run.rare_estimates import Question, Rare
from outlast.run.splitting import split
from outlast.stats.distributions import grid
from outlast.stats.estimates import Estimate

HOUR_S, YEAR_S = 3600.0, 365 * 86_400.0
Z = 4.0
ROUNDING = 1e-9  # relative: where every tree has the same value nothing else is left


def program(components: str, horizon: str = "10 y", rest: str = "") -> Program:
    """A scenario of these components, written in YAML."""
    return outlast.loads(f"scenario: split\nhorizon: {horizon}\n{rest}components:\n{components}").program()


def fleet(name: str, count: int, needs: int, life: str, repair: str, more: str = "", item: str = "") -> str:
    """One component in YAML."""
    return (
        f"  {name}: {{kind: component, count: {count}, needs_up: {needs}, time_to_failure: {life}{item},"
        f" repair: {{lasts: {repair}{more}}}}}\n"
    )


def z(found: Estimate, right: float) -> float:
    """Standard errors between an estimate and the right value."""
    error = found.std / math.sqrt(found.n)
    return (found.mean - right) / max(error, ROUNDING * right)


def ask(source: Program, component: str, seed: int = 1, events: int = 4_000_000) -> Rare:
    found = split(Question(source, seed, component, 0.1, events))
    assert not found.reason, found.reason
    return found


def trees(source: Program, component: str, seed: int = 1, jit: bool = True, threads: int = 1) -> Trees:
    measured = source.outage_names.index(component)
    return Trees(source, seed, int(source.tables["outages"][measured]["condition"]), jit=jit, threads=threads)


def levels(source: Program, *factors: int) -> list[Level]:
    """The start, then a level for each loss from far to near."""
    nearer = [Level(len(factors) - i, factor, windows(HOUR_S, 100 * HOUR_S)) for i, factor in enumerate(factors)]
    return [Level(99, 3, (source.horizon,)), *nearer]


# -- what is drawn anew ---------------------------------------------------------------------------------------------
OPS = "teams: {ops: {people: 1, hours: business}, day: {people: 1}, all: {people: 1, hours: business, on_call: 1}}\n"
WEIBULL, LOGNORMAL = "{weibull: {mean: 1 y, shape: 2}}", "{lognormal: {mean: 4 h, cv: 1}}"


@pytest.mark.parametrize(
    ("component", "failure", "done"),
    [
        (fleet("a", 3, 2, "{exponential: 1 y}", LOGNORMAL), MEMORYLESS, ENTERED),
        (fleet("a", 3, 2, WEIBULL, "4 h"), ENTERED, STAYS),
        (fleet("a", 3, 2, WEIBULL, LOGNORMAL, item=", age: {exponential: 1 y}"), AGED_CLOCK, ENTERED),
        (fleet("a", 3, 2, WEIBULL, LOGNORMAL, ", team: day"), ENTERED, STAYS),  # may be turned out, and go on later
        (fleet("a", 3, 2, WEIBULL, LOGNORMAL, ", team: ops, works: in_hours"), ENTERED, STAYS),
        (fleet("a", 3, 2, WEIBULL, "{exponential: 4 h}", ", team: ops, works: in_hours"), ENTERED, MEMORYLESS),
        (fleet("a", 3, 2, WEIBULL, "{exponential: 4 h}", ", team: all, slower_off_hours: 2"), ENTERED, STAYS),
    ],
)
def test_a_clock_is_drawn_anew_only_where_its_age_is_known(component: str, failure: int, done: int) -> None:
    source = program(component, rest=OPS)
    found = trees(source, "a")
    names = {row: source.names.rows[row] for cohort in found.cohorts for row in rows_of(source, cohort)}
    kinds = {name: int(found.rules[row]["redraw"]) for row, name in names.items()}
    repaired = next(kind for name, kind in kinds.items() if name in ("repairing -> up", "repairing done"))
    assert (kinds["failure"], repaired) == (failure, done), kinds


def test_a_clone_keeps_the_phase_that_its_run_has_drawn() -> None:
    b = Builder(100.0)
    b.cohort("bell", b.lifecycle("bell").state("on").after(grid(7.0, None), "on", "on"))
    run = Run(b.build(), 5, 0, trace=True)
    run.advance(30.0)
    run.world.run[0]["base"] = 12345  # as a clone
    run.advance(100.0)
    times = run.world.log["time"][: int(run.world.run[0]["logged"])]
    assert len(times) >= 13
    assert np.allclose(np.diff(times), 7.0)


# -- trees ------------------------------------------------------------------------------------------------------------
SPLIT_PAIR = fleet("a", 4, 2, "{weibull: {mean: 2000 h, shape: 1.5}}", LOGNORMAL, ", team: day")


def test_interpreted_and_compiled_trees_are_the_same() -> None:
    source = program(SPLIT_PAIR, "60 d", OPS)
    grown = [trees(source, "a", 3, jit=jit).run(0, 3, levels(source, 3, 3)) for jit in (True, False)]
    assert grown[0].results["steps"].sum() > 100
    assert grown[0].results["down"].any()
    for one, other in zip((grown[0].results, grown[0].levels), (grown[1].results, grown[1].levels), strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_tree_depends_on_its_number_only() -> None:
    source = program(SPLIT_PAIR, "1 y", OPS)
    whole, parts = trees(source, "a", threads=2), trees(source, "a")
    found = whole.run(0, 40, levels(source, 3, 3))
    again = [parts.run(first, count, levels(source, 3, 3)).results for first, count in ((0, 7), (7, 33))]
    assert found.results.tobytes() == np.concatenate(again).tobytes()
    other = trees(source, "a", seed=2).run(0, 40, levels(source, 3, 3)).results
    assert (found.results["down"] != other["down"]).any()


def test_more_trials_change_the_spread_and_not_the_mean() -> None:
    source = program(fleet("a", 3, 2, "{weibull: {mean: 1000 h, shape: 2}}", LOGNORMAL), "1 y")
    few, many = (trees(source, "a", seed).run(0, 600, levels(source, factor)).results["down"]
                 for seed, factor in ((1, 1), (2, 8)))  # fmt: skip
    error = math.sqrt((few.var() + many.var()) / 600)
    assert abs(few.mean() - many.mean()) <= Z * error
    assert many.std() < 0.7 * few.std()


# -- exact values -----------------------------------------------------------------------------------------------------
def weibull_pair(life_h: float, shape: float, repair_h: float, horizon_h: float) -> float:
    """Unavailability of one of two over the horizon, both new at the start, fixed repairs.

    An item fails at rate h(t) = f(t) + integral of h(s) f(t - repair - s) ds (renewal equation, on a grid); it is down
    at t with probability q(t), the integral of h over the last repair; both are with probability q(t)^2.
    """
    step = repair_h / 4
    t = np.arange(step / 2, horizon_h, step)
    scale = life_h / math.gamma(1 + 1 / shape)
    density = shape / scale * (t / scale) ** (shape - 1) * np.exp(-((t / scale) ** shape))
    rate = density.copy()
    for i in range(4, len(t)):
        ends = rate[: i - 3]  # repaired by now: lives that began one repair later
        rate[i] += step * float(ends @ density[i - 4 :: -1][: len(ends)])
    down = np.convolve(rate, np.full(4, step))[: len(t)]
    return float((down**2).mean())


@pytest.mark.parametrize(("life_h", "shape"), [(2000.0, 2.0), (20_000.0, 2.0), (20_000.0, 0.7)])
def test_a_pair_that_ages_is_down_as_renewal_theory_says(life_h: float, shape: float) -> None:
    source = program(fleet("a", 2, 1, f"{{weibull: {{mean: {life_h} h, shape: {shape}}}}}", "8 h"), "8760 h")
    found = ask(source, "a").estimates["unavailability"]
    right = weibull_pair(life_h, shape, 8.0, 8760.0)
    assert abs(z(found, right)) <= Z + 0.5, (found, right)  # the grid is within half a standard error
    assert found.std / math.sqrt(found.n) < 0.1 * right


def test_the_first_failure_may_be_the_rare_one() -> None:
    """A life of a million years, Weibull: P(it ends within the year) = 1 - exp(-(t / scale)^shape)."""
    source = program(fleet("a", 1, 1, "{weibull: {mean: 1000000 y, shape: 1.5}}", "1 h"), "1 y")
    found = ask(source, "a").estimates["unreliability"]
    right = -math.expm1(-((math.gamma(1 + 1 / 1.5) / 1e6) ** 1.5))
    assert right < 1e-8
    assert math.isclose(found.mean, right, rel_tol=1e-6)


def compared(
    text: str, component: str, horizon: str, replications: int, rest: str = ""
) -> tuple[dict[str, float], ...]:
    """Estimates by splitting and by plain replications, both in standard errors of their difference."""
    scenario = outlast.loads(f"scenario: split\nhorizon: {horizon}\n{rest}components:\n{text}")
    table = outlast.run(scenario, replications, 4, rare="never").estimates
    plain = table[(table["scope"] == "") & (table["component"] == component)].set_index("measure")
    found, right = dict[str, float](), dict[str, float]()
    for measure, one in ask(scenario.program(), component, events=2_000_000).estimates.items():
        if measure in plain.index:
            row = plain.loc[measure]
            error = math.hypot(one.std / math.sqrt(one.n), row["std"] / math.sqrt(row["n"]))
            found[measure], right[measure] = one.mean / error, row["mean"] / error
    return found, right


def test_ageing_items_repaired_in_working_hours_agree_with_plain_simulation() -> None:
    """Unavailability of 1 in 1,000: ages at the start, one repairer with working hours."""
    text = fleet("a", 3, 2, "{weibull: {mean: 120 d, shape: 1.8}}", "{lognormal: {mean: 6 h, cv: 1}}",
                 ", team: ops, works: in_hours", ", age: {exponential: 60 d}")  # fmt: skip
    found, plain = compared(text, "a", "1 y", 1200, OPS)
    for measure in ("availability", "downtime", "outages", "mean_outage"):
        assert abs(found[measure] - plain[measure]) <= Z, (measure, found[measure], plain[measure])


ENDPOINT = """
  api:
    kind: serving_endpoint
    regions: {home: active}
    demand: {diurnal: {low: 200 req/s, high: 800 req/s, peak_at: 14 h}}
    replica: {capacity: 100 req/s, time_to_failure: {weibull: {mean: 5 d, shape: 1.5}}, restart: 2 h, count: 10}
"""


def test_demand_that_changes_by_the_hour_agrees_with_plain_simulation() -> None:
    found, plain = compared(ENDPOINT, "api", "45 d", 400, "regions: {home: {jurisdiction: AE}}\n")
    for measure in ("downtime", "outages"):
        assert abs(found[measure] - plain[measure]) <= Z, (measure, found[measure], plain[measure])


# -- the choice -------------------------------------------------------------------------------------------------------
def test_a_run_estimates_by_splitting_what_failure_biasing_cannot() -> None:
    text = fleet("a", 3, 2, "{weibull: {mean: 25 y, shape: 2}}", LOGNORMAL)
    result = outlast.run(outlast.loads(f"scenario: split\nhorizon: 10 y\ncomponents:\n{text}"), 20, 1, rare="always")
    row = result.estimates.set_index("measure").loc["unavailability"]
    assert row["method"].startswith("splitting") and 0.0 < row["mean"] < 1e-8
    assert row["ci_low"] < row["mean"] < row["ci_high"]


def test_where_no_method_applies_the_result_says_so_beside_the_bound() -> None:
    text = fleet("a", 2, 1, "30 y", "1 h")  # fixed lives
    result = outlast.run(outlast.loads(f"scenario: split\nhorizon: 1 y\ncomponents:\n{text}"), 3, 1, rare="always")
    row = result.estimates.set_index("measure").loc["availability"]
    assert "failure biasing does not apply" in row["method"], row["method"]
    assert "splitting does not apply: no outage was seen" in row["method"], row["method"]
    assert row["ci_low"] < 1.0
    assert "unavailability" not in set(result.estimates["measure"])


SMALL = [
    (n, k, life, crew)
    for (n, k), life, crew in itertools.product([(1, 1), (2, 1), (3, 2), (3, 1), (4, 2)], [200, 2000, 20_000], [1, 9])
]


@pytest.mark.slow
def test_intervals_cover_the_exact_values_of_small_programs() -> None:
    """30 programs with queues for repair; of 90 intervals of 95 % at least 79 cover (a chance of 1 in 1,000 less)."""
    covered = 0
    for seed, (n, k, life, crew) in enumerate(SMALL):
        source = program(
            fleet("a", n, k, f"{{exponential: {life} h}}", "{exponential: 2 h}", ", team: ops"), "1 y",
            rest=f"teams: {{ops: {{people: {crew}}}}}\n")  # fmt: skip
        found, exact = ask(source, "a", seed).estimates, solve(source)
        rights = {"unavailability": 1.0 - exact.over_horizon("a", "availability"),
                  "outages": exact.over_horizon("a", "outages"),
                  "unreliability": exact.unreliability("a", source.horizon)}  # fmt: skip
        for measure, right in rights.items():
            one = found[measure]
            assert abs(z(one, right)) <= 4.5, (n, k, life, crew, measure, one, right)
            covered += one.ci_low * (1 - ROUNDING) <= right <= one.ci_high * (1 + ROUNDING)
    assert covered >= 79


@pytest.mark.slow
def test_nominal_intervals_cover_as_often_as_they_say() -> None:
    """2-of-3 in a mission of a day, 120 seeds: 95 % intervals cover 88 % of the time or more (3.5 standard errors)."""
    source = program(fleet("a", 3, 2, "{exponential: 10000 h}", "{exponential: 1 h}"), "24 h")
    right = solve(source).unreliability("a", source.horizon)
    found = [ask(source, "a", seed).estimates["unreliability"] for seed in range(120)]
    assert sum(one.ci_low <= right <= one.ci_high for one in found) >= 0.88 * 120
    assert abs(np.mean([z(one, right) for one in found])) <= Z / math.sqrt(120)
