"""`cost`: what things cost, as prices of the user; every item becomes a measure, linear in what is measured anyway.

Items: capacity, spares, standby, storage, transfer, people and repairs are spent; downtime, lost_work and
lost_requests are lost.  A kind calls `Ledger.charge` for each; at the end the ledger publishes `cost_ITEM` of every
component, their sum `cost`, and both for the whole platform, in currency per year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from outlast.kinds.base import Spec
from outlast.kinds.fields import Bytes, Money, MoneyPerByte, MoneyPerByteAndTime, MoneyPerEvent, MoneyPerRequest
from outlast.program.metrics import Metric, Terms
from outlast.units import Price

LOSSES = ("downtime", "lost_work", "lost_requests")  # items that nobody is billed for
TOTAL = "platform"  # what the sum over all components is published as
Located = tuple[tuple[str | int, ...], Price]


class PriceList(Spec):
    """What something is charged for."""

    def located(self) -> Iterator[tuple[str, Price]]:
        """(field, price) of every price that is given."""
        for name in type(self).model_fields:
            if isinstance(price := getattr(self, name), Price):
                yield name, price


class Prices(PriceList):
    """fixed: of the whole thing, whatever it consists of (licences, rent).  downtime: while it is down."""

    fixed: Money | None = None
    downtime: Money | None = None


class ItemPrices(Prices):
    """item: each of those that must be up.  spare: each one beyond them, `item` if not given.  standby: likewise, of
    items in `standby`.  failure: parts for each failure."""

    item: Money | None = None
    spare: Money | None = None
    standby: Money | None = None
    failure: MoneyPerEvent | None = None


class HostPrices(Prices):
    """host: each of those that the job needs.  spare: each one beyond them, `host` if not given.  failure: parts for
    each failure.  lost_host: each needed host while the job makes no lasting progress, besides what it costs anyway."""

    host: Money | None = None
    spare: Money | None = None
    failure: MoneyPerEvent | None = None
    lost_host: Money | None = None


class ReplicaPrices(Prices):
    """replica: each one in an active region, ready or not.  standby: in the standby region, `replica` if not given.
    failure: of a replica.  lost_request: each request that is not answered well."""

    replica: Money | None = None
    standby: Money | None = None
    failure: MoneyPerEvent | None = None
    lost_request: MoneyPerRequest | None = None


class StorePrices(Prices):
    """node: the one that serves.  replica: each that follows, `node` if not given.  storage: what is kept (`stored`) on
    each node.  transfer: what is written, once for each replica that is not where the primary is."""

    node: Money | None = None
    replica: Money | None = None
    storage: MoneyPerByteAndTime | None = None
    stored: Bytes | None = None
    transfer: MoneyPerByte | None = None


class PeoplePrices(PriceList):
    """person: everybody while on duty, busy or not.  on_call: everybody on call outside the hours."""

    person: Money | None = None
    on_call: Money | None = None


@dataclass(frozen=True)
class Charge:
    """A part of the costs of a component.  fixed: currency per second; over: currency per unit of the meters."""

    item: str
    words: str
    fixed: float
    over: Terms


@dataclass
class Ledger:
    """What is charged, by component."""

    currency: str = ""
    charges: dict[str, list[Charge]] = field(default_factory=dict)

    def charge(self, component: str, item: str, price: Price | None, words: str, times: float = 1.0,
               meters: Iterable[str] | None = None) -> None:  # fmt: skip
        """Charge `price` for each unit of `times`: all the time, or for what meters have counted.

        words: what is charged for, as in `3 items`.  No price, no charge.
        """
        if price is None:
            return
        amount = price.amount * times
        terms = tuple((amount, meter) for meter in meters or () if amount > 0.0)
        charge = Charge(item, f"{price.written} x {words}", amount if meters is None else 0.0, terms)
        self.charges.setdefault(component, []).append(charge)

    def common(self, component: str, prices: Prices) -> None:
        """What every component can be charged for."""
        self.charge(component, "capacity", prices.fixed, "time")
        self.charge(component, "downtime", prices.downtime, "time down", meters=[f"{component} down"])

    def check(self, currency: str | None, costs: Iterable[Located], problem: Callable[..., None]) -> None:
        """All prices are in one currency: that of the scenario, else of the first price."""
        self.currency = currency or ""
        for path, price in costs:
            self.currency = self.currency or price.currency
            if price.currency != self.currency:
                why = "as `currency` says" if currency else "as other prices are"
                problem(path, f"{price.written} is not in {self.currency}, {why}",
                        "write all prices in one currency")  # fmt: skip

    def metrics(self) -> Iterator[Metric]:
        """Items and sum of every component, then of the whole."""
        for component, charges in self.charges.items():
            yield from self._priced(component, charges)
        every = [charge for charges in self.charges.values() for charge in charges]
        if every:
            yield from self._priced(TOTAL, every, " of all components")

    def _priced(self, component: str, charges: list[Charge], of: str = "") -> Iterator[Metric]:
        items: dict[str, list[Charge]] = {}
        for charge in charges:
            items.setdefault(charge.item, []).append(charge)
        for item, parts in items.items():
            words = f"sum of cost_{item}{of}" if of else " + ".join(part.words for part in parts)
            yield self._metric(component, f"cost_{item}", words, parts)
        yield self._metric(component, "cost", f"sum{of}: {' + '.join(items)}, per year", charges)

    def _metric(self, component: str, measure: str, words: str, parts: list[Charge]) -> Metric:
        over: dict[str, float] = {}
        for part in parts:
            for amount, meter in part.over:
                over[meter] = over.get(meter, 0.0) + amount
        return Metric(component, measure, f"{self.currency}/y", words, "rate",
                      tuple((amount, meter) for meter, amount in over.items()),
                      constant=sum(part.fixed for part in parts), better="lower")  # fmt: skip
