"""The embedded control system of pb-03: sensors, input, main and output processor, actuators, and a bus with a timer.

The variables of the PRISM model are states of units, its synchronising actions are signals.  Source: J. Muppala,
G. Ciardo, K. Trivedi, Stochastic reward nets for reliability prediction (1994), as in the PRISM case studies.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from outlast.program import Builder, Metric, Program, count_of, emit
from outlast.program.model import Lifecycle
from outlast.stats.distributions import exponential

DAY_S = 86_400.0
MAX_COUNT = 2  # cycles that may be skipped
FAILURES = ("sensors", "actuators", "io", "main")


class Bus(NamedTuple):
    """comp: the main processor has finished its cycle; reqi, reqo: data wait to be read and written; count: cycles
    skipped in a row."""

    comp: bool
    reqi: bool
    reqo: bool
    count: int

    @property
    def state(self) -> str:
        """Name of the state."""
        flags = [name for name in ("comp", "reqi", "reqo") if getattr(self, name)]
        return " ".join([*flags, f"skipped {self.count}"])


class Parts(NamedTuple):
    """What the bus sees: the main processor works; input and output processor work with enough devices."""

    main: bool
    reads: bool
    writes: bool

    @property
    def guards(self) -> list[str]:
        """Conditions that hold, or with `!` do not."""
        return [name if holds else f"!{name}" for name, holds in self._asdict().items()]


def embedded(horizon_s: float) -> Program:
    """Everything stops at the first failure of the system, an outage of `sensors`, `actuators`, `io` or `main`.
    Until then, the measure `danger` of `system` is the time (s) in which a processor reboots."""
    b = Builder(horizon_s)
    for group in ("sensors", "actuators", "input ok", "input faulty", "output ok", "output faulty", "main ok",
                  "in time", "intact"):  # fmt: skip
        b.group(group)
    _devices(b, "sensors", 3, 30 * DAY_S, 2)
    _devices(b, "actuators", 2, 60 * DAY_S, 1)
    _processor(b, "input", "sensors")
    _processor(b, "output", "actuators")
    main = Lifecycle("main").state("ok", tags=["ok"]).state("failed")
    main.after(exponential(365 * DAY_S), "ok", "failed", when=["nothing fatal"])
    b.cohort("main processor", main, member={"main ok": ["ok"]})
    _bus(b)
    _failures(b)
    return b.build()


def _devices(b: Builder, name: str, count: int, mean_s: float, least: int) -> None:
    life = Lifecycle(name).state("ok", tags=["ok"]).state("failed")
    life.after(exponential(mean_s), "ok", "failed", when=["nothing fatal"])
    b.cohort(f"fleet of {name}", life, count, member={name: ["ok"]})
    b.condition(f"enough {name}", count_of(name), least)


def _processor(b: Builder, side: str, devices: str) -> None:
    """It stands still without enough devices."""
    life = Lifecycle(side).state("ok", tags=["ok"]).state("faulty", tags=["faulty"]).state("failed")
    when = [f"enough {devices}", "nothing fatal"]
    for state in ("ok", "faulty"):
        life.after(exponential(365 * DAY_S), state, "failed", when=when)
    life.after(exponential(DAY_S), "ok", "faulty", when=when)
    life.after(exponential(30.0), "faulty", "ok", when=when, do=[emit("bus", f"{side} is back")])
    b.cohort(f"{side} processor", life, member={f"{side} ok": ["ok"], f"{side} faulty": ["faulty"]})
    b.condition(f"{side} works", count_of(f"{side} ok"), 1)
    b.condition(f"{side} reboots", count_of(f"{side} faulty"), 1)
    b.condition(f"{side} in use", count_of(b.gate(f"{side} uses", [f"{side} works", f"enough {devices}"])), 2)


def _bus(b: Builder) -> None:
    life, start = Lifecycle("bus"), Bus(comp=True, reqi=True, reqo=False, count=0)
    buses = [Bus(*flags, count) for *flags, count in product((True, False), (True, False), (True, False),
                                                            range(MAX_COUNT + 2))]  # fmt: skip
    for bus in buses:
        life.state(bus.state, tags=["in time"] if bus.count <= MAX_COUNT else [])
    for bus, parts in product(buses, [Parts(*holds) for holds in product((True, False), repeat=3)]):
        life.after(exponential(60.0), bus.state, _timeout(bus, parts).state, when=[*parts.guards, "nothing fatal"],
                   name=f"timeout {bus.state} {parts.guards}")  # fmt: skip
        for side, after in (("input", _input_back(bus, parts)), ("output", _output_back(bus, parts))):
            life.on(f"{side} is back", bus.state, after.state, when=parts.guards,
                    name=f"{side} back {bus.state} {parts.guards}")  # fmt: skip
    bind = {"main": "main fine", "reads": "input in use", "writes": "output in use"}
    b.cohort("bus", life, bind=bind, member={"in time": ["in time"]}, start=start.state)


def _failures(b: Builder) -> None:
    """What is fatal, a latch that stops everything, and the meter of danger."""
    b.condition("main fine", count_of("main ok"), 1, measured="main")
    b.condition("io fine", count_of("in time"), 1, measured="io")
    for side, devices in (("input", "sensors"), ("output", "actuators")):
        fine = b.gate(f"no use or enough {devices}", [f"!{side} works", f"enough {devices}"])
        b.condition(f"{devices} fine", count_of(fine), 1, measured=devices)
    latch = Lifecycle("latch").state("intact", tags=["intact"]).state("over").on("stop", "intact", "over")
    b.cohort("latch", latch, member={"intact": ["intact"]})
    b.condition("nothing fatal", count_of("intact"), 1)
    for failure in FAILURES:
        b.listen(f"{failure} fine", "latch", fall="stop")
    b.condition("no reboot", count_of(b.gate("not rebooting", ["!input reboots", "!output reboots"])), 2)
    b.condition("calm", count_of(b.gate("calm or over", ["no reboot", "!nothing fatal"])), 1, meter="danger")
    b.metric(Metric("system", "danger", "s", "time in danger", "amount", ((1.0, "danger"),)))


def _timeout(bus: Bus, parts: Parts) -> Bus:
    return Bus(
        comp=bus.reqi and not bus.reqo and parts.main,
        reqi=parts.reads or (bus.reqi and (bus.reqo or not parts.main)),
        reqo=not parts.writes and (bus.reqo or (bus.reqi and parts.main)),
        count=0 if bus.comp else min(bus.count + 1, MAX_COUNT + 1),
    )


def _input_back(bus: Bus, parts: Parts) -> Bus:
    reqo = not parts.writes and (bus.reqo or parts.main)
    return Bus(bus.comp or (parts.main and not bus.reqo), True, reqo, bus.count)


def _output_back(bus: Bus, parts: Parts) -> Bus:
    reqi = parts.reads or (bus.reqi and not parts.main)
    return Bus(bus.comp or (bus.reqi and parts.main), reqi, False, bus.count)
