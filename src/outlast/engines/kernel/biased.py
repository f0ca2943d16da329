"""Failure biasing: excursions from the state in which everything works, with more failures than there would be.

docs/rare-events.md derives what is done here.  The clocks of the world stay as they are.  While an excursion is under
way and the condition still holds, a further process forces failures: at time s after the last failure its rate is
pull / (scale + s), shared out among the failures that could happen.  An exponential clock has no memory, so a unit then
fails at its own rate r plus its share e, and the likelihood ratio is that of r against r + e: a factor r / (r + e) for
every failure, exp(integral of all shares) for the time.

Every excursion draws a mode: how strong the pull is (0: none), and whether the first failure is picked evenly.  With
L_m the likelihood ratio of a history in mode m, whichever it came about in, its weight is 1 / sum(share_m / L_m).
"""

from __future__ import annotations

import math

import numpy as np

from outlast.compiled import entry, inner
from outlast.engines.kernel.calendar import ROOT, publish
from outlast.engines.kernel.lifecycle import due_row
from outlast.engines.kernel.loop import advance
from outlast.engines.kernel.pointer import BiasBlock, ProgramBlock, WorldBlock
from outlast.stats.draws import uniform

FORCED = np.uint64(0x464F52434544)  # row mark of the draws made here
DONE, STUCK, LONG, FAILED = range(4)


@inner
def _draw(W: WorldBlock, B: BiasBlock) -> float:
    head = B.head[0]
    n = head["drawn"]
    head["drawn"] = n + 1
    return uniform(W.run[0]["base"], FORCED, np.uint64(n))


@inner
def _look(W: WorldBlock, B: BiasBlock) -> None:
    """Which failures could happen now: their total rate, and how many of each row."""
    head = B.head[0]
    for c in range(len(B.classes)):
        B.classes[c]["running"] = 0
    head["rate"] = 0.0
    head["kinds"] = 0
    for k in range(len(B.failures)):
        row = B.failures[k]
        row["running"] = 0
        if W.units[row["unit"]]["state"] == row["state"] and W.clocks[row["clock"]]["time"] < np.inf:
            row["running"] = 1
            head["rate"] += row["rate"]
            kind = B.classes[row["kind"]]
            if kind["running"] == 0:
                head["kinds"] += kind["hits"]
            kind["running"] += 1


@inner
def _share(B: BiasBlock, k: int, mix: float) -> float:
    """Probability that a forced failure is number k: by rates, and with probability `mix` evenly over the rows that hit
    the condition."""
    head, row = B.head[0], B.failures[k]
    if row["running"] == 0:
        return 0.0
    by_rate, kind = row["rate"] / head["rate"], B.classes[row["kind"]]
    if head["kinds"] == 0:
        return by_rate
    return (1.0 - mix) * by_rate + mix * kind["hits"] / (head["kinds"] * kind["running"])


@inner
def _pick(W: WorldBlock, B: BiasBlock, mix: float) -> int:
    u = _draw(W, B)
    last = -1
    for k in range(len(B.failures)):
        if B.failures[k]["running"] == 1:
            last = k
            u -= _share(B, k, mix)
            if u < 0.0:
                return k
    return last


@inner
def _away(P: ProgramBlock, W: WorldBlock, B: BiasBlock) -> bool:
    """True unless as many units of every cohort are in each state as at the start (paired units one by one).

    On the way: when the youngest of the failures began that are not over.
    """
    head = B.head[0]
    latest = head["began"]
    for i in range(len(B.tally)):
        B.tally[i]["now"] = 0
    for i in range(len(B.units)):
        row = B.units[i]
        me = W.units[row["unit"]]
        B.tally[row["first"] + me["state"]]["now"] += 1
        if me["state"] != row["home"]:
            latest = max(latest, me["since"])
    head["failed"] = latest
    for i in range(len(B.tally)):
        if B.tally[i]["now"] != B.tally[i]["home"]:
            return True
    return _marked(W, B)


@inner
def _marked(W: WorldBlock, B: BiasBlock) -> bool:
    """A service uses another route than at the start, or a delay is remembered."""
    for i in range(len(B.routes)):
        if W.services[B.routes[i]["service"]]["route"] != B.routes[i]["home"]:
            return True
    kept = 0
    for i in range(len(B.memories)):
        kept += 1 if W.memory[B.memories[i]["place"]]["value"] >= 0.0 else 0
    return kept > 0


@inner
def _force(P: ProgramBlock, W: WorldBlock, B: BiasBlock, k: int, time: float) -> None:
    """Failure k happens at this time, before everything else that waits."""
    row = B.failures[k]
    W.clocks[row["clock"]]["time"] = time
    publish(W, P.head[0]["first_unit"] + row["unit"], time)


@inner
def _own(P: ProgramBlock, W: WorldBlock, B: BiasBlock) -> int:
    """The failure that happens next by itself; -1 if what is next is none."""
    head = P.head[0]
    source = np.int64(W.heap[ROOT]["source"])
    if source < head["first_unit"] or source >= head["first_controller"]:
        return -1
    unit = source - head["first_unit"]
    t, cohort = due_row(P, W, unit), np.int64(P.owners[unit]["cohort"])
    for c in range(B.places[cohort]["c0"], B.places[cohort]["c1"]):
        if B.classes[c]["row"] == t:
            return B.classes[c]["first"] + unit - P.cohorts[cohort]["first"]
    return -1


