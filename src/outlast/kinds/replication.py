"""Replication over a link: while the link is down the replicas fall behind; afterwards they catch up."""

from __future__ import annotations

from typing import Protocol

from outlast.kinds.platform import Path, Platform
from outlast.program.model import Lifecycle


class Replicates(Protocol):
    """What a store says of its replication."""

    @property
    def writes(self) -> float | None: ...
    @property
    def link(self) -> str | None: ...


def lower_backlog(platform: Platform, name: str, replication: Replicates, capacity: float | None, path: Path) -> str:
    """The stock `name backlog`: seconds of writes that have not crossed the link; returns its name.

    Catch-up of a cut of D seconds takes D w / (capacity - w) seconds at write rate w.
    """
    b, link = platform.builder, replication.link or ""
    ok = platform.works(link, (*path, "replication", "link"))
    if replication.writes is None or capacity is None:
        platform.problem((*path, "replication"), "a link needs `writes` here and `capacity` at the link",
                         "add `writes: 40 MB/s`, and `capacity: 1 Gbit/s` to the link")  # fmt: skip
        return ""
    if capacity <= replication.writes:
        platform.problem((*path, "replication", "writes"), f"{replication.writes:g} B/s is not below the capacity of "
                         f"link {link!r}, {capacity:g} B/s; replicas would never catch up")  # fmt: skip
        return ""
    life = Lifecycle(f"{name} replication").state("streaming").state("cut", rate=1.0)
    life.state("catching up", rate=1.0 - capacity / replication.writes)
    for state in ("streaming", "catching up"):
        life.on("link lost", state, "cut")
    life.on("link back", "cut", "catching up").on("caught up", "catching up", "streaming")
    stock = b.stock(f"{name} backlog", low=0.0)
    b.cohort(f"{name} replication", life, drives=stock, component=name, scope="replication")
    b.watch(stock, 0.0, f"{name} replication", "caught up", up=False)
    if ok:
        b.listen(ok, f"{name} replication", rise="link back", fall="link lost")
    return stock
