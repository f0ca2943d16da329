"""R2, R3, R5, R16: the event loop, settling, the start and the end of a run."""

from __future__ import annotations

import numpy as np

from outlast.compiled import entry, inlined, inner
from outlast.engines.kernel.calendar import ROOT, clear, publish
from outlast.engines.kernel.controller import begin_controller, tick, wake
from outlast.engines.kernel.effect import apply
from outlast.engines.kernel.group import evaluate, least_dirty, mark, value
from outlast.engines.kernel.lifecycle import (
    draw_uniform,
    due_row,
    enter,
    holds,
    key_of,
    leave,
    next_at,
    review,
    start,
)
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.pool import resize
from outlast.engines.kernel.record import close_window, log, reset_meters, window_end
from outlast.engines.kernel.service import recompute
from outlast.engines.kernel.stock import flow, level, rebase
from outlast.program.tables import (
    AGED,
    CONDITION,
    CONTROLLER,
    FIRED,
    HELD,
    LEVEL,
    LIVELOCK,
    OUTAGE,
    SERVICE,
    STAY,
    STEP,
    STOCK,
)
from outlast.stats.distributions import quantile
from outlast.stats.draws import AGE, uniform


@inlined
def _choose(P: ProgramBlock, W: WorldBlock, unit: int, t: int) -> int:
    """R3.2: no draw if there is only one case."""
    row = P.transitions[t]
    c0, c1 = row["c0"], row["c1"]
    if c1 - c0 > 1:
        u = draw_uniform(P, W, unit, row["draw"], row["hash"])
        while c0 < c1 - 1 and u >= P.cases[c0]["p"]:
            c0 += 1
    return c0


@inlined
def _consume(P: ProgramBlock, W: WorldBlock, unit: int, t: int) -> None:
    """R3.4: the clock of a timed row is idle again, its memory cleared; an age grows."""
    row, c = P.transitions[t], P.cohorts[np.int64(P.owners[unit]["cohort"])]
    index = unit - c["first"]
    W.clocks[c["clk0"] + c["nclk"] * index + row["clock"]]["time"] = np.inf
    if row["memory"] >= 0:
        memory = W.memory[c["mem0"] + c["nmem"] * index + row["memory"]]
        if row["policy"] == AGED:
            memory["value"] += W.run[0]["now"] - memory["since"]
        else:
            memory["value"] = -1.0


@inner
def _restart(P: ProgramBlock, W: WorldBlock, unit: int, t: int) -> None:
    """After `stay` a timed row starts its own clock again; others are untouched."""
    row, c = P.transitions[t], P.cohorts[np.int64(P.owners[unit]["cohort"])]
    index = unit - c["first"]
    if row["signal"] < 0 and holds(P, W, t, c["slot0"], index):
        clock, memory = c["clk0"] + c["nclk"] * index, c["mem0"] + c["nmem"] * index
        start(P, W, unit, t, clock + row["clock"], memory + row["memory"])
    least = np.inf
    state = P.states[np.int64(W.units[unit]["state"])]
    for other in range(state["t0"], state["t1"]):
        at = c["clk0"] + c["nclk"] * index + P.transitions[other]["clock"]
        least = min(least, W.clocks[at]["time"])
    next_at(P, W, unit, least)


@inner
def fire(P: ProgramBlock, W: WorldBlock, unit: int, t: int) -> None:
    """R3, step by step."""
    run, row, me = W.run[0], P.transitions[t], W.units[unit]
    run["instant"] += 1
    if run["instant"] > P.head[0]["livelock"]:
        run["status"] = LIVELOCK
        run["culprit"] = unit
        return
    timed = row["signal"] < 0
    if timed:
        run["cause"] = unit if row["origin"] != 0 or me["cause"] == -1 else me["cause"]
    me["cause"] = run["cause"]
    case = _choose(P, W, unit, t)
    if run["trace"] != 0:
        log(W, FIRED, unit, case, run["cause"], 0.0, 0.0)
    if timed:
        _consume(P, W, unit, t)
    target = P.cases[case]["target"]
    if target >= 0:
        leave(P, W, unit, target)
    for e in range(P.cases[case]["e0"], P.cases[case]["e1"]):
        apply(P, W, unit, e)
    if target >= 0:
        enter(P, W, unit, target)
    else:
        _restart(P, W, unit, t)


