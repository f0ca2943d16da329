"""Thresholds: bounds on measures, `AGGREGATE OP VALUE [@ CONFIDENCE %]`, as in `p(5) >= 99.5 % @ 99 %`.

AGGREGATE is `mean` (what `outlast run` estimates), `median` or `p(Q)`, the quantile that Q percent are below: of single
outages or recorded values for measures of those, else of the values of whole replications. Objectives are thresholds
on the mean, or on the quantile that they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from outlast.errors import FieldError, nearest_hint, shown
from outlast.scenario.model import ScenarioSpec, quantity
from outlast.units import UnitError, format_duration, format_share, parse

if TYPE_CHECKING:
    from outlast.program import Metric
    from outlast.scenario.document import Path

LEVEL = 0.95
RTO, MEAN_RTO = "rto", "mean_outage"  # recovery times as a distribution, and the measure of their mean
SCOPED = ("outages", "mean_outage", "longest_outage", "records")  # kinds of measures that have values per scope
HINT = "write for example `mean > 99.9 %`, `p(5) >= 99.5 % @ 99 %` or `p(95) < 15 min`"
_TEXT = re.compile(r"\s*(?:(mean)|(median)|p\(\s*([^)]*?)\s*\))\s*(>=|<=|>|<)\s*([^@]+?)\s*(?:@\s*(.+?)\s*)?")


class Named(NamedTuple):
    """What `component.measure` or `component.measure[scope]` means."""

    metric: Metric
    scope: str


@dataclass(frozen=True)
class Threshold:
    """A bound. quantile: None for the mean. value: in the unit of the measure. path: where it is written in the
    scenario, empty if elsewhere."""

    component: str
    measure: str
    scope: str
    unit: str
    quantile: float | None
    op: str
    value: float
    level: float = LEVEL
    path: Path = ()

    def __str__(self) -> str:
        scope = f"[{self.scope}]" if self.scope else ""
        bound = f"{self.value:g} {self.unit}"
        if self.unit in ("share", "s"):
            bound = format_share(self.value) if self.unit == "share" else format_duration(self.value)
        return f"{self.component}.{self.measure}{scope} {self.aggregate} {self.op} {bound}"

    @property
    def aggregate(self) -> str:
        """`mean` or `p(5)`."""
        return "mean" if self.quantile is None else f"p({100 * self.quantile:.10g})"

    @property
    def from_below(self) -> bool:
        """Whether the measure must be above the value."""
        return self.op in (">", ">=")

    @property
    def subject(self) -> tuple[str, str, str, float | None]:
        """What is bounded."""
        return self.component, self.measure, self.scope, self.quantile


class Catalogue:
    """The measures and the scopes that there are."""

    def __init__(self, metrics: Iterable[Metric], scopes: Iterable[str]) -> None:
        self.metrics = {f"{metric.component}.{metric.measure}": metric for metric in metrics}
        for metric in list(self.metrics.values()):
            if metric.measure == MEAN_RTO:
                self.metrics[f"{metric.component}.{RTO}"] = replace(metric, measure=RTO, better="")
        self.scopes = set(scopes) - {""}

    def find(self, name: str) -> Named:
        """Raises FieldError with the nearest name."""
        known, _, scope = name.strip().partition("[")
        scope = scope.removesuffix("]").strip()
        if known not in self.metrics:
            component = known.rpartition(".")[0]
            own = [n for n in self.metrics if n.rpartition(".")[0] == component]
            hint = nearest_hint(known, own or self.metrics, "measures")
            raise FieldError(f"nothing is measured as {shown(known)}", hint)
        metric = self.metrics[known]
        if scope and metric.kind not in SCOPED:
            raise FieldError(f"{known} is not counted by scope", "remove the brackets")
        if scope and scope not in self.scopes:
            raise FieldError(f"nothing has the scope {shown(scope)}", nearest_hint(scope, self.scopes, "scopes"))
        return Named(metric, scope)

    def threshold(self, name: str, text: str, path: Path = ()) -> Threshold:
        """Raises FieldError for what is no threshold on a measure that there is."""
        metric, scope = self.find(name)
        match = _TEXT.fullmatch(text)
        if match is None:
            raise FieldError(f"not a threshold (got {shown(text)})", HINT)
        mean, median, percent, op, value, confidence = match.groups()
        q = None if mean else 0.5 if median else _percent(percent, "the quantile")
        try:
            bound = quantity(value, metric.unit)
        except UnitError as error:
            raise FieldError(str(error), error.hint) from None
        level = LEVEL if confidence is None else _percent(confidence.removesuffix("%"), "the confidence")
        measure = name.partition("[")[0].strip().rpartition(".")[2]
        return Threshold(metric.component, measure, scope, metric.unit, q, op, bound, level, path)

    def tolerance(self, name: str, value: object) -> tuple[str, float]:
        """(component.measure, size in its unit). Raises FieldError."""
        metric, scope = self.find(name)
        if scope or not metric.better:
            raise FieldError(f"{shown(name)} is not guarded against regressions", "`outlast explain` says which way "
                             "each measure is better; those without a way are not judged")  # fmt: skip
        try:
            return f"{metric.component}.{metric.measure}", quantity(value, metric.unit)
        except UnitError as error:
            raise FieldError(str(error), error.hint) from None


def of_objectives(spec: ScenarioSpec, metrics: Mapping[str, Metric]) -> Iterator[Threshold]:
    """Objectives as thresholds; only those of measures that there are."""
    for place, one in enumerate(spec.objectives):
        metric = metrics.get(f"{one.of}.{one.measure}")
        if metric is not None:
            op = ">=" if one.at_least is not None else "<="
            yield Threshold(one.of, one.measure, one.scope, metric.unit, one.quantile, op, one.bound(metric.unit),
                            path=("objectives", place))  # fmt: skip


def written(spec: ScenarioSpec) -> Iterator[tuple[str, str, Path]]:
    """(measure, text, path) of every entry of `thresholds:`."""
    for name, texts in spec.thresholds.items():
        if isinstance(texts, str):
            yield name, texts, ("thresholds", name)
        else:
            yield from ((name, text, ("thresholds", name, place)) for place, text in enumerate(texts))


def contradictions(thresholds: Sequence[Threshold]) -> Iterator[tuple[Threshold, Threshold]]:
    """Pairs that nothing can meet: the later one, and the earlier one it contradicts."""
    for place, later in enumerate(thresholds):
        for earlier in thresholds[:place]:
            if earlier.subject == later.subject and earlier.from_below != later.from_below:
                low, high = (later, earlier) if later.from_below else (earlier, later)
                strict = ">" in (low.op, high.op) or "<" in (low.op, high.op)
                if low.value > high.value or (strict and low.value == high.value):
                    yield later, earlier


def _percent(text: str, what: str) -> float:
    try:
        share = parse(f"{text.strip().removesuffix('%')} %", "share")
    except UnitError:
        share = 1.0
    if share >= 1.0:
        raise FieldError(f"{what} must be between 0 and 100, both excluded (got {shown(text)})", HINT)
    return share
