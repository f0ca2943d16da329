"""Lifecycles of a replicated store: what a node is, and how the store finds a node that serves."""

from __future__ import annotations

from typing import Protocol

from outlast.program import emit, level_of, record, scatter, set_level
from outlast.program.model import Lifecycle
from outlast.program.verbs import Effect
from outlast.stats.distributions import Law, deterministic


class Steps(Protocol):
    """Delays of a failover."""

    @property
    def detect(self) -> Law: ...
    @property
    def decide(self) -> Law: ...
    @property
    def promote(self) -> Law: ...


def node_lifecycle(name: str, primary: Law | None, follower: Law | None, rebuild: Law, placed: bool,
                   restorable: bool) -> Lifecycle:  # fmt: skip
    """serving, replica, failed (being rebuilt), unreachable, cut (unreachable while serving), lost (to be restored).

    While the store restores from a backup, nodes that failed or come back are lost: what they were rebuilt from is
    gone.
    """
    life = Lifecycle(name).state("serving", tags=["serving"]).state("replica", tags=["replica"]).state("failed")
    life.state("unreachable").state("cut").state("lost", tags=["lost"]).state("rebuilding")
    if primary is not None:
        life.after(primary, "serving", "failed", do=[emit("store", "crash")], origin=True, name="failure")
    if follower is not None:
        life.after(follower, "replica", "failed", origin=True, name="failure of a follower")
    life.on("strike", "serving", "failed", do=[emit("store", "crash")]).on("strike", "replica", "failed")
    life.on("promote", "replica", "serving").on("restored", "lost", "serving").on("resync", "lost", "rebuilding")
    life.on("demote", "cut", "unreachable")
    for state in ("failed", "rebuilding"):
        if restorable:
            life.on("hold", state, "lost")
        life.after(rebuild, state, "replica", name=f"rebuilt from {state}")
    if placed:
        life.on("place lost", "serving", "cut", do=[emit("store", "crash")])
        for state in ("replica", "failed", "rebuilding", "lost"):
            life.on("place lost", state, "unreachable")
        life.on("place back", "cut", "serving", do=[emit("store", "back")])
        if restorable:
            life.on("place back", "unreachable", "lost", when=["restoring"])
        life.on("place back", "unreachable", "rebuilding")
    return life


def service_lifecycle(name: str, steps: Steps, lag: Law, restore: Law | None, backlog: bool) -> Lifecycle:
    """up, then detect, decide, and promote a replica or restore a backup; a primary that returns ends it early.

    Data is lost by a promotion or a restore: as much as had not been copied when the serving node failed.
    """
    life = Lifecycle(name).state("up", tags=["up"]).state("detecting", part="detect").state("deciding", part="decide")
    life.state("promoting", part="promote").state("promoted")
    _crash(life, lag, restore is not None, backlog)
    life.state("decided").after(steps.detect, "detecting", "deciding").after(steps.decide, "deciding", "decided")
    life.after(deterministic(0.0), "decided", "promoting", when=["has replica"])
    life.after(steps.promote, "promoting", "promoted", when=["has replica"])
    life.after(deterministic(0.0), "promoting", "deciding", when=["!has replica"])
    serve = [scatter("nodes", "promote", ["replica"], n=1), scatter("nodes", "demote")]
    if backlog:
        life.after(deterministic(0.0), "promoted", "up", do=[*serve, record("rpo", "lag")], when=["has neighbour"])
        life.after(deterministic(0.0), "promoted", "up", do=[*serve, record("rpo", "remote lag")],
                   when=["!has neighbour"], name="promoted far away")  # fmt: skip
    else:
        life.after(deterministic(0.0), "promoted", "up", do=[*serve, record("rpo", "lag")])
    for state in ("detecting", "deciding", "decided", "promoting"):
        life.on("back", state, "up")
    if restore is None:
        _strand(life, steps, serve)
    else:
        _restore(life, restore)
    return life


def _crash(life: Lifecycle, lag: Law, restorable: bool, backlog: bool) -> None:
    """What each way out would lose is fixed at the crash: how far behind replicas and the newest backup are."""
    age = [set_level("exposed", deterministic(1.0), scale=level_of("age"))] if restorable else []
    near = [*age, set_level("lag", lag)]
    life.on("scripted", "up", do=[scatter("nodes", "strike", ["serving"])])
    if not backlog:
        life.on("crash", "up", "detecting", do=near)
        return

    def copy(to: str, of: str) -> Effect:
        return set_level(to, deterministic(1.0), scale=level_of(of))

    far = [*age, copy("lag", "backlog"), copy("remote lag", "backlog")]
    life.on("crash", "up", "detecting", do=[*near, copy("remote lag", "lag")], when=["streaming"])
    life.on("crash", "up", "detecting", do=[*near, copy("remote lag", "backlog")], when=["!streaming", "at home"],
            name="crash at home, link behind")  # fmt: skip
    life.on("crash", "up", "detecting", do=far, when=["!streaming", "!at home"], name="crash away, link behind")


def _strand(life: Lifecycle, steps: Steps, serve: list[Effect]) -> None:
    """Nobody can take over: wait for the first node that is back; nothing is lost."""
    life.state("stranded", part="wait for a replica").state("resuming", part="promote")
    life.after(deterministic(0.0), "decided", "stranded", when=["!has replica"])
    life.after(deterministic(0.0), "stranded", "resuming", when=["has replica"])
    life.after(steps.promote, "resuming", "up", do=serve, when=["has replica"])
    life.after(deterministic(0.0), "resuming", "stranded", when=["!has replica"])
    life.on("back", "stranded", "up").on("back", "resuming", "up")


def _restore(life: Lifecycle, restore: Law) -> None:
    """Nobody can take over: restore the newest backup to the first node at hand."""
    life.state("restoring", tags=["restoring"], part="restore")
    life.after(deterministic(0.0), "decided", "restoring", do=[scatter("nodes", "hold")], when=["!has replica"])
    found = [scatter("nodes", "restored", ["lost"], n=1), scatter("nodes", "demote"), scatter("nodes", "resync"),
             record("rpo", "exposed")]  # fmt: skip
    life.after(restore, "restoring", "up", do=found, when=["can restore"], policy="repeat")
    life.on("back", "restoring", "up", do=[scatter("nodes", "resync")])
