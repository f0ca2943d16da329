"""The tables of a program and of its running state: one structured dtype per table.

A program is read-only and shared; a world is all mutable state of one replication.  Rules R1-R16 are in
docs/semantics.md.  Index columns are int32 (-1 = none), times float64 seconds.  Anything an effect touches is
reached through a *slot* of the unit's cohort:  object = base + stride * (unit - cohort.first).
"""

from __future__ import annotations

import numpy as np

NONE = -1
PRIORITIES = 3
TIERS = 3
RING = 8  # committed points kept per tier at most

# --- verbs (effects.op) --------------------------------------------------------------------------------
REQUEST, RELEASE, RESIZE, EMIT, SCATTER, STAGE, COMMIT, ROLLBACK, TAINT, SET, ROUTE, RECORD, FORGET = range(13)
VERBS = ("request", "release", "resize", "emit", "scatter", "stage", "commit", "rollback", "taint", "set",
         "route", "record", "forget")  # fmt: skip
# scatter orders
FIRST, LAST, EACH, ANY = range(4)
ORDERS = ("first", "last", "each", "any")
# clock policies (transitions.policy)
RESAMPLE, CARRY, RESUME, REPEAT, AGED = range(5)
POLICIES = ("resample", "carry", "resume", "repeat", "aged")
# kinds of flow nodes
CONDITION, STOCK, SERVICE, CONTROLLER = range(4)
NODES = ("condition", "stock", "service", "controller")
# value sources (conditions, scales, stocks)
GROUP, PROFILE, POOL_FREE, POOL_QUEUED, SERVICE_FIELD, SITE_USE, STOCK_LEVEL = range(7)
GATE = -1  # of a distance: a group that counts conditions
SOURCES = ("group", "profile", "pool free", "pool queued", "service", "site use", "stock")
# fields of a service
OFFERED, SERVED, GOOD, BAD, DROPPED, HEADROOM, GOOD_SHARE = range(7)
FIELDS = ("offered", "served", "good", "bad", "dropped", "headroom", "good share")
METERED = 6  # the first six fields can be metered
# reductions of a meter
INTEGRAL, COUNT, MAXIMUM = range(3)
REDUCTIONS = ("integral", "count", "maximum")
# claim status
FREE, QUEUED, HELD = range(3)
# log rows
OUTAGE, RECORDED, LOSS, STAY, LEVEL, FIRED, FLIP, STEP, WATCH, SCALE = range(10)
LOGS = ("outage", "record", "loss", "stay", "level", "fired", "flip", "step", "watch", "scale")
# status of a run
OK, LIVELOCK, BAD_DELAY, LOG_FULL, SIGNALS_FULL = range(5)

_I, _F, _U = "i8", "f8", "u8"
_S = "i4"  # short: one per unit or claim


def _dtype(**columns: str) -> np.dtype:
    return np.dtype(list(columns.items()), align=True)


#: An entry of the calendar; `key` is the bits of `time`: times are never negative, so both have the same order.
HEAP = np.dtype({"names": ["time", "key", "source"], "formats": [_F, "i8", _S], "offsets": [0, 0, 8]}, align=True)

