"""`cost`: prices times what is measured, worked out by hand; mistakes in prices."""

import pytest

import outlast
from outlast.engines.exact import solve
from outlast.errors import ScenarioError
from outlast.run.measures import CONSTANT
from outlast.scenario import from_dict, loads

YEAR_H = 8760.0
CENT = "36 USD/h"  # a cent per second
DB = {"kind": "component", "time_to_failure": "9 d", "repair": {"lasts": "1 d"}}


def method(run, component, measure):
    rows = run.result.estimates
    return rows[(rows["component"] == component) & (rows["measure"] == measure)]["method"].iloc[0]


def test_downtime_costs_its_price_for_every_hour(play):
    prices = {
        "item": "2.50 USD/h",
        "spare": "1 USD/h",
        "downtime": "5000 USD/h",
        "failure": "400 USD/event",
        "fixed": "100 USD/month",
    }
    run = play({"db": {**DB, "count": 3, "needs_up": 2, "cost": prices}}, "100 d")  # all fail together
    assert run.value("db", "cost_downtime") == pytest.approx(5000 * 0.1 * YEAR_H)
    assert run.value("db", "cost_repairs") == pytest.approx(3 * 10 * 400 * 3.65)
    assert run.value("db", "cost_capacity") == pytest.approx(2 * 2.5 * YEAR_H + 1200)
    assert run.value("db", "cost_spares") == pytest.approx(YEAR_H)
    items = [run.value("db", f"cost_{item}") for item in ("downtime", "repairs", "capacity", "spares")]
    assert run.value("db", "cost") == pytest.approx(sum(items))
    assert run.value("platform", "cost") == run.value("db", "cost")


def test_expected_cost_of_downtime_is_price_times_unavailability(sample, close):
    db = {
        **DB,
        "time_to_failure": {"exponential": "9 d"},
        "repair": {"lasts": {"exponential": "1 d"}},
        "cost": {"item": "1 USD/h", "downtime": "5000 USD/h"},
    }
    run = sample({"db": db}, "1 y", 400)
    solution = solve(run.scenario.program(), 100)
    assert solution.steady("db", "cost") == pytest.approx(YEAR_H + 5000 * 0.1 * YEAR_H)
    close(run.values("db", "cost"), solution.over_horizon("db", "cost"))


def test_items_in_standby_have_their_own_price(play):
    db = {
        **DB,
        "count": 3,
        "needs_up": 1,
        "standby": {"dormancy": 0},
        "cost": {"item": "3 USD/h", "standby": "1 USD/h"},
    }
    run = play({"db": db}, "1 d")
    assert run.value("db", "cost_standby") == pytest.approx(2 * YEAR_H)
    assert run.value("db", "cost_capacity") == pytest.approx(3 * YEAR_H)
    assert method(run, "db", "cost_standby") == CONSTANT


def test_lost_host_hours_are_those_without_lasting_progress(play):
    # down at 250 for 10 s, restart until 310: 60 s not productive, 50 s lost, on each of 2 needed hosts of 3
    job = {"kind": "training_cluster", "hosts": {"count": 3, "needs": 2, "time_to_failure": "9 y"}, "needs": ["net"],
           "checkpoint": {"every": "100 s", "restart": "50 s"}, "cost": {"host": CENT, "lost_host": CENT}}  # fmt: skip
    net = {"kind": "component", "time_to_failure": {"at": ["250 s"]}, "repair": {"lasts": "10 s"}}
    run = play({"job": job, "net": net}, "1000 s")
    a_year = YEAR_H * 3600 / 1000
    assert run.value("job", "cost_lost_work") == pytest.approx(0.01 * 2 * 110 * a_year)
    assert run.value("job", "cost_capacity") == pytest.approx(0.01 * 2 * 1000 * a_year)
    assert run.value("job", "cost_spares") == pytest.approx(0.01 * 1000 * a_year)


def test_autoscaled_replicas_are_paid_from_their_start(play):
    # 300 req/s on 3 replicas of 100: at 50 s the use is 100 %, so 6 are wanted for a target of 50 %
    scale = {
        "target": "50 %",
        "min": 3,
        "max": 10,
        "every": "100 s",
        "phase": "50 s",
        "metrics_age": "0 s",
        "cold_start": "30 s",
    }
    api = {"kind": "serving_endpoint", "regions": {"north": "active"}, "demand": {"constant": "300 req/s"},
           "replica": {"capacity": "100 req/s"}, "autoscale": scale, "cost": {"replica": CENT}}  # fmt: skip
    run = play({"api": api}, "1000 s", regions={"north": {}})
    assert run.value("api", "cost_capacity") == pytest.approx(0.01 * (3 * 50 + 6 * 950) * YEAR_H * 3600 / 1000)
    assert run.value("api", "cost") == pytest.approx(36 * run.value("api", "replica_hours"))


