"""What a component looks like from outside: where its parts run, in what roles; for diagrams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Zones = Mapping[str, Sequence[str]]  # place -> its zones, by their full names

NOWHERE = ""  # the place of what is in no failure domain


@dataclass(frozen=True)
class Part:
    """Something that runs at a place.  role: active, standby, primary, replica, or "" where all are alike; count: of
    items, as text (`4`, `4-16`)."""

    place: str
    role: str = ""
    count: str = "1"


@dataclass(frozen=True)
class Outline:
    """Parts, none for what only combines others, and what one must know of them in a few words (`1 of 3 needed`)."""

    parts: tuple[Part, ...] = (Part(NOWHERE),)
    note: str = ""


def evenly(count: int, places: int) -> list[int]:
    """Items per place, as even as possible, the first places get one more."""
    return [count // places + (1 if i < count % places else 0) for i in range(places)]


def spread(at: str | Sequence[str] | None, zones: Zones) -> list[str]:
    """The places that `at` names: `region.*` is all its zones."""
    found: list[str] = []
    for name in [at] if isinstance(at, str) else at or [NOWHERE]:
        region = name.removesuffix(".*")
        found += (zones.get(region) or [region]) if name.endswith(".*") else [name]
    return found


def shared(at: Sequence[str], count: int, most: int | None = None, role: str = "") -> list[Part]:
    """Items spread over places as evenly as possible; places without any are left out."""
    counts = zip(at, evenly(count, len(at)), evenly(count if most is None else most, len(at)), strict=True)
    return [Part(place, role, f"{n}" if n == high else f"{n}-{high}") for place, n, high in counts if high]
