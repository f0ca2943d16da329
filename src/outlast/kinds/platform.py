"""The platform under construction: what kinds lower themselves into.

It resolves names of places, teams and components to conditions, and keeps the problems it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from outlast.errors import nearest_hint
from outlast.kinds.money import Ledger
from outlast.program import Builder, Metric, count_of

Path = tuple[str | int, ...]
Report = Callable[[Path, str, str], None]
YEAR_S = 365 * 86_400.0


@dataclass(frozen=True)
class Place:
    """Somewhere things run: a provider, a region or a zone.  ok: condition that it works, "" if it never fails."""

    name: str
    scope: str
    ok: str
    zones: tuple[str, ...] = ()
    jurisdiction: str = ""


@dataclass(frozen=True)
class Team:
    """A crew: its pool, the condition and profile of its working hours ("" = always), whether it can be called
    outside them."""

    pool: str
    on_duty: str = ""
    hours: str = ""
    on_call: bool = False


@dataclass
class Platform:
    """Names of a scenario and the builder they end up in.  report(path, message, hint) takes a problem."""

    builder: Builder
    report: Report
    places: dict[str, Place] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    links: dict[str, float | None] = field(default_factory=dict)  # capacity, bytes per second
    components: Mapping[str, object] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def problem(self, path: Path, message: str, hint: str = "") -> None:
        """Keep a problem of the scenario at this path."""
        self.report(path, message, hint)

    # -- names ------------------------------------------------------------------------------------------------
    def place(self, name: str, path: Path) -> Place | None:
        """A place by name: `region`, `region.zone` or a provider."""
        if name not in self.places:
            self.problem(path, f"there is no place {name!r}", nearest_hint(name, self.places, "places"))
        return self.places.get(name)

    def spread(self, at: str | Sequence[str], path: Path) -> list[Place]:
        """Places to spread over: one name, several, or `region.*` for all its zones."""
        found: list[Place] = []
        for name in [at] if isinstance(at, str) else at:
            region = self.places.get(name.removesuffix(".*"))
            if name.endswith(".*") and region is not None and region.zones:
                found += [self.places[z] for z in region.zones]
            elif place := self.place(name.removesuffix(".*"), path):
                found.append(place)
        return found

    def team(self, name: str, path: Path) -> Team | None:
        """A team by name."""
        if name not in self.teams:
            self.problem(path, f"there is no team {name!r}", nearest_hint(name, self.teams, "teams"))
        return self.teams.get(name)

    def works(self, name: str, path: Path) -> str:
        """Condition that a component, place or link works; "" if it never fails (or is unknown: a problem)."""
        if name in self.components or name in self.links:
            return f"{name} ok"
        if name in self.places:
            return self.places[name].ok
        known = [*self.components, *self.links, *self.places]
        self.problem(path, f"there is nothing called {name!r}", nearest_hint(name, known, "components and places"))
        return ""

    # -- building blocks ------------------------------------------------------------------------------------
    def every(self, name: str, conditions: Iterable[str], measured: str = "", at_least: int | None = None, *,
              own: bool = False) -> str:  # fmt: skip
        """A condition that all of these hold (or at least some number of them); empty names never fail.

        own: make a new one even for a single condition, which may be declared only later, so that it can be listened
        to.
        """
        real = list(conditions)
        counted = [c for c in dict.fromkeys(real) if c] if at_least is None else [c for c in real if c]
        level = len(counted) if at_least is None else at_least - (len(real) - len(counted))
        if not measured and len(counted) <= (0 if own else 1) and at_least is None:
            return counted[0] if counted else ""
        self.builder.gate(f"{name} parts", counted)
        meter = f"{measured} down" if measured else ""
        return self.builder.condition(name, count_of(f"{name} parts"), level, measured, meter)

    def publish(self, name: str, conditions: Iterable[str], at_least: int | None = None) -> str:
        """The measured condition `name ok`, and the measures every component has."""
        ok = self.every(f"{name} ok", conditions, measured=name, at_least=at_least)
        self.availability(name)
        return ok

    def availability(self, name: str) -> None:
        """Measures of a component with a measured condition."""
        down = ((1.0, f"{name} down"),)
        self.measure(name, "availability", "share", "1 - time down / time", "share", down, complement=True,
                     better="higher")  # fmt: skip
        self.measure(name, "downtime", "s/y", "seconds down per year", "rate", down, better="lower")
        self.measure(name, "outages", "1/y", "outages that begin, per year", "outages", weighting="event",
                     better="lower")  # fmt: skip
        self.measure(name, "mean_outage", "s", "time down / outages", "mean_outage", weighting="event",
                     better="lower")  # fmt: skip
        self.measure(name, "longest_outage", "s", "longest outage of a replication", "longest_outage",
                     weighting="event", better="lower")  # fmt: skip

    def measure(self, component: str, measure: str, unit: str, words: str, kind: str,
                over: tuple[tuple[float, str], ...] = (), under: tuple[tuple[float, str], ...] = (), *,
                complement: bool = False, scale: float = 1.0, label: str = "",
                weighting: str = "time", better: str = "") -> None:  # fmt: skip
        """Publish one measure."""
        self.builder.metric(Metric(component, measure, unit, words, kind, over, under, complement, scale, label,
                                   weighting, better))  # fmt: skip

    def mean_count(self, component: str, measure: str, words: str, group: str, better: str = "") -> None:
        """Measure the mean number of units in a group."""
        meter = self.builder.meter(f"{component} {measure}", ("group", group))
        self.measure(component, measure, "1", words, "time_mean", ((1.0, meter),), better=better)

    def yearly(self, component: str, measure: str, words: str, group: str) -> str:
        """Measure how often units enter a group that nobody wants them in, per year; returns the meter."""
        meter = self.builder.meter(f"{component} {measure}", ("group", group), "count")
        self.measure(component, measure, "1/y", words, "rate", ((1.0, meter),), weighting="event",
                     better="lower")  # fmt: skip
        return meter
