"""`feature_store`: a primary, asynchronous replicas with lag, promotion, backups and restore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.backup import Backup, lower_backup
from outlast.kinds.base import Kind, Spec
from outlast.kinds.fields import Bandwidth, Delay, DelayOrScript, Name
from outlast.kinds.laws import Script
from outlast.kinds.money import StorePrices
from outlast.kinds.outage import script
from outlast.kinds.platform import Path, Place, Platform
from outlast.kinds.replication import lower_backlog
from outlast.kinds.store_roles import node_lifecycle, service_lifecycle
from outlast.program import count_of
from outlast.stats.distributions import Law
from outlast.units import format_bytes


class Replication(Spec):
    """lag: how far a replica is behind at a failure.  writes: rate of new data; link: what it travels over to replicas
    that are not where the primary is.  While the link is down their lag grows second by second; afterwards it shrinks
    as fast as the link's capacity allows."""

    lag: Delay = Field("0 s", validate_default=True)
    writes: Bandwidth | None = None
    link: Name | None = None


class StoreFailover(Spec):
    """detect: until the loss of the primary is noticed; decide: until somebody or something acts; promote: until the
    replica serves."""

    detect: Delay = Field("0 s", validate_default=True)
    decide: Delay = Field("0 s", validate_default=True)
    promote: Delay = Field("0 s", validate_default=True)


