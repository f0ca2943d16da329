"""The exact engine on the verification cases whose delays are exponential: every value to 1e-9, none estimated."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import test_cascade
import test_common_cause
import test_k_of_n
import test_network
import test_repair_crews
import test_single_unit
import test_standby
from verification import HOUR_S, YEAR_H, Case, fleet
from workstations import ITEMS, cluster

import outlast
from outlast.engines.exact import Solution, solve
from outlast.program import Builder, Metric, Site, Term, rate_of, value_of
from outlast.stats.distributions import exponential

ENGINE = "exact"

Cases = Callable[[str], Case]

YEAR_S = YEAR_H * HOUR_S


def solved(text: str) -> Solution:
    """The solution of a scenario written in YAML."""
    return solve(outlast.loads(text).program())


def check_outages(case: Case, solution: Solution, component: str) -> None:
    """What most records ask for: unavailability, outages per year, their mean duration, time to the first one."""
    ours = {
        "unavailability": lambda: solution.steady(component, "downtime") / YEAR_S,
        "outages_per_year": lambda: solution.steady(component, "outages"),
        "mean_outage": lambda: solution.mean_outage(component) / HOUR_S,
        "mttff": lambda: solution.mttf(component) / HOUR_S,
    }
    asked = [q["quantity"] for q in case.record["quantities"] if q["quantity"] in ours]
    assert asked
    for quantity in asked:
        case.check_exact(quantity, ours[quantity]())


# -- single-unit ------------------------------------------------------------------------------------------------
def one(component: str, horizon: str) -> Solution:
    """A single component on its own."""
    return solved(f"scenario: one\nhorizon: {horizon}\ncomponents:\n{fleet(1, component)}")


def check_single(su: Case, solution: Solution, point_h: float, interval_h: float) -> None:
    su.check_exact("steady_state_availability", solution.steady("unit-0", "availability"))
    su.check_exact("point_availability", solution.at("unit-0", "availability", point_h * HOUR_S))
    su.check_exact("interval_availability", solution.over_horizon("unit-0", "availability"))
    failures = solution.over_horizon("unit-0", "failures")
    su.check_exact("expected_failures", failures * interval_h / YEAR_H)


def test_month_of_a_service_that_starts_up(case: Cases) -> None:
    su, solution = case("su-01"), one(test_single_unit.SERVICE, "720 h")
    check_single(su, solution, 24, 720)
    su.check_exact("reliability", solution.reliability("unit-0", 100 * HOUR_S))


def test_seven_nines(case: Cases) -> None:
    component = test_single_unit.SERVICE.replace("1000 h", "500000 h").replace(" 8 h", " 0.05 h")
    su, solution = case("su-02"), one(component, "8760 h")
    check_single(su, solution, 0.1, YEAR_H)
    su.check_exact("reliability", solution.reliability("unit-0", YEAR_S))


def test_service_that_starts_down(case: Cases) -> None:
    check_single(case("su-03"), one(test_single_unit.DOWN_SERVICE, "10 h"), 3, 10)


# -- k-of-n ---------------------------------------------------------------------------------------------------------
def test_two_of_three(case: Cases) -> None:
    check_outages(case("kn-01"), solved(test_k_of_n.QUORUM), "quorum")


def test_95_of_100_nodes(case: Cases) -> None:
    kn, solution = case("kn-02"), solved(test_k_of_n.GPU_NODES)
    assert solution.size == 101
    check_outages(kn, solution, "nodes")
    at_least = [solved(test_k_of_n.GPU_NODES.replace("needs_up: 95", f"needs_up: {k}")) for k in (98, 99)]
    up = [each.steady("nodes", "availability") for each in at_least]
    kn.check_exact("p_exactly_2_down", up[0] - up[1])


def test_two_of_three_unlike_components(case: Cases) -> None:
    kn, solution = case("kn-03"), solved(test_k_of_n.VOTING)
    check_outages(kn, solution, "vote")
    kn.check_exact("failure_frequency", solution.frequency("vote") * HOUR_S)


def test_nodes_idle_while_the_job_is_stopped(case: Cases) -> None:
    kn, solution = case("kn-04"), solved(test_k_of_n.SUSPENDED)
    check_outages(kn, solution, "job")
    kn.check_exact("stops_per_1000h", solution.frequency("job") * 1000 * HOUR_S)


# -- repair-crews ---------------------------------------------------------------------------------------------------
def test_one_crew(case: Cases) -> None:
    check_outages(case("rc-01"), solved(test_repair_crews.ONE_CREW), "nodes")


def test_four_crews_for_200_nodes(case: Cases) -> None:
    rc, solution = case("rc-02"), solved(test_repair_crews.FOUR_CREWS)
    assert solution.size == 201
    check_outages(rc, solution, "nodes")
    rc.check_exact("mean_nodes_down", solution.steady("nodes", "failed_items"))
    rc.check_exact("mean_wait_for_crew", solution.steady("nodes", "mean_wait") / HOUR_S)


def test_databases_preempt_workers(case: Cases) -> None:
    check_outages(case("rc-03"), solved(test_repair_crews.PREEMPTIVE), "service")


# -- rare-event -----------------------------------------------------------------------------------------------------
def rare(count: int, needed: int, life: str, repair: str) -> Solution:
    return solved(f"""
scenario: rare
horizon: 1 y
components:
  nodes:
    kind: component
    count: {count}
    needs_up: {needed}
    time_to_failure: {{exponential: {life}}}
    repair: {{lasts: {{exponential: {repair}}}}}
