"""`region`: where data lawfully lives; it has zones, and outages that take all of them."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Kind
from outlast.kinds.fields import Name
from outlast.kinds.outage import Outage, lower_outage
from outlast.kinds.platform import Place, Platform
from outlast.kinds.zone import Zone


class Region(Kind):
    """A region of a provider.  zones: names, or a mapping when zones have failures of their own;
    zone_outage: the outage of every zone that has none of its own.
    provider: whose it is.  jurisdiction: whose law holds there, as text.  outage: of the region as a whole.
    """

    in_components: ClassVar[bool] = False
    provider: Name | None = None
    jurisdiction: str = ""
    zones: list[Name] | dict[Name, Zone | None] = Field(default_factory=list)
    outage: Outage | None = None
    zone_outage: Outage | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Region:
        zones = list(self.zones)
        for i, zone in enumerate(zones):
            if zone in zones[:i]:
                raise FieldError(f"zone {zone!r} is named twice", "give one of them another name", at=("zones", i))
            if "." in zone:
                raise FieldError(f"the name of a zone has no dot (got {zone!r})", "a zone is found as `region.zone`",
                                 at=("zones", i if isinstance(self.zones, list) else zone))  # fmt: skip
        if self.zone_outage is not None and not zones:
            raise FieldError("there are no zones", "name some under `zones`, or remove this", at=("zone_outage",))
        return self

    def lower(self, name: str, platform: Platform) -> None:
        """The place `name`, then its zones `name.zone`."""
        above = ""
        if self.provider is not None:
            provider = platform.place(self.provider, ("regions", name, "provider"))
            above = provider.ok if provider else ""
        stands = lower_outage(platform, name, "region", self.outage)
        ok = platform.publish(name, [above, stands]) if stands else above
        zones = self.zones if isinstance(self.zones, dict) else dict.fromkeys(self.zones)
        platform.places[name] = Place(name, "region", ok, tuple(f"{name}.{z}" for z in zones), self.jurisdiction)
        for zone, spec in zones.items():
            spec = spec or Zone()
            own = spec if spec.outage is not None else Zone(outage=self.zone_outage)
            own.lower(f"{name}.{zone}", platform)
