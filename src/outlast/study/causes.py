"""Where the downtime comes from: every outage belongs to its first cause, its duration to the parts of a recovery.

The first cause is the unit whose failure made the component fall (R14): the item that brought the count below what is
needed, the zone, the shock.  Shares are of the time in outages that began after the warm-up, pooled over replications,
so those of a component add up to 1; drills, which are planned, are counted apart.  An outage without a cause (a step
of a profile, the state at the start) has scope and source "".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from outlast.run import storage
from outlast.run.batch import Floats, Ints
from outlast.run.columns import STUDIES
from outlast.run.frames import frame
from outlast.run.results import Result, as_json
from outlast.stats import estimates
from outlast.study.differences import LEVEL

if TYPE_CHECKING:
    from outlast.study.compare import Comparison

STUDY = ("causes", "cause_parts", "without")
OTHER = "other"  # the part of an outage in which no named part was under way
ONE_DOWN = "down in one replication only: no interval"
WORST = 10
KEY = ["variant", "replication", "outage_id"]  # of an outage


class Causes:
    """Attribution of the downtime in a result.

    causes, cause_parts, without: frames, described in `outlast.run.columns`; `without` has rows where scenarios were
    rerun without some failures (`outlast.study.without`), `comparison` then has all differences to those reruns.
    """

    def __init__(self, result: Result, causes: pd.DataFrame, cause_parts: pd.DataFrame, without: pd.DataFrame,
                 comparison: Comparison | None = None) -> None:  # fmt: skip
        self.result, self.causes, self.cause_parts, self.without = result, causes, cause_parts, without
        self.comparison = comparison

    @classmethod
    def of(cls, result: Result, level: float = LEVEL, without: pd.DataFrame | None = None,
           comparison: Comparison | None = None) -> Causes:  # fmt: skip
        """Of any result, run or loaded."""
        reruns = frame("without", {}) if without is None else without
        return cls(result, attributed(result, level), in_parts(result, level), reruns, comparison)

    @classmethod
    def load(cls, directory: str | Path) -> Causes:
        """What `save` has written. Raises RunError if the folder holds none."""
        _, tables = storage.read(Path(directory), STUDY)
        return cls(Result.load(directory), tables["causes"], tables["cause_parts"], tables["without"])

    def save(self, directory: str | Path) -> None:
        """The result as `Result.save`, with the frames of this study beside it. Raises RunError."""
        self.result.save(directory, {name: getattr(self, name) for name in STUDY})

    def narrowed(self, component: str = "", variant: str = "") -> Causes:
        """Only what concerns one component or variant; "" for all."""
        wanted = {"component": component, "variant": variant}

        def kept(table: pd.DataFrame) -> pd.DataFrame:
            for column, name in wanted.items():
                table = table[table[column] == name] if name else table
            return table.reset_index(drop=True)

        tables = kept(self.causes), kept(self.cause_parts), kept(self.without)
        narrow = Causes(self.result, *tables, self.comparison)
        narrow.outages = kept(self.outages)
        return narrow

    @cached_property
    def outages(self) -> pd.DataFrame:
        """The outages that are attributed."""
        return self.result.outages

    def worst(self, count: int = WORST) -> pd.DataFrame:
        """The longest outages, drills apart: their rows in `outages`, and `parts`, seconds by name of the part."""
        rows = self.outages[~self.outages["drill"]].sort_values("duration_s", ascending=False, kind="stable")
        rows = rows.head(count).reset_index(drop=True)
        keys: list[Any] = list(rows[KEY].itertuples(index=False, name=None))
        parts: dict[Any, dict[str, float]] = {key: {} for key in keys}
        for row in rows[KEY].merge(self.result.outage_parts, on=KEY).to_dict("records"):
            parts[tuple(row[each] for each in KEY)][row["part"]] = row["duration_s"]
        return rows.assign(parts=pd.Series([parts[key] for key in keys], dtype=object))

    def to_json(self, worst: int = WORST) -> str:
        """One document; same seed, same bytes."""
        result = self.result
        return as_json({
            "scenario": result.scenario_name, "scenario_hash": result.scenario_hash, "seed": result.seed,
            "replications": result.n, "interrupted": result.interrupted, "version": result.version,
            **{name: getattr(self, name).to_dict("records") for name in STUDY},
            "worst": self.worst(worst).to_dict("records"),
        })  # fmt: skip

    def __repr__(self) -> str:
        return f"<Causes of {self.result.scenario_name!r}: {self.result.n} replications, seed {self.result.seed}>"

    def _repr_html_(self) -> str:
        html: str = self.causes.drop(columns=["level", "method"]).to_html(index=False, float_format="{:.6g}".format)
        return html


def label(scope: str, source: str) -> str:
    """A cause for people: `zone uae-north.a`, `item identity`, `controller ranker scaling north`."""
    return " ".join(filter(None, (scope, source))) or "no cause (start or profile)"


def attributed(result: Result, level: float = LEVEL) -> pd.DataFrame:
    """The frame `causes`: by component, the largest share first."""
    rows = []
    for variant, component, numbers, outages in _components(result):
        for drill, group in outages.groupby("drill", sort=True):
            seen = [
                (key, len(some), by_replication(some, numbers))
                for key, some in group.groupby(["scope", "source"], observed=True)
            ]
            total = np.sum([down for _, _, down in seen], axis=0)
            for (scope, source), count, down in sorted(seen, key=lambda item: -item[2].sum()):
                rows.append({
                    "variant": variant, "component": component, "drill": drill, "scope": scope, "source": source,
                    "outages": count, **_share(down, total, level),
                })  # fmt: skip
    return study_frame("causes", rows)


def in_parts(result: Result, level: float = LEVEL) -> pd.DataFrame:
    """The frame `cause_parts`: by component, the largest share first, `other` last; drills are left out.

    Where units work on parts of one outage side by side, so that these add up to more than it lasted, each part counts
    in proportion.
    """
    rows = []
    parts = result.outage_parts.merge(result.outages[[*KEY, "duration_s"]], on=KEY, suffixes=("", "_all"))
    worked = parts.groupby(KEY)["duration_s"].transform("sum")
    parts["duration_s"] *= parts["duration_s_all"] / np.maximum(worked, parts["duration_s_all"])
    for variant, component, numbers, outages in _components(result):
        outages = outages[~outages["drill"]]
        if outages.empty:
            continue
        mine = parts.merge(outages[KEY], on=KEY)
        total = by_replication(outages, numbers)
        seen = {str(part): by_replication(some, numbers) for part, some in mine.groupby("part", sort=True)}
        rest = np.maximum(total - np.sum([np.zeros(len(numbers)), *seen.values()], axis=0), 0.0)
        for part, down in [*sorted(seen.items(), key=lambda item: -item[1].sum()), (OTHER, rest)]:
            rows.append({"variant": variant, "component": component, "part": part, **_share(down, total, level)})
    return study_frame("cause_parts", rows)


def by_replication(outages: pd.DataFrame, numbers: Ints) -> Floats:
    """Seconds per replication, of those with these (ascending) numbers."""
    place = np.searchsorted(numbers, outages["replication"].to_numpy())
    seconds: Floats = np.bincount(place, outages["duration_s"].to_numpy(), len(numbers)).astype(np.float64)
    return seconds


def numbers_of(result: Result, variant: str) -> Ints:
    """Numbers of the replications of a variant, ascending."""
    table = result.replications
    found: Ints = np.unique(table.loc[table["variant"] == variant, "replication"].to_numpy())
    return found


def _components(result: Result) -> Iterator[tuple[str, str, Ints, pd.DataFrame]]:
    """(variant, component, replication numbers, its outages) of all that were down, in the order of the measures."""
    order = list(dict.fromkeys(result.replications["component"]))
    names = dict.fromkeys(("component", "scope", "source"), "category")  # numbers are grouped faster than texts
    table = result.outages[[*KEY, *names, "drill", "duration_s"]].astype(names)
    for variant, outages in table.groupby("variant", sort=False):
        numbers = numbers_of(result, str(variant))
        for component in sorted(outages["component"].unique(), key=order.index):
            yield str(variant), component, numbers, outages[outages["component"] == component]


def _share(down: Floats, total: Floats, level: float) -> dict[str, Any]:
    found = estimates.ratio(down, total, level, (0.0, 1.0))
    if np.count_nonzero(total) == 1 < len(total):  # one cluster shows nothing of how shares vary
        found = replace(found, ci_low=0.0, ci_high=1.0, method=ONE_DOWN)
    return {"downtime_s": float(down.sum()), "share": found.mean, "ci_low": found.ci_low, "ci_high": found.ci_high,
            "level": found.level, "n": found.n, "method": found.method}  # fmt: skip


def study_frame(name: str, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """A frame of `STUDIES` from its rows."""
    return frame(name, {column: [row[column] for row in rows] for column in STUDIES[name]} if rows else {})
