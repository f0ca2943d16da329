"""`training_cluster`: one gang job over hosts with spares, repair, checkpoints, lost work and restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Kind, Spec
from outlast.kinds.fields import Count, Delay, Name, PositiveDelay
from outlast.kinds.job import Checkpoint, job_lifecycle
from outlast.kinds.life import Batch, Mortal, batches, sooner
from outlast.kinds.money import HostPrices
from outlast.kinds.platform import Path, Platform, Team
from outlast.kinds.repair import Repair
from outlast.program import count_of, emit, release, request
from outlast.program.model import Lifecycle
from outlast.stats.distributions import deterministic

MOST_CAUSES = 40  # each takes a tag, of which a program has 64


class Hosts(Mortal):
    """count hosts, of which the job needs `needs`; the rest are hot spares that take over at once."""

    count: Count
    needs: Count | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Hosts:
        if self.required > self.count:
            raise FieldError(f"{self.required} exceeds count {self.count}", "`needs` is how many must be up at once",
                             at=("needs",))  # fmt: skip
        if len(self.failures or {}) > MOST_CAUSES:
            raise FieldError(f"{len(self.failures or {})} causes; at most {MOST_CAUSES} are possible", at=("failures",))
        if (self.time_to_failure is None) == (not self.failures):
            raise FieldError("needs exactly one of `time_to_failure` and `failures`")
        return self

    @property
    def required(self) -> int:
        """Hosts of the gang."""
        return self.needs if self.needs is not None else self.count


class Interruption(Spec):
    """A cause that stops the whole job and no host (software, network, a dependency), in wall-clock time."""

    every: PositiveDelay


class TrainingCluster(Kind):
    """Hosts fail in wall-clock time, active or spare; only the failure of an active host interrupts the job.

    detection: from the failure to the decision to restart.  interruptions: causes of the job as a whole.
    needs: things whose outage interrupts the job and without which it cannot restart.
    """

    kind: Literal["training_cluster"]
    at: Name | None = None
    hosts: Hosts
    repair: Repair | None = None
    checkpoint: Checkpoint
    detection: Delay = Field("0 s", validate_default=True)
    interruptions: dict[Name, Interruption] = Field(default_factory=dict)
    needs: list[Name] = Field(default_factory=list)
    cost: HostPrices | None = None
    description: str = ""

    def references(self) -> Iterator[tuple[Path, str]]:
        """What the job needs."""
        for i, name in enumerate(self.needs):
            yield ("needs", i), name

    def lower(self, name: str, platform: Platform) -> None:
        """Hosts, the job, its interruptions; the condition that it is productive."""
        path: Path = ("components", name)
        place = platform.place(self.at, (*path, "at")) if self.at is not None else None
        needed = [platform.works(n, (*path, "needs", i)) for i, n in enumerate(self.needs)]
        outside = platform.every(f"{name} outside", [place.ok if place else "", *needed], own=True)
        team = self.repair.resolve(platform, (*path, "repair")) if self.repair is not None else None
        self._hosts(name, platform, team)
        self._job(name, platform, outside)
        for cause, spec in self.interruptions.items():
            self._interruption(name, platform, cause, spec)
        self._measures(name, platform)
        if self.cost is not None:
            self._charge(name, platform, self.cost)

    # -- hosts ------------------------------------------------------------------------------------------------
    def _hosts(self, name: str, platform: Platform, team: Team | None) -> None:
        b = platform.builder
        causes = list(self.hosts.causes())
        for group in ("hosts up", "hosts failed", "hosts active", *(f"hosts failed by {c}" for c in causes)):
            b.group(f"{name} {group}")
        b.pool(f"{name} places", self.hosts.required)
        for batch in batches(self.hosts.lemons, self.hosts.count)[0]:
            member = {
                f"{name} hosts up": ["up"],
                f"{name} hosts failed": ["failed"],
                f"{name} hosts active": ["active"],
            }
            member |= {f"{name} hosts failed by {c}": [f"cause {i}"] for i, c in enumerate(causes)}
            bound = self.repair.bind(name, team, platform) if self.repair is not None else {}
            bound |= {"places": f"{name} places", "job": f"{name} job"}
            b.cohort(f"{name} hosts{batch.suffix}", self._host(name, batch, team), batch.count, component=name,
                     scope="host", member=member, bind=bound)  # fmt: skip

    def _host(self, name: str, batch: Batch, team: Team | None) -> Lifecycle:
        """new -> spare -> active -> failed by some cause -> (waiting ->) repairing -> spare."""
        life = Lifecycle(f"{name} host").state("new", tags=["up"]).state("spare", tags=["up"])
        life.state("active", tags=["up", "active"])
        life.after(deterministic(0.0), "new", "spare", do=[request("places")]).on("granted", "spare", "active")
        aged = self.hosts.age is not None or (self.repair is not None and self.repair.ages())
        rows: list[str] = []
        for i, (cause, failure) in enumerate(self.hosts.causes().items()):
            rows.append(cause)
            waiting, repairing = f"waiting {cause}", f"repairing {cause}"
            law = sooner(failure.every, batch.factor)
            first = repairing if self.repair is None or team is None else waiting
            ask = self.repair.ask(team) if self.repair is not None else []
            for state in (waiting, repairing):
                life.state(state, tags=["failed", f"cause {i}"])
            policy = "aged" if aged else "carry"
            for state, told in (("active", [emit("job", "interrupted")]), ("spare", [])):
                life.after(law, state, first, do=[*told, release("places"), *ask], origin=True, clock=cause,
                           name=f"{cause} ({state})", policy=policy, age=self.hosts.age)  # fmt: skip
            if self.repair is not None:
                self.repair.rows(life, team, "spare", lasts=failure.repair, waiting=waiting, repairing=repairing,
                                 aged_rows=tuple(self.hosts.causes()) if aged else ())  # fmt: skip
            elif failure.repair is not None:
                life.after(failure.repair, repairing, "spare")
            for row in (r for r in life.rows if r.state == repairing and r.law is not None):
                case = row.cases[0]
                row.cases = (type(case)(case.p, case.target, (*case.do, request("places"))),)
        return life

    # -- job ----------------------------------------------------------------------------------------------------
    def _job(self, name: str, platform: Platform, outside: str) -> None:
        b = platform.builder
        enough = b.condition(f"{name} enough hosts", count_of(f"{name} hosts active"), self.hosts.required)
        stock = b.stock(f"{name} progress", keep=2, loss="lost work")
        life = job_lifecycle(name, self.checkpoint, self.detection, bool(outside))
        for group in ("productive", "checkpointing", "detecting", "waiting", "restarting", "interrupted"):
            b.group(f"{name} {group}")
        member = {f"{name} {s}": [s] for s in ("productive", "checkpointing", "detecting", "waiting", "restarting",
                                                "interrupted")}  # fmt: skip
        bound = {"enough": enough, "progress": stock, **({"outside": outside} if outside else {})}
        b.cohort(f"{name} job", life, bind=bound, member=member, drives=stock, component=name, scope="job")
        if outside:
            b.listen(outside, f"{name} job", fall="interrupted")
        b.group(f"{name} making progress")
        cohort = b.cohorts[f"{name} job"]
        cohort.member.append((f"{name} making progress", ("productive", "checkpointing")))
        progress = b.condition(f"{name} progresses", count_of(f"{name} making progress"), 1)
        platform.publish(name, [progress])

    def _interruption(self, name: str, platform: Platform, cause: str, spec: Interruption) -> None:
        b, unit = platform.builder, f"{name} interrupted by {cause}"
        life = b.lifecycle(unit).state("armed").state("struck", tags=["struck"])
        life.after(spec.every, "armed", "struck", do=[emit("job", "interrupted")], origin=True)
        life.after(deterministic(0.0), "struck", "armed")
        b.group(f"{unit} strikes")
        b.cohort(unit, life, bind={"job": f"{name} job"}, member={f"{unit} strikes": ["struck"]}, component=name,
                 scope="job")  # fmt: skip
        platform.yearly(name, f"interruptions_by_{cause}", f"interruptions of the job by {cause}, per year",
                        f"{unit} strikes")  # fmt: skip

    def _charge(self, name: str, platform: Platform, prices: HostPrices) -> None:
        ledger, needed = platform.ledger, self.hosts.required
        ledger.charge(name, "capacity", prices.host, f"{needed} hosts needed", needed)
        if spares := self.hosts.count - needed:
            ledger.charge(name, "spares", prices.spare or prices.host, f"{spares} spare hosts", spares)
        ledger.charge(name, "repairs", prices.failure, "failures of hosts", meters=[f"{name} host_failures"])
        lost = [f"{name} {state} time" for state in ("checkpointing", "detecting", "waiting", "restarting")]
        ledger.charge(name, "lost_work", prices.lost_host, f"{needed} hosts x (time not productive + lost work)",
                      needed, [*lost, f"{name} lost work"])  # fmt: skip
        ledger.common(name, prices)

    def _measures(self, name: str, platform: Platform) -> None:
        b = platform.builder
        platform.mean_count(name, "hosts_up", "mean number of hosts that are up", f"{name} hosts up", "higher")
        failures = platform.yearly(
            name, "host_failures", "failures of hosts per year, active or spare", f"{name} hosts failed"
        )
        for cause in self.hosts.causes() if self.hosts.failures else ():
            platform.yearly(name, f"failures_by_{cause}", f"failures of hosts by {cause}, per year",
                            f"{name} hosts failed by {cause}")  # fmt: skip
        interrupted = platform.yearly(name, "interruptions", "interruptions of the job per year", f"{name} interrupted")
        spent = {s: b.meter(f"{name} {s} time", ("group", f"{name} {s}"))
                 for s in ("productive", "checkpointing", "detecting", "waiting", "restarting")}  # fmt: skip
        lost = b.meter(f"{name} lost work", ("lost", f"{name} progress"), "count")
        kept = ((1.0, spent["productive"]), (-1.0, lost))
        platform.measure(name, "effective_training_time", "share", "(productive time - lost work) / time", "share",
                         kept, better="higher")  # fmt: skip
        for state, meter in spent.items():
            platform.measure(name, f"{state}_time", "share", f"time {state} / time", "share", ((1.0, meter),),
                             better="higher" if state == "productive" else "lower")  # fmt: skip
        platform.measure(name, "lost_work", "share", "work lost by rollbacks / time", "share", ((1.0, lost),),
                         better="lower")  # fmt: skip
        platform.measure(name, "mean_time_to_interrupt", "s", "time / interruptions", "ratio",
                         tuple((1.0, m) for m in spent.values()), ((1.0, interrupted),), weighting="event",
                         better="higher")  # fmt: skip
        platform.measure(name, "mean_time_to_host_failure", "s", "time / failures of hosts", "ratio",
                         tuple((1.0, m) for m in spent.values()), ((1.0, failures),), weighting="event",
                         better="higher")  # fmt: skip
