"""Repair of 1,000 machines by 5 crews: the kernel against a plain SimPy model, answers first, then time per event.

    python benchmarks/machine_repair.py             a few minutes; writes benchmarks/results/machine_repair.json
    python benchmarks/machine_repair.py --quick     some seconds; writes nothing unless --out FILE is given

Both models simulate the same: lives and repairs are exponential, failed machines wait first come, first served.  Both
answers must be within 4 standard errors of the exact mean number of failed machines, or the benchmark fails.  Then both
are timed in turns, several rounds, in processor time of one thread; the result is the median over rounds.  An event is
the end of a life or of a repair, counted alike in both; building the 1,000 machines of each replication is included.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import simpy

MACHINES, CREWS = 1000, 5
LIFE_S, REPAIR_S = 100 * 86_400.0, 10 * 3600.0  # the crews are busy 83 % of the time
WARM_UP_S, HORIZON_S = 100 * 86_400.0, 500 * 86_400.0  # the warm-up is nine relaxation times of the queue
TARGET = 40.0
SE_ALLOWED = 4.0
EVENTS_ALLOWED = 0.03  # relative difference; a count of 10,000 over 12 replications is known to 0.3 %
RESULTS = Path(__file__).parent / "results" / "machine_repair.json"
COMPILE = "import time; t = time.perf_counter(); import machine_repair as m; m.kernel_runs(1)(0); "
COMPILE += "print(time.perf_counter() - t)"


@dataclass(frozen=True)
class Answer:
    """Mean number of failed machines after the warm-up, over independent replications."""

    mean: float
    standard_error: float
    replications: int
    events_a_replication: float


@dataclass(frozen=True)
class Timing:
    """Processor time per event of one thread, nanoseconds."""

    median_ns: float
    least_ns: float
    most_ns: float
    rounds: int
    events_a_round: int


Runs = Callable[[int], tuple[list[float], int]]  # seed -> (mean failed machines of each replication, events)


def exact_mean_down() -> float:
    """Mean number down of M/M/c//N: birth rate (N - k) / life, death rate min(k, c) / repair.

    Source: any queueing text, e.g. Gross and Harris, "Fundamentals of Queueing Theory", finite-source queues.
    """
    logs = [0.0]
    for k in range(MACHINES):
        logs.append(logs[-1] + math.log((MACHINES - k) / LIFE_S) - math.log(min(k + 1, CREWS) / REPAIR_S))
    weights = [math.exp(x - max(logs)) for x in logs]
    return math.fsum(k * w for k, w in enumerate(weights)) / math.fsum(weights)


def kernel_runs(replications: int) -> Runs:
    """Replications of the machine-repair program on the kernel."""
    from outlast.engines import kernel
    from outlast.program import Builder, release, request
    from outlast.stats.distributions import exponential

    b = Builder(HORIZON_S, WARM_UP_S)
    b.pool("crew", CREWS)
    b.group("down")
    machine = (
        b.lifecycle("machine")
        .state("up", tags=["up"])
        .state("waiting", tags=["down"])
        .state("repairing", tags=["down"])
        .after(exponential(LIFE_S), "up", "waiting", do=[request("crew")], origin=True)
        .on("granted", "waiting", "repairing")
        .after(exponential(REPAIR_S), "repairing", "up", do=[release("crew")])
    )
    b.cohort("machine", machine, MACHINES, member={"down": ["down"]})
    b.meter("down", ("group", "down"))
    program = b.build()

    def run(seed: int) -> tuple[list[float], int]:
        outcomes = list(kernel.run_many(program, seed, 0, replications))
        measured = HORIZON_S - WARM_UP_S
        # row 0 of the sums is the warm-up, row 1 what is measured
        return [float(o.sums[1, 0]) / measured for o in outcomes], sum(o.events for o in outcomes)

    return run


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


def simpy_runs(replications: int) -> Runs:
    """Replications of the same model in SimPy."""

    def run(seed: int) -> tuple[list[float], int]:
        means, events = [], 0
        for replication in range(replications):
            env, tally = simpy.Environment(), Tally()
            crews = simpy.Resource(env, CREWS)
            draw = random.Random(f"{seed}/{replication}").expovariate  # the fastest generator for one draw at a time
            for _ in range(MACHINES):
                env.process(machine(env, crews, draw, tally))
            env.run(until=HORIZON_S)
            tally.change(HORIZON_S, 0)
            means.append(tally.area / (HORIZON_S - WARM_UP_S))
            events += tally.events - 1
        return means, events

    return run


def answer(runs: Runs, seed: int) -> Answer:
    """Mean over replications and its standard error."""
    means, events = runs(seed)
    error = statistics.stdev(means) / math.sqrt(len(means))
    return Answer(statistics.fmean(means), error, len(means), events / len(means))


def off(found: Answer, exact: float) -> float:
    """Distance from the exact value in standard errors."""
    return (found.mean - exact) / found.standard_error


def timed(models: dict[str, Runs], rounds: int) -> dict[str, Timing]:
    """Time the models in turns; each round has its own seed, the same for all."""
    spent: dict[str, list[float]] = {name: [] for name in models}
    events: dict[str, list[int]] = {name: [] for name in models}
    for seed in range(1, rounds + 1):
        for name, runs in models.items():
            start = time.process_time_ns()
            count = runs(seed)[1]
            spent[name].append((time.process_time_ns() - start) / count)
            events[name].append(count)
    return {name: Timing(statistics.median(ns), min(ns), max(ns), rounds, round(statistics.fmean(events[name])))
            for name, ns in spent.items()}  # fmt: skip


def compile_seconds() -> dict[str, float]:
    """Wall-clock seconds from a fresh interpreter to the first replication, without and with a compile cache."""
    here = str(Path(__file__).parent)
    with tempfile.TemporaryDirectory() as cache:
        path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        env = {**os.environ, "OUTLAST_CACHE_DIR": cache, "PYTHONPATH": path}
        cold, warm = (float(subprocess.run([sys.executable, "-c", COMPILE], env=env, check=True, capture_output=True,
                                           text=True).stdout) for _ in range(2))  # fmt: skip
    return {"cold": cold, "warm": warm}


def processor() -> str:
    """Model name of the processor where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def surroundings() -> dict[str, Any]:
    """Machine and versions."""
    versions = {"python": platform.python_version()}
    for name in ("outlast", "numba", "numpy", "simpy"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # a source tree on the path
            versions[name] = "source tree"
    machine_info = {"processor": processor(), "processors": os.cpu_count(), "system": platform.platform(),
                    "load_average": [round(x, 2) for x in os.getloadavg()]}  # fmt: skip
    return {"machine": machine_info, "versions": versions}


def checked(quick: bool) -> dict[str, Answer]:
    """Both answers; ends the program if one is wrong, or if the models do not simulate equally many events."""
    exact = exact_mean_down()
    found = {
        "kernel": answer(kernel_runs(100 if quick else 400), 101),
        "simpy": answer(simpy_runs(12 if quick else 60), 102),
    }
    wrong = {name: round(off(a, exact), 2) for name, a in found.items() if abs(off(a, exact)) > SE_ALLOWED}
    if wrong:
        raise SystemExit(f"wrong answer, so no times: standard errors from the exact {exact:.6f}: {wrong}")
    counts = [a.events_a_replication for a in found.values()]
    if max(counts) > (1 + EVENTS_ALLOWED) * min(counts):
        raise SystemExit(f"the models differ, so no times: events in a replication: {counts}")
    return found


def measure(quick: bool) -> dict[str, Any]:
    """Answers, then times; what the JSON file holds."""
    exact, answers = exact_mean_down(), checked(quick)
    models = {"kernel": kernel_runs(10 if quick else 200), "simpy": simpy_runs(1 if quick else 10)}
    times = timed(models, 3 if quick else 9)
    return {
        "benchmark": "machine repair: 1,000 machines, 5 crews, exponential lives (100 d) and repairs (10 h), 500 d",
        "quick": quick,
        "exact_mean_down": exact,
        "answers": {name: {**asdict(a), "standard_errors_off": off(a, exact)} for name, a in answers.items()},
        "times": {name: asdict(timing) for name, timing in times.items()},
        "ratio": times["simpy"].median_ns / times["kernel"].median_ns,
        "target_ratio": TARGET,
        "compile_s": {} if quick else compile_seconds(),
        **surroundings(),
    }


def report(found: dict[str, Any]) -> str:
    """The result as text."""
    lines = [f"exact mean number of failed machines  {found['exact_mean_down']:.4f}"]
    for name, a in found["answers"].items():
        lines.append(f"  {name:<8} {a['mean']:.4f} +- {a['standard_error']:.4f} (n = {a['replications']}), "
                     f"{a['standard_errors_off']:+.2f} standard errors off")  # fmt: skip
    for name, t in found["times"].items():
        lines.append(f"{name:<8} {t['median_ns']:9.1f} ns/event, {t['least_ns']:.1f} to {t['most_ns']:.1f} over "
                     f"{t['rounds']} rounds of {t['events_a_round']:,} events")  # fmt: skip
    lines.append(f"ratio    {found['ratio']:9.1f} (target: at least {found['target_ratio']:g})")
    lines += [f"first run {name}: {seconds:.1f} s" for name, seconds in found["compile_s"].items()]
    lines.append(f"{found['machine']}")
    lines.append(f"{found['versions']}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Machine repair: the kernel against plain SimPy.")
    parser.add_argument("--quick", action="store_true", help="a few seconds, less precise, nothing written by itself")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    options = parser.parse_args()
    found = measure(options.quick)
    print(report(found))
    if out := options.out or (None if options.quick else RESULTS):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