@inlined
def _deliver(P: ProgramBlock, W: WorldBlock) -> None:
    """R6: the oldest signal goes to the first matching row; a grant only if its ticket is still held."""
    run = W.run[0]
    row = W.signals[run["head"]]
    unit, signal, claim, ticket = row["unit"], row["signal"], row["claim"], row["ticket"]
    run["queued"] -= 1
    if run["queued"] == 0:
        run["head"] = 0  # an empty ring starts over, so that it stays in the cache
    else:
        run["head"] = run["head"] + 1 if run["head"] + 1 < len(W.signals) else 0
    if claim >= 0 and (W.claims[claim]["status"] != HELD or W.claims[claim]["ticket"] != ticket):
        return
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    state = P.states[np.int64(W.units[unit]["state"])]
    for t in range(state["s0"], state["s1"]):
        if P.transitions[t]["signal"] == signal and holds(P, W, t, c["slot0"], unit - c["first"]):
            fire(P, W, unit, t)
            return


@inlined
def _sweep(P: ProgramBlock, W: WorldBlock) -> None:
    """R5b: dirty flow nodes in ascending number."""
    while W.run[0]["dirty"] > 0:
        node = P.nodes[least_dirty(W)]
        if node["kind"] == CONDITION:
            evaluate(P, W, node["object"])
        elif node["kind"] == STOCK:
            rebase(P, W, node["object"])
        elif node["kind"] == CONTROLLER:
            wake(P, W, node["object"])
        else:
            recompute(P, W, node["object"])


@inlined
def _recheck(P: ProgramBlock, W: WorldBlock) -> None:
    """R5c: guards of the cohorts subscribed to flipped conditions."""
    run = W.run[0]
    for f in range(run["flips"]):
        condition = W.flips[f]["condition"]
        for q in range(P.conditions[condition]["q0"], P.conditions[condition]["q1"]):
            sub = P.subscriptions[q]
            c = P.cohorts[sub["cohort"]]
            if sub["stride"] == 0:
                for unit in range(c["first"], c["first"] + c["count"]):
                    review(P, W, unit)
            else:
                index = (condition - sub["base"]) // sub["stride"]
                if 0 <= index < c["count"]:
                    review(P, W, c["first"] + index)
    run["flips"] = 0


@inner
def _settle(P: ProgramBlock, W: WorldBlock) -> None:
    """R5: signals, sweep, recheck, until nothing is left."""
    run = W.run[0]
    while run["status"] == 0 and (run["queued"] > 0 or run["dirty"] > 0):
        while run["queued"] > 0 and run["status"] == 0:
            _deliver(P, W)
        _sweep(P, W)
        _recheck(P, W)


@inner
def _step_profile(P: ProgramBlock, W: WorldBlock, p: int) -> None:
    """A profile steps; capacities follow it (R9), then its dependents."""
    row, state, run = P.profiles[p], W.profiles[p], W.run[0]
    run["cause"] = -1
    state["step"] += 1
    if state["step"] == row["s1"] - row["s0"]:
        state["step"] = 0
        state["cycle"] += 1
    old = state["value"]
    state["value"] = P.steps[row["s0"] + state["step"]]["value"]
    if run["trace"] != 0:
        log(W, STEP, p, 0, -1, state["value"], 0.0)
    publish(W, P.head[0]["first_profile"] + p, _next_step(P, W, p))
    for f in range(row["pool0"], row["pool1"]):
        resize(P, W, P.fed[f]["pool"], np.int64(state["value"]) - np.int64(old))
    mark(P, W, row["d0"], row["d1"])


