"""The parts of Kubernetes objects that say something about availability; the rest of an object is not looked at.

Sources: the Kubernetes API reference (apps/v1, autoscaling/v2, policy/v1, core/v1), with its defaults.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from outlast.errors import FieldError, shown

ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
Labels = dict[str, Any]
Seconds = Annotated[int, Field(ge=0, le=10**9)]
Positive = Annotated[int, Field(ge=1, le=10**9)]
Replicas = Annotated[int, Field(ge=0, le=1_000_000)]


class Part(BaseModel):
    """`null` stands for a field that is not there, as in Kubernetes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


class Metadata(Part):
    name: Annotated[str, Field(min_length=1)]
    namespace: str = "default"
    labels: Labels = Field(default_factory=dict)


class Selector(Part):
    matchLabels: Labels = Field(default_factory=dict)
    matchExpressions: list[Any] = Field(default_factory=list)


class Probe(Part):
    """Fails after `failureThreshold` tries, each `periodSeconds` apart, that take at most `timeoutSeconds`."""

    initialDelaySeconds: Seconds = 0
    periodSeconds: Positive = 10
    timeoutSeconds: Positive = 1
    failureThreshold: Positive = 3

    @property
    def soonest(self) -> int:
        """Seconds from a failure until it is noticed if the next try comes at once and is refused."""
        return (self.failureThreshold - 1) * self.periodSeconds

    @property
    def latest(self) -> int:
        """The same if a try has just been made and each one waits for its timeout."""
        return self.failureThreshold * self.periodSeconds + self.timeoutSeconds


class Resources(Part):
    requests: Labels = Field(default_factory=dict)


class Container(Part):
    name: str = ""
    readinessProbe: Probe | None = None
    livenessProbe: Probe | None = None
    startupProbe: Probe | None = None
    resources: Resources = Resources()


class Spread(Part):
    topologyKey: str
    maxSkew: Positive = 1
    whenUnsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"] = "DoNotSchedule"


class Toleration(Part):
    key: str = ""
    effect: str = ""
    tolerationSeconds: Seconds | None = None


class Term(Part):
    key: str = ""
    operator: str = ""
    values: list[str] = Field(default_factory=list)


class Terms(Part):
    matchExpressions: list[Term] = Field(default_factory=list)


class Required(Part):
    nodeSelectorTerms: list[Terms] = Field(default_factory=list)


class NodeAffinity(Part):
    requiredDuringSchedulingIgnoredDuringExecution: Required = Required()
    preferredDuringSchedulingIgnoredDuringExecution: list[Any] = Field(default_factory=list)


class Affinity(Part):
    nodeAffinity: NodeAffinity = NodeAffinity()
    podAffinity: dict[str, Any] = Field(default_factory=dict)
    podAntiAffinity: dict[str, Any] = Field(default_factory=dict)


class PodSpec(Part):
    containers: Annotated[list[Container], Field(min_length=1)]
    topologySpreadConstraints: list[Spread] = Field(default_factory=list)
    tolerations: list[Toleration] = Field(default_factory=list)
    nodeSelector: Labels = Field(default_factory=dict)
    affinity: Affinity = Affinity()

    def zones(self) -> list[str]:
        """Zones that pods must run in, if the specification says so."""
        terms = self.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms
        named = [str(self.nodeSelector[ZONE])] if ZONE in self.nodeSelector else []
        named += [v for term in terms for e in term.matchExpressions if (e.key, e.operator) == (ZONE, "In")
                  for v in e.values]  # fmt: skip
        return list(dict.fromkeys(named))


class PodMetadata(Part):
    labels: Labels = Field(default_factory=dict)


class Template(Part):
    metadata: PodMetadata = PodMetadata()
    spec: PodSpec


class WorkloadSpec(Part):
    replicas: Replicas = 1
    template: Template


class Workload(Part):
    kind: Literal["Deployment", "StatefulSet"]
    metadata: Metadata
    spec: WorkloadSpec