""")


def test_pair_that_is_down_once_in_ten_thousand_years(case: Cases) -> None:
    check_outages(case("re-01"), rare(2, 1, "5000 h", "0.16 h"), "nodes")


def test_quorum_with_an_unavailability_of_1e_10(case: Cases) -> None:
    check_outages(case("re-02"), rare(5, 3, "8760 h", "2 h"), "nodes")


def test_mission_of_a_day(case: Cases) -> None:
    solution = rare(3, 2, "10000 h", "1 h")
    case("re-03").check_exact("mission_unreliability", solution.unreliability("nodes", 24 * HOUR_S))


# -- standby --------------------------------------------------------------------------------------------------------
def test_cold_standby(case: Cases) -> None:
    check_outages(case("sb-01"), solved(test_standby.COLD), "pair")


def test_warm_standby(case: Cases) -> None:
    check_outages(case("sb-02"), solved(test_standby.WARM), "pair")


def test_failover_that_is_not_always_covered(case: Cases) -> None:
    sb, solution = case("sb-03"), solved(test_standby.COVERAGE)
    check_outages(sb, solution, "cluster")
    sb.check_exact("downtime_min_per_year", solution.steady("cluster", "downtime") / 60)


# -- common-cause ---------------------------------------------------------------------------------------------------
def test_pair_with_beta_factor(case: Cases) -> None:
    cc, text = case("cc-01"), test_common_cause.BETA_FACTOR
    lines = [line for line in text.splitlines() if "unit-" not in line or "unit-0" in line]
    solution = solved("\n".join(lines))
    cc.check_exact("mttf", solution.mttf("unit-0") / HOUR_S)
    cc.check_exact("unreliability", solution.unreliability("unit-0", 1000 * HOUR_S))


def test_shocks_on_two_of_three(case: Cases) -> None:
    check_outages(case("cc-02"), solved(test_common_cause.SHOCKS), "nodes")


def test_replicas_in_zones_of_a_region(case: Cases) -> None:
    check_outages(case("cc-03"), solved(test_common_cause.NESTED), "replicas")


# -- network --------------------------------------------------------------------------------------------------------
def test_bridge(case: Cases) -> None:
    check_outages(case("nw-01"), solved(test_network.BRIDGE), "connection")


def test_serving_platform_in_series(case: Cases) -> None:
    nw, solution = case("nw-02"), solved(test_network.PLATFORM)
    check_outages(nw, solution, "serving")
    nw.check_exact("downtime_min_per_30d", solution.steady("serving", "downtime") * 30 / 365 / 60)


def test_identity_service_shared_by_two_regions(case: Cases) -> None:
    check_outages(case("nw-03"), solved(test_network.IDENTITY), "service")


# -- cascade --------------------------------------------------------------------------------------------------------
def test_nodes_pause_without_power(case: Cases) -> None:
    check_outages(case("ca-01"), solved(test_cascade.RACK), "nodes")


def test_surge_breaks_some_nodes(case: Cases) -> None:
    check_outages(case("ca-02"), solved(test_cascade.SURGE), "nodes")


# -- performability -------------------------------------------------------------------------------------------------
def test_demand_of_ten_servers_on_twelve(case: Cases) -> None:
    b = Builder(1.0)
    life = b.lifecycle("server").state("up", tags=["up"]).state("down")
    life.after(exponential(200 * HOUR_S), "up", "down").after(exponential(10 * HOUR_S), "down", "up")
    b.group("up")
    b.cohort("servers", life, 12, member={"up": ["up"]})
    demand = b.profile("demand", 1.0, [(0.0, 10.0)])
    b.service("service", value_of(demand), [Site("only", (Term("up", capacity=1.0),))])
    b.condition("full", rate_of("service", "served"), 10, measured="service", meter="degraded")
    served, offered = ((1.0, "service.served"),), ((1.0, "service.offered"),)
    b.metric(Metric("service", "served", "share", "", "ratio", served, offered))
    b.metric(Metric("service", "full", "share", "", "share", ((1.0, "degraded"),), complement=True))
    pf, solution = case("pf-01"), solve(b.build())
    pf.check_exact("served_fraction", solution.steady("service", "served"))
    pf.check_exact("full_service_availability", solution.steady("service", "full"))


# -- prism-benchmark ------------------------------------------------------------------------------------------------
def check_cluster(pb: Case, side: int) -> None:
    qos = {"minimum": side * 3 // 4, "premium": side}
    solution = solve(cluster(side, qos, tuple(ITEMS), inspection_h=0.1))
    month, day = 2000 * HOUR_S, 20 * HOUR_S
    pb.check_exact("premium_steady", 1.0 - solution.steady("premium", "down"))
    pb.check_exact("below_min", solution.over_horizon("minimum", "down") * 2000)
    pb.check_exact("operational", 100.0 * solution.at("cluster", "working", day))
    pb.check_exact("qos1", solution.unreliability("minimum", month))
    pb.check_exact("qos2", solution.at("minimum", "down", day))
    pb.check_exact("repairs", solution.over_horizon("cluster", "repairs"))


def test_cluster_of_two_workstations_a_side(case: Cases) -> None:
    check_cluster(case("pb-01"), 2)


def test_cluster_of_four_workstations_a_side(case: Cases) -> None:
    check_cluster(case("pb-02"), 4)


@pytest.mark.parametrize(
    ("quantity", "order"),
    [
        ("mttf_policy_W", ("left", "right", "left switch", "right switch", "backbone")),
        ("mttf_policy_S", ("left switch", "right switch", "left", "right", "backbone")),
    ],
)
def test_order_of_repair_in_a_cluster(case: Cases, quantity: str, order: tuple[str, ...]) -> None:
    solution = solve(cluster(4, {"cluster": 1}, order, inspection_h=0.0))
    case("pb-04").check_exact(quantity, solution.mttf("cluster") / HOUR_S)
