"""as-*: an autoscaler against a step and a ramp of load, everything at fixed times; both engines to rounding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from verification import Case, measured

import outlast
from outlast.engines import kernel, reference
from outlast.engines.outcome import Outcome
from outlast.program import Builder, Program, Site, Term, rate_of, record, value_of
from outlast.program import tables as T
from outlast.stats.distributions import deterministic as fixed

Cases = Callable[[str], Case]

SCENARIO = """
scenario: autoscaling
horizon: {seconds} s
regions: {{here: {{}}}}
components:
  api:
    kind: serving_endpoint
    regions: {{here: active}}
    demand: {{csv: {{file: load.csv, column: rate, step: 1 s}}}}
    replica: {{count: {count}, capacity: 100 req/s}}
    autoscale: {{target: {target} %, min: {count}, max: 100, every: {every} s, cold_start: {cold} s, phase: 0 s,
                 tolerance: 0 %, metrics_age: 0 s, scale_up: {up}, scale_down: {{}}}}
"""


@pytest.fixture(params=["kernel", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def scaled(folder: Path, engine: str, load: list[float], count: int, target: int, every: int, cold: int,
           up: str = "{replicas: 100}") -> tuple[float, float]:  # fmt: skip
    """Requests dropped in all, and their share, with this load in every second."""
    (folder / "load.csv").write_text("rate\n" + "\n".join(map(repr, load)) + "\n")
    text = SCENARIO.format(seconds=len(load), count=count, target=target, every=every, cold=cold, up=up)
    (folder / "scenario.yaml").write_text(text)
    result = outlast.run(outlast.load(folder / "scenario.yaml"), 1, engine=engine)
    share = measured(result, "api", "dropped_share").value
    return share * measured(result, "api", "demand").value * len(load), share


def test_step_load_and_cold_start(case: Cases, engine: str, tmp_path: Path) -> None:
    step = case("as-01")
    dropped, share = scaled(tmp_path, engine, [300.0] * 607 + [900.0] * 1193, 4, 75, 15, 90)
    step.check_exact("dropped", dropped, engine)
    step.check_exact("dropped_fraction", share, engine)


def test_step_load_with_growth_by_doubling(case: Cases, engine: str, tmp_path: Path) -> None:
    double = case("as-03")
    load = [150.0] * 100 + [1100.0] * 500
    dropped, share = scaled(tmp_path, engine, load, 2, 75, 60, 45, up="{share: 100 %}")
    double.check_exact("dropped", dropped, engine)
    double.check_exact("dropped_fraction", share, engine)


def test_ramp_load(case: Cases, engine: str, tmp_path: Path) -> None:
    """Every second has the mean load of its second.  So it carries the requests of the ramp, load and capacity cross
    between two seconds as they do on the ramp, and what an evaluation sees (2 req/s more) asks for as many."""
    ramp = case("as-04")
    load = [200.0] * 100 + [202.0 + 4.0 * s for s in range(200)] + [1000.0] * 300
    dropped, _ = scaled(tmp_path, engine, load, 3, 85, 30, 80)
    ramp.check_exact("dropped", dropped, engine)


# -- a queue: what no kind expresses, written with the builder ---------------------------------------------------------
SHIFT = 10_000.0  # added to the load, so that load - capacity is the dropped rate of a service whatever its sign


def queue() -> Program:
    """as-02.  The queue is a stock that flows at load - capacity; while it is full the excess is dropped."""
    b = Builder(1800.0)
    for name, extra in (("load", 0.0), ("shifted", SHIFT)):
        b.profile(name, 1e6, [(0.0, 300.0 + extra), (607.0, 900.0 + extra)])
    for group in ("present", "ready", "full"):
        b.group(group)
    replica = b.lifecycle("replica").state("ready", ["ready", "present"]).state("starting", ["present"])
    replica.state("standby", ["standby"]).on("start", "standby", "starting").on("stop", "ready", "standby")
    replica.after(fixed(90.0), "starting", "ready")
    member = {"present": ["present"], "ready": ["ready"]}
    b.cohort("replica", replica, 4, member=member)
    b.cohort("more", replica, 20, member=member, start="standby")
    b.controller("autoscaler", value_of("load"), "present", up=(["standby"], "start"), down=(["ready"], "stop"), least=4,
                 most=24, target=75, total=True, tolerance=0.0, lag=0, shrink=(0, 0.0), grow=(20, 0.0))  # fmt: skip
    ready = [Site("all", (Term("ready", capacity=100.0),))]
    b.service("requests", value_of("load"), ready)
    b.service("inflow", value_of("shifted"), ready)
    b.service("overflow", rate_of("requests", "dropped"), [Site("all", (Term("full", capacity=1e9),))])
    b.condition("overload", rate_of("requests", "dropped"), 1e-9)
    b.stock("queue", high=5000.0, source=rate_of("inflow", "dropped"))
    b.cohort("pump", b.lifecycle("pump").state("on", rate=-SHIFT, gain=1.0), drives="queue")
    note = record("queue", "queue")
    clerk = b.lifecycle("clerk").state("room").state("full", ["full"])
    for signal, state, target in (("begins", "room", "room"), ("full", "room", "full"), ("ends", "full", "room"),
                                  ("empty", "room", "room")):  # fmt: skip
        clerk.on(signal, state, target, [note])
    b.cohort("clerk", clerk, member={"full": ["full"]})
    b.listen("overload", "clerk", rise="begins", fall="ends")
    b.watch("queue", 5000.0, "clerk", "full")
    b.watch("queue", 0.0, "clerk", "empty", up=False)
    return b.build()


def test_step_load_with_a_bounded_queue(case: Cases, engine: str) -> None:
    bounded, program = case("as-02"), queue()
    outcome: Outcome = {"kernel": kernel.run, "reference": reference.run}[engine](program, 1, 0)
    sums = dict(zip(program.meters, outcome.sums[0].tolist(), strict=True))
    kinks = outcome.log[outcome.log["kind"] == T.RECORDED]
    assert kinks["x"].tolist() == [0.0, 5000.0, 5000.0, 0.0]  # piecewise linear between these
    bounded.check_exact("dropped", sums["overflow.served"], engine)
    bounded.check_exact("dropped_fraction", sums["overflow.served"] / sums["requests.offered"], engine)
    bounded.check_exact("max_queue", float(kinks["x"].max()), engine)
    bounded.check_exact("queue_integral", float(np.trapezoid(kinks["x"], kinks["time"])), engine)
    bounded.check_exact("queue_empty_at", float(kinks["time"][-1]), engine)
