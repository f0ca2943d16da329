"""From incidents to samples: outages of units, the times between them, and what was seen of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from outlast.errors import UsageError, shown
from outlast.stats.lifetimes import FIRST, OPEN, QUIET, SEEN, SHORT, Sample

AGES = ("mixed", "new", "unknown")
EPOCH = pd.Timestamp(0, tz="UTC")
MOST_UNITS = 1_000_000


@dataclass(frozen=True)
class Observed:
    """What was watched, apart from the incidents themselves.

    since, until: when, None where it is not known.  units: how many units, of every component or by component.
    exposure: time in operation of all units together, s, likewise.  age: of units at `since`: `mixed`, as in a process
    of renewals that has run for long; `new`; or `unknown`, then the time to the first failure of each is left out.
    """

    since: pd.Timestamp | None = None
    until: pd.Timestamp | None = None
    units: int | Mapping[str, int] | None = None
    exposure: float | Mapping[str, float] | None = None
    age: str = "mixed"

    def __post_init__(self) -> None:
        if self.age not in AGES:
            raise UsageError(f"unknown age of units (got {shown(self.age)})", f"one of {', '.join(AGES)}")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise UsageError(f"the observation ends before it begins (from {self.since} until {self.until})")
        if self.units is not None and self.exposure is not None:
            raise UsageError("both units and exposure are given", "the exposure of units is found from the dates")
        if self.units is not None and (self.since is None or self.until is None):
            raise UsageError("units are given without when they were watched", "give both --from and --until")
        counts = self.units.values() if isinstance(self.units, Mapping) else [] if self.units is None else [self.units]
        for count in counts:
            if not 1 <= count <= MOST_UNITS:
                raise UsageError(f"units must be 1 to {MOST_UNITS:,} (got {count})")

    def units_of(self, component: str) -> int | None:
        return self.units.get(component) if isinstance(self.units, Mapping) else self.units

    def exposure_of(self, component: str) -> float | None:
        return self.exposure.get(component) if isinstance(self.exposure, Mapping) else self.exposure

    def named(self) -> list[str]:
        """Components that are watched by name, with incidents or without."""
        return [name for one in (self.units, self.exposure) if isinstance(one, Mapping) for name in one]


class Outage(NamedTuple):
    """Of one unit, in seconds since 1970; end is infinite while it lasts."""

    start: float
    end: float


@dataclass
class History:
    """What one component went through. by_unit: outages of each unit in order; under "" those of unknown units.
    starts: of all outages in the time observed, ascending. notes: what a reader must know of how they were counted."""

    component: str
    by_unit: dict[str, list[Outage]]
    since: float | None
    until: float | None
    notes: list[str] = field(default_factory=list)

    @property
    def outages(self) -> list[Outage]:
        """Those that began in the time observed, in order."""
        return sorted(one for unit in self.by_unit.values() for one in unit if self.watched(one.start))

    def watched(self, time: float) -> bool:
        return (self.since is None or time >= self.since) and (self.until is None or time < self.until)


def tidied(incidents: pd.DataFrame) -> pd.DataFrame:
    """The frame with text for component and unit (empty if there is none), and times in UTC (those without a zone are).
    Raises UsageError for a missing column, a missing start, an end before its start."""
    if missing := [name for name in ("component", "start", "end") if name not in incidents.columns]:
        raise UsageError(
            f"incidents have no column {' nor '.join(missing)}", f"there are {', '.join(incidents.columns)}"
        )
    unit = incidents["unit"] if "unit" in incidents.columns else pd.Series("", incidents.index)
    try:
        times = {name: pd.to_datetime(incidents[name], utc=True, format="ISO8601") for name in ("start", "end")}
    except (ValueError, TypeError) as error:
        raise UsageError(f"incidents have times that are none: {error}") from None
    tidy = incidents.assign(component=incidents["component"].astype(str), unit=unit.fillna("").astype(str), **times)
    if (wrong := tidy["start"].isna() | (tidy["end"] < tidy["start"])).any():
        raise UsageError(f"incident {shown(wrong.idxmax())} has no start, or ends before it starts")
    if tidy.empty:
        raise UsageError("there is no incident")
    return tidy


def history(component: str, rows: pd.DataFrame, observed: Observed) -> History:
    """The outages of one component: a ticket that is opened while its unit is down belongs to that outage."""
    since, until = _seconds(observed.since), _seconds(observed.until)
    found = History(component, {}, since, until)
    alone = observed.units_of(component) == 1
    starts, ends = ((rows[name] - EPOCH).dt.total_seconds().fillna(math.inf) for name in ("start", "end"))
    for unit, start, end in sorted(zip(rows["unit"], starts, ends, strict=True), key=lambda row: row[1]):
        if until is not None and start >= until:
            continue
        name = component if alone else unit
        outages = found.by_unit.setdefault(name, [])
        ended = end if until is None or end <= until else math.inf
        if name and outages and start <= outages[-1].end:
            outages[-1] = Outage(outages[-1].start, max(outages[-1].end, ended))
        else:
            outages.append(Outage(start, ended))
    _note(found, len(rows), starts.to_numpy())
    return found


def _note(found: History, tickets: int, starts: np.ndarray) -> None:
    late = int((starts >= found.until).sum()) if found.until is not None else 0
    outages = [one for unit in found.by_unit.values() for one in unit]
    for count, what in (
        (late, "began after the end of observation: left out"),
        (tickets - late - len(outages), "began while the unit was down: part of that outage"),
        (len(outages) - len(found.outages), "began before the start of observation: no failure, no repair"),
    ):
        if count:
            found.notes.append(f"{count} of {plural(tickets, 'incident')} {what}")
    if not tickets:
        found.notes.append("no incident names it")


def plural(count: int, noun: str) -> str:
    """`1 incident`, `2 incidents`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def repairs(found: History) -> Sample | None:
    """How long outages that began in the time observed lasted; open ones are cut off at its end."""
    outages = found.outages
    if not outages:
        return None
    until = math.inf if found.until is None else found.until
    lasted = np.array([min(one.end, until) - one.start for one in outages])
    kind = np.array([OPEN if math.isinf(one.end) else SEEN for one in outages])
    limit = until - np.array([one.start for one in outages])
    zero = (lasted <= 0.0) & (kind == SEEN)
    if zero.all():
        raise UsageError(f"{found.component}: every incident ends when it begins", "durations cannot be fitted")
    if zero.any():
        shortest = float(lasted[~zero & (kind == SEEN)].min(initial=float(lasted[~zero].max())))
        lasted, kind = np.where(zero, shortest, lasted), np.where(zero, SHORT, kind)
        count = f"{int(zero.sum())} of {plural(len(zero), 'incident')}"
        found.notes.append(f"{count} ended as soon as begun: taken as shorter than the shortest other one")
    return Sample(lasted, kind, limit)