@inner
def _next_step(P: ProgramBlock, W: WorldBlock, p: int) -> float:
    row, state = P.profiles[p], W.profiles[p]
    n = row["s1"] - row["s0"]
    if n == 1:
        return np.inf
    step, cycle = state["step"] + 1, state["cycle"]
    if step == n:
        step, cycle = 0, cycle + 1
    return cycle * row["period"] + P.steps[row["s0"] + step]["at"]


@inlined
def _event(P: ProgramBlock, W: WorldBlock, source: int) -> None:
    head, run = P.head[0], W.run[0]
    if source >= head["first_controller"]:
        tick(P, W, source - head["first_controller"])
    elif source >= head["first_unit"]:
        unit = source - head["first_unit"]
        run["firing"] = unit
        fire(P, W, unit, due_row(P, W, unit))
    elif source >= head["first_stock"]:
        run["cause"] = -1
        rebase(P, W, source - head["first_stock"])
    elif source >= head["first_profile"]:
        _step_profile(P, W, source - head["first_profile"])
    else:
        close_window(P, W)
        publish(W, 0, window_end(P, W))


@inner
def advance(P: ProgramBlock, W: WorldBlock, until: float) -> None:
    """Events before `until`, each settled before the next."""
    run = W.run[0]
    while run["status"] == 0 and W.heap[ROOT]["time"] < until:
        run["now"] = W.heap[ROOT]["time"]
        if run["now"] != run["last"]:
            run["last"] = run["now"]
            run["instant"] = 0
        run["events"] += 1
        _event(P, W, np.int64(W.heap[ROOT]["source"]))
        _settle(P, W)
        if run["firing"] >= 0:
            unit = run["firing"]
            run["firing"] = -1
            publish(W, P.head[0]["first_unit"] + unit, run["next"])


@inner
def _begin_nodes(P: ProgramBlock, W: WorldBlock) -> None:
    """R16: counts, then flow nodes in ascending order, without signals."""
    for u in range(len(W.units)):
        c = P.cohorts[np.int64(P.owners[u]["cohort"])]
        W.units[u]["state"] = c["initial"]
        W.units[u]["cause"] = -1
        for m in range(c["m0"], c["m1"]):
            member = P.members[m]
            if (P.states[c["initial"]]["tags"] & member["tag"]) != 0:
                W.groups[member["group"] + member["stride"] * (u - c["first"])]["count"] += 1
    for n in range(len(P.nodes)):
        item = P.nodes[n]["object"]
        if P.nodes[n]["kind"] == CONDITION:
            row = P.conditions[item]
            above = 1 if value(P, W, row["kind"], row["object"], row["field"]) >= row["level"] else 0
            W.conditions[item]["above"] = above
            W.conditions[item]["cause"] = -1
            for i in range(row["p0"], row["p1"]):
                if P.parents[i]["want"] == above:
                    W.groups[P.parents[i]["group"]]["count"] += 1
        elif P.nodes[n]["kind"] == SERVICE:
            recompute(P, W, item)
    while W.run[0]["dirty"] > 0:
        least_dirty(W)


@inner
def _begin_meters(P: ProgramBlock, W: WorldBlock) -> None:
    """Meters start from the values at t = 0; nothing is counted yet."""
    for g in range(len(W.groups)):
        for m in range(P.groups[g]["meter0"], P.groups[g]["meter1"]):
            W.meters[m]["value"] = float(W.groups[g]["count"])
    for c in range(len(W.conditions)):
        if P.conditions[c]["meter"] >= 0:
            W.meters[P.conditions[c]["meter"]]["value"] = 1.0 - W.conditions[c]["above"]
    reset_meters(P, W)


