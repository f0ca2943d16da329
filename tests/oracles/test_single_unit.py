"""su-*: one repairable service, in the long run and from a known start."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from verification import (
    YEAR_H,
    Case,
    down_at,
    failed_by,
    fleet,
    mean_of,
    measured,
    share_of,
    simulate,
    std_of,
    values,
)

Cases = Callable[[str], Case]

SERVICE = """
    kind: component
    time_to_failure: {exponential: 1000 h}
    repair: {lasts: {exponential: 8 h}}
    """
MONTH = "scenario: month\nhorizon: 720 h\ncomponents:\n" + fleet(100, SERVICE)

LONG_RUN = """
scenario: long-run
horizon: 300 y
warm_up: 1000 h
components:
  service:
    kind: component
    time_to_failure: {exponential: 1000 h}
    repair: {lasts: {exponential: 8 h}}
"""

SEVEN_NINES = """
scenario: seven-nines
horizon: 1000 y
window: 1 y
components:
  service:
    kind: component
    time_to_failure: {exponential: 500000 h}
    repair: {lasts: {exponential: 0.05 h}}
"""

DOWN_SERVICE = """
    kind: component
    start: down
    time_to_failure: {exponential: 50 h}
    repair: {lasts: {exponential: 5 h}}
    """
FROM_DOWN = "scenario: from-down\nhorizon: 10 h\ncomponents:\n" + fleet(100, DOWN_SERVICE)

AFTER_DOWN = """
scenario: after-down
horizon: 20 y
warm_up: 1000 h
components:
  service:
    kind: component
    start: down
    time_to_failure: {exponential: 50 h}
    repair: {lasts: {exponential: 5 h}}
"""


def test_month_of_a_service_that_starts_up(case: Cases) -> None:
    su = case("su-01")
    result = simulate(MONTH, 400)
    up, down_h = values(result, "availability"), (1.0 - values(result, "availability")) * 720
    su.check("point_availability", *share_of(down_at(result, 24), len(up)).complement())
    su.check("interval_availability", *mean_of(up))
    su.check("expected_failures", *mean_of(values(result, "failures")).times(720 / YEAR_H))
    su.check("reliability", *share_of(failed_by(result, 100), len(up)).complement())
    su.check("std_downtime", *std_of(down_h))


def test_month_of_a_service_in_the_long_run(case: Cases) -> None:
    case("su-01").check("steady_state_availability", *measured(simulate(LONG_RUN, 200), "service", "availability"))


def test_seven_nines_by_year(case: Cases) -> None:
    """The years of long runs: a year starts up but for a chance of 1e-7, which changes nothing that is compared."""
    su = case("su-02")
    result = simulate(SEVEN_NINES, 200)
    su.check("steady_state_availability", *measured(result, "service", "availability"))
    years = result.windows
    up = years.loc[years.measure == "availability", "value"].to_numpy()
    failures = years.loc[years.measure == "failures", "value"].to_numpy()
    su.check("interval_availability", *mean_of(up))
    su.check("expected_failures", *mean_of(failures))
    su.check("reliability", *share_of(int((failures > 0).sum()), len(up)).complement())
    su.check("std_downtime", *std_of((1.0 - up) * YEAR_H))


def test_seven_nines_shortly_after_the_start(case: Cases) -> None:
    """Down 0.1 h after a start: 9e-8.  A life is exponential, so every instant at which the service is up is such a
    start; an outage of length d makes min(0.1 h, d) of the starts before it find the service down."""
    result = simulate(SEVEN_NINES.replace("window: 1 y\n", "").replace("1000 y", "20000 y"), 200)
    outages = result.outages
    assert len(outages) > 50_000
    found = np.minimum(outages.duration_s / 3600, 0.1).groupby(outages.replication).sum()
    shares = found.reindex(range(result.n), fill_value=0.0).to_numpy() / (20_000 * YEAR_H)
    case("su-02").check("point_availability", *mean_of(shares).complement())


def test_service_that_starts_down(case: Cases) -> None:
    su = case("su-03")
    result = simulate(FROM_DOWN, 400)
    up = values(result, "availability")
    su.check("point_availability", *share_of(down_at(result, 3), len(up)).complement())
    su.check("interval_availability", *mean_of(up))
    su.check("expected_failures", *mean_of(values(result, "failures")).times(10 / YEAR_H))
    su.check("std_downtime", *std_of((1.0 - up) * 10))


def test_service_that_started_down_in_the_long_run(case: Cases) -> None:
    case("su-03").check("steady_state_availability", *measured(simulate(AFTER_DOWN, 200), "service", "availability"))
