"""`link`: between two sites, with a capacity and outages."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from outlast.kinds.base import Kind
from outlast.kinds.fields import Bandwidth, Name
from outlast.kinds.money import Prices
from outlast.kinds.outage import Outage, lower_outage
from outlast.kinds.platform import Platform


class Link(Kind):
    """A leased line or peering; what uses it says so by name."""

    in_components: ClassVar[bool] = False
    between: Annotated[list[Name], Field(min_length=2, max_length=2)]
    capacity: Bandwidth | None = None
    outage: Outage | None = None
    cost: Prices | None = None

    def lower(self, name: str, platform: Platform) -> None:
        """The condition `name ok`: the link itself, not the places at its ends."""
        for i, end in enumerate(self.between):
            platform.place(end, ("links", name, "between", i))
        platform.links[name] = self.capacity
        platform.publish(name, [lower_outage(platform, name, "link", self.outage)])
        if self.cost is not None:
            platform.ledger.common(name, self.cost)
