"""How the kernel becomes machine code: parts are linked once, optimised as a whole, and are not for Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from outlast.compiled import PACKAGE, entry, inlined, inner, interpreted


@inner
def _square(x: float) -> float:
    return x * x


@inlined
def _once_more(x: float) -> float:
    return _square(x) + 1.0


@entry
def _all(x: float, n: int) -> float:
    total = 0.0
    for _ in range(n):
        total += _once_more(x) + _square(total) / 1e9
    return total


def test_an_entry_and_its_parts_give_the_numbers_of_their_source() -> None:
    assert _all(1.5, 1000) == interpreted(_all)(1.5, 1000)


def test_a_part_refuses_to_be_called_from_python() -> None:
    _all(1.5, 1)  # compiles the parts
    with pytest.raises(TypeError):
        _square(np.float64(2.0))


LATER = """
from outlast.compiled import interpreted
from outlast.engines.reference import leaves
from outlast.stats.distributions import residual, lognormal
law = lognormal(mean=2.0, cv=1.0)
given = (law.kind, law.a, law.b, law.c, law.table, 0, 0)
leaves.quantile(*given, 0.3)
assert residual(*given, 1.0, 0.3) == interpreted(residual)(*given, 1.0, 0.3)
"""


def test_an_entry_leaves_what_is_compiled_after_it_alone(tmp_path: Path) -> None:
    environment = {**os.environ, "OUTLAST_CACHE_DIR": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path)}
    environment["PYTHONPATH"] = str(PACKAGE.parent)
    done = subprocess.run([sys.executable, "-c", LATER], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
