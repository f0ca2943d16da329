"""The builder: declarations by name, in any order; `build()` checks them and makes the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from outlast.program import tables as T
from outlast.program.metrics import Metric
from outlast.program.model import (
    Cohort,
    Condition,
    Controller,
    Each,
    Gate,
    Lifecycle,
    Meter,
    Pool,
    Profile,
    Service,
    Site,
    Stock,
    Watch,
)
from outlast.program.program import Program
from outlast.program.source import Source


class Builder:
    """Collects the parts of a program.

    horizon: seconds simulated, warm-up included.  warm_up: seconds that are not measured.  window: length of a
    measuring window in seconds, 0 for a single one.
    """

    def __init__(self, horizon: float, warm_up: float = 0.0, window: float = 0.0) -> None:
        self.horizon, self.warm_up, self.window = float(horizon), float(warm_up), float(window)
        self.profiles: dict[str, Profile] = {}
        self.pools: dict[str, Pool] = {}
        self.groups: dict[str, Gate] = {}
        self.conditions: dict[str, Condition] = {}
        self.stocks: dict[str, Stock] = {}
        self.services: dict[str, Service] = {}
        self.controllers: dict[str, Controller] = {}
        self.cohorts: dict[str, Cohort] = {}
        self.meters: dict[str, Meter] = {}
        self.metrics: list[Metric] = []
        self.problems: list[str] = []
        self._kinds: dict[str, str] = {}

    def _new(self, kind: str, name: str) -> str:
        if name in self._kinds:
            self.problems.append(f"{kind} {name!r}: there is already a {self._kinds[name]} of that name")
        self._kinds[name] = kind
        return name

    def profile(self, name: str, period: float, steps: Iterable[tuple[float, float]]) -> str:
        """A periodic step function: (at_s, value) with 0 <= at < period; equal neighbours are merged."""
        merged: list[tuple[float, float]] = []
        for at, value in steps:
            if not merged or merged[-1][1] != value:
                merged.append((float(at), float(value)))
        self.profiles[self._new("profile", name)] = Profile(name, float(period), tuple(merged))
        return name

    def pool(self, name: str, capacity: int = 0, profile: str = "") -> str:
        """Tokens to be claimed; the capacity is fixed or follows a profile."""
        self.pools[self._new("pool", name)] = Pool(name, capacity, profile)
        return name

    def group(self, name: str) -> str:
        """A count of units; cohorts say on declaration with which tags they belong."""
        self.groups[self._new("group", name)] = Gate(name, ())
        return name

    def gate(self, name: str, counts: Sequence[str]) -> str:
        """A count of conditions; "!name" counts it while it is false."""
        wants = tuple((c.removeprefix("!"), 0 if c.startswith("!") else 1) for c in counts)
        self.groups[self._new("gate", name)] = Gate(name, wants)
        return name

    def condition(self, name: str, source: Source, at_least: float, measured: str = "", meter: str = "") -> str:
        """True iff the value is at least the level.  measured: its falls are logged as outages of that component;
        meter: name of a meter of the time it is false."""
        self.conditions[self._new("condition", name)] = Condition(name, source, float(at_least), [], measured, "")
        if meter:
            self.meter(meter, ("false", name))
        return name

    def listen(self, condition: str, cohort: str, rise: str = "", fall: str = "", index: int = 0) -> None:
        """A unit is signalled when the condition rises or falls."""
        if condition in self.conditions:
            self.conditions[condition].listens.append((cohort, index, rise, fall))
        else:
            self.problems.append(f"listen: there is no condition {condition!r} yet; declare it first")

    def stock(self, name: str, initial: float = 0.0, low: float = 0.0, high: float = float("inf"),
              source: Source | None = None, keep: int = T.RING, loss: str = "loss") -> str:  # fmt: skip
        """A number that flows at the rate its owner's state says (R10); `keep` committed points a tier.
        loss: label under which results show what a rollback lost."""
        self.stocks[self._new("stock", name)] = Stock(name, initial, low, high, source, keep, [], loss)
        return name

    def watch(self, stock: str, level: float, cohort: str, signal: str, *, up: bool = True, index: int = 0) -> None:
        """Signal a unit when the level is reached from below (up) or from above."""
        if stock in self.stocks:
            self.stocks[stock].watches.append(Watch(float(level), up, cohort, index, signal))
        else:
            self.problems.append(f"watch: there is no stock {stock!r} yet; declare it first")

    def service(self, name: str, load: Source, sites: Sequence[Site], *, scale: float = 1.0, retry: float = 0.0,
                routes: Sequence[Sequence[float]] = (), needs: Mapping[str, float] | None = None,
                metered: bool = True) -> str:  # fmt: skip
        """A flow of requests over sites (R11); meters `name.offered`, `.served`, `.good`, `.bad`, `.dropped`,
        `.headroom`."""
        rows = tuple(tuple(float(x) for x in row) for row in routes) or (tuple(1.0 / len(sites) for _ in sites),)
        self.services[self._new("service", name)] = Service(name, load, scale, retry, tuple(sites), rows,
                                                            tuple((needs or {}).items()), metered)  # fmt: skip
        for site in sites:
            self._new("site", f"{name}.{site.name}")
        return name

    def controller(self, name: str, metric: Source, group: str, *, up: tuple[Sequence[str], str],
                   down: tuple[Sequence[str], str], least: int, most: int, target: float, total: bool = False,
                   ready: str = "", missing: str = "", listed: str = "", tolerance: float = 0.1, period: float = 15.0,
                   phase: float | None = 0.0, lag: int = 1, window: float = 300.0, grow: tuple[int, float] = (4, 1.0),
                   shrink: tuple[int, float] = (0, 1.0)) -> str:  # fmt: skip
        """A horizontal autoscaler (R12): keeps the count of `group` where the metric meets its target.

        metric: the mean over the members in group `ready`, or, with `total`, a sum to be divided by the target; it
        counts as 0 while condition `listed` is false.  missing: group of members without a metric.  up, down: (tags,
        signal) of the members of `group` that are started, first in member order, or stopped, last first.  phase: of
        the evaluations in seconds, None: drawn.  lag: evaluations until a metric is seen.  window: seconds for which
        a recommendation holds back a reduction.  grow, shrink: (members, share of them) that an evaluation may add
        or remove at most, the larger of the two.
        """
        self.controllers[self._new("controller", name)] = Controller(
            name, metric, group, (tuple(up[0]), up[1]), (tuple(down[0]), down[1]), least, most, float(target), total,
            ready, missing, listed, float(tolerance), float(period), phase, lag, float(window), grow,
            shrink)  # fmt: skip
        return name

    def lifecycle(self, name: str) -> Lifecycle:
        """A new lifecycle; cohorts use it."""
        return Lifecycle(name)

    def cohort(
        self,
        name: str,
        lifecycle: Lifecycle,
        count: int = 1,
        *,
        bind: Mapping[str, str | Each] | None = None,
        member: Mapping[str, Sequence[str]] | Sequence[tuple[str | Each, Sequence[str]]] = (),
        drives: str | Each | None = None,
        start: str = "",
        component: str = "",
        scope: str = "",
    ) -> str:
        """`count` identical units.  bind: slot name -> object (a slot not bound is looked up by its own name).
        member: group -> tags that count.  drives: the stock its states drive.  component, scope: whom it belongs to
        in results, and the level of failure it stands for ("host", "zone", ...)."""
        pairs = member.items() if isinstance(member, Mapping) else member
        first = next(iter(lifecycle.states), "")
        self.cohorts[self._new("cohort", name)] = Cohort(
            name, lifecycle, count, start or first, dict(bind or {}), [(g, tuple(t)) for g, t in pairs], drives,
            component or name, scope)  # fmt: skip
        return name

    def meter(self, name: str, of: tuple[str, str], reduction: str = "integral") -> str:
        """Measure ("group" count | "busy" or "queue" of a pool | "false" time of a condition | "lost" by
        a stock's rollbacks | "ups" or "downs" of a controller) per window."""
        self._new("meter", f"meter {name}")
        self.meters[name] = Meter(name, of, T.REDUCTIONS.index(reduction))
        return name

    def metric(self, metric: Metric) -> None:
        """Publish a measure."""
        self.metrics.append(metric)

    def build(self) -> Program:
        """Check and make the tables; ProgramError lists every problem with the unit and row it is about."""
        from outlast.program.build import assemble

        return assemble(self)
