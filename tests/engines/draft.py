"""What a generated program is made of: the shared names, fixed before any part is written.

Conditions stand in layers, so that nothing depends on itself: base conditions read groups, pools and profiles;
gates count base conditions; services read both; top conditions read services; the last gate counts those.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dice import Dice

from outlast.program import (
    Builder,
    Site,
    Source,
    Term,
    commit,
    count_of,
    emit,
    free_in,
    level_of,
    queued_at,
    rate_of,
    record,
    resize,
    rollback,
    route,
    scatter,
    set_level,
    stage,
    taint,
    use_of,
    value_of,
)
from outlast.program.tables import FIELDS, ORDERS, REDUCTIONS
from outlast.program.verbs import Effect
from outlast.stats.distributions import deterministic, uniform

TAGS = ("up", "down", "busy", "idle")
SIGNALS = ("hit", "poke", "wake", "halt")  # what units hear from one another
SENT = ("hit", *SIGNALS)  # most units listen for a hit
NOT_NEGATIVE = tuple(field for field in FIELDS if field != "headroom")  # those that may scale a delay


@dataclass
class Draft:
    """A builder under way, and the names its parts may use."""

    dice: Dice
    b: Builder
    cohorts: dict[str, int] = field(default_factory=dict)  # name -> count
    groups: dict[str, int] = field(default_factory=dict)  # name -> how many may count
    profiles: list[str] = field(default_factory=list)  # values above 0
    calendars: list[str] = field(default_factory=list)  # whole values from 0
    pools: list[str] = field(default_factory=list)  # fixed capacity
    crews: list[str] = field(default_factory=list)  # all pools
    stocks: list[str] = field(default_factory=list)
    solid: list[str] = field(default_factory=list)  # stocks whose level stays above 0
    services: dict[str, tuple[int, int]] = field(default_factory=dict)  # name -> sites, routes
    bases: list[str] = field(default_factory=list)
    gated: list[str] = field(default_factory=list)
    tops: list[str] = field(default_factory=list)
    steady: str = "steady"  # a group that always counts at least one
    elastic: list[str] = field(default_factory=list)  # cohorts with a controller
    listeners: list[tuple[str, str, int, str, str]] = field(default_factory=list)

    @property
    def conditions(self) -> list[str]:
        return self.bases + self.gated + self.tops

    def guards(self, most: int = 2) -> list[str]:
        """Some conditions, wanted true or false."""
        return [("!" if self.dice.chance(40) else "") + c for c in self.dice.some(self.conditions, most)]

    def member(self) -> dict[str, tuple[str, ...]]:
        """Groups a cohort counts in, with the tags that count."""
        chosen = self.dice.some(list(self.groups), 3)
        return {group: self.dice.pick((("up",), ("down",), ("busy",), ("up", "busy"))) for group in chosen}

    def scale(self) -> tuple[Source | None, bool]:
        """A source that scales a delay, and whether it divides; only values above 0 divide."""
        dice = self.dice
        above = [[value_of(p) for p in self.profiles], [count_of(self.steady)], [level_of(s) for s in self.solid],
                 [rate_of(v, "offered") for v in self.services if v == "v0"]]  # fmt: skip
        rest = [[level_of(s) for s in self.stocks], [free_in(p) for p in (self.pools[1:] * 9 + self.pools)],
                [queued_at(p) for p in self.crews], [count_of(g) for g in self.groups],
                [rate_of(v, dice.pick(NOT_NEGATIVE)) for v in self.services], *above]  # fmt: skip
        inverted = dice.chance(50)
        return dice.pick(dice.pick([kind for kind in (above if inverted else rest) if kind])), inverted

    def actions(self, most: int = 2) -> list[Effect]:
        """Effects a timed row may have on others."""
        return [self._action() for _ in range(self.dice.whole(0, most))]

    def _action(self) -> Effect:
        dice = self.dice
        kind = dice.pick(("scatter", "scatter", "emit", "route", "resize", "stock", "record"))
        if kind == "scatter":
            return self.scattering()
        if kind == "route" and self.services:
            service = dice.pick(list(self.services))
            return route(service, dice.whole(0, self.services[service][1] - 1))
        if kind == "resize" and self.pools:
            return resize(self.pools[0], dice.pick((1, -1)))
        if kind == "stock" and self.stocks:
            return self.stock_action(dice.pick(self.stocks))
        if kind == "record":
            return record(dice.pick(("seen", "done")), dice.pick(["", *self.stocks]))
        return emit(dice.pick(list(self.cohorts)), dice.pick(SENT))

    def scattering(self) -> Effect:
        """A signal to members of a group, in every order."""
        dice = self.dice
        order = dice.pick(ORDERS)
        tags = tuple(dice.some(TAGS, 2))
        p = dice.pick((0.5, 0.9, 1.0)) if order == "each" else 1.0
        return scatter(dice.pick(list(self.groups)), dice.pick(SENT), tags, n=dice.pick((-1, 1, 2)), order=order, p=p)

    def stock_action(self, stock: str) -> Effect:
        """A verb on a stock."""
        dice, tier = self.dice, self.dice.whole(0, 2)
        level = deterministic(dice.pick((0, 2, 4, 6))) if dice.chance(60) else uniform(0.0, 8.0)
        return dice.pick((stage(stock), commit(stock, tier), taint(stock), rollback(stock, tier, clean=dice.chance(50)),
                          set_level(stock, level), record("level", stock)))  # fmt: skip

    # -- what is declared when the cohorts are known -----------------------------------------------------
    def declare_conditions(self) -> None:
        """Base conditions, gates over them, services, conditions over services, and a gate over those."""
        for name in self.bases:
            self._condition(name, *self._base_source())
        for name in self.gated:
            self._gate(name, self.bases)
        for number, name in enumerate(self.services):
            self._service(name, number)
        for name in self.tops[:-1]:
            self._condition(name, *self._top_source())
        for name in self.tops[-1:]:
            self._gate(name, self.tops[:-1] + self.bases)
        for name in self.elastic:
            self._controller(name)
        for cohort, condition, index, rise, fall in self.listeners:
            self.b.listen(condition, cohort, rise, fall, index)
        self._meters()

    def _condition(self, name: str, source: Source, level: float) -> None:
        dice = self.dice
        self.b.condition(name, source, level, measured=f"part {name}" if dice.chance(50) else "",
                         meter=f"{name} false" if dice.chance(50) else "")  # fmt: skip

    def _gate(self, name: str, over: list[str]) -> None:
        dice = self.dice
        counted = dice.some(over, 3) or over[:1]
        self.b.gate(f"{name}.gate", [("!" if dice.chance(30) else "") + c for c in counted])
        self._condition(name, count_of(f"{name}.gate"), dice.whole(1, len(counted)))

    def _base_source(self) -> tuple[Source, float]:
        dice = self.dice
        kind = dice.pick(("group", "group", "group", "free", "queued", "profile"))
        if kind == "group":
            group = dice.pick(list(self.groups))
            return count_of(group), dice.whole(1, max(1, self.groups[group] - 1))
        if kind == "profile":
            return value_of(dice.pick(self.profiles + self.calendars)), dice.pick((1, 2))
        pool = dice.pick(self.crews)
        return (free_in(pool), dice.whole(0, 2)) if kind == "free" else (queued_at(pool), dice.whole(1, 2))

    def _top_source(self) -> tuple[Source, float]:
        dice = self.dice
        service = dice.pick(list(self.services))
        if dice.chance(40):
            site = dice.whole(0, self.services[service][0] - 1)
            return use_of(f"{service}.site{site}"), dice.pick((0.5, 1.0, 1.25))
        what = dice.pick(FIELDS)
        return rate_of(service, what), dice.pick((0.5, 0.9, 1.0)) if what == "good share" else dice.pick((1, 2, 4))

    def _service(self, name: str, number: int) -> None:
        dice = self.dice
        sites, routes = self.services[name]
        known = self.bases + self.gated
        load: Source = value_of(dice.pick(self.profiles))
        if number > 0:
            load = rate_of("v0", dice.pick(("served", "dropped", "good")))
        self.b.service(
            name, load, [self._site(k, known) for k in range(sites)], scale=dice.pick((1.0, 2.0, 3.0)),
            retry=dice.pick((0.0, 0.5, 1.0)), routes=[self._shares(sites) for _ in range(routes)],
            needs={c: dice.pick((0.0, 0.5, 0.9)) for c in dice.some(known, 2)})  # fmt: skip

    def _site(self, number: int, known: list[str]) -> Site:
        dice = self.dice
        terms = []
        for _ in range(dice.whole(1, 3)):
            group = dice.pick(list(self.groups))
            live = dice.pick(known) if dice.chance(30) else ""
            listed = dice.pick(known) if dice.chance(30) else ""
            terms.append(Term(group, dice.pick((1.0, 2.0, 0.5)), dice.pick((1.0, 2.0, 3.0, 0.0)),
                              dice.pick((1.0, 0.9, 0.5)), live, listed))  # fmt: skip
        return Site(f"site{number}", tuple(terms), dice.pick(known) if dice.chance(35) else "")

    def _shares(self, sites: int) -> list[float]:
        if sites == 1:
            return [self.dice.pick((1.0, 0.75))]
        return self.dice.pick(([1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.3, 0.6]))

    def _controller(self, name: str) -> None:
        dice, fleet = self.dice, f"{name}.fleet"
        total = not self.services or dice.chance(50)
        metrics = [value_of(p) for p in self.profiles] + [queued_at(p) for p in self.crews]
        metrics += [count_of(g) for g in self.groups] + [rate_of(v, dice.pick(FIELDS[:-1])) for v in self.services]
        mean = use_of(f"{dice.pick(list(self.services))}.site0") if self.services else value_of(self.profiles[0])
        least = dice.whole(1, 2)
        self.b.controller(
            f"{name}.scaler", dice.pick(metrics) if total else mean, fleet, up=(["idle"], "more"),
            down=(dice.pick((["busy"], ["up"])), "less"), least=least, most=least + dice.whole(1, 4),
            target=dice.pick((0.5, 1.0, 2.0)), total=total, ready=fleet,
            missing=dice.pick(["", *self.groups]), listed=dice.pick(["", *self.conditions]),
            tolerance=dice.pick((0.1, 0.0)), period=dice.pick((3.0, 2.0, 5.0, 1.5)), phase=dice.pick((0.0, 1.0, None)),
            lag=dice.pick((1, 0, 2)), window=dice.pick((6.0, 0.0, 20.0)), grow=dice.pick(((4, 1.0), (1, 0.0))),
            shrink=dice.pick(((0, 1.0), (1, 0.0))))  # fmt: skip
        for what in dice.some(("ups", "downs"), 2):
            self.b.meter(f"{name} {what}", (what, f"{name}.scaler"), "count")

    def _meters(self) -> None:
        dice = self.dice
        for group in self.groups:
            for reduction in dice.some(REDUCTIONS, 3):
                self.b.meter(f"{group} {reduction}", ("group", group), reduction)
        for pool in self.crews:
            for what in dice.some(("busy", "queue"), 2):
                self.b.meter(f"{pool} {what}", (what, pool), dice.pick(REDUCTIONS))
        for stock in dice.some(self.stocks, 2):
            self.b.meter(f"{stock} lost", ("lost", stock), dice.pick(REDUCTIONS))
        for condition in dice.some([c for c in self.conditions if f"{c} false" not in self.b.meters], 2):
            self.b.meter(f"{condition} falls", ("false", condition), dice.pick(REDUCTIONS))
