"""Programs that several benchmarks run."""

from __future__ import annotations

from outlast.engines import kernel
from outlast.program import Builder, Program, release, request
from outlast.stats.distributions import Law

DAY_S = 86_400.0


def repair(units: int, crews: int, life: Law, mending: Law, horizon: float, warm_up: float = 0.0) -> Program:
    """Units that fail, wait for one of the crews first come, first served, and are repaired; meter `down` is the time
    integral of the number of failed ones. crews 0: nobody waits."""
    b = Builder(horizon, warm_up)
    b.group("down")
    machine = b.lifecycle("machine").state("up", tags=["up"])
    if crews:
        b.pool("crew", crews)
        machine.state("waiting", tags=["down"]).state("repairing", tags=["down"])
        machine.after(life, "up", "waiting", do=[request("crew")], origin=True)
        machine.on("granted", "waiting", "repairing")
        machine.after(mending, "repairing", "up", do=[release("crew")])
    else:
        machine.state("repairing", tags=["down"])
        machine.after(life, "up", "repairing", origin=True).after(mending, "repairing", "up")
    b.cohort("machine", machine, units, member={"down": ["down"]})
    b.meter("down", ("group", "down"))
    return b.build()


def clocks(units: int, law: Law, horizon: float) -> Program:
    """Units that only ring, again and again."""
    b = Builder(horizon)
    b.cohort("clock", b.lifecycle("clock").state("on").after(law, "on", "on"), units)
    return b.build()


def events(program: Program, replications: int, seed: int) -> int:
    """Run them on the kernel, one after another; how many events they had."""
    return sum(outcome.events for outcome in kernel.run_many(program, seed, 0, replications))


def mean_down(program: Program, replications: int, seed: int) -> list[float]:
    """Mean number of failed units after the warm-up, of each replication of a `repair` program."""
    row = 1 if program.warm_up > 0 else 0  # row 0 of the sums is the warm-up
    measured = program.horizon - program.warm_up
    return [float(o.sums[row, 0]) / measured for o in kernel.run_many(program, seed, 0, replications)]
