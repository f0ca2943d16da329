"""Kubernetes manifests sorted: workloads with their autoscalers, budgets and services, and the zones of nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from outlast.errors import Problem, ScenarioError, printable, shown
from outlast.exchange.kubernetes_model import (
    APIS,
    MODELS,
    REGION,
    ZONE,
    Budget,
    Hpa,
    Labels,
    Node,
    Part,
    Selector,
    Service,
    Workload,
)
from outlast.exchange.manifests import Findings, Manifest, read_manifests
from outlast.scenario.document import Path

Model = TypeVar("Model", bound=Part)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass
class Found:
    """A workload and what refers to it."""

    manifest: Manifest
    workload: Workload
    name: str
    hpa: tuple[Manifest, Hpa] | None = None
    budget: tuple[Manifest, Budget] | None = None
    service: bool = False

    @property
    def replicas(self) -> int:
        """How many there are without an autoscaler."""
        return self.workload.spec.replicas


@dataclass
class Cluster:
    """What the manifests say.  zones: by region, of nodes."""

    workloads: list[Found] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)
    left_out: list[Problem] = field(default_factory=list)


def read_cluster(files: Iterable[str]) -> Cluster:
    """Workloads and zones of all files.  Raises ScenarioError with every mistake at its place."""
    found = Findings()
    parsed: list[tuple[Manifest, Part]] = []
    for manifest in read_manifests(files):
        try:
            model = _model(manifest, found)
            if model is not None:
                parsed.append((manifest, manifest.read(model)))
        except ScenarioError as error:
            found.problems += error.problems
    cluster = Cluster(left_out=found.left_out)
    for manifest, node in _all(parsed, Node):
        _node(cluster, manifest, node)
    cluster.workloads = _workloads(parsed, found)
    _attach(cluster.workloads, parsed, found)
    found.refuse()
    return cluster


def _model(manifest: Manifest, found: Findings) -> type[Part] | None:
    model = MODELS.get(manifest.kind)
    if model is None:
        found.left_out.append(manifest.problem((), f"objects of kind {printable(manifest.kind)} are not read"))
    elif manifest.api not in APIS[manifest.kind]:
        hint = f"known: {', '.join(APIS[manifest.kind])}"
        at: Path = ("apiVersion",)
        found.problems.append(manifest.problem(at, f"an old or unknown version (got {shown(manifest.api)})", hint))
        return None
    return model


def _all(parsed: list[tuple[Manifest, Part]], model: type[Model]) -> list[tuple[Manifest, Model]]:
    return [(manifest, part) for manifest, part in parsed if isinstance(part, model)]


def _node(cluster: Cluster, manifest: Manifest, node: Node) -> None:
    labels = node.metadata.labels
    if ZONE not in labels:
        cluster.left_out.append(manifest.problem(("metadata", "labels"), f"no label {ZONE}: its zone is not known"))
        return
    zones = cluster.zones.setdefault(str(labels.get(REGION, "")), [])
    if str(labels[ZONE]) not in zones:
        zones.append(str(labels[ZONE]))


def _workloads(parsed: list[tuple[Manifest, Part]], found: Findings) -> list[Found]:
    """Workloads with names that are theirs alone."""
    workloads = _all(parsed, Workload)
    seen: dict[tuple[str, str, str], Manifest] = {}
    result: list[Found] = []
    for manifest, workload in workloads:
        same = (workload.kind, workload.metadata.namespace, workload.metadata.name)
        if same in seen:
            first = seen[same].problem((), "").line
            message = f"is given twice; first on line {first} of {seen[same].document.file}"
            found.problems.append(manifest.problem(("metadata", "name"), message, "keep one of the two"))
        elif workload.spec.replicas == 0 and not _scaled(parsed, workload):
            found.left_out.append(manifest.problem(("spec", "replicas"), "has no replicas"))
        else:
            alone = sum(w.metadata.name == workload.metadata.name for _, w in workloads) == 1
            result.append(Found(manifest, workload, _name(workload, alone)))
        seen.setdefault(same, manifest)
    return result


def _name(workload: Workload, alone: bool) -> str:
    parts = [workload.metadata.name]
    if not alone:
        parts = [workload.metadata.namespace, workload.metadata.name, workload.kind.lower()]
    return _UNSAFE.sub("-", "-".join(parts)).lstrip("-._")[:60] or "workload"


def _scaled(parsed: list[tuple[Manifest, Part]], workload: Workload) -> bool:
    return any(_refers(hpa, workload) for _, hpa in _all(parsed, Hpa))


def _refers(hpa: Hpa, workload: Workload) -> bool:
    target = hpa.spec.scaleTargetRef
    here = (hpa.metadata.namespace, target.kind, target.name)
    return here == (workload.metadata.namespace, workload.kind, workload.metadata.name)


def _attach(workloads: list[Found], parsed: list[tuple[Manifest, Part]], found: Findings) -> None:
    """Give each workload its autoscaler, budget and services; name those that refer to none."""
    for manifest, hpa in _all(parsed, Hpa):
        targets = [each for each in workloads if _refers(hpa, each.workload)]
        if not targets:
            target = f"{hpa.spec.scaleTargetRef.kind} {hpa.spec.scaleTargetRef.name}"
            found.left_out.append(manifest.problem(("spec", "scaleTargetRef"), f"no {target} in these files"))
        elif targets[0].hpa is not None:
            found.problems.append(manifest.problem(("spec", "scaleTargetRef"), "has another autoscaler already"))
        else:
            targets[0].hpa = (manifest, hpa)
    for manifest, budget in _all(parsed, Budget):
        chosen = [each for each in workloads if _selects(budget.spec.selector, budget.metadata.namespace, each)]
        if budget.spec.selector.matchExpressions:
            found.left_out.append(manifest.problem(("spec", "selector", "matchExpressions"), "is not read"))
        elif not chosen:
            found.left_out.append(manifest.problem(("spec", "selector"), "selects no workload of these files"))
        for each in chosen:
            each.budget = (manifest, budget)
    for manifest, service in _all(parsed, Service):
        selector = Selector(matchLabels=service.spec.selector)
        chosen = [each for each in workloads if _selects(selector, service.metadata.namespace, each)]
        if service.spec.selector and not chosen:
            found.left_out.append(manifest.problem(("spec", "selector"), "selects no workload of these files"))
        for each in chosen if service.spec.selector else []:
            each.service = True


def _selects(selector: Selector, namespace: str, found: Found) -> bool:
    labels: Mapping[str, Any] = found.workload.spec.template.metadata.labels
    wanted: Labels = selector.matchLabels
    return (
        not selector.matchExpressions
        and namespace == found.workload.metadata.namespace
        and all(key in labels and str(labels[key]) == str(value) for key, value in wanted.items())
    )
