"""docs/verification.md: every comparison in a table, what has not been compared, and the z-scores as a whole."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats
from verification import RECORDS, Finding

PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
COMMAND = 'python -m pytest tests/oracles -n 2 -m "slow or not slow" --verification-table docs/verification.md'
ENGINES = ("kernel", "reference", "exact", "formula")
INTERVAL = float(stats.norm.ppf(0.975))

# Quantities of the records that no simulation here tells apart, or that nothing here computes.
UNRESOLVED = {
    ("re-01", "mttff"): "the longest horizon is less than four times as long; for the exact engine",
    ("re-02", "unavailability"): "1e-10: an outage every 640,000 years; for the exact engine",
    ("re-02", "outages_per_year"): "an outage every 640,000 years; for the exact engine",
    ("re-02", "mean_outage"): "an outage every 640,000 years; for the exact engine",
    ("re-02", "mttff"): "an outage every 640,000 years; for the exact engine",
    ("re-03", "mission_unreliability"): "1e-6 a mission; for the exact engine",
    ("sl-01", "p_availability_ge_0.99"): "1 - 6e-5: telling it from its wrong answer takes millions of months",
    ("sl-01", "p_availability_ge_0.95"): "1 - 1e-13: no number of months shows a miss",
    ("pb-01", "qos2"): "2e-6 at one instant; for the exact engine",
    ("pb-02", "qos2"): "3e-6 at one instant; for the exact engine",
    ("pb-04", "mttf_lower_bound"): "0.001 % below policy W; two policies are compared with their own values",
    ("pb-04", "mttf_upper_bound"): "0.0003 % above policy S; two policies are compared with their own values",
}

# Families of the public cases without a record here.
NOT_YET = (
    ("feature-store-rpo", "fs-01 to fs-04", "not attempted yet: quantiles of lost data; backups that fail; replication as a queue"),
    ("feature-store-rto", "fs-05 to fs-07", "not attempted yet: quantiles of recovery times; recovery steps side by side"),
    ("checkpoint-restart", "ck-01 to ck-05", "not attempted yet: a job of a given amount of work that ends"),
    ("gang-job-with-spares", "ck-06", "not attempted yet"),
    ("serving-queues", "sv-01 to sv-04, sv-08", "requests are a flow: single requests do not queue"),
    ("serving-failover", "sv-05, sv-06", "not attempted yet"),
    ("serving-latency", "sv-07", "there is no latency yet"),
    ("sla-attainment", "sl-01 to sl-06", "not attempted yet: attainment per month, credits and error budgets"),
    ("incident-pipeline", "in-01, in-02", "there is no kind of component for an incident yet"),
    ("deployment-risk", "dp-01", "there is no kind of component for a release yet"),
    ("published-simulator", "pb-07", "another simulator's output with its own rules"),
    ("composite-sla", "pb-08", "products of given availabilities: nothing is simulated"),
    ("published-queueing-tables", "pb-09", "requests are a flow: single requests are not lost"),
)  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """The z-scores together.  Quantities of one case share runs and are correlated, by how much is not known: the
    standard errors of the two means allow for the worst, that all scores of a case move as one."""

    n: int
    cases: int
    mean: float
    mean_se: float
    square: float
    square_se: float
    largest: Finding
    p_all: float  # Kolmogorov-Smirnov, as if all were independent
    p_first: float  # the first score of each case: these are independent

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Whole:
        """Of all findings with a standard error, at least one."""
        scored = [f for f in findings if f.se > 0]
        z = np.array([f.z for f in scored])
        ids = [f.id for f in scored]
        first = [f.z for i, f in enumerate(scored) if f.id not in ids[:i]]
        grouped = math.sqrt(sum(ids.count(name) ** 2 for name in set(ids))) / len(z)
        return cls(len(z), len(first), float(z.mean()), grouped, float((z**2).mean()), math.sqrt(2) * grouped,
                   max(scored, key=lambda f: abs(f.z)), float(stats.kstest(z, "norm").pvalue),
                   float(stats.kstest(first, "norm").pvalue))  # fmt: skip


def page(findings: Sequence[Finding]) -> str:
    """The whole page."""
    found = ordered(findings)
    compared = {(f.id, f.quantity) for f in found}
    scored = [f for f in found if f.se > 0]
    cases = len({f.id for f in found})
    return "\n".join([
        "# Verification table", "",
        "Written by", "", "```bash", COMMAND, "```", "",
        f"{len(compared)} quantities of {cases} cases, each computed elsewhere, none with outlast: see",
        "[tests/oracles](../tests/oracles/README.md). An estimate agrees if |z| <= 4, with a standard error of at most an",
        "eighth of the distance to each known wrong answer. Values without randomness agree to 1e-9, or to the digits",
        "known. The test fails otherwise, and this page is not written.", "",
        "## The z-scores as a whole", "", *(_whole(Whole.of(scored)) if scored else ["There are no scores."]), "",
        "## Comparisons", "",
        "The interval is ours, 95 %. Where nothing is random, the last column is the relative error instead of z.", "",
        "| case | quantity | right | ours | interval | engine | z or error |", "|---|---|---|---|---|---|---|",
        *(_row(f) for f in found), "",
        "## Not compared", "",
        "| case | quantity | why |", "|---|---|---|",
        *(f"| {i} | {q} | {why} |" for (i, q), why in UNRESOLVED.items() if (i, q) not in compared), "",
        "| family | cases | why |", "|---|---|---|",
        *(f"| {family} | {ids} | {why} |" for family, ids, why in NOT_YET if ids[:5] not in RECORDS), "",
        "Two published figures of pb-05 that nobody could recompute are left out.", "",
    ])  # fmt: skip


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """In the order of the records, each comparison once, whoever ran which test."""
    places = {(name, q["quantity"]): (i, j) for i, (name, record) in enumerate(RECORDS.items())
              for j, q in enumerate(record["quantities"])}  # fmt: skip
    return sorted(set(findings), key=lambda f: (places[f.id, f.quantity], ENGINES.index(f.engine), f.ours))


def _whole(whole: Whole) -> list[str]:
    return [
        f"{whole.n} scores of {whole.cases} cases. Quantities of one case share runs, so their scores are correlated.",
        "The standard errors below assume the worst, that all scores of a case move as one; the first score of each",
        "case is independent of the others.", "",
        "| | value | expected |", "|---|---|---|",
        f"| mean z | {whole.mean:.3f} | 0 +- {whole.mean_se:.2f} |",
        f"| mean z^2 | {whole.square:.3f} | 1 +- {whole.square_se:.2f} |",
        f"| largest abs(z) | {abs(whole.largest.z):.2f} ({whole.largest.id} {whole.largest.quantity}) "
        f"| median {_median_largest(whole.n):.2f} |",
        f"| Kolmogorov-Smirnov, first score of each case | p = {whole.p_first:.3f} | above 0.001 |",
        f"| Kolmogorov-Smirnov, all scores | p = {whole.p_all:.3f} | only a hint, as they are correlated |",
    ]  # fmt: skip


def _median_largest(n: int) -> float:
    """Median of the largest of n absolute standard normal values, were they independent."""
    return float(stats.norm.ppf((1 + 0.5 ** (1 / n)) / 2))


def _row(f: Finding) -> str:
    right = next(q["value"] for q in RECORDS[f.id]["quantities"] if q["quantity"] == f.quantity)
    if f.se == 0:
        error = abs(f.ours / f.right - 1) if f.right else abs(f.ours)
        return f"| {f.id} | {f.quantity} | {right} | {f.ours:.13g} | exact | {f.engine} | {error:.0e} |"
    ours, low, high = (_digits(x, f.se) for x in (f.ours, f.ours - INTERVAL * f.se, f.ours + INTERVAL * f.se))
    return f"| {f.id} | {f.quantity} | {right} | {ours} | {low} to {high} | {f.engine} | {f.z:.2f} |"


def _digits(value: float, se: float) -> str:
    """Down to the second digit of the standard error."""
    last = math.floor(math.log10(se)) - 1
    if value and math.floor(math.log10(abs(value))) < -4:
        return f"{value:.{max(0, math.floor(math.log10(abs(value))) - last)}e}"
    return f"{value:.{max(0, -last)}f}"


def read(text: str) -> list[tuple[str, str, str, float]]:
    """(id, quantity, engine, z) of every comparison of a page; NaN for z where nothing is random."""
    row = re.compile(r"\| ([a-z]{2}-\d\d) \| (\S+) \| \S+ \| \S+ \| (.+?) \| (\w+) \| (\S+) \|")
    return [
        (m[1], m[2], m[4], math.nan if m[3] == "exact" else float(m[5]))
        for m in map(row.fullmatch, text.split("\n"))
        if m
    ]


def not_compared(text: str) -> list[tuple[str, str]]:
    """(id, quantity) of every comparison that a page says is missing."""
    return re.findall(r"^\| ([a-z]{2}-\d\d) \| (\S+) \| [^|]+ \|$", text, re.MULTILINE)
