"""rc-*: repairs that queue for crews, and the order in which they are done."""

from __future__ import annotations

from collections.abc import Callable

from verification import YEAR_H, Case, assert_engines_agree, measured, mttff, simulate, unavailability

Cases = Callable[[str], Case]

ONE_CREW = """
scenario: one-crew
horizon: 63000 h  # 25 times the mean time to the first outage
teams:
  crew: {people: 1}
components:
  nodes:
    kind: component
    count: 10
    needs_up: 8
    time_to_failure: {exponential: 500 h}
    repair: {lasts: {exponential: 10 h}, team: crew}
"""

FOUR_CREWS = """
scenario: four-crews
horizon: 83000 h  # 15 times the mean time to the first outage
teams:
  crew: {people: 4}
components:
  nodes:
    kind: component
    count: 200
    needs_up: 190
    time_to_failure: {exponential: 2000 h}
    repair: {lasts: {exponential: 24 h}, team: crew}
"""

PREEMPTIVE = """
scenario: preemptive-priority
horizon: 20 y
warm_up: 1000 h
teams:
  repairer: {people: 1}
components:
  databases:
    kind: component
    count: 2
    needs_up: 1
    time_to_failure: {exponential: 1000 h}
    repair: {lasts: {exponential: 24 h}, team: repairer, priority: 0, preempts: true}
  workers:
    kind: component
    count: 6
    needs_up: 4
    time_to_failure: {exponential: 200 h}
    repair: {lasts: {exponential: 8 h}, team: repairer, priority: 1}
  service: {kind: system, all_of: [databases, workers]}
"""

FIXED_REPAIR = """
scenario: fixed-repair
horizon: 20 y
warm_up: 1000 h
teams:
  crew: {people: 1}
components:
  nodes:
    kind: component
    count: 4
    needs_up: 3
    time_to_failure: {exponential: 100 h}
    repair: {lasts: 8 h, team: crew}
"""


def test_one_crew(case: Cases) -> None:
    rc = case("rc-01")
    result = simulate(ONE_CREW, 2000)
    rc.check("unavailability", *unavailability(result, "nodes"))
    rc.check("outages_per_year", *measured(result, "nodes", "outages"))
    rc.check("mean_outage", *measured(result, "nodes", "mean_outage").times(1 / 3600))
    rc.check("mttff", *mttff(result, "nodes"))


def test_one_crew_on_both_engines() -> None:
    assert_engines_agree(ONE_CREW, "63000 h")


def test_four_crews_for_200_nodes(case: Cases) -> None:
    """The queue forgets its empty start slowly (2000 h leave nothing of it), so the long run has a warm-up."""
    rc = case("rc-02")
    result = simulate(FOUR_CREWS + "warm_up: 2000 h\n", 500)
    rc.check("unavailability", *unavailability(result, "nodes"))
    rc.check("outages_per_year", *measured(result, "nodes", "outages"))
    rc.check("mean_outage", *measured(result, "nodes", "mean_outage").times(1 / 3600))
    rc.check("mean_nodes_down", *measured(result, "nodes", "failed_items"))
    rc.check("mean_wait_for_crew", *measured(result, "nodes", "mean_wait").times(1 / 3600))
    rc.check("mttff", *mttff(simulate(FOUR_CREWS, 400), "nodes"))


def test_databases_preempt_workers(case: Cases) -> None:
    case("rc-03").check("unavailability", *unavailability(simulate(PREEMPTIVE, 400), "service"))


def test_fixed_repair_time_of_one_crew(case: Cases) -> None:
    rc = case("rc-04")
    result = simulate(FIXED_REPAIR, 200)
    rc.check("unavailability", *unavailability(result, "nodes"))
    rc.check("throughput", *measured(result, "nodes", "failures").times(1 / YEAR_H))
