"""Dynamic fault trees as programs: an event is a unit, a gate a condition, a spare gate a unit that picks inputs."""

from __future__ import annotations

from typing import Any

from verification import HOUR_S

from outlast.program import Builder, Each, Program, count_of, emit
from outlast.program.model import Lifecycle
from outlast.stats.distributions import exponential

Model = dict[str, Any]  # the `model` of a record: top, gates, basic_events


def fault_trees(model: Model, trees: int, horizon: float) -> Program:
    """`trees` independent copies; the failure of the n-th top is the outage of `tree-n`.  A time unit is an hour."""
    assert not model["dependencies"], "functional dependencies are `failure_strikes` of a component"
    b = Builder(horizon * HOUR_S)
    spares = {name: gate["inputs"] for name, gate in model["gates"].items() if gate["type"] == "spare"}
    for name, event in model["basic_events"].items():
        users = [gate for gate, inputs in spares.items() if name in inputs]
        _watched(b, name, "works", trees)
        if users:
            _watched(b, name, "idle", trees)
        start = next((f"for {gate}" for gate in users if spares[gate][0] == name), "idle" if users else "works")
        member = [(Each(f"{name} {tag} 0"), (tag,)) for tag in (["works", "idle"] if users else ["works"])]
        b.cohort(name, _event(name, event, users), trees, bind={g: Each(g) for g in users}, member=member, start=start)
    for name, inputs in spares.items():
        _watched(b, name, "works", trees)
        bind = {f"{x} idle": Each(f"{x} idle 0 holds") for x in inputs[1:]} | {x: Each(x) for x in inputs[1:]}
        b.cohort(name, _spare_gate(name, inputs), trees, bind=bind, member=[(Each(f"{name} works 0"), ("works",))])
    for tree in range(trees):
        for name, gate in model["gates"].items():
            if gate["type"] != "spare":
                _gate(b, name, gate, tree)
        b.condition(f"tree-{tree} ok", count_of(b.gate(f"tree-{tree}", [f"{model['top']} works {tree} holds"])), 1,
                    measured=f"tree-{tree}")  # fmt: skip
    return b.build()


def _watched(b: Builder, name: str, tag: str, trees: int) -> None:
    """A group and a condition for every copy."""
    for tree in range(trees):
        b.group(f"{name} {tag} {tree}")
    for tree in range(trees):
        b.condition(f"{name} {tag} {tree} holds", count_of(f"{name} {tag} {tree}"), 1)


def _event(name: str, event: dict[str, float], users: list[str]) -> Lifecycle:
    """Fails at its rate, not in use at a part of it; a gate that uses it is told."""
    life, rate = Lifecycle(name), event["rate"] / HOUR_S
    if not users:
        return life.state("works", tags=["works"]).state("failed").after(exponential(1 / rate), "works", "failed")
    life.state("idle", tags=["works", "idle"])
    if event["rate_factor_when_not_in_use"] > 0:
        life.state("failed").after(exponential(1 / (rate * event["rate_factor_when_not_in_use"])), "idle", "failed")
    for gate in users:
        life.state(f"for {gate}", tags=["works"]).on(f"taken by {gate}", "idle", f"for {gate}")
        life.after(exponential(1 / rate), f"for {gate}", "failed", do=[emit(gate, "lost")])
    if "failed" not in life.states:
        life.state("failed")
    return life


def _spare_gate(name: str, inputs: list[str]) -> Lifecycle:
    """Uses the first input; when that is lost, the next one that is idle, else it fails."""
    life = Lifecycle(name)
    for x in inputs:
        life.state(f"on {x}", tags=["works"])
    life.state("failed")
    for i, x in enumerate(inputs):
        for y in inputs[i + 1 :]:
            life.on("lost", f"on {x}", f"on {y}", do=[emit(y, f"taken by {name}")], when=[f"{y} idle"])
        life.on("lost", f"on {x}", "failed")
    return life


def _gate(b: Builder, name: str, gate: dict[str, Any], tree: int) -> None:
    """Counts the inputs that work."""
    n = len(gate["inputs"])
    level = {"or": n, "and": 1, "k_failed": n - gate.get("k", 0) + 1}[gate["type"]]
    works = b.gate(f"{name} works {tree}", [f"{x} works {tree} holds" for x in gate["inputs"]])
    b.condition(f"{name} works {tree} holds", count_of(works), level)
