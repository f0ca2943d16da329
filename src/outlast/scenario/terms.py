"""The terms of an agreement in words: who owes what to whom, how it is counted, what is left out, what a miss costs."""

from __future__ import annotations

from collections.abc import Iterator

from outlast.scenario.agreement import Agreement, Composed, Excludes, Rolling
from outlast.units import format_duration, format_share

BAD_IF = {"any": "down at any time", "whole": "down all the time", "start": "down when they begin"}


def terms(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """(term, words)."""
    owed = f"{agreement.owed_by} owes us" if agreement.owed_by else "we owe customers"
    yield "promise", f"{owed} {format_share(agreement.at_least)} of {agreement.of}"
    yield "windows", _windows(agreement)
    yield "counted", _measure(agreement)
    if left_out := list(_excluded(agreement.excludes)):
        yield "left out", "; ".join(left_out)
    if agreement.credits:
        yield "claims" if agreement.owed_by else "credits", _credits(agreement)
    if agreement.composed_of is not None:
        yield "depends on", _composed(agreement.composed_of)


def _windows(agreement: Agreement) -> str:
    window = agreement.window
    if isinstance(window, Rolling):
        return f"{format_duration(window.length)} long, one begins every {format_duration(window.every)}"
    return "calendar months" if window == "month" else f"{format_duration(window)} each"


def _measure(agreement: Agreement) -> str:
    if agreement.measure == "time":
        return "seconds of outage"
    if agreement.measure == "requests":
        return "requests not answered well"
    if agreement.measure == "error_minutes":
        run = f", in runs of {format_duration(agreement.least_run)} or longer" if agreement.least_run else ""
        return f"minutes down for more than {format_share(agreement.error_rate)} of their time{run}"
    intervals = f"intervals of {format_duration(agreement.interval)}"
    rule = BAD_IF.get(agreement.bad_if)
    return f"mean error rate of {intervals}" if rule is None else f"{intervals} that are {rule}"


def _excluded(excludes: Excludes) -> Iterator[str]:
    if excludes.scopes:
        yield f"outages caused by {' or '.join(excludes.scopes)} failures"
    if excludes.causes:
        yield f"outages caused by {' or '.join(excludes.causes)}"
    if excludes.grace:
        rest = ", and so much of longer ones" if excludes.longer_outages == "count_beyond_grace" else ""
        yield f"outages of up to {format_duration(excludes.grace)}{rest}"


def _credits(agreement: Agreement) -> str:
    tiers = ", ".join(f"{format_share(t.credit)} below {format_share(t.below)}" for t in agreement.credits)
    cap = (
        f", at most {format_share(agreement.credit_cap)}" if agreement.credit_cap < agreement.credits[-1].credit else ""
    )
    return f"{tiers}{cap} of the fee" + (f" of {agreement.fee.written}" if agreement.fee is not None else "")


def _composed(tree: Composed) -> str:
    parts = [f"({_composed(part)})" if isinstance(part, Composed) else part for part in tree.parts]
    return (" and " if tree.all_of is not None else " or ").join(parts)
