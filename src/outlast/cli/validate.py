"""`outlast validate`: every problem of every file, nothing is run."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from outlast.cli import messages, options
from outlast.errors import OutlastError, Problem, ScenarioError, printable


@click.command(short_help="Check scenarios without running them.")
@click.argument("files", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.talk
@click.pass_context
def validate(context: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Check each SCENARIO and all its variants; print every problem with its place.

    Exits with 2 if there is any problem.
    """
    checked = [problems(file) for file in files]
    found = [(file, bad) for file, (bad, _) in zip(files, checked, strict=True)]
    if as_json:
        messages.data(_json(found))
    else:
        _print(found, [uncertain for _, uncertain in checked], options.session(context).quiet)
    if any(bad for _, bad in found):
        context.exit(messages.USAGE)


def problems(file: str) -> tuple[list[Problem], int]:
    """All problems of one file: of the scenario as written; where it has none, of its variants. And how many of its
    values are estimated from data or given as intervals."""
    from outlast.scenario import load  # imported here: it brings the kinds, and with them numba

    try:
        return [], len(load(file).uncertain)
    except OutlastError as error:
        return _located(error, file), 0


def _located(error: OutlastError, file: str) -> list[Problem]:
    """The problems of any error; those that name no place get the file."""
    if isinstance(error, ScenarioError):
        return error.problems
    return [Problem("", getattr(error, "message", str(error)), getattr(error, "hint", ""), file)]


def _print(found: list[tuple[str, list[Problem]]], uncertain: list[int], quiet: bool) -> None:
    for (file, bad), values in zip(found, uncertain, strict=True):
        for problem in bad:
            messages.error(str(problem))
        if not bad and not quiet:
            note = f" ({_plural(values, 'uncertain value')} at the point estimate)" if values else ""
            messages.say(f"ok  {printable(file)}{note}")
    count = sum(len(bad) for _, bad in found)
    if count:
        files = sum(1 for _, bad in found if bad)
        messages.note(f"{_plural(count, 'problem')} in {_plural(files, 'file')}")


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _json(found: list[tuple[str, list[Problem]]]) -> str:
    document = {
        "ok": not any(bad for _, bad in found),
        "files": [
            {"file": file, "ok": not bad, "problems": [asdict(problem) for problem in bad]} for file, bad in found
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
