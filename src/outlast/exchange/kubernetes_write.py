"""A scenario scaffold from Kubernetes manifests.

Manifests say how many replicas run where, how soon a failure is noticed, and how an autoscaler behaves.  They do not
say how often anything fails, how long a start takes, or how much load there is: those values are placeholders, marked
`to be measured` in the YAML and listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from outlast.errors import Problem, UsageError, printable
from outlast.exchange.kubernetes_model import ZONE, Container, Policy, Probe, Rules
from outlast.exchange.kubernetes_read import Cluster, Found
from outlast.exchange.texts import duration_text, share_text
from outlast.scenario import from_dict
from outlast.scenario.document import Path
from outlast.scenario.problems import in_order

TO_MEASURE = "to be measured"
EVERY_S = 15  # the autoscaler's sync period: a flag of the controller manager, in no manifest
NOTICE_S = 40  # from the last sign of life of a node until it counts as lost, by default
EVICT_S = 300  # default of Kubernetes: tolerationSeconds for nodes that are lost
START_S = 60
CAPACITY = 100
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


@dataclass(frozen=True)
class Said:
    """A value of the scaffold and its comment."""

    value: Any
    comment: str = ""


@dataclass
class Scaffold:
    """sections: mappings down to `Said`.  left_out: what the manifests say besides."""

    sections: dict[str, Any]
    left_out: list[Problem] = field(default_factory=list)

    def text(self) -> str:
        """The scenario as YAML."""
        head = "# Read from Kubernetes manifests. Lines marked `to be measured` hold placeholders, not facts.\n"
        return head + "".join(line + "\n" for line in _lines(self.sections, 0))

    def data(self) -> dict[str, Any]:
        """The scenario as plain values."""
        return _plain(self.sections)

    def check(self) -> None:
        """Raises ScenarioError where a name or value of the manifests cannot stand in a scenario."""
        from_dict(self.data())

    def to_measure(self) -> list[tuple[str, str]]:
        """(dotted path, value) of every placeholder."""
        return [(".".join(path), _flow(said.value)) for path, said in _walk(self.sections, ())
                if said.comment.startswith(TO_MEASURE)]  # fmt: skip


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value.value if isinstance(value, Said) else _plain(value) for key, value in data.items()}


def _walk(data: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Said]]:
    for key, value in data.items():
        if isinstance(value, Said):
            yield (*above, key), value
        else:
            yield from _walk(value, (*above, key))


def _lines(data: dict[str, Any], depth: int) -> Iterator[str]:
    for key, value in data.items():
        start = "  " * depth + f"{_flow(key)}:"
        if isinstance(value, Said):
            yield f"{start} {_flow(value.value)}" + (f"   # {printable(value.comment)}" if value.comment else "")
        else:
            yield start
            yield from _lines(value, depth + 1)


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def scaffold(cluster: Cluster, name: str, region: str = "", zones: tuple[str, ...] = ()) -> Scaffold:
    """The scenario.  region, zones: in place of those of nodes and affinities.  Raises UsageError."""
    if not cluster.workloads:
        raise UsageError("no Deployment or StatefulSet was found", "`kubectl get deploy,sts,hpa,pdb,svc,nodes -o yaml`")
    place = _place(cluster, region, zones)
    maker = _Maker(cluster, place, list(_zones(cluster, place, zones)))
    return Scaffold(maker.sections(name), in_order(cluster.left_out))


def _place(cluster: Cluster, region: str, zones: tuple[str, ...]) -> str:
    known = [each for each in cluster.zones if each]
    if region or zones or not known:
        return region or (known[0] if len(known) == 1 else "cluster")
    if len(known) > 1:
        hint = "import one cluster at a time, or say --region NAME to take all zones as those of one region"
        raise UsageError(f"the nodes are in several regions: {', '.join(known[:5])}", hint)
    return known[0]


def _zones(cluster: Cluster, place: str, zones: tuple[str, ...]) -> Iterator[str]:
    """Zones that were asked for; else those of nodes; else those that pods must run in."""
    found = list(zones) or [zone for each in cluster.zones.values() for zone in each]
    if not found:
        found = [zone for each in cluster.workloads for zone in each.workload.spec.template.spec.zones()]
    yield from dict.fromkeys(zone.replace(".", "-") for zone in found)


class _Maker:
    def __init__(self, cluster: Cluster, region: str, zones: list[str]) -> None:
        self.cluster, self.region, self.zones = cluster, region, zones

    def _lose(self, found: Found, at: Path, why: str) -> None:
        self.cluster.left_out.append(found.manifest.problem(at, why))

    def sections(self, name: str) -> dict[str, Any]:
        region: dict[str, Any] | Said = Said({}, "no zone is known: nodes, or --zones, would name them")
        if self.zones:
            outage = {"every": {"exponential": "5 y"}, "lasts": {"exponential": "2 h"}}
            region = {"zones": Said(self.zones), "zone_outage": Said(outage, TO_MEASURE)}
        components = {found.name: self._component(found) for found in self.cluster.workloads}
        return {"scenario": Said(name), "horizon": Said("1 y"), "regions": {self.region: region},
                "components": components}  # fmt: skip

    def _component(self, found: Found) -> dict[str, Any]:
        self._unread(found)
        if found.workload.kind == "Deployment" and (found.service or found.hpa is not None):
            return self._endpoint(found)
        return self._items(found)

    def _unread(self, found: Found) -> None:
        """Name what a workload says that has no counterpart."""
        value = found.manifest.value
        spec, pod = value["spec"], value["spec"]["template"]["spec"]
        for key in ("strategy", "updateStrategy"):
            if spec.get(key):
                self._lose(found, ("spec", key), "rollouts are not simulated")
        at: Path = ("spec", "template", "spec")
        for key, why in (("priorityClassName", "preemption of pods is not simulated"),
                         ("initContainers", "count them in the start time that you measure")):  # fmt: skip
            if pod.get(key):
                self._lose(found, (*at, key), why)
        affinity = found.workload.spec.template.spec.affinity
        for key in ("podAffinity", "podAntiAffinity"):
            if getattr(affinity, key):
                self._lose(
                    found, (*at, "affinity", key), "replicas are spread evenly over zones; nodes are not modelled"
                )
        if affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution:
            self._lose(found, (*at, "affinity", "nodeAffinity"), "preferred nodes are not read")
        for i, spread in enumerate(found.workload.spec.template.spec.topologySpreadConstraints):
            here: Path = (*at, "topologySpreadConstraints", i)
            if spread.topologyKey != ZONE:
                self._lose(found, here, f"only spreading over zones is read ({ZONE})")
            elif spread.maxSkew > 1 or spread.whenUnsatisfiable == "ScheduleAnyway":
                self._lose(found, here, "read as an even spread (maxSkew 1, DoNotSchedule)")

    def _spread(self, found: Found) -> str:
        """A comment on how replicas are spread."""
        spread = found.workload.spec.template.spec.topologySpreadConstraints
        if len(self.zones) < 2 or any(each.topologyKey == ZONE for each in spread):
            return ""
        return "assumed: spread evenly over the zones, though no topologySpreadConstraint says so"

    def _endpoint(self, found: Found) -> dict[str, Any]:
        pod = found.workload.spec.template.spec
        if set(pod.zones()) & set(self.zones) not in (set(), set(self.zones)):
            self._lose(found, ("spec", "template", "spec"), "an endpoint is in all zones of its region: the zones "
                       "that its pods must run in are not read")  # fmt: skip
        least = found.hpa[1].spec.minReplicas if found.hpa is not None else found.replicas
        demand = {"constant": f"{max(1, least * CAPACITY // 2)} req/s"}
        made: dict[str, Any] = {
            "kind": Said("serving_endpoint"),
            "regions": Said({self.region: "active"}, self._spread(found)),
            "demand": Said(demand, TO_MEASURE),
            "replica": self._replica(found),
        }
        if self.zones:
            made["zone_detection"] = Said(f"{NOTICE_S} s", "assumed: default of Kubernetes until a node counts as lost")
        if found.hpa is not None:
            made["autoscale"] = _Scaling(self, found).autoscale()
        if found.budget is not None:
            manifest, _ = found.budget
            why = f"of {found.name}: drains of an endpoint are not simulated"
            self.cluster.left_out.append(manifest.problem(("spec",), why))
        return made

    def _replica(self, found: Found) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if found.hpa is None:
            made["count"] = Said(found.replicas)
        elif "replicas" in found.manifest.value["spec"]:
            self._lose(found, ("spec", "replicas"), "the autoscaler decides: it starts with minReplicas")
        return {
            **made,
            "capacity": Said(f"{CAPACITY} req/s", f"{TO_MEASURE}: what one replica serves at most"),
            "time_to_failure": Said({"exponential": "30 d"}, TO_MEASURE),
            "detection": self._detection(found),
            "restart": self._restart(found),
        }

    def _items(self, found: Found) -> dict[str, Any]:
        """Replicas of which some must be up."""
        count = found.replicas if found.hpa is None else max(found.replicas, found.hpa[1].spec.minReplicas)
        if found.hpa is not None:
            self.cluster.left_out.append(found.hpa[0].problem((), "only endpoints (a Deployment) are autoscaled"))
        needed = Said(1, f"{TO_MEASURE}: how many must be up for it to work")
        if found.budget is not None:
            manifest, budget = found.budget
            least = max(1, min(count, budget.spec.needed(count)))
            needed = Said(least, f"assumed: what {manifest} keeps up")
        pinned = [zone for zone in found.workload.spec.template.spec.zones() if zone in self.zones]
        at: Any = f"{self.region}.*" if self.zones else self.region
        if pinned and len(pinned) < len(self.zones):
            at = [f"{self.region}.{zone}" for zone in pinned]
        return {
            "kind": Said("component"),
            "count": Said(count),
            "needs_up": needed,
            "at": Said(at, self._spread(found) if not isinstance(at, list) else ""),
            "time_to_failure": Said({"exponential": "30 d"}, TO_MEASURE),
            "detection": self._detection(found),
            "repair": {"lasts": self._restart(found)},
        }

    def _probe(self, found: Found, which: str) -> Probe | None:
        """The probe that notices first, of all containers."""
        containers: list[Container] = found.workload.spec.template.spec.containers
        probes = [probe for each in containers if (probe := getattr(each, which)) is not None]
        return min(probes, key=lambda probe: probe.latest, default=None)

    def _detection(self, found: Found) -> Said:
        """Until the load balancer stops sending requests: by the readiness probe, else the liveness probe."""
        for which in ("readinessProbe", "livenessProbe"):
            probe = self._probe(found, which)
            if probe is not None:
                why = f"{which}: {probe.failureThreshold} tries, {probe.periodSeconds} s apart"
                law = {"uniform": {"low": f"{probe.soonest} s", "high": f"{probe.latest} s"}}
                return Said(law, why)
        return Said("0 s", f"{TO_MEASURE}: no probe; only a crash is noticed, and at once")

    def _restart(self, found: Found) -> Said:
        """From the detection until it serves: the liveness probe kills it, it starts, a first probe succeeds."""
        ready, live = self._probe(found, "readinessProbe"), self._probe(found, "livenessProbe")
        seconds, parts = float(START_S), [f"a start of {START_S} s"]
        delay = max((p.initialDelaySeconds for p in (ready, self._probe(found, "startupProbe")) if p), default=0)
        if delay:
            seconds, parts = seconds + delay, [*parts, f"initialDelaySeconds {delay}"]
        if ready is not None and live is not None and live.latest > ready.latest:
            later = (live.soonest + live.latest - ready.soonest - ready.latest) / 2.0
            seconds, parts = seconds + later, [*parts, f"{later:g} s until the livenessProbe restarts it"]
        return Said(duration_text(seconds), f"{TO_MEASURE}: {', '.join(parts)}")


class _Scaling:
    """One HorizontalPodAutoscaler as `autoscale`."""

    def __init__(self, maker: _Maker, found: Found) -> None:
        assert found.hpa is not None
        self.maker, self.found = maker, found
        self.manifest, self.hpa = found.hpa

    def _lose(self, at: Path, why: str) -> None:
        self.maker.cluster.left_out.append(self.manifest.problem(at, why))

    def autoscale(self) -> dict[str, Any]:
        spec, behavior = self.hpa.spec, self.hpa.spec.behavior
        made: dict[str, Any] = {"target": self._target(), "min": Said(spec.minReplicas), "max": Said(spec.maxReplicas)}
        if behavior.scaleUp.stabilizationWindowSeconds:
            self._lose(("spec", "behavior", "scaleUp", "stabilizationWindowSeconds"), "starts are not held back")
        if behavior.scaleDown.stabilizationWindowSeconds is not None:
            made["scale_down_after"] = Said(duration_text(float(behavior.scaleDown.stabilizationWindowSeconds)))
        for key, field_, rules in (
            ("scaleUp", "scale_up", behavior.scaleUp),
            ("scaleDown", "scale_down", behavior.scaleDown),
        ):
            step = self._step(key, rules)
            if step is not None:
                made[field_] = step
        evict = [t.tolerationSeconds for t in self.found.workload.spec.template.spec.tolerations
                 if t.key in _TAINTS and t.effect in ("", "NoExecute") and t.tolerationSeconds is not None]  # fmt: skip
        if self.maker.zones and evict and min(evict) != EVICT_S:
            why = f"tolerationSeconds {min(evict)}, and {NOTICE_S} s (assumed) until a node counts as lost"
            made["replace_after"] = Said(duration_text(float(min(evict) + NOTICE_S)), why)
        return made

    def _target(self) -> Said:
        """The target of CPU use; the first metric that has one."""
        spec = self.hpa.spec
        if spec.targetCPUUtilizationPercentage is not None:
            return self._percent(spec.targetCPUUtilizationPercentage, ("spec", "targetCPUUtilizationPercentage"))
        chosen: Said | None = None
        for i, metric in enumerate(spec.metrics):
            resource = metric.resource or metric.containerResource
            at: Path = ("spec", "metrics", i)
            if chosen is not None:
                self._lose(at, "one metric is simulated: the first of a use of resources")
            elif resource is None or resource.target.averageUtilization is None:
                self._lose(at, f"metrics of type {printable(metric.type)} without averageUtilization are not read")
            else:
                chosen = self._percent(resource.target.averageUtilization, (*at, metric.type), resource.name)
        if chosen is not None:
            return chosen
        if spec.metrics:
            return Said("65 %", f"{TO_MEASURE}: no metric of the autoscaler is a share of use")
        return Said("80 %", "no metric is given: default of Kubernetes")

    def _percent(self, percent: int, at: Path, what: str = "cpu") -> Said:
        if percent > 100:
            self._lose(at, f"a target above 100 % (got {percent} %) has no counterpart")
            return Said("100 %", f"{TO_MEASURE}: {percent} % of the request; capacity is what is served at 100 %")
        return Said(
            share_text(percent / 100.0), f"of the {printable(what)} request; capacity is what is served at 100 %"
        )

    def _step(self, key: str, rules: Rules) -> Said | None:
        """What one evaluation may change; None for the default."""
        at: Path = ("spec", "behavior", key)
        if rules.tolerance is not None:
            self._lose((*at, "tolerance"), "one tolerance for both directions is simulated: 10 %")
        if rules.selectPolicy == "Disabled":
            return Said({})
        if not rules.policies:
            return None
        if rules.selectPolicy == "Min" and len(rules.policies) > 1:
            self._lose((*at, "selectPolicy"), "the policy that allows most is simulated (Max)")
        step: dict[str, Any] = {}
        for i, policy in enumerate(rules.policies):
            amount = self._per_evaluation(policy, (*at, "policies", i))
            name = "replicas" if policy.type == "Pods" else "share"
            step[name] = max(step.get(name, 0), amount)
        return Said({k: share_text(v) if k == "share" else v for k, v in step.items()})

    def _per_evaluation(self, policy: Policy, at: Path) -> float:
        """A policy may allow its change once per period; an evaluation is every 15 s."""
        part, amount = EVERY_S / policy.periodSeconds, 0.0
        if policy.type == "Pods":
            amount = max(1, math.floor(policy.value * part))
        else:
            amount = min(1.0, policy.value / 100.0 * part)
        said = f"{amount} replicas" if policy.type == "Pods" else share_text(amount)
        if policy.periodSeconds != EVERY_S:
            self._lose(
                at, f"{policy.value} {policy.type} in {policy.periodSeconds} s are read as {said} in {EVERY_S} s"
            )
        elif policy.type == "Percent" and policy.value > 100:
            self._lose(at, f"at most 100 % can be added at once (got {policy.value} %)")
        return amount
