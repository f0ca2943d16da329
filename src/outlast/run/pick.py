"""Which replication to look at: ordered by how long a component was down in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from outlast.run.batch import Batch

if TYPE_CHECKING:
    from outlast.engines.outcome import Outcome
    from outlast.program.program import Program


def by_downtime(program: Program, outcomes: Sequence[Outcome], component: str = "") -> list[int]:
    """Replication numbers, most time down first (ties: as they come); of one component, or of all added up."""
    batch = Batch(program, outcomes)
    rows = batch.outages_of(component) if component else batch.outages
    down = np.bincount(rows.row, weights=rows.duration, minlength=len(batch))
    return [int(batch.numbers[place]) for place in np.argsort(-down, kind="stable")]
