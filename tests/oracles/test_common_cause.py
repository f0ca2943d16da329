"""cc-*: shocks that hit several items at once, and nested failure domains."""

from __future__ import annotations

from collections.abc import Callable

from verification import (
    Case,
    assert_engines_agree,
    failed_by,
    first_outages_of_fleet,
    mean_of,
    measured,
    mttff,
    share_of,
    simulate,
    unavailability,
)

Cases = Callable[[str], Case]

PAIRS = 100
BETA_FACTOR = (
    "scenario: beta-factor\nhorizon: 370000 h  # 25 times the mean time to failure\ncomponents:\n"
    + "".join(
        f"  unit-{i}: {{kind: component, count: 2, needs_up: 1, time_to_failure: {{exponential: 11111.11111111 h}}}}\n"
        for i in range(PAIRS)
    )
    + "shocks:\n"
    + "".join(f"  shock-{i}: {{every: {{exponential: 100000 h}}, strikes: [unit-{i}]}}\n" for i in range(PAIRS))
)

SHOCKS = """
scenario: shocks
horizon: 69000 h  # 25 times the mean time to the first outage
components:
  nodes:
    kind: component
    count: 3
    needs_up: 2
    time_to_failure: {exponential: 500 h}
    repair: {lasts: {exponential: 12 h}}
shocks:
  surge: {every: {exponential: 9500 h}, strikes: [nodes], each: 100 %}
"""

NESTED = """
scenario: nested-domains
horizon: 100 y
warm_up: 1000 h
regions:
  region:
    zones: [a, b, c]
    outage: {every: {exponential: 20000 h}, lasts: {exponential: 2 h}}
    zone_outage: {every: {exponential: 2000 h}, lasts: {exponential: 1 h}}
components:
  replicas:
    kind: component
    count: 6
    needs_up: 2
    at: region.*
    time_to_failure: {exponential: 500 h}
    repair: {lasts: {exponential: 5 h}}
"""


def test_pair_with_beta_factor(case: Cases) -> None:
    """A hundred pairs a replication, each with a tenth of its failure rate in common."""
    cc = case("cc-01")
    result = simulate(BETA_FACTOR, 1500)
    lives = first_outages_of_fleet(result)
    assert len(lives) == PAIRS * result.n
    cc.check("mttf", *mean_of(lives))
    cc.check("unreliability", *share_of(failed_by(result, 1000), len(lives)))


def test_shocks_on_two_of_three(case: Cases) -> None:
    cc = case("cc-02")
    result = simulate(SHOCKS, 2000)
    cc.check("unavailability", *unavailability(result, "nodes"))
    cc.check("outages_per_year", *measured(result, "nodes", "outages"))
    cc.check("mttff", *mttff(result, "nodes"))


def test_shocks_on_two_of_three_on_both_engines() -> None:
    assert_engines_agree(SHOCKS, "690000 h")


def test_replicas_in_zones_of_a_region(case: Cases) -> None:
    cc = case("cc-03")
    result = simulate(NESTED, 100)
    cc.check("unavailability", *unavailability(result, "replicas"))
    cc.check("outages_per_year", *measured(result, "replicas", "outages"))