#: Read-only tables of a program, in the order they are stored.
PROGRAM: dict[str, np.dtype] = {
    # one row: sizes and constants of the whole program
    "head": _dtype(horizon=_F, warm_up=_F, window=_F, first_profile=_I, first_stock=_I, first_unit=_I,
                   first_controller=_I, sources=_I, units=_I, meters=_I, measured=_I, livelock=_I, signals=_I,
                   sleep=_I),
    "states": _dtype(t0=_I, t1=_I, s0=_I, s1=_I, tags=_U, part=_I, rate=_F, gain=_F),
    "transitions": _dtype(signal=_I, dist=_I, policy=_I, clock=_I, memory=_I, g0=_I, g1=_I, c0=_I, c1=_I, draw=_I,
                          age=_I, origin=_I, state=_I, hash=_U),
    "cases": _dtype(p=_F, target=_I, e0=_I, e1=_I),
    "effects": _dtype(op=_I, slot=_I, i=_I, j=_I, k=_I, signal=_I, dist=_I, draw=_I, x=_F, tag=_U, hash=_U),
    "guards": _dtype(slot=_I, want=_I),
    "cohorts": _dtype(first=_I, count=_I, initial=_I, state0=_I, state1=_I, slot0=_I, m0=_I, m1=_I, clk0=_I, nclk=_I,
                      mem0=_I, nmem=_I, draw0=_I, ndraw=_I, claim0=_I, nclaim=_I, drives=_I, stride=_I, hash=_U),
    "owners": _dtype(cohort=_S),  # cohort of every unit
    "slots": _dtype(base=_I, stride=_I),
    "members": _dtype(group=_I, stride=_I, tag=_U),
    "groups": _dtype(r0=_I, r1=_I, d0=_I, d1=_I, meter0=_I, meter1=_I),
    "rosters": _dtype(cohort=_I),  # member cohorts of groups
    "conditions": _dtype(kind=_I, object=_I, field=_I, level=_F, l0=_I, l1=_I, q0=_I, q1=_I, p0=_I, p1=_I, d0=_I,
                         d1=_I, meter=_I, measured=_I),
    "outages": _dtype(condition=_I),  # the measured conditions
    "listens": _dtype(unit=_I, rise=_I, fall=_I),
    "subscriptions": _dtype(cohort=_I, base=_I, stride=_I),  # cohorts whose guards use a condition
    "parents": _dtype(group=_I, want=_I),  # gates that count a condition
    "nodes": _dtype(kind=_I, object=_I),
    "dependents": _dtype(node=_I),
    "dists": _dtype(kind=_I, a=_F, b=_F, c=_F, q0=_I, q1=_I, source=_I, slot=_I, field=_I, inverted=_I),
    "points": _dtype(p=_F, kind=_I, a=_F, b=_F, c=_F),
    "profiles": _dtype(period=_F, s0=_I, s1=_I, d0=_I, d1=_I, pool0=_I, pool1=_I),
    "steps": _dtype(at=_F, value=_F),
    "fed": _dtype(pool=_I),  # pools whose capacity follows a profile
    "pools": _dtype(capacity=_I, d0=_I, d1=_I, held_meter=_I, queue_meter=_I),
    "stocks": _dtype(owner=_I, kind=_I, object=_I, field=_I, w0=_I, w1=_I, node=_I, keep=_I, meter=_I, initial=_F,
                     low=_F, high=_F),
    "watches": _dtype(level=_F, up=_I, unit=_I, signal=_I),
    "services": _dtype(kind=_I, object=_I, field=_I, scale=_F, retry=_F, s0=_I, s1=_I, n0=_I, n1=_I, w0=_I, routes=_I,
                       self0=_I, d0=_I, d1=_I, meter0=_I),
    "sites": _dtype(t0=_I, t1=_I, reach=_I),
    "terms": _dtype(group=_I, live=_I, listed=_I, weight=_F, capacity=_F, good=_F),
    "needs": _dtype(condition=_I, factor=_F),
    "weights": _dtype(share=_F),
    "controllers": _dtype(total=_I, kind=_I, object=_I, field=_I, listed=_I, ready=_I, missing=_I, group=_I, up=_U,
                          down=_U, up_signal=_I, down_signal=_I, least=_I, most=_I, target=_F, tolerance=_F, period=_F,
                          phase=_F, lag=_I, depth=_I, grow=_I, grow_share=_F, shrink=_I, shrink_share=_F, s0=_I,
                          h0=_I, up_meter=_I, down_meter=_I, hash=_U),
    "meters": _dtype(reduction=_I),
}  # fmt: skip

#: Mutable tables of a world.
WORLD: dict[str, np.dtype] = {
    "run": _dtype(now=_F, last=_F, next=_F, base=_U, phases=_U, firing=_I, cause=_I, status=_I, culprit=_I, window=_I,
                  trace=_I, instant=_I, events=_I, ticket=_I, head=_I, queued=_I, dirty=_I, flips=_I, logged=_I,
                  ticked=_F, turn=_I),
    "heap": HEAP,
    "place": _dtype(at=_S),
    "units": _dtype(state=_S, cause=_S, since=_F),
    "clocks": _dtype(time=_F),
    "memory": _dtype(value=_F, since=_F),
    "draws": _dtype(n="u4"),
    "claims": _dtype(status=_S, pool=_S, priority=_S, preempt=_S, amount=_S, signal=_S, revoked=_S, unit=_S, prev=_S,
                     next=_S, ticket=_I),
    "pools": _dtype(capacity=_I, free=_I, queued=_I),
    "lists": _dtype(head=_I, tail=_I),  # per pool: queued by priority, then held by priority
    "groups": _dtype(count=_I),
    "conditions": _dtype(above=_I, cause=_I, start=_F),
    "stocks": _dtype(level=_F, since=_F, rate=_F, stage=_F, taint=_F, lost=_F, watch=_I),
    "rings": _dtype(value=_F),
    "ringed": _dtype(n=_I),
    "services": _dtype(route=_I, load=_F, offered=_F, served=_F, good=_F, bad=_F, dropped=_F, headroom=_F, share=_F),
    "sites": _dtype(offered=_F, served=_F, use=_F),
    "profiles": _dtype(step=_I, cycle="i8", value=_F),
    "controllers": _dtype(due=_I, asleep=_I, head=_I, runs=_I, ticks=_I, phase=_F, ups=_F, downs=_F),
    "samples": _dtype(value=_F, ready=_I, missing=_I),  # per controller, its last `lag` ticks: a ring
    "advice": _dtype(last=_I, value=_I),  # per controller, falling runs of recommendations in the window: a ring
    "meters": _dtype(value=_F, since=_F, total=_F),
    "sums": _dtype(value=_F),
    "signals": _dtype(unit=_I, signal=_I, claim=_I, ticket="i8"),
    "dirty": _dtype(node=_I),
    "marks": _dtype(dirty=_I),
    "flips": _dtype(condition=_I),
    "log": _dtype(time=_F, kind=_I, a=_I, b=_I, cause=_I, x=_F, y=_F),
}  # fmt: skip

