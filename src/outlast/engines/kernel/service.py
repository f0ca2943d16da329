"""R11: services: offered, served, good, bad and dropped requests per second over sites, and headroom."""

from __future__ import annotations

from outlast.compiled import inner
from outlast.engines.kernel.group import mark, value
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.record import meter
from outlast.program.tables import BAD, DROPPED, GOOD, HEADROOM, OFFERED, SERVED


@inner
def _true(W: WorldBlock, condition: int) -> bool:
    return condition < 0 or W.conditions[condition]["above"] == 1


@inner
def _site(P: ProgramBlock, W: WorldBlock, j: int, off: float, retry: float) -> tuple[float, float, float, bool]:
    """Served and good rate of one site that is offered `off`, its capacity, and whether its use changed."""
    row, state = P.sites[j], W.sites[j]
    listed, live, cap, quality = 0.0, 0.0, 0.0, 0.0
    for t in range(row["t0"], row["t1"]):
        term = P.terms[t]
        if not _true(W, term["listed"]):
            continue
        n = float(W.groups[term["group"]]["count"])
        a = n * term["weight"]
        listed += a
        if term["capacity"] > 0.0 and _true(W, term["live"]) and _true(W, row["reach"]):
            live += a
            cap += n * term["capacity"]
            quality += a * term["good"]
    miss = off * (listed - live) / listed if listed > 0.0 else off
    hit = off - miss + retry * miss if live > 0.0 else 0.0
    served = min(hit, cap)
    good = served * quality / live if live > 0.0 else 0.0
    use = hit / cap if cap > 0.0 else 0.0
    changed = use != state["use"]
    state["offered"] = off
    state["served"] = served
    state["use"] = use
    return served, good, cap, changed


@inner
def recompute(P: ProgramBlock, W: WorldBlock, v: int) -> None:
    """Sweep one service; dependents become dirty only if something changed."""
    row, state = P.services[v], W.services[v]
    load = value(P, W, row["kind"], row["object"], row["field"]) * row["scale"]
    served, good, capacity, changed = 0.0, 0.0, 0.0, False
    sites = row["s1"] - row["s0"]
    for j in range(sites):
        share = P.weights[row["w0"] + state["route"] * sites + j]["share"]
        s, g, c, moved = _site(P, W, row["s0"] + j, load * share, row["retry"])
        served += s
        good += g
        capacity += c
        changed = changed or moved
    for n in range(row["n0"], row["n1"]):
        if W.conditions[P.needs[n]["condition"]]["above"] == 0:
            good *= P.needs[n]["factor"]
    bad, dropped, headroom = served - good, load - served, capacity - load
    share = good / load if load > 0.0 else 1.0
    changed = changed or load != state["offered"] or served != state["served"] or good != state["good"]
    changed = changed or headroom != state["headroom"] or share != state["share"]
    state["offered"] = load
    state["served"] = served
    state["good"] = good
    state["bad"] = bad
    state["dropped"] = dropped
    state["headroom"] = headroom
    state["share"] = share
    if row["meter0"] >= 0:
        meter(P, W, row["meter0"] + OFFERED, load)
        meter(P, W, row["meter0"] + SERVED, served)
        meter(P, W, row["meter0"] + GOOD, good)
        meter(P, W, row["meter0"] + BAD, bad)
        meter(P, W, row["meter0"] + DROPPED, dropped)
        meter(P, W, row["meter0"] + HEADROOM, headroom)
    if changed:
        mark(P, W, row["d0"], row["d1"])
