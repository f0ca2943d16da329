"""Random platforms whose failures stop after a while: both engines agree, the books balance, and everything recovers.

All failures happen in the first 1000 s, at multiples of 10 s (so that many coincide), and everything that follows them
takes at most some hundred seconds: whatever is still down two days later is stuck.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

Pick = Callable[..., Any]
HORIZON_S = 3 * 86_400.0


def platform(seed: int) -> dict[str, Any]:
    """Sections of a scenario."""
    luck = random.Random(seed)
    pick = luck.choice

    def delay(most: int = 30) -> str:
        return f"{10 * luck.randint(0, most)} s"

    def script(most: int = 3) -> dict[str, Any]:
        return {"at": [f"{10 * t} s" for t in sorted(luck.sample(range(1, 100), luck.randint(1, most)))]}

    def outage() -> dict[str, Any] | None:
        return pick([None, {"every": script(), "lasts": delay()}, {"every": script(2), "lasts": "10 s"}])

    def repair() -> dict[str, Any]:
        spec: dict[str, Any] = {"lasts": delay()}
        if luck.random() < 0.6:
            spec |= {"team": "crew", "priority": luck.randint(0, 2), "preempts": pick([True, False]),
                     "when_preempted": pick(["resume", "restart"]), "works": pick(["through", "in_hours"])}  # fmt: skip
        if spec.get("works") == "through" and on_call and pick([True, False]):
            spec["slower_off_hours"] = 2
        return spec | {"effect": pick(["as_new", {"keeps": "0 %"}])}

    def item(**more: Any) -> dict[str, Any]:
        spec = {"kind": "component", "repair": repair(), **more}
        if pick([True, False]):
            spec |= {"time_to_failure": "90 d", "count": pick([1, 2, 5]),
                     "age": {"uniform": {"low": "7774900 s", "high": "7776000 s"}}}  # fmt: skip
            spec["needs_up"] = luck.randint(1, spec["count"])
            spec["while_serving_only"] = pick([True, False])
            if pick([True, False]):
                spec["failover"] = pick([{"takes": delay()}, {"takes": "10 s", "coverage": 0.5, "uncovered": delay()}])
        else:
            spec |= {"time_to_failure": script()}
            spec["repair"].pop("effect")
        if pick([True, False]):
            spec["detection"] = delay(5)
        spec["at"] = pick(["north.*", "south", "north", ["north.a", "south"]])
        if "age" in spec:
            spec["pauses_with"] = pick([[], ["north"], ["south"]])
        return spec

    on_call = pick([0, 1])
    steps = {k: delay(10) for k in ("detect", "decide")}
    store: dict[str, Any] = {
        "kind": "feature_store", "primary": pick(["north", "north.a", "south"]),
        "replicas": pick([[], ["south"], ["south", "west"], ["north.b"]]), "local_replicas": luck.randint(0, 2),
        "time_to_failure": script(4), "rebuild": delay(40), "failover": {**steps, "promote": delay(10)},
        "replication": pick([{}, {"lag": {"exponential": "2 s"}}, {"lag": "2 s", "writes": "1 MB/s", "link": "wan"}]),
        "replica_time_to_failure": pick([None, "700 h"]),
        "needs": pick([[], ["a"]]),
    }  # fmt: skip
    if pick([True, False]):
        store["backup"] = {"every": "310 s", "takes": delay(5), "restore": delay()}
    train = {"kind": "training_cluster", "at": pick([None, "north", "west"]), "repair": repair(),
             "hosts": {"count": 6, "needs": luck.randint(1, 6), "time_to_failure": "90 d",
                       "age": {"uniform": {"low": "7774900 s", "high": "7776000 s"}}},
             "checkpoint": {"every": "300 s", "cost": pick(["0 s", "10 s"]), "restart": delay(10)},
             "detection": delay(5), "needs": pick([[], ["db"], ["a", "wan"]])}  # fmt: skip
    roles = pick([{"north": "active"}, {"north": "active", "south": "standby"}, {"west": "active", "north": "standby"},
                  {"north": "active", "south": "active", "west": "active"}])  # fmt: skip
    api = {"kind": "serving_endpoint", "regions": roles, "demand": {"constant": "20 req/s"},
           "replica": {"count": luck.randint(2, 5), "capacity": "30 req/s"}, "retry": pick([0, 0.5, 1]),
           "zone_detection": delay(5), "needs": pick([[], ["b"]]), "degraded_by": pick([{}, {"db": 0.5}]),
           "failover": {**steps, "shift": delay(5), "failback": {"hold": delay(), "takes": delay(5),
                                                                 "disruptive": pick([True, False])}}}  # fmt: skip
    if pick([True, False]):
        api["autoscale"] = {
            "target": pick(["50 %", "80 %"]),
            "min": 2,
            "max": luck.randint(5, 8),
            "phase": pick(["0 s", None]),
            "every": pick(["5 s", "10 s"]),
            "cold_start": delay(5),
            "replace_after": delay(10),
            "metrics_age": pick([None, "0 s"]),
            "scale_down_after": pick(["0 s", "1 min"]),
        }
    components = {"a": item(), "b": item(failure_strikes={"a": 0.5}), "db": store, "train": train, "api": api,
                  "all": {"kind": "system", "all_of": ["a", "b", {"any_of": ["db", "train"]}, "api"]}}  # fmt: skip
    return {
        "components": {n: {k: v for k, v in c.items() if v is not None} for n, c in components.items()},
        "providers": {"cloud": {"outage": outage()}},
        "regions": {"north": {"provider": "cloud", "zones": ["a", "b"], "zone_outage": outage(), "outage": outage()},
                    "south": {"outage": outage(), "provider": pick([None, "cloud"])}, "west": {"outage": outage()}},
        "links": {"wan": {"between": ["north", "south"], "capacity": pick(["3 MB/s", "1 GB/s"]), "outage": outage()}},
        "teams": {"crew": {"people": luck.randint(1, 2), "hours": "business", "on_call": on_call}},
        "shocks": {"storm": {"every": script(), "strikes": ["a", "b"], "each": pick([0.5, 1])}},
    }  # fmt: skip


def check(run: Any) -> None:
    outages = run.result.outages
    stuck = outages[outages["censored"]]
    assert stuck.empty, stuck.to_string()
    for _, mine in outages.groupby("component"):  # outages of one thing follow each other
        assert (mine["duration_s"] > 0).all()
        assert (mine["start_s"].to_numpy()[1:] >= (mine["start_s"] + mine["duration_s"]).to_numpy()[:-1] - 1e-9).all()
    for name in run.scenario.components():
        down = outages[outages["component"] == name]["duration_s"].sum()
        assert run.value(name, "availability") == pytest.approx(1 - down / HORIZON_S, abs=1e-12)
    states = ("productive", "checkpointing", "detecting", "waiting", "restarting")
    assert sum(run.value("train", f"{s}_time") for s in states) == pytest.approx(1)
    assert run.value("train", "hosts_up") > 5.0
    assert run.value("train", "effective_training_time") >= 0.9 * run.value("train", "productive_time")
    assert run.value("api", "served_share") + run.value("api", "dropped_share") == pytest.approx(1)
    rpo = outages["rpo_s"].dropna()
    assert (rpo >= 0).all() and (rpo < 3000).all()
    parts = run.result.outage_parts.merge(outages, on="outage_id", suffixes=("", "_all"))
    of_store = parts[parts["component"] == "db"]  # one service unit: its parts fill at most the outage
    spent = of_store.groupby("outage_id").agg(spent=("duration_s", "sum"), lasted=("duration_s_all", "first"))
    assert (spent["spent"] <= spent["lasted"] + 1e-6).all()


def recover(play: Any, seeds: range) -> set[str]:
    """Check the platforms of these seeds; returns the parts of outages and the scopes of causes that were seen."""
    seen: set[str] = set()
    for seed in seeds:
        run = play(horizon="3 d", seed=seed, **platform(seed))
        try:
            check(run)
        except AssertionError as error:
            raise AssertionError(f"platform({seed}): {error}") from error
        seen |= set(run.result.outage_parts["part"]) | set(run.result.outages["scope"])
        seen |= {"rpo"} if run.records("db") else set()
    return seen


def test_random_platforms_recover(play):
    seen = recover(play, range(40))
    assert seen >= {"detect", "decide", "promote", "wait for a replica", "restore", "shift", "failback", "failover",
                    "uncovered", "restart", "wait for hosts", "rpo", "node", "region", "zone", "provider",
                    "item", "host", "shock"}, seen  # fmt: skip


@pytest.mark.slow
def test_many_random_platforms_recover(play):
    recover(play, range(40, 1000))
