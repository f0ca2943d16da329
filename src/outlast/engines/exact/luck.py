"""Chance, taken apart: every decision is played in every way it can go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import comb

from outlast.engines.exact.phases import Codes, phases
from outlast.engines.exact.symmetry import Symmetry
from outlast.engines.reference.luck import at_end, checked, scaled, wanted
from outlast.engines.reference.plan import Case, Effect, Law, Row
from outlast.engines.reference.world import Unit, World
from outlast.errors import NotMarkovError
from outlast.program.tables import ANY, EACH

MOST_DECISIONS = 200  # within one instant, one after another


@dataclass
class Branches:
    """Replays a script of decisions, then takes the first way everywhere and notes the other ones.

    p: probability of the way taken.  others: scripts of the ways not taken.
    """

    codes: Codes
    symmetry: Symmetry
    script: tuple[int, ...] = ()
    taken: list[int] = field(default_factory=list)
    others: list[tuple[int, ...]] = field(default_factory=list)
    p: float = 1.0

    def replay(self, script: tuple[int, ...]) -> None:
        """Begin an instant."""
        self.script, self.taken, self.others, self.p = script, [], [], 1.0

    def decide(self, weights: Sequence[float]) -> int:
        """One of several ways with these probabilities."""
        possible = [place for place, weight in enumerate(weights) if weight > 0.0]
        if len(possible) == 1:
            return possible[0]
        place = len(self.taken)
        if place < len(self.script):
            way = self.script[place]
        else:
            way = possible[0]
            self.others += [(*self.taken, other) for other in possible[1:]]
        if place >= MOST_DECISIONS:
            raise NotMarkovError(
                [f"more than {MOST_DECISIONS} chances in a row without any time between them"],
                "give one of the delays on that loop a duration above zero",
            )
        self.taken.append(way)
        self.p *= weights[way]
        return way

    # -- what the reference asks for ------------------------------------------------------------------------
    def case(self, unit: Unit, row: Row) -> Case:
        """R3.2: every case, with its probability."""
        reached = [0.0, *(case.p for case in row.cases[:-1]), 1.0]
        return row.cases[self.decide([b - a for a, b in pairwise(reached)])]

    def delay(self, world: World, unit: Unit, row: Row, law: Law) -> float:
        """R4: what the clock shows: 0 if it rings at once, else the code of its phase."""
        possible = phases(law, world.points)
        chosen = possible[self.decide([phase.p for phase in possible])]
        mean = checked(world, unit, scaled(world, unit, law, chosen.mean))
        return self.codes.of(mean, chosen.stages)

    def members(self, unit: Unit, effect: Effect, tagged: list[Unit]) -> list[Unit]:
        """Members that get the signal, in the order in which it is sent."""
        self.symmetry.actor = unit.number
        if effect.k == ANY:
            return self._any(wanted(effect, tagged), tagged, effect.signal in self.symmetry.quiet)
        if effect.k == EACH:
            self._order(effect.signal, tagged)
            hit = {each.number for each in self._each(effect.x, tagged)}
            return [each for each in tagged if each.number in hit]
        chosen = at_end(effect, tagged)
        self._order(effect.signal if len(chosen) == len(tagged) else LOUD, tagged)
        return chosen

    def _order(self, signal: int, tagged: list[Unit]) -> None:
        if len(tagged) > 1 and signal not in self.symmetry.quiet:
            self.symmetry.require_order(tagged)

    def _each(self, p: float, tagged: list[Unit]) -> list[Unit]:
        """Each with probability p: how many of a class is binomial, which of them does not matter."""
        hit: list[Unit] = []
        for units in self.symmetry.classes(tagged):
            n = len(units)
            k = self.decide([comb(n, k) * p**k * (1.0 - p) ** (n - k) for k in range(n + 1)])
            self.symmetry.split(units[:k], units)
            hit += units[:k]
        return hit

    def _any(self, n: int, tagged: list[Unit], quiet: bool) -> list[Unit]:
        """n of them in an order of chance, which does not matter where the signal is quiet."""
        classes, n = self.symmetry.classes(tagged), min(n, len(tagged))
        if quiet:
            chosen = self._handful(n, classes)
        else:
            rest, chosen = [list(units) for units in classes], []
            for total in range(len(tagged), len(tagged) - n, -1):
                chosen.append(rest[self.decide([len(units) / total for units in rest])].pop(0))
        picked = {each.number for each in chosen}
        for units in classes:
            self.symmetry.split([each for each in units if each.number in picked], units)
        return chosen

    def _handful(self, n: int, classes: list[list[Unit]]) -> list[Unit]:
        """n of all: how many of a class is hypergeometric."""
        chosen: list[Unit] = []
        total = sum(len(units) for units in classes)
        for units in classes:
            m, rest, left = len(units), total - len(units), n - len(chosen)
            ways = [comb(m, k) * comb(rest, left - k) / comb(total, left) if k <= left else 0.0 for k in range(m + 1)]
            chosen += units[: self.decide(ways)]
            total = rest
        return chosen


LOUD = -2  # not the number of a signal: the order matters whatever is sent


class Quiet:
    """Stands for the calendar while time stands still: notes which units were touched and which are due now."""

    def __init__(self, first_unit: int) -> None:
        self.first_unit = first_unit
        self.touched: set[int] = set()
        self.due: set[int] = set()

    def arm(self, number: int, time: float) -> None:
        """A source publishes its next time; only units matter here."""
        unit = number - self.first_unit
        if unit < 0:
            return
        self.touched.add(unit)
        if time == 0.0:
            self.due.add(unit)
        else:
            self.due.discard(unit)

    def clear(self) -> None:
        """Nothing touched, nothing due."""
        self.touched.clear()
        self.due.clear()
