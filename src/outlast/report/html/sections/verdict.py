"""The question and its answer: are the objectives met, how surely, and if not, why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from outlast.report import verdicts
from outlast.report.html.blocks import BAD, GOOD, OPEN, Block, Cell, Chart, Table, Text
from outlast.report.html.material import Material
from outlast.report.objectives_figure import drawable, objectives
from outlast.report.readable import estimated, interval, readable
from outlast.report.verdicts import MET, NOT_MET, UNCERTAIN
from outlast.study.causes import label

TITLE = "Verdict"
PLACE = 10
TONES = {MET: GOOD, NOT_MET: BAD, UNCERTAIN: OPEN}
DOWN = ("availability", "request_availability", "downtime", "outages", "mean_outage", "longest_outage", "rto")
TOP = 3


def blocks(material: Material) -> Iterator[Block]:
    """The answer in a sentence, every objective, the margin of each, the causes of those not met."""
    rows = material.result.thresholds
    if not rows:
        yield Text("No verdict: the scenario states no objectives. What was measured stands below; `objectives:` in "
                   "the scenario turn it into an answer.", OPEN)  # fmt: skip
        return
    own = [row for row in rows if row["variant"] == material.base]
    yield _answer(own, material)
    yield Text(_how_sure(own, material), "quiet")
    yield _table(own)
    for advice in verdicts.advice(rows):
        yield Text(f"{advice[:1].upper()}{advice[1:]}.", "quiet")
    if any(drawable(row) for row in own):
        yield Chart(objectives(material.result, material.base), "How much of what is allowed is used", _margins(own))
    reasons = list(_reasons(rows, material))
    if reasons:
        yield Text("Why not:", lines=reasons)
    if len(material.variants) > 1:
        yield _matrix(rows, material)


def _answer(rows: list[dict[str, Any]], material: Material) -> Text:
    counts = Counter(str(row["verdict"]) for row in rows)
    tone = next((TONES[word] for word in (NOT_MET, UNCERTAIN) if counts[word]), GOOD)
    about = f" by {material.base}" if len(material.variants) > 1 else ""
    if counts[MET] == len(rows):
        count = "the objective is" if len(rows) == 1 else f"all {len(rows)} objectives are"
        return Text(f"Yes: {count} met{about}.", tone)
    parts = [f"{counts[word]} {word}" for word in (MET, NOT_MET, UNCERTAIN) if counts[word]]
    start = "No" if counts[NOT_MET] else "Not certain yet"
    names = [verdicts.subject(row) + verdicts.scope(row) for row in rows if row["verdict"] != MET]
    what = "the objective is" if len(rows) == 1 else f"of {len(rows)} objectives"
    return Text(f"{start}: {what} {', '.join(parts)}{about}: {'; '.join(names)}.", tone)


def _matrix(rows: list[dict[str, Any]], material: Material) -> Table:
    """Verdict and estimate of every objective in every variant."""
    found: dict[str, dict[str, Cell]] = {}
    for row in rows:
        name = f"{verdicts.subject(row)}{verdicts.scope(row)} {verdicts.asked(row)}"
        low, high = verdicts.ends(row)
        value = "" if row["mean"] is None else f": {estimated(row['mean'], low, high, row['unit'])}"
        found.setdefault(name, {})[row["variant"]] = Cell(f"{row['verdict']}{value}", TONES[str(row["verdict"])])
    cells = [[name, *(own.get(variant, "") for variant in material.variants)] for name, own in found.items()]
    return Table(("objective", *material.variants), cells, "All variants, under the same luck")


def _how_sure(rows: list[dict[str, Any]], material: Material) -> str:
    if material.result.chains:
        return "The values are exact, of the model as it was described."
    level = readable(float(rows[0]["level"]), "share")
    return (f"Met: the whole {level} interval lies on the right side of the bound; not met: none of it does; "
            f"uncertain: it contains the bound, or nothing was seen. The intervals are those of {material.result.n:,} "
            "replications; they say nothing about how true the assumptions are.")  # fmt: skip


def _table(rows: list[dict[str, Any]]) -> Table:
    level = readable(float(rows[0]["level"]), "share")
    titles = ("verdict", "objective", "asked>", "found>", f"{level} interval>", "n>", "remark")
    return Table(titles, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[str | Cell]:
    low, high = verdicts.ends(row)
    around, value = "", "no estimate"
    if row["mean"] is not None:
        value, around = estimated(row["mean"], low, high, row["unit"]), interval(low, high, row["unit"])
    remark = "; ".join(text for text in (verdicts.kept(row), verdicts.remark(row)) if text)
    name = verdicts.subject(row) + verdicts.scope(row)
    return [Cell(str(row["verdict"]), TONES[str(row["verdict"])]), name, verdicts.asked(row), value,
            around if row["n"] else "exact", f"{row['n']:,}", remark]  # fmt: skip


def _margins(rows: list[dict[str, Any]]) -> str:
    worst = max((row for row in rows if drawable(row)), key=lambda row: verdicts.used(row)[0], default=None)
    text = (
        "100 % is the bound: to its left an objective is met. Of an availability of at least 99.9 %, 0.1 % is allowed."
    )
    if worst is None:
        return text
    share = readable(verdicts.used(worst)[0], "share", 0.1)
    name = verdicts.subject(worst) + verdicts.scope(worst)
    return f"{text} {name} uses the largest share, {share}."


def _reasons(rows: list[dict[str, Any]], material: Material) -> Iterator[str]:
    """What the downtime of those that are not met came from."""
    if material.result.chains:
        return
    asked: dict[tuple[str, str], Mapping[str, Any]] = {
        (row["variant"], row["component"]): row for row in rows if row["verdict"] != MET and row["measure"] in DOWN
    }
    for variant, component in asked:
        table = material.causes.causes
        mine = table[(table["variant"] == variant) & (table["component"] == component) & ~table["drill"]]
        top: list[Any] = list(mine.head(TOP).itertuples(index=False))
        texts = [
            f"{label(row.scope, row.source)} {readable(row.share, 'share', row.ci_high - row.ci_low)}" for row in top
        ]
        about = f" ({variant})" if len(material.variants) > 1 else ""
        if texts:
            yield f"downtime of {component}{about} comes from {', '.join(texts)}"
