"""A block: several tables in one aligned buffer, so that a copy of a run is one copy of memory.

Layout: a header of (offset, rows) int64 pairs in table order, then the tables, each aligned to 64 bytes.
Python sees one NumPy view per table as an attribute; the kernel sees one pointer.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

ALIGN = 64


class Block:
    """Tables named in `dtypes`, each a 1-D structured view into one zeroed buffer."""

    dtypes: Mapping[str, np.dtype]

    def __init__(self, rows: Mapping[str, int]) -> None:
        self._lay_out(rows)

    def _lay_out(self, rows: Mapping[str, int]) -> None:
        self.rows = {name: int(rows.get(name, 0)) for name in self.dtypes}
        offsets, at = {}, 16 * len(self.dtypes)
        for name, dtype in self.dtypes.items():
            at = -(-at // ALIGN) * ALIGN
            offsets[name] = at
            at += self.rows[name] * dtype.itemsize
        self.raw = np.zeros(at + ALIGN, dtype="u1")  # keeps the memory alive; `buffer` is its aligned part
        start = -self.raw.ctypes.data % ALIGN
        self.buffer = self.raw[start : start + at]
        self.address = self.buffer.ctypes.data
        header = self.buffer[: 16 * len(self.dtypes)].view("i8").reshape(-1, 2)
        for i, (name, dtype) in enumerate(self.dtypes.items()):
            header[i] = offsets[name], self.rows[name]
            end = offsets[name] + self.rows[name] * dtype.itemsize
            setattr(self, name, self.buffer[offsets[name] : end].view(dtype))

    def __getattr__(self, name: str) -> np.ndarray:  # for type checkers: tables are set in _lay_out
        raise AttributeError(name)

    def __getstate__(self) -> tuple[dict[str, int], bytes]:
        return self.rows, self.buffer.tobytes()

    def __setstate__(self, state: tuple[dict[str, int], bytes]) -> None:
        self._lay_out(state[0])
        self.buffer[:] = np.frombuffer(state[1], dtype="u1")

    def copy_from(self, other: Block) -> None:
        """Take over the whole state of another block of the same shape: one copy of memory."""
        self.buffer[:] = other.buffer
