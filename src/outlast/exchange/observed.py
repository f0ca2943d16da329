"""How long units were watched, as people say it in Python: instants, and time in operation."""

from __future__ import annotations

import re
from datetime import datetime

import pandas as pd

from outlast.errors import FieldError, UsageError
from outlast.exchange.dates import read_time, zone_of
from outlast.scenario.uncertain import read_exposure


def moment(time: str | datetime, name: str, timezone: str) -> pd.Timestamp:
    """An instant; the options of the command line are called `--from` and `--until`."""
    if isinstance(time, str):
        return pd.Timestamp(read_time(time, {"since": "--from"}.get(name, f"--{name}"), timezone))
    return pd.Timestamp(time if time.tzinfo is not None else time.replace(tzinfo=zone_of(timezone)))


def time_operated(text: str) -> float:
    """`1,200 host-days` in s."""
    try:
        return read_exposure(re.sub(r"(?<=\d),(?=\d{3})", "", text))
    except FieldError as error:
        raise UsageError(f"exposure: {error.message}", error.hint) from None
