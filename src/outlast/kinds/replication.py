"""Replication over a link: while the link is down the replicas fall behind; afterwards they catch up."""

from __future__ import annotations

from typing import Protocol

from outlast.errors import nearest_hint
from outlast.kinds.platform import Path, Platform
from outlast.program import count_of
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law


class Replicates(Protocol):
    """What a store says of its replication."""

    @property
    def writes(self) -> float | None: ...
    @property
    def link(self) -> str | None: ...
    @property
    def lag(self) -> Law: ...


def lower_backlog(platform: Platform, name: str, replication: Replicates, capacity: float | None, path: Path) -> str:
    """The stock `name backlog`: how many seconds the replicas are behind; returns its name.

    A cut of D seconds adds D to the (mean) lag; catching up takes D w / (capacity - w) seconds at write rate w.
    The condition `name streaming` holds while the replicas are not behind.
    """
    b, link = platform.builder, replication.link or ""
    if link not in platform.links:
        platform.problem((*path, "replication", "link"), f"there is no link {link!r}",
                         nearest_hint(link, platform.links, "links"))  # fmt: skip
        return ""
    ok = platform.works(link, (*path, "replication", "link"))
    if replication.writes is None or capacity is None:
        platform.problem((*path, "replication"), "a link needs `writes` here and `capacity` at the link",
                         "add `writes: 40 MB/s`, and `capacity: 1 Gbit/s` to the link")  # fmt: skip
        return ""
    if capacity <= replication.writes:
        platform.problem((*path, "replication", "writes"), f"{replication.writes:g} B/s is not below the capacity of "
                         f"link {link!r}, {capacity:g} B/s; replicas would never catch up")  # fmt: skip
        return ""
    life = Lifecycle(f"{name} replication").state("streaming", tags=["streaming"])
    life.state("cut", rate=1.0)
    life.state("catching up", rate=1.0 - capacity / replication.writes)
    for state in ("streaming", "catching up"):
        life.on("link lost", state, "cut")
    life.on("link back", "cut", "catching up").on("caught up", "catching up", "streaming")
    usual = replication.lag.mean()
    stock = b.stock(f"{name} backlog", initial=usual, low=usual)
    b.group(f"{name} links streaming")
    b.cohort(f"{name} replication", life, drives=stock, member={f"{name} links streaming": ["streaming"]},
             component=name, scope="replication")  # fmt: skip
    b.watch(stock, usual, f"{name} replication", "caught up", up=False)
    b.condition(f"{name} streaming", count_of(f"{name} links streaming"), 1)
    if ok:
        b.listen(ok, f"{name} replication", rise="link back", fall="link lost")
    return stock
