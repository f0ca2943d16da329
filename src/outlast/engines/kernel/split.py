"""Splitting: trees of replications that branch whenever the system comes closer to an outage.

docs/rare-events.md derives what is done here.  A tree is one replication over the horizon.  Where its path enters a
level (few enough losses from an outage) it is copied: `factor` trials go on from there, each with its share of the
weight, in which all but the last draw what is to come anew.  A trial that falls back below its level ends; the last
one, the path itself, goes on with the weight that it had before.  So every path outside the levels has its full weight,
and sums of weighted time down or of outages are right on average.

A frame of the stack is a level that has been entered and whose trials are being run; the frames' worlds are saved one
behind the other, behind a blank one.  Frame 0 is the start.
"""

from __future__ import annotations

import math

import numpy as np

from outlast.compiled import entry, inner
from outlast.engines.kernel.calendar import ROOT, publish
from outlast.engines.kernel.loop import advance, begin_world
from outlast.engines.kernel.losses import losses
from outlast.engines.kernel.pointer import ProgramBlock, SplitBlock, WorldBlock, load, save
from outlast.engines.kernel.redraw import forced_density, redraw, weigh
from outlast.stats.draws import base_key

DONE, LONG, FAILED = range(3)
AFTER_ZERO = 5e-324  # events at 0 are before it


@inner
def _branch(W: WorldBlock, S: SplitBlock) -> None:
    """A key of its own for a clone: what it will draw differs from what others do."""
    head = S.head[0]
    head["branch"] += 1
    W.run[0]["base"] = base_key(head["seed"], np.uint64(head["root"]), np.uint64(head["branch"]))


@inner
def _plant(P: ProgramBlock, W: WorldBlock, S: SplitBlock) -> None:
    """A new replication at time 0; what the condition does not depend on stands still."""
    head = S.head[0]
    load(S, 0, W, head["words"])
    head["branch"] = 0
    _branch(W, S)
    begin_world(P, W)
    advance(P, W, AFTER_ZERO)
    for i in range(len(S.idle)):
        publish(W, S.idle[i]["source"], np.inf)
    head["depth"] = -1
    head["steps"] = 0
    head["weight"] = 1.0
    head["down"] = 0
    head["counted"] = 0
    head["failed"] = 0
    head["before"] = losses(W, S)


@inner
def _trial(P: ProgramBlock, W: WorldBlock, S: SplitBlock, f: int) -> None:
    """The next trial of frame f begins, from the world as it is: the last one is the path itself."""
    head, frame = S.head[0], S.frames[f]
    level = S.levels[frame["level"]]
    frame["left"] -= 1
    frame["went"] = 0
    level["trials"] += 1
    free = 1.0 / level["factor"]
    if frame["left"] > 0:
        _branch(W, S)
        redraw(P, W, S, f, True)
    density = forced_density(P, W, S, f) if free < 1.0 else 1.0
    head["weight"] = frame["parent"] * free / (free + (1.0 - free) * density)


@inner
def _enter(P: ProgramBlock, W: WorldBlock, S: SplitBlock, level: int) -> None:
    """The path enters a level: keep it in a new frame, begin the first trial."""
    head = S.head[0]
    if head["depth"] >= 0:
        _went(S)
    head["depth"] += 1
    frame = S.frames[head["depth"]]
    frame["level"] = level
    frame["left"] = S.levels[level]["factor"]
    frame["parent"] = head["weight"]
    frame["began"] = W.run[0]["now"]
    frame["down"] = head["down"]
    frame["counted"] = head["counted"]
    frame["failed"] = head["failed"]
    frame["before"] = head["before"]
    frame["spell"] = head["spell"]
    save(S, (1 + head["depth"]) * head["words"], W, head["words"])
    weigh(P, W, S, head["depth"])
    _trial(P, W, S, head["depth"])


@inner
def _went(S: SplitBlock) -> None:
    """The trial under way has come one level further."""
    frame = S.frames[S.head[0]["depth"]]
    if frame["went"] == 0:
        frame["went"] = 1
        S.levels[frame["level"]]["ups"] += 1


