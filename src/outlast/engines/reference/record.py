"""What is measured: meters, windows (R13) and the log."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from outlast.program.program import window_count
from outlast.program.tables import COUNT, INTEGRAL, LOG, MAXIMUM, NONE


class Meter:
    """Reduces one piecewise constant value per window."""

    __slots__ = ("peak", "reduction", "since", "total", "value")

    def __init__(self, reduction: int) -> None:
        self.reduction = reduction
        self.value = self.since = self.total = self.peak = 0.0

    def begin(self, value: float) -> None:
        """The value at t = 0; it is no upward step."""
        self.value = self.peak = value

    def follow(self, value: float, now: float) -> None:
        """A new value from now on; R13: accrues only when the value changes."""
        if value == self.value:
            return
        if self.reduction == INTEGRAL:
            self.total += self.value * (now - self.since)
        elif self.reduction == COUNT and value > self.value:
            self.total += value - self.value
        self.peak = max(self.peak, value)
        self.value = value
        self.since = now

    def close(self, now: float) -> float:
        """The reduction of the window that ends now; the next one begins."""
        if self.reduction == INTEGRAL:
            self.total += self.value * (now - self.since)
        result = self.peak if self.reduction == MAXIMUM else self.total
        self.total = 0.0
        self.peak = self.value
        self.since = now
        return result


@dataclass(frozen=True, slots=True)
class Windows:
    """The grid of windows: times in seconds, width 0 is one window after the warm-up."""

    horizon: float
    warm_up: float
    width: float

    @property
    def warm(self) -> int:
        """Number of warm-up windows: 0 or 1."""
        return 1 if self.warm_up > 0.0 else 0

    @property
    def count(self) -> int:
        """Number of windows, including the warm-up."""
        return self.warm + window_count(self.horizon, self.warm_up, self.width)

    def end(self, window: int) -> float:
        """Boundary at which a window closes as an event; +inf for the last, which the horizon closes."""
        if window + 1 >= self.count:
            return inf
        k = window - self.warm
        return self.warm_up if k < 0 else self.warm_up + (k + 1) * self.width


class Record:
    """The log, the meters and their sums per window."""

    def __init__(self, meters: list[Meter], windows: Windows, trace: bool) -> None:
        self.meters = meters
        self.windows = windows
        self.window = 0
        self.sums = [[0.0] * len(meters) for _ in range(windows.count)]
        self.rows: list[tuple[float, int, int, int, int, float, float]] = []
        self.trace = trace

    def log(
        self, time: float, kind: int, a: int, b: int = 0, cause: int = NONE, x: float = 0.0, y: float = 0.0
    ) -> None:
        """Append one row of the log."""
        self.rows.append((time, kind, a, b, cause, x, y))

    def close(self, now: float) -> None:
        """R13: the window ends now for all meters."""
        self.sums[self.window] = [meter.close(now) for meter in self.meters]
        self.window += 1

    def sums_array(self) -> np.ndarray:
        """float64 [windows, meters]."""
        return np.array(self.sums, dtype="f8").reshape(self.windows.count, len(self.meters))

    def log_array(self) -> np.ndarray:
        """Rows of dtype LOG."""
        log = np.zeros(len(self.rows), dtype=LOG)
        log[:] = self.rows
        return log
