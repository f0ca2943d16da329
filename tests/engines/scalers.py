"""`scaled_programs()`: programs of one to three controllers on one group, made to collide.

Periods, phases, profile steps and delays are mostly whole seconds, and a member that is started or stopped goes on in
zero time: what a controller reads changes before, at and after its turn within one instant.
"""

from __future__ import annotations

from typing import Any

from dice import Dice
from hypothesis import strategies as st

from outlast.program import Builder, Program, Site, Source, Term, count_of, free_in, rate_of, use_of, value_of
from outlast.program.verbs import emit, release, request, scatter
from outlast.stats.distributions import deterministic, exponential, grid

CHOICES = 200
SHAPES = ([(0, 3), (20, 9)], [(0, 2), (9, 6), (15, 4)], [(0, 5)], [(0, 1), (4, 8), (6, 1)], [(0, 4), (7.5, 9), (30, 2)])
ONCE = deterministic(0.0)


def scaled_programs() -> st.SearchStrategy[Program]:
    """Programs with controllers that the checker accepts."""
    return st.binary(min_size=CHOICES, max_size=CHOICES).map(scaled_program)


def scaled_program(source: bytes) -> Program:
    """The program that these bytes stand for."""
    dice = Dice(source)
    b = Builder(float(dice.pick((120, 240, 480))), window=dice.pick((0.0, 0.0, 60.0)))
    b.profile("load", dice.pick((40.0, 60.0, 37.0)), dice.pick(SHAPES))
    b.profile("other", dice.pick((35.0, 17.0)), dice.pick(SHAPES[1:3]))
    b.pool("tokens", dice.whole(1, 3))
    for group in ("present", "ready", "lost", "spare"):
        b.group(group)
    _members(dice, b)
    _pokers(dice, b)
    b.condition("listed", value_of(dice.pick(("load", "other"))), dice.pick((3, 5)))
    b.condition("crowded", count_of("present"), dice.pick((4, 6)), measured="crowd", meter="not crowded")
    b.service("requests", value_of("load"), [Site("all", (Term("ready", capacity=1.0), Term("lost")))],
              retry=dice.pick((0.0, 0.5)))  # fmt: skip
    for number in range(dice.whole(1, 3)):
        _controller(dice, b, number)
    return b.build()


def _members(dice: Dice, b: Builder) -> None:
    """Two cohorts of one life: idle, starting, ready, lost."""
    life = b.lifecycle("member")
    life.state("ready", ["ready", "present"]).state("idle", ["idle"]).state("starting", ["present"])
    life.state("lost", ["lost", "present"]).state("leaving", ["present"])
    life.on("start", "idle", "starting").on("stop", "starting", "idle")
    life.on("stop", "ready", dice.pick(("idle", "leaving"))).on("stop", "lost", "idle")
    life.after(dice.pick((ONCE, deterministic(1.0), deterministic(5.0), exponential(4.0))), "starting", "ready")
    life.after(dice.pick((ONCE, deterministic(2.0))), "leaving", "idle")
    if dice.chance(60):
        life.after(dice.pick((exponential(30.0), grid(10.0, 0.0))), "ready", "lost", origin=True)
    life.after(dice.pick((deterministic(3.0), exponential(5.0))), "lost", "starting")
    life.on("hit", "ready", "lost")
    member = {"present": ["present"], "ready": ["ready"], "lost": ["lost"], "spare": ["idle"]}
    b.cohort("first", life, dice.whole(1, 5), member=member)
    b.cohort("second", life, dice.whole(4, 8), member=member, start="idle")


def _pokers(dice: Dice, b: Builder) -> None:
    """Units that hit or start members at whole seconds, and take tokens; one answers a crowd in zero time."""
    life = b.lifecycle("poker").state("wait").state("hold").state("act")
    life.after(grid(dice.pick((5.0, 6.0, 7.0)), 0.0), "wait", "hold", [request("tokens")])
    life.on("granted", "hold", "act")
    what = dice.pick((scatter("present", "hit", ["ready"], n=1, order=dice.pick(("first", "any"))),
                      scatter("present", "start", ["idle"], n=1), emit("first", "hit")))  # fmt: skip
    life.after(dice.pick((ONCE, deterministic(1.0))), "act", "wait", [what, release("tokens")])
    b.cohort("poker", life, dice.whole(1, 3))
    answer = b.lifecycle("answer").state("calm").state("busy")
    answer.after(ONCE, "calm", "busy", [scatter("present", "hit", ["ready"], n=1)], when=["crowded"])
    answer.after(deterministic(dice.pick((2.0, 5.0))), "busy", "calm")
    b.cohort("answer", answer)


def _metric(dice: Dice) -> dict[str, Any]:
    """What is compared with what: a mean over the ready ones, or a total."""
    if dice.chance(50):
        return {"metric": use_of("requests.all"), "target": dice.pick((0.6, 0.75, 1.0)), "ready": "ready",
                "missing": dice.pick(("", "lost"))}  # fmt: skip
    metric: tuple[Source, float] = dice.pick(
        ((value_of("load"), 1.0), (rate_of("requests", "dropped"), 0.5), (count_of("lost"), 0.5),
         (free_in("tokens"), 1.0), (value_of("other"), 1.5), (count_of("spare"), 2.0)))  # fmt: skip
    return {"metric": metric[0], "target": metric[1], "total": True}


def _controller(dice: Dice, b: Builder, number: int) -> None:
    least = dice.whole(1, 3)
    b.controller(
        f"scaler{number}", **_metric(dice), group="present", up=(["idle"], "start"), down=(["present"], "stop"),
        least=least, most=least + dice.whole(0, 7), listed="listed" if dice.chance(30) else "",
        tolerance=dice.pick((0.0, 0.1, 0.3)), period=dice.pick((5.0, 3.0, 1.0, 2.5, 10.0, 0.7)),
        phase=dice.pick((0.0, 1.0, 0.5, None)), lag=dice.pick((1, 0, 2, 3)),
        window=dice.pick((20.0, 0.0, 60.0, 12.5)), grow=dice.pick(((4, 1.0), (1, 0.0), (0, 0.5))),
        shrink=dice.pick(((0, 1.0), (1, 0.0), (0, 0.3), (0, 0.0))))  # fmt: skip
    for what in dice.some(("ups", "downs"), 2):
        b.meter(f"scaler{number} {what}", (what, f"scaler{number}"), dice.pick(("count", "integral", "maximum")))
