"""pf-*: what is served while some of the capacity is gone."""

from __future__ import annotations

from collections.abc import Callable

from verification import Case, assert_engines_agree, measured, simulate

Cases = Callable[[str], Case]

SERVERS = """
scenario: degraded-capacity
horizon: 20 y
warm_up: 1000 h
regions:
  site: {}
components:
  model:
    kind: serving_endpoint
    regions: {site: active}
    demand: {constant: 1000 req/s}
    replica: {count: 12, capacity: 100 req/s, time_to_failure: {exponential: 200 h}, restart: {exponential: 10 h}}
    available_above: 100 %
"""


def test_degraded_capacity_serves_a_part_of_the_demand(case: Cases) -> None:
    pf = case("pf-01")
    result = simulate(SERVERS, 200)
    pf.check("served_fraction", *measured(result, "model", "served_share"))
    pf.check("full_service_availability", *measured(result, "model", "availability"))


def test_degraded_capacity_on_both_engines() -> None:
    assert_engines_agree(SERVERS, "10000 h")
