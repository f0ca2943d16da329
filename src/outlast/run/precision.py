"""Precision on request: more replications, batch by batch, until every wanted half-width is reached.

The estimates are looked at after 100 replications and whenever their number has grown by half. A run stops when all
half-widths were reached at two looks in a row: the second look keeps the coverage that stopping at the first lucky one
would lose (docs/statistics.md). The half-width of an interval is its longer side. Relative ones are shares of the
estimate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from outlast.errors import UsageError, nearest_hint, shown
from outlast.run import measures
from outlast.run.batch import Batch
from outlast.units import UnitError, parse

if TYPE_CHECKING:
    from outlast.program.metrics import Metric
    from outlast.program.program import Program

LEAST = 100  # replications before the first look: what a t interval of moderately skewed values needs
GROWTH = 1.5
MOST = 10_000
RELATIVE = "rel "
MANY = 1e12  # more replications than anybody runs

Widths = Mapping[str, str | float]


@dataclass(frozen=True)
class Target:
    """A wanted half-width, in the unit of its measure or (relative) as a share of the estimate."""

    metric: Metric
    width: float
    relative: bool

    @property
    def name(self) -> str:
        """`component.measure`."""
        return f"{self.metric.component}.{self.metric.measure}"


@dataclass(frozen=True)
class Look:
    """What the replications so far say about a target. rare: the estimate is that of a method for rare outages, which
    they do not narrow. needed: replications that it would take otherwise, at a guess."""

    target: Target
    variant: str
    half_width: float
    n: int
    rare: bool = False

    @property
    def reached(self) -> bool:
        return self.half_width <= self.target.width

    @property
    def needed(self) -> float:
        """The half-width falls with the root of n."""
        return self.n * (self.half_width / self.target.width) ** 2

    def row(self) -> dict[str, Any]:
        """As it stands in results."""
        return {
            "variant": self.variant,
            "component": self.target.metric.component,
            "measure": self.target.metric.measure,
            "wanted": self.target.width,
            "half_width": self.half_width,
            "relative": self.target.relative,
            "unit": self.target.metric.unit,
            "n": self.n,
            "reached": self.reached,
            "rare": self.rare,
            "needed": math.ceil(min(max(self.needed, self.n), MANY)),
        }


def split(texts: Sequence[str]) -> dict[str, str]:
    """`ranker.availability: 1e-5; ranker.outages: rel 5 %` by name. Raises UsageError for what is no such list."""
    found: dict[str, str] = {}
    for part in (part.strip() for text in texts for part in text.replace(",", ";").split(";")):
        name, colon, width = (piece.strip() for piece in part.partition(":"))
        if not (name and colon and width):
            hint = "write 'ranker.availability: 1e-5', 'ranker.mean_outage: 30 s' or 'db.outages: rel 5 %'"
            raise UsageError(f"precision: not a measure and a half-width (got {shown(part)})", hint)
        if name in found:
            raise UsageError(f"precision: {name} is given twice", "keep one of the two")
        found[name] = width
    return found


def targets(widths: Widths, program: Program) -> list[Target]:
    """Wanted half-widths of measures that the program has. Raises UsageError for others."""
    known = {f"{metric.component}.{metric.measure}": metric for metric in program.metrics}
    found = []
    for name, width in widths.items():
        if name not in known:
            raise UsageError(f"precision: nothing is measured as {shown(name)}",
                             nearest_hint(name, known, "measures"))  # fmt: skip
        found.append(_target(known[name], width))
    return found


def _target(metric: Metric, width: str | float) -> Target:
    text = str(width).strip()
    relative = text.startswith(RELATIVE)
    where = f"precision: {metric.component}.{metric.measure}"
    try:
        unit = "share" if relative else metric.unit
        value = _size(text.removeprefix(RELATIVE).strip(), unit) if isinstance(width, str) else float(width)
    except UnitError as error:
        raise UsageError(f"{where}: {error}", error.hint) from None
    if not 0.0 < value < math.inf:
        raise UsageError(f"{where}: a half-width above zero is needed (got {shown(width)})")
    return Target(metric, value, relative)


def _size(text: str, unit: str) -> float:
    if unit in ("share", "s"):
        return parse(text, {"share": "share", "s": "duration"}[unit])
    try:
        return float(text.removesuffix(unit).strip())
    except ValueError:
        hint = f"write `12` or `12 {unit}`"
        raise UnitError(f"not a number of {unit} (got {shown(text)})", hint) from None


def sizes(least: int, most: int) -> Iterator[int]:
    """Numbers of replications at which the estimates are looked at; the last one is `most`."""
    n = min(least, most)
    yield n
    while n < most:
        n = min(math.ceil(n * GROWTH), most)
        yield n


def looks(wanted: Sequence[Target], batches: Sequence[Batch]) -> list[Look]:
    """Every target in every variant that has its measure."""
    return [
        Look(target, batch.variant, _half_width(target, batch, metric), len(batch),
             (metric.component, metric.measure) in batch.rare)
        for batch in batches
        for target in wanted
        for metric in batch.program.metrics
        if (metric.component, metric.measure) == (target.metric.component, target.metric.measure)
    ]  # fmt: skip


def _half_width(target: Target, batch: Batch, metric: Metric) -> float:
    if not len(batch):
        return math.inf
    _, one = next(measures.estimated(batch, metric))
    half = max(one.ci_high - one.mean, one.mean - one.ci_low)
    if math.isnan(half):
        return math.inf
    if not target.relative or half == 0.0:
        return half
    return half / abs(one.mean) if one.mean != 0.0 else math.inf


@dataclass(frozen=True)
class Rule:
    """When to stop. least: replications before the first look; most: of each variant, at most. Raises UsageError for
    impossible numbers."""

    wanted: Sequence[Target]
    least: int = LEAST
    most: int = MOST

    def __post_init__(self) -> None:
        if self.most < 1:
            raise UsageError(f"most: impossible number (got {self.most}); at least 1 is needed")
        if not self.wanted:
            raise UsageError("precision: no measure is named", "write 'ranker.availability: 1e-5'")

    def rounds(self, look: Callable[[], Sequence[Look]]) -> Iterator[int]:
        """Numbers of replications to reach, one after another; look() says what came out of each."""
        before = False
        for n in sizes(max(self.least, LEAST), self.most):
            yield n
            reached = all(one.reached for one in look())
            if reached and before:
                return
            before = reached

    def expected(self, found: Sequence[Look]) -> int:
        """Replications of a variant that the run will take, at a guess."""
        needed = max((look.needed for look in found), default=0.0)
        several = (n for n in sizes(max(self.least, LEAST), self.most) if n >= needed)
        first = next(several, self.most)
        return next(several, first)
