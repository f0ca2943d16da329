"""Which features of a program fired in a run: read off the trace, one row at a time, with the program's tables.

A feature counts when it had an effect on the run (its row fired, its condition flipped, its sample was used again),
not when the program merely contains it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from outlast.engines.outcome import Outcome
from outlast.program import Program
from outlast.program import tables as T
from outlast.stats import distributions as laws

LAWS = ("deterministic", "exponential", "weibull", "lognormal", "uniform", "triangular", "gamma", "mixture",
        "empirical", "grid")  # fmt: skip

FEATURES: tuple[str, ...] = (
    *(f"verb {v}" for v in T.VERBS),
    *(f"scatter {o}" for o in T.ORDERS), "scatter with tags", "scatter heard",
    *(f"policy {p}" for p in T.POLICIES),
    "resume used its memory", "repeat repeated", "aged with an age", "carry carried on", "age at the start",
    "forget an age", "forget a sample",
    "guard true", "guard false", "guard on a signal", "guards rechecked",
    *(f"delay {law}" for law in LAWS[:-1]), "delay grid", "grid with drawn phase", "delay of zero",
    *(f"scaled by {s}" for s in T.SOURCES if s != "site use"),
    *(f"divided by {s}" for s in ("group", "profile", "service", "stock")),
    *(f"condition on {s}" for s in T.SOURCES if s != "stock"), "condition on gate", "condition heard",
    "gate wants false", "outage with a cause", "meter of false time",
    "pool with priorities", "preemption", "calendar capacity", "amount above 1", "withdrawal", "asked again",
    "watch up", "watch down", "rollback with a point", "rollback to the start", "clean rollback of taint",
    "three tiers", "stock follows its source", "set by a draw", "loss", "profile steps",
    "service", "several terms", "several sites", "retry", "need failed", "reach lost", "live lost", "listed lost",
    "upstream service", "routes",
    "controller up", "controller down", "controller of a mean", "controller of a total",
    *(f"meter {r}" for r in T.REDUCTIONS), "meter of a pool", "windows", "warm-up",
    "origin", "cause passed on", "cases", "stay row", "part logged", "self transition", "signal ignored",
    "paired slots", "tie",
)  # fmt: skip


Row = dict[str, Any]


def _rows(table: np.ndarray) -> list[Row]:
    """A table as plain dictionaries: reading NumPy records one field at a time is slow."""
    names = table.dtype.names or ()
    return [dict(zip(names, row, strict=True)) for row in table.tolist()]


def fired(program: Program, outcome: Outcome) -> set[str]:
    """Names out of FEATURES that fired; the outcome must be traced."""
    return set(_Reading(program, outcome).features())


class _Unit:
    """What is known of one unit while its trace is read."""

    def __init__(self, state: int) -> None:
        self.state, self.since = state, 0.0
        self.left: dict[int, int] = {}  # memory slot -> row whose clock was stopped while it ran
        self.aged: set[int] = set()
        self.carried: set[int] = set()
        self.claims: dict[int, str] = {}
        self.cause = T.NONE


class _Reading:
    def __init__(self, program: Program, outcome: Outcome) -> None:
        self.p, self.o = program, outcome
        self.t = {name: _rows(table) for name, table in program.tables.items()}
        self.seen: set[str] = set()
        self.cohort_of = [self.t["cohorts"][owner["cohort"]] for owner in self.t["owners"]]
        self.units = [_Unit(cohort["initial"]) for cohort in self.cohort_of]
        self.row_of = {c: t for t, row in enumerate(self.t["transitions"]) for c in range(row["c0"], row["c1"])}
        self.asked: dict[int, set[int]] = {}  # pool -> priorities
        self.tiers: dict[int, set[int]] = {}
        self.tainted: set[int] = set()
        self.routed: dict[int, set[int]] = {}
        self.scattered: set[int] = set()  # signals
        self.heard: set[int] = set()  # signals of conditions
        self.revoking = {int(e["dist"]) for e in self.t["effects"] if e["op"] == T.REQUEST and e["dist"] >= 0}
        self.flipped: set[int] = set()

    def features(self) -> Iterator[str]:
        readers = {T.FIRED: self._fired, T.FLIP: self._flip, T.WATCH: self._watch, T.LOSS: self._loss,
                   T.SCALE: self._scale}  # fmt: skip
        for row in _rows(self.o.log):
            reader = readers.get(row["kind"])
            if reader is not None:
                reader(row)
        yield from self.seen
        yield from self._whole_run()
        yield from self._services()

    # -- firings --------------------------------------------------------------------------------------------
    def _fired(self, log: Row) -> None:
        unit, case, now = log["a"], log["b"], log["time"]
        t, me = self.row_of[case], self.units[unit]
        row = self.t["transitions"][t]
        cohort = self.cohort_of[unit]
        self._cause(row, unit, me, log["cause"])
        self._choice(row, case, me)
        if row["signal"] < 0:
            self._timed(row, t, me, cohort, now)
        else:
            self._signalled(row, me)
        case_row = self.t["cases"][case]
        for e in range(case_row["e0"], case_row["e1"]):
            self._effect(self.t["effects"][e], me, cohort, unit)
        if case_row["target"] >= 0:
            self._move(me, t, int(case_row["target"]), now)

    def _cause(self, row: Row, unit: int, me: _Unit, cause: int) -> None:
        if row["origin"] and me.cause not in (T.NONE, unit):
            self.seen.add("origin")
        if cause not in (T.NONE, unit):
            self.seen.add("cause passed on")
        me.cause = cause

    def _choice(self, row: Row, case: int, me: _Unit) -> None:
        if row["c1"] - row["c0"] > 1 and case > row["c0"]:
            self.seen.add("cases")
        target = self.t["cases"][case]["target"]
        if target == T.NONE:
            self.seen.add("stay row")
        elif target == me.state:
            self.seen.add("self transition")

    def _timed(self, row: Row, t: int, me: _Unit, cohort: Row, now: float) -> None:
        policy, memory = row["policy"], row["memory"]
        self.seen.add(f"policy {T.POLICIES[policy]}")
        self._guards(row)
        self._delay(self.t["dists"][row["dist"]], me, now)
        if memory >= 0:
            if policy != T.AGED and memory in me.left:
                self.seen.add("resume used its memory" if policy == T.RESUME else "repeat repeated")
                del me.left[memory]
            if policy == T.AGED and memory in me.aged:
                self.seen.add("aged with an age")
            me.aged.add(memory)
        if row["age"] >= 0:
            self.seen.add("age at the start")
        if policy == T.CARRY and row["clock"] in me.carried:
            self.seen.add("carry carried on")
        me.carried.discard(row["clock"])

    def _guards(self, row: Row) -> None:
        for g in range(row["g0"], row["g1"]):
            guard = self.t["guards"][g]
            self.seen.add("guard true" if guard["want"] else "guard false")

    def _delay(self, law: Row, me: _Unit, now: float) -> None:
        self.seen.add(f"delay {LAWS[law['kind']]}")
        if law["kind"] == laws.GRID and law["b"] < 0:
            self.seen.add("grid with drawn phase")
        if now == me.since and law["kind"] == laws.DETERMINISTIC and law["a"] == 0:
            self.seen.add("delay of zero")
        if law["source"] >= 0:
            self.seen.add(f"{'divided' if law['inverted'] else 'scaled'} by {T.SOURCES[law['source']]}")

    def _signalled(self, row: Row, me: _Unit) -> None:
        signal = row["signal"]
        if row["g1"] > row["g0"]:
            self.seen.add("guard on a signal")
        if signal in self.revoking:
            self.seen.add("preemption")
        if signal in self.scattered:
            self.seen.add("scatter heard")
        if signal in self.heard:
            self.seen.add("condition heard")
        for claim, status in me.claims.items():
            if status == f"queued {signal}":
                me.claims[claim] = "held"
            elif status == f"queued {signal} much":
                self.seen.add("amount above 1")
                me.claims[claim] = "held"

    def _move(self, me: _Unit, fired_row: int, target: int, now: float) -> None:
        """Clocks that ran and were stopped, or that run on: only rows without guards are sure to have run."""
        old, new = self.t["states"][me.state], self.t["states"][target]
        following = {int(self.t["transitions"][n]["clock"]) for n in range(new["t0"], new["t1"])
                     if self.t["transitions"][n]["g0"] == self.t["transitions"][n]["g1"]}  # fmt: skip
        carried = set()
        for t in range(old["t0"], old["t1"]):
            row = self.t["transitions"][t]
            if t == fired_row or row["g1"] > row["g0"]:
                continue
            if row["policy"] == T.CARRY and row["clock"] in following and now > me.since:
                carried.add(row["clock"])
            elif row["memory"] >= 0 and now > me.since:
                (me.aged.add if row["policy"] == T.AGED else lambda m, t=t: me.left.update({m: t}))(row["memory"])
        me.carried = carried | (me.carried & following)
        me.state, me.since = target, now

    # -- effects --------------------------------------------------------------------------------------------
    def _effect(self, e: Row, me: _Unit, cohort: Row, unit: int) -> None:
        op = int(e["op"])
        self.seen.add(f"verb {T.VERBS[op]}")
        item = T.NONE
        if e["slot"] >= 0:
            slot = self.t["slots"][cohort["slot0"] + e["slot"]]
            item = int(slot["base"] + slot["stride"] * (unit - cohort["first"]))
            if slot["stride"]:
                self.seen.add("paired slots")
        special = {T.REQUEST: self._request, T.RELEASE: self._release, T.SCATTER: self._scatter, T.COMMIT: self._commit,
                   T.TAINT: self._taint, T.ROLLBACK: self._rollback, T.SET: self._set, T.ROUTE: self._route,
                   T.FORGET: self._forget}.get(op)  # fmt: skip
        if special is not None:
            special(e, me, item)

    def _request(self, e: Row, me: _Unit, pool: int) -> None:
        claim = e["i"]
        if me.claims.get(claim, "").startswith("queued"):
            self.seen.add("asked again")
        me.claims[claim] = f"queued {int(e['signal'])}" + (" much" if e["k"] > 1 else "")
        self.asked.setdefault(pool, set()).add(e["j"])

    def _release(self, e: Row, me: _Unit, _: int) -> None:
        if me.claims.get(e["i"], "").startswith("queued"):
            self.seen.add("withdrawal")
        me.claims[e["i"]] = ""

    def _scatter(self, e: Row, _: _Unit, __: int) -> None:
        self.seen.add(f"scatter {T.ORDERS[e['k']]}")
        if e["tag"]:
            self.seen.add("scatter with tags")
        self.scattered.add(e["signal"])

    def _commit(self, e: Row, _: _Unit, stock: int) -> None:
        self.tiers.setdefault(stock, set()).add(e["i"])

    def _taint(self, _: Row, __: _Unit, stock: int) -> None:
        self.tainted.add(stock)

    def _rollback(self, e: Row, _: _Unit, stock: int) -> None:
        kept = [tier for tier in self.tiers.get(stock, ()) if tier >= e["i"]]
        self.seen.add("rollback with a point" if kept else "rollback to the start")
        if e["j"] and stock in self.tainted:
            self.seen.add("clean rollback of taint")

    def _set(self, e: Row, _: _Unit, __: int) -> None:
        if e["draw"] >= 0:
            self.seen.add("set by a draw")

    def _route(self, e: Row, _: _Unit, service: int) -> None:
        self.routed.setdefault(service, {0}).add(e["i"])

    def _forget(self, e: Row, _: _Unit, __: int) -> None:
        self.seen.add("forget an age" if e["k"] else "forget a sample")

    # -- conditions, stocks -----------------------------------------------------------------------------------
    def _flip(self, log: Row) -> None:
        c = log["a"]
        row = self.t["conditions"][c]
        self.flipped.add(c)
        self.seen.add(f"condition on {T.SOURCES[row['kind']]}")
        if row["kind"] == T.GROUP and any(p["group"] == row["object"] for p in self.t["parents"]):
            self.seen.add("condition on gate")
        if row["q1"] > row["q0"]:
            self.seen.add("guards rechecked")
        if row["meter"] >= 0:
            self.seen.add("meter of false time")
        if any(not self.t["parents"][p]["want"] for p in range(row["p0"], row["p1"])):
            self.seen.add("gate wants false")
        for listen in self.t["listens"][row["l0"] : row["l1"]]:
            self.heard.add(listen["rise"] if log["b"] else listen["fall"])

    def _watch(self, log: Row) -> None:
        stock = self.t["stocks"][log["a"]]
        for w in self.t["watches"][stock["w0"] : stock["w1"]]:
            if w["level"] == log["x"]:
                self.seen.add("watch up" if w["up"] else "watch down")

    def _loss(self, log: Row) -> None:
        if log["x"] > 0:
            self.seen.add("loss")

    def _scale(self, log: Row) -> None:
        total = self.t["controllers"][log["a"]]["total"]
        self.seen.add("controller up" if log["y"] > log["x"] else "controller down")
        self.seen.add("controller of a total" if total else "controller of a mean")

    # -- the run as a whole -------------------------------------------------------------------------------------
    def _whole_run(self) -> Iterator[str]:
        kinds = set(self.o.log["kind"].tolist())
        stepped = set(self.o.log["a"][self.o.log["kind"] == T.STEP].tolist())
        found: dict[str, Any] = {
            "pool with priorities": any(len(p) > 1 for p in self.asked.values()),
            "calendar capacity": any(self.t["fed"][f]["pool"] in self.asked for s in stepped for f in range(
                self.t["profiles"][s]["pool0"], self.t["profiles"][s]["pool1"])),
            "profile steps": stepped,
            "three tiers": any(len(t) == T.TIERS for t in self.tiers.values()),
            "routes": any(len(r) > 1 for r in self.routed.values()),
            "part logged": T.STAY in kinds,
            "outage with a cause": (self.o.log["cause"][self.o.log["kind"] == T.OUTAGE] >= 0).any(),
            "windows": self.p.window > 0 and len(self.p.windows) > 2,
            "warm-up": self.p.warm_up > 0,
            "tie": len(np.unique(self.o.log["time"])) < len(self.o.log),
            "stock follows its source": any(s["node"] >= 0 and s["owner"] >= 0 and self._gains(s["owner"])
                                           for s in self.t["stocks"]),
            "meter of a pool": any(m >= 0 and self.o.sums[:, m].any() for p in self.t["pools"]
                                   for m in (p["held_meter"], p["queue_meter"])),
        }  # fmt: skip
        yield from (name for name, holds in found.items() if holds)
        for m, meter in enumerate(self.t["meters"]):
            if self.o.sums[:, m].any():
                yield f"meter {T.REDUCTIONS[meter['reduction']]}"
        if T.FIRED in kinds:
            yield from self._ignored()

    def _gains(self, unit: int) -> bool:
        cohort = self.cohort_of[unit]
        return any(state["gain"] for state in self.t["states"][cohort["state0"] : cohort["state1"]])

    def _ignored(self) -> Iterator[str]:
        """A signal that was sent by name but that some unit's states do not all listen for."""
        heard = {(r["state"], r["signal"]) for r in self.t["transitions"] if r["signal"] >= 0}
        if any((s, signal) not in heard for s in {me.state for me in self.units} for signal in self.scattered):
            yield "signal ignored"

    def _services(self) -> Iterator[str]:
        for service in self.t["services"]:
            served = service["meter0"] >= 0 and self.o.sums[:, service["meter0"] + T.SERVED].any()
            if not served:
                continue
            yield "service"
            if service["retry"] > 0:
                yield "retry"
            if service["s1"] - service["s0"] > 1:
                yield "several sites"
            if service["kind"] == T.SERVICE_FIELD:
                yield "upstream service"
            if any(n["condition"] in self.flipped for n in self.t["needs"][service["n0"] : service["n1"]]):
                yield "need failed"
            for site in self.t["sites"][service["s0"] : service["s1"]]:
                yield from self._site(site)

    def _site(self, site: Row) -> Iterator[str]:
        terms = self.t["terms"][site["t0"] : site["t1"]]
        if len(terms) > 1:
            yield "several terms"
        if site["reach"] in self.flipped:
            yield "reach lost"
        if any(t["live"] in self.flipped for t in terms):
            yield "live lost"
        if any(t["listed"] in self.flipped for t in terms):
            yield "listed lost"
