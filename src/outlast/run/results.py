"""What a run returns: the tidy frames, built when first asked for, and what they came from."""

from __future__ import annotations

import hashlib
import html
import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outlast.errors import UsageError
from outlast.run import columns, frames
from outlast.run.batch import Batch
from outlast.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from outlast.program.program import Program
    from outlast.run.replications import Replications
    from outlast.scenario.agreement import Agreement

RECORDED_VERSIONS = ("numba", "numpy", "pandas", "scipy", "simpy")
HASH_DIGITS = 16


@dataclass(frozen=True)
class Origin:
    """What a result came from. requested: replications asked for, of which n finished. file: of the scenario, as it was
    named; "" if it was read from none."""

    scenario_name: str
    scenario_text: str
    scenario_hash: str
    seed: int
    n: int
    requested: int
    interrupted: bool
    engine: str
    versions: Mapping[str, str]
    file: str = ""


class Result:
    """Results of one scenario, of one or several variants under the same luck.

    `replications`, `windows`, `outages`, `outage_parts`, `records`, `estimates`, `sla`, `sla_estimates` and `recovery`
    are pandas frames, described in `outlast.run.columns`; their `attrs` carry seed, version and scenario_hash.
    thresholds: verdicts of the objectives as plain rows, carried along into JSON and storage.  precision: likewise the
    half-widths that were asked for and reached; empty if none were.  chains: what only the exact engine tells, a row
    per variant: states, values in the long run, times to the first outage.  command: gives the same numbers again, ""
    if the command line was not used.  Figures: `outlast.report.figures`.
    """

    def __init__(
        self,
        origin: Origin,
        batches: Sequence[Batch] = (),
        stored: Mapping[str, pd.DataFrame] | None = None,
        thresholds: Sequence[Mapping[str, Any]] = (),
        chains: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.origin = origin
        self.batches = list(batches)
        self.thresholds = [dict(threshold) for threshold in thresholds]
        self.precision: list[dict[str, Any]] = []
        self.command = ""
        self.chains = [dict(chain) for chain in chains]
        self._stored = dict(stored or {})
        self._rows: dict[str, list[Any]] = {}

    @classmethod
    def of(
        cls,
        program: Program,
        replications: Replications,
        *,
        seed: int,
        scenario_name: str = "",
        scenario_text: str = "",
        scenario_hash: str = "",
        engine: str = "kernel",
        variant: str = "base",
        agreements: Mapping[str, Agreement] | None = None,
        starts: str | None = None,
        file: str = "",
    ) -> Result:
        """The result of `run_program`. scenario_hash: of the values as they ran; without one, that of the text."""
        origin = Origin(
            scenario_name=scenario_name,
            scenario_text=scenario_text,
            scenario_hash=scenario_hash or hashlib.sha256(scenario_text.encode()).hexdigest()[:HASH_DIGITS],
            seed=seed,
            n=len(replications.outcomes),
            requested=replications.requested,
            interrupted=replications.interrupted,
            engine=engine,
            versions=versions(),
            file=file,
        )
        return cls(origin, [Batch(program, replications.outcomes, variant, agreements, starts)])

    @classmethod
    def joined(cls, results: Sequence[Result]) -> Result:
        """Several variants as one result; name, text and hash are those of the first. n: the least of all."""
        if not results:
            raise UsageError("no results to join; at least one is needed")
        if len({result.seed for result in results}) > 1:
            raise UsageError("results of different seeds cannot be joined: their luck is not the same")
        first = results[0].origin
        origin = Origin(
            **{
                **first.__dict__,
                "n": min(result.n for result in results),
                "requested": max(result.origin.requested for result in results),
                "interrupted": any(result.interrupted for result in results),
            }
        )
        stored = {} if all(not result._stored for result in results) else _concatenated(results)
        thresholds = [threshold for result in results for threshold in result.thresholds]
        chains = [chain for result in results for chain in result.chains]
        return cls(origin, [b for result in results for b in result.batches], stored, thresholds, chains)

    @classmethod
    def load(cls, directory: str | Path) -> Result:
        """A result written by `save`. Raises RunError if the folder holds none, or one of another format."""
        from outlast.run import storage  # imported here: it brings pandas

        manifest, stored = storage.read(Path(directory))
        origin = Origin(
            scenario_name=manifest.scenario,
            scenario_text=manifest.scenario_text,
            scenario_hash=manifest.scenario_hash,
            seed=manifest.seed,
            n=manifest.replications,
            requested=manifest.requested,
            interrupted=manifest.interrupted,
            engine=manifest.engine,
            versions=manifest.versions,
            file=manifest.file,
        )
        result = cls(origin, stored=stored, thresholds=manifest.thresholds, chains=manifest.chains)
        result.precision, result.command = manifest.precision, manifest.command
        return result

    def save(self, directory: str | Path, studies: Mapping[str, pd.DataFrame] | None = None) -> None:
        """Write the frames (and those of a study) as Parquet and a manifest. Raises RunError if the folder cannot
        be written; the result itself is untouched."""
        from outlast.run import storage

        manifest = storage.Manifest(
            format=storage.FORMAT,
            scenario=self.scenario_name,
            scenario_hash=self.scenario_hash,
            scenario_text=self.scenario_text,
            seed=self.seed,
            replications=self.n,
            requested=self.origin.requested,
            interrupted=self.interrupted,
            engine=self.engine,
            versions=dict(self.origin.versions),
            thresholds=[_plain(threshold) for threshold in self.thresholds],
            precision=[_plain(row) for row in self.precision],
            chains=[_plain(chain) for chain in self.chains],
            command=self.command,
            file=self.origin.file,
        )
        tables = {**{name: getattr(self, name) for name in columns.COLUMNS}, **(studies or {})}
        storage.write(Path(directory), manifest, tables)

    def to_json(self) -> str:
        """One JSON document; the same scenario and seed give the same bytes. NaN and infinity become null."""
        recovery = [row._asdict() for row in self.rows("recovery")]
        return as_json({**self.document(), **({"recovery": recovery} if recovery else {})})

    def document(self) -> dict[str, Any]:
        """What `to_json` writes but for the quantiles of `recovery`, as plain values."""
        agreements = self.rows("sla_estimates")
        return {
            "scenario": self.scenario_name,
            "scenario_hash": self.scenario_hash,
            "seed": self.seed,
            "replications": self.n,
            "interrupted": self.interrupted,
            "version": self.version,
            "engine": self.engine,
            "estimates": [row._asdict() for row in self.rows("estimates")],
            "thresholds": self.thresholds,
            **({"chains": self.chains} if self.chains else {}),
            **({"agreements": [row._asdict() for row in agreements]} if agreements else {}),
            **({"precision": self.precision} if self.precision else {}),
        }

    @cached_property
    def replications(self) -> pd.DataFrame:
        return self._frame("replications")

    @cached_property
    def windows(self) -> pd.DataFrame:
        return self._frame("windows")

    @cached_property
    def outages(self) -> pd.DataFrame:
        return self._frame("outages")

    @cached_property
    def outage_parts(self) -> pd.DataFrame:
        return self._frame("outage_parts")

    @cached_property
    def records(self) -> pd.DataFrame:
        return self._frame("records")

    @cached_property
    def estimates(self) -> pd.DataFrame:
        return self._frame("estimates")

    @cached_property
    def sla(self) -> pd.DataFrame:
        return self._frame("sla")

    @cached_property
    def sla_estimates(self) -> pd.DataFrame:
        return self._frame("sla_estimates")

    @cached_property
    def recovery(self) -> pd.DataFrame:
        return self._frame("recovery")

    @cached_property
    def long_run(self) -> pd.DataFrame:
        """variant, component, measure, value, unit: values in the long run; rows only from the exact engine."""
        import pandas as pd

        rows = [{"variant": chain["variant"], **row} for chain in self.chains for row in chain["long_run"]]
        return pd.DataFrame(rows, columns=["variant", "component", "measure", "value", "unit"])

    def rows(self, name: str) -> list[Any]:
        """The rows of a frame (`estimates`, ...) as named tuples, without pandas unless the frame is there already."""
        if name not in self._rows:
            stored = self._stored.get(name)
            self._rows[name] = (
                frames.rows(name, self.batches) if stored is None else list(stored.itertuples(index=False, name=name))
            )
        return self._rows[name]

    def _frame(self, name: str) -> pd.DataFrame:
        if name in self._stored:
            table = self._stored[name]
        elif name in self._rows:
            table = frames.of_rows(name, self._rows[name])
        else:
            table = frames.build(name, self.batches)
        table.attrs = {"seed": self.seed, "version": self.version, "scenario_hash": self.scenario_hash}
        return table

    @property
    def scenario_name(self) -> str:
        return self.origin.scenario_name

    @property
    def scenario_text(self) -> str:
        return self.origin.scenario_text

    @property
    def scenario_hash(self) -> str:
        return self.origin.scenario_hash

    @property
    def seed(self) -> int:
        return self.origin.seed

    @property
    def n(self) -> int:
        """Finished replications of every variant."""
        return self.origin.n

    @property
    def interrupted(self) -> bool:
        return self.origin.interrupted

    @property
    def engine(self) -> str:
        return self.origin.engine

    @property
    def version(self) -> str:
        """Version of outlast that computed the result."""
        return self.origin.versions["outlast"]

    def __repr__(self) -> str:
        return f"<Result {self.scenario_name!r}: {self.n} replications, seed {self.seed}>"

    def _repr_html_(self) -> str:
        shown = self.estimates.drop(columns=["std", "level"])
        interrupted = f" of {self.origin.requested}, interrupted" if self.interrupted else ""
        title = f"{self.scenario_name}: {self.n}{interrupted} replications, seed {self.seed}"
        return f"<p><b>{html.escape(title)}</b></p>{shown.to_html(index=False, float_format='{:.6g}'.format)}"


def _concatenated(results: Sequence[Result]) -> dict[str, pd.DataFrame]:
    """The frames of all results, one below the other."""
    import pandas as pd

    return {name: pd.concat([getattr(one, name) for one in results], ignore_index=True) for name in columns.COLUMNS}


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that numbers depend on."""
    return {"python": platform.python_version(), "outlast": __version__, **{n: version(n) for n in RECORDED_VERSIONS}}


def as_json(document: Mapping[str, Any]) -> str:
    """A document as text; NaN and infinity become null."""
    return json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