def lives(found: History, units: int, age: str) -> Sample:
    """Times in operation of every unit between since and until: from one restoration to the next failure, cut off at
    the end; the first of each begins at an age that `age` says something of."""
    assert found.since is not None and found.until is not None
    begun, cut = {"mixed": (FIRST, QUIET), "new": (SEEN, OPEN), "unknown": (-1, -1)}[age]
    rows: list[tuple[float, int, float]] = []
    for outages in found.by_unit.values():
        up, kinds = found.since, (begun, cut)
        for start, end in outages:
            if start > up:
                rows.append((start - up, kinds[0], found.until - up))
            if end > up:
                up, kinds = end, (SEEN, OPEN)
        if up < found.until:
            rows.append((found.until - up, kinds[1], found.until - up))
    quiet = units - len(found.by_unit)
    rows += [(found.until - found.since, cut, found.until - found.since)] * quiet
    kept = [row for row in rows if row[1] >= 0]
    seconds, kind, limit = zip(*kept, strict=True) if kept else ((), (), ())
    return Sample(
        np.array(seconds, dtype=np.float64), np.array(kind, dtype=np.int64), np.array(limit, dtype=np.float64)
    )


def time_up(found: History, units: int) -> float:
    """Unit-seconds in operation in the time observed: all of it but the outages."""
    assert found.since is not None and found.until is not None
    down = sum(
        max(0.0, min(end, found.until) - max(start, found.since))
        for unit in found.by_unit.values()
        for start, end in unit
    )
    return units * (found.until - found.since) - down


def _seconds(time: pd.Timestamp | None) -> float | None:
    """Seconds since 1970, None where there is no time."""
    return None if time is None or pd.isna(time) else time.timestamp()
