"""Where a chain is in the long run, and how far it is from there on the way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from outlast.engines.exact.chain import Floats
from outlast.engines.exact.occupation import Leaving

POWERS = 12  # at most
STEADY = 0.02  # relative change of a rate that need not be known better


@dataclass
class LongRun:
    """rates: from state to state, per s.  initial: probability of every state at t = 0."""

    rates: csr_array
    initial: Floats

    @cached_property
    def classes(self) -> list[np.ndarray]:
        """Sets of states that are never left once entered."""
        count, label = connected_components(self.rates, directed=True, connection="strong")
        links = self.rates.tocoo()
        left = np.unique(label[links.row[label[links.row] != label[links.col]]])
        order = np.argsort(label, kind="stable")
        parts = np.split(order, np.searchsorted(label[order], np.arange(1, count)))
        return [parts[k] for k in range(count) if k not in set(left.tolist())]

    @cached_property
    def references(self) -> np.ndarray:
        """A state of each class, a likely one: the first that was found."""
        return np.array([part.min() for part in self.classes])

    @cached_property
    def before(self) -> tuple[Leaving, np.ndarray]:
        """All other states, left for a state of reference sooner or later; and which they are."""
        others = np.setdiff1d(np.arange(len(self.initial)), self.references)
        leak = np.asarray(self.rates[others][:, self.references].sum(axis=1)).ravel()
        return Leaving(self.rates[others][:, others], leak), others

    @cached_property
    def distribution(self) -> Floats:
        """Share of time in every state, in the long run."""
        total = np.zeros(len(self.initial))
        for share, part in zip(self.shares, self.shapes, strict=True):
            total += share * part
        return total

    @cached_property
    def shapes(self) -> list[Floats]:
        """Long-run distribution within every class."""
        leaving, others = self.before
        found = []
        for reference in self.references:
            shape = np.zeros(len(self.initial))
            arrivals = self.rates[[reference]][:, others].toarray()[0]
            shape[others] = leaving.times(arrivals)
            shape[reference] = 1.0
            found.append(shape / shape.sum())
        return found

    @cached_property
    def shares(self) -> Floats:
        """Probability that the chain ends up in each class."""
        if len(self.classes) == 1:
            return np.ones(1)
        leaving, others = self.before
        arriving = leaving.times(self.initial[others]) @ self.rates[others][:, self.references]
        return np.asarray(self.initial[self.references] + arriving)

    @cached_property
    def excess(self) -> Floats | None:
        """Integral over all time of (distribution at t - long-run distribution), s; None for several classes."""
        if len(self.classes) > 1:
            return None
        leaving, others = self.before
        found = np.zeros(len(self.initial))
        found[others] = leaving.times(self.initial[others]) - leaving.times(self.distribution[others])
        centred: Floats = found - found.sum() * self.distribution
        return centred

    @cached_property
    def slowest(self) -> float:
        """Rate, per s, at which the slowest deviation dies out; 0 if unknown. By inverse iteration."""
        if len(self.classes) > 1:
            return 0.0
        leaving, others = self.before
        deviation = self.excess
        assert deviation is not None
        rate = 0.0
        for _ in range(POWERS):
            norm = np.abs(deviation).sum()
            if norm == 0.0:
                return np.inf
            deviation = deviation / norm
            found = np.zeros(len(self.initial))
            found[others] = leaving.times(np.maximum(deviation[others], 0.0))
            found[others] -= leaving.times(np.maximum(-deviation[others], 0.0))
            deviation = found - found.sum() * self.distribution
            before, rate = rate, 1.0 / float(np.abs(deviation).sum())
            if abs(rate - before) < STEADY * rate:
                break
        return rate
