"""Kind numbers and the side table for laws that three parameters do not describe."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

DETERMINISTIC, EXPONENTIAL, WEIBULL, LOGNORMAL, UNIFORM = 0, 1, 2, 3, 4
TRIANGULAR, GAMMA, MIXTURE, EMPIRICAL, GRID = 5, 6, 7, 8, 9

POINTS = np.dtype([("p", "f8"), ("kind", "i4"), ("a", "f8"), ("b", "f8"), ("c", "f8")], align=True)
"""Mixture rows: cumulative p, kind and parameters of a component. Empirical rows: p = value, s, ascending."""

Points: TypeAlias = NDArray[np.void]
