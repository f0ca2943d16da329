"""A guard against regressions that an automatic build can run: event counts exactly, times as ratios.

    python benchmarks/guard.py              fails if a count differs, or if a ratio is far above the history
    python benchmarks/guard.py --counts     counts only, no time is taken: some seconds
    python benchmarks/guard.py --record     adds this measurement and these counts to benchmarks/results/history.json

The programs and seeds are fixed, so each has one right number of events. A ratio is time per event over that of the
calendar of `calibration.py`, in turns in the same process, median over rounds: it depends little on the machine. It
fails only above LIMIT times the median of the history, so that a busy machine breaks nothing.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import calibration
from measuring import RESULTS, SCENARIOS, Work, in_turns, surroundings, write
from programs import DAY_S, clocks, events, repair

import outlast
from outlast.program import Program
from outlast.stats.distributions import exponential, lognormal, weibull

HISTORY = RESULTS / "history.json"
LIMIT = 2.0  # times the median of the history
SEED = 1
ROUNDS = 7
CALENDAR = "calendar"

#: The program, and replications of it that have about 100,000 events.
PROGRAMS: Mapping[str, tuple[Callable[[], Program], int]] = {
    "1,000 clocks": (lambda: clocks(1000, exponential(100 * DAY_S), 1000 * DAY_S), 10),
    "machine repair": (lambda: repair(1000, 5, exponential(100 * DAY_S), exponential(36_000.0), 500 * DAY_S), 10),
    "10,000 units, Weibull and lognormal": (
        lambda: repair(10_000, 66, weibull(mean=50 * DAY_S, shape=1.5), lognormal(mean=21_600.0, cv=0.9), 250 * DAY_S),
        1,
    ),
    "quickstart": (lambda: scenario("quickstart"), 10),
    "llama3-54-days": (lambda: scenario("llama3-54-days"), 10),
    "two-region-platform": (lambda: scenario("two-region-platform"), 2),
    "hybrid": (lambda: scenario("hybrid", horizon="90 d"), 1),
}


def scenario(name: str, **changes: str) -> Program:
    return outlast.load(SCENARIOS / f"{name}.yaml", changes).program()


def counted(programs: Mapping[str, Program]) -> dict[str, int]:
    """Events of each program."""
    return {name: events(program, PROGRAMS[name][1], SEED) for name, program in programs.items()}


def ratios(programs: Mapping[str, Program], rounds: int) -> tuple[float, dict[str, float]]:
    """Nanoseconds per event of the calendar, and the others' as multiples of it."""

    def run(name: str, program: Program) -> Work:
        return lambda seed: events(program, PROGRAMS[name][1], seed)

    models: dict[str, Work] = {CALENDAR: lambda seed: calibration.calendar_only(100_000)}
    calibration.calendar_only(1)  # compiles
    times = in_turns(models | {name: run(name, program) for name, program in programs.items()}, rounds)
    calendar = times.pop(CALENDAR).median
    return calendar, {name: timing.median / calendar for name, timing in times.items()}


def wrong_counts(found: Mapping[str, int], right: Mapping[str, int]) -> list[str]:
    """A line for every program whose number of events is not the stored one."""
    names = dict.fromkeys((*found, *right))
    return [
        f"{name}: {found.get(name, 'no')} events, stored are {right.get(name, 'none')}"
        for name in names
        if found.get(name) != right.get(name)
    ]


def too_slow(found: Mapping[str, float], history: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for every ratio above LIMIT times the median of its history; one without a history passes."""
    lines = []
    for name, ratio in found.items():
        before = [entry["ratios"][name] for entry in history if name in entry["ratios"]]
        usual = statistics.median(before) if before else ratio
        if ratio > LIMIT * usual:
            lines.append(f"{name}: {ratio:.2f} calendars an event; the median of {len(before)} is {usual:.2f}")
    return lines


def read(path: Path) -> dict[str, Any]:
    """The stored counts and measurements; empty where there is no file."""
    if not path.exists():
        return {"events": {}, "history": []}
    return dict(json.loads(path.read_text(encoding="utf-8")))


def main() -> None:
    parser = argparse.ArgumentParser(description="Event counts and relative times against the stored ones.")
    parser.add_argument("--counts", action="store_true", help="check the event counts only")
    parser.add_argument("--record", action="store_true", help="add this measurement, and store these counts")
    parser.add_argument("--history", type=Path, default=HISTORY, help="the file [default: results/history.json]")
    options = parser.parse_args()
    stored = read(options.history)
    programs = {name: make() for name, (make, _) in PROGRAMS.items()}
    found = counted(programs)
    bad = [] if options.record else wrong_counts(found, stored["events"])
    for name, count in found.items():
        print(f"{name:<38} {count:>9,} events")
    if not options.counts:
        calendar, measured = ratios(programs, ROUNDS)
        print(f"{'calendar of 1,000 exponential clocks':<38} {calendar:9.1f} ns/event")
        for name, ratio in measured.items():
            print(f"{name:<38} {ratio:9.2f} calendars an event")
        bad += too_slow(measured, stored["history"])
        if options.record:
            entry = {"date": datetime.date.today().isoformat(), "calendar_ns": calendar, "ratios": measured}
            stored = {"events": found, "history": [*stored["history"], {**entry, **surroundings()}]}
            write(stored, options.history)
            print(f"recorded in {options.history}", file=sys.stderr)
    if bad:
        raise SystemExit("\n".join(bad))


if __name__ == "__main__":
    main()
