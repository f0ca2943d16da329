"""Backups of a store: taken while it serves, on a grid of wall-clock time."""

from __future__ import annotations

from pydantic import Field

from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Duration, DurationOrZero
from outlast.kinds.platform import Platform
from outlast.program import level_of, set_level
from outlast.stats.distributions import deterministic, grid


class Backup(Spec):
    """every: wall-clock period, from time 0; takes: until a backup can be used (it holds the data of its start);
    restore: from the decision to restore until the store serves again."""

    every: Duration
    takes: DurationOrZero = Field("0 s", validate_default=True)
    restore: Delay


def lower_backup(platform: Platform, name: str, backup: Backup) -> None:
    """The stock `name backup age`: seconds since the newest usable backup began; `name exposed`: its level at a crash.

    A backup that is under way when the store stops serving fails.
    """
    b, unit = platform.builder, f"{name} backup"
    age, started = b.stock(f"{name} backup age"), f"{name} backup under way"
    b.stock(f"{name} exposed")
    life = b.lifecycle(unit).state("idle", rate=1.0).state("running", rate=1.0)
    bound = {"age": age, "serves": f"{name} serves"}
    if backup.takes > 0:
        life.after(
            grid(backup.every), "idle", "running", do=[set_level("started", deterministic(0.0))], when=["serves"]
        )
        life.after(deterministic(backup.takes), "running", "idle", when=["serves"],
                   do=[set_level("age", deterministic(1.0), scale=level_of("started"))])  # fmt: skip
        life.on("stopped", "running", "idle")
        clock = b.lifecycle(f"{unit} clock").state("running", rate=1.0)
        b.cohort(f"{unit} clock", clock, drives=b.stock(started), component=name)
        bound["started"] = started
    else:
        life.after(grid(backup.every), "idle", do=[set_level("age", deterministic(0.0))], when=["serves"])
    b.cohort(unit, life, bind=bound, drives=age, component=name, scope="backup")
