"""`memoryless(program)`: a generated program with its structure, but with delays that the exact engine accepts.

Delays above zero become exponential, profiles keep their first step, nobody watches a stock and no delay depends on
one, and nothing is drawn the same again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outlast.program import Program
from outlast.program.tables import NONE, REPEAT, RESAMPLE, STOCK_LEVEL
from outlast.stats.distributions import DETERMINISTIC, EXPONENTIAL


def memoryless(program: Program) -> Program:
    """The same program for the exact engine."""
    tables = {name: table.copy() for name, table in program.tables.items()}
    laws = tables["dists"]
    timed = (laws["kind"] != DETERMINISTIC) | (laws["a"] > 0.0)
    usual = np.where(np.isfinite(laws["a"]) & (laws["a"] > 0.0), np.clip(np.abs(laws["a"]), 0.5, 10.0), 2.0)
    laws["a"] = np.where(timed, usual, laws["a"])
    laws["kind"] = np.where(timed, EXPONENTIAL, laws["kind"])
    laws["source"] = np.where(laws["source"] == STOCK_LEVEL, NONE, laws["source"])
    rows = tables["transitions"]
    rows["policy"] = np.where(rows["policy"] == REPEAT, RESAMPLE, rows["policy"])
    tables["profiles"]["s1"] = np.minimum(tables["profiles"]["s1"], tables["profiles"]["s0"] + 1)
    tables["stocks"]["w1"] = tables["stocks"]["w0"]
    for table in tables.values():
        table.flags.writeable = False
    return replace(program, tables=tables, cache={})
