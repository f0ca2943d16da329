"""`programs()`: a Hypothesis strategy of whole programs, small but with everything in them.

A program is a few cohorts from templates that share pools, groups, conditions, stocks and services.  Many delays are
whole seconds, so that clocks, profile steps, watches and window ends fall on the same instant.
"""

from __future__ import annotations

from dataclasses import replace

from dice import Dice
from draft import Draft
from hypothesis import strategies as st
from templates import TEMPLATES

from outlast.program import Builder, Program
from outlast.stats.distributions import deterministic

CHOICES = 1500  # bytes: more than the largest program uses
FIRINGS = 1000  # at one instant: far above what these programs do without a livelock
OFTEN = ("machines", "machines", "tanks", "scaled")  # templates that stand together more often
CALENDARS = ([(0, 1), (3, 2)], [(0, 2), (2, 0), (4, 1)], [(0, 0), (1, 3)], [(0, 1), (5, 0)])
SHAPES = ([(0, 1), (3, 2)], [(0, 2.5), (2, 0.5), (4, 1)], [(0, 1)], [(0, 3), (1, 1), (2, 4), (4, 2)])


def programs() -> st.SearchStrategy[Program]:
    """Programs the checker accepts; few of them are livelocks or have a bad delay."""
    return st.binary(min_size=CHOICES, max_size=CHOICES).map(program)


def program(source: bytes) -> Program:
    """The program that these bytes stand for; short ones are padded with zeros."""
    dice = Dice(source)
    kinds = [dice.pick((*TEMPLATES, *OFTEN)) for _ in range(dice.whole(2, 6))]
    draft = _draft(dice, kinds)
    _scenery(draft)
    for number, kind in enumerate(kinds):
        TEMPLATES[kind](draft, f"{kind}{number}")
    _beacon(draft)
    _count(draft)
    draft.declare_conditions()
    return limited(draft.b.build())


def limited(program: Program) -> Program:
    """The same program with a low limit of firings at one instant."""
    head = program.tables["head"].copy()
    head["livelock"] = FIRINGS
    head.flags.writeable = False
    return replace(program, tables={**program.tables, "head": head}, cache={})


def _draft(dice: Dice, kinds: list[str]) -> Draft:
    cohorts = {f"{kind}{number}": dice.whole(1, 4) for number, kind in enumerate(kinds)}
    units = sum(cohorts.values())
    horizon = float(dice.pick((250, 350, 500, 700)) * 4 // (units + 4)) + dice.pick((0.0, 0.5))
    warm_up = dice.pick((0.0, 0.0, 7.0, 12.5))
    return Draft(dice, Builder(horizon, warm_up, dice.pick((0.0, 0.0, 10.0, 33.0))), cohorts)


def _scenery(draft: Draft) -> None:
    """Names of everything shared, before the cohorts that use them."""
    dice, b = draft.dice, draft.b
    for i in range(dice.whole(1, 2)):
        draft.profiles.append(b.profile(f"load{i}", dice.pick((5.0, 7.0, 6.5)), dice.pick(SHAPES)))
    for i in range(dice.whole(1, 2)):
        draft.calendars.append(b.profile(f"hours{i}", dice.pick((6.0, 7.0, 9.0)), dice.pick(CALENDARS)))
    for i in range(2):
        draft.pools.append(b.pool(f"pool{i}", dice.whole(1, 4)))
    draft.crews = list(draft.pools)
    for i in range(dice.whole(0, 1)):
        draft.crews.append(b.pool(f"crew{i}", profile=dice.pick(draft.calendars)))
    for i in range(dice.whole(1, 3)):
        draft.groups[b.group(f"g{i}")] = 0
    b.group(draft.steady)
    for name, count in draft.cohorts.items():
        if name.startswith("tanks"):
            draft.stocks += [f"{name}.{i}" for i in range(count)]
    draft.solid = [s for s in draft.stocks if dice.chance(50)]
    for i in range(dice.pick((0, 1, 1, 2, 2))):
        draft.services[f"v{i}"] = (dice.whole(1, 2), dice.whole(1, 3))
    draft.bases = [f"c{i}" for i in range(dice.whole(2, 4))]
    draft.gated = [f"k{i}" for i in range(dice.whole(0, 2))]
    draft.tops = [f"t{i}" for i in range(dice.whole(2, 3))] if draft.services else []


def _beacon(draft: Draft) -> None:
    """One unit that is always there: the count of its group is never zero."""
    life = draft.b.lifecycle("beacon").state("lit", ["up"])
    life.after(deterministic(5.0), "lit", "", draft.actions(1), name="pulse")
    draft.b.cohort("beacon", life, member={draft.steady: ("up",), **draft.member()})


def _count(draft: Draft) -> None:
    """How many units may count in each group."""
    for cohort in draft.b.cohorts.values():
        for group, _ in cohort.member:
            if group in draft.groups:
                draft.groups[group] += cohort.count
