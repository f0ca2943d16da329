"""A baseline to commit: a scenario with its data files, how it was run, and what came out, all as text.

    manifest.json        what it is; estimates for the eyes of reviewers
    scenario/            scenario.yaml and the files it refers to, in their folders

A gate runs it again under the luck of the scenario it is compared with. A folder written by `outlast run --out` serves
as a baseline too, if its scenario needs no other files.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from outlast.errors import OutlastError, RunError, UsageError
from outlast.run.storage import MANIFEST, replacing
from outlast.scenario.scenario import Scenario, load, loads

if TYPE_CHECKING:
    from outlast.run.results import Result

FORMAT = 1  # raised whenever the files change their meaning
KIND = "baseline"
FOLDER, FILE = "scenario", "scenario.yaml"


class Manifest(BaseModel):
    """What a baseline came from. estimates: mean and interval by `component.measure`."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    format: int
    scenario: str
    scenario_hash: str
    seed: int
    replications: int
    version: str
    estimates: dict[str, dict[str, float | str | None]]


@dataclass(frozen=True)
class Baseline:
    """A scenario as it was, and the seed and the number of replications it was run with."""

    scenario: Scenario
    seed: int
    replications: int


def write(directory: str | Path, scenario: Scenario, result: Result) -> None:
    """Keep a scenario and what it came to. Raises RunError if the folder cannot be written, or holds other files."""
    manifest = Manifest(
        kind=KIND, format=FORMAT, scenario=scenario.name, scenario_hash=scenario.hash, seed=result.seed,
        replications=result.n, version=result.version, estimates=dict(_estimates(result)),
    )  # fmt: skip
    with replacing(Path(directory), {MANIFEST, FOLDER}) as fresh:
        for name in sorted(_files(scenario.document.data)):
            if scenario.folder is not None and (scenario.folder / name).is_file():
                (fresh / FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(scenario.folder / name, fresh / FOLDER / name)
        (fresh / FOLDER).mkdir(exist_ok=True)
        (fresh / FOLDER / FILE).write_text(_text(scenario), encoding="utf-8")
        text = json.dumps(manifest.model_dump(), indent=2, ensure_ascii=False, allow_nan=False)
        (fresh / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read(directory: str | Path) -> Baseline:
    """A baseline, or the scenario of a result. Raises RunError if the folder holds none or a damaged one, UsageError
    if there is no such folder."""
    folder = Path(directory)
    path = folder / MANIFEST
    if not folder.is_dir():
        raise UsageError(f"baseline {folder}: no such folder", "write it first: `outlast gate ... --update-baseline`")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{folder}: not a baseline: it has no {MANIFEST}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: damaged: it cannot be read as JSON ({error})") from None
    if isinstance(content, dict) and content.get("kind") == KIND:
        return _own(folder, content)
    if isinstance(content, dict) and isinstance(content.get("scenario_text"), str):
        return _of_result(folder, content)
    raise RunError(f"{path}: not the manifest of a baseline")


def _own(folder: Path, content: dict[str, Any]) -> Baseline:
    path = folder / MANIFEST
    if content.get("format") != FORMAT:
        raise RunError(f"{path}: format {content.get('format')!r} of another version of outlast; this one reads "
                       f"{FORMAT}\n  hint: write it anew with --update-baseline")  # fmt: skip
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise RunError(f"{path}: damaged: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    scenario = load(folder / FOLDER / FILE)
    _check(folder, scenario, manifest.scenario_hash)
    return Baseline(scenario, manifest.seed, manifest.replications)


def _of_result(folder: Path, content: dict[str, Any]) -> Baseline:
    try:
        scenario = loads(content["scenario_text"])
    except OutlastError as error:
        raise RunError(f"{folder}: the scenario in this result cannot be run again by itself: {error}\n"
                       "  hint: write a baseline with `outlast gate ... --update-baseline`") from None  # fmt: skip
    _check(folder, scenario, content.get("scenario_hash"))
    seed, n = content.get("seed"), content.get("replications")
    if not isinstance(seed, int) or not isinstance(n, int):
        raise RunError(f"{folder / MANIFEST}: damaged: it names no seed or number of replications")
    return Baseline(scenario, seed, n)


def _check(folder: Path, scenario: Scenario, wanted: object) -> None:
    if scenario.hash != wanted:
        raise RunError(f"{folder}: the scenario in it is not the one its numbers came from (changed since, or run with "
                       "--set)\n  hint: write it anew with `outlast gate ... --update-baseline`")  # fmt: skip


def _text(scenario: Scenario) -> str:
    """Its file as it is, or all its values where it was changed from outside or built in Python."""
    try:
        if loads(scenario.text, folder=str(scenario.folder or "") or None).hash == scenario.hash:
            return scenario.text + "\n"
    except OutlastError:
        pass
    return json.dumps(scenario.document.data, indent=2, ensure_ascii=False) + "\n"


def _files(value: Any) -> Iterator[str]:
    """Every relative path that stands as `file: PATH`."""
    if isinstance(value, dict):
        for key, item in value.items():
            if (
                key == "file"
                and isinstance(item, str)
                and not Path(item).is_absolute()
                and ".." not in Path(item).parts
            ):
                yield item
            yield from _files(item)
    elif isinstance(value, list):
        for item in value:
            yield from _files(item)


def _estimates(result: Result) -> Iterator[tuple[str, dict[str, float | str | None]]]:
    frame = result.estimates
    for row in frame[frame["scope"] == ""].to_dict("records"):
        numbers = {key: float(row[key]) for key in ("mean", "ci_low", "ci_high")}
        finite = {key: value if abs(value) < float("inf") else None for key, value in numbers.items()}
        yield f"{row['component']}.{row['measure']}", {**finite, "unit": str(row["unit"])}
