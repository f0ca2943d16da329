"""2-of-3 with lognormal repairs at unavailability 1e-5, 1e-7, 1e-9, alone and in a platform of 1,000 units: relative
error times the root of the processor seconds spent, by plain replications and by every method for rare outages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

from measuring import Found, main, require

import outlast
from outlast.engines.kernel import run
from outlast.program import Program
from outlast.run.measures import YEAR_S
from outlast.run.rare import METHODS
from outlast.run.rare_estimates import Question, Rare

REPAIR_H = 4.0
GOALS = (1e-5, 1e-7, 1e-9)
SEEDS = {True: 2, False: 8}
OTHERS = 997
CV2 = 1.0  # squared coefficient of variation of an outage's length, about


def system(life_h: float, others: int) -> Program:
    """The three, and other units that have nothing to do with them."""
    kinds = "kind: component, time_to_failure: {exponential: %s h}, repair: {lasts: {lognormal: {mean: 4 h, cv: 1}}}"
    text = f"scenario: rare\nhorizon: 100 y\ncomponents:\n  three: {{count: 3, needs_up: 2, {kinds % life_h}}}\n"
    if others:
        text += f"  others: {{count: {others}, needs_up: {others // 2}, {kinds % 2000}}}\n"
    return outlast.loads(text).program()


def life_of(goal: float) -> float:
    """Hours of mean life at which 2-of-3 is down this share of the time: q^2 (3 - 2 q), q = repair / (life + repair),
    whatever the law of repairs."""
    low, high = 0.0, 0.5
    for _ in range(200):
        q = (low + high) / 2
        low, high = (q, high) if q * q * (3 - 2 * q) < goal else (low, q)
    return REPAIR_H * (1 - q) / q


def by_method(method: Callable[[Question], Rare], program: Program, goal: float, seeds: Iterable[int]) -> Found:
    """Standard errors off over all seeds, and relative error x sqrt(seconds)."""
    method(Question(program, 0, "three"))  # compiled
    off, cost = [], []
    for seed in seeds:
        start = time.process_time()
        found = method(Question(program, seed, "three")).estimates["unavailability"]
        spent, se = time.process_time() - start, found.std / math.sqrt(found.n)
        off.append((found.mean - goal) / se)
        cost.append(se / goal * math.sqrt(spent))
    z = sum(off) / math.sqrt(len(off))
    require(abs(z) <= 4, f"estimate of {goal:g} is {z:.1f} standard errors off")
    return {"standard_errors_off": z, "error_root_seconds": sum(cost) / len(cost)}


def plain(program: Program, goal: float, life_h: float, seeds: int) -> float:
    """Relative error x sqrt(seconds) from the time a simulated year takes and the exact number of outages in it: what
    replications would need that see any."""
    run(program, 0, 0)
    start = time.thread_time()
    for seed in range(1, seeds + 1):
        run(program, seed, 0)
    a_year = (time.thread_time() - start) / seeds / (program.horizon / YEAR_S)
    q = REPAIR_H / (life_h + REPAIR_H)
    outages = 3 * (1 - q) ** 2 * q * 2 / life_h * YEAR_S / 3600  # two up, one of them fails
    return math.sqrt((1 + CV2) / outages * a_year)


def measure(quick: bool) -> Found:
    """Every goal, alone and in the platform; every system has seeds of its own."""
    rows: list[dict[str, Any]] = []
    for goal in GOALS:
        life = life_of(goal)
        for others in (0, OTHERS):
            program, first = system(life, others), 1 + 1000 * len(rows)
            seeds = range(first, first + SEEDS[quick])
            found = {name: by_method(method, program, goal, seeds) for name, method in METHODS.items()}
            rows.append({"unavailability": goal, "units": 3 + others,
                         "plain": plain(program, goal, life, SEEDS[quick]), **found})  # fmt: skip
    return {"relative_error_times_root_of_processor_seconds": rows}


def report(found: Found) -> str:
    """A line per system."""
    lines = ["relative error after one processor second"]
    for row in found["relative_error_times_root_of_processor_seconds"]:
        words = [f"plain {row['plain']:.2e}"]
        for name in METHODS:
            words.append(
                f"{name} {row[name]['error_root_seconds']:.2e} ({row[name]['standard_errors_off']:+.1f} se off)"
            )
        lines.append(f"{row['unavailability']:.0e}  {row['units']:5} units   {'   '.join(words)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main("rare_events", __doc__ or "", measure, report)
