"""Which topologies are worth their price: variants by cost, availability and recovery, under the same luck.

One dominates another if it is better by at least one criterion and worse by none.  A variant is `dominated` if paired
intervals show it: by every criterion the other is shown to be better or is exactly equal.  It is `efficient` if none
dominates it even by the estimates, and `perhaps dominated` if the intervals leave it open.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from outlast.errors import UsageError, nearest_hint
from outlast.kinds.money import CLAIMS, CREDITS, TOTAL
from outlast.program.components import with_outages
from outlast.run.frames import frame
from outlast.run.results import as_json
from outlast.run.variants import Luck, common, run_in_turn
from outlast.study import topology
from outlast.study.compare import check_times
from outlast.study.differences import LEVEL
from outlast.study.topology import NO, RESAMPLES, SHOWN, Topology

if TYPE_CHECKING:
    from outlast.run.variants import Ran
    from outlast.scenario.agreement import Agreement
    from outlast.scenario.scenario import Scenario
    from outlast.stats.estimates import Estimate

CRITERIA = ("cost", "availability", "rto_p95", "sla_met", "p_met")
RISING = ("availability", "sla_met", "p_met")  # criteria of which more is better
EFFICIENT, DOMINATED, PERHAPS = "efficient", "dominated", "perhaps dominated"


class Topologies:
    """The frame `topologies` (`outlast.run.columns`), by what it is judged (`by`), and of which component (`of`).
    agreement: whose windows must be met, "" if there is none."""

    def __init__(self, table: pd.DataFrame, of: str, by: Sequence[str], about: Mapping[str, Any],
                 agreement: str = "") -> None:  # fmt: skip
        self.table, self.of, self.agreement, self.by, self.about = table, of, agreement, tuple(by), dict(about)
        self.table.attrs.update(self.about)

    @property
    def front(self) -> list[str]:
        """Variants that none is shown to dominate, the cheapest first."""
        rows = self.table[self.table["verdict"] != DOMINATED].sort_values("cost", kind="stable")
        return list(rows["variant"])

    @property
    def next_nine(self) -> str:
        """The cheapest variant with a tenth of the unavailability of the first, among those of which that is shown if
        there are any, else among those of which it is estimated; "" if there is none."""
        for sure in (SHOWN, topology.ESTIMATED):
            rows = self.table[self.table["next_nine"] == sure]
            if len(rows):
                return str(rows["variant"].iloc[int(rows["cost"].argmin())])
        return ""

    def to_json(self) -> str:
        """One document; same seed, same bytes."""
        return as_json({**self.about, "of": self.of, "agreement": self.agreement or None, "by": list(self.by),
                        "topologies": self.table.to_dict("records"),
                        "front": self.front, "next_nine": self.next_nine or None})  # fmt: skip

    def __repr__(self) -> str:
        return f"<Topologies {', '.join(self.table['variant'])}: front {', '.join(self.front)}>"

    def _repr_html_(self) -> str:
        html: str = self.table.to_html(index=False, float_format="{:.6g}".format)
        return html


def pareto(base: Scenario, others: Mapping[str, Scenario], luck: Luck, of: str = "", by: Sequence[str] = (),
           name: str = "base", agreement: str = "") -> Topologies:  # fmt: skip
    """Run a base (called `name`) and others under the same luck, and weigh what they cost against how well `of` works.

    of: a component, by default that of the first objective, else of the first agreement.  agreement: one about it, by
    default the first that is owed to customers.  by: which of CRITERIA decide, by default those that all have.  Ctrl-C
    keeps the replications that all have.  Raises UsageError for unknown names, or without prices.
    """
    check_times({name: base, **others})
    of, agreement = judged(base, of, agreement)
    if "sla_met" in known(by) and not agreement:
        raise UsageError(f"no agreement with customers is about {of}", "write one under `agreements:`")
    ran = common(list(run_in_turn([(name, base), *others.items()], luck, 1 + len(others))))
    return weighed(ran, of, by, agreement)


def weighed(ran: Sequence[Ran], of: str, by: Sequence[str], agreement: str = "") -> Topologies:
    """Weigh what was run under the same luck, the base first."""
    n, base, luck = len(ran[0].batch), ran[0].scenario, ran[0].luck
    counts = (
        np.random.default_rng(luck.seed).multinomial(n, np.full(n, 1.0 / n), RESAMPLES)
        if n
        else np.empty((0, 0), np.int64)
    )
    found = [Topology(one, of, agreement, counts) for one in ran] if n else []
    _one_currency(found)
    by = [
        criterion
        for criterion in known(by) or CRITERIA
        if all(not math.isnan(_of(one, criterion).mean) for one in found)
    ]
    about = {"scenario": base.name, "seed": luck.seed, "n": n, "interrupted": ran[0].finished.interrupted}
    table = frame("topologies", _columns([_row(found, i, by) for i in range(len(found))]))
    return Topologies(table, of, by, about, agreement)


def _owed(base: Scenario) -> list[tuple[str, Agreement]]:
    """Agreements that are owed to customers."""
    return [(name, one) for name, one in base.spec.agreements.items() if one.owed_by is None]


def judged(base: Scenario, of: str, agreement: str = "") -> tuple[str, str]:
    """The component whose service is judged, and the agreement about it, "" if there is none."""
    if not agreement:
        of = _component(base, of)
        return of, next((name for name, one in _owed(base) if one.of == of), "")
    agreed = base.spec.agreements
    if agreement not in agreed:
        raise UsageError(f"there is no agreement {agreement!r}", nearest_hint(agreement, agreed, "agreements"))
    if of not in ("", agreed[agreement].of):
        raise UsageError(f"the agreement {agreement} is about {agreed[agreement].of}, not about {of}",
                         "name one of the two")  # fmt: skip
    return agreed[agreement].of, agreement


def _component(base: Scenario, of: str) -> str:
    known = with_outages(base.program())
    if of:
        if of not in known:
            raise UsageError(f"{of!r} has no availability", nearest_hint(of, known, "components"))
        return of
    named = [objective.of for objective in base.spec.objectives if objective.of in known]
    named += [one.of for _, one in _owed(base)]
    if not named and len(known) != 1:
        raise UsageError("no objective or agreement says which component matters", "name it: `--of COMPONENT`")
    return [*named, *known][0]


def _one_currency(found: Sequence[Topology]) -> None:
    units = {one.name: one.metric(TOTAL, "cost").unit for one in found}
    for name, unit in units.items():
        if unit != units[found[0].name]:
            raise UsageError(f"costs of {found[0].name} are in {units[found[0].name]}, those of {name} in {unit}",
                             "write all prices in one currency")  # fmt: skip


def known(by: Sequence[str]) -> list[str]:
    for criterion in by:
        if criterion not in CRITERIA:
            raise UsageError(f"there is no criterion {criterion!r}", nearest_hint(criterion, CRITERIA, "criteria"))
    return list(dict.fromkeys(by))


def _of(one: Topology, criterion: str) -> Estimate:
    found: Estimate = getattr(one, criterion)
    return found


def _row(found: Sequence[Topology], place: int, by: Sequence[str]) -> dict[str, Any]:
    base, one = found[0], found[place]
    hour, word = topology.price_of_an_hour(base, one), _verdict(found, place, by)
    row: dict[str, Any] = {"variant": one.name, "of": one.of, "losses": float(one.losses.mean()),
                           "level": LEVEL, "n": len(one.batch), "unit": one.metric(TOTAL, "cost").unit,
                           "extra_cost": one.cost.mean - base.cost.mean,
                           "avoided_h": float((base.down_h - one.down_h).mean()),
                           "next_nine": NO if place == 0 else topology.gained(base, one),
                           "verdict": word[0], "dominated_by": word[1]}  # fmt: skip
    values = [*((name, _of(one, name)) for name in (*CRITERIA, CREDITS, CLAIMS)), ("per_avoided_h", hour)]
    for name, value in values:
        row |= {name: value.mean, f"{name}_low": value.ci_low, f"{name}_high": value.ci_high}
    return row


def _verdict(found: Sequence[Topology], place: int, by: Sequence[str]) -> tuple[str, str]:
    """(verdict, name of the first variant that dominates)."""
    one = found[place]
    rest = [other for other in found if other is not one]
    for other in rest:
        if topology.beats([topology.relation(one, other, criterion) for criterion in by]):
            return DOMINATED, other.name
    mine = _losses(one, by)
    return next(((PERHAPS, o.name) for o in rest if topology.dominates(_losses(o, by), mine)), (EFFICIENT, ""))


def _losses(one: Topology, by: Sequence[str]) -> list[float]:
    """Values of which lower is better."""
    return [_of(one, criterion).mean * (-1.0 if criterion in RISING else 1.0) for criterion in by]


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {column: [row[column] for row in rows] for column in (rows[0] if rows else ())}
