"""A simulated year of the two-region platform: time per event, events and milliseconds per year, whose events they are.

    python benchmarks/platform_year.py             a minute; writes benchmarks/results/platform_year.json
    python benchmarks/platform_year.py --quick     some seconds; writes nothing unless --out FILE is given

The answer is checked first: the kernel and the reference on SimPy must give the same sums and the same log, bit for
bit. Then the kernel (processor time of one thread) is timed in turns with the calendar of `calibration.py`, and the
reference over one replication of the same program. Programs with controllers are timed twice, sleeping and ticking.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import calibration
from measuring import SCENARIOS, Found, Work, in_turns, line, main, require
from programs import events

import outlast
from outlast.engines import kernel, reference
from outlast.program import Program
from outlast.run.cost import YEAR_S
from outlast.run.turns import turns

SCENARIO = SCENARIOS / "two-region-platform.yaml"
CALENDAR = "calendar of 1,000 exponential clocks"
WHAT = "a year of the two-region platform: kernel and reference, and whose events they are"


def year(quick: bool, **changes: Any) -> Program:
    """The scenario with changes (dotted path -> value); quick: 60 d of it."""
    return outlast.load(SCENARIO, {**changes, "horizon": "60 d" if quick else "1 y"}).program()


#: What is timed side by side.
PLATFORMS: Mapping[str, Callable[[bool], Program]] = {"as written": year}


def ticking(program: Program) -> Program:
    """The same program whose controllers never sleep (R12)."""
    head = program.tables["head"].copy()
    head["sleep"] = 0
    return replace(program, tables={**program.tables, "head": head}, cache={})


def platforms(quick: bool) -> dict[str, Program]:
    """The programs; those with controllers also with controllers that never sleep."""
    found = {name: make(quick) for name, make in PLATFORMS.items()}
    awake = {f"{name}, ticking": ticking(p) for name, p in found.items() if p.names.controllers}
    return found | awake


def in_reference(name: str, program: Program) -> Found:
    """One replication on both engines: the same bits, and what the reference takes for it."""
    fast = kernel.run(program, 1, 0)
    start = time.thread_time_ns()
    slow = reference.run(program, 1, 0)
    spent = time.thread_time_ns() - start
    same = fast.sums.tobytes() == slow.sums.tobytes() and fast.log.tobytes() == slow.log.tobytes()
    require(same, f"{name}: kernel and reference differ")
    return {"events": slow.events, "ns_per_event": spent / slow.events, "ms_per_year": _ms(spent, program)}


def _ms(nanoseconds: float, program: Program) -> float:
    return nanoseconds / 1e6 * YEAR_S / program.horizon


def measure(quick: bool) -> Found:
    programs = platforms(quick)
    slow = {name: in_reference(name, program) for name, program in programs.items()}
    calibration.calendar_only(1)  # compiles
    n = 5 if quick else 20

    def run(program: Program) -> Work:
        return lambda seed: events(program, n, seed)

    models: dict[str, Work] = {CALENDAR: lambda seed: calibration.calendar_only(n * 10_000)}
    times = in_turns(models | {name: run(p) for name, p in programs.items()}, 3 if quick else 9)
    found = {}
    for name, program in programs.items():
        count = events(program, n, 1) / n
        whose = turns(program, kernel.run(program, 1, 0, trace=True))
        found[name] = {
            "evaluations_of_replication_0": int(kernel.finished(program, 1, 0).world.controllers["ticks"].sum()),
            "events_per_year": count * YEAR_S / program.horizon,
            "ns_per_event": asdict(times[name]),
            "ms_per_year": _ms(times[name].median * count, program),
            "reference": slow[name],
            "ratio": slow[name]["ns_per_event"] / times[name].median,
            "events_of_replication_0": {f"{c or '-'} {source}": k for (c, source), k in whose.most_common()},
        }
    return {"calibration": asdict(times[CALENDAR]), "platforms": found}


def report(found: Found) -> str:
    lines = ["kernel and reference agree bit for bit", line(CALENDAR, found["calibration"])]
    for name, p in found["platforms"].items():
        lines.append(line(name, p["ns_per_event"]))
        lines.append(f"  {p['events_per_year']:,.0f} events and {p['ms_per_year']:.2f} ms per simulated year")
        if evaluations := p["evaluations_of_replication_0"]:
            lines.append(f"  {evaluations:,} evaluations of controllers in replication 0")
        slow = p["reference"]
        lines.append(f"  reference: {slow['ns_per_event']:,.0f} ns/event, {slow['ms_per_year']:,.0f} ms per simulated "
                     f"year; {p['ratio']:.0f} times the kernel's")  # fmt: skip
        lines += [f"    {count:>9,} {whose}" for whose, count in list(p["events_of_replication_0"].items())[:6]]
    return "\n".join(lines)


if __name__ == "__main__":
    main("platform_year", WHAT, measure, report)
