"""Repair of 1,000 machines by 5 crews: the kernel against a plain SimPy model, answers first, then time per event.

    python benchmarks/machine_repair.py             a few minutes; writes benchmarks/results/machine_repair.json
    python benchmarks/machine_repair.py --quick     some seconds; writes nothing unless --out FILE is given

Both models simulate the same: lives and repairs are exponential, failed machines wait first come, first served.  Both
answers must be within 4 standard errors of the exact mean number of failed machines, or the benchmark fails.  Then all
are timed in turns, several rounds, in processor time of one thread; the result is the median over rounds.  An event is
the end of a life or of a repair, counted alike in both; building the 1,000 machines of each replication is included.

Where the nanoseconds go: the same rounds also time a calendar that does nothing else (`calibration.py`), and programs
that add one thing after the other: the fired rows of the tables, states that are counted and metered, crews, and
Weibull lives with lognormal repairs in place of exponential ones.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import calibration
import simpy
from measuring import Answer, Found, Work, check, in_turns, line, main, require
from programs import DAY_S, clocks, events, mean_down, repair

from outlast.program import Program
from outlast.run import first_call
from outlast.stats.distributions import exponential, lognormal, weibull

MACHINES, CREWS = 1000, 5
LIFE_S, REPAIR_S = 100 * DAY_S, 10 * 3600.0  # the crews are busy 83 % of the time
WARM_UP_S, HORIZON_S = 100 * DAY_S, 500 * DAY_S  # the warm-up is nine relaxation times of the queue
SHAPE, CV = 1.5, 0.9  # of the Weibull lives and the lognormal repairs
TARGET = 40.0
EVENTS_ALLOWED = 0.03  # relative difference; a count of 10,000 over 12 replications is known to 0.3 %
WHAT = "machine repair: 1,000 machines, 5 crews, exponential lives (100 d) and repairs (10 h), 500 d"

CALENDAR, RINGING, COUNTED, KERNEL, LAWS, SIMPY = STEPS = (
    "calendar of 1,000 exponential clocks",
    "... as units of a program",
    "... with two states, counted and metered",
    "kernel",  # ... with crews and their queue: the model that is compared
    "... with Weibull lives, lognormal repairs",
    "simpy",
)


def exact_mean_down() -> float:
    """Mean number down of M/M/c//N: birth rate (N - k) / life, death rate min(k, c) / repair.

    Source: any queueing text, e.g. Gross and Harris, "Fundamentals of Queueing Theory", finite-source queues.
    """
    logs = [0.0]
    for k in range(MACHINES):
        logs.append(logs[-1] + math.log((MACHINES - k) / LIFE_S) - math.log(min(k + 1, CREWS) / REPAIR_S))
    weights = [math.exp(x - max(logs)) for x in logs]
    return math.fsum(k * w for k, w in enumerate(weights)) / math.fsum(weights)


def exponential_machines(crews: int) -> Program:
    """The model that is compared, with as many crews."""
    return repair(MACHINES, crews, exponential(LIFE_S), exponential(REPAIR_S), HORIZON_S, WARM_UP_S)


def general_machines() -> Program:
    """The same means, other laws."""
    return repair(MACHINES, CREWS, weibull(mean=LIFE_S, shape=SHAPE), lognormal(mean=REPAIR_S, cv=CV), HORIZON_S)


class Tally:
    """Time integral of the number of failed machines after the warm-up, and a count of events."""

    __slots__ = ("area", "down", "events", "since")

    def __init__(self) -> None:
        self.area, self.down, self.events, self.since = 0.0, 0, 0, WARM_UP_S

    def change(self, now: float, by: int) -> None:
        if now > self.since:
            self.area += self.down * (now - self.since)
            self.since = now
        self.down += by
        self.events += 1


def machine(env: simpy.Environment, crews: simpy.Resource, draw: Callable[[float], float],
            tally: Tally) -> Iterator[Any]:  # fmt: skip
    """The life of one machine, as a SimPy user would write it."""
    while True:
        yield env.timeout(draw(1 / LIFE_S))
        tally.change(env.now, +1)
        with crews.request() as crew:
            yield crew
            yield env.timeout(draw(1 / REPAIR_S))
        tally.change(env.now, -1)


def in_simpy(replications: int, seed: int) -> tuple[list[float], int]:
    """Mean number of failed machines of each replication, and how many events they had together."""
    means, count = [], 0
    for replication in range(replications):
        env, tally = simpy.Environment(), Tally()
        crews = simpy.Resource(env, CREWS)
        draw = random.Random(f"{seed}/{replication}").expovariate  # the fastest generator for one draw at a time
        for _ in range(MACHINES):
            env.process(machine(env, crews, draw, tally))
        env.run(until=HORIZON_S)
        tally.change(HORIZON_S, 0)
        means.append(tally.area / (HORIZON_S - WARM_UP_S))
        count += tally.events - 1
    return means, count


def answers(quick: bool) -> dict[str, Answer]:
    """Both answers; ends the program if one is wrong, or if the models do not simulate equally many events."""
    program = exponential_machines(CREWS)
    ours, theirs = (100, 12) if quick else (400, 60)
    means, count = in_simpy(theirs, 102)
    found = {KERNEL: Answer.of(mean_down(program, ours, 101)), SIMPY: Answer.of(means)}
    check(found, exact_mean_down())
    counts = [events(program, ours, 101) / ours, count / theirs]
    require(max(counts) <= (1 + EVENTS_ALLOWED) * min(counts), f"the models differ: events in a replication: {counts}")
    return found


def models(quick: bool) -> dict[str, Work]:
    """What is timed: step by step from a bare calendar to the model, and the same in SimPy."""
    n, few = (10, 1) if quick else (200, 10)
    programs = {
        RINGING: clocks(MACHINES, exponential(LIFE_S), 1000 * DAY_S),
        COUNTED: exponential_machines(0),
        KERNEL: exponential_machines(CREWS),
        LAWS: general_machines(),
    }
    calibration.calendar_only(1)  # compiles
    events(programs[KERNEL], 1, 0)

    def run(program: Program) -> Work:
        return lambda seed: events(program, n, seed)

    return {
        CALENDAR: lambda seed: calibration.calendar_only(n * 10_000),
        **{name: run(program) for name, program in programs.items()},
        SIMPY: lambda seed: in_simpy(few, seed)[1],
    }


def measure(quick: bool) -> Found:
    exact, found = exact_mean_down(), answers(quick)
    times = in_turns(models(quick), 3 if quick else 9)
    return {
        "exact_mean_down": exact,
        "answers": {name: {**asdict(a), "standard_errors_off": a.off(exact)} for name, a in found.items()},
        "ns_per_event": {name: asdict(timing) for name, timing in times.items()},
        "ratio": times[SIMPY].median / times[KERNEL].median,
        "target_ratio": TARGET,
        "first_replication": {} if quick else {"cold": first_call.cold(), "warm": first_call.warm()},
    }


def report(found: Found) -> str:
    lines = [f"exact mean number of failed machines  {found['exact_mean_down']:.4f}"]
    for name, a in found["answers"].items():
        lines.append(f"  {name:<8} {a['mean']:.4f} +- {a['standard_error']:.4f} (n = {a['replications']}), "
                     f"{a['standard_errors_off']:+.2f} standard errors off")  # fmt: skip
    lines += [line(name, t) for name, t in found["ns_per_event"].items()]
    lines.append(f"ratio simpy / kernel {found['ratio']:.1f} (target: at least {found['target_ratio']:g})")
    for name, seconds in found["first_replication"].items():
        lines.append(
            f"first replication, {name}: {seconds['first_s']:.1f} s after {seconds['import_s']:.1f} s of imports"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main("machine_repair", WHAT, measure, report)
