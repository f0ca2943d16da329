"""`outlast gate`: an exit code for pipelines, from thresholds and from a baseline."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outlast.cli import messages, options, settings, studies
from outlast.errors import FieldError, UsageError, shown
from outlast.units import UnitError, parse

if TYPE_CHECKING:
    from outlast.scenario import Scenario
    from outlast.scenario.thresholds import Threshold
    from outlast.study.gate import Gate

SUMMARY = "GITHUB_STEP_SUMMARY"
COLORS = {"passed": "green", "failed": "red", "inconclusive": "yellow"}


@click.command(short_help="Judge thresholds and regressions: the exit code is the verdict.")
@options.scenario
@click.option("--threshold", "texts", multiple=True, metavar="MEASURE: BOUND",
              help="One more threshold: 'ranker.availability: mean > 99.9 %'. May be repeated.")  # fmt: skip
@click.option("--baseline", metavar="DIR", help="Compare with this baseline under the same luck.")
@click.option("--update-baseline", "update", is_flag=True, help="Write the baseline instead of comparing with it.")
@click.option("--tolerance", "tolerances", multiple=True, metavar="MEASURE: SIZE",
              help="How much worse a measure may get: 'ranker.availability: 0.01 %'. May be repeated.")  # fmt: skip
@click.option("--junit", metavar="FILE", help="Write JUnit XML.")
@click.option("--github", is_flag=True, help="Print annotations for GitHub.")
@click.option("--markdown", metavar="FILE", help="Write a summary; also to $GITHUB_STEP_SUMMARY where that is set.")
@click.option("--time-limit", "limit", metavar="DURATION", help="Judge what is finished after this time: '10 min'.")
@options.changes
@options.variant
@studies.replications
@options.seed
@studies.threads
@options.engine
@studies.as_json
@options.talk
@click.pass_context
def gate(context: click.Context, /, file: str, texts: tuple[str, ...], baseline: str | None, update: bool,
         tolerances: tuple[str, ...], junit: str | None, github: bool, markdown: str | None, limit: str | None,
         changes: tuple[str, ...], variant: str | None, as_json: bool, seed: int | None,
         **asked: Any) -> None:  # fmt: skip
    """Simulate SCENARIO and judge its thresholds, and that no measure is worse than in a baseline.

    A check fails only if the bound of its interval says so; one that the replications cannot decide is inconclusive,
    with the number of further replications that it needs. Exit codes: 0 all passed, 1 one failed, 4 none failed but
    one is inconclusive, 2 wrong command or scenario, 3 a bug, 130 interrupted.
    """
    session = options.session(context)
    settled = settings.read(Path())
    settings.use_cache(settled, Path())
    seconds = _seconds(limit)
    if update and baseline is None:
        raise UsageError("--update-baseline needs --baseline", "name the folder to write: --baseline baseline")
    scenario = options.opened(file, options.parsed(changes), variant)
    wanted = [_threshold(scenario, text) for text in texts]
    allowed = {**_tolerances(scenario, settled.tolerances), **scenario.tolerances(),
               **_tolerances(scenario, dict(_halves(text, "--tolerance") for text in tolerances))}  # fmt: skip

    from outlast.study import baseline as baselines  # imported here: it brings pandas and numba
    from outlast.study.gate import gate as judged

    kept = None if baseline is None or update else baselines.read(baseline)
    if seed is None and kept is not None:
        seed = kept.seed
    how = studies.luck(scenario, settled, seed=seed, **asked)
    with studies.watched(how, 1 if kept is None else 2, session) as watching:
        found = judged(scenario, watching, wanted, kept, allowed, seconds, update)
    _write(found, file, junit, markdown)
    _print(found, file, as_json, github, session)
    if found.interrupted:
        messages.note(f"interrupted: judged by the first {found.result.n} replications")
        context.exit(messages.INTERRUPTED)
    if update and baseline is not None:
        baselines.write(baseline, scenario, found.result)
        messages.note(f"baseline written to {baseline}")
    context.exit({"passed": messages.OK, "failed": messages.NO}.get(found.verdict, messages.INCONCLUSIVE))


def _seconds(limit: str | None) -> float | None:
    try:
        return None if limit is None else parse(limit, "duration")
    except UnitError as error:
        raise UsageError(f"--time-limit: {error}", error.hint) from None


def _halves(text: str, option: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (name.strip() and colon and value.strip()):
        raise UsageError(f"{option}: a measure, a colon and a bound are needed (got {shown(text)})",
                         "write --threshold 'ranker.availability: mean > 99.9 %'" if option == "--threshold"
                         else "write --tolerance 'ranker.availability: 0.01 %'")  # fmt: skip
    return name.strip(), value.strip()


def _threshold(scenario: Scenario, text: str) -> Threshold:
    try:
        return scenario.catalogue.threshold(*_halves(text, "--threshold"))
    except FieldError as error:
        raise UsageError(f"--threshold {text}: {error.message}", error.hint) from None


def _tolerances(scenario: Scenario, values: Mapping[str, object]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in values.items():
        try:
            found.update([scenario.catalogue.tolerance(name, value)])
        except FieldError as error:
            raise UsageError(f"tolerance of {name}: {error.message}", error.hint) from None
    return found


def _write(found: Gate, file: str, junit: str | None, markdown: str | None) -> None:
    from outlast.report import gate as report

    if junit is not None:
        _to_file(junit, report.junit(found))
    if markdown is not None:
        _to_file(markdown, report.markdown(found))
    if summary := os.environ.get(SUMMARY):
        _to_file(summary, report.markdown(found), "a")


def _to_file(name: str, text: str, mode: str = "w") -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode, encoding="utf-8") as stream:
        stream.write(text)


def _print(found: Gate, file: str, as_json: bool, github: bool, session: messages.Session) -> None:
    from outlast.report import gate as report
    from outlast.report.terminal import heading

    annotations: Sequence[str] = list(report.github(found, file)) if github else []
    if as_json:
        messages.data(found.to_json())
        for line in annotations:
            messages.note(line)
        return
    messages.say(heading(found.result) + "\n")
    for line in report.lines(found):
        word, _, rest = line.partition("  ")
        messages.say(click.style(word, fg=COLORS.get(word)) + f"  {rest}" if word in COLORS else line)
    messages.say("\n" + click.style(report.verdict_line(found), fg=COLORS[found.verdict], bold=True))
    for line in annotations:
        messages.say(line)
