"""Dates of a simulation: time 0 is a Monday, 00:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from outlast.errors import UsageError, shown

FIRST_DAY = "2018-01-01"  # of scenarios without `starts`: a Monday, and 1 January of a common year


class Clock:
    """starts: date of time 0, "YYYY-MM-DD"; None: any Monday will do."""

    def __init__(self, starts: str | None = None) -> None:
        self.origin = datetime.combine(date.fromisoformat(starts or FIRST_DAY), datetime.min.time(), UTC)

    @classmethod
    def of(cls, start: str | None) -> Clock:
        """From a date that somebody wrote.  Raises UsageError for what is none."""
        try:
            return cls(start)
        except ValueError:
            raise UsageError(f"not a date (got {shown(start)})", "write it as 2029-01-01") from None

    def at(self, seconds: float) -> datetime:
        """The moment, to a microsecond."""
        return self.origin + timedelta(seconds=seconds)

    def unix(self, seconds: float) -> float:
        """Seconds since 1970."""
        return self.origin.timestamp() + seconds

    def iso(self, seconds: float) -> str:
        """`2018-01-01T00:00:00.000Z`."""
        return self.at(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def plain(self, seconds: float) -> str:
        """`2018-01-01 00:00:00`, as service desks write it; parts of a second are cut off."""
        return self.at(seconds).strftime("%Y-%m-%d %H:%M:%S")
