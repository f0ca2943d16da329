"""docs/randomness.md: the part between its markers is written from the stored results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import kolmogorov

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "randomness.json"
PAGE = ROOT / "docs" / "randomness.md"
BEGIN, END = "<!-- written by benchmarks/randomness/battery.py -->\n", "<!-- end -->\n"
WEAK, HOPELESS = 1e-3, 1e-9
TITLES = {"small": "TestU01 SmallCrush", "crush": "TestU01 Crush", "dieharder": "dieharder", "direct": "direct"}
CONTROL = "bad"


def weak(p: float) -> bool:
    """Outside [0.001, 0.999], what TestU01 calls suspect."""
    return not WEAK <= p <= 1 - WEAK


def failed(job: dict[str, Any]) -> bool:
    """A p-value no luck explains, or one that is weak again with another seed."""
    if job["stream"] == CONTROL:
        return not any(p < HOPELESS for p in job["p"].values())
    return any(job["p"][name] < HOPELESS or any(map(weak, others)) for name, others in job["again"].items())


def merged(jobs: list[dict[str, Any]]) -> Iterator[str]:
    """A row of the table for each stream and tool."""
    for tool in TITLES:
        for stream in dict.fromkeys(job["stream"] for job in jobs if job["tool"] == tool):
            mine = [job for job in jobs if (job["tool"], job["stream"]) == (tool, stream)]
            p = [x for job in mine for x in job["p"].values()]
            parts = " and ".join(dict.fromkeys(job["part"].partition(",")[0] for job in mine))
            verdict = "fails, as it must" if stream == CONTROL else "FAILED" if any(map(failed, mine)) else "passed"
            yield (f"| {TITLES[tool]} | {stream} | {parts} | {sum(job['words'] for job in mine):,} | {len(p)} | "
                   f"{min(p):.2g} | {max(p):.5f} | {sum(map(weak, p))} | {verdict} |")  # fmt: skip


def repeated(jobs: list[dict[str, Any]]) -> Iterator[str]:
    for job in jobs:
        for name, others in job["again"].items():
            yield (f"| {TITLES[job['tool']]} | {job['stream']} | {job['part']} | {name} | {job['p'][name]:.6g} | "
                   f"{', '.join(f'{p:.4f}' for p in others)} |")  # fmt: skip


def overall(jobs: list[dict[str, Any]]) -> Iterator[str]:
    """Of each tool, all p-values together."""
    for tool in TITLES:
        mine = [job for job in jobs if job["tool"] == tool and job["stream"] != CONTROL]
        p = np.sort([x for job in mine for x in job["p"].values()])
        if p.size:
            n = np.arange(p.size)
            distance = float(max((p - n / p.size).max(), ((n + 1) / p.size - p).max()))
            yield (f"| {TITLES[tool]} | {sum(job['words'] for job in mine):,} | {p.size} | {2 * WEAK * p.size:.1f} | "
                   f"{sum(map(weak, p))} | {sum(map(failed, mine))} | "
                   f"{kolmogorov(np.sqrt(p.size) * distance):.3f} |")  # fmt: skip


def table(head: str, rows: Iterator[str]) -> str:
    """A table in Markdown."""
    columns = head.count("|") - 1
    return "\n".join([head, "|" + "---|" * columns, *rows]) + "\n"


def rendered(results: dict[str, Any]) -> str:
    """What stands between the markers."""
    jobs, versions = list(results["jobs"].values()), results["versions"]
    return "\n".join([
        f"Debian's dieharder {versions['dieharder']} and TestU01 {versions['libtestu01-0-dev']}; seed "
        f"{versions['seed']}, weak values again with seeds {', '.join(map(str, versions['other_seeds']))}.\n",
        table("| tool | 64-bit words | p-values | weak expected | weak | failed | all together |", overall(jobs)),
        "Weak values, and the same statistic with the other seeds:\n",
        table("| tool | stream | bits | statistic | p | again |", repeated(jobs)),
        "Every stream:\n",
        table("| tool | stream | bits | 64-bit words | p-values | smallest | largest | weak | |", merged(jobs)),
    ])  # fmt: skip


def written(page: str, results: dict[str, Any]) -> str:
    """The page with the part between its markers written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + rendered(results) + "\n" + END + after


def write_page(results: dict[str, Any]) -> None:
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def stored() -> dict[str, Any]:
    """The stored results."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found
