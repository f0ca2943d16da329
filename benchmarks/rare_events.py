"""2-of-3 with lognormal repairs at unavailability 1e-5, 1e-7, 1e-9, alone and in a platform of 1,000 units, and with
lives that age: relative error times the root of the processor seconds spent, by plain replications and by every method
for rare outages that applies."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
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
HORIZON_Y, GRID = 100, 4000
SHAPE = 2
CV2 = 1.0  # squared coefficient of variation of an outage's length, about


def system(life: str, others: int) -> Program:
    """The three, and other units that have nothing to do with them."""
    kinds = "kind: component, time_to_failure: {%s}, repair: {lasts: {lognormal: {mean: 4 h, cv: 1}}}"
    text = f"scenario: rare\nhorizon: {HORIZON_Y} y\ncomponents:\n  three: {{count: 3, needs_up: 2, {kinds % life}}}\n"
    if others:
        text += f"  others: {{count: {others}, needs_up: {others // 2}, {kinds % 'exponential: 2000 h'}}}\n"
    return outlast.loads(text).program()


def ageing(life_h: float) -> float:
    """Unavailability over the horizon if lives are Weibull and items are new at the start: of an item that fails at
    rate h(t) it is h(t) x repair, because repairs are short; h from the renewal equation on a grid."""
    step, scale = HORIZON_Y * 8760.0 / GRID, life_h / math.gamma(1 + 1 / SHAPE)
    ends = np.arange(GRID + 1) * step
    share = np.diff(-np.expm1(-((ends / scale) ** SHAPE)))  # of lives that end in a cell
    rate = share / step
    for i in range(1, GRID):
        rate[i] += float(rate[:i] @ (share[i:0:-1] + share[i - 1 :: -1])) / 2
        rate[i] /= 1 - share[0] / 2  # of what ends in the cell in which it begins
    down = rate * REPAIR_H
    return float((down**2 * (3 - 2 * down)).mean())


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


def plain(program: Program, goal: float, seeds: int) -> float:
    """Relative error x sqrt(seconds) from the time a simulated year takes and the number of outages in it (two repairs
    at once, one of which ends): what replications would need that see any."""
    run(program, 0, 0)
    start = time.thread_time()
    for seed in range(1, seeds + 1):
        run(program, seed, 0)
    a_year = (time.thread_time() - start) / seeds / (program.horizon / YEAR_S)
    outages = goal * 2 / REPAIR_H * YEAR_S / 3600
    return math.sqrt((1 + CV2) / outages * a_year)


def measure(quick: bool) -> Found:
    """Every goal, alone and in the platform; every system has seeds of its own."""
    rows: list[dict[str, Any]] = []
    for goal in GOALS:
        life = life_of(goal)
        for others in (0, OTHERS):
            rows.append(row(f"exponential: {life} h", goal, others, len(rows), SEEDS[quick]))
        ages = f"weibull: {{mean: {life} h, shape: {SHAPE}}}"
        rows.append(row(ages, ageing(life), 0, len(rows), SEEDS[quick]))
    return {"relative_error_times_root_of_processor_seconds": rows}


def row(life: str, goal: float, others: int, number: int, seeds: int) -> dict[str, Any]:
    """One system, by all methods that apply."""
    program, first = system(life, others), 1 + 1000 * number
    found: dict[str, Any] = {"unavailability": goal, "units": 3 + others, "life": life.split(":")[0],
                             "plain": plain(program, goal, seeds)}  # fmt: skip
    for name, method in METHODS.items():
        if not method(Question(program, 0, "three")).reason:  # compiled
            found[name] = by_method(method, program, goal, range(first, first + seeds))
    return found


def report(found: Found) -> str:
    """A line per system."""
    lines = ["relative error after one processor second"]
    for row in found["relative_error_times_root_of_processor_seconds"]:
        words = [f"plain {row['plain']:.2e}"]
        for name in (name for name in METHODS if name in row):
            words.append(
                f"{name} {row[name]['error_root_seconds']:.2e} ({row[name]['standard_errors_off']:+.1f} se off)"
            )
        lines.append(f"{row['unavailability']:.1e} {row['units']:5} units {row['life']:11}  {'   '.join(words)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main("rare_events", __doc__ or "", measure, report)
