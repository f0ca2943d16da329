"""R3, R4, R6, R8: units, their clocks, and what firing does."""

from __future__ import annotations

import numpy as np

from outlast.compiled import inlined, inner
from outlast.engines.kernel.calendar import publish
from outlast.engines.kernel.group import change_count, value
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.record import log
from outlast.engines.kernel.stock import level, rebase
from outlast.program.tables import AGED, BAD_DELAY, CARRY, REPEAT, RESUME, STAY, STOCK_LEVEL
from outlast.stats.distributions import DETERMINISTIC, GRID, MIXTURE, grid_next, quantile, residual
from outlast.stats.distributions.simple import simple_inverse
from outlast.stats.draws import PHASE, uniform, unit_key


@inlined
def through(P: ProgramBlock, slot: int, index: int) -> int:
    """The object behind a slot for the unit with this index in its cohort."""
    row = P.slots[slot]
    return row["base"] + row["stride"] * index


@inlined
def key_of(P: ProgramBlock, W: WorldBlock, unit: int) -> np.uint64:
    """R15: key of a unit."""
    row = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    return unit_key(W.run[0]["base"], row["hash"], np.uint64(unit - row["first"]))


@inlined
def count_draw(P: ProgramBlock, W: WorldBlock, unit: int, draw: int) -> np.uint64:
    """How often this unit has drawn for this row so far; counts one more."""
    row = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    counter = W.draws[row["draw0"] + row["ndraw"] * (unit - row["first"]) + draw]
    n = counter["n"]
    counter["n"] = n + 1
    return np.uint64(n)


@inlined
def draw_uniform(P: ProgramBlock, W: WorldBlock, unit: int, draw: int, row_hash: np.uint64) -> float:
    """One uniform of a unit for a row."""
    return uniform(key_of(P, W, unit), row_hash, count_draw(P, W, unit, draw))


@inlined
def sample(P: ProgramBlock, W: WorldBlock, unit: int, dist: int, draw: int, row_hash: np.uint64, age: float) -> float:
    """One delay (R4); age >= 0 asks for the residual delay, -1 for a fresh one."""
    law = P.dists[dist]
    if law["kind"] == DETERMINISTIC:
        delay = law["a"] if age < 0.0 else max(law["a"] - age, 0.0)
    else:
        u = draw_uniform(P, W, unit, draw, row_hash)
        kind, a, b, c, q0, q1 = law["kind"], law["a"], law["b"], law["c"], law["q0"], law["q1"]
        if age < 0.0 and kind < MIXTURE:
            delay = simple_inverse(kind, a, b, c, u, 1.0 - u)  # what quantile does, without the side table
        elif age < 0.0:
            delay = quantile(kind, a, b, c, P.points, q0, q1, u)
        else:
            delay = residual(kind, a, b, c, P.points, q0, q1, age, u)
    if law["source"] >= 0:
        row = P.cohorts[np.int64(P.owners[unit]["cohort"])]
        item = through(P, row["slot0"] + law["slot"], unit - row["first"])
        if law["source"] == STOCK_LEVEL:
            scale = level(P, W, item)
        else:
            scale = value(P, W, law["source"], item, law["field"])
        if law["inverted"] == 0:
            delay = delay * scale
        else:
            delay = delay / scale if scale != 0.0 else np.inf
    if not (delay >= 0.0 and delay < np.inf):
        W.run[0]["status"] = BAD_DELAY
        W.run[0]["culprit"] = unit
    return delay


@inner
def _grid(P: ProgramBlock, W: WorldBlock, unit: int, t: int) -> float:
    law = P.dists[P.transitions[t]["dist"]]
    phase = law["b"]
    if phase < 0.0:
        c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
        key = unit_key(W.run[0]["phases"], c["hash"], np.uint64(unit - c["first"]))
        phase = law["a"] * uniform(key, P.transitions[t]["hash"] ^ PHASE, np.uint64(0))
    return grid_next(W.run[0]["now"], law["a"], phase)


@inlined
def start(P: ProgramBlock, W: WorldBlock, unit: int, t: int, clock: int, memory: int) -> None:
    """R4: start the clock of row t; `clock` and `memory` are places in the world (memory -1 = none)."""
    row, now = P.transitions[t], W.run[0]["now"]
    policy = row["policy"]
    if policy == RESUME and W.memory[memory]["value"] >= 0.0:
        W.clocks[clock]["time"] = now + W.memory[memory]["value"]
        W.memory[memory]["value"] = -1.0
    elif policy == REPEAT and W.memory[memory]["value"] >= 0.0:
        W.clocks[clock]["time"] = now + W.memory[memory]["value"]
    elif P.dists[row["dist"]]["kind"] == GRID:
        W.clocks[clock]["time"] = _grid(P, W, unit, t)
    elif policy == AGED:
        W.memory[memory]["since"] = now
        age = W.memory[memory]["value"]
        W.clocks[clock]["time"] = now + sample(P, W, unit, row["dist"], row["draw"], row["hash"], age)
    else:
        delay = sample(P, W, unit, row["dist"], row["draw"], row["hash"], -1.0)
        if policy == REPEAT:
            W.memory[memory]["value"] = delay
        W.clocks[clock]["time"] = now + delay


