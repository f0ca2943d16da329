"""The signal queue (R5a, R6): a ring; overflow is a status, never a silent loss."""

from __future__ import annotations

from outlast.compiled import inlined
from outlast.engines.kernel.pointer import WorldBlock
from outlast.program.tables import SIGNALS_FULL


@inlined
def send(W: WorldBlock, unit: int, signal: int, claim: int, ticket: int) -> None:
    """Queue a signal; a grant carries its claim and ticket, others claim = -1."""
    run = W.run[0]
    size = len(W.signals)
    if run["queued"] >= size:
        run["status"] = SIGNALS_FULL
        return
    at = run["head"] + run["queued"]
    row = W.signals[at if at < size else at - size]
    row["unit"] = unit
    row["signal"] = signal
    row["claim"] = claim
    row["ticket"] = ticket
    run["queued"] += 1
