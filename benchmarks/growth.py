"""Growth: 100 to 100,000 units with Weibull lives and lognormal repairs, n / 150 crews.

    python benchmarks/growth.py             some minutes; writes benchmarks/results/growth.json
    python benchmarks/growth.py --quick     some seconds, up to 10,000 units; writes nothing unless --out FILE is given

The answer is checked first where it is exact: with a crew for every unit the units are independent alternating renewal
processes, so the share of failed ones tends to repair / (life + repair) whatever the laws are.

Then, for each n: nanoseconds per event (processor time of one thread, start of the replication apart), the start of a
replication, bytes of a replication; and how events and bytes grow with n, as the slope of a straight line through their
logarithms (1: proportional).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict

import calibration
import numpy as np
from measuring import Answer, Found, check, line, main
from programs import DAY_S, events, mean_down, repair

from outlast.engines import kernel
from outlast.program import Program
from outlast.run.cost import Timing
from outlast.stats.distributions import lognormal, weibull

SIZES = (100, 1_000, 10_000, 100_000)
UNITS_A_CREW = 150  # the crews are busy three quarters of the time
LIFE_S, SHAPE = 50 * DAY_S, 1.5
REPAIR_S, CV = 6 * 3600.0, 0.9
EVENTS = 200_000  # of a round, about
TARGET_NS, TARGET_MB = 600.0, 20.0  # at 100,000 units
WHAT = "growth: 100 to 100,000 units, Weibull lives (mean 50 d, shape 1.5), lognormal repairs (6 h), n / 150 crews"


def fleet(units: int, crews: int, horizon: float, warm_up: float = 0.0) -> Program:
    life, mending = weibull(mean=LIFE_S, shape=SHAPE), lognormal(mean=REPAIR_S, cv=CV)
    return repair(units, crews, life, mending, horizon, warm_up)


def answer(quick: bool) -> tuple[Answer, float]:
    """Share of failed units with a crew for each, after a warm-up of ten lives; and the exact share."""
    units = 1_000
    program = fleet(units, 0, 1000 * DAY_S, 10 * LIFE_S)
    down = mean_down(program, 20 if quick else 200, 1)
    return Answer.of([failed / units for failed in down]), REPAIR_S / (LIFE_S + REPAIR_S)


def horizon(units: int) -> float:
    """Time for EVENTS events at two per life, but at least a year and at most a thousand."""
    return min(max(EVENTS / (2 * units) * LIFE_S, 365 * DAY_S), 365_000 * DAY_S)


def timed(program: Program, rounds: int) -> tuple[Timing, Timing, float]:
    """Nanoseconds per event without the start, milliseconds of the start, events of a replication."""
    ns_per_event, start_ms, counts = [], [], []
    run = kernel.Run(program, 1, 0)
    for replication in range(rounds):
        run.restart(replication)
        start = time.thread_time_ns()
        run.advance(0.0)
        begun = time.thread_time_ns()
        run.advance(program.horizon, finish=True)
        counts.append(run.outcome().events)
        ns_per_event.append((time.thread_time_ns() - begun) / counts[-1])
        start_ms.append((begun - start) / 1e6)
    return Timing.of(ns_per_event), Timing.of(start_ms), sum(counts) / rounds


def of_size(units: int, rounds: int) -> Found:
    """One row of the table."""
    program = fleet(units, max(1, units // UNITS_A_CREW), horizon(units))
    ns_per_event, start_ms, count = timed(program, rounds)
    run = kernel.finished(program, 1, 0)
    world, log = run.world.buffer.nbytes, run.world.log.nbytes
    return {
        "units": units,
        "ns_per_event": asdict(ns_per_event),
        "start_ms": asdict(start_ms),
        "events_per_simulated_year": count * 365 * DAY_S / program.horizon,
        "world_bytes": world,
        "bytes_per_unit": (world - log) / units,
        "program_bytes": run.block.buffer.nbytes,
    }


def slope(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Of the straight line through the logarithms: the power of n that the values grow with."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def measure(quick: bool) -> Found:
    found, exact = answer(quick)
    check({"share of failed units": found}, exact)
    calibration.calendar_only(1)  # compiles
    events(fleet(1, 1, DAY_S), 1, 0)
    start = time.thread_time_ns()
    calendar = calibration.calendar_only(1_000_000)
    calibration_ns = (time.thread_time_ns() - start) / calendar
    sizes = SIZES[:-1] if quick else SIZES
    rows = [of_size(units, 3 if quick else 9) for units in sizes]
    units = [row["units"] for row in rows]
    return {
        "answer": {**asdict(found), "exact": exact, "standard_errors_off": found.off(exact)},
        "calibration_ns": calibration_ns,
        "sizes": rows,
        "slopes": {
            "events per simulated year": slope(units, [row["events_per_simulated_year"] for row in rows]),
            "bytes of a replication without its log": slope(
                units, [row["bytes_per_unit"] * row["units"] for row in rows]
            ),
            "ns per event": slope(units, [row["ns_per_event"]["median"] for row in rows]),
        },
        "targets": {"units": SIZES[-1], "ns_per_event": TARGET_NS, "megabytes": TARGET_MB},
    }


def report(found: Found) -> str:
    a = found["answer"]
    lines = [f"share of failed units {a['mean']:.6f} +- {a['standard_error']:.6f}, exact {a['exact']:.6f}, "
             f"{a['standard_errors_off']:+.2f} standard errors off"]  # fmt: skip
    lines.append(f"calendar of 1,000 exponential clocks, in the same process: {found['calibration_ns']:.1f} ns/event")
    for row in found["sizes"]:
        start, size = row["start_ms"]["median"], row["world_bytes"] / 1e6
        ratio = row["ns_per_event"]["median"] / found["calibration_ns"]
        lines.append(line(f"{row['units']:>7,} units", row["ns_per_event"]) + f", {ratio:.1f} calendars")
        lines.append(f"        start {start:.2f} ms, {size:.2f} MB, {row['bytes_per_unit']:.0f} B a unit, "
                     f"{row['events_per_simulated_year']:,.0f} events a simulated year")  # fmt: skip
    lines += [f"{name}: grow as n^{power:.3f}" for name, power in found["slopes"].items()]
    wanted = found["targets"]
    lines.append(f"targets at {wanted['units']:,} units: {wanted['ns_per_event']:.0f} ns, {wanted['megabytes']:.0f} MB")
    return "\n".join(lines)


if __name__ == "__main__":
    main("growth", WHAT, measure, report)