#: Tables of failure biasing (docs/rare-events.md).
BIAS: dict[str, np.dtype] = {
    "head": _dtype(condition=_I, on=_I, biased=_I, most=_I, done=_I, drawn=_I, kinds=_I, forced=_I, mode=_I,
                   budget=_I, horizon=_F, total=_F, scale=_F, mix=_F, rate=_F, began=_F, failed=_F),
    "modes": _dtype(share=_F, pull=_F, even=_I, log=_F),  # ways to force failures; log of the likelihood ratio so far
    "failures": _dtype(unit=_I, state=_I, clock=_I, kind=_I, running=_I, rate=_F),  # exponential clocks to speed up
    "classes": _dtype(row=_I, first=_I, hits=_I, running=_I),  # rows with such clocks, and their first failure
    "places": _dtype(c0=_I, c1=_I),  # classes of every cohort
    "units": _dtype(unit=_I, first=_I, home=_I),  # what the condition depends on; first + state = place in the tally
    "tally": _dtype(home=_I, now=_I),  # units per state when everything works, and now
    "routes": _dtype(service=_I, home=_I),
    "memories": _dtype(place=_I),  # must be empty when everything works
    "results": _dtype(weight=_F, down=_F, outages=_F, away=_F, until=_F, failed=_I),
}  # fmt: skip

#: How many more losses a condition stands, parts before wholes; the last one is the answer.
LOSSES: dict[str, np.dtype] = {
    # kind: a source of values, or GATE; p0..p1: parts of a gate, pieces of a service; n0..n1: needs of a service
    "distances": _dtype(condition=_I, kind=_I, object=_I, share=_I, level=_F, p0=_I, p1=_I, n0=_I, n1=_I, value=_I),
    "parts": _dtype(distance=_I, left=_I),
    "pieces": _dtype(group=_I, capacity=_F, live=_I, reach=_I, loss=_I, left=_I),  # terms of services
}  # fmt: skip

MOST_WINDOWS = 8  # of a level of splitting
#: Tables of splitting (docs/rare-events.md).
SPLIT: dict[str, np.dtype] = {
    "head": _dtype(condition=_I, seed=_U, root=_I, first=_I, branch=_I, done=_I, depth=_I, levels=_I, words=_I,
                   kinds=_I, steps=_I, most=_I, start=_F, end=_F, weight=_F, down=_I, counted=_I, failed=_I, before=_I,
                   spell=_F),
    # how far from an outage: what is counted, parts before wholes
    **LOSSES,
    "rules": _dtype(redraw=_I, kind=_I),  # of transitions: how the rest of a clock is drawn anew; kind of failure
    "units": _dtype(unit=_I),  # what the condition depends on
    "idle": _dtype(source=_I),  # sources of events on which it does not depend
    "windows": _dtype(length=_F),  # per level, in which failures are forced; ascending
    "levels": _dtype(most=_I, factor=_I, windows=_I, trials=_I, ups=_I, steps=_I, stays=_I,
                     logs=_F, longest=_F),
    "frames": _dtype(level=_I, left=_I, went=_I, parent=_F, began=_F, down=_I, counted=_I, failed=_I, before=_I,
                     spell=_F),
    "chances": _dtype(total=_F, kinds=_I),  # per frame and window
    "running": _dtype(n=_I),  # per frame, window and kind of failure: how many may happen
    "entered": _dtype(n=_I),  # how often the distance fell to this or below
    "saved": _dtype(word=_U),  # a blank world, then the world of every frame
    "results": _dtype(down=_F, outages=_F, lasted=_F, failed=_F, steps=_I),
}  # fmt: skip

LOG = WORLD["log"]
