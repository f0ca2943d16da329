"""Lifecycles of a replicated store: what a node is, and how the store finds a node that serves."""

from __future__ import annotations

from typing import Protocol

from outlast.program import emit, level_of, record, scatter, set_level
from outlast.program.model import Lifecycle
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

    While the store restores from a backup, failed nodes are lost: what they were rebuilt from is gone.
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
        life.on("place back", "unreachable", "rebuilding")
    return life


def service_lifecycle(name: str, steps: Steps, lag: Law, restore: Law | None, backlog: bool) -> Lifecycle:
    """up, then detect, decide, and promote a replica or restore a backup; a primary that returns ends it early."""
    loss = [set_level("lag", lag), record("rpo", "lag"), *([record("rpo", "backlog")] if backlog else [])]
    expose = [] if restore is None else [set_level("exposed", deterministic(1.0), scale=level_of("age"))]
    crash = scatter("nodes", "strike", ["serving"])
    life = Lifecycle(name).state("up", tags=["up"]).state("detecting", part="detect").state("deciding", part="decide")
    life.state("promoting", part="promote").state("stranded", part="wait for a replica")
    life.on("scripted", "up", do=[crash]).on("crash", "up", "detecting", do=expose)
    life.state("decided").after(steps.detect, "detecting", "deciding").after(steps.decide, "deciding", "decided")
    other = "stranded" if restore is None else "restoring"
    hold = [] if restore is None else [scatter("nodes", "hold")]
    life.after(deterministic(0.0), "decided", "promoting", when=["has replica"])
    life.after(deterministic(0.0), "decided", other, do=hold, when=["!has replica"])
    life.after(deterministic(0.0), "stranded", "promoting", when=["has replica"])
    done = [scatter("nodes", "promote", ["replica"], n=1), scatter("nodes", "demote"), *loss]
    life.after(steps.promote, "promoting", "up", do=done, when=["has replica"])
    life.after(deterministic(0.0), "promoting", "deciding", when=["!has replica"])
    for state in ("detecting", "deciding", "decided", "promoting", "stranded"):
        life.on("back", state, "up")
    if restore is not None:
        life.state("restoring", part="restore")
        found = [scatter("nodes", "restored", ["lost"], n=1), scatter("nodes", "demote"), scatter("nodes", "resync"),
                 record("rpo", "exposed")]  # fmt: skip
        life.after(restore, "restoring", "up", do=found, when=["can restore"], policy="repeat")
        life.on("back", "restoring", "up", do=[scatter("nodes", "resync")])
    return life
