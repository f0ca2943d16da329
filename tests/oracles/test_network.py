"""nw-*: structures of independent parts."""

from __future__ import annotations

from collections.abc import Callable

from verification import Case, measured, mttff, simulate, unavailability

Cases = Callable[[str], Case]

BRIDGE = """
scenario: bridge
horizon: 65000 h  # 15 times the mean time to the first outage
components:
  s-a: {kind: component, time_to_failure: {exponential: 300 h}, repair: {lasts: {exponential: 6 h}}}
  s-b: {kind: component, time_to_failure: {exponential: 400 h}, repair: {lasts: {exponential: 8 h}}}
  a-t: {kind: component, time_to_failure: {exponential: 500 h}, repair: {lasts: {exponential: 5 h}}}
  b-t: {kind: component, time_to_failure: {exponential: 250 h}, repair: {lasts: {exponential: 10 h}}}
  a-b: {kind: component, time_to_failure: {exponential: 200 h}, repair: {lasts: {exponential: 4 h}}}
  connection:
    kind: system
    any_of:
      - all_of: [s-a, a-t]
      - all_of: [s-b, b-t]
      - all_of: [s-a, a-b, b-t]
      - all_of: [s-b, a-b, a-t]
"""

PLATFORM = """
scenario: serving-platform
horizon: 50 y
warm_up: 1000 h
components:
  load-balancer:
    kind: component
    count: 2
    needs_up: 1
    time_to_failure: {exponential: 4000 h}
    repair: {lasts: {exponential: 2 h}}
  api-gateway:
    kind: component
    count: 3
    needs_up: 2
    time_to_failure: {exponential: 1500 h}
    repair: {lasts: {exponential: 1 h}}
  feature-store:
    kind: component
    count: 2
    needs_up: 1
    time_to_failure: {exponential: 2000 h}
    repair: {lasts: {exponential: 4 h}}
  model-server:
    kind: component
    count: 10
    needs_up: 8
    time_to_failure: {exponential: 700 h}
    repair: {lasts: {exponential: 3 h}}
  model-registry:
    kind: component
    time_to_failure: {exponential: 8000 h}
    repair: {lasts: {exponential: 1 h}}
  serving:
    kind: system
    all_of: [load-balancer, api-gateway, feature-store, model-server, model-registry]
"""

IDENTITY = """
scenario: shared-identity
horizon: 20 y
warm_up: 1000 h
components:
  identity: {kind: component, time_to_failure: {exponential: 3000 h}, repair: {lasts: {exponential: 1 h}}}
  east: {kind: component, time_to_failure: {exponential: 400 h}, repair: {lasts: {exponential: 8 h}}}
  west: {kind: component, time_to_failure: {exponential: 400 h}, repair: {lasts: {exponential: 8 h}}}
  service:
    kind: system
    any_of:
      - all_of: [east, identity]
      - all_of: [west, identity]
"""


def test_bridge(case: Cases) -> None:
    nw = case("nw-01")
    result = simulate(BRIDGE, 600)
    nw.check("unavailability", *unavailability(result, "connection"))
    nw.check("outages_per_year", *measured(result, "connection", "outages"))
    nw.check("mttff", *mttff(result, "connection"))


def test_serving_platform_in_series(case: Cases) -> None:
    nw = case("nw-02")
    result = simulate(PLATFORM, 200)
    nw.check("unavailability", *unavailability(result, "serving"))
    nw.check("outages_per_year", *measured(result, "serving", "outages"))
    nw.check("downtime_min_per_30d", *measured(result, "serving", "downtime").times(30 / 365 / 60))


def test_identity_service_shared_by_two_regions(case: Cases) -> None:
    case("nw-03").check("unavailability", *unavailability(simulate(IDENTITY, 300), "service"))
