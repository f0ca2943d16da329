"""What makes clones differ: the rest of every running clock is drawn anew, and failures are forced.

A clock that has run for `age` seconds goes on by its law given that age, whatever else has happened: so a clone may
draw its rest anew.  That holds where a row says how its age is known (`redraw`); other clocks stay as they are, which
is as right, only less different.  A forced trial draws one failure given that it comes within a window of time.  With
A_i the event that failure i comes within the window, p_i its probability and w_i the share of forced trials that take
it, the density of forced trials is that of free ones times the sum of w_i A_i / p_i; the windows are drawn evenly.
"""

from __future__ import annotations

import numpy as np

from outlast.compiled import inner
from outlast.engines.kernel.calendar import publish
from outlast.engines.kernel.lifecycle import draw_uniform
from outlast.engines.kernel.pointer import ProgramBlock, SplitBlock, WorldBlock
from outlast.program.tables import MOST_WINDOWS
from outlast.stats.distributions import residual, within
from outlast.stats.draws import uniform

STAYS, MEMORYLESS, ENTERED, AGED_CLOCK = range(4)  # how the age of a row's clock is known
CHOICE = np.uint64(0x53504C4954)  # row mark of the draws made here
EVENLY = 0.5  # share of the forced failures that is spread evenly over their kinds


@inner
def _clock(P: ProgramBlock, unit: int, t: int) -> int:
    c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
    return c["clk0"] + c["nclk"] * (unit - c["first"]) + P.transitions[t]["clock"]


@inner
def _age(P: ProgramBlock, W: WorldBlock, unit: int, t: int, redraw: int) -> float:
    if redraw == ENTERED:
        return W.run[0]["now"] - W.units[unit]["since"]
    if redraw == AGED_CLOCK:
        c = P.cohorts[np.int64(P.owners[unit]["cohort"])]
        memory = W.memory[c["mem0"] + c["nmem"] * (unit - c["first"]) + P.transitions[t]["memory"]]
        return memory["value"] + (W.run[0]["now"] - memory["since"])
    return 0.0


@inner
def _chance(P: ProgramBlock, W: WorldBlock, S: SplitBlock, unit: int, t: int, window: float) -> float:
    """Probability that the clock of row t rings within the window."""
    law = P.dists[P.transitions[t]["dist"]]
    age = _age(P, W, unit, t, S.rules[t]["redraw"])
    return within(law["kind"], law["a"], law["b"], law["c"], P.points, law["q0"], law["q1"], age, window)


@inner
def _draw(P: ProgramBlock, W: WorldBlock, S: SplitBlock, unit: int, t: int, p: float) -> None:
    """The rest of a running clock, given that it is among the shortest with this probability."""
    row = P.transitions[t]
    law = P.dists[row["dist"]]
    age = _age(P, W, unit, t, S.rules[t]["redraw"])
    u = draw_uniform(P, W, unit, row["draw"], row["hash"]) * p
    rest = residual(law["kind"], law["a"], law["b"], law["c"], P.points, law["q0"], law["q1"], age, u)
    W.clocks[_clock(P, unit, t)]["time"] = W.run[0]["now"] + rest


@inner
def _window(S: SplitBlock, level: int, j: int) -> float:
    return S.windows[level * MOST_WINDOWS + j]["length"]


@inner
def weigh(P: ProgramBlock, W: WorldBlock, S: SplitBlock, f: int) -> None:
    """Which failures may come within each window, for the trials of frame f."""
    level, kinds = S.frames[f]["level"], S.head[0]["kinds"]
    for j in range(S.levels[level]["windows"]):
        chance, first = S.chances[f * MOST_WINDOWS + j], (f * MOST_WINDOWS + j) * kinds
        chance["total"] = 0.0
        chance["kinds"] = 0
        for k in range(kinds):
            S.running[first + k]["n"] = 0
        for i in range(len(S.units)):
            unit = S.units[i]["unit"]
            state = P.states[np.int64(W.units[unit]["state"])]
            for t in range(state["t0"], state["t1"]):
                kind = S.rules[t]["kind"]
                if kind >= 0 and W.clocks[_clock(P, unit, t)]["time"] < np.inf:
                    p = _chance(P, W, S, unit, t, _window(S, level, j))
                    if p > 0.0:
                        chance["total"] += p
                        chance["kinds"] += 1 if S.running[first + kind]["n"] == 0 else 0
                        S.running[first + kind]["n"] += 1


@inner
def _taken(S: SplitBlock, f: int, j: int, kind: int, p: float) -> float:
    """Share of the forced trials with window j that take a failure of this kind and probability: half by
    probabilities, half evenly over the kinds."""
    at = f * MOST_WINDOWS + j
    even = 1.0 / (S.chances[at]["kinds"] * S.running[at * S.head[0]["kinds"] + kind]["n"])
    return (1.0 - EVENLY) * p / S.chances[at]["total"] + EVENLY * even


@inner
def _choice(W: WorldBlock, n: int) -> float:
    return uniform(W.run[0]["base"], CHOICE, np.uint64(n))


@inner
def redraw(P: ProgramBlock, W: WorldBlock, S: SplitBlock, f: int, force: bool) -> None:
    """Draw the rest of all running clocks anew; force one failure within one window."""
    level = S.frames[f]["level"]
    j = int(_choice(W, 0) * S.levels[level]["windows"])
    u = _choice(W, 1)
    force = force and S.chances[f * MOST_WINDOWS + j]["kinds"] > 0
    for i in range(len(S.units)):
        unit = S.units[i]["unit"]
        state = P.states[np.int64(W.units[unit]["state"])]
        least = np.inf
        for t in range(state["t0"], state["t1"]):
            clock, row = W.clocks[_clock(P, unit, t)], S.rules[t]
            if row["redraw"] != STAYS and clock["time"] < np.inf:
                p = 1.0
                if force and row["kind"] >= 0:
                    chance = _chance(P, W, S, unit, t, _window(S, level, j))
                    if chance > 0.0:
                        u -= _taken(S, f, j, row["kind"], chance)
                        if u < 0.0:
                            p, force = chance, False
                _draw(P, W, S, unit, t, p)
            least = min(least, clock["time"])
        publish(W, P.head[0]["first_unit"] + unit, least)  # R2


@inner
def forced_density(P: ProgramBlock, W: WorldBlock, S: SplitBlock, f: int) -> float:
    """Density of forced trials over that of free ones, at the clocks of this world."""
    level, now, found = S.frames[f]["level"], W.run[0]["now"], 0.0
    windows = S.levels[level]["windows"]
    for j in range(windows):
        found += 1.0 if S.chances[f * MOST_WINDOWS + j]["kinds"] == 0 else 0.0
    widest = _window(S, level, windows - 1)
    for i in range(len(S.units)):
        unit = S.units[i]["unit"]
        state = P.states[np.int64(W.units[unit]["state"])]
        for t in range(state["t0"], state["t1"]):
            rest = W.clocks[_clock(P, unit, t)]["time"] - now
            if S.rules[t]["kind"] >= 0 and rest <= widest:
                for j in range(windows):
                    window = _window(S, level, j)
                    if rest <= window:
                        p = _chance(P, W, S, unit, t, window)
                        if p > 0.0:
                            found += _taken(S, f, j, S.rules[t]["kind"], p) / p
    return found / windows
