"""Two threads against one: the same results bit for bit, and how much sooner.

    python benchmarks/threads.py             a minute; writes benchmarks/results/threads.json
    python benchmarks/threads.py --quick     some seconds; writes nothing unless --out FILE is given

One and two threads take turns over the same replications of three programs: short replications, a platform, and a
large one. Sums and logs must agree. Besides the speed-up (wall-clock time, which whatever else runs on the machine
spoils) the processor time of two threads over that of one is given: 1.0 where threads cost nothing, so that two idle
processors would be 2 / that times as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from measuring import SCENARIOS, Found, main, require
from programs import DAY_S, repair

import outlast
from outlast.program import Program
from outlast.run.cost import compared
from outlast.run.replications import processors
from outlast.stats.distributions import exponential, weibull

THREADS = 2
WHAT = "two threads against one"


def machines() -> Program:
    return repair(1000, 5, exponential(100 * DAY_S), exponential(10 * 3600.0), 100 * DAY_S)


def platform() -> Program:
    return outlast.load(SCENARIOS / "two-region-platform.yaml").program()


def fleet() -> Program:
    return repair(20_000, 133, weibull(mean=50 * DAY_S, shape=1.5), exponential(6 * 3600.0), 100 * DAY_S)


PROGRAMS: dict[str, tuple[Callable[[], Program], int]] = {  # the program, replications of a full run
    "machine repair, 100 d": (machines, 2000),
    "two-region platform, 1 y": (platform, 100),
    "20,000 units, 100 d": (fleet, 40),
}


def measure(quick: bool) -> Found:
    require(processors() >= THREADS, f"this needs {THREADS} processors, there is {processors()}")
    found = {}
    for name, (make, replications) in PROGRAMS.items():
        threads = compared(make(), THREADS, max(2 * THREADS, replications // (10 if quick else 1)), 1)
        found[name] = {**asdict(threads), "speed_up": threads.speed_up}
    return {"programs": found}


def report(found: Found) -> str:
    lines = [f"{'same results, bit for bit':<28} speed-up   one thread  two threads  processor time"]
    for name, t in found["programs"].items():
        one, many = t["one_s"]["median"], t["many_s"]["median"]
        lines.append(f"{name:<28} {t['speed_up']:>8.2f} {one:>10.2f} s {many:>10.2f} s {t['processor_time']:>11.2f} x")
    return "\n".join(lines)


if __name__ == "__main__":
    main("threads", WHAT, measure, report)
