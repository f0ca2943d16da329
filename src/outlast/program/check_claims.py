"""R9, checked ahead: where claims are live, and whether a grant or a revocation will be heard.

Each claim is free, waiting or held in a state.  All paths into a state must agree whether it is live; a state in
which a grant may arrive must listen for it, and one in which a revocation may arrive must listen for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from outlast.program import tables as T

if TYPE_CHECKING:
    from outlast.program.model import Lifecycle, Row
    from outlast.program.verbs import Effect

FREE, WAITING, HELD = "free", "waiting", "held"


def check_claims(life: Lifecycle, starts: Sequence[str]) -> Iterable[str]:
    """Problems of every claim of a lifecycle."""
    effects = [e for r in life.rows for c in r.cases for e in c.do]
    for claim in dict.fromkeys(e.claim for e in effects if e.claim):
        requests = [e for e in effects if e.op == T.REQUEST and e.claim == claim]
        if not requests:
            yield f"{life.name}: claim {claim!r} is released but never requested"
            continue
        yield from _check_claim(life, claim, requests, starts)


def _check_claim(life: Lifecycle, claim: str, requests: list[Effect], starts: Sequence[str]) -> Iterable[str]:
    grants, revokes = {e.signal for e in requests}, {e.revoked for e in requests if e.revoked}
    seen: dict[str, set[str]] = {state: set() for state in life.states}
    todo = [(state, FREE) for state in starts]
    while todo:
        state, status = todo.pop()
        if state not in seen or status in seen[state]:
            continue
        seen[state].add(status)
        for row in life.rows:
            if row.state == state:
                todo += _after(row, claim, status, grants, revokes)
    heard = {s: {r.signal for r in life.rows if r.state == s} for s in life.states}
    for state, statuses in seen.items():
        who = f"{life.name}, state {state!r}"
        if FREE in statuses and len(statuses) > 1:
            yield f"{who}: paths disagree whether claim {claim!r} is live there"
        for signal in grants if WAITING in statuses else ():
            if signal not in heard[state]:
                yield f"{who}: a grant of {claim!r} may arrive but no row listens for {signal!r}"
        for signal in revokes if statuses & {WAITING, HELD} else ():
            if signal not in heard[state]:
                yield f"{who}: claim {claim!r} may be revoked but no row listens for {signal!r}"


def _after(row: Row, claim: str, status: str, grants: set[str], revokes: set[str]) -> Iterable[tuple[str, str]]:
    """(state, status) after each case of a row that fires in a state where the claim has this status."""
    if row.signal in grants and status == WAITING:
        status = HELD
    elif row.signal in revokes and status != FREE:
        status = FREE
    for case in row.cases:
        now = status
        for effect in case.do:
            if effect.claim == claim:
                now = WAITING if effect.op == T.REQUEST else FREE
        yield case.target or row.state, now
