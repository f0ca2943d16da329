"""What the benchmarks share: answers that are checked, times taken in turns, where they were taken, the JSON file."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outlast.run.cost import Timing

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
SCENARIOS = HERE.parent / "scenarios"
SE_ALLOWED = 4.0
VERSIONS_OF = ("outlast", "numba", "numpy", "simpy")

Found = dict[str, Any]
Work = Callable[[int], int]  # seed -> events; what is timed


@dataclass(frozen=True)
class Answer:
    """A mean over independent replications."""

    mean: float
    standard_error: float
    replications: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Answer:
        return cls(statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values)), len(values))

    def off(self, exact: float) -> float:
        """Distance from the exact value in standard errors."""
        return (self.mean - exact) / self.standard_error


def check(answers: Mapping[str, Answer], exact: float) -> None:
    """End the program if an answer is not within SE_ALLOWED standard errors of the exact one."""
    wrong = {name: round(a.off(exact), 2) for name, a in answers.items() if not abs(a.off(exact)) <= SE_ALLOWED}
    if wrong:
        raise SystemExit(f"wrong answer, so no times: standard errors from the exact {exact:.6f}: {wrong}")


def require(right: bool, what: str) -> None:
    """End the program where something that must hold before times mean anything does not."""
    if not right:
        raise SystemExit(f"no times: {what}")


def in_turns(models: Mapping[str, Work], rounds: int) -> dict[str, Timing]:
    """Nanoseconds per event of each model, processor time of this thread. The models take turns, so that whatever
    else the machine does meets all of them; each round has its own seed, the same for all."""
    spent: dict[str, list[float]] = {name: [] for name in models}
    for seed in range(1, rounds + 1):
        for name, work in models.items():
            start = time.thread_time_ns()
            events = work(seed)
            spent[name].append((time.thread_time_ns() - start) / events)
    return {name: Timing.of(ns) for name, ns in spent.items()}


def line(name: str, timing: Mapping[str, Any], unit: str = "ns/event") -> str:
    """`kernel      386.1 ns/event (351.0 to 548.2 over 9 rounds)`. timing: a `Timing` as a mapping."""
    spread = f"{timing['least']:.1f} to {timing['most']:.1f} over {timing['rounds']} rounds"
    return f"{name:<42} {timing['median']:9.1f} {unit} ({spread})"


def surroundings() -> Found:
    """Machine and versions."""
    versions = {"python": platform.python_version()}
    for name in VERSIONS_OF:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # a source tree on the path
            versions[name] = "source tree"
    load = [round(x, 2) for x in os.getloadavg()]
    return {
        "machine": {
            "processor": processor(),
            "processors": os.cpu_count(),
            "system": platform.platform(),
            "load_average": load,
        },
        "versions": versions,
    }


def processor() -> str:
    """Model name of the processor where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def write(found: Found, path: Path) -> None:
    """As JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def main(name: str, what: str, measure: Callable[[bool], Found], report: Callable[[Found], str]) -> None:
    """The command line of a benchmark: print the report; a full run writes results/NAME.json."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--quick", action="store_true", help="less precise, nothing written by itself")
    parser.add_argument("--out", type=Path, help=f"JSON file to write [default: results/{name}.json of a full run]")
    options = parser.parse_args()
    found = {"benchmark": what, "quick": options.quick, **measure(options.quick), **surroundings()}
    print(report(found))
    print(f"{found['machine']}\n{found['versions']}")
    if out := options.out or (None if options.quick else RESULTS / f"{name}.json"):
        write(found, out)
        print(f"wrote {out}", file=sys.stderr)