def test_replicas_of_the_standby_region_and_lost_requests(play):
    # everything fails from 100 s to 200 s: 30,000 requests are lost
    api = {"kind": "serving_endpoint", "regions": {"north": "active", "south": "standby"}, "demand": {"constant": "300 req/s"}, "needs": ["net"],
           "replica": {"count": {"north": 4, "south": 2}, "capacity": "100 req/s"},
           "cost": {"replica": "2 USD/h", "standby": "1 USD/h", "lost_request": "1 USD/kreq"}}  # fmt: skip
    net = {"kind": "component", "time_to_failure": {"at": ["100 s"]}, "repair": {"lasts": "100 s"}}
    run = play({"api": api, "net": net}, "1000 s", regions={"north": {}, "south": {}})
    assert run.value("api", "cost_capacity") == pytest.approx(4 * 2 * YEAR_H)
    assert run.value("api", "cost_standby") == pytest.approx(2 * YEAR_H)
    assert run.value("api", "cost_lost_requests") == pytest.approx(30 * YEAR_H * 3600 / 1000)


def test_store_pays_for_copies_and_for_what_travels(play):
    store = {"kind": "feature_store", "primary": "north", "replicas": ["south"], "local_replicas": 1, "replication": {"writes": "40 MB/s"},
             "cost": {"node": "3 USD/h", "replica": "2 USD/h", "storage": "23 USD/TB/month", "stored": "2 TB", "transfer": "0.02 USD/GB"}}  # fmt: skip
    run = play({"store": store}, "1 d", regions={"north": {}, "south": {}})
    assert run.value("store", "cost_storage") == pytest.approx(23 * 2 * 3 * 12)
    assert run.value("store", "cost_transfer") == pytest.approx(0.02 * 0.04 * YEAR_H * 3600)  # one replica elsewhere
    assert run.value("store", "cost_standby") == pytest.approx(2 * 2 * YEAR_H)


def test_people_are_paid_on_duty_and_on_call(play):
    crew = {"people": 2, "hours": "business", "on_call": 1, "cost": {"person": "80 USD/h", "on_call": "10 USD/h"}}
    db = {**DB, "repair": {"lasts": "1 d", "team": "crew"}}
    run = play({"db": db}, "1 d", teams={"crew": crew})
    assert run.value("team crew", "cost_people") == pytest.approx((80 * 2 * 40 + 10 * 128) / 168 * YEAR_H)


def test_systems_and_links_have_fixed_prices(play):
    system = {"kind": "system", "all_of": ["db", "line"], "cost": {"downtime": "100 USD/h"}}
    line = {"between": ["north", "south"], "cost": {"fixed": "200 USD/month"}}
    run = play({"db": DB, "all": system}, "100 d", regions={"north": {}, "south": {}}, links={"line": line})
    assert run.value("all", "cost") == pytest.approx(100 * 0.1 * YEAR_H)
    assert run.value("platform", "cost") == pytest.approx(2400 + 100 * 0.1 * YEAR_H)


def test_price_of_zero_costs_nothing_for_sure(play):
    run = play({"db": {**DB, "cost": {"item": "0 USD/h", "downtime": "0 USD/h"}}}, "1 d")
    rows = run.result.estimates.set_index(["component", "measure"]).loc["platform"]
    assert list(rows["mean"]) == list(rows["ci_high"]) == [0.0, 0.0, 0.0]
    assert set(rows["method"]) == {CONSTANT}


def test_cost_of_downtime_that_was_not_seen_is_open_above(play):
    rows = play(
        {"db": {**DB, "time_to_failure": "9 y", "cost": {"item": "1 USD/h", "downtime": "1 USD/h"}}}, "1 d"
    ).result.estimates
    cost = rows[(rows["component"] == "db") & (rows["measure"] == "cost")].iloc[0]
    assert (cost["mean"], cost["ci_low"], cost["ci_high"]) == (
        pytest.approx(YEAR_H),
        pytest.approx(YEAR_H),
        float("inf"),
    )


def test_without_prices_nothing_is_charged():
    metrics = from_dict({"scenario": "x", "horizon": "1 d", "components": {"db": DB}}).program().metrics
    assert not [metric for metric in metrics if "cost" in metric.measure]


def test_variant_that_adds_a_spare_costs_exactly_that():
    random = {"time_to_failure": {"exponential": "9 d"}, "cost": {"item": "2 USD/h", "downtime": "50 USD/h"}}
    data = {"scenario": "x", "horizon": "100 d", "components": {"a": {**DB, **random, "count": 2, "needs_up": 2}, "b": {**DB, **random}},
            "variants": {"spare": {"components.a.count": 3}}}  # fmt: skip
    rows = outlast.compare(from_dict(data), variants=["spare"], replications=20).differences.set_index(
        ["component", "measure"]
    )
    assert "cost_spares" not in rows.loc["a"].index  # only one side has it
    capacity, b = rows.loc[("a", "cost_capacity")], rows.loc[("b", "cost")]
    assert (capacity["mean"], capacity["verdict"]) == (0.0, "exactly equal")
    assert (b["mean"], b["ci_low"], b["ci_high"], b["verdict"]) == (0.0, 0.0, 0.0, "exactly equal")
    assert rows.loc[("a", "cost_downtime")]["verdict"] == "better"
    saved = rows.loc[("a", "cost_downtime")]["mean"]
    assert rows.loc[("platform", "cost")]["mean"] == pytest.approx(saved + 2 * YEAR_H)