class ServiceSpec(Part):
    selector: Labels = Field(default_factory=dict)


class Service(Part):
    metadata: Metadata
    spec: ServiceSpec = ServiceSpec()


def share_of(value: int | str, replicas: int, *, up: bool) -> int:
    """A number of replicas from `2` or `50%`, which is rounded up or down."""
    if isinstance(value, int):
        return value
    part = float(value.removesuffix("%")) / 100.0 * replicas
    return math.ceil(part) if up else math.floor(part)


class BudgetSpec(Part):
    selector: Selector = Selector()
    minAvailable: int | str | None = None
    maxUnavailable: int | str | None = None

    @field_validator("minAvailable", "maxUnavailable")
    @classmethod
    def _amount(cls, value: int | str | None) -> int | str | None:
        if value is not None and not re.fullmatch(
            "[0-9]{1,6}" if isinstance(value, int) else "[0-9]{1,3}%", str(value)
        ):
            raise FieldError(f"not a number or a percentage (got {shown(value)})", "write `1` or `50%`")
        return value

    @model_validator(mode="after")
    def _one(self) -> BudgetSpec:
        if self.minAvailable is not None and self.maxUnavailable is not None:
            raise FieldError("cannot be given beside `minAvailable`", "keep one of the two", at=("maxUnavailable",))
        return self

    def needed(self, replicas: int) -> int:
        """How many of the replicas it keeps up."""
        if self.minAvailable is not None:
            return share_of(self.minAvailable, replicas, up=True)
        return replicas - share_of(self.maxUnavailable if self.maxUnavailable is not None else 1, replicas, up=True)


class Budget(Part):
    metadata: Metadata
    spec: BudgetSpec


class Target(Part):
    kind: str
    name: str


class MetricTarget(Part):
    type: str = ""
    averageUtilization: Positive | None = None
    averageValue: Any = None


class ResourceMetric(Part):
    name: str = ""
    target: MetricTarget = MetricTarget()


class HpaMetric(Part):
    type: str
    resource: ResourceMetric | None = None
    containerResource: ResourceMetric | None = None


class Policy(Part):
    type: Literal["Pods", "Percent"]
    value: Positive
    periodSeconds: Positive


class Rules(Part):
    stabilizationWindowSeconds: Seconds | None = None
    selectPolicy: Literal["Max", "Min", "Disabled"] = "Max"
    policies: list[Policy] = Field(default_factory=list)
    tolerance: Any = None


class Behavior(Part):
    scaleUp: Rules = Rules()
    scaleDown: Rules = Rules()


class HpaSpec(Part):
    scaleTargetRef: Target
    minReplicas: Positive = 1
    maxReplicas: Positive
    metrics: list[HpaMetric] = Field(default_factory=list)
    targetCPUUtilizationPercentage: Positive | None = None  # of autoscaling/v1
    behavior: Behavior = Behavior()

    @model_validator(mode="after")
    def _bounds(self) -> HpaSpec:
        if self.maxReplicas < self.minReplicas:
            raise FieldError(f"must be at least minReplicas, {self.minReplicas} (got {self.maxReplicas})",
                             at=("maxReplicas",))  # fmt: skip
        return self


class Hpa(Part):
    metadata: Metadata
    spec: HpaSpec


class Node(Part):
    metadata: Metadata


MODELS: dict[str, type[Part]] = {
    "Deployment": Workload,
    "StatefulSet": Workload,
    "HorizontalPodAutoscaler": Hpa,
    "PodDisruptionBudget": Budget,
    "Service": Service,
    "Node": Node,
}
APIS = {
    "Deployment": ("apps/v1",),
    "StatefulSet": ("apps/v1",),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "autoscaling/v1"),
    "PodDisruptionBudget": ("policy/v1",),
    "Service": ("v1",),
    "Node": ("v1",),
}
