"""A small program and two replications of it whose sums and log are written by hand.

Horizon 1100 s, of which 100 s warm-up; two windows of 500 s.  The store is down from 200 to 300 s in
replication 0 (a zone's fault, 5 s of data lost) and from 900 s to the horizon in replication 1 (a drill).
"""

from __future__ import annotations

import numpy as np
import pytest

from outlast.engines.outcome import Outcome
from outlast.program import Builder, Metric, Program, count_of, record
from outlast.program import tables as T
from outlast.run.batch import Batch
from outlast.run.replications import Replications
from outlast.run.results import Result
from outlast.stats.distributions import exponential

PRIMARY, FAILOVER, ZONE, DRILL = range(4)
STORE, UNCAUSED = 0, -1

METRICS = (
    Metric("store", "availability", "share", "up time / time", "share", over=((1.0, "up"),)),
    Metric("store", "unavailability", "share", "1 - up", "share", over=((1.0, "up"),), complement=True),
    Metric("store", "falls", "1/y", "falls per year", "rate", over=((1.0, "falls"),)),
    Metric("store", "peak", "", "largest count", "amount", over=((1.0, "peak"),)),
    Metric("store", "offered", "kreq", "requests", "amount", over=((1.0, "offered"),), scale=1e-3),
    Metric(
        "store",
        "dropped",
        "share",
        "1 - served / offered",
        "ratio",
        over=((1.0, "served"),),
        under=((1.0, "offered"),),
        complement=True,
        weighting="request",
    ),
    Metric("store", "outages", "1/y", "outages per year", "outages"),
    Metric("store", "mean_outage", "s", "down time per outage", "mean_outage", weighting="event"),
    Metric("store", "longest_outage", "s", "longest", "longest_outage"),
    Metric("store", "rpo", "s", "data lost", "records", label="rpo", weighting="event"),
)


def build() -> Program:
    b = Builder(horizon=1100.0, warm_up=100.0, window=500.0)
    b.group("serving")
    b.stock("data")
    b.condition("serves", count_of("serving"), 1, measured="store")
    for name, reduction in (("up", "integral"), ("offered", "integral"), ("served", "integral")):
        b.meter(name, ("group", "serving"), reduction)
    b.meter("falls", ("false", "serves"), "count")
    b.meter("peak", ("group", "serving"), "maximum")
    law = exponential(mean=400.0)
    primary = b.lifecycle("primary").state("up", tags=["up"]).state("down")
    primary.after(law, "up", "down", origin=True).after(law, "down", "up", do=[record("rpo")])
    failover = b.lifecycle("failover").state("detect", part="detect").state("decide", part="decide")
    failover.after(law, "detect", "decide").after(law, "decide", "detect")
    idle = b.lifecycle("idle").state("idle").state("busy")
    idle.after(law, "idle", "busy").after(law, "busy", "idle")
    b.cohort("primary", primary, member={"serving": ["up"]}, component="store", scope="replica")
    b.cohort("failover", failover, component="store")
    b.cohort("zone-a", idle, component="zone-a", scope="zone")
    b.cohort("drill of zone-a", idle, component="zone-a", scope="zone")
    for metric in METRICS:
        b.metric(metric)
    return b.build()


def outcome(program: Program, replication: int, windows: list[dict[str, float]], log: list[tuple]) -> Outcome:
    """sums: the warm-up row holds 999 everywhere, so that counting it would show."""
    sums = np.full((1 + len(windows), len(program.meters)), 999.0)
    for row, values in enumerate(windows, start=1):
        sums[row] = [values[name] for name in program.meters]
    return Outcome(1, replication, sums, np.array(log, dtype=T.LOG), 10)


def outcomes(program: Program) -> list[Outcome]:
    rpo, detect, decide = (program.labels.index(label) for label in ("rpo", "detect", "decide"))
    quiet = {"up": 500.0, "falls": 0.0, "peak": 1.0, "offered": 5000.0, "served": 5000.0}
    return [
        outcome(
            program,
            0,
            [{**quiet, "up": 400.0, "falls": 1.0, "peak": 3.0, "served": 4500.0}, {**quiet, "peak": 2.0}],
            [
                (70.0, T.OUTAGE, STORE, 0, ZONE, 50.0, 20.0),
                (80.0, T.RECORDED, rpo, PRIMARY, ZONE, 77.0, 0.0),
                (230.0, T.STAY, FAILOVER, detect, ZONE, 190.0, 40.0),
                (250.0, T.RECORDED, rpo, PRIMARY, ZONE, 3.0, 0.0),
                (260.0, T.LOSS, 0, PRIMARY, ZONE, 42.0, 10.0),
                (300.0, T.RECORDED, rpo, PRIMARY, ZONE, 5.0, 0.0),
                (300.0, T.OUTAGE, STORE, 0, ZONE, 200.0, 100.0),
                (320.0, T.STAY, FAILOVER, decide, ZONE, 230.0, 90.0),
            ],
        ),
        outcome(
            program,
            1,
            [quiet, {**quiet, "up": 300.0, "falls": 1.0, "peak": 7.0, "served": 4500.0}],
            [
                (400.0, T.RECORDED, rpo, PRIMARY, UNCAUSED, np.nan, 0.0),
                (1100.0, T.OUTAGE, STORE, 1, DRILL, 900.0, 200.0),
            ],
        ),
    ]


@pytest.fixture(scope="session")
def program() -> Program:
    return build()


@pytest.fixture
def batch(program: Program) -> Batch:
    return Batch(program, outcomes(program))


@pytest.fixture
def result(program: Program) -> Result:
    finished = Replications(outcomes(program), requested=2)
    text = "scenario: by-hand\n"
    return Result.of(program, finished, seed=1, scenario_name="by-hand", scenario_text=text)
