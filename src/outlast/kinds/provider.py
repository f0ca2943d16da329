"""`provider`: a cloud or an own data centre, above regions, with outages of its own."""

from __future__ import annotations

from typing import ClassVar

from outlast.kinds.base import Kind
from outlast.kinds.outage import Outage, lower_outage
from outlast.kinds.platform import Place, Platform


class Provider(Kind):
    """Everything that fails with the whole provider: identity, control plane, network core.

    outage: when and for how long everything of it is down.
    """

    in_components: ClassVar[bool] = False
    outage: Outage | None = None
    description: str = ""

    def lower(self, name: str, platform: Platform) -> None:
        """The place `name`; measured if it can fail."""
        stands = lower_outage(platform, name, "provider", self.outage)
        ok = platform.publish(name, [stands]) if stands else ""
        platform.places[name] = Place(name, "provider", ok)
