"""What happens by the calendar or by age: inspections, planned maintenance."""

from __future__ import annotations

from pydantic import model_validator

from outlast.errors import FieldError
from outlast.kinds.base import Spec
from outlast.kinds.fields import Delay, Duration
from outlast.kinds.platform import Platform
from outlast.program import count_of, forget
from outlast.program.model import Lifecycle
from outlast.program.verbs import Effect
from outlast.stats.distributions import DETERMINISTIC, Law, deterministic, grid
from outlast.units import format_duration

DUE = "maintenance due"  # the row that ends an operating life by plan


class Inspection(Spec):
    """Failures show only when somebody looks, which takes no time: every so often, first after `first` (default:
    `every`).
    every: between two looks.  first: when the first one is.
    """

    every: Duration
    first: Duration | None = None

    @model_validator(mode="after")
    def _within(self) -> Inspection:
        _check_first(self.first, self.every)
        return self

    def law(self) -> Law:
        """Until the next one."""
        return _calendar(self.first, self.every)


def _calendar(first: float | None, every: float) -> Law:
    return grid(every, (first or every) % every)


def _check_first(first: float | None, every: float) -> None:
    if first is not None and first > every:
        got = f"got {format_duration(first)}, every {format_duration(every)}"
        raise FieldError(f"must be within the first `every` ({got})", at=("first",))


class Maintenance(Spec):
    """Planned work.  at_age: an item that has operated for so long is taken down; it is then as new.
    every, first: windows on a fixed calendar in which the component is offline; its items neither age nor fail,
    repairs go on.  lasts: how long it takes."""

    at_age: Duration | None = None
    every: Duration | None = None
    first: Duration | None = None
    lasts: Delay

    @model_validator(mode="after")
    def _one_form(self) -> Maintenance:
        if (self.at_age is None) == (self.every is None):
            got = "neither" if self.every is None else "both"
            raise FieldError(f"exactly one of `at_age` and `every` is needed (got {got})",
                             "write `at_age: 90 d` for every item, or `every: 7 d` for the component")  # fmt: skip
        if self.at_age is not None and self.first is not None:
            raise FieldError("says when the first window begins; `at_age` has no windows", "remove it", at=("first",))
        if self.every is not None:
            _check_first(self.first, self.every)
            if self.lasts.kind == DETERMINISTIC and not 0 < self.lasts.a < self.every:
                got, period = format_duration(self.lasts.a), format_duration(self.every)
                raise FieldError(f"must be above 0 and below `every` (got {got}, every {period})", at=("lasts",))
        return self


def renewal_rows(life: Lifecycle, maintenance: Maintenance, policy: str, guards: tuple[str, ...],
                 steady: tuple[str, ...]) -> list[Effect]:  # fmt: skip
    """Rows of an item that is taken down at an age and comes back as new; its row `failure` has the same policy and
    guards.  Returns what a failure does to the clock of the maintenance that is now not due."""
    if maintenance.at_age is None:
        return []
    life.state("maintained", tags=["maintained"])
    over = [forget("failure")] if policy == "resume" else []
    life.after(deterministic(maintenance.at_age), "up", "maintained", do=over, when=guards, policy=policy, origin=True,
               name=DUE)  # fmt: skip
    renewed = [forget("failure"), forget(DUE)] if policy == "aged" else []
    life.after(maintenance.lasts, "maintained", "up", do=renewed, when=steady,
               policy="resume" if steady else "resample")  # fmt: skip
    return [forget(DUE)] if policy == "resume" else []


def lower_maintenance(platform: Platform, name: str, maintenance: Maintenance) -> str:
    """A group of maintained items, or a unit that takes the component offline in windows.

    Returns the condition that it does not ("" without windows); while it is false the component must be down.
    """
    b, unit = platform.builder, f"{name} maintenance"
    if maintenance.every is None:
        b.group(f"{name} maintained")
        return ""
    life = b.lifecycle(unit).state("open", tags=["open"]).state("offline", part="maintenance")
    life.after(_calendar(maintenance.first, maintenance.every), "open", "offline", origin=True)
    life.after(maintenance.lasts, "offline", "open")
    b.group(f"{name} open")
    b.cohort(unit, life, member={f"{name} open": ["open"]}, component=name, scope="maintenance")
    return b.condition(f"{name} is open", count_of(f"{name} open"), 1, meter=f"{name} in windows")


def measure_maintenance(platform: Platform, name: str, maintenance: Maintenance) -> None:
    """What is planned, apart from what is not."""
    if maintenance.every is None:
        platform.mean_count(name, "maintained_items", "mean number of items in planned maintenance",
                            f"{name} maintained")  # fmt: skip
        return
    outside = platform.builder.meter(f"{name} outside windows", ("group", f"{name} open"))
    platform.measure(name, "availability_outside_windows", "share",
                     "1 - time down outside maintenance windows / time outside them", "ratio",
                     ((1.0, f"{name} down"), (-1.0, f"{name} in windows")), ((1.0, outside),),
                     complement=True)  # fmt: skip
