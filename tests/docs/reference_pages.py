"""Writes docs/reference from the specifications, the measures, the frames and the help texts.

python tests/docs/reference_pages.py     # after a change of any of these; a test compares
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

import outlast
from outlast.cli.formats import Formats
from outlast.cli.main import VERBS, main
from outlast.program.metrics import Metric
from outlast.report.reference import reference
from outlast.run.columns import COLUMNS, STUDIES
from outlast.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"
SCENARIOS = [*sorted((ROOT / "scenarios").glob("*.yaml")), ROOT / "tests" / "scenario" / "platform.yaml"]
SECTIONS = ("providers", "regions", "links", "teams", "shocks", "agreements")
WIDTH = 100

COLUMN = {
    "avoided_h": "hours of downtime a year less than the first variant",
    "base_mean": "mean of the base", "belief": "law that what is known comes to",
    "cause": "what began it", "cell": "name of the variant that is this cell of a sweep",
    "censored": "still going on at the end", "change": "share of the downtime that goes, below zero",
    "ci_high": "upper end of the interval", "ci_low": "lower end of the interval",
    "component": "name of the component", "dominated_by": "the first variant that dominates it",
    "downtime_s": "seconds down, over all replications", "downtime_without_s": "the same if it never failed",
    "draw_half_width": "half-width that the finite number of draws leaves", "draws": "sets of parameters drawn",
    "drill": "planned, not an accident", "duration_s": "seconds", "extra_cost": "cost beyond that of the first variant",
    "first": "first-order index, with `_low` and `_high`", "known": "what is known, as written",
    "label": "what was recorded", "level": "of the interval", "losses": "part of the cost that is losses",
    "low": "lower value", "high": "upper value", "mean": "estimate", "measure": "name of the measure",
    "method": "how the interval was found", "n": "replications (or what else was averaged)",
    "n_pairs": "replications that both have", "next_nine": "whether it adds a nine: shown, estimated, no",
    "of": "component whose service counts", "other_mean": "mean of the other", "outage_id": "number within the replication",
    "outages": "how many", "p_better": "share of pairs in which the other is better", "pair": "base -> other",
    "parameter_std": "standard deviation due to the parameters, with `_low` and `_high`",
    "part": "detect, decide, promote, restore, ...", "path": "dotted path in the scenario",
    "point": "value that runs use", "predicted": "share of the belief between low and high",
    "luck_std": "standard deviation of one replication's luck", "replication": "number, from 0",
    "rows": "rows of the design", "rpo_s": "seconds of data lost", "rto_s": "seconds until service was back",
    "scope": "level of what began it: item, node, zone, region, ...; empty: all",
    "share": "of all, 0 to 1", "simulation_half_width": "half-width that the simulation leaves",
    "source": "what failed first", "start_s": "seconds from the start", "std": "standard deviation",
    "time_s": "seconds from the start", "total": "total index, with `_low` and `_high`",
    "unit": "of the values", "value": "value", "variant": "name of the variant; `base` without changes",
    "verdict": "better, worse, no difference shown, exactly equal, ...", "window": "number, from 0",
    "without": "what never fails in the rerun",
    "agreement": "name of the agreement", "availability": "share of the time it works", "cost": "per year",
    "service_credits": "part of the cost, per year", "claims": "part of the cost that providers owe, below zero, per year",
    "sla_met": "P(contract window met)", "credit": "share of the fee", "end_s": "seconds from the start", "events": "how many it is about",
    "exhausted_s": "seconds until the error budget of the window was used up; infinite if it was not",
    "longest_s": "longest outage that counts, seconds", "met": "whether the promise was kept",
    "owed_by": "who owes it; empty: we do", "p_met": "share of replications that meet every objective",
    "per_avoided_h": "spent more than by the first variant for an hour of downtime less",
    "quantile": "of the distribution; none: its mean", "rto_p95": "95th percentile of recovery, seconds",
    "what": "rto, rpo or a part of the recovery", "windows": "windows per replication",
}  # fmt: skip
ENDS = ("_low", "_high", "_mean", "_difference", "_ci_low", "_ci_high")


def pages() -> dict[Path, str]:
    """File -> text."""
    return {
        FOLDER / "scenario.md": reference(),
        FOLDER / "measures.md": measures(),
        FOLDER / "frames.md": frames(),
        FOLDER / "command-line.md": command_line(),
    }


def measures() -> str:
    """Every measure that a kind publishes in one of the scenarios here."""
    lines = [
        "# Reference: measures",
        "",
        "What each kind publishes, in the scenarios of this repository; `outlast explain FILE` lists those of a scenario "
        "of yours.",
        "Shares are in [0, 1], times in seconds, rates per year of 365 days.",
    ]
    for kind, found in _by_kind().items():
        lines += ["", f"## {kind}", ""]
        rows = ((f"`{m.measure}`", m.unit, m.weighting, m.better, m.words) for m in found.values())
        lines += _table(("measure", "unit", "weighted by", "better", "what it is"), rows)
    return "\n".join(lines) + "\n"


def _by_kind() -> dict[str, dict[str, Metric]]:
    found: dict[str, dict[str, Metric]] = {}
    for file in SCENARIOS:
        scenario = outlast.load(file)
        for metric in scenario.program().metrics:
            kind = _kind(scenario, metric.component)
            name = metric.measure if not metric.measure.startswith("interruptions_by_") else "interruptions_by_CAUSE"
            found.setdefault(kind, {}).setdefault(name, metric)
    return dict(sorted(found.items()))


def _kind(scenario: Scenario, component: str) -> str:
    data = scenario.document.data
    if component in data.get("components", {}):
        return str(data["components"][component]["kind"])
    section = next((s for s in SECTIONS if component.removeprefix("team ") in data.get(s, {})), "")
    if section:
        return section.removesuffix("s")
    return "zone" if "." in component else "platform" if component == "platform" else component.partition(" ")[0]


def frames() -> str:
    """Columns of every frame."""
    lines = [
        "# Reference: frames",
        "",
        "Results are pandas frames: `result.estimates` and so on, `comparison.differences`, `causes.causes`. Shares are in "
        "[0, 1],",
        "times in seconds from the start of a replication. How frames hang together: `help(outlast.run.columns)`.",
    ]
    for name, columns in {**COLUMNS, **STUDIES}.items():
        lines += ["", f"## {name}", ""]
        lines += _table(("column", "type", "meaning"), ((f"`{c}`", t, _meaning(c)) for c, t in columns.items()))
    return "\n".join(lines) + "\n"


def _meaning(column: str) -> str:
    """In words; an end of an interval is explained by what it is the end of."""
    end = max((e for e in ENDS if column.endswith(e)), key=len, default="")
    if column in COLUMN or not end:
        return COLUMN[column]
    return f"`{column.removesuffix(end)}`: {end.strip('_').replace('_', ' ')}"


def command_line() -> str:
    """Help of every command, as `outlast VERB --help` prints it."""
    lines = ["# Reference: command line", "", "Exit codes: 0 yes; 1 a threshold failed; 2 wrong command or scenario; 3 a "
             "bug; 4 inconclusive; 130 interrupted.", ""]  # fmt: skip
    for names, command in _commands():
        context = click.Context(
            command, info_name=" ".join(["outlast", *names]), terminal_width=WIDTH, max_content_width=WIDTH
        )
        lines += [f"## {context.info_name}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands() -> Iterator[tuple[list[str], click.Command]]:
    context = click.Context(main)
    for verb in VERBS:
        command = main.get_command(context, verb)
        assert command is not None
        yield [verb], command
        if isinstance(command, Formats):
            for name in command.list_commands(context):
                nested = command.get_command(context, name)
                assert nested is not None
                yield [verb, name], nested


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') or '-' for cell in row)} |"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
        print("wrote", file.relative_to(ROOT))
