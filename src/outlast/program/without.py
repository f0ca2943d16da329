"""The same program without some of its failures: to ask what they contribute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outlast.errors import UsageError, nearest_hint, shown
from outlast.program.program import Program
from outlast.stats.distributions import deterministic

NEVER_S = 1e300  # a delay that no horizon reaches, and that engines take as any other

Origin = tuple[str, str]  # scope and component or place, as outages carry them


def origins(program: Program) -> list[Origin]:
    """(scope, source) of everything that fails by itself: of the cohorts with an `origin` row (R14)."""
    return list(dict.fromkeys(_origin(program, c) for c in range(len(program.names.cohorts)) if _rows(program, c).size))


def chosen(known: list[Origin], name: str) -> list[Origin]:
    """Those of a scope (`zone`), of a component or place (`uae-north.a`), or of both (`host pretrain`).

    Raises UsageError if nothing fails under that name.
    """
    found = [origin for origin in known if name in (*origin, " ".join(origin))]
    if not found:
        names = list(dict.fromkeys(each for origin in known for each in (*origin, " ".join(origin)) if each))
        raise UsageError(f"nothing fails by itself under the name {shown(name)}",
                         nearest_hint(name, names, "scopes and components"))  # fmt: skip
    return found


def without(program: Program, name: str) -> Program:
    """The program in which what `chosen` finds never fails: the delays of its `origin` rows have no end.

    Nothing else changes, names least of all, so everything that is not coupled with those failures has the same luck
    (R15).  Raises UsageError if nothing fails under that name.
    """
    off = set(chosen(origins(program), name))
    rows = [_rows(program, c) for c in range(len(program.names.cohorts)) if _origin(program, c) in off]
    never, dists = deterministic(NEVER_S), program.tables["dists"]
    law = np.zeros(1, dists.dtype)
    law[0] = (never.kind, never.a, never.b, never.c, 0, 0, -1, -1, 0, 0)
    transitions = program.tables["transitions"].copy()
    transitions["dist"][np.concatenate(rows)] = len(dists)
    changed = {"transitions": transitions, "dists": np.concatenate([dists, law])}
    for table in changed.values():
        table.flags.writeable = False
    names = replace(program.names, laws=(*program.names.laws, "never"))
    return replace(program, tables={**program.tables, **changed}, names=names, cache={})


def _origin(program: Program, cohort: int) -> Origin:
    return program.names.scopes[cohort], program.names.components[cohort]


def _rows(program: Program, cohort: int) -> np.ndarray:
    """The timed `origin` rows of the lifecycle of a cohort.  (One lifecycle serves cohorts of one origin only.)"""
    row, transitions = program.tables["cohorts"][cohort], program.tables["transitions"]
    mine = (transitions["state"] >= row["state0"]) & (transitions["state"] < row["state1"])
    return np.flatnonzero(mine & (transitions["origin"] == 1) & (transitions["dist"] >= 0))