def test_price_that_differs_differs_exactly():
    db = {**DB, "time_to_failure": {"exponential": "9 d"}, "cost": {"item": "2 USD/h"}}
    data = {
        "scenario": "x",
        "horizon": "100 d",
        "components": {"db": db},
        "variants": {"dear": {"components.db.cost.item": "3 USD/h"}},
    }
    rows = outlast.compare(from_dict(data), variants=["dear"], replications=20).differences.set_index(
        ["component", "measure"]
    )
    cost = rows.loc[("db", "cost")]
    assert (cost["base_mean"], cost["other_mean"]) == (pytest.approx(2 * YEAR_H), pytest.approx(3 * YEAR_H))
    assert (cost["mean"], cost["ci_low"], cost["ci_high"]) == (pytest.approx(YEAR_H),) * 3
    assert cost["verdict"] == "worse"
    assert set(rows.loc["db"].drop(["cost", "cost_capacity"])["verdict"]) <= {"exactly equal"}


@pytest.mark.parametrize(("bound", "verdict"), [("11 kUSD/y", None), ("1000 USD/month", "met"), ("1 USD/h", "not met")])
def test_objective_on_cost_in_any_unit_of_time(bound, verdict):
    data = {"scenario": "x", "horizon": "1 d", "components": {"db": {**DB, "cost": {"item": "1.2 USD/h"}}},
            "objectives": [{"of": "platform", "measure": "cost", "at_most": bound}]}  # fmt: skip
    if verdict is None:
        with pytest.raises(ScenarioError, match="unknown unit 'kUSD/y'"):
            from_dict(data)
    else:
        result = outlast.run(from_dict(data), replications=3)
        assert [row["verdict"] for row in result.thresholds] == [verdict]


SCENARIO = """\
scenario: prices
horizon: 1 d
{top}
regions: {{north: {{}}, south: {{}}}}
teams: {{crew: {{people: 1, cost: {{person: 80 USD/h}}}}}}
components:
  {name}:
    kind: {kind}
    cost: {cost}
"""
COMPONENT = "component\n    time_to_failure: 9 d"
STORE = "feature_store\n    primary: north\n    replicas: [south]"


@pytest.mark.parametrize(
    ("changes", "where", "message", "hint"),
    [
        ({"cost": "{item: 3 AED/h}"}, "10:18", "3 AED/h is not in USD, as other prices are", "one currency"),
        ({"top": "currency: AED", "cost": "{item: 3 AED/h}"}, "5:42", "80 USD/h is not in AED, as `currency` says", "one currency"),
        ({"top": "currency: dirham"}, "3:11", "not a currency (got 'dirham')", "`USD`, `AED`"),
        ({"cost": "{item: 3}"}, "10:18", "money per time needs a unit (got 3)", "write `3 USD/h`, not `3`"),
        ({"cost": "{item: 3 USD}"}, "10:18", "unknown unit 'USD'", "12 USD/h"),
        ({"cost": "{failure: 3 USD/h}"}, "10:21", "is money per time, but money per event is needed", "400 USD/event"),
        ({"cost": "{item: -3 USD/h}"}, "10:18", "must not be negative", "12 USD/h"),
        ({"cost": "{itme: 3 USD/h}"}, "10:12", "itme", "item"),
        ({"cost": "{standby: 3 USD/h}"}, "10:21", "the component has no `standby`", "price `spare` items"),
        ({"name": "platform"}, "7:3", "'platform' is the name of the total of all costs", "another name"),
        ({"kind": STORE, "cost": "{stored: 2 TB}"}, "11:11", "needs both `storage`, a price, and `stored`", ""),
        ({"kind": STORE, "cost": "{transfer: 2 USD/GB}"}, "11:22", "needs `replication.writes`", ""),
    ],
)  # fmt: skip
def test_mistake_in_prices_is_located(changes, where, message, hint):
    text = SCENARIO.format(**{"top": "seed: 1", "name": "db", "kind": COMPONENT, "cost": "{item: 3 USD/h}"} | changes)
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    problems = caught.value.problems
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert where in str(problems[0])
    assert message in str(problems[0])
    assert hint in str(problems[0])


def test_nobody_on_call_has_no_price():
    team = {"people": 1, "hours": "business", "cost": {"on_call": "3 USD/h"}}
    with pytest.raises(ScenarioError, match="nobody is on call"):
        from_dict({"scenario": "x", "horizon": "1 d", "teams": {"crew": team}})