@inlined
def _stop(P: ProgramBlock, W: WorldBlock, t: int, clock: int, memory: int) -> None:
    policy, now = P.transitions[t]["policy"], W.run[0]["now"]
    if policy == RESUME:
        W.memory[memory]["value"] = W.clocks[clock]["time"] - now
    elif policy == AGED:
        W.memory[memory]["value"] += now - W.memory[memory]["since"]
    W.clocks[clock]["time"] = np.inf


@inlined
def holds(P: ProgramBlock, W: WorldBlock, t: int, slot0: int, index: int) -> bool:
    """R8: the guards of row t, as of the last sweep."""
    row = P.transitions[t]
    for g in range(row["g0"], row["g1"]):
        guard = P.guards[g]
        if W.conditions[through(P, slot0 + guard["slot"], index)]["above"] != guard["want"]:
            return False
    return True


@inner
def review(P: ProgramBlock, W: WorldBlock, unit: int) -> None:
    """R3.9 and R5c: start or stop the clocks of the current state, then publish the next time (R2)."""
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    index = unit - c["first"]
    state = P.states[np.int64(W.units[unit]["state"])]
    clock0, memory0 = c["clk0"] + c["nclk"] * index, c["mem0"] + c["nmem"] * index
    least = np.inf
    for t in range(state["t0"], state["t1"]):
        row = P.transitions[t]
        clock, memory = clock0 + row["clock"], memory0 + row["memory"]
        running = W.clocks[clock]["time"] < np.inf
        wanted = holds(P, W, t, c["slot0"], index)
        if wanted and not running:
            start(P, W, unit, t, clock, memory)
        elif running and not wanted:
            _stop(P, W, t, clock, memory)
        least = min(least, W.clocks[clock]["time"])
    next_at(P, W, unit, least)


@inlined
def next_at(P: ProgramBlock, W: WorldBlock, unit: int, time: float) -> None:
    """R3.10: publish the unit's next time.  That of the unit whose turn it is waits until the world has settled:
    it stands at the top of the calendar, and often fires again before (a grant at the same instant)."""
    if unit == W.run[0]["firing"]:
        W.run[0]["next"] = time
    else:
        publish(W, P.head[0]["first_unit"] + unit, time)


@inlined
def leave(P: ProgramBlock, W: WorldBlock, unit: int, target: int) -> None:
    """R3.5: stop the clocks of the old state, except carried ones that the new state has too."""
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    index = unit - c["first"]
    old, new = P.states[np.int64(W.units[unit]["state"])], P.states[target]
    for t in range(old["t0"], old["t1"]):
        row = P.transitions[t]
        clock = c["clk0"] + c["nclk"] * index + row["clock"]
        if W.clocks[clock]["time"] < np.inf:
            kept = False
            if row["policy"] == CARRY:
                for n in range(new["t0"], new["t1"]):
                    kept = kept or P.transitions[n]["clock"] == row["clock"]
            if not kept:
                _stop(P, W, t, clock, c["mem0"] + c["nmem"] * index + row["memory"])


@inlined
def enter(P: ProgramBlock, W: WorldBlock, unit: int, target: int) -> None:
    """R3.7-10: log the stay, change state, counts and stock, start clocks."""
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    index, now, me = unit - c["first"], W.run[0]["now"], W.units[unit]
    old, new = P.states[np.int64(me["state"])], P.states[target]
    if old["part"] >= 0 and now > me["since"]:
        log(W, STAY, unit, old["part"], np.int64(me["cause"]), me["since"], now - me["since"])
    me["state"] = target
    me["since"] = now
    for m in range(c["m0"], c["m1"]):
        member = P.members[m]
        had = 1 if (old["tags"] & member["tag"]) != 0 else 0
        has = 1 if (new["tags"] & member["tag"]) != 0 else 0
        if has != had:
            change_count(P, W, member["group"] + member["stride"] * index, has - had)
    if c["drives"] >= 0:
        rebase(P, W, c["drives"] + c["stride"] * index)
    review(P, W, unit)


@inlined
def due_row(P: ProgramBlock, W: WorldBlock, unit: int) -> int:
    """The first row in table order whose clock is the least (R2)."""
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    clock0 = c["clk0"] + c["nclk"] * (unit - c["first"])
    state = P.states[np.int64(W.units[unit]["state"])]
    if state["t1"] == state["t0"] + 1:
        return state["t0"]
    best, time = state["t0"], np.inf
    for t in range(state["t0"], state["t1"]):
        at = W.clocks[clock0 + P.transitions[t]["clock"]]["time"]
        if at < time:
            best, time = t, at
    return best