@inner
def _weigh(B: BiasBlock, waited: float, failing: int, since: float) -> None:
    """Likelihood ratios after a step: of the time (`waited`), and of the failure, if any, that ended it."""
    share, rate = 0.0, 1.0
    if failing >= 0:
        share, rate = _share(B, failing, B.head[0]["mix"]) / since, B.failures[failing]["rate"]
    for m in range(len(B.modes)):
        mode = B.modes[m]
        mode["log"] += mode["pull"] * waited - math.log1p(mode["pull"] * share / rate)


@inner
def _next(P: ProgramBlock, W: WorldBlock, B: BiasBlock, left: float) -> float:
    """Advance to the next instant at which something happens and let it happen; returns the time that passed.

    left: time to the horizon; a longer step weighs the time before it only.
    """
    head, run = B.head[0], W.run[0]
    now, time = run["now"], W.heap[ROOT]["time"]
    if head["biased"] == 1 and head["forced"] < head["budget"]:
        _look(W, B)
        if head["rate"] > 0.0:
            since = head["scale"] + now - head["failed"]
            forced = -1
            pull = B.modes[head["mode"]]["pull"]
            if pull > 0.0:
                wait = since * (_draw(W, B) ** (-1.0 / pull) - 1.0)  # its rate is pull / (since + wait)
                if now + wait < time:
                    time = now + wait
                    forced = _pick(W, B, head["mix"])
                    _force(P, W, B, forced, time)
            failing = forced if forced >= 0 else _own(P, W, B)
            in_time = failing >= 0 and time - now <= left
            _weigh(B, math.log1p(min(time - now, left) / since), failing if in_time else -1, since + (time - now))
            head["forced"] += 1 if in_time else 0
    advance(P, W, np.nextafter(time, np.inf))
    return time - now


@inner
def _first(P: ProgramBlock, W: WorldBlock, B: BiasBlock) -> None:
    """The failure that begins an excursion happens now: the wait for it has no memory, so it need not be simulated."""
    head = B.head[0]
    _look(W, B)
    k = _pick(W, B, head["mix"] if head["biased"] == 1 and B.modes[head["mode"]]["even"] == 1 else 0.0)
    for m in range(len(B.modes)):
        if head["biased"] == 1 and B.modes[m]["even"] == 1:
            B.modes[m]["log"] += math.log(B.failures[k]["rate"] / head["rate"] / _share(B, k, head["mix"]))
    now = W.run[0]["now"]
    head["began"] = now
    _force(P, W, B, k, now)
    advance(P, W, np.nextafter(now, np.inf))


@inner
def _excursion(P: ProgramBlock, W: WorldBlock, B: BiasBlock, j: int, left: float) -> int:
    """From the first failure until everything works again; adds to result j what happened in the `left` seconds."""
    head, run, found = B.head[0], W.run[0], B.results[j]
    _first(P, W, B)
    counted, steps = False, 0
    while run["status"] == 0:
        run["logged"] = 0
        down = W.conditions[head["condition"]]["above"] == 0
        if down:
            head["biased"] = 0
        counted = counted and down
        if down and found["failed"] == 0 and left > 0.0:
            found["failed"] = 1
            found["until"] += found["away"]
        if not _away(P, W, B):
            return DONE
        if W.heap[ROOT]["time"] == np.inf:
            if down and left > 0.0:
                found["down"] += left
                found["outages"] += 0.0 if counted else 1.0
            found["away"] += max(left, 0.0)
            return STUCK
        if steps >= head["most"]:
            return LONG
        if left <= 0.0:
            head["biased"] = 0
        before = _next(P, W, B, max(left, 0.0))
        passed = min(before, max(left, 0.0))
        found["away"] += passed
        left -= before
        steps += 1
        if down and passed > 0.0:
            found["down"] += passed
            if not counted:
                found["outages"] += 1.0
                counted = True
    return FAILED


@inner
def _choose(W: WorldBlock, B: BiasBlock) -> None:
    """The mode of the next result."""
    head = B.head[0]
    head["forced"] = 0
    head["biased"] = head["on"]
    head["mode"] = 0
    u = _draw(W, B) if head["on"] == 1 else 0.0
    for m in range(len(B.modes)):
        B.modes[m]["log"] = 0.0
        if u >= 0.0:
            head["mode"] = m
        u -= B.modes[m]["share"]


@inner
def _weight(B: BiasBlock) -> float:
    """Density of a history as it comes over that with the modes mixed."""
    against = 0.0
    for m in range(len(B.modes)):
        against += B.modes[m]["share"] * math.exp(min(-B.modes[m]["log"], 700.0))
    return 1.0 / against


@entry
def excursions(P: ProgramBlock, W: WorldBlock, B: BiasBlock) -> int:
    """Fill the results from number `head.done` on, from the state in which everything works.

    With a finite horizon a result is a whole mission: the first failure comes before the horizon (its probability is
    left to the caller), later ones when they come.  Returns DONE, STUCK (the world can do nothing more: begin anew, the
    last result counts), LONG (too many events) or FAILED (see the world's status).
    """
    head = B.head[0]
    while head["done"] < len(B.results):
        j = head["done"]
        found = B.results[j]
        _choose(W, B)
        horizon = head["horizon"]
        elapsed = 0.0
        if horizon < np.inf:
            elapsed = -math.log1p(_draw(W, B) * math.expm1(-head["total"] * horizon)) / head["total"]
        status = DONE
        while status == DONE and elapsed < horizon:
            away = found["away"]
            status = _excursion(P, W, B, j, horizon - elapsed)
            elapsed += found["away"] - away
            if horizon == np.inf:
                break
            elapsed -= math.log(_draw(W, B)) / head["total"]
        found["weight"] = _weight(B)
        if status in (LONG, FAILED):
            return status
        head["done"] = j + 1
        if status == STUCK:
            return status
    return DONE