@inner
def _begin_pools(P: ProgramBlock, W: WorldBlock) -> None:
    for i in range(len(W.lists)):
        W.lists[i]["head"] = -1
        W.lists[i]["tail"] = -1
    for q in range(len(W.pools)):
        W.pools[q]["capacity"] = P.pools[q]["capacity"]
        W.pools[q]["free"] = P.pools[q]["capacity"]
    for p in range(len(W.profiles)):
        row = P.profiles[p]
        W.profiles[p]["value"] = P.steps[row["s0"]]["value"]
        publish(W, P.head[0]["first_profile"] + p, _next_step(P, W, p))
        for f in range(row["pool0"], row["pool1"]):
            W.pools[P.fed[f]["pool"]]["capacity"] = np.int64(P.steps[row["s0"]]["value"])
            W.pools[P.fed[f]["pool"]]["free"] = np.int64(P.steps[row["s0"]]["value"])


@inner
def _begin_unit(P: ProgramBlock, W: WorldBlock, unit: int) -> None:
    """Ages at the start (R15), empty memories, then the clocks."""
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    memory0 = c["mem0"] + c["nmem"] * (unit - c["first"])
    for t in range(P.states[c["state0"]]["t0"], P.states[c["state1"] - 1]["t1"]):
        row = P.transitions[t]
        if row["memory"] >= 0:
            memory = W.memory[memory0 + row["memory"]]
            memory["value"] = 0.0 if row["policy"] == AGED else -1.0
            if row["age"] >= 0:
                u = uniform(key_of(P, W, unit), row["hash"] ^ AGE, np.uint64(0))
                law = P.dists[row["age"]]
                kind, a, b = law["kind"], law["a"], law["b"]
                memory["value"] = quantile(kind, a, b, law["c"], P.points, law["q0"], law["q1"], u)
    review(P, W, unit)


@inner
def begin_world(P: ProgramBlock, W: WorldBlock) -> None:
    """R16."""
    run = W.run[0]
    run["phases"] = run["base"]  # drawn phases belong to the run, whatever key its clones go on with
    run["now"] = 0.0
    run["last"] = -1.0
    run["cause"] = -1
    run["firing"] = -1
    clear(W)
    publish(W, 0, window_end(P, W))
    _begin_pools(P, W)
    _begin_nodes(P, W)
    _begin_meters(P, W)
    for s in range(len(W.stocks)):
        state = W.stocks[s]
        state["level"] = P.stocks[s]["initial"]
        state["stage"] = P.stocks[s]["initial"]
        state["taint"] = np.inf
        flow(P, W, s)
    for i in range(len(W.clocks)):
        W.clocks[i]["time"] = np.inf
    for u in range(len(W.units)):
        _begin_unit(P, W, u)
    for c in range(len(W.controllers)):
        begin_controller(P, W, c)


@inner
def _finish(P: ProgramBlock, W: WorldBlock) -> None:
    """R13: the last window closes; open outages and stays are logged, then the level of every stock."""
    run = W.run[0]
    run["now"] = P.head[0]["horizon"]
    close_window(P, W)
    for measured in range(P.head[0]["measured"]):
        c = P.outages[measured]["condition"]
        state = W.conditions[c]
        if state["above"] == 0 and run["now"] > state["start"]:
            log(W, OUTAGE, measured, 1, state["cause"], state["start"], run["now"] - state["start"])
    for u in range(len(W.units)):
        me = W.units[u]
        part = P.states[np.int64(me["state"])]["part"]
        if part >= 0 and run["now"] > me["since"]:
            log(W, STAY, u, part, np.int64(me["cause"]), me["since"], run["now"] - me["since"])
    for s in range(len(W.stocks)):
        log(W, LEVEL, s, 0, -1, level(P, W, s), W.stocks[s]["lost"])


@entry
def simulate(P: ProgramBlock, W: WorldBlock, begin: bool, until: float, finish: bool) -> int:
    """Begin at 0 and/or run the events before `until` (seconds) and/or close the books at the horizon.

    A run may stop, be copied and continue: simulate(begin) then simulate(rest) equals one call, bit for bit.
    Returns the status (tables.OK, LIVELOCK, ...).
    """
    if begin:
        begin_world(P, W)
    advance(P, W, until)
    if finish and W.run[0]["status"] == 0:
        _finish(P, W)
    return W.run[0]["status"]
