"""The thirteen verbs as a builder writes them; names are slot names of the lifecycle (docs/semantics.md)."""

from __future__ import annotations

from dataclasses import dataclass

from outlast.program import tables as T
from outlast.program.source import Source
from outlast.stats.distributions import Law


@dataclass(frozen=True)
class Effect:
    """One effect of a case, still by names."""

    op: int
    slot: str = ""
    claim: str = ""
    i: int = 0
    j: int = 0
    k: int = 0
    signal: str = ""
    revoked: str = ""
    tags: tuple[str, ...] = ()
    law: Law | None = None
    scale: Source | None = None  # its name is a slot
    x: float = 0.0
    label: str = ""
    row: str = ""

    @property
    def verb(self) -> str:
        return T.VERBS[self.op]


def request(pool: str, priority: int = 0, amount: int = 1, then: str = "granted", *, preempt: bool = False,
            revoked: str = "", claim: str = "") -> Effect:  # fmt: skip
    """Ask the pool for `amount`; the grant arrives as signal `then`, a revocation as signal `revoked`."""
    return Effect(T.REQUEST, pool, claim or pool, j=priority, k=amount, signal=then, revoked=revoked,
                  x=float(preempt))  # fmt: skip


def release(pool: str, claim: str = "") -> Effect:
    """Give the claim up, whether queued or held."""
    return Effect(T.RELEASE, pool, claim or pool)


def resize(pool: str, by: int) -> Effect:
    """Change the capacity of a pool."""
    return Effect(T.RESIZE, pool, i=by)


def emit(unit: str, signal: str) -> Effect:
    """Send a signal to one unit."""
    return Effect(T.EMIT, unit, signal=signal)


def scatter(group: str, signal: str, tags: tuple[str, ...] | list[str] = (), n: int = -1, order: str = "first",
            p: float = 1.0) -> Effect:  # fmt: skip
    """Send a signal to members whose state has one of the tags: first n, last n, any n, or each with probability p."""
    return Effect(T.SCATTER, group, i=n, k=T.ORDERS.index(order), signal=signal, tags=tuple(tags), x=p)


def stage(stock: str) -> Effect:
    """A snapshot of the level begins."""
    return Effect(T.STAGE, stock)


def commit(stock: str, tier: int = 0) -> Effect:
    """The staged level becomes a committed point of a tier."""
    return Effect(T.COMMIT, stock, i=tier)


def rollback(stock: str, tier: int = 0, *, clean: bool = False) -> Effect:
    """Fall back to the newest committed point of this tier or a higher one; clean: not above the taint."""
    return Effect(T.ROLLBACK, stock, i=tier, j=int(clean))


def taint(stock: str) -> Effect:
    """What the stock holds from now on is corrupt."""
    return Effect(T.TAINT, stock)


def set_level(stock: str, law: Law, scale: Source | None = None) -> Effect:
    """The level becomes a constant or one draw, times a value: `deterministic(1)` scaled by a level copies it."""
    return Effect(T.SET, stock, law=law, scale=scale)


def route(service: str, row: int) -> Effect:
    """The service uses this row of site weights."""
    return Effect(T.ROUTE, service, i=row)


def record(label: str, stock: str = "") -> Effect:
    """Log a labelled row with the level of a stock."""
    return Effect(T.RECORD, stock, label=label)


def forget(row: str, keep: float = 0.0) -> Effect:
    """Clear what a `resume` or `repeat` row remembers; multiply the age of an `aged` row by `keep`."""
    return Effect(T.FORGET, row=row, x=keep)
