"""A result as a folder: one Parquet file per frame and a manifest.json that says what it is.

The folder is written under a temporary name beside its place and then renamed, so a crash leaves no
half-written result.  Nothing but an older result or an empty folder is ever replaced.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowException
from pydantic import BaseModel, ConfigDict, ValidationError

from outlast.errors import RunError
from outlast.run.columns import COLUMNS, STUDIES
from outlast.run.frames import frame

FORMAT = 2  # raised whenever files, columns or units change their meaning
MANIFEST = "manifest.json"


class Manifest(BaseModel):
    """What the frames of a folder came from; enough to repeat the run."""

    model_config = ConfigDict(strict=True, extra="forbid")

    format: int
    scenario: str
    scenario_hash: str
    scenario_text: str
    seed: int
    replications: int
    requested: int
    interrupted: bool
    engine: str
    versions: dict[str, str]
    thresholds: list[dict[str, Any]]
    precision: list[dict[str, Any]] = []
    chains: list[dict[str, Any]] = []
    command: str = ""
    file: str = ""


def write(directory: Path, manifest: Manifest, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write a result. Raises RunError, with the folder's name, where that is not possible."""
    with replacing(directory, file_names()) as fresh:
        for name, table in frames.items():
            table.to_parquet(_file(fresh, name), engine="pyarrow", index=False)
        text = json.dumps(manifest.model_dump(), indent=2, ensure_ascii=False)
        (fresh / MANIFEST).write_text(text + "\n", encoding="utf-8")


@contextmanager
def replacing(directory: Path, known: Collection[str]) -> Iterator[Path]:
    """An empty folder that takes the place of `directory` in the end, unless something goes wrong within.

    Raises RunError if that is impossible, or `directory` holds anything that is not called one of the `known`.
    """
    directory = directory.absolute()
    with _explained(directory, "the result could not be written"):
        if directory.exists() and not _replaceable(directory, known):
            raise RunError(
                f"{directory}: exists and is not a result of outlast; nothing was written\n"
                "  hint: name a new or empty folder, or one that holds an earlier result"
            )
        directory.parent.mkdir(parents=True, exist_ok=True)
        with _beside(directory) as fresh:
            fresh.mkdir()
            yield fresh
            _swap(fresh, directory)


def read(directory: Path, studies: Sequence[str] = ()) -> tuple[Manifest, dict[str, pd.DataFrame]]:
    """Read a result, and these frames of a study. Raises RunError, with the folder's name, if it is none, damaged
    or of another format."""
    directory = directory.absolute()
    with _explained(directory, "the result could not be read"):
        if not directory.exists():
            raise RunError(f"{directory}: no such folder\n  hint: `outlast run FILE --out DIR` writes one")
        if not (directory / MANIFEST).is_file():
            raise RunError(f"{directory}: not a result of outlast: it has no {MANIFEST}")
        manifest = _manifest(directory)
        wanted = [*COLUMNS, *studies]
        missing = [_file(directory, name).name for name in wanted if not _file(directory, name).is_file()]
        if missing:
            raise RunError(f"{directory}: the result is incomplete: {', '.join(missing)} missing")
        return manifest, {name: _read_frame(directory, name) for name in wanted}


def check_format(path: Path, manifest: Any) -> None:
    """Raises RunError unless a manifest is that of a result that this version can read."""
    if not isinstance(manifest, dict) or "kind" in manifest:  # a baseline has one
        raise RunError(f"{path}: not the manifest of a result")
    written = manifest.get("format")
    if not isinstance(written, int):
        raise RunError(f"{path}: damaged: it names no format (got {written!r})")
    if written < FORMAT:
        raise RunError(f"{path}: format {written} of an older version of outlast; this one reads {FORMAT}\n"
                       "  hint: it holds the scenario, the seed and how many replications: run it again")  # fmt: skip
    if written > FORMAT:
        raise RunError(f"{path}: format {written} of a newer version of outlast; this one reads {FORMAT}\n"
                       "  hint: install that version")  # fmt: skip


def studies(directory: Path) -> dict[str, pd.DataFrame]:
    """The frames of studies that the folder of a result holds. Raises RunError if one is damaged."""
    directory = directory.absolute()
    with _explained(directory, "the result could not be read"):
        return {name: _read_frame(directory, name) for name in STUDIES if _file(directory, name).is_file()}


def file_names() -> set[str]:
    """Names of all files that a result can have."""
    return {MANIFEST, *(f"{name}.parquet" for name in (*COLUMNS, *STUDIES))}


def _file(directory: Path, name: str) -> Path:
    return directory / f"{name}.parquet"


def _replaceable(directory: Path, known: Collection[str]) -> bool:
    return directory.is_dir() and {path.name for path in directory.iterdir()} <= set(known)


@contextmanager
def _beside(directory: Path) -> Iterator[Path]:
    """A name for the unfinished folder, gone afterwards."""
    path = _free_name(directory)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _free_name(directory: Path) -> Path:
    """In the same parent folder, because a rename needs the same file system."""
    return directory.with_name(f".{directory.name}.{secrets.token_hex(6)}")


def _swap(fresh: Path, directory: Path) -> None:
    """Put `fresh` in the place of `directory`; the earlier result comes back if that fails."""
    if not directory.exists():
        fresh.rename(directory)
        return
    old = _free_name(directory)
    directory.rename(old)
    try:
        fresh.rename(directory)
    except BaseException:
        old.rename(directory)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _explained(directory: Path, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ArrowException) as error:
        number = getattr(error, "errno", None)  # Arrow's own texts are longer
        reason = os.strerror(number) if number else str(error).partition("\n")[0]
        raise RunError(f"{directory}: {what} ({reason})") from error


def _manifest(directory: Path) -> Manifest:
    path = directory / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        check_format(path, content)
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{path}: damaged: {place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path}: damaged: not JSON ({error})") from error


def _read_frame(directory: Path, name: str) -> pd.DataFrame:
    path = _file(directory, name)
    table = pd.read_parquet(path, engine="pyarrow")
    if list(table.columns) != list(frame(name, {}).columns):
        raise RunError(f"{path}: damaged: its columns are {', '.join(map(str, table.columns))}")
    return frame(name, {column: table[column] for column in table.columns})
