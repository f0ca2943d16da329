"""What one replication returns, whichever engine ran it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """Reductions of every meter per window, and the log.

    sums: float64 [windows, meters]; with a warm-up, row 0 is the warm-up period.
    log: rows of `outlast.program.tables.LOG`, in order of time.
    """

    seed: int
    replication: int
    sums: np.ndarray
    log: np.ndarray
    events: int
