"""Comparing results with known answers: what agreement is, and estimates with standard errors from the frames."""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import outlast
from outlast.program import Program
from outlast.run.replications import run_program as replications_of
from outlast.run.results import Result

RECORDS: dict[str, Any] = {r["id"]: r for r in json.loads((Path(__file__).parent / "records.json").read_text("utf-8"))}
Z = 4.0  # standard errors within which an estimate agrees; each seed is fixed, so a pass stays a pass
SEPARATION = 8.0  # standard errors to every wrong answer, at least
EXACT = 1e-9  # relative, for cases without randomness
SEED = 0  # pytest --verification-seed
HOUR_S = 3600.0
YEAR_H = 8760.0


class Found(NamedTuple):
    """An estimate and its standard error."""

    value: float
    se: float

    def times(self, factor: float) -> Found:
        """In another unit."""
        return Found(self.value * factor, self.se * abs(factor))

    def complement(self) -> Found:
        """1 - value."""
        return Found(1.0 - self.value, self.se)


@dataclass(frozen=True)
class Finding:
    """One comparison; se and z are 0 where nothing is random.  engine: "kernel", "reference", "exact", or "formula"
    where nothing is simulated."""

    id: str
    quantity: str
    right: float
    ours: float
    se: float
    z: float
    engine: str = "kernel"


@dataclass
class Case:
    """A record, and what has been compared with it.  engine: what computes the values to compare."""

    id: str
    engine: str = "kernel"
    findings: list[Finding] = field(default_factory=list)

    @property
    def record(self) -> dict[str, Any]:
        return dict(RECORDS[self.id])

    def right(self, quantity: str) -> float:
        """The known value. Raises StopIteration for a quantity that the record does not have."""
        return float(self._known(quantity)["value"])

    def _known(self, quantity: str) -> dict[str, Any]:
        return next(q for q in self.record["quantities"] if q["quantity"] == quantity)

    def check(self, quantity: str, estimate: float, se: float) -> None:
        """The estimate agrees, and it is precise enough to tell the right answer from every wrong one."""
        right = self.right(quantity)
        assert math.isfinite(estimate) and 0.0 < se < math.inf, (self.id, quantity, estimate, se)
        z = (estimate - right) / se
        self.findings.append(Finding(self.id, quantity, right, estimate, se, z, self.engine))
        assert abs(z) <= Z, f"{self.id} {quantity}: {estimate!r} +- {se:.3g}, right is {right!r} (z = {z:.2f})"
        for wrong in self.record["wrong_answers"]:
            if wrong["quantity"] == quantity:
                distance = abs(float(wrong["value"]) - right)
                precise = f"{self.id} {quantity}: standard error {se:.3g}, distance {distance:.3g}: {wrong['mistake']}"
                assert se * SEPARATION <= distance, precise

    def check_exact(self, quantity: str, value: float, engine: str = "") -> None:
        """A value without randomness agrees to rounding, or to the digits that the record has."""
        right, digits = self.right(quantity), self._known(quantity)["significant_digits"]
        self.findings.append(Finding(self.id, quantity, right, value, 0.0, 0.0, engine or self.engine))
        rounding = max(EXACT, 10.0 ** (1 - digits)) if digits else EXACT
        assert math.isclose(value, right, rel_tol=rounding), f"{self.id} {quantity}: {value!r}, right is {right!r}"


def rows(findings: list[Finding]) -> str:
    """A table of comparisons, one a line."""
    lines = [f"{'case':<7}{'quantity':<32}{'right':>20}{'ours':>20}{'se':>11}{'z':>7}  engine"]
    lines += [f"{f.id:<7}{f.quantity:<32}{f.right:>20.12g}{f.ours:>20.12g}{f.se:>11.2g}{f.z:>7.2f}  {f.engine}"
              for f in findings]  # fmt: skip
    return "\n".join(lines)


def as_json(finding: Finding) -> str:
    """One comparison as a JSON object."""
    return json.dumps(asdict(finding))


# -- running ----------------------------------------------------------------------------------------------------
def luck_of(name: str) -> int:
    """A seed of its own for everything that runs: luck belongs to names, and many cases call their items `nodes`."""
    return zlib.crc32(f"{SEED} {name}".encode())


def simulate(text: str, replications: int, *, engine: str = "kernel") -> Result:
    """Run a scenario written in YAML."""
    return outlast.run(outlast.loads(text), replications, luck_of(text), engine=engine, rare="never")


