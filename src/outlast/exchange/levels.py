"""The objectives and agreements of a scenario that bound a share of good time or good requests: what OpenSLO and
Prometheus can say.  The others are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from outlast.errors import Problem
from outlast.scenario import Scenario
from outlast.scenario.agreement import Agreement, Rolling
from outlast.scenario.document import Path
from outlast.scenario.model import Objective
from outlast.units import parse

AVAILABILITY, REQUESTS = "availability", "request_availability"
MAX_LABEL = 63  # characters of a DNS label


@dataclass(frozen=True)
class Level:
    """At least `target` of the time or the requests of a component.

    name: a DNS label, unique.  requests: of requests, else of time.  window: seconds, or "month", or None for the
    whole horizon.  rolling: it moves, else it is aligned with the calendar.  agreement: where it comes from, if so.
    """

    name: str
    component: str
    target: float
    requests: bool
    window: float | Literal["month"] | None
    rolling: bool
    path: Path
    objective: Objective | None = None
    agreement: Agreement | None = None


def label(text: str) -> str:
    """A DNS label made of a name: lower case letters, digits and dashes."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:MAX_LABEL].strip("-")


def levels(scenario: Scenario) -> tuple[list[Level], list[Problem]]:
    """The levels of a scenario, objectives first, and what cannot be said as one."""
    scenario.program()  # names and units are right
    found: list[Level] = []
    left_out: list[Problem] = []
    for i, objective in enumerate(scenario.spec.objectives):
        why = _unsayable(objective)
        if why:
            left_out.append(scenario.document.problem(("objectives", i), f"{why}: left out"))
        else:
            found.append(_of_objective(objective, i))
    for name, agreement in scenario.spec.agreements.items():
        found.append(_of_agreement(name, agreement))
    for name in scenario.spec.thresholds:
        message = "thresholds judge simulations, not a running system: left out"
        left_out.append(scenario.document.problem(("thresholds", name), message, key=True))
    return _unique(found), left_out


def _unsayable(objective: Objective) -> str:
    """Why an objective is not about a share of good time or requests; "" if it is."""
    if objective.measure not in (AVAILABILITY, REQUESTS):
        return f"an objective of {objective.measure} is not a share of good time or requests"
    if objective.at_least is None:
        return "a share of good time or requests has no upper bound"
    return ""


def _of_objective(objective: Objective, i: int) -> Level:
    target = parse(objective.at_least, "share", zero=True)
    return Level(label(f"{objective.of}-{objective.measure}"), objective.of, target, objective.measure == REQUESTS,
                 objective.window, False, ("objectives", i), objective=objective)  # fmt: skip


def _of_agreement(name: str, agreement: Agreement) -> Level:
    rolling = isinstance(agreement.window, Rolling)
    window = agreement.window.length if isinstance(agreement.window, Rolling) else agreement.window
    return Level(label(name), agreement.of, agreement.at_least, agreement.measure == "requests", window, rolling,
                 ("agreements", name), agreement=agreement)  # fmt: skip


def _unique(found: list[Level]) -> list[Level]:
    """The same levels; of equal names, the later ones get a number."""
    seen: set[str] = set()
    renamed = []
    for level in found:
        name, number = level.name, 1
        while name in seen:
            number += 1
            name = f"{level.name[: MAX_LABEL - 4]}-{number}"
        seen.add(name)
        renamed.append(level if name == level.name else Level(**{**level.__dict__, "name": name}))
    return renamed
