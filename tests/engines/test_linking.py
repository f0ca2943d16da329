"""How the kernel becomes machine code: parts are linked once, optimised as a whole, and are not for Python."""

from __future__ import annotations

import numpy as np
import pytest

from outlast.compiled import entry, inlined, inner, interpreted


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