def assert_engines_agree(text: str, horizon: str, seed: int = 1) -> None:
    """One shorter replication is the same on both engines, bit for bit: meters, log and number of events."""
    scenario = outlast.loads(text, {"horizon": horizon})
    ours, theirs = (outlast.run(scenario, 1, seed, engine=e).batches[0].outcomes[0] for e in ("kernel", "reference"))
    assert ours.events == theirs.events > 1000
    assert np.array_equal(ours.sums, theirs.sums)
    assert np.array_equal(ours.log, theirs.log)


def fleet(count: int, component: str) -> str:
    """YAML of `count` independent components `unit-0`, `unit-1`, ...: as many samples of one replication."""
    body = "".join(f"    {line.strip()}\n" for line in component.strip().splitlines())
    return "".join(f"  unit-{i}:\n{body}" for i in range(count))


# -- estimates from the frames --------------------------------------------------------------------------------------
def measured(result: Result, component: str, measure: str) -> Found:
    """A published measure over all replications: mean, and std / sqrt(n)."""
    table = result.estimates
    row = table[(table.component == component) & (table.measure == measure) & (table.scope == "")].iloc[0]
    return Found(float(row["mean"]), float(row["std"]) / math.sqrt(int(row["n"])))


def unavailability(result: Result, component: str) -> Found:
    """Share of the time down."""
    return measured(result, component, "availability").complement()


def first_outages(result: Result, component: str, replications: int) -> np.ndarray:
    """Start of the first outage of every replication, hours; infinity where there was none."""
    table = result.outages
    first = table[table.component == component].groupby("replication")["start_s"].min()
    return first.reindex(range(replications)).fillna(math.inf).to_numpy() / HOUR_S


def mttff(result: Result, component: str) -> Found:
    """Mean time to the first outage, hours. Every replication must have had one: no sample is cut off."""
    return mean_of(first_outages(result, component, result.n))


def values(result: Result, measure: str, suffix: str = "") -> np.ndarray:
    """One value per replication and component of a fleet (those called `...suffix`)."""
    table = result.replications
    return table.loc[(table.measure == measure) & table.component.str.endswith(suffix), "value"].to_numpy()


def down_at(result: Result, time_h: float) -> int:
    """Replications and components of a fleet that were down at an instant (hours)."""
    table: pd.DataFrame = result.outages
    start, end = table.start_s / HOUR_S, (table.start_s + table.duration_s) / HOUR_S
    return int(((start <= time_h) & (table.censored | (end > time_h))).sum())


def mean_of(sample: np.ndarray) -> Found:
    """Mean of independent values, all finite."""
    assert np.isfinite(sample).all()
    return Found(float(sample.mean()), float(sample.std(ddof=1)) / math.sqrt(len(sample)))


def std_of(sample: np.ndarray) -> Found:
    """Standard deviation of independent values.

    Its standard error follows from the fourth central moment m4: var(s^2) = (m4 - s^4 (n - 3) / (n - 1)) / n, halved
    by the root. Source: Cramer, Mathematical Methods of Statistics (1946), 27.4.
    """
    n, deviations = len(sample), sample - sample.mean()
    variance = float(sample.var(ddof=1))
    spread = math.sqrt((float((deviations**4).mean()) - variance**2 * (n - 3) / (n - 1)) / n)
    return Found(math.sqrt(variance), spread / (2.0 * math.sqrt(variance)))


def share_of(events: int, trials: int) -> Found:
    """Share of independent trials, with at least a hundred of either outcome so that it is nearly normal."""
    assert 100 <= events <= trials - 100, (events, trials)
    p = events / trials
    return Found(p, math.sqrt(p * (1.0 - p) / trials))


def failed_by(result: Result, time_h: float, prefix: str = "") -> int:
    """Replications and components of a fleet (those called `prefix...`) with an outage that began by an instant
    (hours)."""
    table = _named(result, prefix)
    early = table[table.start_s <= time_h * HOUR_S]
    return len(early[["replication", "component"]].drop_duplicates())


def first_outages_of_fleet(result: Result, prefix: str = "") -> np.ndarray:
    """Start of the first outage of every replication and component (called `prefix...`) that had one, hours."""
    return _named(result, prefix).groupby(["replication", "component"])["start_s"].min().to_numpy() / HOUR_S


def _named(result: Result, prefix: str) -> pd.DataFrame:
    table: pd.DataFrame = result.outages
    return table[table.component.str.startswith(prefix)]


def run_program(program: Program, replications: int, name: str) -> Result:
    """Run what no kind of component expresses, written with the builder; its luck belongs to the name."""
    return Result.of(program, replications_of(program, replications, luck_of(name)), seed=luck_of(name))
