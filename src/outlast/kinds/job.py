"""The gang job: runs, checkpoints, is interrupted, waits for hosts, restarts from the last checkpoint."""

from __future__ import annotations

from pydantic import Field

from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Duration, DurationOrZero
from outlast.program import commit, rollback, stage
from outlast.program.model import Lifecycle
from outlast.stats.distributions import Law, deterministic


class Checkpoint(Spec):
    """every: productive time between checkpoints, from the start or the end of the one before; cost: how long one
    blocks the job; restart: from the decision to restart to productive work."""

    every: Duration
    cost: DurationOrZero = Field("0 s", validate_default=True)
    restart: Delay


def job_lifecycle(name: str, checkpoint: Checkpoint, detection: Law, outside: bool) -> Lifecycle:
    """States of the job; its stock is the productive time reached (seconds).

    An interruption while productive or checkpointing loses the work since the last checkpoint that was finished; one
    while restarting only starts the restart anew.  The first start costs nothing.
    """
    ready = ["enough", "outside"] if outside else ["enough"]
    life = Lifecycle(f"{name} job").state("starting", tags=["waiting"])
    life.state("productive", tags=["productive"], rate=1.0).state("checkpointing", tags=["checkpointing"])
    life.state("detecting", tags=["detecting", "interrupted"], part="detect")
    life.state("waiting", tags=["waiting"], part="wait for hosts")
    life.state("restarting", tags=["restarting"], part="restart")
    life.state("interrupted again", tags=["detecting", "interrupted"], part="detect")
    life.after(deterministic(0.0), "starting", "productive", when=ready)
    if checkpoint.cost > 0:
        life.after(deterministic(checkpoint.every), "productive", "checkpointing", do=[stage("progress")])
        life.after(deterministic(checkpoint.cost), "checkpointing", "productive", do=[commit("progress")])
    else:
        life.after(deterministic(checkpoint.every), "productive", do=[stage("progress"), commit("progress")])
    for state in ("productive", "checkpointing"):
        life.on("interrupted", state, "detecting", do=[rollback("progress")])
    life.on("interrupted", "restarting", "interrupted again")
    for state in ("detecting", "interrupted again"):
        life.after(detection, state, "waiting")
    life.after(deterministic(0.0), "waiting", "restarting", when=ready)
    life.after(checkpoint.restart, "restarting", "productive", when=ready)
    return life
