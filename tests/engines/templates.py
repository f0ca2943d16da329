"""Lifecycles with random structure, from which generated programs are put together.

No template can go round in zero time: a delay of zero leads forward only, the way back takes time, and units that
are signalled send nothing on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dice import Dice
from draft import SIGNALS, TAGS, Draft

from outlast.program import (
    Case,
    Each,
    Lifecycle,
    commit,
    count_of,
    emit,
    forget,
    free_in,
    record,
    release,
    request,
    rollback,
    scatter,
    set_level,
    stage,
    taint,
    value_of,
)
from outlast.program.tables import AGED
from outlast.program.verbs import Effect
from outlast.stats.distributions import GRID, deterministic, grid, uniform

ZERO = deterministic(0.0)
PARTS = ("", "outage", "work")


def _policy(dice: Dice, *, grid_law: bool = False) -> str:
    return "resample" if grid_law else dice.pick(("resample", "resample", "resume", "repeat", "aged", "carry"))


def _scaled(draft: Draft, policy: str) -> dict[str, Any]:
    """Keywords of a delay that some source scales."""
    if policy == "aged" or not draft.dice.chance(45):
        return {}
    source, inverted = draft.scale()
    return {"scale": source, "inverted": inverted}


def machines(draft: Draft, name: str) -> None:
    """Units that fail, wait for a crew and are repaired: priority, preemption, patience, ages, guards."""
    dice, crew = draft.dice, draft.dice.pick((*draft.crews[-2:], draft.crews[-1]))
    life = draft.b.lifecycle(name)
    life.state("up", ["up"], part=dice.pick(PARTS)).state("wait", ["down"], part="waiting")
    life.state("repair", ["down", "busy"], part=dice.pick(PARTS)).state("blink", ["idle"])
    ask = _asking(draft, life, crew)
    _failing(draft, life, ask)
    life.on("granted", "wait", "repair", [record("started")] if dice.chance(20) else [])
    after = [release(crew)]
    if any(row.name == "wear" and row.policy == AGED for row in life.rows) and dice.chance(60):
        after.append(forget("wear", dice.pick((0.0, 0.5))))
    life.after(dice.delay(2.0), "repair", "up", after, name="mend", when=draft.guards(1) if dice.chance(20) else [])
    forgetful = [forget("stop")] if dice.chance(40) else []
    life.after(dice.delay(1.0), "blink", "up", [*draft.actions(1), *forgetful], name="back")
    if dice.chance(50):
        _patience(draft, life, crew, ask)
    draft.b.cohort(name, life, draft.cohorts[name], member=draft.member())


def _asking(draft: Draft, life: Lifecycle, crew: str) -> Effect:
    """The request of a cohort; if it may be revoked, waiting and repair listen for that."""
    dice = draft.dice
    preempt, revocable = dice.chance(50), dice.chance(90)
    ask = request(crew, dice.whole(0, 1) if preempt else dice.whole(1, 2), dice.pick((1, 1, 2)), preempt=preempt,
                  revoked="revoked" if revocable else "")  # fmt: skip
    if revocable:
        life.on("revoked", "repair", "wait", [ask]).on("revoked", "wait", "", [ask])
    return ask


def _failing(draft: Draft, life: Lifecycle, ask: Effect) -> None:
    """How a machine leaves `up`: by wear, by being hit, by a planned stop that remembers."""
    dice = draft.dice
    law = dice.delay(5.0, grid=True)
    policy = _policy(dice, grid_law=law.kind == GRID)
    cases = [Case(0.7, "wait", (ask,)), Case(0.2, "blink"), Case(0.1, "up")]
    branching = dice.chance(40)
    life.after(law, "up", "" if branching else "wait", [] if branching else [ask], name="wear",
               cases=cases if branching else (), policy=policy, origin=dice.chance(50),
               age=dice.age() if policy == "aged" and dice.chance(70) else None,
               when=draft.guards() if dice.chance(40) else [],
               **({} if law.kind == GRID else _scaled(draft, policy)))  # fmt: skip
    life.after(dice.delay(6.0), "up", "blink", draft.actions(1), name="stop", policy=dice.pick(("resume", "repeat")))
    for signal in dice.some(SIGNALS, 4):
        life.on(signal, "up", dice.pick(("wait", "blink")), [], cases=[Case(1.0, "wait", (ask,))],
                when=draft.guards(1) if dice.chance(60) else [])  # fmt: skip


def _patience(draft: Draft, life: Lifecycle, crew: str, ask: Effect) -> None:
    """A timer that runs through waiting and repair; some ask again while they wait."""
    dice = draft.dice
    life.after(dice.delay(4.0), "wait", "up", [release(crew)], policy="carry", clock="patience", name="give up")
    if dice.chance(60):
        life.after(dice.delay(4.0), "repair", "up", [release(crew)], policy="carry", clock="patience", name="cut short")
    if dice.chance(60):
        again = request(crew, 0, ask.k, preempt=bool(ask.x), revoked=ask.revoked)
        life.after(dice.tick(), "wait", dice.pick(("", "wait")), [again], name="escalate")


def chains(draft: Draft, name: str) -> None:
    """Units that hold one claim while they ask for another."""
    dice, crews = draft.dice, draft.crews
    first, second = dice.pick(crews), dice.pick(crews)
    life = draft.b.lifecycle(name)
    life.state("idle", ["idle"]).state("seek", ["down"]).state("more", ["down"]).state("work", ["busy", "up"])
    life.after(dice.delay(2.0, grid=True), "idle", "seek", [request(first, dice.whole(0, 2), then="one", claim="one")])
    life.on("one", "seek", "more", [request(second, dice.whole(0, 2), dice.whole(1, 2), then="two", claim="two")])
    life.on("two", "more", "work")
    life.after(dice.delay(2.0), "work", "idle", [release(first, "one"), release(second, "two")])
    life.after(dice.delay(3.0), "more", "idle", [release(second, "two"), release(first, "one")], name="back off")
    life.after(dice.delay(3.0), "seek", "idle", [release(first, "one")], name="withdraw",
               when=draft.guards(1) if dice.chance(40) else [])  # fmt: skip
    draft.b.cohort(name, life, draft.cohorts[name], member=draft.member())


def rivals(draft: Draft, name: str) -> None:
    """Holders of two priorities, and urgent units that take from them as much as they need."""
    dice, b, pool = draft.dice, draft.b, draft.pools[-1]
    low = b.lifecycle(f"{name}.low").state("idle", ["idle"]).state("wait", ["down"]).state("hold", ["busy"])
    asks = [request(pool, priority, dice.pick((1, 1, 2)), revoked="revoked") for priority in (1, 2)]
    low.after(dice.tick(), "idle", name="ask", cases=[Case(0.5, "wait", (ask,)) for ask in asks])
    low.on("granted", "wait", "hold").after(dice.delay(4.0), "hold", "idle", [release(pool)])
    low.on("hit", "hold", "idle", [release(pool)])
    low.on("revoked", "wait", "", asks[:1]).on("revoked", "hold", "wait", asks[1:])
    urgent = b.lifecycle(f"{name}.urgent").state("calm", ["up"]).state("wait", ["down"]).state("act", ["busy"])
    demand = request(pool, 0, dice.whole(1, 3), preempt=True)
    urgent.after(dice.delay(3.0), "calm", "wait", [demand]).on("hit", "calm", "wait", [demand])
    if dice.chance(50):  # what it gives back is granted to others and taken from them before they hear of it
        urgent.after(dice.tick(), "act", "wait", [release(pool), demand], name="renew")
    urgent.on("granted", "wait", "act").after(dice.delay(2.0), "act", "calm", [release(pool)])
    urgent.after(dice.delay(6.0), "wait", "calm", [release(pool)], name="leave")
    b.cohort(name, low, draft.cohorts[name], member=draft.member())
    b.cohort(f"{name}.low", low, 3)
    b.cohort(f"{name}.urgent", urgent, dice.whole(1, 2), member=draft.member())


def guarded(draft: Draft, name: str) -> None:
    """Units whose clocks stop and go with conditions, under every policy."""
    dice = draft.dice
    life = draft.b.lifecycle(name)
    life.state("idle", ["idle"]).state("work", ["busy", "up"], part=dice.pick(PARTS)).state("pause", ["down"])
    at_once, policy = dice.chance(40), _policy(dice)
    life.after(ZERO if at_once else dice.delay(1.0, grid=True), "idle", "work", draft.actions(1),
               when=draft.guards() if dice.chance(80) else [])  # fmt: skip
    scale = {} if at_once else _scaled(draft, policy)
    life.after(dice.delay(3.0, unbounded=policy == "aged"), "work", "idle", draft.actions(1), name="done",
               policy=policy, when=draft.guards() if dice.chance(70) else [], **scale)  # fmt: skip
    kept = policy in ("resume", "repeat", "aged") and dice.chance(50)
    life.after(dice.delay(3.0), "work", "pause", [forget("done", dice.pick((0.0, 0.5)))] if kept else [], name="break")
    life.after(dice.delay(1.0), "pause", dice.pick(("work", "idle")), name="resume")
    draft.b.cohort(name, life, draft.cohorts[name], member=draft.member())


def tanks(draft: Draft, name: str) -> None:
    """Owners of stocks that fill and drain between watches, with points, taint and rollback."""
    dice, count = draft.dice, draft.cohorts[name]
    stocks = [s for s in draft.stocks if s.startswith(f"{name}.")]
    for stock in stocks:
        low = 1.0 if stock in draft.solid else 0.0
        source = dice.pick((None, value_of(dice.pick(draft.profiles)), count_of(dice.pick(list(draft.groups))),
                            free_in(dice.pick(draft.pools))))  # fmt: skip
        draft.b.stock(stock, dice.pick((low, 2.0, 4.0)), low, 8.0, source, keep=dice.whole(1, 3))
    for i, stock in enumerate(stocks):
        _watches(draft, stock, name, i)
    gain = dice.pick((0.0, 0.5, 1.0, 0.7)) if all(draft.b.stocks[s].source for s in stocks) else 0.0
    life = draft.b.lifecycle(name)
    life.state("fill", ["up"], rate=dice.pick((1.0, 0.5, 0.3, 2.0)), gain=gain, part=dice.pick(PARTS))
    life.state("drain", ["busy"], rate=dice.pick((-1.0, -0.5, -0.7, -2.0))).state("still", ["down"])
    _flowing(draft, life)
    shared = count == 1 or dice.chance(30)
    bind = {"mine": stocks[0] if shared else Each(stocks[0])}
    draft.b.cohort(name, life, count, bind=bind, member=draft.member(), start=dice.pick(("fill", "drain", "still")),
                   drives=None if shared and count > 1 else bind["mine"])  # fmt: skip


def _watches(draft: Draft, stock: str, name: str, index: int) -> None:
    dice = draft.dice
    draft.b.watch(stock, dice.pick((6.0, 8.0)), name, "full", index=index)
    draft.b.watch(stock, dice.pick((1.0, 2.0)), name, "empty", up=False, index=index)
    for _ in range(dice.whole(0, 2)):
        cohort = dice.pick(list(draft.cohorts))
        draft.b.watch(stock, dice.pick((3.0, 4.0, 5.0)), cohort, dice.pick(SIGNALS), up=dice.chance(50),
                      index=dice.whole(0, draft.cohorts[cohort] - 1))  # fmt: skip


def _flowing(draft: Draft, life: Lifecycle) -> None:
    dice = draft.dice
    tier, clean = dice.whole(0, 2), dice.chance(50)
    life.on("full", "fill", "drain").on("empty", "drain", "fill")
    life.after(grid(dice.pick((2.0, 3.0)), dice.pick((0.0, 1.0))), "fill", "", [stage("mine"), commit("mine", tier)],
               name="save")  # fmt: skip
    life.after(dice.delay(4.0), "drain", "", [stage("mine")], name="begin").after(
        dice.tick(), "drain", name="end",
        cases=[Case(0.4, "", (commit("mine", 0), record("level", "mine"))), Case(0.3, "", (commit("mine", 1),)),
               Case(0.3, "", (commit("mine", 2),))])  # fmt: skip
    life.after(dice.delay(5.0), "fill", "still", [rollback("mine", dice.whole(0, 2), clean=clean)], name="lose",
               policy=dice.pick(("resample", "resume", "aged")))  # fmt: skip
    life.after(dice.delay(6.0), "fill", "", [taint("mine")], name="spoil").after(
        dice.delay(2.0), "still", dice.pick(("fill", "drain")), draft.actions(1), name="again"
    )
    if dice.chance(70):
        level = dice.pick((deterministic(2.0), deterministic(6.0), uniform(0.0, 8.0), uniform(1.0, 4.0)))
        life.after(dice.delay(5.0), "drain", dice.pick(("", "fill")), [set_level("mine", level)], name="refill")
    if dice.chance(50):
        life.after(dice.delay(8.0), "still", "fill", [rollback("mine", 0, clean=not clean)], name="restore")


def watchers(draft: Draft, name: str) -> None:
    """Units that hear conditions rise and fall, and then do something to others."""
    dice = draft.dice
    watched = dice.pick(draft.conditions)
    life = draft.b.lifecycle(name)
    life.state("calm", ["up"]).state("alarm", ["busy"], part=dice.pick(PARTS))
    life.on("fell", "calm", "alarm", [record("fell")], when=draft.guards(1) if dice.chance(60) else [])
    life.on("rose", "alarm", "calm", [record("rose")]).on("rose", "calm", "", [record("rose")])
    life.after(dice.delay(2.0), "alarm", dice.pick(("", "alarm")), draft.actions(), name="act",
               when=draft.guards(1) if dice.chance(50) else [])  # fmt: skip
    life.after(dice.delay(4.0, grid=True), "calm", "", draft.actions(1), name="tick")
    draft.b.cohort(name, life, draft.cohorts[name])  # counted nowhere, else it might hear itself for ever
    for index in range(draft.cohorts[name]):
        draft.listeners.append((name, watched, index, "rose", "fell"))


def shocks(draft: Draft, name: str) -> None:
    """Sources of trouble: signals to members of groups, in every order."""
    dice = draft.dice
    life = draft.b.lifecycle(name).state("on", ["up"], part=dice.pick(PARTS)).state("off", ["down"])
    blow = [draft.scattering(), *draft.actions(1)]
    law = dice.delay(4.0, grid=True)
    if dice.chance(50):
        life.after(law, "on", dice.pick(("", "on")), blow, origin=dice.chance(70), name="blow")
    else:
        cases = [Case(0.5, "off", tuple(blow)), Case(0.3, "", (draft.scattering(),)), Case(0.2, "on")]
        life.after(law, "on", name="blow", origin=dice.chance(70), cases=cases)
    life.after(dice.delay(2.0), "off", "on", draft.actions(1))
    draft.b.cohort(name, life, draft.cohorts[name], member=draft.member())


def pairs(draft: Draft, name: str) -> None:
    """Units bound one by one to groups, conditions and to the units of another cohort."""
    dice, count, b = draft.dice, draft.cohorts[name], draft.b
    for i in range(count):
        b.group(f"{name}.g{i}")
    for i in range(count):
        b.condition(f"{name}.c{i}", count_of(f"{name}.g{i}"), 1, measured=f"{name} {i}" if dice.chance(50) else "")
        b.pool(f"{name}.p{i}", 1)
    host = b.lifecycle(f"{name}.host").state("up", ["up"]).state("down", ["down"]).state("held", ["down", "busy"])
    host.after(dice.delay(3.0), "up", "down", [emit("guest", "halt"), request("key")], origin=True)
    host.on("granted", "down", "held").after(dice.tick(), "down", "", [request("key", 1)], name="ask again")
    host.after(dice.delay(2.0), "held", "up", [scatter(dice.pick(list(draft.groups)), "wake"), release("key")])
    host.on("hit", "up", "down", [request("key")])
    key = Each(f"{name}.p0") if dice.chance(60) else f"{name}.p0"
    guest = b.lifecycle(f"{name}.guest").state("run", ["busy", "up"], part=dice.pick(PARTS)).state("off", ["idle"])
    policy = _policy(dice)
    guest.after(dice.delay(4.0, unbounded=policy == "aged"), "run", "off", draft.actions(1), policy=policy, name="end",
                when=["mine"])  # fmt: skip
    guest.after(ZERO if dice.chance(40) else dice.delay(1.0), "off", "run", when=["mine"])
    guest.after(dice.delay(2.0), "run", "off", when=["!mine"], name="lost").on("halt", "run", "off")
    b.cohort(name, host, count, bind={"guest": Each(f"{name}.guest"), "key": key},
             member=[(Each(f"{name}.g0"), ("up",)), *draft.member().items()])  # fmt: skip
    b.cohort(f"{name}.guest", guest, count, bind={"mine": Each(f"{name}.c0")}, member=draft.member())


def graph(draft: Draft, name: str) -> None:
    """States and rows at random; every state has a way on that takes time."""
    dice = draft.dice
    states = [f"s{i}" for i in range(dice.whole(2, 4))]
    life = draft.b.lifecycle(name)
    for state in states:
        life.state(state, dice.some(TAGS, 2), part=dice.pick(PARTS))
    for i, state in enumerate(states):
        life.after(dice.delay(2.0, grid=True), state, dice.pick(states), draft.actions(1), name=f"on {i}")
        for k in range(dice.whole(0, 2)):
            _edge(draft, life, states, i, f"edge {i}.{k}")
        for signal in dice.some(SIGNALS, 3):
            cases = [Case(0.5, dice.pick(states)), Case(0.5, "", (record(signal),))] if dice.chance(30) else []
            life.on(signal, state, dice.pick(states), [record(signal)] if dice.chance(30) else [], cases=cases,
                    when=draft.guards(1) if dice.chance(60) else [])  # fmt: skip
    if dice.chance(60):
        _shared_clock(dice, life, states)
    draft.b.cohort(name, life, draft.cohorts[name], member=draft.member(), start=dice.pick(states))


def _edge(draft: Draft, life: Lifecycle, states: list[str], at: int, name: str) -> None:
    dice, onward = draft.dice, states[at + 1 :]
    guards = draft.guards() if dice.chance(60) else []
    if onward and dice.chance(25):
        life.after(ZERO, states[at], dice.pick(onward), draft.actions(1), name=name, when=guards or draft.guards(1))
        return
    policy = _policy(dice)
    law = dice.delay(3.0, unbounded=policy == "aged")  # else no life might be left, again and again
    target = dice.pick(["", *states])
    cases = [Case(0.4, target, tuple(draft.actions(1))), Case(0.6, dice.pick(states))]
    life.after(law, states[at], target, draft.actions(1), name=name, when=guards, policy=policy,
               cases=cases if dice.chance(30) else (), origin=dice.chance(20))  # fmt: skip


def _shared_clock(dice: Dice, life: Lifecycle, states: list[str]) -> None:
    """One clock that runs on through several states."""
    for i, state in enumerate(states):
        life.after(dice.delay(3.0), state, dice.pick(states), policy="carry", clock="shared", name=f"shared {i}")


def scaled(draft: Draft, name: str) -> None:
    """Delays multiplied or divided by what goes on elsewhere, racing in one state; the way back is not scaled."""
    dice = draft.dice
    life = draft.b.lifecycle(name).state("go", ["up"]).state("rest", ["idle"])
    for k in range(dice.whole(2, 4)):
        source, inverted = draft.scale()
        policy = dice.pick(("resample", "resume", "repeat"))
        life.after(dice.delay(3.0), "go", "rest", name=f"race {k}", policy=policy, scale=source, inverted=inverted)
    life.after(dice.delay(2.0), "rest", "go", draft.actions(1))
    draft.b.cohort(name, life, draft.cohorts[name], member=draft.member())


def elastic(draft: Draft, name: str) -> None:
    """Units that a controller starts and stops; some are hit, some go on in zero time."""
    dice, fleet = draft.dice, f"{name}.fleet"
    draft.b.group(fleet)
    life = draft.b.lifecycle(name).state("off", ["idle"]).state("boot", ["busy"]).state("on", ["up", "busy"])
    life.after(ZERO if dice.chance(30) else dice.delay(2.0), "boot", "on", draft.actions(1))
    life.on("more", "off", "boot").on("less", "boot", "off").on("less", "on", "off", draft.actions(1))
    life.on("hit", "on", dice.pick(("boot", "off"))).on("hit", "off", "boot")
    draft.b.cohort(name, life, draft.cohorts[name], member={fleet: ("busy",), **draft.member()})
    draft.b.cohort(f"{name}.spare", life, dice.whole(1, 3), member={fleet: ("busy",), **draft.member()})
    draft.elastic.append(name)


TEMPLATES: dict[str, Callable[[Draft, str], None]] = {
    "machines": machines, "chains": chains, "guarded": guarded, "tanks": tanks, "watchers": watchers,
    "shocks": shocks, "pairs": pairs, "graph": graph, "scaled": scaled,
    "rivals": rivals, "elastic": elastic,
}  # fmt: skip
