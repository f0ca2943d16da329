"""Values of measures as people read them: shares in percent, seconds as durations."""

from __future__ import annotations

import math

from outlast.errors import printable
from outlast.units import format_bytes, format_duration, format_money, format_number, format_share, is_money

EVERYWHERE = ""  # the scope of an estimate over all causes
SHARE, SECONDS, SECONDS_A_YEAR, BYTES, NUMBER = "share", "s", "s/y", "B", "1"
DURATIONS = (SECONDS, SECONDS_A_YEAR)
NOTHING = "-"
MOST_DECIMALS = 12


def readable(value: float, unit: str, width: float = 0.0) -> str:
    """A value of a measure in its unit for people. width: of its interval; sets the digits of shares."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "unbounded"
    if unit == SHARE:
        return _percent(value, width)
    if unit == SECONDS:
        return format_duration(value)
    if unit == SECONDS_A_YEAR:
        return f"{format_duration(value)}/y"
    if unit == BYTES:
        return format_bytes(value)
    if is_money(unit):
        return format_money(value, unit)
    if unit == NUMBER:
        return format_number(value)
    return f"{format_number(value)} {printable(unit)}".rstrip()


def estimated(mean: float, low: float, high: float, unit: str) -> str:
    """An estimate as precise as its interval; where nothing was ever seen the bound, never `100 %` or `0 s`."""
    width = high - low
    if mean == low == 0.0 and width > 0.0:
        return "none seen" if math.isinf(high) else f"at most {readable(high, unit, width)}"
    if unit == SHARE and mean == high == 1.0 and width > 0.0:
        return f"at least {readable(low, unit, width)}"
    return readable(mean, unit, width)


def interval(low: float, high: float, unit: str) -> str:
    """`[99.949 %, 99.957 %]`."""
    return f"[{readable(low, unit, high - low)}, {readable(high, unit, high - low)}]"


def span(mean: float, low: float, high: float, unit: str) -> str:
    """`99.953 % [99.949 %, 99.957 %]`."""
    return f"{estimated(mean, low, high, unit)} {interval(low, high, unit)}"


def _percent(share: float, width: float) -> str:
    """As many decimals as the interval resolves, and never 100 % for less than 1 or 0 % for more than 0."""
    if not (0.0 < width < math.inf):
        return format_share(share)
    decimals = max(0, -math.floor(math.log10(100.0 * width)))
    while decimals < MOST_DECIMALS and share not in (0.0, 1.0) and round(100.0 * share, decimals) in (0.0, 100.0):
        decimals += 1
    return f"{100.0 * share:.{min(decimals, MOST_DECIMALS)}f} %"
