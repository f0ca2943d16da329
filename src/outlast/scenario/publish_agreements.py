"""What agreements publish: measures of their contract windows, and their credits as a part of the costs."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.kinds.money import CLAIMS, CREDITS, Ledger
from outlast.program.metrics import CONTRACT, CREDIT, Metric
from outlast.scenario.agreement import Agreement
from outlast.units import format_share


def charge(name: str, agreement: Agreement, ledger: Ledger) -> None:
    """Credits that we owe cost us; those that a provider owes us come back."""
    item, times, words = (CLAIMS, -1.0, "claimed (income)") if agreement.owed_by else (CREDITS, 1.0, "credited")
    ledger.charge(name, item, agreement.fee, f"share {words}", times, [f"{name}{CREDIT}"])


def metrics(name: str, agreement: Agreement) -> Iterator[Metric]:
    """Means over the contract windows of one agreement."""
    level = format_share(agreement.at_least)
    yield _metric(name, "met", "share", f"share of windows in which {agreement.of} has at least {level}", "higher")
    if agreement.credits:
        measure, words, better = ("claim", "claimed", "") if agreement.owed_by else ("credit", "credited", "lower")
        yield _metric(name, measure, "share", f"share of the fee {words}", better, "credit")
    yield _metric(name, "downtime", "s", "counted down time of a window", "lower")
    if agreement.measure != "requests":
        yield _metric(name, "longest_outage", "s", "longest counted outage that begins in a window, 0 if none", "lower")
    if agreement.at_least < 1.0:
        yield _metric(name, "budget_used", "share", "counted down time / what the level allows", "lower")


def _metric(name: str, measure: str, unit: str, words: str, better: str, label: str = "") -> Metric:
    return Metric(name, measure, unit, words, CONTRACT, label=label or measure, weighting="window", better=better)
