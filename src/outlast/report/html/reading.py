"""What a report is made of, read from the folder of a kept result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from outlast.errors import OutlastError, UsageError
from outlast.report.html.material import Material
from outlast.run import storage
from outlast.run.results import Result

if TYPE_CHECKING:
    from outlast.scenario.scenario import Scenario


def read(folder: Path, scenario: Scenario | None = None) -> Material:
    """scenario: the one the result came from, where its text alone is not enough. Raises RunError if the folder holds
    no result, UsageError if the scenario is another one."""
    result = Result.load(folder)
    tables = storage.studies(folder)
    if scenario is not None:
        if scenario.hash != result.scenario_hash:
            raise UsageError(f"{scenario.file}: not the scenario of {folder}: its values differ",
                             "name the file as it was, and repeat what the run changed with --set")  # fmt: skip
        return Material(result, tables, scenario)
    found, absent = _of_text(result)
    return Material(result, tables, found, absent)


def _of_text(result: Result) -> tuple[Scenario | None, str]:
    """The scenario that the stored text gives, or why it gives none."""
    from outlast.scenario.marks import parse_document
    from outlast.scenario.scenario import Scenario

    beside = Path(result.origin.file).resolve().parent if result.origin.file else None
    try:
        scenario = Scenario(parse_document(result.scenario_text), beside)
        scenario.program()
    except OutlastError as error:
        return None, f"its text alone is not enough ({str(error).partition(chr(10))[0]})"
    if scenario.hash != result.scenario_hash:
        return None, "the run changed values of its text"
    return scenario, ""
