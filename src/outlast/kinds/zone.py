"""`zone`: a part of a region that fails on its own."""

from __future__ import annotations

from typing import ClassVar

from outlast.kinds.base import Kind
from outlast.kinds.outage import Outage, lower_outage
from outlast.kinds.platform import Place, Platform


class Zone(Kind):
    """An availability zone; it works while its region does and it has no outage of its own.

    outage: when and for how long it is down; that of the region's `zone_outage` if not given.
    """

    in_components: ClassVar[bool] = False
    outage: Outage | None = None

    def lower(self, name: str, platform: Platform) -> None:
        """The place `region.zone`."""
        region = platform.places[name.rpartition(".")[0]]
        stands = lower_outage(platform, name, "zone", self.outage)
        ok = platform.publish(name, [region.ok, stands]) if stands else region.ok
        platform.places[name] = Place(name, "zone", ok, jurisdiction=region.jurisdiction)
