"""R12: controllers.  They sleep while nothing they read changes and no recommendation expires; the log is as if not."""

from __future__ import annotations

import numpy as np

from outlast.compiled import inner
from outlast.engines.kernel.calendar import publish
from outlast.engines.kernel.effect import in_order
from outlast.engines.kernel.group import value
from outlast.engines.kernel.pointer import ProgramBlock, WorldBlock
from outlast.engines.kernel.record import log, meter
from outlast.program.tables import SCALE
from outlast.stats.draws import PHASE, uniform, unit_key
from outlast.stats.scaling import grid_index, hpa_decide, hpa_recommend


@inner
def _arm(P: ProgramBlock, W: WorldBlock, c: int, k: int) -> None:
    """The next evaluation is number k."""
    state = W.controllers[c]
    state["due"] = k
    publish(W, P.head[0]["first_controller"] + c, k * P.controllers[c]["period"] + state["phase"])


@inner
def begin_controller(P: ProgramBlock, W: WorldBlock, c: int) -> None:
    """R16: the phase, and the first evaluation."""
    row, state = P.controllers[c], W.controllers[c]
    state["phase"] = row["phase"]
    if row["phase"] < 0.0:
        key = unit_key(W.run[0]["base"], row["hash"], np.uint64(0))
        state["phase"] = uniform(key, PHASE, np.uint64(0)) * row["period"]
    W.run[0]["ticked"] = -1.0
    _arm(P, W, c, 0)


@inner
def _count(W: WorldBlock, group: int) -> int:
    return W.groups[group]["count"] if group >= 0 else 0


@inner
def _sample(P: ProgramBlock, W: WorldBlock, c: int, k: int) -> tuple[float, int, int, bool]:
    """The metric, ready and missing members of `lag` evaluations ago, and whether nothing has changed since."""
    row = P.controllers[c]
    now = value(P, W, row["kind"], row["object"], row["field"])
    if row["listed"] >= 0 and W.conditions[row["listed"]]["above"] == 0:
        now = 0.0
    ready, missing = _count(W, row["ready"]), _count(W, row["missing"])
    if row["lag"] == 0:
        return now, ready, missing, True
    steady = k >= row["lag"]
    for s in range(row["s0"], row["s0"] + row["lag"]):
        seen = W.samples[s]
        steady = steady and seen["value"] == now and seen["ready"] == ready and seen["missing"] == missing
    slot = W.samples[row["s0"] + k % row["lag"]]
    then, ready_then, missing_then = slot["value"], slot["ready"], slot["missing"]
    slot["value"] = now
    slot["ready"] = ready
    slot["missing"] = missing
    return then, ready_then, missing_then, steady


@inner
def _remember(P: ProgramBlock, W: WorldBlock, c: int, k: int, advice: int) -> int:
    """The highest recommendation of the window.  Runs of equal ones, falling: lower ones before a higher never matter;
    the last run has gone on while the controller slept."""
    row, state = P.controllers[c], W.controllers[c]
    first, size = row["h0"], row["depth"] + 1
    head, runs = state["head"], state["runs"]
    if runs > 0:
        W.advice[first + (head + runs - 1) % size]["last"] = k - 1
    while runs > 0 and W.advice[first + head]["last"] < k - row["depth"]:
        head = (head + 1) % size
        runs -= 1
    while runs > 0 and W.advice[first + (head + runs - 1) % size]["value"] <= advice:
        runs -= 1
    run = W.advice[first + (head + runs) % size]
    run["last"] = k
    run["value"] = advice
    state["head"] = head
    state["runs"] = runs + 1
    return W.advice[first + head]["value"]


@inner
def _act(P: ProgramBlock, W: WorldBlock, c: int, present: int, wanted: int) -> bool:
    """Signal the first members that may be started, or the last that may be stopped; whether there was one."""
    run, row, state = W.run[0], P.controllers[c], W.controllers[c]
    more = wanted > present
    tag, signal = (row["up"], row["up_signal"]) if more else (row["down"], row["down_signal"])
    sent = in_order(P, W, row["group"], tag, abs(wanted - present), not more, signal, np.uint64(0), 1.0)
    if sent == 0:
        return False
    run["cause"] = -2 - c
    if run["trace"] != 0:
        log(W, SCALE, c, 0, run["cause"], float(present), float(present + sent if more else present - sent))
    if more:
        state["ups"] += 1.0
        if row["up_meter"] >= 0:
            meter(P, W, row["up_meter"], state["ups"])
    else:
        state["downs"] += 1.0
        if row["down_meter"] >= 0:
            meter(P, W, row["down_meter"], state["downs"])
    return True


@inner
def tick(P: ProgramBlock, W: WorldBlock, c: int) -> None:
    """One evaluation; it is an event only if it acts."""
    run, row, state = W.run[0], P.controllers[c], W.controllers[c]
    run["ticked"] = run["now"]
    run["turn"] = c  # within an instant they come in ascending order
    state["ticks"] += 1
    k, present = state["due"], _count(W, row["group"])
    metric, ready, missing, steady = _sample(P, W, c, k)
    advice = present
    if k >= row["lag"]:
        advice = hpa_recommend(row["total"] != 0, metric, ready, missing, present, row["target"], row["tolerance"])
    highest = _remember(P, W, c, k, advice)
    wanted = hpa_decide(advice, highest, present, row["least"], row["most"], row["grow"], row["grow_share"],
                        row["shrink"], row["shrink_share"])  # fmt: skip
    if wanted == present or not _act(P, W, c, present, wanted):
        run["events"] -= 1
    state["asleep"] = 1 if wanted == present and steady and P.head[0]["sleep"] != 0 else 0
    if state["asleep"] == 0:
        _arm(P, W, c, k + 1)
    elif state["runs"] > 1:
        _arm(P, W, c, W.advice[row["h0"] + state["head"]]["last"] + row["depth"] + 1)  # the highest expires
    else:
        publish(W, P.head[0]["first_controller"] + c, np.inf)


@inner
def wake(P: ProgramBlock, W: WorldBlock, c: int) -> None:
    """Something it reads has changed: the next evaluation is the first whose turn is still to come.

    Its turn at this instant has passed iff a later controller has had its own: every other source comes before.
    """
    run, state = W.run[0], W.controllers[c]
    if state["asleep"] != 0:
        state["asleep"] = 0
        passed = run["ticked"] == run["now"] and run["turn"] > c
        _arm(P, W, c, grid_index(run["now"], P.controllers[c]["period"], state["phase"], passed))
