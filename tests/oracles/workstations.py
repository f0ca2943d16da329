"""The workstation cluster of the probabilistic model checkers: two sides behind switches, a backbone, one repair unit.

Source: Haverkort, Hermanns, Katoen, On the use of model checking techniques for dependability evaluation, SRDS 2000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outlast.program import Builder, Metric, Program, Site, Term, count_of, emit, rate_of, scatter, value_of
from outlast.stats.distributions import deterministic, exponential

HOUR_S = 3600.0
ITEMS = {"left": (500, 0.5), "right": (500, 0.5), "left switch": (4000, 4), "right switch": (4000, 4),
         "backbone": (5000, 8)}  # mean hours to failure, mean hours of a repair  # fmt: skip
SINGLE = ("left switch", "right switch", "backbone")


def cluster(side: int, levels: Mapping[str, int], order: Sequence[str], *, inspection_h: float) -> Program:
    """A cluster with `side` workstations a side, for 2000 h.

    levels: component -> how many workstations must be connected.  order: in which the repair unit looks for failed
    items, if there is no inspection; else the classes race for it.
    """
    b = Builder(2000 * HOUR_S)
    for name, (life_h, _) in ITEMS.items():
        b.group(f"{name} up")
        b.group(f"{name} down")
        life = b.lifecycle(name).state("up", tags=["up"]).state("down", tags=["down"])
        life.after(exponential(life_h * HOUR_S), "up", "down").on("repaired", "down", "up")
        b.cohort(name, life, 1 if name in SINGLE else side, member={f"{name} up": ["up"], f"{name} down": ["down"]})
        b.condition(f"{name} failed", count_of(f"{name} down"), 1)
    _repair_unit(b, order, deterministic(0.0) if inspection_h == 0 else exponential(inspection_h * HOUR_S))
    for name in SINGLE:
        b.condition(f"{name} works", count_of(f"{name} up"), 1)
    terms = (Term("left up", capacity=1.0), Term("right up", capacity=1.0))
    b.service("both", value_of(b.profile("all", 1.0, [(0.0, 2.0 * side)])), [Site("sides", terms)], metered=False)
    for name, least in levels.items():
        _level(b, name, least)
    _measures(b, side)
    return b.build()


def _repair_unit(b: Builder, order: Sequence[str], inspection: object) -> None:
    unit = b.lifecycle("repair unit").state("idle")
    for name in order:
        unit.state(name)
        unit.after(inspection, "idle", name, when=[f"{name} failed"])  # type: ignore[arg-type]
        one = emit(name, "repaired") if name in SINGLE else scatter(f"{name} down", "repaired", ["down"], n=1)
        unit.after(exponential(ITEMS[name][1] * HOUR_S), name, "idle", [one])
    b.cohort("repair unit", unit)


def _level(b: Builder, name: str, least: int) -> None:
    """A measured condition that so many workstations are connected."""
    ways = []
    for side in ("left", "right"):
        enough = b.condition(f"{side} enough for {name}", count_of(f"{side} up"), least)
        b.gate(f"{side} parts for {name}", [enough, f"{side} switch works"])
        ways.append(b.condition(f"{side} connects {name}", count_of(f"{side} parts for {name}"), 2))
    enough = b.condition(f"both enough for {name}", rate_of("both", "served"), least)
    b.gate(f"joined parts for {name}", [enough, *(f"{item} works" for item in SINGLE)])
    ways.append(b.condition(f"backbone connects {name}", count_of(f"joined parts for {name}"), 4))
    b.gate(f"ways for {name}", ways)
    b.condition(f"{name} ok", count_of(f"ways for {name}"), 1, measured=name, meter=f"{name} down")
    b.metric(Metric(name, "down", "share", "", "share", ((1.0, f"{name} down"),)))


def _measures(b: Builder, side: int) -> None:
    up = tuple((0.5 / side, b.meter(f"{name} working", ("group", f"{name} up"))) for name in ("left", "right"))
    b.metric(Metric("cluster", "working", "share", "", "share", up))
    repaired = tuple((1.0, b.meter(f"{name} repairs", ("group", f"{name} up"), "count")) for name in ITEMS)
    b.metric(Metric("cluster", "repairs", "1", "", "amount", repaired))