@inner
def _next(P: ProgramBlock, W: WorldBlock, S: SplitBlock) -> bool:
    """A path has ended: go back to the deepest frame with a trial left; False if there is none."""
    head = S.head[0]
    while head["depth"] >= 0 and S.frames[head["depth"]]["left"] == 0:
        head["depth"] -= 1
    if head["depth"] < 0:
        return False
    frame = S.frames[head["depth"]]
    load(S, (1 + head["depth"]) * head["words"], W, head["words"])
    head["down"] = frame["down"]
    head["counted"] = frame["counted"]
    head["failed"] = frame["failed"]
    head["before"] = frame["before"]
    head["spell"] = frame["spell"]
    _trial(P, W, S, head["depth"])
    return True


@inner
def _leave(W: WorldBlock, S: SplitBlock, level: int) -> bool:
    """Leave the frames above a level; False if the path ends, because it is a clone."""
    head = S.head[0]
    while level < S.frames[head["depth"]]["level"]:
        frame = S.frames[head["depth"]]
        seen, stay = S.levels[frame["level"]], W.run[0]["now"] - frame["began"]
        if stay > 0.0:
            seen["stays"] += 1
            seen["logs"] += math.log(stay)
            seen["longest"] = max(seen["longest"], stay)
        if frame["left"] > 0:
            return False
        head["weight"] = frame["parent"]
        head["depth"] -= 1
    return True


@inner
def _level(W: WorldBlock, S: SplitBlock) -> int:
    """The level of the world: how many of the bounds its distance is within.  Counts what has been entered."""
    head, now = S.head[0], losses(W, S)
    for k in range(now, min(head["before"], len(S.entered))):
        S.entered[k]["n"] += 1
    head["before"] = now
    level = 0
    while level + 1 < head["levels"] and max(now, 1) <= S.levels[level + 1]["most"]:
        level += 1
    return level


@inner
def _account(W: WorldBlock, S: SplitBlock, time: float) -> None:
    """The time until the next event passes; an outage counts once it has lasted."""
    head, now, found = S.head[0], W.run[0]["now"], S.results[S.head[0]["done"]]
    if W.conditions[head["condition"]]["above"] == 1:
        head["down"] = 0
        return
    if head["down"] == 0:
        head["down"] = 1
        head["counted"] = 0
        head["spell"] = now
        _went(S)
    found["down"] += head["weight"] * max(time - max(now, head["start"]), 0.0)
    if time > now:
        measured = head["weight"] if head["spell"] >= head["start"] else 0.0
        found["lasted"] += measured * (time - now)
        found["outages"] += measured if head["counted"] == 0 else 0.0
        found["failed"] += head["weight"] if head["failed"] == 0 else 0.0
        head["counted"] = 1
        head["failed"] = 1


@inner
def _tree(P: ProgramBlock, W: WorldBlock, S: SplitBlock) -> int:
    head, run = S.head[0], W.run[0]
    _plant(P, W, S)
    alive = True
    while alive and run["status"] == 0:
        run["logged"] = 0
        level = 0 if head["depth"] < 0 else _level(W, S)
        if head["depth"] < 0:
            _enter(P, W, S, 0)
        elif not _leave(W, S, level):
            alive = _next(P, W, S)
            continue
        elif level > S.frames[head["depth"]]["level"] and S.levels[level]["factor"] > 1:
            _enter(P, W, S, level)
        time = min(W.heap[ROOT]["time"], head["end"])
        _account(W, S, time)
        if time >= head["end"]:
            alive = _next(P, W, S)
            continue
        advance(P, W, np.nextafter(time, np.inf))
        S.levels[S.frames[head["depth"]]["level"]]["steps"] += 1
        head["steps"] += 1
        if head["steps"] >= head["most"]:
            return LONG
    return DONE if run["status"] == 0 else FAILED


@entry
def trees(P: ProgramBlock, W: WorldBlock, S: SplitBlock) -> int:
    """Grow the trees number `head.first` and on, one per result.  LONG: one has more events than allowed."""
    head = S.head[0]
    while head["done"] < len(S.results):
        head["root"] = head["first"] + head["done"]
        status = _tree(P, W, S)
        if status != DONE:
            return status
        S.results[head["done"]]["steps"] = head["steps"]
        head["done"] += 1
    return DONE
