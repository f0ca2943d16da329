"""What an agreement counts: per replication and contract window, from the exact intervals of the outages."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from outlast.run.batch import Batch, Flags, Floats, Ints

if TYPE_CHECKING:
    from outlast.scenario.agreement import Agreement

MINUTE_S = 60.0
REQUESTS = "request_availability"
ROUND_OFF = 1e-9  # a level so nearly reached is reached
NO_REQUEST = 1e-11  # of a window's requests: what so small a share comes to is round-off, far less than a request


@dataclass(frozen=True)
class Down:
    """Spans that count as down, sorted by (row, start), apart from each other. row: place of the replication."""

    row: Ints
    start: Floats
    end: Floats


@dataclass(frozen=True)
class Account:
    """Of every replication and window [replications, windows]: seconds counted as down, the measured value, the longest
    counted span that begins in it (s), and when its error budget was used up (s from its start; infinite if never).

    spans: start and end of every window; budget: seconds that each may be down."""

    spans: Floats
    budget: Floats
    down: Floats
    value: Floats
    longest: Floats
    exhausted: Floats
    met: Flags
    credit: Floats


def account(batch: Batch, name: str) -> Account:
    """Count one agreement, once."""
    if name not in batch.accounts:
        batch.accounts[name] = _account(batch, batch.agreements[name])
    return batch.accounts[name]


def _account(batch: Batch, agreement: Agreement) -> Account:
    spans = np.array(agreement.spans(batch.starts, batch.program.warm_up, batch.program.horizon)).reshape(-1, 2)
    length = spans[:, 1] - spans[:, 0]
    budget = (1.0 - agreement.at_least) * length
    counted = down(batch, agreement)
    longest = _longest(counted, spans, len(batch))
    if agreement.measure == "requests":
        value = _requests(batch, agreement, spans)
        lost = (1.0 - value) * length
        exhausted = np.full(value.shape, np.nan)
    else:
        lost, exhausted = _within(counted, spans, budget, len(batch))
        value = 1.0 - lost / length
    met = value >= agreement.at_least - ROUND_OFF * (1.0 - agreement.at_least)
    return Account(spans, budget, lost, value, longest, exhausted, met, _credit(agreement, value))


def down(batch: Batch, agreement: Agreement) -> Down:
    """What counts as down, as its measure sees it."""
    outages, excludes = batch.every_outage, agreement.excludes
    mine = outages.component == agreement.of
    mine &= ~np.isin(outages.scope, excludes.scopes)
    mine &= ~_caused(batch, outages.cause, excludes.causes)
    mine &= outages.duration > excludes.grace
    start, end = outages.start[mine], (outages.start + outages.duration)[mine]
    if excludes.longer_outages == "count_beyond_grace":
        start = start + excludes.grace
    exact = Down(outages.row[mine], start, end)
    if agreement.measure == "error_minutes":
        return _runs(_buckets(exact, MINUTE_S, agreement.error_rate), agreement.least_run)
    if agreement.measure == "intervals" and agreement.bad_if != "mean":
        return _intervals(exact, agreement.interval, agreement.bad_if)
    return exact


def _caused(batch: Batch, causes: Ints, patterns: list[str]) -> Flags:
    if not patterns:
        return np.zeros(len(causes), dtype=bool)
    names = batch.causes(causes)
    return np.array([any(fnmatchcase(name, pattern) for pattern in patterns) for name in names], dtype=bool)


def _intervals(exact: Down, length: float, bad_if: str) -> Down:
    if bad_if == "start":
        first, last = (np.ceil(at / length) for at in (exact.start, exact.end))
        some = last > first
        return _merged(Down(exact.row[some], first[some] * length, last[some] * length))
    return _buckets(exact, length, 0.0 if bad_if == "any" else 1.0)


def _buckets(exact: Down, length: float, share: float) -> Down:
    """Intervals of a grid of which more than this share is down (all of it if share = 1), joined."""
    first, last = np.floor(exact.start / length), np.ceil(exact.end / length) - 1.0  # the first and the last touched
    inner = last > first + 1.0
    whole = Down(exact.row[inner], (first[inner] + 1.0) * length, last[inner] * length)
    one = first == last
    ends = np.concatenate([first, last[~one]])
    row = np.concatenate([exact.row, exact.row[~one]])
    head = np.minimum(exact.end, (first + 1.0) * length) - exact.start
    touched = np.concatenate([head, (exact.end - last * length)[~one]])
    keys, place = np.unique(np.stack([row.astype(np.float64), ends], axis=1), axis=0, return_inverse=True)
    covered = np.bincount(place.ravel(), touched, len(keys)) / length
    bad = keys[(covered > share) | (covered >= 1.0 - ROUND_OFF)]
    edges = Down(bad[:, 0].astype(np.int64), bad[:, 1] * length, (bad[:, 1] + 1.0) * length)
    return _merged(Down(*(np.concatenate([getattr(d, f) for d in (whole, edges)]) for f in ("row", "start", "end"))))


def _merged(spans: Down) -> Down:
    """Spans of one replication that touch become one. They may begin in any order but do not overlap otherwise."""
    order = np.lexsort((spans.start, spans.row))
    row, start, end = spans.row[order], spans.start[order], spans.end[order]
    if not len(row):
        return spans
    apart = np.ones(len(row), dtype=bool)
    apart[1:] = (row[1:] != row[:-1]) | (start[1:] > end[:-1])
    last = np.append(apart[1:], True)
    return Down(row[apart], start[apart], end[last])


def _runs(spans: Down, least: float) -> Down:
    long = spans.end - spans.start >= least * (1.0 - ROUND_OFF)
    return Down(spans.row[long], spans.start[long], spans.end[long])


def _within(counted: Down, spans: Floats, budget: Floats, replications: int) -> tuple[Floats, Floats]:
    """Seconds down in every window, and from its start until they use up the budget."""
    lost, exhausted = np.zeros((replications, len(spans))), np.full((replications, len(spans)), np.inf)
    for row in np.unique(counted.row):
        mine = slice(*np.searchsorted(counted.row, [row, row + 1]))
        start, end = counted.start[mine], counted.end[mine]
        before = np.concatenate([[0.0], np.cumsum(end - start)])  # down before each span, and in all
        since, until = (_down_before(at, start, end, before) for at in (spans[:, 0], spans[:, 1]))
        lost[row] = until - since
        place = np.minimum(np.searchsorted(before[1:], since + budget), len(start) - 1)
        spent = lost[row] >= budget
        at = start[place] + (since + budget - before[place]) - spans[:, 0]
        exhausted[row] = np.where(spent & (lost[row] > 0.0), np.maximum(at, 0.0), np.inf)
    return lost, exhausted


def _down_before(at: Floats, start: Floats, end: Floats, before: Floats) -> Floats:
    place = np.searchsorted(start, at, side="right") - 1
    inside = np.clip(at, start[place], end[place]) - start[place]
    down: Floats = np.where(place >= 0, before[place] + inside, 0.0)
    return down


def _longest(counted: Down, spans: Floats, replications: int) -> Floats:
    """Of the counted spans that begin in a window; a span begins in several if windows overlap."""
    longest = np.zeros((replications, len(spans)))
    low = np.searchsorted(spans[:, 1], counted.start, side="right")
    high = np.searchsorted(spans[:, 0], counted.start, side="right")
    counts = np.maximum(high - low, 0)
    window = np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    np.maximum.at(longest, (np.repeat(counted.row, counts), window), np.repeat(counted.end - counted.start, counts))
    return longest


def _requests(batch: Batch, agreement: Agreement, spans: Floats) -> Floats:
    """Share of the requests of every window that were answered well; 1 without any."""
    metric = next(m for m in batch.program.metrics if (m.component, m.measure) == (agreement.of, REQUESTS))
    edges = np.append(batch.spans[:, 0], batch.spans[-1, 1])
    first, last = (np.abs(edges[:, None] - spans[:, side]).argmin(axis=0) for side in (0, 1))
    well, offered = (_between(batch.amounts(terms), first, last) for terms in (metric.over, metric.under))
    well = np.where(np.abs(offered - well) <= NO_REQUEST * offered, offered, well)
    share: Floats = np.divide(well, offered, out=np.ones_like(well), where=offered > 0.0)
    return share


def _between(amounts: Floats, first: Ints, last: Ints) -> Floats:
    sums = np.concatenate([np.zeros((len(amounts), 1)), np.cumsum(amounts, axis=1)], axis=1)
    between: Floats = sums[:, last] - sums[:, first]
    return between


def _credit(agreement: Agreement, value: Floats) -> Floats:
    credit = np.zeros(value.shape)
    for tier in agreement.credits:
        below = value < tier.below - ROUND_OFF * (1.0 - tier.below)
        credit[below] = min(tier.credit, agreement.credit_cap)
    return credit