class FeatureStore(Kind):
    """One node serves, the others follow.  A node that fails is rebuilt (`rebuild`, from its failure) and then follows.

    time_to_failure: of the serving node.  replica_time_to_failure: of each follower.  With no follower at hand the
    store is restored from the last backup that finished; without `backup` it waits until the node or a follower is
    back, and loses nothing.
    """

    kind: Literal["feature_store"]
    primary: Name | None = None
    replicas: list[Name] = Field(default_factory=list)
    local_replicas: int = Field(0, ge=0, le=100)
    time_to_failure: DelayOrScript | None = None
    replica_time_to_failure: DelayOrScript | None = None
    rebuild: Delay = Field("1 h", validate_default=True)
    replication: Replication = Replication()
    failover: StoreFailover = StoreFailover()
    backup: Backup | None = None
    needs: list[Name] = Field(default_factory=list)
    cost: StorePrices | None = None
    description: str = ""

    @model_validator(mode="after")
    def _laws(self) -> FeatureStore:
        if isinstance(self.replica_time_to_failure, Script):
            raise FieldError("scripted times are for the serving node only", at=("replica_time_to_failure",))
        if self.cost is not None:
            self._priced(self.cost)
        return self

    def _priced(self, prices: StorePrices) -> None:
        """What is stored and written must be known."""
        if (prices.storage is None) != (prices.stored is None):
            raise FieldError("needs both `storage`, a price, and `stored`, how much it is of", at=("cost",))
        if prices.transfer is not None and self.replication.writes is None:
            raise FieldError("needs `replication.writes`: how much is transferred", at=("cost", "transfer"))

    def references(self) -> Iterator[tuple[Path, str]]:
        """What the store needs."""
        for i, name in enumerate(self.needs):
            yield ("needs", i), name

    def lower(self, name: str, platform: Platform) -> None:
        """Nodes, the service they form, backups, replication; the condition that it serves."""
        path: Path = ("components", name)
        needed = [platform.works(n, (*path, "needs", i)) for i, n in enumerate(self.needs)]
        places = self._places(platform, path)
        for group in ("nodes", "nodes up", "replicas", "replicas at home", "primaries at home", "serving", "restores",
                      "lost nodes"):  # fmt: skip
            platform.builder.group(f"{name} {group}")
        for i, place in enumerate(places):
            self._node(name, platform, i, place, i <= self.local_replicas)
        self._service(name, platform, path)
        if isinstance(self.time_to_failure, Script):
            script(platform, f"{name} crash", f"{name} service", self.time_to_failure, name, "node", signal="scripted")
        platform.publish(name, [f"{name} serves", *needed])
        self._measures(name, platform)
        if self.cost is not None:
            self._charge(name, platform, self.cost)

    def _places(self, platform: Platform, path: Path) -> list[Place | None]:
        """Place of every node, the first serving one first; None = nowhere in particular."""
        home = platform.place(self.primary, (*path, "primary")) if self.primary is not None else None
        others = [platform.place(n, (*path, "replicas", i)) for i, n in enumerate(self.replicas)]
        return [home, *([home] * self.local_replicas), *others]

    def _node(self, name: str, platform: Platform, i: int, place: Place | None, home: bool) -> None:
        b = platform.builder
        where = place.ok if place is not None else ""
        node = f"{name} node {i}"
        primary = self.time_to_failure if isinstance(self.time_to_failure, Law) else None
        follower = self.replica_time_to_failure if isinstance(self.replica_time_to_failure, Law) else None
        life = node_lifecycle(f"{name} node", primary, follower, self.rebuild, bool(where), self.backup is not None)
        member = {f"{name} nodes": ["serving", "replica", "lost"], f"{name} replicas": ["replica"],
                  f"{name} nodes up": ["serving", "replica"], f"{name} lost nodes": ["lost"]}  # fmt: skip
        if home:
            member |= {f"{name} replicas at home": ["replica"], f"{name} primaries at home": ["serving"]}
        bound = {"store": f"{name} service"}
        if where and self.backup is not None:
            bound["restoring"] = f"{name} restoring"
        start = "serving" if i == 0 else "replica"
        b.cohort(node, life, bind=bound, member=member, start=start, component=name, scope="node")
        if where:
            b.listen(where, node, rise="place back", fall="place lost")

    def _service(self, name: str, platform: Platform, path: Path) -> None:
        b = platform.builder
        ready = b.condition(f"{name} has replica", count_of(f"{name} replicas"), 1)
        lag = b.stock(f"{name} lag")
        capacity = platform.links.get(self.replication.link or "")
        backlog = lower_backlog(platform, name, self.replication, capacity, path) if self.replication.link else ""
        life = service_lifecycle(f"{name} service", self.failover, self.replication.lag,
                                 self.backup.restore if self.backup is not None else None, bool(backlog))  # fmt: skip
        bound = {"nodes": f"{name} nodes", "has replica": ready, "lag": lag}
        if self.backup is not None:
            lost = b.condition(f"{name} can restore", count_of(f"{name} lost nodes"), 1)
            b.condition(f"{name} restoring", count_of(f"{name} restores"), 1)
            bound |= {"can restore": lost, "age": f"{name} backup age", "exposed": f"{name} exposed"}
            lower_backup(platform, name, self.backup)
        if backlog:
            near = b.condition(f"{name} has neighbour", count_of(f"{name} replicas at home"), 1)
            home = b.condition(f"{name} at home", count_of(f"{name} primaries at home"), 1)
            bound |= {"backlog": backlog, "remote lag": b.stock(f"{name} remote lag"), "has neighbour": near,
                      "at home": home, "streaming": f"{name} streaming"}  # fmt: skip
        member = {f"{name} serving": ["up"], f"{name} restores": ["restoring"]}
        b.cohort(f"{name} service", life, bind=bound, member=member, component=name, scope="store")
        serves = b.condition(f"{name} serves", count_of(f"{name} serving"), 1)
        if self.backup is not None and self.backup.takes > 0:
            b.listen(serves, f"{name} backup", fall="stopped")

    def _charge(self, name: str, platform: Platform, prices: StorePrices) -> None:
        ledger, remote = platform.ledger, len(self.replicas)
        followers = remote + self.local_replicas
        ledger.charge(name, "capacity", prices.node, "the node that serves")
        if followers:
            ledger.charge(name, "standby", prices.replica or prices.node, f"{followers} replicas", followers)
        if prices.stored is not None:
            size = f"{format_bytes(prices.stored)} on {1 + followers} nodes"
            ledger.charge(name, "storage", prices.storage, size, prices.stored * (1 + followers))
        if remote and self.replication.writes is not None:
            writes = f"{format_bytes(self.replication.writes)}/s to {remote} replicas elsewhere"
            ledger.charge(name, "transfer", prices.transfer, writes, self.replication.writes * remote)
        ledger.common(name, prices)

    def _measures(self, name: str, platform: Platform) -> None:
        platform.mean_count(name, "replicas", "mean number of replicas that can be promoted", f"{name} replicas",
                            "higher")  # fmt: skip
        platform.measure(name, "rpo", "s", "data lost / losses", "records", label="rpo", weighting="event",
                         better="lower")  # fmt: skip
