"""Objectives and thresholds of a scenario in its result: an estimate, a bound, and what the interval says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from outlast.run import recovery
from outlast.run.thresholds import FAILED, INCONCLUSIVE, MEAN_OF, PASSED, estimated, over, published, side

if TYPE_CHECKING:
    from outlast.run.batch import Batch
    from outlast.run.results import Result
    from outlast.scenario.thresholds import Threshold
    from outlast.stats.estimates import Estimate

WORDS = {PASSED: "met", FAILED: "not met", INCONCLUSIVE: "uncertain"}
MORE = "the interval contains the bound: run more replications"
MORE_RARE = "the interval contains the bound: `--rare always` narrows it, more replications do not"
ADVICE = (MORE, MORE_RARE)  # notes that say nothing of one objective alone


def judged(result: Result, thresholds: Sequence[Threshold]) -> Result:
    """The result with a verdict per threshold and variant in `thresholds`: met if the whole interval is on the right
    side of the bound, not met if none of it is. Each is judged by itself: only `outlast gate` allows for several."""
    result.thresholds += [row for one in thresholds for batch in result.batches for row in _row(batch, one)]
    return result


def _row(batch: Batch, threshold: Threshold) -> list[dict[str, Any]]:
    if not len(batch) or published(batch.program, threshold) is None:
        return []
    found = estimated(batch, threshold, threshold.level)
    advice = MORE_RARE if _by_rare_method(batch, threshold) else MORE
    note = advice if side(found, threshold.op, threshold.value) == INCONCLUSIVE else ""
    if found is None:
        note = f"no event of scope {threshold.scope!r} was seen" if threshold.scope else "no event was seen"
    row = verdict_row(batch.variant, threshold, over(batch, threshold), found, len(batch), note)
    return [{**row, **recovery.kept(batch, threshold)}]


def _by_rare_method(batch: Batch, threshold: Threshold) -> bool:
    """Whether the mean was estimated by a method for rare outages (docs/rare-events.md)."""
    name = (threshold.component, MEAN_OF.get(threshold.measure, threshold.measure))
    return name in batch.rare and threshold.quantile is None and not threshold.scope


def verdict_row(
    variant: str, threshold: Threshold, about: str, found: Estimate | None, n: int, note: str
) -> dict[str, Any]:
    """What is said of one threshold. about: what `thresholds.over` says; n: where nothing was found."""
    return {
        "variant": variant,
        "component": threshold.component,
        "measure": threshold.measure,
        "scope": threshold.scope,
        "aggregate": threshold.aggregate,
        "over": about,
        "op": threshold.op,
        "value": threshold.value,
        "unit": threshold.unit,
        "mean": None if found is None else found.mean,
        "ci_low": None if found is None else found.ci_low,
        "ci_high": None if found is None else found.ci_high,
        "level": threshold.level,
        "n": n if found is None else found.n,
        "verdict": WORDS[side(found, threshold.op, threshold.value)],
        "note": note,
    }
